"""Cut up a page of the vendor's site that was saved as text from a browser's window.

The text has no marks: what is a heading, a table or a sample is told from blank lines, indentation
and the look of lines. In doubt a line is prose, for prose that changes is seen, and a table that
never was one would be drift that never was.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.drift.readers import rendered
from tools.drift.readers.cuttings import Cuttings
from tools.drift.readers.elements import Code, Element, Heading, Item, Prose
from tools.drift.readers.saved.cells import cells_at
from tools.drift.readers.saved.columns import columns_at
from tools.drift.readers.saved.lines import alone, joined, like_heading, lines_of
from tools.drift.readers.saved.navigation import without_frame
from tools.drift.readers.saved.samples import Found, call_at, json_at, program_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.drift.facts import Fact, Page
    from tools.drift.readers.saved.lines import Line

_BULLET = re.compile(r"(?:[•◦▪‣·\-*]|\d{1,2}[.)])(?:\s+(?P<text>\S.*))?")
_LANGUAGES = frozenset({
    *("json", "curl", "python", "javascript", "typescript", "js", "bash", "shell", "http", "php"),
    *("java", "go", "ruby", "c#", "node.js", "kotlin", "html", "xml", "yaml"),
})  # fmt: skip
_NARROWEST_WRAP = 40


def cut_up(page: Page) -> Cuttings:
    """Cut a page into elements and the facts of the reference in it; any text can be cut."""
    title, lines = without_frame(lines_of(page.text))
    elements: list[Element] = [Heading(title.number, 1, title.text)] if title else []
    facts: list[Fact] = []
    cut, done = None, 0
    for call in rendered.find(lines):
        elements += _Plain(lines[done : call.start]).elements
        cuttings = rendered.read(lines, call)
        elements += cuttings.elements
        facts += cuttings.facts
        cut, done = cuttings.cut, call.stop
    rest = _Plain(lines[done:])
    return Cuttings([*elements, *rest.elements], facts, rest.cut or cut)


class _Plain:
    """Elements of lines that hold no reference.

    Attributes:
        elements: In the order of the page.
        cut: The line of a sample that the last line breaks off, or None.
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        self.elements: list[Element] = []
        self.cut: int | None = None
        self._lines = lines
        self._indents: list[int] = []
        index = 0
        while index < len(lines):
            index = self._code(index) or self._item(index) or self._other(index)

    def _code(self, index: int) -> int:
        """Take a sample, and the name of its language over it; return where it ends, or 0."""
        lines, language, start = self._lines, "", index
        if lines[index].text.lower() in _LANGUAGES and index + 1 < len(lines):
            language, start = lines[index].text, index + 1
        found = json_at(lines, start) or call_at(lines, start)
        if not found and language and language.lower() != "json":
            found = program_at(lines, start)
        return self._take_code(start, found, language) if found else 0

    def _take_code(self, start: int, found: Found, language: str) -> int:
        lines = self._lines
        if not found.whole and found.stop == len(lines):
            self.cut = lines[start].number
        text = joined(lines[start : found.stop])
        self._add(Code(lines[start].number, language, text))
        return found.stop

    def _item(self, index: int) -> int:
        """Take an item, with what is set on lines of its own below it; return its end, or 0."""
        line, index = self._lines[index], index + 1
        bullet = _BULLET.fullmatch(line.text)
        if not bullet:
            return 0
        words = [bullet["text"]] if bullet["text"] else []
        while self._belongs(index, line, first=not words):
            words.append(self._lines[index].text)
            index += 1
        if not words:
            return 0
        self.elements.append(Item(line.number, self._depth(line.indent), " ".join(words)))
        return index

    def _belongs(self, index: int, item: Line, *, first: bool) -> bool:
        if index >= len(self._lines) or _BULLET.fullmatch(self._lines[index].text):
            return False
        line = self._lines[index]
        return first or (not line.apart and line.indent > item.indent)

    def _depth(self, indent: int) -> int:
        while self._indents and self._indents[-1] > indent:
            self._indents.pop()
        if not self._indents or self._indents[-1] < indent:
            self._indents.append(indent)
        return len(self._indents) - 1

    def _other(self, index: int) -> int:
        """Take a table, a heading or a paragraph; return where it ends."""
        lines, line = self._lines, self._lines[index]
        if found := columns_at(lines, index) or cells_at(lines, index):
            table, stop = found
            self._add(table)
            return stop
        if alone(lines, index) and like_heading(line.text):
            self._add(Heading(line.number, 2, line.text))
            return index + 1
        stop = index + 1
        while stop < len(lines) and _wrapped(lines[stop - 1], lines[stop]):
            stop += 1
        self._add(Prose(line.number, " ".join(each.text for each in lines[index:stop])))
        return stop

    def _add(self, element: Element) -> None:
        self.elements.append(element)
        self._indents = []


def _wrapped(line: Line, following: Line) -> bool:
    """Tell whether a line goes on with the sentence before it."""
    return (
        not following.apart
        and following.text[0].islower()
        and len(line.text) >= _NARROWEST_WRAP
        and line.text[-1] not in ".:;!?"
    )
