"""What a page of the vendor's documentation states, one fact at a time.

Readers yield facts and judge nothing: what a fact means for the document is decided elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from tools.spec import FieldPath, Owner, Shape
    from tools.spec.model import Part


@dataclass(frozen=True, slots=True)
class OperationFact:
    """The page describes this call.

    Attributes:
        owner: `POST /api/v1/account`: the verb in capitals, the path without a host.
        title: Its summary or heading; empty where there is none.
        cut: The description of it breaks off, so what is missing says nothing.
    """

    line: int
    owner: Owner
    title: str = ""
    operation_id: str = ""
    cut: bool = False


@dataclass(frozen=True, slots=True)
class FieldFact:
    """A body has this field; what `shape` leaves out the page does not say."""

    line: int
    field_path: FieldPath
    shape: Shape


@dataclass(frozen=True, slots=True)
class AnswerFact:
    """The call may be answered with this status, three digits."""

    line: int
    owner: Owner
    status: str


@dataclass(frozen=True, slots=True)
class ExampleFact:
    """A body as the page shows it. Numbers with a point or an exponent are Decimal."""

    line: int
    owner: Owner
    part: Part
    value: Any


@dataclass(frozen=True, slots=True)
class ValueFact:
    """A table lists this member of an enumeration.

    Attributes:
        subject: What the page calls the enumeration: the header of the column, else the heading
            over the table.
        value: The member, as it is written.
        siblings: All members of the same list, this one included; they tell which list it is.
    """

    line: int
    subject: str
    value: str
    siblings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodeFact:
    """A table lists this error code, three digits, with this message."""

    line: int
    code: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class EventFact:
    """The page speaks of this webhook event as one that is sent."""

    line: int
    name: str


@dataclass(frozen=True, slots=True)
class PeriodFact:
    """A sentence speaks of this length of time; `unit` is second, minute, hour, day or month."""

    line: int
    amount: int
    unit: str


@dataclass(frozen=True, slots=True)
class ServerFact:
    """Calls go to this host, such as `https://api.calypso.finance`."""

    line: int
    url: str


Fact = (
    OperationFact
    | FieldFact
    | AnswerFact
    | ExampleFact
    | ValueFact
    | CodeFact
    | EventFact
    | PeriodFact
    | ServerFact
)

Form = Literal["markdown", "text"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Prose of the page, in one line of text, without navigation, dates of change and layout."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """The text of a page before it is read.

    Attributes:
        name: What the list of pages calls it, such as `account-api`; else the name of the file.
        source: The address or the path that it came from, for messages.
        text: Its lines, each ended by a line feed.
        form: Markdown as the vendor's site serves it, or what a browser's window shows, saved.
        address: Where the vendor has it, as far as the list of pages knows.
    """

    name: str
    source: str
    text: str
    form: Form
    address: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a page.

    Attributes:
        facts: In the order of the page.
        prose: The paragraphs; a change among them that no fact explains has to be read by somebody.
        cut: The line at which the page itself ends in the middle of something, or None.
    """

    page: Page
    facts: tuple[Fact, ...] = ()
    prose: tuple[Paragraph, ...] = ()
    cut: int | None = field(default=None)


class UnreadablePageError(Exception):
    """The page can't be read at all. The message says why and what to do."""
