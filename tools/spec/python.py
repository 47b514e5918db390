"""How the generated package names and types what the document describes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from unicodedata import normalize

from openapi_python_client.strings import ClassName, PythonIdentifier

from generator import document as doc
from generator import prepare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.document import Node

_TYPES = {"number": "Decimal", "integer": "int", "boolean": "bool", "null": "None"}
_TEXTS = {"date-time": "datetime", "date-time-local": "datetime", "date": "date"}


def as_read(name: str) -> str:
    """Return a name as Python reads it in code."""
    return normalize("NFKC", name)


@cache
def resource(tag: str) -> str:
    """Return the name of the client's attribute that has the methods of a tag."""
    return as_read(PythonIdentifier(tag, "tag"))


@cache
def argument(wire: str) -> str:
    """Return the name of the argument or attribute for a field."""
    return as_read(PythonIdentifier(wire, "field_"))


@cache
def distinct(wire: str) -> str:
    """Return the name of an attribute whose usual name another field of the class shares."""
    return as_read(PythonIdentifier(wire, "field_", skip_snake_case=True))


def enum_member(value: object) -> str:
    """Return the name of an enum's member: the parser names those of whole numbers itself."""
    if isinstance(value, int):
        return f"VALUE_NEGATIVE_{-value}" if value < 0 else f"VALUE_{value}"
    return prepare.member_name(str(value))


@cache
def class_name(component: str) -> str:
    """Return the name of the class for a component."""
    return as_read(ClassName(component, ""))


def is_class(schema: Node) -> bool:
    """Return whether a component becomes a class of its own; enums do not count."""
    several = len(schema.get("allOf", ())) > 1
    return several or "properties" in schema or schema.get("type") == "object"


def is_enum(schema: Node) -> bool:
    """Return whether a component becomes an enum."""
    return "enum" in schema and schema.get("type") != "boolean"


def followed(document: Node, schema: Node) -> tuple[Node, str | None]:
    """Follow references to what they lead to, with its name if it is a class or an enum."""
    name = None
    while True:
        if (component := doc.ref_name(schema)) is not None:
            name = component
            schema = doc.resolve(document, doc.ref_to(component))
        elif len(schema.get("allOf", ())) == 1 and "properties" not in schema:
            schema = schema["allOf"][0]
        else:
            return schema, name if is_class(schema) or is_enum(schema) else None


def type_of(document: Node, schema: Node) -> str:
    """Return the Python type of what a schema describes, `Unset` aside."""
    # The order of a union is no difference, save that None reads better at its end.
    found = sorted(set(_types(document, schema)), key=lambda name: (name == "None", name))
    return " | ".join(found)


def _types(document: Node, schema: Node) -> Iterator[str]:
    target, name = followed(document, schema)
    options = [*target.get("anyOf", ()), *target.get("oneOf", ())]
    kinds = target.get("type")
    if name is not None:
        yield class_name(name)
    elif options:
        for option in options:
            yield from _types(document, option)
    elif "const" in target:
        yield "None" if target["const"] is None else f"Literal[{target['const']!r}]"
    else:
        for kind in kinds if isinstance(kinds, list) else [kinds]:
            yield _plain_type(document, target, kind)


def _plain_type(document: Node, target: Node, kind: str | None) -> str:
    if kind == "string":
        return _TEXTS.get(str(target.get("format")), "str")
    if kind == "array":
        return f"list[{type_of(document, target.get('items', {}))}]"
    return _TYPES.get(str(kind), "Any")
