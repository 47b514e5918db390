"""Read tables: error codes, webhook events, members of enumerations, fields."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.drift.facts import CodeFact, EventFact, ValueFact
from tools.drift.readers import _bodies, _columns, _kinds, _lists
from tools.drift.readers._parameters import Parameter, parse
from tools.drift.readers._surroundings import survey
from tools.drift.readers._words import EVENT, is_event, is_field, is_value, last_camel
from tools.drift.readers.elements import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.drift.facts import Fact, FieldFact
    from tools.drift.readers._bodies import Body
    from tools.drift.readers._columns import Columns
    from tools.drift.readers._surroundings import Place
    from tools.drift.readers.elements import Element, Row
    from tools.spec.model import Part

_CODE = re.compile(r"[0-9]{3}")
_FIRST_STATUS = "100"


def read(elements: Sequence[Element]) -> list[Fact]:
    """Return what the tables of a page state, and lists that are tables in disguise.

    What is no table of a known kind gives nothing.
    """
    places = survey(elements)
    facts: list[Fact] = []
    for element, place in zip(elements, places, strict=True):
        if isinstance(element, Table):
            facts += _table(_columns.understood(element), place)
    for index, items in _lists.runs(elements):
        facts += _lists.members(items, places[index])
    return sorted(_once(facts), key=lambda fact: fact.line)


def _once(facts: Sequence[Fact]) -> Iterator[Fact]:
    """Leave out events that were named before: they are stated once."""
    events: set[str] = set()
    for fact in facts:
        if isinstance(fact, EventFact):
            if fact.name in events:
                continue
            events.add(fact.name)
        yield fact


def _table(columns: Columns, place: Place) -> Iterator[Fact]:
    yield from _events(columns)
    codes = list(_codes(columns))
    yield from codes or _fields(columns, place) or _enumerations(columns, place)


def _codes(columns: Columns) -> Iterator[CodeFact]:
    rows = columns.table.rows
    at = columns.roles.get("code", 0)
    coded = [(row, row.cells[at]) for row in rows if _CODE.fullmatch(_at(row, at))]
    # Codes begin at 000; a table whose first is 200 or 400 lists statuses of HTTP.
    if all(code >= _FIRST_STATUS for _, code in coded):
        return
    for row, code in coded:
        said = columns.cell(row.cells, "message") or _at(row, at + 1)
        yield CodeFact(row.line, code, said)


def _at(row: Row, index: int) -> str:
    return row.cells[index] if index < len(row.cells) else ""


def _events(columns: Columns) -> Iterator[EventFact]:
    listing = [index for index in range(_width(columns)) if _lists_events(columns, index)]
    for row in columns.table.rows:
        for index, cell in enumerate(row.cells):
            named = [cell] if index in listing and is_value(cell) else EVENT.findall(cell)
            yield from (EventFact(row.line, name) for name in named)


def _width(columns: Columns) -> int:
    return max((len(row.cells) for row in columns.table.rows), default=0)


def _lists_events(columns: Columns, index: int) -> bool:
    """Tell whether a column lists events, so that one of a group not heard of is one too."""
    cells = [cell for row in columns.table.rows if (cell := _at(row, index))]
    events = sum(map(is_event, cells))
    return "service" not in columns.header(index).lower() and 0 < len(cells) <= 2 * events


def _enumerations(columns: Columns, place: Place) -> list[ValueFact]:
    facts: list[ValueFact] = []
    for index in range(_width(columns)):
        if not _lists_events(columns, index) and index != columns.roles.get("type"):
            facts += _column(columns, index, place)
    return facts


def _column(columns: Columns, index: int, place: Place) -> Iterator[ValueFact]:
    cells = [(row.line, cell) for row in columns.table.rows if (cell := _at(row, index))]
    siblings = tuple(dict.fromkeys(cell for _, cell in cells))
    if len(siblings) > 1 and all(map(is_value, siblings)):
        subject = columns.header(index) or _subject(place)
        lines = dict(reversed([(cell, line) for line, cell in cells]))
        yield from (ValueFact(lines[value], subject, value, siblings) for value in siblings)


def _subject(place: Place) -> str:
    named = next(filter(None, map(last_camel, place.lead)), None)
    return next(iter(place.headings), named or "")


def _fields(columns: Columns, place: Place) -> list[FieldFact]:
    read = [(row.line, field) for row in columns.table.rows if (field := _field(columns, row))]
    if not read or not _has_fields(columns):
        return []
    bodies = _whose(columns, place, {field.name for _, field in read})
    return [
        fact
        for body in bodies
        for line, field in read
        for fact in _lists.shaped(line, _lists.field_path(body, field.name), field)
    ]


def _has_fields(columns: Columns) -> bool:
    described = {"type", "required", "optional"} & columns.roles.keys()
    return bool(described) or ("field" in columns.roles and "words" in columns.roles)


def _field(columns: Columns, row: Row) -> Parameter | None:
    """Read a row; its name may have a mark with it, as in `email (optional)`."""
    name = columns.cell(row.cells, "field") or columns.cell(row.cells, "name")
    kind = _kinds.kind(columns.cell(row.cells, "type"))
    required = _columns.required(columns, row.cells)
    if is_field(name):
        return Parameter(name, required, kind, sure=True, words="")
    marked = parse(name)
    if not marked or marked.words:
        return None
    return marked._replace(
        required=marked.required if required is None else required,
        kind=kind if kind.type else marked.kind,
    )


def _whose(columns: Columns, place: Place, names: set[str]) -> list[Body]:
    call = place.before or place.within
    marked = "required" in columns.roles or "optional" in columns.roles
    enveloped = "timestamp" in names or "payload" in names
    otherwise: Part | None = "request" if marked or enveloped else None
    return _bodies.notifications(place, names) or _bodies.of_call(place, call, otherwise)
