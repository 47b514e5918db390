"""Writers of values that JSON has no type for."""

from __future__ import annotations

import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from ._json import decimal_text


def time_text(moment: datetime.datetime, where: str) -> str:
    """Write a time in ISO 8601 with its zone, UTC as Z.

    Args:
        moment: An aware time.
        where: The field, for the message.

    Raises:
        ValueError: The time is naive, so that its moment is unknown.
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


def parameter_text(value: str | int | Decimal) -> str:
    """Write a value for a path or a query."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return decimal_text(value) if isinstance(value, Decimal) else str(value)


def path_text(value: str | int | Decimal, where: str) -> str:
    """Write a value for a part of a path, with every separator escaped.

    Raises:
        ValueError: It is empty, or dots, which would lead to another path.
    """
    # Imported here: it costs start-up time, and few paths have parameters.
    from urllib.parse import quote

    text = parameter_text(value)
    if text.strip() in ("", ".", ".."):
        raise ValueError(f"{where} is a part of the path and cannot be {text!r}")
    return quote(text, safe="")


def is_uuid(value: Any) -> bool:
    """Return whether a value is a `uuid.UUID`, without importing `uuid`."""
    kind = type(value)
    return (kind.__module__, kind.__qualname__) == ("uuid", "UUID")
