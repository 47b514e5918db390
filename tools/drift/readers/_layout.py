"""What a page shows besides what it says: navigation, dates of change, the site's own words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.drift.readers._words import plain
from tools.drift.readers.elements import Code, Heading, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tools.drift.readers.elements import Element

_LONGEST = 300
_DATED = r"(?=.*(?:[0-9]|ago|today|yesterday))[\w ,.:/-]{1,60}"
_LINES = re.compile(
    rf"last (?:updated|modified)\b{_DATED}|updated {_DATED}\bago"
    r"|was this (?:page |section )?helpful\??|yes\s?no|edit on \w+|copy|copied!?|export as pdf"
    r"|powered by gitbook|on this page|table of contents|logo(?:logo)*|ctrl\s?k|search…?|ask ai"
    r"|(?:©|\(c\)|copyright\b).*|all rights reserved\.?"
    r"|json|curl|http|bash|shell|python|javascript"
    # A bare link, unless it is one to the API; a picture and what stands under it.
    r"|(?:https?://(?!\S*/api/|api\.)|mailto:|www\.)\S+"
    r"|!?\[[^\]]*\]\((?!\S*/api/)\S*\)|<(?:img|figure|figcaption|a)\b.*"
    r"|(?:fig(?:ure)?|image|picture|screenshot)\.?(?: \d+)?(?:[.:].*)?",
    re.IGNORECASE,
)
# Two titles run together, as the links at a page's end are when it is saved as text.
_NEIGHBOURS = re.compile(r"Previous[A-Z0-9].*|Next[A-Z0-9]\S*(?: .*)?")
_FOR_AGENTS = re.compile(r"agent instructions\b", re.IGNORECASE)
_INDEX = re.compile(r"llms(?:-full)?\.txt|\.md\?ask=|\?ask=", re.IGNORECASE)


def content(elements: Sequence[Element]) -> Iterator[Element]:
    """Leave out of a page what is there for browsers and for programs that read pages."""
    for_agents = False
    for element in elements:
        if isinstance(element, Heading):
            for_agents = _FOR_AGENTS.match(element.text.strip()) is not None
        if not for_agents and not _is_layout(element):
            yield element


def _is_layout(element: Element) -> bool:
    if isinstance(element, Table | Code):
        return False
    text = plain(element.text)
    if not text or _INDEX.search(text):
        return True
    return len(text) <= _LONGEST and (
        _LINES.fullmatch(text) is not None or _NEIGHBOURS.fullmatch(text) is not None
    )
