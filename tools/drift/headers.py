"""Finds the headers of HTTP that words name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tools.drift import words

if TYPE_CHECKING:
    from collections.abc import Iterator

INTRODUCES = re.compile(r"\bheaders?\b[^.]*:\W*$|^\W*(?:\w+ )?headers\W*$", re.IGNORECASE)
"""A sentence or a heading with a list or a table of headers below it."""
_SPEAKS = re.compile(r"\bheaders?\b", re.IGNORECASE)
_JOINED = r"X(?:-[A-Za-z0-9]+)+|(?:[A-Z][A-Za-z0-9]*-)+[A-Z][a-z][A-Za-z0-9]*"
_QUOTE = "[\"'`\u201c\u201d\u2018\u2019*]*"
_NAMED = re.compile(
    rf"\b(?P<joined>{_JOINED})\b"
    rf"|\bheader (?:called |named |field )?{_QUOTE}(?P<after>[A-Z][a-z]+)\b(?!-)"
    rf"|\b(?:an?|the|new) {_QUOTE}(?P<before>[A-Z][a-z]+){_QUOTE} header\b"
)
_NEEDED = re.compile(
    r"\b(?:must|shall|should|needs?|ha(?:s|ve) to|requires?|required|obligatory|mandatory)\b",
    re.IGNORECASE,
)
_OPTIONAL = re.compile(
    r"\b(?:not required|optional|can|(?-i:may)|respon[sd]\w*|returned|returns)\b", re.IGNORECASE
)
"""It can be left out, or the vendor sends it."""
_OF_WEBHOOKS = re.compile(r"\b(?:webhooks?|notifications?|callbacks?|events?)\b", re.IGNORECASE)


class Named(NamedTuple):
    """A header that a sentence names."""

    name: str
    is_needed: bool


def named(text: str) -> Iterator[Named]:
    """Yield the headers that the sentences of a text name."""
    for sentence in words.sentences_of(text):
        if _SPEAKS.search(sentence):
            is_needed = bool(_NEEDED.search(sentence)) and not _OPTIONAL.search(sentence)
            for match in _NAMED.finditer(sentence):
                yield Named(next(filter(None, match.groups())), is_needed)


def of_webhooks(text: str) -> bool:
    """Whether a text is about what the vendor sends."""
    return _OF_WEBHOOKS.search(text) is not None
