"""The records that the document is flattened to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

Part = Literal["request", "answer", "event"]
"""Where a field stands: in a request's body, in the answer to it, or in a notification's body."""

Owner = str
"""Whose field it is: a call such as `POST /api/v1/account`, or the name of an event.

`*` stands for all events: the envelope that every notification shares.
"""


class Spot(NamedTuple):
    """A place in a body. `path` is `payload.currencyFilter.in[]`; `` is the body as a whole.

    Parameters belong to the request as `query pageSize` and `path customerId`.
    """

    owner: Owner
    part: Part
    path: str

    def __str__(self) -> str:
        """Return it as messages and the memory of pages write it."""
        return f"{self.owner} {self.part} {self.path or '(body)'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What is said of a field. None: nothing is said, which differs from saying that it has none.

    Attributes:
        type: One of JSON Schema's types; several are joined in the alphabet's order by `|`.
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


class Stated(NamedTuple):
    """One of several readings that pages give of the same thing."""

    value: str
    page: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a fact of the document comes from.

    Attributes:
        level: `documented`, `observed` or `inferred`.
        pages: Addresses without their scheme.
        date: When the page said so: a year, a month or a day.
        note: What is to be known besides.
        readings: What pages that contradict each other say; the first is the one in use.
        own: Whether the node says it itself; else it is what the node around it says.
    """

    level: str
    pages: tuple[str, ...] = ()
    date: str = ""
    note: str = ""
    readings: tuple[Stated, ...] = ()
    own: bool = True


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `pointer` and `line` tell where the document defines it."""

    spot: Spot
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
    answers: Mapping[str, Provenance]
    """By status; one that the vendor does not list has the level `inferred`."""
    schemas: Mapping[str, Mapping[str, object]]
    """By part: the schema of the body, as it stands in the document."""
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
class Surface:
    """All of it, equal to itself only.

    `document` is the document itself, for those who follow references.
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
