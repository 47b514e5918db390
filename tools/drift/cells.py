"""Recognises tables in text: with bars, with each cell on a line, or with glued cells."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

from tools.drift import headers
from tools.drift.model import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tools.drift.lines import Line

    Found = tuple[Table, int] | None
    Rows = Sequence[tuple[int, Sequence[str]]]
    _Row = tuple[int, Sequence[str]]

CODE = re.compile(r"\d{3}")
VALUE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*(?:\s*\([^)]*\))?")
NAME = re.compile(r"[A-Za-z_][\w.\[\]\-]*")
CONSTANT = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_PAIRED = re.compile(rf"(?:[•◦▪‣*\-] )?(?P<name>{CONSTANT.pattern}(?: \([a-z][^)]*\))?)")
_TYPE = re.compile(
    r"(?:string|integer|number|boolean|object|array|uuid|enum|list|int64|int32|decimal)"
    r"(?:\[\])?(?:\s*\([^)]*\))?(?:\s+of\s+\w+)?",
    re.IGNORECASE,
)
_CONSTANT_OR_BLOCK = re.compile(rf"{CONSTANT.pattern}$|[{{\[•]")
_HEADERS = frozenset(
    "field parameter type description status state level mandatory required comment message code"  # noqa: SIM905 - a list of words
    " errorcode value event name header key meaning default group format".split()
) | {"error code", "event type", "enum value", "compliance state", "http status", "event name"}
_COLUMNS = sorted((name.replace(" ", "") for name in _HEADERS), key=len, reverse=True)
_GLUED_HEADER = re.compile(f"(?:{'|'.join(_COLUMNS)}){{2,}}")
_GLUED_NAME = re.compile(r"((?:X|[A-Z][a-z]+)(?:-[A-Z][A-Za-z]*?)*?)([A-Z][a-z]* .*)")
_NAME_OF_HEADER = re.compile(r"[A-Z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*")
_MOST = 6
_RULE = re.compile(r"[-:|\s]+")
_REMARK = r"(?: ?\([a-z ]+\))?"
# What glued rows look like, with the header that they have. The comment on a code begins within a
# word, as in `errorError`.
_GLUED = (
    (
        re.compile(
            r"(\d{3})([A-Z].*?(?:\b[a-z]+|[}\d)])(?=[A-Z][a-z]*\b)|[A-Z].*)(.*)",
        ),
        ("errorCode", "Message", "Comment"),
    ),
    (re.compile(rf"({CONSTANT.pattern}{_REMARK})([A-Z][a-z].*|[A-Z] [a-z].*)"), ()),
    (
        re.compile(
            rf"([a-z][A-Za-z0-9]*?{_REMARK})(string|integer|number|boolean|object|array)"
            r"(Yes|No)?([A-Za-z].*)?"
        ),
        ("Field", "Type", "Mandatory", "Description"),
    ),
)
_SPACED = (
    re.compile(
        r"([a-z][A-Za-z0-9]*) (string|integer|number|boolean|object|array)\b"
        r" ?(Yes|No)?\b ?([A-Za-z].*)?"
    ),
    _GLUED[-1][1],
)
_LOOKALIKES = str.maketrans("\u0421\u0441\u0410\u0430\u0415\u0435\u041e\u043e", "CcAaEeOo")


def plain(text: str) -> str:
    """Return a header in small Latin letters: the vendor writes some with Cyrillic ones."""
    return " ".join(text.translate(_LOOKALIKES).lower().split())


def table_at(lines: Sequence[Line], start: int) -> Found:
    """Return the table that starts at a line, and the position behind it."""
    finders = (_parted_at, _cells_at, _headers_at, _pairs_at, _glued_at)
    return next(filter(None, (find(lines, start) for find in finders)), None)


# Each row is a line.


def _parted_at(lines: Sequence[Line], start: int) -> Found:
    """Return a table with bars or tabs between its cells."""
    mark, least = ("\t", 1) if "\t" in lines[start].text else ("|", 2)
    part = list(takewhile(lambda line: _count(line.text, mark) >= least, lines[start:]))
    rows = [
        (line.number, [cell.strip() for cell in line.text.strip("|").split(mark)])
        for line in part
        if not _RULE.fullmatch(line.text)
    ]
    if len(part) < 2 or not rows:  # noqa: PLR2004 - a header and a row
        return None
    return Table(lines[start].number, rows[0][1], rows[1:]), start + len(part)


def _count(text: str, mark: str) -> int:
    """Return how many cells end; a row of tabs may have lost the empty ones at its end."""
    return text.count(mark) or int(mark == "\t" and CODE.fullmatch(text) is not None)


def _glued_at(lines: Sequence[Line], start: int) -> Found:
    """Return a table of which the cells of a row are glued together, or parted by a space."""
    is_below_header = _is_glued_header(lines[start].text)
    first = start + is_below_header
    for pattern, header in (*_GLUED, _SPACED)[: None if is_below_header else len(_GLUED)]:
        rows = _matching(pattern, lines, first)
        if len(rows) >= 2 - is_below_header:  # one line may be words
            return Table(lines[start].number, header, rows), first + len(rows)
    return None


def _matching(pattern: re.Pattern[str], lines: Sequence[Line], start: int) -> list[_Row]:
    """Return the groups of the lines that match from a line on."""
    found: list[_Row] = []
    for line in lines[start:]:
        match = pattern.fullmatch(line.text)
        if match is None:
            break
        found.append((line.number, match.groups(default="")))
    return found


def _is_glued_header(text: str) -> bool:
    return _GLUED_HEADER.fullmatch("".join(plain(text).split())) is not None


# Each cell is a line.


def _cells_at(lines: Sequence[Line], start: int) -> Found:
    """Return a table below a header that is known."""
    stop = start
    while stop < min(len(lines), start + _MOST) and _is_header(lines[stop].text):
        stop += 1
        fields = _starts_of_fields(lines, start, stop)
        if fields and fields(stop):
            # A field may be called `status`, which a column may be called too.
            break
    width = stop - start
    if width < 2 or stop >= len(lines):  # noqa: PLR2004 - two columns
        return None
    starts = _starts_of_rows(lines, start, stop)
    rows, end = _rows(lines, stop, width, starts) if starts else ([], stop)
    header = [line.text for line in lines[start:stop]]
    return (Table(lines[start].number, header, rows), end) if rows else None


def _is_header(text: str) -> bool:
    return plain(text) in _HEADERS


def _matches(pattern: re.Pattern[str], lines: Sequence[Line], index: int) -> bool:
    return index < len(lines) and pattern.fullmatch(lines[index].text) is not None


def _starts_of_fields(lines: Sequence[Line], start: int, stop: int) -> Callable[[int], bool] | None:
    """Return what tells whether a field and its type start at a line, below a header with types."""
    names = [plain(line.text) for line in lines[start:stop]]
    if "type" not in names:
        return None
    column = names.index("type")
    return lambda index: _matches(NAME, lines, index) and _matches(_TYPE, lines, index + column)


def _starts_of_rows(lines: Sequence[Line], start: int, stop: int) -> Callable[[int], bool] | None:
    """Return what tells whether a row starts at a line, below a header."""
    if fields := _starts_of_fields(lines, start, stop):
        return fields if fields(stop) else None
    for pattern in (CODE, VALUE, NAME):
        if _matches(pattern, lines, stop):
            return lambda index: _matches(pattern, lines, index)
    return None


def _rows(
    lines: Sequence[Line], start: int, width: int, starts: Callable[[int], bool]
) -> tuple[Rows, int]:
    """Return the rows, and the position behind them."""
    rows: list[tuple[int, list[str]]] = []
    index = start
    # How many cells at the start of a row look like its first.
    alike = 1 + sum(1 for _ in takewhile(starts, range(start + 1, start + width - 1)))
    while starts(index):
        end = index + 1
        while end < min(len(lines), index + width):
            if lines[end].text[0] in "{[•" or (end - index >= alike and starts(end)):
                break
            end += 1
        cells = [line.text for line in lines[index:end]]
        rows.append((lines[index].number, [*cells, *[""] * (width - len(cells))]))
        index = end
    return rows, index


def _headers_at(lines: Sequence[Line], start: int) -> Found:
    """Return a table of headers of HTTP, below a sentence that introduces them."""
    if not start or not headers.INTRODUCES.search(lines[start - 1].text):
        return None
    rows = _matching(_GLUED_NAME, lines, start)
    index = start + len(rows)
    while _matches(_NAME_OF_HEADER, lines, index) and index + 1 < len(lines):
        if _matches(_NAME_OF_HEADER, lines, index + 1):
            break
        rows.append((lines[index].number, [line.text for line in lines[index : index + 2]]))
        index += 2
    return (Table(lines[start].number, ("Header",), rows), index) if rows else None


def _pairs_at(lines: Sequence[Line], start: int) -> Found:
    """Return a table of constants, each with what it means on the next line, without a header."""
    rows: list[tuple[int, list[str]]] = []
    index = start
    while index + 1 < len(lines) and (name := _PAIRED.fullmatch(lines[index].text)):
        meaning, *after = (line.text for line in lines[index + 1 : index + 3])
        is_heading = _is_glued_header(meaning) or any(map(_is_header, (meaning, *after)))
        if _CONSTANT_OR_BLOCK.match(meaning) or is_heading:
            break
        rows.append((lines[index].number, [name["name"], meaning]))
        index += 2
    if not rows or (len(rows) == 1 and rows[0][1][0] != lines[start].text):
        # A list may end with a name, and a paragraph may follow.
        return None
    if index + 1 == len(lines) and (name := _PAIRED.fullmatch(lines[index].text)):
        # The page breaks off before what the last one means.
        rows.append((lines[index].number, [name["name"], ""]))
        index += 1
    return Table(lines[start].number, (), rows), index
