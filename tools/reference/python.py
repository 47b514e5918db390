"""The document's names and types as they are in Python."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from openapi_python_client.strings import PythonIdentifier

from generator import document as doc
from generator.facts import is_filter, is_id

if TYPE_CHECKING:
    from generator.document import Node

_SCALARS = {
    "string": "str",
    "number": "Decimal",
    "integer": "int",
    "boolean": "bool",
    "null": "None",
    "object": "dict[str, Any]",
}
_TIMES = {
    "date-time": "datetime",
    "date-time-local": "datetime",
    "date": "date",
}


@cache
def name(wire: str) -> str:
    """Return the name of an argument or an attribute, as the generator makes it."""
    return str(PythonIdentifier(wire, "field_"))


def path(wire: str) -> str:
    """Return a path in a body with the names of Python: `result[].createdDate`."""
    steps = (step.partition("[]") for step in wire.split("."))
    return ".".join(f"{name(word) if word else ''}{mark}{rest}" for word, mark, rest in steps)


def kind(document: Node, node: Node, *, sent: bool) -> str:
    """Return the type of a value; what is sent takes more, such as text for an enumeration."""
    schema = doc.resolve(document, node)
    if "enum" in schema:
        named = doc.ref_name(node) or "str"
        return f"{named} | str" if sent and named != "str" else named
    if "properties" in schema or "allOf" in schema:
        named = doc.ref_name(node) or "dict[str, Any]"
        return f"{named} | str | Sequence[str]" if sent and is_filter(document, node) else named
    if sent and is_id(document, node):
        return "str | UUID"
    if isinstance(schema.get("items"), dict):
        inner = kind(document, schema["items"], sent=sent)
        return " | ".join(f"list[{each}]" for each in inner.split(" | "))
    if schema.get("format") in _TIMES:
        return _TIMES[schema["format"]]
    kinds = schema.get("type", ())
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return " | ".join(_SCALARS.get(each, "Any") for each in kinds) or "Any"
