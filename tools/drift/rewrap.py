"""Breaks the lines of a text where those of an earlier state of it were broken."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WORD = re.compile(r"(\s*)(\S+)")
_ALIKE = 0.5
"""How much of the words of two passages has to be the same for one to be the other, changed."""


def rewrapped(text: str, earlier: str) -> str:
    """Return a text with the line breaks of an earlier one between the words that both have.

    In saved text a line is a heading, a cell or a field, so a sentence that is wrapped elsewhere
    would be read otherwise.
    """
    was, now = earlier.split("\n"), text.split("\n")
    found: list[str] = []
    for tag, start, end, first, after in _parts(was, now):
        passage = "\n".join(now[first:after])
        if tag == "replace" and end - start != after - first:
            passage = _passage(passage, "\n".join(was[start:end]))
        found += [passage] if first < after else []
    return "\n".join(found)


def _parts(was: Sequence[str], now: Sequence[str]) -> Iterator[tuple[str, int, int, int, int]]:
    yield from SequenceMatcher(None, was, now, autojunk=False).get_opcodes()


def _passage(text: str, earlier: str) -> str:
    now, was = _WORD.findall(text), _WORD.findall(earlier)
    gaps, before = [gap for gap, _ in now], [*(gap for gap, _ in was), "\n"]
    words = [word for _, word in now]
    parts = list(_parts([word for _, word in was], words))
    if sum(end - start for tag, start, end, *_ in parts if tag == "equal") < _ALIKE * len(now):
        return text
    last = ""
    for tag, start, end, first, after in parts:
        if tag != "delete":
            inner = before[start + 1 : end] if tag == "equal" else gaps[first + 1 : after]
            if tag != "equal" and not any("\n" in gap for gap in before[start : end + 1]):
                inner = [_joined(gap) for gap in inner]
            gaps[first + 1 : after] = inner
            gaps[first] = _gap(tag, last, gaps[first], before[start])
        last = tag
    return "".join(map("".join, zip(gaps, words, strict=True)))


def _gap(tag: str, last: str, new: str, old: str) -> str:
    """Return the white space where one part of a text ends and another one begins."""
    if tag == "replace" or (tag == "equal" and last == "replace"):
        return old
    is_within = last in {"insert", "delete"} or tag == "insert"
    return _joined(new) if is_within and "\n" not in old else new


def _joined(gap: str) -> str:
    """Return white space without the break of a line; an empty line is none that was wrapped."""
    return " " if gap.count("\n") == 1 else gap
