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

BOLD = 7
"""Level of a heading that is bold text alone in a paragraph."""

_FEW = 6
_OWN_ADDRESS = re.compile(r"available as \[Markdown\]\(https?://([^\s)]+?)(?:\.md)?\)")
_INDEX = "llms.txt"
_AGENTS = re.compile(r"agent instructions\b", re.IGNORECASE)
_LIQUID = re.compile(r"\{%.*?%\}", re.DOTALL)
_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def read(text: str) -> Page:
    """Return the page."""
    body = _FRONT.sub(lambda front: "\n" * front[0].count("\n"), text)
    tokens = _parser().parse(body)
    blocks = list(_without_agents(_Blocks(tokens).read()))
    own = _OWN_ADDRESS.search(text[:2000])
    page = Page(text, "md", blocks, own_address=own[1] if own else "")
    page.title = next((each.text for each in blocks if isinstance(each, Heading)), "")
    return page


def _without_agents(blocks: Iterator[Block]) -> Iterator[Block]:
    """Leave out what GitBook tells agents: the address of the index, and the last section."""
    for block in blocks:
        if isinstance(block, Heading) and _AGENTS.match(block.text):
            return
        text = getattr(block, "text", "")
        if isinstance(block, Paragraph) and _INDEX in text:
            continue
        yield block


class _Blocks:
    """Reads the tokens of the parser one after the other."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.position = 0
        self.items = 0

    def read(self) -> Iterator[Block]:
        while self.position < len(self.tokens):
            token = self.tokens[self.position]
            self.position += 1
            line = token.map[0] + 1 if token.map else 0
            if token.type in {"list_item_open", "list_item_close"}:
                self.items += token.nesting
            yield from self._block(token, line)

    def _block(self, token: Token, line: int) -> Iterator[Block]:
        match token.type:
            case "heading_open":
                yield Heading(line, int(token.tag[1]), self._inline())
            case "paragraph_open":
                yield from self._paragraph(line)
            case "table_open":
                yield self._table(line)
            case "fence" | "code_block":
                yield from code(line, token.content, token.info.strip())
            case "html_block":
                yield from html(line, token.content)

    def _inline(self) -> str:
        token = self.tokens[self.position]
        self.position += 1
        return plain(token)

    def _paragraph(self, line: int) -> Iterator[Block]:
        inline = self.tokens[self.position]
        text = _LIQUID.sub(" ", self._inline()).strip()
        if not text:
            return
        if self.items == 0 and _is_bold(inline) and is_heading(text):
            yield Heading(line, BOLD, text.strip())
        else:
            yield Paragraph(line, " ".join(text.split()), self.items)

    def _table(self, line: int) -> Table:
        rows: list[list[str]] = []
        lines: list[int] = []
        while self.tokens[self.position].type != "table_close":
            token = self.tokens[self.position]
            self.position += 1
            if token.type == "tr_open":
                rows.append([])
                lines.append(token.map[0] + 1 if token.map else line)
            elif token.type == "inline":
                rows[-1].append(plain(token))
        header, *others = rows or [[]]
        return Table(line, tuple(header), tuple(map(tuple, others)), tuple(lines[1:]))


def code(line: int, text: str, language: str = "") -> Iterator[Block]:
    """Yield a block of code, or the calls where it is an OpenAPI document."""
    tree = samples.read_tree(text)
    if tree is not None and openapi.is_document(tree.value):
        yield from openapi.calls_in(tree, line)
    else:
        yield Code(line, text, language.split(maxsplit=1)[0].lower() if language else "")


def plain(token: Token) -> str:
    """Return the text of an inline token without marks, images and tags."""
    found = []
    for child in token.children or ():
        if child.type in {"text", "code_inline", "text_special"}:
            found.append(child.content)
        elif child.type in {"softbreak", "hardbreak"} or (
            child.type == "html_inline" and child.content.lower().startswith(("<br", "<p", "</p"))
        ):
            found.append(" ")
    return " ".join("".join(found).split())


def is_heading(text: str) -> bool:
    """Whether a line without marks can be a heading: a few words and no sentence."""
    is_sentence = text[-1] in ".;,!" or ":" in text
    return not is_sentence and len(text.split()) <= _FEW and text[0].isupper()


def _is_bold(token: Token) -> bool:
    children = [
        child
        for child in token.children or ()
        if child.type != "html_inline" and (child.type != "text" or child.content.strip())
    ]
    if len(children) < 3:  # noqa: PLR2004 - opened, text, closed
        return False
    depth = 0
    for child in children:
        depth += (child.type == "strong_open") - (child.type == "strong_close")
        if depth == 0 and child.type != "strong_close":
            return False
    return True


def html(line: int, content: str) -> Iterator[Block]:
    """Yield the tables, headings and paragraphs of a block of HTML."""
    reader = _Html(line)
    reader.feed(content)
    reader.end()
    yield from reader.blocks


class _Html(HTMLParser):
    """Finds tables and text; pictures and buttons are left out."""

    _LEFT_OUT = frozenset({"figure", "script", "style", "svg", "button", "figcaption"})

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.blocks: list[Block] = []
        self.text: list[str] = []
        self.rows: list[list[str]] | None = None
        self.lines: list[int] = []
        self.has_header = False
        self.left_out = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in self._LEFT_OUT:
            self.left_out += 1
        elif tag == "table":
            self._flush()
            self.rows, self.lines, self.has_header = [], [], False
        elif self.rows is not None:
            self._in_table(tag)
        elif tag in {"p", "br", "li", "div", "h1", "h2", "h3", "h4"}:
            self._flush()

    def _in_table(self, tag: str) -> None:
        if tag == "tr" and self.rows is not None:
            self.rows.append([])
            self.lines.append(self.line + self.getpos()[0] - 1)
        elif tag in {"td", "th"}:
            self.text = []
            self.has_header = self.has_header or tag == "th"
        elif tag in {"br", "p"}:
            self.text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._LEFT_OUT:
            self.left_out = max(0, self.left_out - 1)
        elif tag in {"td", "th"} and self.rows:
            self.rows[-1].append(self._taken())
        elif tag == "table":
            self._end_table()
        elif self.rows is None and tag in {"h1", "h2", "h3", "h4"}:
            text = self._taken()
            if text:
                self.blocks.append(Heading(self.line + self.getpos()[0] - 1, int(tag[1]), text))

    def handle_data(self, data: str) -> None:
        if not self.left_out:
            self.text.append(data)

    def end(self) -> None:
        """Take in what was not closed: a table that breaks off has its whole rows."""
        self.close()
        if self.rows is not None:
            self._end_table()
        self._flush()

    def _end_table(self) -> None:
        rows = [(row, at) for row, at in zip(self.rows or [], self.lines, strict=True) if row]
        self.rows = None
        self.text = []
        if not rows:
            return
        header = tuple(rows[0][0]) if self.has_header else ()
        body = rows[1:] if header else rows
        self.blocks.append(
            Table(
                self.line, header, tuple(tuple(row) for row, _ in body), tuple(at for _, at in body)
            )
        )

    def _taken(self) -> str:
        text = " ".join("".join(self.text).split())
        self.text = []
        return text

    def _flush(self) -> None:
        text = _LIQUID.sub(" ", self._taken()).strip()
        if text:
            self.blocks.append(Paragraph(self.line + self.getpos()[0] - 1, text))
