"""Where in the document something has to say where it is from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from generator import document as doc
from generator.lines import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.document import Node

# Below these stand names that somebody chose, whatever they begin with.
_NAMES = ("/properties", "/schemas", "/responses", "/headers")


class Place(NamedTuple):
    """One of them.

    Attributes:
        kind: What it is. An answer that stands at its operation only may say where it is from.
        name: As messages call it: an operation's id, an event's name, a schema, or
            `Schema.property`; within an operation `getRate.pageSize`, `getRate 200.rate`.
        pointer: Where it stands.
        node: What stands there.
        target: The same, with what a reference leads to where it says nothing itself.
    """

    kind: Literal["operation", "event", "answer", "schema", "property", "parameter"]
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
        return self.kind in ("answer", "schema", "property", "parameter")


def places(document: Node) -> Iterator[Place]:
    """Yield every operation, parameter, event, answer, schema and property of a document."""
    for op in doc.operations(document):
        at = f"/paths/{escaped(op.path)}/{op.verb}"
        yield Place("operation", op.label, at, op.body, op.body)
        yield from _parameters(document, op, at)
        yield from _inline(document, op.label, op, at)
    for op in doc.webhooks(document):
        at = f"/webhooks/{escaped(op.path)}/{op.verb}"
        yield Place("event", op.path, at, op.body, op.body)
        yield from _inline(document, op.path, op, at)
    for name, answer in document.get("components", {}).get("responses", {}).items():
        at = f"/components/responses/{escaped(name)}"
        yield Place("answer", name, at, answer, answer)
    for name, schema in doc.schemas(document).items():
        at = f"/components/schemas/{escaped(name)}"
        yield Place("schema", name, at, schema, schema)
        yield from _properties(document, name, schema, at)


def _parameters(document: Node, op: doc.Operation, at: str) -> Iterator[Place]:
    for index, node in enumerate(op.body.get("parameters", ())):
        found = doc.resolve(document, node)
        schema = doc.resolve(document, found.get("schema", {}))
        shown = [*found.get("examples", ()), *(["example"] if "example" in found else [])]
        words = {"description": found.get("description"), "examples": shown}
        target = schema | {key: each for key, each in words.items() if each}
        where = node["$ref"][1:] if "$ref" in node else f"{at}/parameters/{index}"
        yield Place("parameter", f"{op.label}.{found.get('name')}", where, found, target)


def _inline(document: Node, label: str, op: doc.Operation, at: str) -> Iterator[Place]:
    """Yield the properties of objects that stand at an operation, without a name of their own."""
    holders = [("request", "requestBody", op.body.get("requestBody", {}))]
    for status, answer in op.body.get("responses", {}).items():
        holders.append((status, f"responses/{status}", answer))
    for part, where, holder in holders:
        for kind, media in holder.get("content", {}).items():
            here = f"{at}/{where}/content/{escaped(kind)}/schema"
            found = _properties(document, f"{label} {part}", media.get("schema", {}), here)
            # That there is an envelope is the operation's own business; what is in it is not.
            inner = f"{here}/properties/payload/" if part == "request" else ""
            yield from (place for place in found if place.pointer.startswith(inner))


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
