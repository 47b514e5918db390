"""The records of the index."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

Part = Literal["request", "response", "event"]
"""Where a field is: in the body of a request, of its response, or of a webhook event."""

Owner = str
"""What a field belongs to: a call such as `POST /api/v1/account`, or an event by its name.

`*` is all events: the envelope that they share.
"""


class FieldPath(NamedTuple):
    """The path of a field, such as `payload.currencyFilter.in[]`; an empty path is the whole body.

    Parameters belong to the request as `query pageSize` and `path customerId`.
    """

    owner: Owner
    part: Part
    path: str

    def __str__(self) -> str:
        """Format it for messages and for the memory of pages."""
        return f"{self.owner} {self.part} {self.path or '(body)'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What is stated about a field. None means not stated, which is not the same as absent.

    Attributes:
        type: One of JSON Schema's types; several are sorted and joined by `|`.
        format: As OpenAPI names it, such as `uuid` or `int64`.
        pattern: The regular expression that a text has to match.
        required: Whether the object that holds the field has to have it.
        values: The members of an enumeration, in the order in which they were found.
        limits: Bounds under JSON Schema's names, such as `maxLength`.
    """

    type: str | None = None
    format: str | None = None
    pattern: str | None = None
    required: bool | None = None
    values: tuple[str, ...] | None = None
    limits: Mapping[str, int | Decimal] = field(default_factory=dict)


class Alternative(NamedTuple):
    """One of several contradicting statements of pages about the same thing."""

    value: str
    page: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a fact of the document comes from.

    Attributes:
        level: `documented`, `observed` or `inferred`.
        pages: Addresses without their scheme.
        date: The date of the page: a year, a month or a day.
        note: A remark.
        readings: What contradicting pages state; the first is the one in use.
        own: Whether the node has it itself; else it is that of the node around it.
    """

    level: str
    pages: tuple[str, ...] = ()
    date: str = ""
    note: str = ""
    readings: tuple[Alternative, ...] = ()
    own: bool = True


@dataclass(frozen=True, slots=True)
class Field:
    """One field; `pointer` and `line` are where the document defines it."""

    field_path: FieldPath
    shape: Shape
    pointer: str
    line: int
    provenance: Provenance
    enumeration: str | None = None
    """Name of the component schema that lists its values."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One call, or one event."""

    owner: Owner
    id: str
    tag: str
    """The client's attribute that has the method."""
    method: str
    title: str
    line: int
    provenance: Provenance
    fields: Mapping[str, Mapping[str, Field]]
    """By part, then by path."""
    responses: Mapping[str, Provenance]
    """By status; one that the vendor does not list has the level `inferred`."""
    schemas: Mapping[str, Mapping[str, object]]
    """By part: the schema of the body, as the document has it."""
    bodies: Mapping[str, str]
    """By part: the pointer of that schema."""


@dataclass(frozen=True, slots=True)
class Enumeration:
    """A component schema that lists values."""

    name: str
    values: tuple[str, ...]
    line: int
    provenance: Provenance


class Code(NamedTuple):
    """An error code and the few words that the document has for it."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class SpecIndex:
    """The whole document, flattened; equal to itself only.

    `document` is the document itself, for following references.
    """

    operations: Mapping[Owner, Operation]
    events: Mapping[str, Operation]
    enumerations: Mapping[str, Enumeration]
    codes: Mapping[str, Code]
    codes_line: int
    servers: tuple[str, ...]
    document: Mapping[str, object]
    lines: Mapping[str, int]
    """Line of every node by its pointer, such as `/paths/~1api~1v1~1account/post`."""
    text: str
    """As it was read."""
