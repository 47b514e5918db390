"""Turns Markdown, as GitBook serves it, into the model of a page."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from tools.drift import openapi, samples
from tools.drift.model import Block, Code, Heading, Page, Paragraph, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

_OWN_ADDRESS = re.compile(r"available as \[Markdown\]\(https?://([^\s)]+?)(?:\.md)?\)")
_INDEX = "llms.txt"
_AGENTS = re.compile(r"agent instructions\b", re.IGNORECASE)
_LIQUID = re.compile(r"\{%.*?%\}", re.DOTALL)
_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = frozenset({"p", "div", "li", "ul", "ol", "blockquote", "details", "summary"})
_LEFT_OUT = frozenset({"figure", "script", "style", "svg", "button", "figcaption"})


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def read(text: str) -> Page:
    """Return the page."""
    body = _FRONT.sub(lambda front: "\n" * front[0].count("\n"), text)
    blocks = list(_without_agents(_Reader().read(_parser().parse(body))))
    own = _OWN_ADDRESS.search(text[:2000])
    page = Page(text, "md", blocks, own_address=own[1] if own else "")
    page.title = next((each.text for each in blocks if isinstance(each, Heading)), "")
    return page


def _without_agents(blocks: Sequence[Block]) -> Iterator[Block]:
    """Leave out what GitBook tells agents: the address of the index, and the last section."""
    for block in blocks:
        if isinstance(block, Heading) and _AGENTS.match(block.text):
            return
        if not isinstance(block, Paragraph) or _INDEX not in block.text:
            yield block


class _Reader(HTMLParser):
    """Reads what Markdown was parsed to, and the HTML within it, tag after tag.

    Attributes:
        text: What was read since the last tag that parts blocks.
        rows: The rows of the table that was opened, each with its line.
        depth: How many items of lists are open.
        left_out: How many tags are open of which the content is left out.
        shift: What the line of a page is ahead of the line that the HTML parser counts.
    """

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[Block] = []
        self.text: list[str] = []
        self.rows: list[tuple[int, list[str]]] | None = None
        self.has_header = False
        self.table_line = self.depth = self.left_out = self.shift = 0

    def read(self, tokens: Sequence[Token]) -> list[Block]:
        """Return the blocks of a page."""
        for token in tokens:
            self._token(token)
        self.close()
        self._end_table()
        self._flush()
        return self.blocks

    @property
    def line(self) -> int:
        """The line of the page."""
        return self.getpos()[0] + self.shift

    def _token(self, token: Token) -> None:
        if token.map:
            self.shift = token.map[0] + 1 - self.getpos()[0]
            self.left_out = 0
        if token.nesting > 0:
            self.handle_starttag(token.tag, [])
        elif token.nesting < 0:
            self.handle_endtag(token.tag)
        else:
            self._content(token)

    def _content(self, token: Token) -> None:
        match token.type:
            case "fence" | "code_block":
                self._flush()
                self.blocks += _code(self.line, token.content)
            case "html_block" | "html_inline":
                self.feed(token.content)
            case "inline":
                for child in token.children or ():
                    self._token(child)
            case "text" | "text_special" | "code_inline":
                self.handle_data(token.content)
            case "softbreak" | "hardbreak":
                self.handle_data(" ")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _LEFT_OUT:
            self.left_out += 1
        elif tag == "table":
            self._flush()
            self.rows, self.has_header, self.table_line = [], False, self.line
        elif tag == "tr" and self.rows is not None:
            self.rows.append((self.line, []))
        elif tag in {"td", "th"} and self.rows:
            self.text = []
            self.has_header = self.has_header or tag == "th"
        elif tag == "br":
            self.text.append(" ")
        elif tag in _BLOCKS or tag in _HEADINGS:
            self._flush()
            self.depth += tag == "li"

    def handle_endtag(self, tag: str) -> None:
        if tag in _LEFT_OUT:
            self.left_out = max(0, self.left_out - 1)
        elif tag in {"td", "th"} and self.rows:
            self.rows[-1][1].append(self._taken())
        elif tag == "table":
            self._end_table()
        elif tag in _HEADINGS or tag in _BLOCKS:
            self._flush(is_heading=tag in _HEADINGS)
            self.depth = max(0, self.depth - (tag == "li"))

    def handle_data(self, data: str) -> None:
        if not self.left_out:
            self.text.append(data)

    def _end_table(self) -> None:
        """Take in a table; one that breaks off has its whole rows."""
        rows = [(line, cells) for line, cells in self.rows or () if cells]
        self.rows = None
        self.text = []
        header = rows.pop(0)[1] if rows and self.has_header else ()
        if rows or header:
            self.blocks.append(Table(self.table_line, header, rows))

    def _taken(self) -> str:
        text = _LIQUID.sub(" ", "".join(self.text))
        self.text = []
        return " ".join(text.split())

    def _flush(self, *, is_heading: bool = False) -> None:
        """Take in what was read as a paragraph; within a table it is the start of a cell."""
        if self.rows is not None:
            self.text.append(" ")
        elif text := self._taken():
            self.blocks.append(
                Heading(self.line, text) if is_heading else Paragraph(self.line, text, self.depth)
            )


def _code(line: int, text: str) -> Sequence[Block]:
    """Return a block of code, or the calls where it is an OpenAPI document."""
    tree = samples.read_tree(text)
    if tree is not None and openapi.is_document(tree.value):
        return openapi.calls_in(tree, line)
    return [Code(line, text)]
