"""The model of a page that both Markdown and text are turned into."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph or an item of a list, in one line of text.

    Attributes:
        depth: How deep an item is within lists; 0 for a paragraph.
    """

    line: int
    text: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A table. Each row has its line and at least one cell."""

    line: int
    header: Sequence[str]
    rows: Sequence[tuple[int, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Code:
    """A block of code, or a sample of JSON, HTTP or curl in text."""

    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What is stated about a field. None means not stated.

    Attributes:
        type: One of JSON Schema's types; several are sorted and joined by `|`.
        bounds: Limits under JSON Schema's names, as text.
        is_open: The page breaks off within it, so what is missing is not known to be absent.
        is_exact: It is a schema, so what it does not state is not the case.
    """

    line: int = 0
    type: str | None = None
    format: str | None = None
    nullable: bool | None = None
    required: bool | None = None
    default: str | None = None
    bounds: Mapping[str, str] = field(default_factory=dict)
    values: tuple[str, ...] = ()
    deprecated: bool = False
    text: str = ""
    is_open: bool = False
    is_exact: bool = False


@dataclass(slots=True)
class Call:
    """An operation of the reference.

    Attributes:
        headers: Request headers by name.
        request: Fields of the request by path; an empty path is the whole body.
        responses: Fields by status, then by path.
        statuses: Description of each status.
        samples: Bodies of examples by part, `request` and `response`.
        document: The page's own OpenAPI document of it.
        is_open: The page breaks off within that.
        attributes: `security`, `media`, `deprecated` and the like, where they are stated.
    """

    line: int
    verb: str = ""
    path: str = ""
    summary: str = ""
    operation_id: str = ""
    text: str = ""
    headers: dict[str, Field] = field(default_factory=dict)
    request: dict[str, Field] = field(default_factory=dict)
    responses: dict[str, dict[str, Field]] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=dict)
    response_headers: dict[tuple[str, str], Field] = field(default_factory=dict)
    samples: list[tuple[str, int, Any]] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    servers: tuple[str, ...] = ()
    document: Any = None
    is_open: bool = False

    @property
    def name(self) -> str:
        """Verb and path."""
        return f"{self.verb} {self.path}"


Block = Heading | Paragraph | Table | Code | Call


@dataclass(slots=True)
class Page:
    """A page as it was read.

    Attributes:
        address: Where the vendor has it, without a scheme; the file's name where that is unknown.
        form: `md` or `txt`.
        cut: Why it is known to break off; empty when it does not.
        cut_line: The line at which it breaks off, or 0.
    """

    text: str
    form: str
    blocks: list[Block]
    title: str = ""
    own_address: str = ""
    address: str = ""
    cut: str = ""
    cut_line: int = 0
