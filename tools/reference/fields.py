"""The fields of a body as a user meets them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator import document as doc
from tools.reference import python
from tools.reference.markdown import code, prose, table
from tools.reference.marks import mark, remark
from tools.surface.received import as_received, is_essential

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tools.surface import Field, Surface


class Row(NamedTuple):
    """One field: its path in Python, its path on the wire, and what is to be told of it."""

    path: str
    wire: str
    type: str
    required: bool
    meaning: str
    mark: str


def rows(
    surface: Surface, fields: Mapping[str, Field], *, below: str = "", sent: bool = False
) -> list[Row]:
    """Return the fields under a prefix of the path, in the order of the document."""
    return [
        _row(surface, field, path.removeprefix(below), sent=sent)
        for path, field in fields.items()
        # What is in a list is told by the list's type.
        if path.startswith(below) and path != below and not path.endswith("[]")
    ]


def as_table(name: str, found: Sequence[Row], *, required: str = "promised") -> str:
    """Return a table of fields; `name` and `required` head two of its columns."""
    head = (name, "on the wire", "type", required, "meaning", "mark")
    return table(head, map(_cells, found))


def node_at(document: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    """Return what stands at a pointer."""
    node: Any = document
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        node = node[int(key)] if isinstance(node, list) else node[key]
    found: dict[str, Any] = node
    return found


def _cells(row: Row) -> tuple[str, ...]:
    required = "yes" if row.required else ""
    return code(row.path), code(row.wire), code(row.type), required, row.meaning, row.mark


def _row(surface: Surface, field: Field, wire: str, *, sent: bool) -> Row:
    document = dict(surface.document)
    node = node_at(document, field.pointer)
    target = doc.resolve(document, node)
    told = prose(node.get("description") or target.get("description", ""))
    kind = python.kind(document, node, sent=sent)
    return Row(
        path=python.path(wire),
        wire=wire,
        type=kind if sent else as_received(kind, essential=is_essential(node)),
        required=bool(field.shape.required),
        meaning=" ".join(filter(None, (told, _remark(surface, field)))),
        mark=mark(field.provenance),
    )


def _remark(surface: Surface, field: Field) -> str:
    # An enumeration tells of itself where its values are listed, not wherever it is used.
    listed = surface.enumerations.get(field.enumeration or "")
    return "" if listed and listed.provenance == field.provenance else remark(field.provenance)
