"""Compares lists: members of enumerations, error codes, events, answers, hosts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.drift import memory
from tools.drift.compare import edits
from tools.drift.compare.words import difference, known
from tools.drift.differences import Kind, Severity
from tools.drift.facts import AnswerFact, CodeFact, EventFact, ServerFact, ValueFact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.drift.compare.context import Context
    from tools.drift.differences import Difference, Known
    from tools.spec import Enumeration, SpecIndex

EVENTS = "NotificationEventType"
FORMER_EVENTS = "/components/schemas/Subscription/properties/notificationEventTypes"
"""Where the document records events that no longer exist; on the list itself they would be read as
other spellings of its members."""


def enumeration_of(spec: SpecIndex, fact: ValueFact) -> str | None:
    """Return which of the document's enumerations a table lists; None for one of other products.

    The list has to share most of its members with ours, or some and the name.
    """
    best: tuple[int, str] | None = None
    for name, enumeration in spec.enumerations.items():
        shared = len(set(fact.siblings) & set(enumeration.values))
        named = _letters(name) in _letters(fact.subject)
        if shared and (2 * shared > len(set(fact.siblings)) or named):
            best = max(best or (0, ""), (shared, name))
    return best[1] if best else None


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())


def values(context: Context) -> Iterator[Difference | Known]:
    """Yield members of enumerations that tables list and the document does not."""
    for fact in context.reading.facts:
        if isinstance(fact, ValueFact):
            name = enumeration_of(context.spec, fact)
            if name is not None:
                yield from member(context, context.spec.enumerations[name], fact.value, fact.line)


def member(  # noqa: PLR0913 - the last two are for single callers
    context: Context,
    enumeration: Enumeration,
    value: str,
    line: int,
    *,
    kind: Kind = Kind.VALUE_NEW,
    pointer: str = "",
) -> Iterator[Difference | Known]:
    """Yield what is to be said of a member that a page shows.

    Args:
        context: The page.
        enumeration: The document's list.
        value: The member.
        line: Where the page shows it.
        kind: What it is when it is new.
        pointer: The field that has it, where the page shows it in one.
    """
    subject = f"{enumeration.name}.{value}"
    recorded = context.recorded(pointer or f"/components/schemas/{enumeration.name}", [value])
    if recorded is not None:
        yield known(context, line, subject, recorded, enumeration.line)
    elif value not in enumeration.values:
        yield difference(
            context,
            kind,
            Severity.ADDITIVE,
            line,
            subject,
            f"The page lists {value}, which {enumeration.name} does not have.",
            enumeration.line,
            edits.new_member(context, enumeration, value),
        )


def codes(context: Context) -> Iterator[Difference | Known]:
    """Yield error codes that the document does not know, and those that are put otherwise."""
    pointer = "/components/schemas/ErrorResponse/properties/errorCode"
    line = context.spec.codes_line
    for fact in context.reading.facts:
        if not isinstance(fact, CodeFact):
            continue
        subject = f"error code {fact.code}"
        recorded = context.recorded(pointer, [fact.code])
        if fact.code not in context.spec.codes:
            what = f"The page lists the {subject}, which the document does not name."
            yield difference(
                context, Kind.CODE_NEW, Severity.ADDITIVE, fact.line, subject, what, line
            )
        elif recorded is not None and not recorded.value.startswith("absent"):
            yield known(context, fact.line, subject, recorded, line)
        if _reworded(context, fact):
            what = f"The page has other words for it: {fact.message}"
            yield difference(
                context, Kind.PAGE_CHANGED, Severity.EDITORIAL, fact.line, subject, what, line
            )


def _reworded(context: Context, fact: CodeFact) -> bool:
    words = f"message | {fact.code} | {memory.hashed(fact.message)}"
    return (
        bool(fact.message) and context.showed(f"code | {fact.code}") and not context.showed(words)
    )


def events(context: Context) -> Iterator[Difference | Known]:
    """Yield events that the document does not know."""
    enumeration = context.spec.enumerations.get(EVENTS)
    if enumeration is None:
        return
    for fact in context.reading.facts:
        if isinstance(fact, EventFact) and fact.name not in enumeration.values:
            found = _misspelt(context, fact)
            if found is not None:
                yield found
            else:
                yield from member(
                    context,
                    enumeration,
                    fact.name,
                    fact.line,
                    kind=Kind.EVENT_NEW,
                    pointer=FORMER_EVENTS,
                )


def _misspelt(context: Context, fact: EventFact) -> Known | None:
    for event in context.spec.events.values():
        recorded = context.recorded(f"/webhooks/{event.owner}/post", [fact.name])
        if recorded is not None:
            return known(context, fact.line, event.owner, recorded, event.line)
    return None


def answers(context: Context) -> Iterator[Difference]:
    """Yield statuses that the document does not know, or calls inferred."""
    told = set()
    for fact in context.reading.facts:
        operation = context.operation(fact.owner) if isinstance(fact, AnswerFact) else None
        if operation is None or not isinstance(fact, AnswerFact):
            continue
        provenance = operation.responses.get(fact.status)
        inferred = provenance is not None and provenance.own and provenance.level == "inferred"
        if (provenance is None or inferred) and (fact.owner, fact.status) not in told:
            told.add((fact.owner, fact.status))
            what = "which the document calls inferred" if inferred else "which the document lacks"
            yield difference(
                context,
                Kind.RESPONSE_NEW,
                Severity.ADDITIVE,
                fact.line,
                f"{context.name(fact.owner)} answer {fact.status}",
                f"The page lists answers with the status {fact.status}, {what}.",
                operation.line,
            )


def servers(context: Context) -> Iterator[Difference]:
    """Yield hosts that the document does not know."""
    for url in dict.fromkeys(_hosts(context)):
        if url.rstrip("/") not in {each.rstrip("/") for each in context.spec.servers}:
            line = next(
                fact.line
                for fact in context.reading.facts
                if isinstance(fact, ServerFact) and fact.url == url
            )
            yield difference(
                context,
                Kind.SERVER_NEW,
                Severity.ADDITIVE,
                line,
                url,
                f"The page sends calls to {url}, which is not among the document's servers.",
                context.spec.lines.get("/servers"),
            )


def _hosts(context: Context) -> Iterator[str]:
    for fact in context.reading.facts:
        if isinstance(fact, ServerFact):
            yield fact.url
