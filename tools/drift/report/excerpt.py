"""Suggested edits among the lines of the document around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tools.drift.differences import Edit

CONTEXT = 2
"""Lines shown before and after."""


def excerpt(edits: Sequence[Edit], document: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield number, mark (`+`, `-` or a space) and text of each line to show.

    Added lines have no number; others have that of the document as it is. Where lines between two
    edits are left out, a row of `…` stands for them.
    """
    before: int | None = None
    for number in sorted(_shown(edits, len(document))):
        if before is not None and number > before + 1:
            yield "…", " ", ""
        yield from _line(number, [edit for edit in edits if edit.line == number], document)
        before = number


def added(edit: Edit) -> list[str]:
    """Return the lines that the edit adds; none where it only takes one away."""
    return edit.text.split("\n") if edit.text else []


def _shown(edits: Sequence[Edit], last: int) -> set[int]:
    """Return the lines edited, even behind the last one, and those around them."""
    numbers = {edit.line for edit in edits}
    for edit in edits:
        stop = edit.line + (edit.action == "replace") + CONTEXT
        numbers.update(range(max(edit.line - CONTEXT, 1), min(stop, last + 1)))
    return numbers


def _line(
    number: int, edits: Sequence[Edit], document: Sequence[str]
) -> Iterator[tuple[str, str, str]]:
    replaced = [edit for edit in edits if edit.action == "replace"]
    yield from _added(edit for edit in edits if edit.action != "replace")
    if 1 <= number <= len(document):
        yield str(number), "-" if replaced else " ", document[number - 1]
    yield from _added(replaced)


def _added(edits: Iterable[Edit]) -> Iterator[tuple[str, str, str]]:
    for edit in edits:
        for line in added(edit):
            yield "", "+", line
