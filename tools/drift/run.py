"""Reads pages, compares each, and gathers the outcome."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tools.drift import pages, reading
from tools.drift.cells import plain
from tools.drift.compare import compare
from tools.drift.differences import INFORMATION, Difference
from tools.drift.facts import facts_of
from tools.drift.rewrap import rewrapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tools.drift.document import Document
    from tools.drift.memory import Kept, Memory
    from tools.drift.model import Page

SUFFIXES = (".md", ".txt", ".markdown")
READ, CUT, WRONG, UNREAD = "read", "cut off", "wrong page", "unread"
_TAIL = 60
_ACCEPTED = 0.6
"""A text with so many of the words of an accepted one is that page, whatever it is called."""
_STRANGE = 0.12
"""A text with less of the words of the accepted one is another page."""


class Source(NamedTuple):
    """The content of a page, or why there is none.

    Attributes:
        name: The file, or the address with its scheme.
        address: The address that it was read from; empty for a file.
    """

    name: str
    content: bytes
    address: str = ""
    problem: str = ""


@dataclass(slots=True)
class Status:
    """What became of a page."""

    address: str
    file: str
    status: str
    reason: str = ""


@dataclass(slots=True)
class Outcome:
    """The outcome of a run. `read` has the pages that can be accepted."""

    statuses: list[Status] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    read: list[Page] = field(default_factory=list)
    documents: dict[str, object] = field(default_factory=dict)

    @property
    def is_readable(self) -> bool:
        """Whether every page could be read."""
        return all(each.status in {READ, CUT} for each in self.statuses)


def files(paths: Iterable[Path]) -> Iterator[Source]:
    """Yield the content of files, and of the pages in folders."""
    seen: set[Path] = set()
    for path in paths:
        found = sorted(_pages_in(path)) if path.is_dir() else [path]
        if not found:
            yield Source(str(path), b"", problem="the folder has no page (.md, .txt)")
        for each in found:
            if each.resolve() not in seen:
                seen.add(each.resolve())
                yield _file(each)


def _pages_in(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in SUFFIXES and path.is_file() and not hidden:
            yield path


def _file(path: Path) -> Source:
    try:
        if not path.is_file():
            return Source(str(path), b"", problem="there is no such file")
        return Source(str(path), path.read_bytes())
    except OSError as error:
        return Source(str(path), b"", problem=str(error.strerror or error))


def examine(sources: Iterable[Source], document: Document, memory: Memory | None) -> Outcome:
    """Return what became of pages, and what differs."""
    outcome = Outcome()
    for source in sources:
        _examine(source, document, memory, outcome)
    return outcome


def _examine(source: Source, document: Document, memory: Memory | None, outcome: Outcome) -> None:
    fallback = source.address or Path(source.name).stem
    if source.problem:
        outcome.statuses.append(Status(fallback, source.name, UNREAD, source.problem))
        return
    try:
        text = reading.decode(source.content)
    except reading.UnreadableError as error:
        status = WRONG if isinstance(error, reading.OtherPageError) else UNREAD
        outcome.statuses.append(Status(fallback, source.name, status, str(error)))
        return
    page = reading.read(text, source.name, document)
    problem = _identify(page, source, document, memory)
    if problem:
        address = page.address or fallback
        outcome.statuses.append(Status(address, source.name, WRONG, problem))
        text = f"This is not the page that it should be: {problem}."
        outcome.differences.append(
            Difference(
                "page", page.title or address, address, page.title, INFORMATION, text, address
            )
        )
        return
    last = memory.last(page) if memory else None
    if last is not None and _lacks_line_break(text, last.text):
        address, page = page.address, reading.read(f"{text}\n", source.name, document)
        page.address = address
    if last is not None and not page.cut and _ends_within_line(page.text, last.text):
        page.cut = "it ends within a line that the accepted text has whole"
    elif last is not None and page.cut and _has_same_end(page.text, last.text):
        page.cut = reading.read(last.text, f"x.{last.form}", document).cut
    status = CUT if page.cut else READ
    outcome.statuses.append(Status(page.address, source.name, status, page.cut))
    outcome.read.append(page)
    _compare(page, document, last, outcome)


def _lacks_line_break(text: str, whole: str) -> bool:
    """Whether only the break of the last line is missing: the accepted text has the line whole."""
    line = text.splitlines()[-1] if text and not text.endswith("\n") else ""
    return bool(line) and f"\n{line}\n" in whole


def _ends_within_line(text: str, whole: str) -> bool:
    """Whether a text breaks off within a line that the accepted one has whole."""
    if text.endswith("\n"):
        return False
    following = whole[len(_as_far_as(text, whole)) :][:1]
    return following not in {"", "\n"}


def _as_far_as(text: str, whole: str) -> str:
    """Return the accepted text as far as a text that breaks off goes; else the whole of it."""
    if whole.startswith(text):
        return text
    bare = text.rstrip()
    for length in (_TAIL, _TAIL // 2):
        tail = re.escape(bare[-length:])
        starts = [match.start() for match in re.finditer(f"(?={tail})", whole)]
        if starts:
            start = min(starts, key=lambda each: abs(each + length - len(bare)))
            return whole[: start + len(bare[-length:])]
    return whole


def _has_same_end(text: str, other: str) -> bool:
    return " ".join(text.split())[-_TAIL:] == " ".join(other.split())[-_TAIL:]


def _identify(page: Page, source: Source, document: Document, memory: Memory | None) -> str:
    """Set the address of a page; return why it is a wrong page, if it is."""
    name = source.address or Path(source.name).name
    entry = pages.recognise(page, name)
    if source.address:
        entry = next((each for each in pages.entries() if each.address == source.address), entry)
    page.address = source.address or (entry.address if entry else "") or page.own_address
    score, alike = memory.most_like(page.text) if memory else (0.0, "")
    begun = memory.begun_by(page.text) if memory else ""
    is_placed = memory is not None and memory.has(page.own_address)
    if (score >= _ACCEPTED or begun) and not source.address and not is_placed:
        page.address = begun or alike
        return ""
    problem = pages.why_wrong(page, entry, name, document)
    if not problem and entry is not None and entry.address in {source.address, page.own_address}:
        problem = _other_title(page, entry, memory)
    if not page.address:
        page.address = Path(source.name).stem
    return problem


def _other_title(page: Page, entry: pages.Entry, memory: Memory | None) -> str:
    """Return why a page from an address is another: its title is, and so are its words."""
    if not page.title or plain(page.title) == plain(entry.title):
        return ""
    score = memory.likeness(page.text, entry.address) if memory else 0.0
    others = [each for each in pages.entries() if plain(each.title) == plain(page.title)]
    if score < _STRANGE or (score < _ACCEPTED and any(each.fits(page.text) for each in others)):
        return f"it is titled {page.title!r}, not {entry.title!r}" if others else ""
    return ""


def _moved(page: Page, before: str) -> Iterator[Difference]:
    """Yield that a page gives another address than it had."""
    if page.own_address and before and page.own_address != before:
        text = f"The page says that it is at {page.own_address}; it was at {before}."
        change = (before, page.own_address, INFORMATION, text, page.address)
        yield Difference("page", page.title or page.address, *change)


def _compare(page: Page, document: Document, last: Kept | None, outcome: Outcome) -> None:
    before, is_whole = None, True
    facts = facts_of(page, document)
    outcome.documents.update(facts.documents)
    if last is not None:
        accepted = _as_far_as(page.text, last.text) if page.cut else last.text
        old_page = reading.read(accepted, f"x.{last.form}", document)
        before = facts_of(old_page, document)
        if page.form == "txt":
            alike = rewrapped(page.text, accepted)
            facts = facts_of(reading.read(alike, f"x.{page.form}", document), document)
        if before.has("described") != facts.has("described"):
            # A copy of nothing but descriptions has nothing in common with the other layouts.
            before = None
        is_whole = _has_same_end(page.text, accepted) or not page.cut
    own = reading.read(last.text, f"x.{last.form}", document).own_address if last else ""
    outcome.differences += _moved(page, own or page.address)
    for each in compare(facts, document, before, is_whole=is_whole):
        each.page = page.address
        outcome.differences.append(each)
