"""Read what is left for people: paragraphs, and the lengths of time that they speak of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.drift.facts import (
    CodeFact,
    ExampleFact,
    FieldFact,
    Paragraph,
    ValueFact,
)
from tools.drift.readers import _columns, _json_samples, _kinds, _layout, _periods, guides, tables
from tools.drift.readers._calls import calls_in
from tools.drift.readers._parameters import parse
from tools.drift.readers._words import EVENT, is_event, is_value, plain
from tools.drift.readers.elements import Code, Item, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tools.drift.facts import Fact, PeriodFact
    from tools.drift.readers._columns import Columns
    from tools.drift.readers.elements import Element, Row

_HEAD = re.compile(r"[A-Z0-9_]+\s*[-–—:]*\s*")  # noqa: RUF001 - the dashes that pages use
_OF_FIELDS = ("field", "name", "type", "required", "optional")


def read(elements: Sequence[Element]) -> tuple[list[Paragraph], list[PeriodFact]]:
    """Return all text that states no fact, so that any change of the page shows somewhere.

    Of a row or an item that states a fact only the describing words are left. Samples are left out
    where they were understood; one that was not is a paragraph like any other.
    """
    stated = _by_line([*guides.read(elements), *tables.read(elements)])
    paragraphs: list[Paragraph] = []
    periods: list[PeriodFact] = []
    for element in _layout.content(elements):
        paragraphs += (each for each in _paragraphs(element, stated) if each.text)
        periods += _spoken(element)
    return paragraphs, periods


def _by_line(facts: Sequence[Fact]) -> dict[int, list[Fact]]:
    lines: dict[int, list[Fact]] = {}
    for fact in facts:
        lines.setdefault(fact.line, []).append(fact)
    return lines


def _paragraphs(element: Element, stated: Mapping[int, Sequence[Fact]]) -> Iterator[Paragraph]:
    if isinstance(element, Table):
        yield from _table(_columns.understood(element), stated)
    elif isinstance(element, Code):
        if not _is_understood(element, stated.get(element.line, ())):
            yield Paragraph(element.line, plain(element.text))
    elif isinstance(element, Item):
        yield Paragraph(element.line, _item(element, stated.get(element.line, ())))
    else:
        yield Paragraph(element.line, plain(element.text))


def _is_understood(code: Code, facts: Sequence[Fact]) -> bool:
    if calls := calls_in(code):
        return all(call.whole for call in calls)
    return bool(_json_samples.values(code.text)) and _any(facts, ExampleFact, CodeFact)


def _any(facts: Sequence[Fact], *kinds: type) -> bool:
    return any(isinstance(fact, kinds) for fact in facts)


def _item(item: Item, facts: Sequence[Fact]) -> str:
    text = plain(item.text)
    if _any(facts, FieldFact):
        parameter = parse(text)
        return parameter.words if parameter else text
    if _any(facts, ValueFact) or EVENT.match(text):
        head = _HEAD.match(text)
        return text[head.end() :] if head else text
    return text


def _table(columns: Columns, stated: Mapping[int, Sequence[Fact]]) -> Iterator[Paragraph]:
    rows = columns.table.rows
    if not any(_is_stated(row, stated) for row in rows):
        yield Paragraph(columns.table.line, _joined(columns.table.header))
    for row in rows:
        facts = stated.get(row.line, ())
        cells = _describing(columns, row, facts) if _is_stated(row, stated) else row.cells
        yield Paragraph(row.line, _joined(cells))


def _is_stated(row: Row, stated: Mapping[int, Sequence[Fact]]) -> bool:
    facts = stated.get(row.line, ())
    return _any(facts, FieldFact, ValueFact, CodeFact) or any(map(is_event, row.cells))


def _describing(columns: Columns, row: Row, facts: Sequence[Fact]) -> list[str]:
    """Return the cells of a row that no fact was made of."""
    if _any(facts, FieldFact):
        used = _field_cells(columns, row)
        return [cell for index, cell in enumerate(row.cells) if index not in used]
    messages = {fact.message for fact in facts if isinstance(fact, CodeFact)}
    return [
        cell for cell in row.cells if not (is_value(cell) or cell.isdigit() or cell in messages)
    ]


def _field_cells(columns: Columns, row: Row) -> set[int]:
    roles = dict(columns.roles)
    if "field" in roles:
        roles.pop("name", None)
    if not _kinds.is_kind(columns.cell(row.cells, "type")):
        roles.pop("type", None)
    if _columns.required(columns, row.cells) is None:
        roles.pop("required", None)
    return {roles[role] for role in _OF_FIELDS if role in roles}


def _joined(cells: Sequence[str]) -> str:
    return " | ".join(filter(None, cells))


def _spoken(element: Element) -> Iterator[PeriodFact]:
    if isinstance(element, Table):
        for row in element.rows:
            yield from _periods.read(row.line, _joined([plain(cell) for cell in row.cells]))
    elif not isinstance(element, Code):
        yield from _periods.read(element.line, plain(element.text))
