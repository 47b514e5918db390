"""Tables: what each column holds, told by its header, and cells read in that light."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tools.drift.readers._words import plain
from tools.drift.readers.elements import Row, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEADERS = {
    "field": "field",
    "fields": "field",
    "field name": "field",
    "parameter": "field",
    "parameters": "field",
    "parameter name": "field",
    "param": "field",
    "property": "field",
    "attribute": "field",
    "key": "field",
    "name": "name",
    "type": "type",
    "data type": "type",
    "mandatory": "required",
    "required": "required",
    "is required": "required",
    "obligatory": "required",
    "required/optional": "required",
    "mandatory/optional": "required",
    "optional": "optional",
    "code": "code",
    "error": "code",
    "error code": "code",
    "errorcode": "code",
    "message": "message",
    "error message": "message",
    "text": "message",
    "comment": "words",
    "comments": "words",
    "description": "words",
    "details": "words",
    "meaning": "words",
    "note": "words",
    "notes": "words",
    "status": "status",
    "http status": "status",
    "http code": "status",
    "status code": "status",
}
_SIGN = re.compile(r"[?:()]")
_YES = frozenset({"yes", "y", "+", "true", "required", "mandatory", "✓", "✔", "✅", "☑", "m"})
_NO = frozenset(
    {"no", "n", "-", "–", "—", "false", "optional", "not required", "✗", "✘", "❌", "✕", "×", "o"}  # noqa: RUF001 - the signs that pages use
)


class Columns(NamedTuple):
    """A table whose first row is no header any more.

    Attributes:
        table: The table; its header is empty where it has none.
        roles: Which column has which role; a role that two columns would have goes to the first.
    """

    table: Table
    roles: Mapping[str, int]

    def cell(self, cells: tuple[str, ...], role: str) -> str:
        """Return the cell of a row that has a role; empty where there is none."""
        index = self.roles.get(role, len(cells))
        return cells[index] if index < len(cells) else ""

    def header(self, index: int) -> str:
        """Return the header of a column; empty where there is none."""
        return self.table.header[index] if index < len(self.table.header) else ""


def understood(table: Table) -> Columns:
    """Clean the cells of a table and tell what its columns are."""
    cleaned = Table(table.line, _clean(table.header), tuple(_row(row) for row in table.rows))
    if not any(cleaned.header):
        cleaned = _with_header(cleaned)
    return Columns(cleaned, _roles(cleaned.header))


def _clean(cells: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(plain(cell) for cell in cells)


def _row(row: Row) -> Row:
    return row._replace(cells=_clean(row.cells))


def _with_header(table: Table) -> Table:
    """Take the first row for the header if it can be nothing else; else there is no header."""
    first = table.rows[0].cells if table.rows else ()
    if first and all(_normal(cell) in _HEADERS for cell in first):
        return table._replace(header=first, rows=table.rows[1:])
    return table._replace(header=())


def _roles(header: tuple[str, ...]) -> dict[str, int]:
    roles: dict[str, int] = {}
    for index, cell in enumerate(header):
        if role := _HEADERS.get(_normal(cell)):
            roles.setdefault(role, index)
    return roles


def _normal(header: str) -> str:
    return " ".join(_SIGN.sub(" ", header.lower()).split())


def required(columns: Columns, cells: tuple[str, ...]) -> bool | None:
    """Tell whether a row says that its field has to be there; None where it says nothing."""
    if "optional" in columns.roles:
        optional = _answer(columns.cell(cells, "optional"))
        return None if optional is None else not optional
    return _answer(columns.cell(cells, "required"))


def _answer(cell: str) -> bool | None:
    word = cell.lower().rstrip(".")
    return True if word in _YES else False if word in _NO else None
