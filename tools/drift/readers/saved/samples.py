"""Find samples in text that has lost the boxes around them: JSON by its braces, calls by quotes.

Each search ends at the first line that can't belong to the sample, so that one brace too few does
not swallow the page.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.drift.readers.saved.lines import Line

_OPENS = re.compile(r"""\{\s*(?:$|["}]|//)|\[\s*(?:$|[\[{"\]\-\d]|(?:true|false|null)\b)""")
_IN_JSON = re.compile(r"""["{}\[\],]|-?\d|true\b|false\b|null\b|//|\.\.\.|…""")
_MARKS = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?$)|//.*$|[{}\[\]]')
_DEPTHS = {"{": 1, "[": 1, "}": -1, "]": -1}
_CALL = re.compile(r"\$?\s*curl(?:\s+(?:-|'|\"|https?:|\\$)|$)", re.IGNORECASE)
_QUOTES = re.compile(r"""\\.|['"]""")
_IN_CALL = re.compile(r"""['"{}\[\]\-\\]|https?:""")
_IN_CODE = frozenset("={};<>")


class Found(NamedTuple):
    """A sample that ends before the line at `stop`; `whole` tells whether it has its end."""

    stop: int
    whole: bool


def json_at(lines: Sequence[Line], start: int) -> Found | None:
    """Find the JSON object or array that starts at a line, if one does."""
    if not _OPENS.match(lines[start].text):
        return None
    depth = 0
    for index in range(start, len(lines)):
        text = lines[index].text
        if not _IN_JSON.match(text):
            return Found(index, whole=False)
        for mark in _MARKS.finditer(text):
            depth += _DEPTHS.get(mark.group(), 0)
            if depth == 0 and mark.group() in {"}", "]"}:
                return _closed(text[mark.end() :], start, index)
    return Found(len(lines), whole=False)


def starts_call(line: Line) -> bool:
    """Tell whether a line is the first of a call of curl, and not the title of a tab for it."""
    return _CALL.match(line.text) is not None and line.text.lower() != "curl"


def call_at(lines: Sequence[Line], start: int) -> Found | None:
    """Find the call of curl that starts at a line, over continued lines and open quotes."""
    if not _CALL.match(lines[start].text):
        return None
    quote = ""
    for index in range(start, len(lines)):
        text = lines[index].text
        if index > start and not _goes_on(lines[index], quote):
            return Found(index, whole=not quote)
        quote = _quote_after(text, quote)
        if not quote and not text.endswith("\\") and text.lower() != "curl":
            return Found(index + 1, whole=True)
    return Found(len(lines), whole=False)


def program_at(lines: Sequence[Line], start: int) -> Found | None:
    """Find the program that starts at a line below the name of its language, if one does.

    It ends where, below a blank line, something reads as a sentence or a heading.
    """
    if _reads_as_words(lines[start]):
        return None
    for index in range(start + 1, len(lines)):
        if lines[index].apart and _reads_as_words(lines[index]):
            return Found(index, whole=True)
    return Found(len(lines), whole=True)


def value_of(text: str) -> Any:  # noqa: ANN401 - JSON holds anything
    """Return what a sample holds, numbers with a point as Decimal.

    Raises:
        ValueError: The sample is no JSON, or nested deeper than this machine can follow.
    """
    try:
        return json.loads(text.rstrip(";, \n"), parse_float=Decimal, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _closed(rest: str, start: int, index: int) -> Found | None:
    """Judge a sample by what follows its last brace on the same line."""
    if not rest.strip(" ;,"):
        return Found(index + 1, whole=True)
    return Found(index, whole=False) if index > start else None


def _goes_on(line: Line, quote: str) -> bool:
    """Tell whether a line can belong to a call that has not ended."""
    marked = _IN_CALL.match(line.text) or (quote and _IN_JSON.match(line.text))
    return bool(line.indent or marked)


def _reads_as_words(line: Line) -> bool:
    text = line.text
    listed = text.startswith(("• ", "- "))
    return listed or (not line.indent and text[0].isupper() and _IN_CODE.isdisjoint(text))


def _quote_after(text: str, quote: str) -> str:
    """Return which quote is open at the end of a line, given the one before it."""
    for mark in _QUOTES.findall(text):
        if mark == quote:
            quote = ""
        elif not quote and len(mark) == 1:
            quote = mark
    return quote


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
