"""Writers: the JSON form of what has none of its own."""

from __future__ import annotations

import datetime
from enum import Enum
from typing import Any


def time_text(moment: datetime.datetime, where: str) -> str:
    """Write a time in ISO 8601 with its zone, UTC as Z.

    Args:
        moment: An aware time.
        where: The field, for the message.

    Raises:
        ValueError: For a naive time: nobody could tell which moment it means.
    """
    if not isinstance(moment, datetime.datetime):
        raise ValueError(f"{where}: expected a datetime.datetime, got {type(moment).__name__}")
    if moment.utcoffset() is None:
        raise ValueError(
            f"{where}: this datetime has no zone; give it one, as in datetime.now(UTC)"
        )
    text = moment.isoformat()
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


def plain(value: Any, where: str) -> Any:
    """Write a value of a field that may hold several types."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, datetime.datetime):
        return time_text(value, where)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (list, tuple)):
        return [plain(item, where) for item in value]
    return value


def is_uuid(value: Any) -> bool:
    """Tell whether a value is a `uuid.UUID`, without importing what few programs use."""
    kind = type(value)
    return (kind.__module__, kind.__qualname__) == ("uuid", "UUID")
