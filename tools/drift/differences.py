"""What a comparison ends in: differences, and what looks like one and is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from tools.spec.severity import Kind, Severity

__all__ = ["Difference", "Edit", "Kind", "Known", "Report", "Severity", "Unread"]


class Edit(NamedTuple):
    """What to do to `openapi.yaml`, where that is mechanical.

    Attributes:
        line: The first line meant, counted from 1.
        action: `insert` puts the text before that line, `replace` in its place.
        text: Whole lines without the last line's end; what a person has to word stands in <…>.
    """

    line: int
    action: str
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between a page and the document.

    Attributes:
        page: Name of the page.
        page_line: Line of the page, or None where what is meant is no longer there.
        subject: What differs, such as `customers.create: payload.email`.
        what: The difference in words, a sentence.
        consequence: What it means for users of the client, a sentence.
        document_line: The line of `openapi.yaml` to edit, or None.
        edits: What to do there, in the order of the lines; none where it takes thought.
    """

    kind: Kind
    severity: Severity
    page: str
    page_line: int | None
    subject: str
    what: str
    consequence: str
    document_line: int | None = None
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """Something that a page says otherwise than the document, and that the document records."""

    page: str
    page_line: int
    subject: str
    what: str
    document_line: int | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """A page, or the rest of one, that could not be read, and why."""

    source: str
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of one run. `pages` are the names of those that were read."""

    pages: tuple[str, ...]
    differences: tuple[Difference, ...] = ()
    known: tuple[Known, ...] = ()
    unread: tuple[Unread, ...] = ()

    def of(self, severity: Severity) -> tuple[Difference, ...]:
        """Return the differences of one severity."""
        return tuple(each for each in self.differences if each.severity is severity)
