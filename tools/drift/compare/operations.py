"""Compares the calls that a page shows with the document's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.drift.compare import edits
from tools.drift.compare.words import difference
from tools.drift.differences import Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.drift.compare.context import Context
    from tools.drift.differences import Difference


def operations(context: Context) -> Iterator[Difference]:
    """Yield calls that are new, and calls whose path or verb changed."""
    for owner, fact in context.operations.items():
        former = context.moved.get(owner)
        if former is not None:
            known = context.surface.operations[former]
            yield difference(
                context,
                Kind.PATH_CHANGED,
                Severity.BREAKING,
                fact.line,
                context.name(former),
                f"The page has {owner} where the document has {former}.",
                known.line,
                edits.path(context, former, owner),
            )
        elif owner not in context.surface.operations:
            title = f" ({fact.title})" if fact.title else ""
            yield difference(
                context,
                Kind.OPERATION_NEW,
                Severity.ADDITIVE,
                fact.line,
                owner,
                f"The page describes {owner}{title}, which the document does not have.",
                context.surface.lines.get("/paths"),
            )
