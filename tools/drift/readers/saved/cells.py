"""Recognise a table whose cells each stand on a line of their own.

The browser leaves no trace of rows. They are found again by what their first cells look like: an
error code, a value in capitals, or the name of a field under a header that is known. Where that
does not come out evenly nothing is called a table.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

from tools.drift.readers.elements import Row, Table
from tools.drift.readers.saved.headers import (
    Kind,
    column_of_types,
    is_header,
    is_type,
    kind_of,
)
from tools.drift.readers.saved.lines import like_heading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.drift.readers.saved.lines import Line

_MOST_COLUMNS = 6
_FEWEST_HEADED = 2
_FEWEST_ROWS = 2
_MOST_KEYS = 2
_LONGEST_CELL = 3


class _Grid(NamedTuple):
    """How rows are told apart.

    Attributes:
        kind: What first cells are.
        width: How many cells a row has at most.
        sure: From which cell on a first cell of the next row ends a row before it is full.
        types: The column that holds types, or None.
        apart: Whether blank lines stand between cells.
    """

    kind: Kind
    width: int
    sure: int
    types: int | None
    apart: bool

    def starts_row(self, lines: Sequence[Line], index: int) -> bool:
        """Tell whether a row starts at a line."""
        if index >= len(lines) or kind_of(lines[index].text) is not self.kind:
            return False
        if self.types is None:
            return True
        cell = index + self.types
        return cell < len(lines) and is_type(lines[cell].text)


def cells_at(lines: Sequence[Line], start: int) -> tuple[Table, int] | None:
    """Return the table that starts at a line, and where it ends; None where there is none."""
    return _headed(lines, start) or _headless(lines, start)


def _headed(lines: Sequence[Line], start: int) -> tuple[Table, int] | None:
    if not is_header(lines[start].text):
        return None
    stop = _end_of_header(lines, start)
    if stop - start < _FEWEST_HEADED or stop >= len(lines):
        return None
    header = tuple(line.text for line in lines[start:stop])
    grid = _grid_below(lines, stop, header)
    if grid is None or not grid.starts_row(lines, stop):
        return None
    rows, end = _rows(lines, stop, grid)
    if not rows or (len(rows) < _FEWEST_ROWS and grid.kind is Kind.FIELD and grid.types is None):
        return None
    return Table(lines[start].number, header, tuple(rows)), end


def _end_of_header(lines: Sequence[Line], start: int) -> int:
    """Return where the words that head columns end.

    A field may be called `currency` or `status`: with a type where the header says that types
    stand, it begins the first row.
    """
    stop = start
    while stop < min(len(lines), start + _MOST_COLUMNS) and is_header(lines[stop].text):
        types = column_of_types([line.text for line in lines[start:stop]])
        if types is not None and stop + types < len(lines) and is_type(lines[stop + types].text):
            break
        stop += 1
    return stop


def _grid_below(lines: Sequence[Line], first: int, header: tuple[str, ...]) -> _Grid | None:
    kind, width, types = kind_of(lines[first].text), len(header), column_of_types(header)
    if kind is None:
        return None
    if types is not None:
        # A type with nothing after the name would make every word a row.
        sure = types + 1
    elif kind is Kind.FIELD:
        sure = width
    else:
        sure = _alike(lines, first, kind, width)
    return _Grid(kind, width, sure, types, _spread(lines, first, width))


def _alike(lines: Sequence[Line], first: int, kind: Kind, width: int) -> int:
    """Return how many cells at the start of a row look like its first."""
    following = lines[first + 1 : first + width - 1]
    return 1 + sum(1 for _ in takewhile(lambda line: kind_of(line.text) is kind, following))


def _spread(lines: Sequence[Line], first: int, width: int) -> bool:
    return any(line.apart for line in lines[first + 1 : first + width])


def _headless(lines: Sequence[Line], start: int) -> tuple[Table, int] | None:
    kind = kind_of(lines[start].text)
    if kind is None or kind is Kind.FIELD:
        return None
    width, sure = _measures(lines, start, kind)
    if width == 1 and (kind is Kind.CODE or not _plainly_values(lines, start)):
        return None
    grid = _Grid(kind, width, sure, None, _spread(lines, start, width))
    rows, end = _rows(lines, start, grid)
    return (Table(lines[start].number, (), tuple(rows)), end) if len(rows) >= _FEWEST_ROWS else None


def _measures(lines: Sequence[Line], start: int, kind: Kind) -> tuple[int, int]:
    """Return how many cells the first row has, and how many of them look like its first.

    Values one below the other, with nothing in between, are rows of one cell.
    """
    keys, reach = 0, lines[start : start + _MOST_COLUMNS + 1]
    for index, line in enumerate(reach):
        if kind_of(line.text) is not kind:
            if is_cell_free(line.text):
                break
        elif keys < index:
            return index, keys
        elif keys == _MOST_KEYS:
            break
        else:
            keys += 1
    return (1, 1)


def _plainly_values(lines: Sequence[Line], start: int) -> bool:
    """Tell whether bare values can't be words set in capitals: one of them has an underscore."""
    reach = (line.text for line in lines[start : start + _MOST_COLUMNS])
    values = takewhile(lambda text: kind_of(text) is Kind.VALUE, reach)
    return any("_" in value for value in values)


def _rows(lines: Sequence[Line], start: int, grid: _Grid) -> tuple[list[Row], int]:
    rows, index = list[Row](), start
    while grid.starts_row(lines, index):
        stop = _end_of_row(lines, index, grid)
        stop = _end_of_long_cell(lines, stop, grid)
        cells = [line.text for line in lines[index:stop]]
        last = " ".join(cells[grid.width - 1 :])
        whole = (*cells[: grid.width - 1], last) if last else tuple(cells)
        rows.append(Row(lines[index].number, whole))
        index = stop
    return rows, index


def is_cell_free(text: str) -> bool:
    """Tell whether a line can't be a cell: it starts an item, a sample or a table of its own."""
    return text[0] in "{[•◦▪|" or text.startswith(("- ", "* ", "curl "))


def _end_of_row(lines: Sequence[Line], start: int, grid: _Grid) -> int:
    index = start + 1
    while index < min(len(lines), start + grid.width):
        line = lines[index]
        if is_cell_free(line.text) or (line.apart and not grid.apart):
            break
        if index - start >= grid.sure and grid.starts_row(lines, index):
            break
        index += 1
    return index


def _end_of_long_cell(lines: Sequence[Line], stop: int, grid: _Grid) -> int:
    """Return where a row ends whose last cell has several lines: the next row tells.

    What could be a heading is none of the cell.
    """
    if grid.kind is Kind.FIELD and grid.types is None:
        return stop
    for index in range(stop, min(len(lines), stop + _LONGEST_CELL)):
        line = lines[index]
        if grid.starts_row(lines, index):
            return index
        if is_cell_free(line.text) or (line.apart and (not grid.apart or like_heading(line.text))):
            break
    return stop
