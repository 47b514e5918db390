"""From the bytes of a notification to an event, whatever the document lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, Self, TypeVar

from ._json import load_json, only_once
from ._read import DecodeError, as_object


class Readable(Protocol):
    """A generated model."""

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read it from a decoded JSON object."""
        ...


K = TypeVar("K", bound=Readable)
U = TypeVar("U")


def read(
    content: bytes, known: Mapping[str, type[K]], other: Callable[[dict[str, Any], str | None], U]
) -> K | U:
    """Read a notification as the class of its event type, and as `other` where that fails.

    Args:
        content: The body, UTF-8.
        known: The class of each event type.
        other: Reads what has no class; it is also told why the class could not read it, if so.

    Raises:
        DecodeError: When it is not JSON, or its envelope is not what the document says.
    """
    document = as_object(load_json(_utf8(content), only_once), "Notification")
    event_type = document.get("eventType")
    kind = known.get(event_type) if isinstance(event_type, str) else None
    problem = None
    if kind is not None:
        try:
            return kind.from_dict(document)
        except DecodeError as error:
            problem = str(error)
    return other(document, problem)


def _utf8(content: bytes) -> str:
    # From bytes, the JSON decoder would guess the encoding and take other ones as well.
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise DecodeError(f"not UTF-8 at byte {error.start}") from None
