"""The list of pages that matter, and which of them a text is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from tools.drift.cells import plain
from tools.drift.model import Heading, Paragraph

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tools.drift.document import Document
    from tools.drift.model import Page

LIST = Path(__file__).with_name("pages.yaml")

# Titles of what a site serves in the place of a page.
_NO_PAGE = re.compile(
    r"\b(?:404|403|50[0-4])\b|\bnot found\b|\bsign in\b|\blog ?in\b|\bsign up\b|access denied"
    r"|just a moment|forbidden|unauthori[sz]ed|unavailable|maintenance|checking your browser"
    r"|are you (?:a )?human|something went wrong|bad gateway|captcha",
    re.IGNORECASE,
)
# What is left of a page that is elsewhere, or no more.
_GONE = re.compile(
    r"\b(?:page|article|guide|section|document\w*|content|reference)\b[^.\n]{0,40}"
    r"\b(?:moved|relocated|removed|deleted|archived|retired|replaced|merged|discontinued"
    r"|no longer (?:available|exists?|maintained|here)|(?:does|do) not exist|unavailable"
    r"|coming soon|under construction)\b"
    r"|\b(?:moved|relocated) (?:permanently )?to\b|\bredirect(?:ed|ing)\b|^\W*coming soon\W*$"
    r"|\bthis (?:page|content) is empty\b|\bnew (?:address|location) of this page\b",
    re.IGNORECASE | re.MULTILINE,
)
_FEW_WORDS, _NOTHING = 45, 12
_WORD = re.compile(r"[a-z0-9]+")
_COMMON = frozenset({"a", "the", "to", "for", "of", "how", "get", "api", "md", "txt", "docs"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the list at one of its addresses."""

    title: str
    address: str
    holds: re.Pattern[str]
    least: int = 1
    retired: bool = False

    def fits(self, text: str) -> bool:
        """Whether a text holds what the page must hold."""
        bare = text.replace("\\", "")
        return len({match.group() for match in self.holds.finditer(bare)}) >= self.least


@cache
def entries(path: Path = LIST) -> tuple[Entry, ...]:
    """Return the pages of the list, one for each address."""
    found = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
    return tuple(
        Entry(
            each["title"],
            address,
            re.compile(each["holds"]),
            each.get("least", 1),
            each.get("retired", False),
        )
        for each in found
        for address in each["at"]
    )


def recognise(page: Page, name: str) -> Entry | None:
    """Return the entry of the list that a page is.

    Its own address and its title decide; of several sites that have it, those that it speaks of;
    the name of the file is a hint only.
    """
    found = entries()
    title = plain(page.title)
    own = next((each for each in found if each.address == page.own_address), None)
    if own is not None:
        return own
    site = page.own_address.partition("/")[0]
    alike = [each for each in found if title and plain(each.title) == title]
    alike = [each for each in alike if each.address.startswith(site)] or alike
    if not alike and not site:
        named = [each for each in found if _is_named(each, name)]
        alike = [each for each in named if each.fits(page.text)] or ([] if title else named)
    return max(alike, key=lambda each: _score(each, page, name), default=None)


def _is_named(entry: Entry, name: str) -> bool:
    """Whether a file is named like a page: all words of its name are words of the address."""
    said = set(_WORD.findall(name.lower())) - _COMMON - {"f", "m", "fr", "readme", "table"}
    known = set(_WORD.findall(f"{entry.address} {entry.title}".lower()))
    return bool(said) and said <= known


def _score(entry: Entry, page: Page, name: str) -> tuple[bool, bool, int, bool]:
    """Return how well an address fits: by the prefix of the file's name, then by the text."""
    called = re.match(r"(M|FR|F)[-_.]", Path(name).name)
    prefix = called[1] if called else ""
    is_money = ".money/" in entry.address
    return (
        bool(prefix) and (prefix == "M") == is_money,
        entry.retired == (prefix == "FR" or "readme" in name.lower()),
        page.text.count("calypso.money" if is_money else "calypso.finance"),
        not is_money,
    )


def why_wrong(page: Page, entry: Entry | None, name: str, document: Document) -> str:
    """Return why a text is not the page that it should be; nothing where it is."""
    title = page.title or page.text.strip().splitlines()[0][:80]
    if note := _note_of_move(page):
        return f"it says {note!r}"
    if _NO_PAGE.search(title) and not (entry and plain(entry.title) == plain(page.title)):
        return f"it is titled {title!r}"
    if entry is not None:
        return "" if entry.fits(page.text) else f"it lacks what {entry.title!r} must hold"
    expected = [each for each in entries() if _is_named(each, Path(name).stem)]
    if not _is_of_vendor(page, document):
        return f"it is titled {title!r} and names nothing of the API"
    if expected and not any(each.fits(page.text) for each in expected):
        return f"it is titled {title!r}, not {expected[0].title!r}"
    return ""


def _note_of_move(page: Page) -> str:
    """Return the note that is left of a page; empty for a page with anything else."""
    texts = [block.text for block in page.blocks if isinstance(block, Heading | Paragraph)]
    title = page.title
    said = " ".join(text for text in texts if text != title)
    size = len(said.split())
    is_all = len(texts) == len(page.blocks) and size <= _FEW_WORDS
    notes = (text for text in texts if _GONE.search(text) or (size <= _NOTHING and text != title))
    return next(notes, "")[:120] if is_all else ""


def _is_of_vendor(page: Page, document: Document) -> bool:
    """Whether a text names something of the vendor's API."""
    text = page.text.replace("\\", "")
    values = {
        value
        for enumeration in document.spec.enumerations.values()
        for value in enumeration.values
        if "_" in value
    }
    paths = {name.partition(" ")[2] for name in document.spec.operations}
    return (
        "calypso" in text.lower()
        or bool(document.events_in(text))
        or any(path in text for path in paths if path.count("/") > 3)  # noqa: PLR2004 - not common
        or ("Permission annotations" in text)
        or sum(value in text for value in values) > 1
    )


def listed_addresses(found: Iterable[Entry]) -> Sequence[str]:
    """Return the addresses that are read from the web."""
    return [each.address for each in found if not each.retired]
