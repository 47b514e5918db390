"""How much of each call and event is documented, observed, inferred."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tools.reference.markdown import code, page_links, table
from tools.reference.marks import level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tools.spec import Field, Operation, Provenance, SpecIndex

LEVELS = ("documented", "observed", "inferred")


def blocks(spec: SpecIndex) -> Iterator[str]:
    """Yield the tables of calls and of events, and the totals under each."""
    yield _table("call", ("request", "response"), spec.operations.values())
    events = [event for event in spec.events.values() if event.owner != "*"]
    yield _table("event", ("event",), events)


def counted(fields: Mapping[str, Field]) -> Counter[str]:
    """Count the fields of each level; the body and entries of lists do not count."""
    found = (field for path, field in fields.items() if path and not path.endswith("[]"))
    return Counter(field.provenance.level for field in found)


def _table(head: str, parts: tuple[str, ...], found: Iterable[Operation]) -> str:
    found = list(found)
    titles = ("body",) if len(parts) == 1 else parts
    columns = [f"{title}: {level}" for title in titles for level in LEVELS]
    rows = [_row(each, parts) for each in found]
    return table((head, "itself", *columns, "newest", "pages"), [*rows, _totals(found, parts)])


def _row(each: Operation, parts: tuple[str, ...]) -> tuple[str, ...]:
    name = f"{each.tag}.{each.method}" if each.method else each.owner
    known = [each.provenance, *_sources(each)]
    return (
        code(name),
        level(each.provenance),
        *_figures([each], parts),
        max(source.date for source in known),
        page_links(each.provenance.pages),
    )


def _totals(found: list[Operation], parts: tuple[str, ...]) -> tuple[str, ...]:
    levels = Counter(each.provenance.level for each in found)
    itself = ", ".join(f"{levels[level]} {level}" for level in LEVELS if levels[level])
    dates = [source.date for each in found for source in (each.provenance, *_sources(each))]
    figures = (f"**{figure}**" for figure in _figures(found, parts))
    return ("**all**", itself, *figures, max(dates, default=""), "")


def _figures(found: list[Operation], parts: tuple[str, ...]) -> Iterator[str]:
    for part in parts:
        total = sum((counted(each.fields.get(part, {})) for each in found), Counter[str]())
        yield from (str(total[level]) for level in LEVELS)


def _sources(each: Operation) -> Iterator[Provenance]:
    for fields in each.fields.values():
        yield from (field.provenance for field in fields.values())
