"""The document's names and types as they are in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.facts import is_filter, is_id
from tools.spec.python import argument, followed, is_enum, type_of

if TYPE_CHECKING:
    from generator.document import Node


name = argument
"""The name of an argument or an attribute, as the generator makes it."""


def path(wire: str) -> str:
    """Return a path in a body with the names of Python: `result[].createdDate`."""
    steps = (step.partition("[]") for step in wire.split("."))
    return ".".join(f"{name(word) if word else ''}{mark}{rest}" for word, mark, rest in steps)


def kind(document: Node, node: Node, *, sent: bool) -> str:
    """Return the type of a value; an argument accepts more, such as text for an enumeration.

    Args:
        document: One in which every object and every enumeration has a name.
        node: The schema of the value.
        sent: Whether it is an argument, or within one.
    """
    found = type_of(document, node)
    if not sent:
        return found
    schema, component = followed(document, node)
    if component is not None:
        more = " | str" * is_enum(schema) + " | str | Sequence[str]" * is_filter(document, node)
        return f"{found}{more}"
    if is_id(document, schema):
        return found.replace("str", "str | UUID", 1)
    if isinstance(schema.get("items"), dict):
        inner = kind(document, schema["items"], sent=sent)
        return " | ".join(f"list[{each}]" for each in inner.split(" | "))
    return found
