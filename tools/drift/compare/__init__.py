"""Compares one page with the document: what differs, and what is known to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tools.drift import memory
from tools.drift.compare import examples, fields, gone, lists, operations, prose
from tools.drift.compare.context import Context
from tools.drift.compare.keys import keys
from tools.drift.differences import Difference, Known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.drift.facts import Reading
    from tools.drift.memory import Seen
    from tools.spec import SpecIndex

__all__ = ["compare", "remembered"]


def compare(
    reading: Reading, spec: SpecIndex, seen: Seen | None = None
) -> tuple[list[Difference], list[Known]]:
    """Return the differences between a page and the document, and what the document records.

    Args:
        reading: What was read of the page.
        spec: The document.
        seen: What the page showed when it was last accepted, if it ever was. Only what a page
            showed can be gone from it; one that shows less than we know is no difference.
    """
    if seen is not None and seen.form != reading.page.form:
        # Another form shows other parts: nothing can be said of what is gone.
        seen = None
    context = Context(reading, spec, seen.facts if seen else None)
    found = list(dict.fromkeys(_rules(context)))
    found += prose.changed(context, seen, found)
    return (
        _once([each for each in found if isinstance(each, Difference)]),
        list({each.subject: each for each in found if isinstance(each, Known)}.values()),
    )


def remembered(reading: Reading, spec: SpecIndex) -> Seen:
    """Return what is to be remembered of a page."""
    context = Context(reading, spec)
    return memory.remember(prose.ours(context), keys(context))


def _rules(context: Context) -> Iterator[Difference | Known]:
    yield from operations.operations(context)
    yield from fields.fields(context)
    yield from examples.examples(context)
    yield from lists.values(context)
    yield from lists.codes(context)
    yield from lists.events(context)
    yield from lists.answers(context)
    yield from lists.servers(context)
    yield from gone.gone(context)
    yield from prose.periods(context)


def _once(found: list[Difference]) -> list[Difference]:
    """Return the differences, each place of the document told once with all calls that it is in.

    Calls share their schemas, so one edit of the document may end several differences.
    """
    places: dict[tuple[object, ...], list[Difference]] = {}
    for each in found:
        place = each.document_line or each.subject
        places.setdefault((each.kind, each.severity, each.what, place, each.edits), []).append(each)
    return [_merged(alike) for alike in places.values()]


def _merged(alike: list[Difference]) -> Difference:
    first, *others = dict.fromkeys(each.subject for each in alike)
    subject = f"{first}; also {', '.join(others)}" if others else first
    return replace(alike[0], subject=subject)
