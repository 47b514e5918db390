"""Read pages that somebody saved, one by one or in folders."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import replace
from os.path import realpath
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from tools.drift.differences import Unread
from tools.drift.facts import UnreadablePageError
from tools.drift.forms import CAP, admit, too_large

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tools.drift.facts import Page
    from tools.drift.pages import Entry

SUFFIXES = (".md", ".txt", ".markdown")

_LAYOUT = ("Export as PDF", "On this page", "Powered by GitBook")
_CRUMB = re.compile(r"\s*\d+\.\s+(\S.*)")
_MARKUP = re.compile(r"[*_`\\]|\s#+\s*$")
# GitBook tells readers of markdown where the page is, above its title (observed in 2026).
_OWN_ADDRESS = re.compile(r"\[Markdown\]\((https?://[^\s)]+)\)")
_HEAD = 2_000
_FENCE = ("```", "~~~")
# The vendor writes one title with a Cyrillic letter where a reader sees a Latin one.
_LOOKALIKES = str.maketrans("\u0421\u0441", "Cc")


class Saved(NamedTuple):
    """What was found in files and folders.

    Attributes:
        found: In the order of the paths given, within a folder by name.
        skipped: How many other files the folders hold.
    """

    found: tuple[Page | Unread, ...]
    skipped: int = 0


def read(paths: Iterable[Path], entries: Sequence[Entry]) -> Saved:
    """Read saved pages.

    Folders are searched to the bottom for `.md`, `.txt` and `.markdown`; what is hidden in them is
    left alone. A file that is named itself is read whatever its name ends in.

    Args:
        paths: Files and folders; what they name twice is read once.
        entries: The list of pages, by which a page is recognised.
    """
    # By what a path leads to, so that a file is read once however it is named.
    found: dict[str, Page | Unread] = {}
    skipped = 0
    for path in paths:
        files, others, unread = _search(path) if _is_folder(path) else ([path], 0, [])
        skipped += others
        if not files and not unread:
            unread = [Unread(str(path), _nothing(others))]
        found |= {realpath(each.source): each for each in unread}
        for file in files:
            if realpath(file) not in found:
                found[realpath(file)] = _read(file, entries)
    return Saved(tuple(found.values()), skipped)


def recognise(page: Page, stem: str, entries: Sequence[Entry]) -> str:
    """Return the name of the page of the list that this one is, else the name of its file.

    A page in markdown may tell its own address. Else its title says which page it is; of two sites
    that have a page of this title it was saved from the one that its text speaks of more often.
    """
    if own := _OWN_ADDRESS.search(page.text, 0, _HEAD):
        for entry in entries:
            if entry.url == own[1]:
                return entry.name
    wanted = _plain(title(page))
    alike = [entry for entry in entries if wanted and _plain(entry.title) == wanted]
    if not alike:
        return stem
    return max(alike, key=lambda each: (page.text.count(_site(each)), each.name == stem)).name


def title(page: Page) -> str:
    """Return the heading of the whole page, or nothing where there is none."""
    lines = page.text.split("\n")
    return _markdown_title(lines) if page.form == "markdown" else _text_title(lines)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        # Reading it will tell what is wrong.
        return False


def _search(folder: Path) -> tuple[list[Path], int, list[Unread]]:
    """Return the pages in a folder, the number of other files, and what can't be looked into."""
    pages: list[Path] = []
    unread: list[Unread] = []
    others = 0

    def refused(error: OSError) -> None:
        unread.append(Unread(str(error.filename), _why(error)))

    for root, folders, files in os.walk(folder, onerror=refused):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        seen = [each for each in sorted(files) if not each.startswith(".")]
        wanted = [each for each in seen if each.casefold().endswith(SUFFIXES)]
        pages += [Path(root, each) for each in wanted]
        others += len(seen) - len(wanted)
    return pages, others, unread


def _nothing(others: int) -> str:
    told = f", among {others} other files" if others else ""
    return (
        f"the folder holds no page ({', '.join(SUFFIXES)}){told}. "
        "Save the vendor's pages into it, or name another folder."
    )


def _read(path: Path, entries: Sequence[Entry]) -> Page | Unread:
    try:
        page = admit(path.stem, str(path), _content(path))
    except UnreadablePageError as error:
        return Unread(str(path), str(error))
    except OSError as error:
        return Unread(str(path), _why(error))
    name = recognise(page, path.stem, entries)
    address = next((entry.url for entry in entries if entry.name == name), "")
    return replace(page, name=name, address=address)


def _content(path: Path) -> bytes:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise UnreadablePageError("it is no regular file. Name a saved page or a folder of them.")
    if status.st_size > CAP:
        raise UnreadablePageError(too_large(status.st_size))
    with path.open("rb") as file:
        return file.read(CAP + 1)


def _why(error: OSError) -> str:
    return f"{error.strerror or error}. Check the name and the permissions."


def _markdown_title(lines: Sequence[str]) -> str:
    fenced = False
    for line in lines:
        if line.lstrip().startswith(_FENCE):
            fenced = not fenced
        elif not fenced and line.startswith("# "):
            return line[2:]
    return ""


def _text_title(lines: Sequence[str]) -> str:
    """Return the line after navigation and breadcrumb; else the last of the breadcrumb.

    Navigation ends with words of the layout; a page saved without it begins with its title.
    """
    ends = (number for number, line in enumerate(lines) if line.strip() in _LAYOUT)
    crumb = ""
    for line in _filled(lines[next(ends, 0) :]):
        if step := _CRUMB.fullmatch(line):
            crumb = step[1]
        elif line.strip() not in _LAYOUT:
            return line
    return crumb or next(_filled(lines), "")


def _filled(lines: Iterable[str]) -> Iterator[str]:
    return (line for line in lines if line.strip())


def _plain(heading: str) -> str:
    return " ".join(_MARKUP.sub("", heading).translate(_LOOKALIKES).casefold().split())


def _site(entry: Entry) -> str:
    """Return the part of the host that the vendor's documentation and API share."""
    return (urlsplit(entry.url).hostname or "").removeprefix("docs.")
