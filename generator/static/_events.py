"""Reading the body of a webhook delivery as an event."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, Self, TypeVar

from ._json import load_json, only_once
from ._read import DecodeError, as_object


class Readable(Protocol):
    """A generated model."""

    additional_properties: dict[str, Any]

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object."""
        ...


K = TypeVar("K", bound=Readable)
U = TypeVar("U")

_TYPE: Final = "eventType"
_NO_LETTERS: Final = re.compile(r"[^0-9A-Z]+")


def read(
    content: bytes,
    known: Mapping[str, type[K]],
    respelled: Mapping[str, str],
    other: Callable[[dict[str, Any]], U],
) -> K | U:
    """Read an event as the class of its type, or with `other` if its type has no class.

    The type is `eventType`, or else the `type` in the data; a blank text counts as absent. Case
    and separators of words are ignored, and the other spellings in the document are recognized.

    Args:
        content: The body, UTF-8.
        known: The class of each event type.
        respelled: The event type of each other spelling.
        other: Reads an event whose type has no class.

    Raises:
        DecodeError: It is not JSON, or a field that every event needs is absent.
    """
    document = as_object(load_json(_utf8(content), only_once), "Notification")
    received = document.get(_TYPE)
    spelled = _text(received) or _type_of_data(document)
    event_type = _as_documented(spelled, known, respelled)
    if event_type is None:
        return other(document if spelled is None else document | {_TYPE: spelled})
    event = known[event_type].from_dict(document | {_TYPE: event_type})
    if received is not None and received != event_type:
        event.additional_properties[_TYPE] = received
    return event


def _type_of_data(document: dict[str, Any]) -> str | None:
    data = document.get("data")
    return _text(data.get("type")) if isinstance(data, dict) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _as_documented(
    spelled: str | None, known: Mapping[str, object], respelled: Mapping[str, str]
) -> str | None:
    if spelled is None or spelled in known:
        return spelled
    names = {letters(name): name for name in known}
    names |= {letters(other): name for other, name in respelled.items()}
    return names.get(letters(spelled))


def letters(text: str) -> str:
    """Return the letters and digits of a text in capitals, without separators."""
    return _NO_LETTERS.sub("", text.upper())


def _utf8(content: bytes) -> str:
    # From bytes, the JSON decoder would guess the encoding and accept others too.
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise DecodeError(f"not UTF-8 at byte {error.start}") from None
