"""What GitBook writes besides CommonMark: its tags, tables as HTML, words for machines."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from tools.drift.readers.elements import Row, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from markdown_it.rules_block import StateBlock

_TAG = re.compile(r"\{%-?\s*(end)?([\w-]+)([^%]*)%\}\s*")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_LAYOUT = re.compile(
    r"hint|tabs?|code|openapi(?:-operation|-schemas)?|stepper|step|columns?|content-ref|embed|file"
)
_FRONT_MATTER = re.compile(r"---[ \t]*\n(?:[^\n]++\n)*?---[ \t]*(?:\n|\Z)")
_PIECE = re.compile(r"<!--[^<>]*-->|</?([a-zA-Z][\w-]*+)[^<>]*+>|[^<]++|<")
_CELLS = frozenset({"td", "th"})
_BREAKS = frozenset({"br", "p", "div", "li"})
_INSTRUCTIONS = re.compile(r"agent instructions\b", re.IGNORECASE)
_NOT_THE_PAGE = re.compile(r"permission annotations:|.*\bllms\.txt\b", re.IGNORECASE)


def parser() -> MarkdownIt:
    """Return a parser of blocks; the text within them is left as it is written."""
    markdown = MarkdownIt("commonmark").enable("table").disable(["inline", "text_join"])
    before: list[tuple[str, Callable[[StateBlock, int, int, bool], bool]]] = [
        ("gitbook_tag", _tag_rule),
        ("html_table", _html_table_rule),
    ]
    for name, rule in before:
        markdown.block.ruler.before(
            "fence", name, rule, {"alt": ["paragraph", "reference", "blockquote", "list"]}
        )
    return markdown


def without_front_matter(text: str) -> str:
    """Return a page with empty lines in place of the settings at its top."""
    found = _FRONT_MATTER.match(text)
    return "\n" * found[0].count("\n") + text[found.end() :] if found else text


def is_instruction(heading: str) -> bool:
    """Return whether what follows tells machines how to query the documentation."""
    return _INSTRUCTIONS.match(heading) is not None


def is_not_the_page(quote: str) -> bool:
    """Return whether a quotation was put there by GitBook, or is an annotation without words."""
    return _NOT_THE_PAGE.match(quote) is not None


def plain(markup: str) -> str:
    """Return what HTML shows, in one line."""
    words = []
    for piece in _PIECE.finditer(markup):
        if piece[1] is None:
            words.append("" if piece[0].startswith("<!--") else html.unescape(piece[0]))
        elif piece[1].lower() in _BREAKS | _CELLS:
            words.append(" ")
    return " ".join("".join(words).split())


def html_table(line: int, markup: str) -> Table:
    """Return a table that is written as HTML; its first row is the header if it has `th` cells."""
    header: tuple[str, ...] = ()
    rows: list[Row] = []
    for row_line, is_header, cells in _html_rows(line, markup):
        if is_header and not header and not rows:
            header = cells
        else:
            rows.append(Row(row_line, cells))
    return Table(line, header, tuple(rows))


def _html_rows(line: int, markup: str) -> Iterator[tuple[int, bool, tuple[str, ...]]]:
    """Split at what begins rows and cells, for their ends may be left out in HTML."""
    for chunk in re.split(r"(?i)(?=<tr\b)", markup):
        pieces = re.split(r"(?i)<(t[dh])\b[^<>]*+>", chunk)
        cells = tuple(map(plain, pieces[2::2]))
        if cells:
            yield line, pieces[1].lower() == "th", cells
        line += chunk.count("\n")


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _tag_rule(state: StateBlock, start: int, _end: int, silent: bool) -> bool:  # noqa: FBT001 - called by position
    text = _line(state, start)
    found = _TAG.fullmatch(text) if text.startswith("{%") else None
    if found is None or not _LAYOUT.fullmatch(found[2]):
        return False
    if not silent:
        token = state.push("gitbook_tag", "", 0)
        token.map = [start, start + 1]
        token.tag = (found[1] or "") + found[2]
        token.meta = dict(_ATTRIBUTE.findall(found[3]))
        state.line = start + 1
    return True


def _html_table_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - called by position
    if not re.match(r"(?i)<table\b", _line(state, start)):
        return False
    if not silent:
        last = start
        while last < end and "</table" not in _line(state, last).lower():
            last += 1
        token = state.push("html_table", "", 0)
        token.map = [start, min(last + 1, end)]
        token.content = state.getLines(start, min(last + 1, end), state.blkIndent, keepLastLF=True)
        token.meta = {"closed": last < end}
        state.line = min(last + 1, end)
    return True
