"""Recognises tables in text: with bars, with each cell on a line, or with glued cells."""

from __future__ import annotations

import re
from collections.abc import Callable  # noqa: TC003 - a type that is named at run time
from typing import TYPE_CHECKING

from tools.drift.model import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.drift.lines import Line

Found = tuple[Table, int] | None

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
_HEADERS = frozenset(
    "field parameter type description status state level mandatory required comment message code"  # noqa: SIM905 - a list of words
    " errorcode value event name header key meaning default group format".split()
) | {"error code", "event type", "enum value", "compliance state", "http status", "event name"}
_MOST = 6
_RULE = re.compile(r"[-:|\s]+")
_GLUED_CODE = re.compile(r"(\d{3})([A-Z].*)")
_JOINT = re.compile(r"(?:\b[a-z]+|[}\d)])(?=[A-Z][a-z]*\b)")
_GLUED_VALUE = re.compile(r"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)([A-Z][a-z].*|[A-Z] [a-z].*)")
_GLUED_FIELD = re.compile(
    r"([a-z][A-Za-z0-9]*?)(string|integer|number|boolean|object|array)(Yes|No)?([A-Za-z].*)?"
)
_LOOKALIKES = str.maketrans("\u0421\u0441\u0410\u0430\u0415\u0435\u041e\u043e", "CcAaEeOo")


def plain(text: str) -> str:
    """Return a header in small Latin letters: the vendor writes some with Cyrillic ones."""
    return " ".join(text.translate(_LOOKALIKES).lower().split())


def piped_at(lines: Sequence[Line], start: int) -> Found:
    """Return a table with bars or tabs between its cells."""
    mark = "\t" if "\t" in lines[start].text else "|"
    least = 1 if mark == "\t" else 2
    end = start
    while end < len(lines) and _count(lines[end].text, mark) >= least:
        end += 1
    if end - start < 2:  # noqa: PLR2004 - a header and a row
        return None
    rows = [
        (tuple(cell.strip() for cell in line.text.strip("|").split(mark)), line.number)
        for line in lines[start:end]
        if not _RULE.fullmatch(line.text)
    ]
    (header, _), *body = rows
    table = Table(
        lines[start].number, header, tuple(row for row, _ in body), tuple(at for _, at in body)
    )
    return table, end


def _count(text: str, mark: str) -> int:
    """Return how many cells end; a row of tabs may have lost the empty ones at its end."""
    return text.count(mark) or int(mark == "\t" and CODE.fullmatch(text) is not None)


def _is_header(text: str) -> bool:
    return plain(text) in _HEADERS


def cells_at(lines: Sequence[Line], start: int) -> Found:
    """Return a table of which each cell is a line of its own, below a header that is known."""
    stop = start
    while stop < min(len(lines), start + _MOST) and _is_header(lines[stop].text):
        stop += 1
        if _has_type_next(lines, start, stop):
            break
    width = stop - start
    if width < 2 or stop >= len(lines):  # noqa: PLR2004 - two columns
        return None
    header = tuple(line.text for line in lines[start:stop])
    kind = _kind_of_rows(lines, stop, header)
    if kind is None:
        return None
    rows, numbers, end = _rows(lines, stop, width, kind)
    return (Table(lines[start].number, header, rows, numbers), end) if rows else None


def _has_type_next(lines: Sequence[Line], start: int, stop: int) -> bool:
    """Whether a header with a column of types is over: a field and its type come next.

    A field may be called `status`, which a column may be called too.
    """
    names = [plain(line.text) for line in lines[start:stop]]
    if "type" not in names:
        return False
    at = stop + names.index("type")
    return at < len(lines) and _TYPE.fullmatch(lines[at].text) is not None


def _kind_of_rows(
    lines: Sequence[Line], first: int, header: Sequence[str]
) -> Callable[[int], bool] | None:
    """Return what tells whether a row starts at a line."""
    names = [plain(name) for name in header]
    if "type" in names:
        column = names.index("type")

        def typed(index: int) -> bool:
            at = index + column
            is_name = NAME.fullmatch(lines[index].text) is not None
            return is_name and at < len(lines) and bool(_TYPE.fullmatch(lines[at].text))

        return typed if typed(first) else None
    for pattern in (CODE, VALUE, NAME):
        if pattern.fullmatch(lines[first].text):
            return lambda index: pattern.fullmatch(lines[index].text) is not None
    return None


