"""The locations of the document that need a source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from generator import document as doc
from generator.lines import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.document import Node

# Keys below these are names, not keywords, even when they begin with `x-`.
_NAMES = ("/properties", "/schemas", "/responses", "/headers")


class Location(NamedTuple):
    """A location that needs a source.

    Attributes:
        kind: What it is. For an inline response of an operation a source is optional.
        name: As messages call it: an operation's id, an event's name, a schema, or
            `Schema.property`; within an operation `getRate.pageSize`, `getRate 200.rate`.
        pointer: Its JSON pointer.
        node: The node there.
        target: The node, completed by the target of its reference.
    """

    kind: Literal["operation", "event", "response", "schema", "property", "parameter"]
    name: str
    pointer: str
    node: Node
    target: Node

    @property
    def own(self) -> bool:
        """Whether it has a source of its own."""
        return "x-provenance" in self.node

    @property
    def described(self) -> bool:
        """Whether it needs a description; for an operation its summary is enough."""
        return self.kind in ("response", "schema", "property", "parameter")


def locations(document: Node) -> Iterator[Location]:
    """Yield every operation, parameter, event, response, schema and property of a document."""
    for op in doc.operations(document):
        at = f"/paths/{escaped(op.path)}/{op.verb}"
        yield Location("operation", op.label, at, op.body, op.body)
        yield from _parameters(document, op, at)
        yield from _inline(document, op.label, op, at)
    for op in doc.webhooks(document):
        at = f"/webhooks/{escaped(op.path)}/{op.verb}"
        yield Location("event", op.path, at, op.body, op.body)
        yield from _inline(document, op.path, op, at)
    for name, response in document.get("components", {}).get("responses", {}).items():
        at = f"/components/responses/{escaped(name)}"
        yield Location("response", name, at, response, response)
    for name, schema in doc.schemas(document).items():
        at = f"/components/schemas/{escaped(name)}"
        yield Location("schema", name, at, schema, schema)
        yield from _properties(document, name, schema, at)


def _parameters(document: Node, op: doc.Operation, at: str) -> Iterator[Location]:
    for index, node in enumerate(op.body.get("parameters", ())):
        found = doc.resolve(document, node)
        schema = doc.resolve(document, found.get("schema", {}))
        shown = [*found.get("examples", ()), *(["example"] if "example" in found else [])]
        words = {"description": found.get("description"), "examples": shown}
        target = schema | {key: each for key, each in words.items() if each}
        where = node["$ref"][1:] if "$ref" in node else f"{at}/parameters/{index}"
        yield Location("parameter", f"{op.label}.{found.get('name')}", where, found, target)


def _inline(document: Node, label: str, op: doc.Operation, at: str) -> Iterator[Location]:
    """Yield the properties of inline objects of an operation."""
    holders = [("request", "requestBody", op.body.get("requestBody", {}))]
    for status, response in op.body.get("responses", {}).items():
        holders.append((status, f"responses/{status}", response))
    for part, where, holder in holders:
        for kind, media in holder.get("content", {}).items():
            here = f"{at}/{where}/content/{escaped(kind)}/schema"
            found = _properties(document, f"{label} {part}", media.get("schema", {}), here)
            # The operation's source covers the envelope, but not what is in its payload.
            inner = f"{here}/properties/payload/" if part == "request" else ""
            yield from (location for location in found if location.pointer.startswith(inner))


def _properties(document: Node, owner: str, schema: Node, at: str) -> Iterator[Location]:
    for name, node in schema.get("properties", {}).items():
        here = f"{at}/properties/{escaped(name)}"
        target = doc.resolve(document, node) | node
        label = f"{owner}.{name}"
        yield Location("property", label, here, node, target)
        yield from _properties(document, label, node, here)
    for index, part in enumerate(schema.get("allOf", ())):
        yield from _properties(document, owner, part, f"{at}/allOf/{index}")
    if isinstance(schema.get("items"), dict):
        yield from _properties(document, f"{owner}[]", schema["items"], f"{at}/items")


def extensions(node: object, pointer: str) -> Iterator[tuple[str, str]]:
    """Yield the pointer and the name of every extension, except within data."""
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
