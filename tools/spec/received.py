"""In what is received, a field that is absent, null or unreadable is `None`.

This holds for every schema that is not only sent. A field with `x-essential` always has a value: a
response or an event without it can't be read.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from generator import document as doc
from generator.problems import GenerationError

if TYPE_CHECKING:
    from generator.document import Node


def is_essential(field: Node) -> bool:
    """Whether what is received can't be read without a field."""
    return bool(field.get("x-essential"))


def as_received(kind: str, *, essential: bool) -> str:
    """Return the Python type that a field of this type has in what is received."""
    if essential:
        # An id that is a number may come as text.
        return "int | str" if kind == "int" else kind
    return kind if kind == "Any" or "None" in kind.split(" | ") else f"{kind} | None"


def only_sent(document: Node) -> frozenset[str]:
    """Return the names of the components that are sent and never received."""
    sent: set[str] = set()
    received: set[str] = set()
    for op in doc.operations(document):
        _follow(document, op.body.get("requestBody"), sent)
        _follow(document, op.body.get("responses"), received)
    for op in doc.webhooks(document):
        _follow(document, op.body, received)
    return frozenset(sent - received)


def _follow(document: Node, node: object, found: set[str]) -> None:
    """Add the names of all components that a node leads to."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            name = doc.ref_name(node)
            if name not in found:
                found |= {name} if name else set()
                # The validator reports a reference to nothing.
                with suppress(GenerationError):
                    _follow(document, doc.resolve(document, node), found)
        for key, each in node.items():
            if key not in ("example", "examples"):
                _follow(document, each, found)
    elif isinstance(node, list):
        for each in node:
            _follow(document, each, found)
