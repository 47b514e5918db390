"""One parameter in words: `customerId (string, required) - what it is`."""

from __future__ import annotations

import re
from typing import NamedTuple

from tools.drift.readers import _kinds
from tools.drift.readers._words import is_camel, is_field, is_value, plain

_REQUIRED = {
    "required": True,
    "mandatory": True,
    "obligatory": True,
    "optional": False,
    "not required": False,
    "not mandatory": False,
    "non-required": False,
}
# The brackets that make an array of a type belong to its word.
_MARKS = "|".join(sorted((re.escape(w) for w in {*_REQUIRED, *_kinds.WORDS}), reverse=True))
_NAME = re.compile(r"([A-Za-z_][\w.\[\]]*)(?![\w-])", re.ASCII)
_MARK = re.compile(
    rf"[\s,;·|(\[<]*((?:{_MARKS})\b(?:\[\])?)(?:\s+(?:of|or)\b)?[\s,;·|)\]>]*", re.IGNORECASE
)
_CLOSED = re.compile(r"[,;·|)\]>]\s*$")
_NOTE = re.compile(r"\([^()]{0,80}\)\s*")
_DASH = re.compile(r"(?:[-–—]+|:)(?:\s+|$)")  # noqa: RUF001 - the dashes that pages use
_HEAD = 300
_FEWEST_LETTERS = 2


class Parameter(NamedTuple):
    """A parameter of a list, or of a cell that holds more than its name.

    Attributes:
        sure: It can be nothing else; the others are parameters where a sure one stands with them.
        words: What is said of it besides.
    """

    name: str
    required: bool | None
    kind: _kinds.Kind
    sure: bool
    words: str


def parse(text: str) -> Parameter | None:
    """Read a parameter; None for a sentence, a status, and whatever else stands in lists."""
    text = plain(text)
    name = _NAME.match(text[:_HEAD])
    if not name or not _may_be_name(name[1]):
        return None
    marks, end = _marks(text, name.end())
    words = _words(text[end:], free="(" in text[name.end() : end] and _flag(marks) is not None)
    if words is None or is_value(words):
        return None
    more, words = _marks_among(words)
    required = _flag([*marks, *more])
    sure = required is not None or (is_camel(name[1]) and end < len(text))
    return Parameter(name[1], required, _kinds.kind(" ".join([*marks, *more])), sure, words)


def _may_be_name(name: str) -> bool:
    return (
        len(name) >= _FEWEST_LETTERS
        and name[0].islower()
        and is_field(name)
        and name not in _REQUIRED
    )


def _flag(marks: list[str]) -> bool | None:
    return next((_REQUIRED[mark] for mark in marks if mark in _REQUIRED), None)


def _marks(text: str, at: int) -> tuple[list[str], int]:
    """Read the words after a name as long as they are of the few that qualify one."""
    found: list[str] = []
    end = min(len(text), _HEAD)
    while mark := _MARK.match(text, at, end):
        found.append(mark[1].lower())
        at = mark.end()
    return found, at


def _words(rest: str, *, free: bool) -> str | None:
    """Return the describing words; None if what follows does not describe a parameter."""
    rest = rest.lstrip()
    note = _NOTE.match(rest)
    after = rest[note.end() :] if note else rest
    if dash := _DASH.match(after):
        return f"{note[0] if note else ''}{after[dash.end() :]}"
    return rest if free or not rest else None


def _marks_among(words: str) -> tuple[list[str], str]:
    """Take off what qualifies the parameter after the dash, as in `email - string, optional.`."""
    marks, end = _marks(words, 0)
    apart = end == len(words) or words[end] in ".-–—:" or not words[end - 1].isspace()  # noqa: RUF001
    if not marks or not (apart or _CLOSED.search(words[:end])):
        return [], words
    return marks, words[end:].lstrip(".-–—: ")  # noqa: RUF001 - the dashes that pages use
