"""Compares what a page says in sentences: lengths of time, other figures, and the rest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tools.drift import memory
from tools.drift.compare.keys import keys_of_fact
from tools.drift.compare.words import difference, known
from tools.drift.differences import Difference, Kind, Severity
from tools.drift.facts import EventFact, PeriodFact
from tools.drift.readers import prose as reader
from tools.drift.readers.elements import Prose

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tools.drift.compare.context import Context
    from tools.drift.differences import Known
    from tools.drift.facts import Reading
    from tools.spec import Operation

Period = tuple[int, str]

_KEY = "period | "

_SHOWN = 600


def periods(context: Context) -> Iterator[Difference | Known]:
    """Yield lengths of time that follow another reading, or that the document never names."""
    shown = _periods(context)
    yield from _recorded(context, shown)
    if context.seen is None:
        yield from _strangers(context, shown)


def _strangers(context: Context, shown: dict[Period, int]) -> Iterator[Difference]:
    """Yield what a page on a call says of time that the document never does."""
    familiar = set(_periods_of(_texts(context.spec.document)))
    if context.operations:
        yield from (_stranger(context, *each) for each in shown.items() if each[0] not in familiar)


def _stranger(context: Context, period: Period, line: int) -> Difference:
    return difference(
        context,
        Kind.FIGURE_CHANGED,
        Severity.EDITORIAL,
        line,
        f"{_named(period)}s",
        f"The page speaks of {_named(period)}s, of which the document says nothing.",
        means="If the client or the mock depends on it, it is wrong there.",
    )


def _named(period: Period) -> str:
    return f"{period[0]} {period[1]}"


def _periods(context: Context) -> dict[Period, int]:
    """Return the lengths of time that the page speaks of, each with its first line."""
    facts = [fact for fact in context.reading.facts if isinstance(fact, PeriodFact)]
    return {(fact.amount, fact.unit): fact.line for fact in reversed(facts)}


def _recorded(context: Context, shown: dict[Period, int]) -> Iterator[Known]:
    for operation in _spoken_of(context):
        readings = operation.provenance.readings
        stated = [frozenset(_periods_of([reading.value])) for reading in readings]
        of_these = shown.keys() & frozenset().union(*stated)
        for reading, said in zip(readings[1:], stated[1:], strict=True):
            if said and said == of_these and said != stated[0]:
                line = min(shown[period] for period in said)
                name = context.name(operation.owner)
                yield known(context, line, name, reading, operation.line)


def _spoken_of(context: Context) -> Iterator[Operation]:
    named = [fact.name for fact in context.reading.facts if isinstance(fact, EventFact)]
    for owner in dict.fromkeys([*context.operations, *named]):
        operation = context.operation(owner)
        if operation is not None:
            yield operation


def _periods_of(texts: Collection[str]) -> Iterator[Period]:
    for fact in reader.read([Prose(0, text) for text in texts])[1]:
        yield fact.amount, fact.unit


def _texts(node: Any) -> list[str]:  # noqa: ANN401 - whatever stands in the document
    if isinstance(node, dict):
        return [text for item in node.values() for text in _texts(item)]
    if isinstance(node, list):
        return [text for item in node for text in _texts(item)]
    return [node] if isinstance(node, str) else []


def changed(
    context: Context, seen: memory.Seen | None, found: Collection[Difference | Known]
) -> Iterator[Difference]:
    """Yield paragraphs that are not what they were, where no fact explains it.

    Args:
        context: The page.
        seen: What it showed when it was last accepted.
        found: What its facts differ in already.
    """
    if seen is None:
        return
    reading = ours(context)
    refigured = memory.refigured(seen, reading)
    yield from _retimed(context, seen, {paragraph.line for paragraph in refigured})
    differing = {each.page_line for each in found if isinstance(each, Difference)}
    explained = differing | _fresh(context, seen)
    for paragraph in refigured:
        if paragraph.line not in explained:
            yield difference(
                context,
                Kind.FIGURE_CHANGED,
                Severity.BREAKING,
                paragraph.line,
                "a figure in a sentence",
                f"A figure changed; it now says: {_short(paragraph.text)}",
            )
    unfamiliar = memory.unfamiliar(seen, reading)
    for paragraph in unfamiliar:
        if paragraph.line not in explained:
            yield difference(
                context,
                Kind.PAGE_CHANGED,
                Severity.EDITORIAL,
                paragraph.line,
                "a sentence",
                f"This was not there, or said otherwise: {_short(paragraph.text)}",
            )
    vanished = memory.vanished(seen, reading)
    if vanished and not unfamiliar and not found and context.reading.cut is None:
        count = "A paragraph" if vanished == 1 else f"{vanished} paragraphs"
        yield difference(
            context,
            Kind.PAGE_CHANGED,
            Severity.EDITORIAL,
            None,
            "the page's text",
            f"{count} that the page had when it was last accepted can't be found.",
        )


def _retimed(
    context: Context, seen: memory.Seen, elsewhere: Collection[int]
) -> Iterator[Difference]:
    """Yield lengths of time that took the place of others, in descriptions of the reference too."""
    before = {key.removeprefix(_KEY) for key in seen.facts if key.startswith(_KEY)}
    shown = {_named(period): line for period, line in _periods(context).items()}
    lost = sorted(before - shown.keys())
    for named, line in shown.items():
        if lost and named not in before and line not in elsewhere:
            yield difference(
                context,
                Kind.FIGURE_CHANGED,
                Severity.BREAKING,
                line,
                f"{named}s",
                f"The page speaks of {named}s; it no longer speaks of {', '.join(lost)}s.",
            )


def ours(context: Context) -> Reading:
    """Return the reading without the paragraphs that describe facts of other products."""
    told: dict[int, bool] = {}
    for fact in context.reading.facts:
        told[fact.line] = told.get(fact.line, False) or bool(keys_of_fact(context, fact))
    kept = [each for each in context.reading.prose if told.get(each.line, True)]
    return replace(context.reading, prose=tuple(kept))


def _fresh(context: Context, seen: memory.Seen) -> set[int]:
    """Return the lines of facts that the page did not show before.

    The facts are compared themselves; what else stands on their lines are words about them.
    """
    # What has no keys is of other products, or of something new that is told as a whole.
    facts = (fact for fact in context.reading.facts if not isinstance(fact, PeriodFact))
    keys = ((fact.line, keys_of_fact(context, fact)) for fact in facts)
    return {line for line, names in keys if not names or not names <= seen.facts}


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN].rstrip()}…"
