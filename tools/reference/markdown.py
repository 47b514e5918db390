"""Markdown as GitHub reads it, of texts that may hold anything."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WIDTH = 120

_ADDRESS = re.compile(r"(?P<host>[\w-]+(?:\.[\w-]+)+)/(?P<path>[^\s()]*)(?P<remark> \([^)]*\))?")
_HOSTS = {"docs.calypso.finance": "finance", "docs.calypso.money": "money"}


def text(words: str) -> str:
    """Escape a text, on one line, for a paragraph or a cell."""
    return re.sub(r"([\\`*_\[\]<>|~#&])", r"\\\1", " ".join(words.split()))


def prose(words: str) -> str:
    """Return a text of the document, whose `code` stays code."""
    pieces = re.split(r"`([^`]+)`", words)
    return "".join(
        code(piece) if place % 2 else _spaced(piece) for place, piece in enumerate(pieces)
    ).strip()


def _spaced(piece: str) -> str:
    # Text next to code keeps the space between them.
    before, after = " " * piece[:1].isspace(), " " * piece[-1:].isspace()
    return f"{before}{text(piece)}{after}" if piece.strip() else before


def code(words: str, *, in_cell: bool = True) -> str:
    """Return a name or a value as code, by default escaped for a cell."""
    words = " ".join(words.split())
    fence = "`" * (1 + max(map(len, re.findall("`+", words)), default=0))
    pad = " " if "`" in (words[:1], words[-1:]) else ""
    # A bar ends a cell even within code, unless it is escaped; elsewhere the escape would show.
    words = words.replace("|", r"\|") if in_cell else words
    return f"{fence}{pad}{words}{pad}{fence}"


def paragraph(words: str) -> str:
    """Return ready Markdown as wrapped lines."""
    return textwrap.fill(words, WIDTH, break_long_words=False, break_on_hyphens=False)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of ready cells."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def page_link(page: str) -> str:
    """Return a page of the vendor as a link; text that is not an address stays text."""
    found = _ADDRESS.fullmatch(page)
    if found is None:
        return text(page)
    host, path = found["host"], found["path"].rstrip("/")
    name = f"{_HOSTS.get(host, host)}: {path.rpartition('/')[2] or host}"
    return f"[{text(name + (found['remark'] or ''))}](https://{host}/{path})"


def page_links(pages: Iterable[str]) -> str:
    """Return several of them for one cell."""
    return ", ".join(map(page_link, pages))


def slug(heading: str) -> str:
    """Return what GitHub calls a heading in links to it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def joined(blocks: Iterable[str]) -> str:
    """Return a page of its blocks, without empty ones."""
    return "\n\n".join(block for block in blocks if block) + "\n"
