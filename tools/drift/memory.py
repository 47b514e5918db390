"""Keeps the last accepted text of each page as a file, so that its history is a git log."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tools.drift.model import Page

_SAFE = re.compile(r"[^\w.\-/]+")
_INDEX = "index.list"
_WORD = re.compile(r"\w+")
_SAME = 0.35
"""How much of the words of two texts is the same where one is a later state of the other."""
_BEGINNING = 60
"""A shorter text may be the beginning of several."""


class Kept(NamedTuple):
    """A text that was accepted: its address, its form, and the file that it is in."""

    address: str
    form: str
    path: Path
    text: str


class Memory:
    """A folder of texts; variants of a page, such as other layouts, are files of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept = list(self._load()) if folder.is_dir() else []
        self.written: set[Path] = set()

    def _load(self) -> Iterator[Kept]:
        for path in sorted(self.folder.rglob("*")):
            relative = path.relative_to(self.folder).with_suffix("").as_posix()
            if path.suffix in {".md", ".txt"} and path.is_file() and not relative.startswith("."):
                address = relative.partition("~")[0]
                yield Kept(address, path.suffix[1:], path, path.read_text("utf-8", "replace"))

    def last(self, page: Page) -> Kept | None:
        """Return the text of a page in the same form that was accepted last."""
        alike = [
            (1.0 if kept.text.startswith(page.text) else likeness(kept.text, page.text), kept)
            for kept in self.kept
            if kept.address == _safe(page.address) and kept.form == page.form
        ]
        score, best = max(alike, key=lambda pair: pair[0], default=(0.0, None))
        return best if score >= _SAME else None

    def most_like(self, text: str) -> tuple[float, str]:
        """Return the address of the text that is most like one, and how much it is."""
        alike = ((likeness(kept.text, text), kept.address) for kept in self.kept)
        return max(alike, default=(0.0, ""))

    def has(self, address: str) -> bool:
        """Whether a text of an address was accepted."""
        return any(kept.address == _safe(address) for kept in self.kept)

    def likeness(self, text: str, address: str) -> float:
        """Return how much of the words of a text are those of an address."""
        alike = (likeness(each.text, text) for each in self.kept if each.address == _safe(address))
        return max(alike, default=0.0)

    def begun_by(self, text: str) -> str:
        """Return the address of the text that begins like another; empty if there is none."""
        bare = text.rstrip()
        found = (kept.address for kept in self.kept if kept.text.startswith(bare))
        return next(found, "") if len(bare) > _BEGINNING else ""

    def accept(self, page: Page) -> Path:
        """Keep the text of a page in the place of its last one."""
        last = self.last(page)
        path = last.path if last else None
        if path is None or path in self.written:
            path = self._new_path(page)
        self.written.add(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page.text, "utf-8", newline="")
        self.kept = [each for each in self.kept if each.path != path]
        self.kept.append(Kept(_safe(page.address), page.form, path, page.text))
        return path

    def index(self, host: str) -> frozenset[str] | None:
        """Return the addresses that a site listed when they were last accepted."""
        path = self.folder / _safe(host) / _INDEX
        return frozenset(path.read_text("utf-8").split()) if path.is_file() else None

    def accept_index(self, host: str, addresses: Iterable[str]) -> None:
        """Keep the addresses that a site lists."""
        path = self.folder / _safe(host) / _INDEX
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{each}\n" for each in sorted(addresses)), "utf-8")

    def _new_path(self, page: Page) -> Path:
        taken = {each.path for each in self.kept}
        for number in range(1, 1000):
            variant = "" if number == 1 else f"~{number}"
            path = self.folder / f"{_safe(page.address)}{variant}.{page.form}"
            if path not in taken:
                return path
        raise ValueError(f"{page.address} has too many variants")


def _safe(address: str) -> str:
    parts = _SAFE.sub("-", address).split("/")
    return "/".join(part for part in parts if part.strip("."))


def likeness(one: str, other: str) -> float:
    """Return how much of the words of two texts is the same, from 0 to 1."""
    first, second = set(_WORD.findall(one)), set(_WORD.findall(other))
    return len(first & second) / max(1, len(first | second))
