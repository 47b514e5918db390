"""Make a report safe to show, and put it in order.

A page can hold anything. Whatever the form of a report, nothing that came from a page may move a
terminal's cursor, turn the direction of the text around it, or stand in it unseen.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from tools.drift.differences import Report, Severity

if TYPE_CHECKING:
    from tools.drift.differences import Difference, Edit, Known, Unread

# Controls, formats (bidi marks and overrides, zero widths) and halves of surrogate pairs, which
# no encoding takes.
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})
# Controls that part words; dropped, they would join them. The last two end lines by themselves.
_PARTING = str.maketrans(dict.fromkeys("\t\v\f\x85\u2028\u2029", " "))
_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


def tidy(report: Report) -> Report:
    """Return the report with only visible text, sorted: by severity, then page, then line."""
    return Report(
        pages=tuple(sorted(map(visible, report.pages))),
        differences=tuple(sorted(map(_difference, report.differences), key=_place)),
        known=tuple(sorted(map(_known, report.known), key=_known_place)),
        unread=tuple(sorted(map(_unread, report.unread), key=_unread_place)),
    )


def visible(text: str) -> str:
    """Drop what can't be seen; line feeds stay, and other separating controls become spaces."""
    parted = text.translate(_PARTING)
    return "".join(
        char for char in parted if char == "\n" or unicodedata.category(char) not in _UNSEEN
    )


def _difference(each: Difference) -> Difference:
    return replace(
        each,
        page=visible(each.page),
        subject=visible(each.subject),
        what=visible(each.what),
        consequence=visible(each.consequence),
        edits=tuple(map(_edit, each.edits)),
    )


def _edit(edit: Edit) -> Edit:
    return edit._replace(action=visible(edit.action), text=visible(edit.text))


def _known(each: Known) -> Known:
    return replace(
        each, page=visible(each.page), subject=visible(each.subject), what=visible(each.what)
    )


def _unread(each: Unread) -> Unread:
    return replace(each, source=visible(each.source), why=visible(each.why))


def _place(each: Difference) -> tuple[object, ...]:
    return (
        _RANKS[each.severity],
        each.page,
        each.page_line or 0,
        each.document_line or 0,
        each.kind,
        each.subject,
        each.what,
        each.consequence,
        each.edits,
    )


def _known_place(each: Known) -> tuple[object, ...]:
    return (each.page, each.page_line, each.document_line or 0, each.subject, each.what)


def _unread_place(each: Unread) -> tuple[str, str]:
    return (each.source, each.why)
