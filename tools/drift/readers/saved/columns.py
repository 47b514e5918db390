"""Recognise tables that still have one row a line: tabs, pipes, or columns padded with spaces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.drift.readers.elements import Row, Table
from tools.drift.readers.saved.headers import Kind, is_header, kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tools.drift.readers.saved.lines import Line

_GAP = re.compile(r" {2,}")
_RULE = re.compile(r":?-+:?")
_FEWEST_ROWS = 2


def columns_at(lines: Sequence[Line], start: int) -> tuple[Table, int] | None:
    """Return the table that starts at a line, and where it ends; None where there is none."""
    text = lines[start].text
    if text.startswith("|"):
        return _table(lines, start, _by_pipes, sure=True)
    if "\t" in text:
        return _table(lines, start, _by_tabs, sure=True)
    if "  " in text:
        return _table(lines, start, _by_gaps, sure=False)
    return None


def _table(
    lines: Sequence[Line], start: int, split: Callable[[str], tuple[str, ...]], *, sure: bool
) -> tuple[Table, int] | None:
    """Read rows as long as lines can be split.

    Args:
        lines: The lines of the page.
        start: Where the table may start.
        split: Makes the cells of a line; fewer than two mean that it is no row.
        sure: The split itself tells a row; else a known header or known first cells have to.
    """
    rows, index = list[Row](), start
    headed = _heads(split(lines[start].text))
    while index < len(lines) and len(cells := split(lines[index].text)) > 1:
        if not (sure or headed or kind_of(cells[0])):
            break
        rows.append(Row(lines[index].number, cells))
        index += 1
    body = [row for row in rows if not all(map(_RULE.fullmatch, row.cells))]
    headed = headed or (len(rows) > 1 and len(body) == len(rows) - 1)
    header = body.pop(0).cells if body and headed else ()
    enough = bool(body) if header else len(body) >= _FEWEST_ROWS
    return (Table(lines[start].number, header, tuple(body)), index) if enough else None


def _heads(cells: Sequence[str]) -> bool:
    return any(map(is_header, cells)) and kind_of(cells[0]) not in {Kind.CODE, Kind.VALUE}


def _by_tabs(text: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in text.split("\t"))


def _by_pipes(text: str) -> tuple[str, ...]:
    if not text.startswith("|"):
        return ()
    return tuple(cell.strip() for cell in text.removeprefix("|").removesuffix("|").split("|"))


def _by_gaps(text: str) -> tuple[str, ...]:
    return tuple(_GAP.split(text))
