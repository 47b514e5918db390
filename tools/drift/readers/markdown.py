"""Cuts up pages in the markdown that GitBook serves."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from tools.drift.facts import OperationFact
from tools.drift.readers import _gitbook, blocks
from tools.drift.readers.cuttings import Cuttings
from tools.drift.readers.elements import Code, Heading, Item, Prose, Row, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from markdown_it.token import Token

    from tools.drift.facts import Fact, Page
    from tools.drift.readers.elements import Element

_LONGEST_MARKUP = 5_000
_MOST_BRACKETS = 20
"""Texts beyond these are taken as they are written: what is open in them takes long to pair."""

_MARKS = re.compile(r"[\\`*_\[<&]")

_INLINE = MarkdownIt("commonmark")
_SHOWN = frozenset({"text", "code_inline", "text_special"})
_REFERRING = {"openapi": "endopenapi", "openapi-operation": "endopenapi-operation"}


def cut_up(page: Page) -> Cuttings:
    """Cut a page into elements, and read the OpenAPI documents in it.

    Front matter, GitBook's tags, its words for machines and markup within texts are left out.
    """
    cutter = _Cutter(_gitbook.without_front_matter(page.text.removesuffix("\n") + "\n"))
    cutter.run()
    return Cuttings(cutter.elements, cutter.facts, cutter.cut)


def plain(markup: str) -> str:
    """Return what a paragraph shows, in one line."""
    tangled = len(markup) > _LONGEST_MARKUP or markup.count("[") > _MOST_BRACKETS
    if tangled or not _MARKS.search(markup):
        return " ".join(markup.split())
    words = []
    for token in _INLINE.parseInline(markup)[0].children or ():
        if token.type in _SHOWN:
            words.append(token.content)
        elif token.type in {"softbreak", "hardbreak"} or token.content.startswith("<br"):
            words.append(" ")
    return " ".join("".join(words).split())


class _Cutter:
    """Walks through the blocks of one page."""

    def __init__(self, text: str) -> None:
        self.elements: list[Element] = []
        self.facts: list[Fact] = []
        self.cut: int | None = None
        self._tokens = _gitbook.parser().parse(text)
        self._end = text.rstrip().count("\n") + 1
        self._at = 0
        self._lists = 0
        self._first_in_item = False
        self._readers: dict[str, Callable[[Token], None]] = {
            "heading_open": self._heading,
            "paragraph_open": self._paragraph,
            "fence": self._code,
            "code_block": self._code,
            "table_open": self._table,
            "html_table": self._html_table,
            "html_block": self._html_block,
            "gitbook_tag": self._tag,
            "blockquote_open": self._quote,
        }

    def run(self) -> None:
        while (token := self._next()) is not None:
            self._readers.get(token.type, self._track_lists)(token)

    def _next(self) -> Token | None:
        if self._at >= len(self._tokens):
            return None
        self._at += 1
        return self._tokens[self._at - 1]

    def _until(self, kind: str) -> list[Token]:
        """Return the tokens before the next one of a kind, and step over all of them."""
        rest = (self._tokens[at] for at in range(self._at, len(self._tokens)))
        passed = list(takewhile(lambda token: token.type != kind, rest))
        self._at += len(passed) + 1
        return passed

    def _track_lists(self, token: Token) -> None:
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            self._lists += 1
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            self._lists -= 1
        elif token.type == "list_item_open":
            self._first_in_item = True

    def _heading(self, token: Token) -> None:
        text = plain(self._until("heading_close")[0].content)
        if _gitbook.is_instruction(text):
            self._skip_section(token.tag)
        elif text:
            self.elements.append(Heading(_line(token), int(token.tag[1]), text))

    def _skip_section(self, tag: str) -> None:
        """Skip to the next heading of the same rank or a higher one."""
        while (token := self._next()) is not None:
            if token.type == "heading_open" and token.tag <= tag:
                self._at -= 1
                return

    def _paragraph(self, token: Token) -> None:
        text = plain(self._until("paragraph_close")[0].content)
        if self._lists and self._first_in_item and text:
            self.elements.append(Item(_line(token), self._lists - 1, text))
        else:
            self._add_prose(_line(token), text)
        self._first_in_item = False

    def _add_prose(self, line: int, text: str) -> None:
        if text:
            self.elements.append(Prose(line, text))

    def _html_block(self, token: Token) -> None:
        self._add_prose(_line(token), _gitbook.plain(token.content))

    def _quote(self, _: Token) -> None:
        """Skip a quotation that GitBook wrote; others are read as what is in them."""
        first = self._tokens[self._at]
        if first.type != "paragraph_open":
            return
        if _gitbook.is_not_the_page(plain(self._tokens[self._at + 1].content)):
            self._until("paragraph_close")

    def _code(self, token: Token) -> None:
        first, last = token.map or [0, 0]
        fenced = token.type == "fence"
        text = token.content
        if fenced and last - first < text.count("\n") + 2 and last >= self._end:
            self.cut = first + 1
            text = text.removesuffix("\n")
        line = first + 1 + fenced
        if fenced and blocks.is_reference(text):
            self.facts += blocks.read(line, text)[0]
        else:
            language = token.info.split()[0] if token.info.split() else ""
            self.elements.append(Code(line, language, text))

    def _table(self, token: Token) -> None:
        header, *rows = _rows(self._until("table_close"))
        self.elements.append(Table(_line(token), header.cells, tuple(rows)))

    def _html_table(self, token: Token) -> None:
        self.elements.append(_gitbook.html_table(_line(token), token.content))
        if not token.meta["closed"]:
            self.cut = _line(token)

    def _tag(self, token: Token) -> None:
        """Read the call that a tag refers to; what the tag shows stands elsewhere."""
        end = _REFERRING.get(token.tag)
        if end is None:
            return
        path, verb = token.meta.get("path", ""), token.meta.get("method", "")
        if path and verb:
            self.facts.append(OperationFact(_line(token), f"{verb.upper()} {path}", cut=True))
        following = self._tokens[self._at : self._at + 4]
        ends = [place for place, inner in enumerate(following) if inner.tag == end]
        # A link is what is left out; a document that stands there itself is read.
        if ends and not any(inner.type == "fence" for inner in following[: ends[0]]):
            self._at += ends[0] + 1


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 0


def _rows(tokens: list[Token]) -> Iterator[Row]:
    line = 0
    cells: list[str] = []
    for token in tokens:
        if token.type == "tr_open":
            line, cells = _line(token), []
        elif token.type == "inline":
            cells.append(plain(token.content))
        elif token.type == "tr_close":
            yield Row(line, tuple(cells))
