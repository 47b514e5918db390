"""The lines of a page that was saved as text, without the frame that GitBook puts around it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Menus and buttons, as seen on saved pages.
_SINGLE = frozenset({
    *("Powered by GitBook", "On this page", "Export as PDF", "Copy", "Copied!", "Copy page"),
    *("Copy link", "Edit", "Edit on GitHub", "Test it", "Test it out", "Send Request"),
    *("Was this helpful?", "Ask AI", "Ask", "Skip to main content", "Table of contents", "Try it"),
    *("chevron-right", "chevron-down", "CtrlK", "Ctrl k", "⌘K", "⌘Ctrlk", "LogoLogo", "Logo"),
    *("Accept", "Reject", "AcceptReject", "RejectAccept", "Suggest Edits", "circle-info"),
    *("hashtag", "copy", "JSON", "cURL", "curl", "JavaScript", "Python", "HTTP", "Go", "Shell"),
})  # fmt: skip
_CHROME = re.compile(
    r"Last (?:updated|modified)\b.{0,60}|Updated .{1,30} ago"
    r"|Previous(?! ).+Next(?! ).+|Previous(?=[A-Z0-9])\S.{0,80}|Next(?=[A-Z0-9])\S.{0,80}"
    r"|(?:Ask or s|S)earch(?:\.\.\.|…)?(?:\s*(?:⌘|Ctrl).{0,10})?"
    r"|(?:This (?:web)?site|We) uses? cookies\b.{0,300}|By browsing this (?:web)?site\b.{0,200}"
    r"|Was this helpful\?.{0,20}|(?:Logo)+"
)
_CRUMB = re.compile(r"\d{1,2}\.\s+\S.{0,80}")
_BULLET = re.compile(r"[•◦▪‣]\s")
_DOTS = re.compile(r"ยท|Â·|∙|‧")
_BRAND = "Powered by GitBook"
_OUTLINE = "On this page"


class Line(NamedTuple):
    """A line that is not blank; `indent` is how many characters are blank before its text."""

    number: int
    text: str
    indent: int = 0


def lines_of(text: str) -> list[Line]:
    """Return the lines of a page below its frame."""
    return _without_frame(list(_filled(text)))


def _filled(text: str) -> Iterator[Line]:
    for number, raw in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        # Tabs part the cells of a table.
        cells = _DOTS.sub("·", raw.replace("\u200b", "")).strip().split("\t")
        stripped = "\t".join(" ".join(cell.split()) for cell in cells)
        if stripped:
            yield Line(number, stripped, len(raw) - len(raw.lstrip()))


def _without_frame(lines: list[Line]) -> list[Line]:
    body = lines[_end_of_menu(lines) :]
    counts = Counter(line.text for line in body)
    found: list[Line] = []
    outline = False
    for line in body:
        outline = line.text == _OUTLINE or (outline and counts[line.text] > 1)
        if outline or line.text in _SINGLE or _CHROME.fullmatch(line.text):
            continue
        found.append(line)
    crumbs = 0
    while crumbs < len(found) and _CRUMB.fullmatch(found[crumbs].text):
        crumbs += 1
    return found[crumbs:]


def _end_of_menu(lines: Sequence[Line]) -> int:
    """Return where the menu ends: behind its last words, or the tree of entries at the top."""
    for index, line in enumerate(lines):
        if line.text == _BRAND:
            return index + 1
        if _is_frame(line.text) or _BULLET.match(line.text):
            continue
        if line.text[-1] in ".:{" or len(line.text) > 80:  # noqa: PLR2004 - longer than an entry
            break
    end = 0
    while end < len(lines) and (_BULLET.match(lines[end].text) or _is_frame(lines[end].text)):
        end += 1
    return end if any(_is_frame(line.text) for line in lines[:end]) else 0


def _is_frame(text: str) -> bool:
    return text in _SINGLE or _CHROME.fullmatch(text) is not None
