"""Compares one page with the document: what differs, and what is known to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.drift.compare import examples, fields, gone, lists, operations, prose
from tools.drift.compare.context import Context
from tools.drift.compare.keys import keys
from tools.drift.differences import Difference, Known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.drift.facts import Reading
    from tools.drift.memory import Seen
    from tools.surface import Surface

__all__ = ["compare", "keys_of"]


def compare(
    reading: Reading, surface: Surface, seen: Seen | None = None
) -> tuple[list[Difference], list[Known]]:
    """Return the differences between a page and the document, and what the document records.

    Args:
        reading: What was read of the page.
        surface: The document.
        seen: What the page showed when it was last accepted, if it ever was. Only what a page
            showed can be gone from it; one that shows less than we know is no difference.
    """
    if seen is not None and seen.form != reading.page.form:
        # Another form shows other parts: nothing can be said of what is gone.
        seen = None
    context = Context(reading, surface, seen.facts if seen else None)
    found = list(dict.fromkeys(_rules(context)))
    found += prose.changed(context, seen, found)
    return (
        _once([each for each in found if isinstance(each, Difference)]),
        list({each.subject: each for each in found if isinstance(each, Known)}.values()),
    )


def keys_of(reading: Reading, surface: Surface) -> frozenset[str]:
    """Return the keys of what a page shows, to be remembered."""
    return keys(Context(reading, surface))


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
    """Return the differences without those that say again what one before them says."""
    kept: dict[tuple[str, str, str], Difference] = {}
    for each in found:
        place = each.what if each.subject.startswith("a ") else ""
        kept.setdefault((each.kind, each.subject, place), each)
    return list(kept.values())
