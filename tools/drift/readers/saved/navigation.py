"""Tell a page of the vendor's site from the frame that GitBook puts around it.

Nothing here names an entry of the vendor's menu: entries come and go, the frame stays. Its words
are those on the two pages saved in November 2025, and those that GitBook shows elsewhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.drift.readers.saved.exchanges import VERBS
from tools.drift.readers.saved.lines import Line, like_heading, repeated, without

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BRAND = "Powered by GitBook"
_OUTLINE = "On this page"
_SINGLE = frozenset({
    *(_BRAND, _OUTLINE, "Export as PDF", "Copy", "Copied!", "Copy page", "Copy link", "Edit"),
    *("Edit on GitHub", "Test it", "Test it out", "Send Request", "Was this helpful?"),
    *("Ask AI", "Skip to main content", "Table of contents", "RejectAccept", "AcceptReject"),
    *("Accept all", "Reject all", "Reject", "Accept", "Try it", "CtrlK", "⌘K", "⌘Ctrlk"),
})  # fmt: skip
_CHROME = re.compile(
    r"(?:Logo)+"
    r"|Last (?:updated|modified)\b.{0,60}"
    r"|Previous(?! ).+Next(?! ).+|Previous(?=[A-Z0-9])\S.{0,80}|Next(?=[A-Z0-9])\S.{0,80}"
    r"|(?:Ask or s|S)earch(?:\.\.\.|…)?(?:\s*(?:⌘|Ctrl).{0,10})?"
    r"|(?:This (?:web)?site|We) uses? cookies\b.{0,300}"
    r"|By browsing this (?:web)?site\b.{0,200}"
    r"|Was this helpful\?.{0,20}"
)
_BULLET = re.compile(r"[•◦▪‣](?:\s|$)")
_CRUMB = re.compile(r"\d{1,2}\.\s+(?P<name>\S.*)")


def without_frame(lines: list[Line]) -> tuple[Line | None, list[Line]]:
    """Return the title of a page, as a line, and the lines below it.

    The title is the first line below the breadcrumb, or the last entry of that where a sentence
    follows. None is returned where a page has neither.
    """
    rest = _without_words(lines[_end_of_menu(lines) :])
    end = _end_of_crumbs(rest)
    crumbs, body = rest[:end], rest[end:]
    if body and like_heading(body[0].text) and _stands_as_title(body):
        return body[0], body[1:]
    return (_name_of(crumbs[-1]) if crumbs else None), body


def is_frame(text: str) -> bool:
    """Tell whether a line belongs to the frame, wherever it stands."""
    return text in _SINGLE or _CHROME.fullmatch(text) is not None


def _end_of_menu(lines: Sequence[Line]) -> int:
    """Return where the menu ends: at its last words, or else with the tree at the very top."""
    for index, line in enumerate(lines):
        if line.text == _BRAND:
            return index + 1
        if not _in_menu(line.text):
            break
    end = 0
    while end < len(lines) and (_BULLET.match(lines[end].text) or is_frame(lines[end].text)):
        end += 1
    framed = any(is_frame(line.text) for line in lines[:end])
    return end if framed else 0


def _in_menu(text: str) -> bool:
    """Tell whether a line may stand in a menu: an entry, or no sentence at any rate."""
    sentence = text[-1] in ".:" or text[0] in "{[|"
    return not sentence or bool(_BULLET.match(text)) or is_frame(text)


def _without_words(lines: list[Line]) -> list[Line]:
    return without(lines, set(_words(lines)))


def _words(lines: Sequence[Line]) -> Iterator[int]:
    """Yield where words of the frame stand.

    The outline of a page repeats its headings, so that a line there is one if it stands elsewhere
    too. `Previous` and `Next` may have the page that they lead to on a line of its own.
    """
    twice, outline, leads = repeated(lines), False, False
    for index, line in enumerate(lines):
        frame = is_frame(line.text)
        outline = line.text == _OUTLINE or (outline and (line.text in twice or frame))
        if frame or outline or leads or line.text in {"Previous", "Next"}:
            yield index
        leads = line.text in {"Previous", "Next"} and not leads


def _end_of_crumbs(lines: Sequence[Line]) -> int:
    end = 0
    while end < len(lines) and (crumb := _CRUMB.fullmatch(lines[end].text)):
        if not like_heading(crumb["name"]):
            break
        end += 1
    return end


def _name_of(crumb: Line) -> Line:
    match = _CRUMB.fullmatch(crumb.text)
    return crumb._replace(text=match["name"] if match else crumb.text)


def _stands_as_title(body: Sequence[Line]) -> bool:
    """Tell whether the first line is the title of the page, and not that of a call below it."""
    return len(body) == 1 or (body[1].apart and body[1].text.upper() not in VERBS)
