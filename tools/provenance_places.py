"""Where in the document something has to say where it is from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from generator import document as doc
from tools.surface.lines import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.document import Node

# Below these stand names that somebody chose, whatever they begin with.
_NAMES = ("/properties", "/schemas", "/responses", "/headers")


class Place(NamedTuple):
    """One of them.

    Attributes:
        kind: What it is.
        name: As messages call it: an operation's id, an event's name, a schema, or
            `Schema.property`.
        pointer: Where it stands.
        node: What stands there.
        target: The same, with what a reference leads to where it says nothing itself.
    """

    kind: Literal["operation", "event", "answer", "schema", "property"]
    name: str
    pointer: str
    node: Node
    target: Node

    @property
    def own(self) -> bool:
        """Whether it says itself where it is from."""
        return "x-provenance" in self.node

    @property
    def described(self) -> bool:
        """Whether it has to say in words what it is: an operation's summary may do for it."""
        return self.kind in ("answer", "schema", "property")


def places(document: Node) -> Iterator[Place]:
    """Yield every operation, event, answer, schema and property of a document."""
    for op in doc.operations(document):
        at = f"/paths/{escaped(op.path)}/{op.verb}"
        yield Place("operation", op.label, at, op.body, op.body)
    for op in doc.webhooks(document):
        at = f"/webhooks/{escaped(op.path)}/{op.verb}"
        yield Place("event", op.path, at, op.body, op.body)
    for name, answer in document.get("components", {}).get("responses", {}).items():
        at = f"/components/responses/{escaped(name)}"
        yield Place("answer", name, at, answer, answer)
    for name, schema in doc.schemas(document).items():
        at = f"/components/schemas/{escaped(name)}"
        yield Place("schema", name, at, schema, schema)
        yield from _properties(document, name, schema, at)


def _properties(document: Node, owner: str, schema: Node, at: str) -> Iterator[Place]:
    for name, node in schema.get("properties", {}).items():
        here = f"{at}/properties/{escaped(name)}"
        target = doc.resolve(document, node) | node
        label = f"{owner}.{name}"
        yield Place("property", label, here, node, target)
        yield from _properties(document, label, node, here)
    for index, part in enumerate(schema.get("allOf", ())):
        yield from _properties(document, owner, part, f"{at}/allOf/{index}")
    if isinstance(schema.get("items"), dict):
        yield from _properties(document, f"{owner}[]", schema["items"], f"{at}/items")


def extensions(node: object, pointer: str) -> Iterator[tuple[str, str]]:
    """Yield the pointer and the name of every extension, those within data aside."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from extensions(item, f"{pointer}/{index}")
    if not isinstance(node, dict):
        return
    chosen = pointer.endswith(_NAMES)
    for key, value in node.items():
        inner = f"{pointer}/{escaped(key)}"
        if key.startswith("x-") and not chosen:
            yield inner, key
        elif chosen or key not in ("example", "examples"):
            yield from extensions(value, inner)
