"""Types that the generated modules share."""

from __future__ import annotations

from collections.abc import MutableMapping
from enum import Enum
from typing import Final, Generic, Literal, TypeVar

from ._secret import Unpicklable as _Unpicklable

__all__ = ["UNSET", "Response", "Unset"]

T = TypeVar("T")


class Unset(Enum):
    """The type of `UNSET`.

    An enum with one member stays the same object through pickle and deepcopy, and type checkers
    narrow on `is UNSET`.
    """

    UNSET = "UNSET"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET
"""The value of an argument that is not sent."""


class Response(_Unpicklable, Generic[T]):
    """The result of the `*_detailed` functions of `api`.

    The status is a plain number, since servers and proxies also respond with unregistered ones such
    as 520. It cannot be pickled, since content and headers may hold secrets.

    Attributes:
        status_code: HTTP status.
        content: The body, byte for byte.
        headers: The headers of the response.
        parsed: What was read from the body; None for a status that is not documented.
    """

    __slots__ = ("content", "headers", "parsed", "status_code")

    def __init__(
        self,
        *,
        status_code: int,
        content: bytes,
        headers: MutableMapping[str, str],
        parsed: T | None,
    ) -> None:
        self.status_code: int = status_code
        self.content: bytes = content
        self.headers: MutableMapping[str, str] = headers
        self.parsed: T | None = parsed

    def __repr__(self) -> str:
        return f"<Response {self.status_code}, {len(self.content)} bytes>"
