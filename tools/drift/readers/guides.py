"""Read guides: calls with their samples, the parameters listed for them, events spoken of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.drift.facts import EventFact, ExampleFact, FieldFact, OperationFact, ServerFact
from tools.drift.readers import _json_samples, _lists
from tools.drift.readers._calls import calls_named
from tools.drift.readers._surroundings import survey
from tools.drift.readers._words import EVENT
from tools.drift.readers.elements import Code, Table
from tools.spec.model import FieldPath, Shape

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence

    from tools.drift.facts import Fact
    from tools.drift.readers._calls import Call
    from tools.drift.readers._surroundings import Place
    from tools.drift.readers.elements import Element

_HOST = re.compile(r"https?://api\.calypso[A-Za-z0-9.-]*[A-Za-z0-9]")
_REQUESTED = re.compile(
    r"(?:example |sample )?(?:of )?(?:the )?(?:request|payload)\b", re.IGNORECASE
)
_EVENT_TYPE = re.compile(r"\"eventType\"\s{0,9}:\s{0,9}\"([A-Z0-9_]{1,99})\"")
_LONGEST_LABEL = 40


def read(elements: Sequence[Element]) -> list[Fact]:
    """Return what a guide states. Each call, host and event is stated once, where it stands first.

    Tables count here only for the calls and hosts that they name.
    """
    places = survey(elements)
    facts: list[Fact] = []
    for element, place in zip(elements, places, strict=True):
        facts += _from_element(element, place)
    for index, items in _lists.runs(elements):
        facts += _lists.fields(items, places[index])
    return list(_once(sorted(facts, key=lambda fact: fact.line)))


def _once(facts: Sequence[Fact]) -> Iterator[Fact]:
    seen: set[Hashable] = set()
    for fact in facts:
        key = _key(fact)
        if key is None or key not in seen:
            yield fact
        seen.add(key)


def _key(fact: Fact) -> Hashable:
    match fact:
        case OperationFact(owner=name) | ServerFact(url=name) | EventFact(name=name):
            return type(fact), name
        case FieldFact(field_path=field_path) if not field_path.path.startswith(
            ("header ", "query ")
        ):
            return None
        case FieldFact(field_path=field_path):
            return field_path
        case _:
            return None


def _from_element(element: Element, place: Place) -> Iterator[Fact]:
    if isinstance(element, Table):
        for row in element.rows:
            text = " ".join(row.cells)
            yield from _spoken(row.line, text, calls_named(text), place)
        return
    if isinstance(element, Code):
        yield from _code(element, place)
        return
    yield from _spoken(element.line, element.text, place.calls, place)
    yield from (EventFact(element.line, name) for name in EVENT.findall(element.text))


def _spoken(line: int, text: str, calls: Sequence[Call], place: Place) -> Iterator[Fact]:
    for call in calls:
        yield from _call(line, call, place)
    yield from (ServerFact(line, url) for url in _HOST.findall(text))


def _call(line: int, call: Call, place: Place) -> Iterator[Fact]:
    yield OperationFact(line, call.owner, next(iter(place.headings), ""))
    if call.server:
        yield ServerFact(line, call.server)
    for path in call.outside:
        yield FieldFact(line, FieldPath(call.owner, "request", path), Shape())


def _code(code: Code, place: Place) -> Iterator[Fact]:
    for call in place.calls:
        yield from _call(code.line, call, place)
        yield from _samples_of(code.line, call)
    shown = [] if place.calls else _json_samples.values(code.text)
    for value in shown:
        yield from _sample(code.line, value, place)
    if not shown:
        yield from (
            EventFact(code.line, n) for n in _EVENT_TYPE.findall(code.text) if EVENT.fullmatch(n)
        )


def _samples_of(line: int, call: Call) -> Iterator[Fact]:
    """Yield the bodies in one sample with a call: what is sent first, then what comes back."""
    for index, value in enumerate(call.samples):
        if _json_samples.speaks_for_itself(value):
            yield from _json_samples.facts_of(line, value)
        else:
            yield ExampleFact(line, call.owner, "response" if index else "request", value)


def _sample(line: int, value: object, place: Place) -> Iterator[Fact]:
    if isinstance(value, dict) and _json_samples.speaks_for_itself(value):
        yield from _json_samples.facts_of(line, value)
    elif _json_samples.is_request(value):
        if call := place.before or place.within:
            yield ExampleFact(line, call.owner, "request", value)
    elif place.before and not _is_labelled_request(place):
        yield ExampleFact(line, place.before.owner, "response", value)


def _is_labelled_request(place: Place) -> bool:
    """Tell whether a sample without an envelope is said to be sent: then it is a part of a body."""
    label = next(iter((*place.lead, *place.headings)), "")
    return len(label) <= _LONGEST_LABEL and _REQUESTED.match(label) is not None
