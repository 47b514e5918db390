"""Every schema of a document with its location."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator import document as doc
from generator.lines import escaped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.document import Node

_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")


class LocatedSchema(NamedTuple):
    """A schema, its JSON pointer, and its name in messages."""

    pointer: str
    label: str
    schema: Node
    in_all_of: bool = False
    """Whether it is only a part of the object around it."""


def located_schemas(document: Node) -> Iterator[LocatedSchema]:
    """Yield every schema in the components and at the operations, except behind references."""
    for name, schema in doc.schemas(document).items():
        yield from _given(f"/components/schemas/{escaped(name)}", name, schema)
    for pointer, op in located_operations(document):
        yield from _of_operation(pointer, op)
    components = document.get("components", {})
    for home in ("requestBodies", "responses"):
        for name, holder in components.get(home, {}).items():
            yield from _of_holder(f"/components/{home}/{escaped(name)}", name, holder)
    for name, parameter in components.get("parameters", {}).items():
        pointer = f"/components/parameters/{escaped(name)}/schema"
        yield from _given(pointer, name, parameter.get("schema"))


def located_operations(document: Node) -> Iterator[tuple[str, doc.Operation]]:
    """Yield every operation, those of webhooks included, after its JSON pointer."""
    for op in doc.operations(document):
        yield f"/paths/{escaped(op.path)}/{op.verb}", op
    for op in doc.webhooks(document):
        yield f"/webhooks/{escaped(op.path)}/{op.verb}", op


def _of_operation(pointer: str, op: doc.Operation) -> Iterator[LocatedSchema]:
    for index, parameter in enumerate(op.body.get("parameters", ())):
        label = f"{op.label}: parameter {parameter.get('name')}"
        yield from _given(f"{pointer}/parameters/{index}/schema", label, parameter.get("schema"))
    if "requestBody" in op.body:
        body = op.body["requestBody"]
        yield from _of_holder(f"{pointer}/requestBody", f"{op.label} request", body)
    for status, response in op.body.get("responses", {}).items():
        inner = f"{pointer}/responses/{escaped(status)}"
        yield from _of_holder(inner, f"{op.label} {status}", response)


def _of_holder(pointer: str, label: str, holder: Node) -> Iterator[LocatedSchema]:
    for kind, media in holder.get("content", {}).items():
        inner = f"{pointer}/content/{escaped(kind)}/schema"
        yield from _given(inner, label, media.get("schema"))


def _given(
    pointer: str,
    label: str,
    schema: Any,  # noqa: ANN401 - any node
    *,
    in_all_of: bool = False,
) -> Iterator[LocatedSchema]:
    # `shapes` rejects a schema that is true or false.
    if not isinstance(schema, dict):
        return
    yield LocatedSchema(pointer, label, schema, in_all_of)
    for name, child in schema.get("properties", {}).items():
        yield from _given(f"{pointer}/properties/{escaped(name)}", f"{label}.{name}", child)
    for key in ("items", "additionalProperties"):
        yield from _given(f"{pointer}/{key}", label, schema.get(key))
    for key in _LISTS:
        for index, child in enumerate(_listed(schema.get(key))):
            part = key == "allOf" or (in_all_of and key != "prefixItems")
            yield from _given(f"{pointer}/{key}/{index}", label, child, in_all_of=part)


def _listed(found: Any) -> list[Any]:  # noqa: ANN401 - any node
    return found if isinstance(found, list) else []
