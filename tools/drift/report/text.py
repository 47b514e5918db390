"""The report for a terminal."""

from __future__ import annotations

import textwrap
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from tools.drift.differences import Severity
from tools.drift.report.excerpt import excerpt
from tools.drift.report.summary import closing, place
from tools.drift.report.tidy import tidy, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tools.drift.differences import Difference, Known, Report, Unread

WIDTH = 100

_STYLES: dict[str, dict[str, Any]] = {
    "breaking": {"fg": "red", "bold": True},
    "additive": {"fg": "green", "bold": True},
    "editorial": {"fg": "yellow", "bold": True},
    "heading": {"bold": True},
    "subject": {"fg": "cyan"},
    "place": {"dim": True},
    "+": {"fg": "green"},
    "-": {"fg": "red"},
    " ": {"dim": True},
}


def text(report: Report, *, colour: bool, document: Sequence[str]) -> str:
    """Write the report for a terminal of 100 columns, without a last line feed.

    Args:
        report: What is written.
        colour: Whether to style it. Styles repeat what the words say and add nothing.
        document: The lines of `openapi.yaml`, from which the excerpts around edits are taken.
    """
    shown = tidy(report)
    lines = [visible(line.rstrip("\r\n")) for line in document]
    return "\n".join(_Writer(lines, colour=colour).report(shown))


class _Writer:
    def __init__(self, document: Sequence[str], *, colour: bool) -> None:
        self.document = document
        self.colour = colour

    def report(self, report: Report) -> Iterator[str]:
        for severity in Severity:
            yield from self.severity(severity, report.of(severity))
        if report.known:
            yield from self.known(report.known)
        if report.unread:
            yield from self.unread(report.unread)
        yield from self.wrapped(closing(report), 0, "heading")

    def severity(self, severity: Severity, differences: Sequence[Difference]) -> Iterator[str]:
        if differences:
            yield self.paint(severity, f"{severity.upper()}: {len(differences)}")
            yield ""
        for page, group in groupby(differences, key=lambda each: each.page):
            yield self.paint("heading", f"Page {one_line(page)}")
            for each in group:
                yield from self.difference(each)
                yield ""

    def difference(self, each: Difference) -> Iterator[str]:
        yield f"  {each.kind}: {self.paint('subject', one_line(each.subject))}"
        yield from self.wrapped(each.what, 6)
        yield from self.wrapped(f"For users: {each.consequence}", 6)
        yield from self.places(each)
        for number, mark, line in excerpt(each.edits, self.document):
            yield self.paint(mark, f"      {number:>6} {mark} {line}".rstrip())

    def known(self, known: Iterable[Known]) -> Iterator[str]:
        yield self.paint(
            "heading", "Known: the pages contradict each other, and openapi.yaml says so"
        )
        for each in known:
            yield f"  {self.paint('subject', one_line(each.subject))}"
            yield from self.wrapped(each.what, 6)
            yield from self.places(each)
        yield ""

    def unread(self, unread: Iterable[Unread]) -> Iterator[str]:
        yield self.paint("heading", "Could not be read")
        # Without a network all of them have one cause, which is told once.
        causes: dict[str, list[str]] = {}
        for each in unread:
            causes.setdefault(each.why, []).append(each.source)
        for why, sources in causes.items():
            for source in sources:
                yield f"  {one_line(source)}"
            yield from self.wrapped(why, 6)
        yield ""

    def places(self, each: Difference | Known) -> Iterator[str]:
        places = place(each.page, each.page_line)
        if each.document_line is not None:
            places += f", {place('openapi.yaml', each.document_line)}"
        yield from self.wrapped(places, 6, "place")

    def wrapped(self, words: str, indent: int, role: str = "") -> Iterator[str]:
        """Wrap between words only: a name that is broken can't be searched for."""
        margin = " " * indent
        lines = textwrap.wrap(
            one_line(words),
            WIDTH,
            initial_indent=margin,
            subsequent_indent=margin,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in lines:
            yield self.paint(role, line)

    def paint(self, role: str, words: str) -> str:
        return click.style(words, **_STYLES[role]) if self.colour and role else words


def one_line(words: str) -> str:
    """Put what may hold line feeds into one line, so that nothing can pose as another line."""
    return " ".join(words.split())
