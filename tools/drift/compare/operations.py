"""Compares the calls that a page shows with the document's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.drift.compare import edits
from tools.drift.compare.words import difference, known
from tools.drift.differences import Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.drift.compare.context import Context
    from tools.drift.differences import Difference, Known
    from tools.spec import Alternative, Operation


def operations(context: Context) -> Iterator[Difference | Known]:
    """Yield calls that are new, recorded as another reading, or have another path or verb."""
    for owner, fact in context.operations.items():
        former = context.moved.get(owner)
        if former is not None:
            ours = context.spec.operations[former]
            yield difference(
                context,
                Kind.PATH_CHANGED,
                Severity.BREAKING,
                fact.line,
                context.name(former),
                f"The page has {owner} where the document has {former}.",
                ours.line,
                edits.path(context, former, owner),
            )
        elif owner not in context.spec.operations and (other := _recorded(context, owner)):
            known_as, reading = other
            name = context.name(known_as.owner)
            yield known(context, fact.line, name, reading, known_as.line)
        elif owner not in context.spec.operations:
            title = f" ({fact.title})" if fact.title else ""
            yield difference(
                context,
                Kind.OPERATION_NEW,
                Severity.ADDITIVE,
                fact.line,
                owner,
                f"The page describes {owner}{title}, which the document does not have.",
                context.spec.lines.get("/paths"),
            )


def _recorded(context: Context, owner: str) -> tuple[Operation, Alternative] | None:
    """Return which of our calls a page names in a way that the document records."""
    for operation in context.spec.operations.values():
        for reading in operation.provenance.readings[1:]:
            if reading.value == owner:
                return operation, reading
    return None
