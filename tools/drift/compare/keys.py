"""Names for what a page shows, so that what it no longer shows can be told.

A key is `kind | …`. It holds names and values of the API only, no sentence of a page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tools.drift import memory
from tools.drift.compare.lists import enumeration_of
from tools.drift.compare.samples import paths
from tools.drift.facts import (
    AnswerFact,
    CodeFact,
    EventFact,
    ExampleFact,
    FieldFact,
    OperationFact,
    PeriodFact,
    ServerFact,
    ValueFact,
)
from tools.spec import FieldPath

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.drift.compare.context import Context
    from tools.drift.facts import Fact
    from tools.spec.model import Part

SEPARATOR = " | "


def keys(context: Context) -> frozenset[str]:
    """Return the keys of everything in the document's scope that a page shows."""
    return frozenset().union(*(keys_of_fact(context, fact) for fact in context.reading.facts))


def keys_of_fact(context: Context, fact: Fact) -> frozenset[str]:
    """Return the keys of one fact; none where it is of other products."""
    return frozenset(SEPARATOR.join(parts) for parts in _parts(context, fact))


def _parts(context: Context, fact: Fact) -> Iterator[tuple[str, ...]]:
    match fact:
        case OperationFact() | AnswerFact():
            if context.in_scope(fact.owner):
                yield _of_call(fact)
        case FieldFact() if _told(context, fact.field_path.owner):
            yield from _field(context, fact)
        case ExampleFact() if _told(context, fact.owner):
            for path in paths(fact.value):
                yield "field", fact.owner, fact.part, path
        case _:
            yield from _of_no_call(context, fact)


def _of_call(fact: OperationFact | AnswerFact) -> tuple[str, ...]:
    if isinstance(fact, AnswerFact):
        return "response", fact.owner, fact.status
    return "operation", fact.owner


def _of_no_call(context: Context, fact: Fact) -> Iterator[tuple[str, ...]]:
    match fact:
        case ValueFact():
            name = enumeration_of(context.spec, fact)
            if name is not None:
                yield "value", name, fact.value
        case CodeFact():
            yield "code", fact.code
            if fact.message:
                yield "message", fact.code, memory.hashed(fact.message)
        case EventFact():
            yield "event", fact.name
        case ServerFact():
            yield "server", fact.url
        case PeriodFact():
            yield "period", f"{fact.amount} {fact.unit}"


def _told(context: Context, owner: str) -> bool:
    return context.operation(owner) is not None or context.in_scope(owner)


def _field(context: Context, fact: FieldFact) -> Iterator[tuple[str, ...]]:
    field_path, shape = fact.field_path, fact.shape
    yield "field", *field_path
    if shape.format is not None:
        yield "format", *field_path, shape.format
    if shape.pattern is not None:
        yield "pattern", *field_path, shape.pattern
    for name in shape.limits:
        yield "limit", *field_path, name
    known = context.field(field_path)
    subject = (known and known.enumeration) or str(field_path)
    for value in shape.values or ():
        yield "value", subject, value


def field_path_of(parts: list[str]) -> FieldPath:
    """Return the place that a key of a field names."""
    owner, part, path = parts[:3]
    return FieldPath(owner, cast("Part", part), path)
