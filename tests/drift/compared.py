"""Compares texts as the command does, without files."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tools.drift import reading
from tools.drift.compare import compare
from tools.drift.document import Document
from tools.drift.facts import Facts, facts_of
from tools.spec import read as read_document

if TYPE_CHECKING:
    from tools.drift.differences import Difference


@cache
def document() -> Document:
    return Document(read_document())


@cache
def facts(text: str, name: str) -> Facts:
    return facts_of(reading.read(text, name, document()), document())


def found(now: str, before: str | None = None, name: str = "page.md") -> list[Difference]:
    old = facts(before, name) if before is not None else None
    return compare(facts(now, name), document(), old, is_whole=True)


def short(differences: list[Difference]) -> list[tuple[str, str, str]]:
    """Return kind, place and effect of each."""
    return [(each.kind, each.where, each.effect) for each in differences]


def changed(page: str, old: str, new: str, name: str = "page.md") -> list[Difference]:
    """Return what differs when a text of a page is replaced."""
    assert old in page
    return found(page.replace(old, new), page, name)