def _rows(
    lines: Sequence[Line], start: int, width: int, starts: Callable[[int], bool]
) -> tuple[tuple[tuple[str, ...], ...], tuple[int, ...], int]:
    rows: list[tuple[str, ...]] = []
    numbers: list[int] = []
    index = start
    alike = _alike(lines, start, width, starts)
    while index < len(lines) and starts(index):
        end = index + 1
        while end < min(len(lines), index + width):
            text = lines[end].text
            if text[0] in "{[•" or (end - index >= alike and starts(end)):
                break
            end += 1
        cells = [line.text for line in lines[index:end]]
        rows.append((*cells, *[""] * (width - len(cells))))
        numbers.append(lines[index].number)
        index = end
    return tuple(rows), tuple(numbers), index


def _alike(lines: Sequence[Line], start: int, width: int, starts: Callable[[int], bool]) -> int:
    """Return how many cells at the start of a row look like its first."""
    count = 1
    while count < width - 1 and start + count < len(lines) and starts(start + count):
        count += 1
    return count


def pairs_at(lines: Sequence[Line], start: int) -> Found:
    """Return a table of constants, each with what it means on the next line, without a header."""
    rows: list[tuple[str, str]] = []
    numbers: list[int] = []
    index = start
    while index + 1 < len(lines) and (name := _PAIRED.fullmatch(lines[index].text)):
        meaning = lines[index + 1].text
        is_headed = index + 2 < len(lines) and _is_header(lines[index + 2].text)
        if CONSTANT.fullmatch(meaning) or meaning[0] in "{[•" or _is_header(meaning) or is_headed:
            break
        rows.append((name["name"], meaning))
        numbers.append(lines[index].number)
        index += 2
    if not rows or (len(rows) == 1 and rows[0][0] != lines[start].text):
        # A list may end with a name, and a paragraph may follow.
        return None
    if index + 1 == len(lines) and (name := _PAIRED.fullmatch(lines[index].text)):
        # The page breaks off before what the last one means.
        rows.append((name["name"], ""))
        numbers.append(lines[index].number)
        index += 1
    return Table(lines[start].number, (), tuple(rows), tuple(numbers)), index


def glued_at(lines: Sequence[Line], start: int) -> Found:
    """Return a table of which the cells of a row are glued together."""
    for split, header in _GLUED:
        rows: list[tuple[str, ...]] = []
        index = start
        while index < len(lines) and (row := split(lines[index].text)):
            rows.append(row)
            index += 1
        if len(rows) >= 2:  # noqa: PLR2004 - one line may be words
            numbers = tuple(line.number for line in lines[start:index])
            return Table(lines[start].number, header, tuple(rows), numbers), index
    return None


def _glued_code(text: str) -> tuple[str, ...] | None:
    """Return code, message and comment; the comment begins within a word, as in `errorError`."""
    match = _GLUED_CODE.fullmatch(text)
    if match is None:
        return None
    joint = _JOINT.search(match[2])
    end = joint.end() if joint else len(match[2])
    return match[1], match[2][:end], match[2][end:]


def _glued_value(text: str) -> tuple[str, ...] | None:
    match = _GLUED_VALUE.fullmatch(text)
    return match.groups() if match else None


def _glued_field(text: str) -> tuple[str, ...] | None:
    match = _GLUED_FIELD.fullmatch(text)
    return tuple(group or "" for group in match.groups()) if match else None


_GLUED: tuple[tuple[Callable[[str], tuple[str, ...] | None], tuple[str, ...]], ...] = (
    (_glued_code, ("errorCode", "Message", "Comment")),
    (_glued_value, ()),
    (_glued_field, ("Field", "Type", "Mandatory", "Description")),
)


def table_at(lines: Sequence[Line], start: int) -> Found:
    """Return the table that starts at a line, and the position behind it."""
    finders = (piped_at, cells_at, pairs_at, glued_at)
    return next(filter(None, (find(lines, start) for find in finders)), None)
