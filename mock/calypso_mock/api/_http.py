"""One request, its response, and the log line of both."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, cast
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    HeaderItems = Mapping[str, str] | Iterable[tuple[str, str]]

_SLASH = re.compile(rb"%2f", re.IGNORECASE)


@dataclass(slots=True)
class Request:
    """One request as it came in, its header names in lower case.

    Attributes:
        method: The HTTP method.
        path: The path, without the query.
        headers: Headers by lower-case name; repeated ones are joined with commas.
        body: The raw bytes.
        client: The caller's address, or None for a call within the process.
        query: What follows the path's question mark, as it came.
    """

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    client: str | None = None
    query: str = field(default="", repr=False)


class Rejection(NamedTuple):
    """Why a request was rejected.

    Attributes:
        code: The vendor's error code, or None for an unknown path or a control endpoint.
        message: The reason in words.
    """

    code: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Response:
    """One response of a mock.

    Attributes:
        status: The HTTP status.
        headers: Headers by lower-case name.
        body: The raw bytes.
        rejection: Why the request was rejected, or None for success.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    rejection: Rejection | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its response, as observers get them; it holds no secret.

    Attributes:
        method: The HTTP method.
        path: The path, without the query.
        status: The HTTP status of the response.
        error_code: The vendor's error code, or None.
        message: Why the request was rejected, or None.
        seconds: How long the mock took to respond.
    """

    method: str
    path: str
    status: int
    error_code: str | None
    message: str | None
    seconds: float

    def __str__(self) -> str:
        """Write one line, such as ``POST /api/v1/account 401 002 Invalid api key · 0.1 ms``."""
        parts = [self.method, self.path, str(self.status), self.error_code, self.message]
        line = " ".join(part for part in parts if part)
        return f"{_printable(line)} · {self.seconds * 1000:.1f} ms"


def fold_headers(headers: HeaderItems) -> dict[str, str]:
    """Put headers under lower-case names, joining those that come more than once."""
    pairs = cast("Mapping[str, str]", headers).items() if hasattr(headers, "items") else headers
    folded: dict[str, str] = {}
    for name, value in pairs:
        key = name.lower()
        folded[key] = f"{folded[key]}, {value}" if key in folded else value
    return folded


def decode_path(raw: bytes) -> str:
    """Decode the escapes of a path, but for an escaped slash, which divides nothing (RFC 3986)."""
    return unquote(_SLASH.sub(b"%252F", raw)) if b"%" in raw else raw.decode(errors="replace")


def _printable(text: str) -> str:
    # A path is the caller's text; it must not be able to drive the terminal that shows the line.
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
