"""One run of the drift reader: pages are gathered, read, and compared with the document."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tools.drift import readers
from tools.drift.compare import compare
from tools.drift.differences import Difference, Kind, Report, Severity, Unread
from tools.drift.facts import Page, PeriodFact
from tools.drift.fetch import Fetched, Gone, fetch_all

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from tools.drift.differences import Known
    from tools.drift.facts import Reading
    from tools.drift.memory import Seen
    from tools.drift.pages import Entry
    from tools.spec import SpecIndex


class Gathered(NamedTuple):
    """What was found of the vendor's pages: pages, what is wrong with the list, what is unread."""

    pages: tuple[Page, ...]
    differences: tuple[Difference, ...] = ()
    unread: tuple[Unread, ...] = ()


class Outcome(NamedTuple):
    """The report, and the readings that may be accepted."""

    report: Report
    readings: tuple[Reading, ...]


def from_files(found: Iterable[Page | Unread]) -> Gathered:
    """Sort what was read from files."""
    found = tuple(found)
    return Gathered(
        tuple(each for each in found if isinstance(each, Page)),
        unread=tuple(each for each in found if isinstance(each, Unread)),
    )


def from_addresses(entries: Sequence[Entry]) -> Gathered:
    """Read the pages of the list from their addresses."""
    pages: list[Page] = []
    differences: list[Difference] = []
    unread: list[Unread] = []
    for entry, result in zip(entries, fetch_all(entries), strict=True):
        match result:
            case Fetched(page, moved_to):
                pages.append(page)
                if moved_to is not None:
                    differences.append(_moved(entry, moved_to))
            case Gone():
                differences.append(_gone(result))
            case Unread():
                unread.append(result)
    return Gathered(tuple(pages), tuple(differences), tuple(unread))


def _moved(entry: Entry, moved_to: str) -> Difference:
    return Difference(
        kind=Kind.PAGE_MOVED,
        severity=Severity.EDITORIAL,
        page=entry.name,
        page_line=None,
        subject=entry.url,
        what=f"The page moved to {moved_to}.",
        consequence="Nothing for users; put the new address into the list of pages.",
    )


def _gone(result: Gone) -> Difference:
    return Difference(
        kind=Kind.PAGE_REMOVED,
        severity=Severity.EDITORIAL,
        page=result.name,
        page_line=None,
        subject=result.url,
        what=f"The page is gone: {result.why}.",
        consequence="What it said can't be checked any more; look for where it went.",
    )


def examine(
    gathered: Gathered, spec: SpecIndex, seen: Mapping[str, Seen], listed: Container[str] = ()
) -> Outcome:
    """Read pages and compare each with the document.

    Args:
        gathered: The pages.
        spec: The document.
        seen: What they showed when they were last accepted, by name.
        listed: Names of the pages that are the vendor's for sure, prose or not.
    """
    differences: list[Difference] = list(gathered.differences)
    known: list[Known] = []
    unread: list[Unread] = list(gathered.unread)
    whole: list[Reading] = []
    names: list[str] = []
    for page in gathered.pages:
        reading = readers.read(page)
        before = seen.get(page.name)
        prosaic = page.name in listed and not (before and before.facts)
        trouble = list(_troubles(reading, prosaic=prosaic))
        unread += trouble
        if trouble and reading.cut is None:
            # What is no page of the vendor's says nothing, above all not that anything is gone.
            continue
        names.append(page.name)
        if not trouble:
            whole.append(reading)
        found, recorded = compare(reading, spec, before)
        differences += found
        known += recorded
    return Outcome(
        Report(tuple(names), tuple(differences), tuple(known), tuple(unread)),
        tuple(whole),
    )


def _troubles(reading: Reading, *, prosaic: bool) -> Iterator[Unread]:
    source = reading.page.source
    if reading.cut is not None:
        why = f"it is cut off: the sample or block that begins on line {reading.cut} does not end"
        yield Unread(source, f"{why}; what stands before was compared. Save the page again, whole.")
    elif not prosaic and all(isinstance(fact, PeriodFact) for fact in reading.facts):
        why = "nothing on it is a call, a field, a value, an error code or an event"
        yield Unread(source, f"{why}. See that it is the page you mean, and not a login page.")
