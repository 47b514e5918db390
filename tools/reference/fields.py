"""The fields of a body as a user meets them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from generator import document as doc
from generator import prepare
from tools.reference import python
from tools.reference.markdown import code, prose, table
from tools.reference.marks import DEPRECATED, mark, remark
from tools.spec.received import as_received, is_essential

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tools.spec import Field, SpecIndex


class Row(NamedTuple):
    """One field: its path in Python, its path on the wire, and its description.

    Attributes:
        place: Where a parameter is sent, `query` or `path`; nothing for what is in a body.
    """

    path: str
    wire: str
    place: str
    type: str
    required: bool
    meaning: str
    mark: str


def rows(
    spec: SpecIndex, fields: Mapping[str, Field], *, below: str = "", sent: bool = False
) -> list[Row]:
    """Return the fields under a prefix of the path, in the order of the document."""
    return [
        _row(spec, field, path.removeprefix(below), sent=sent)
        for path, field in fields.items()
        # The list's type covers its items; parameters are listed separately.
        if path.startswith(below) and path != below and not path.endswith("[]") and " " not in path
    ]


def parameters(spec: SpecIndex, fields: Mapping[str, Field]) -> list[Row]:
    """Return the parameters of a call, those of the path first."""
    found = [(path.split(" ", 1), field) for path, field in fields.items() if " " in path]
    found.sort(key=lambda each: each[0][0] != "path")
    return [_row(spec, field, wire, sent=True, place=place) for (place, wire), field in found]


def as_table(name: str, found: Sequence[Row], *, required: str = "promised") -> str:
    """Return a table of fields; `name` and `required` head two of its columns."""
    if not found:
        return ""
    head = (name, "on the wire", "type", required, "meaning", "mark")
    return table(head, map(_cells, found))


def node_at(document: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    """Return the node at a pointer."""
    node: Any = document
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        node = node[int(key)] if isinstance(node, list) else node[key]
    found: dict[str, Any] = node
    return found


def _cells(row: Row) -> tuple[str, ...]:
    required = "yes" if row.required else ""
    wire = code(row.wire) + f" in the {row.place}" * bool(row.place)
    return code(row.path), wire, code(row.type), required, row.meaning, row.mark


def _row(spec: SpecIndex, field: Field, wire: str, *, sent: bool, place: str = "") -> Row:
    document = dict(spec.document)
    node = (
        doc.resolve(document, node_at(document, field.pointer))
        if place
        else node_at(document, field.pointer)
    )
    target = doc.resolve(document, node)
    text = prose(node.get("description") or target.get("description", ""))
    old = DEPRECATED if node.get("deprecated") or target.get("deprecated") else ""
    kind = type_at(spec, field.pointer + "/schema" * bool(place), sent=sent)
    return Row(
        path=python.path(wire),
        wire=wire,
        place=place,
        type=kind if sent else as_received(kind, essential=is_essential(node)),
        required=bool(field.shape.required),
        meaning=" ".join(filter(None, (old, text, _remark(spec, field)))),
        mark=mark(field.provenance),
    )


def type_at(spec: SpecIndex, pointer: str, *, sent: bool) -> str:
    """Return the Python type of what the schema at a pointer describes."""
    document = _named(spec)
    return python.kind(document, _followed(document, pointer), sent=sent)


@lru_cache(maxsize=2)
def _named(spec: SpecIndex) -> dict[str, Any]:
    return prepare.named(dict(spec.document))


def _followed(document: dict[str, Any], pointer: str) -> dict[str, Any]:
    """Return the node at a pointer, in a document whose inline objects got names."""
    node: Any = document
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(node, list):
            node = node[int(key)]
            continue
        while key not in node:
            # A nullable object is an option of a choice.
            inner = doc.resolve(document, node)
            node = inner if inner is not node else node["anyOf"][0]
        node = node[key]
    found: dict[str, Any] = node
    return found


def _remark(spec: SpecIndex, field: Field) -> str:
    # An enumeration's remark is where its values are listed, not at each use.
    listed = spec.enumerations.get(field.enumeration or "")
    return "" if listed and listed.provenance == field.provenance else remark(field.provenance)
