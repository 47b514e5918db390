"""The pieces of a page, whichever form it was saved in.

`markdown` and `text` cut a page into these; `guides`, `tables` and `prose` make facts of them.
"""

from __future__ import annotations

from typing import NamedTuple


class Heading(NamedTuple):
    """A heading. `level` is 1 for the title of the page; a form that has no levels says 2."""

    line: int
    level: int
    text: str


class Prose(NamedTuple):
    """A paragraph in one line, links and emphasis taken off."""

    line: int
    text: str


class Item(NamedTuple):
    """An item of a list; `depth` is 0 for the outermost list."""

    line: int
    depth: int
    text: str


class Code(NamedTuple):
    """A block of code or a sample; `language` is what the page calls it, often nothing."""

    line: int
    language: str
    text: str


class Row(NamedTuple):
    """A row of a table."""

    line: int
    cells: tuple[str, ...]


class Table(NamedTuple):
    """A table; `header` is empty where the page has none."""

    line: int
    header: tuple[str, ...]
    rows: tuple[Row, ...]


Element = Heading | Prose | Item | Code | Table
