"""Checks of arguments before they are sent; an error names the argument.

`None` is rejected where the document does not allow null: it would be sent as null, which may not
mean the same as an absent value.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, NoReturn

from ._write import is_uuid, plain, time_text

__all__ = (
    "boolean",
    "condition",
    "day",
    "either",
    "filled",
    "given",
    "identifier",
    "integer",
    "number",
    "part",
    "plain",
    "rows",
    "text",
    "time_text",
)


def text(value: Any, name: str) -> str:
    """Return a text, or the text of an enum's member."""
    return _plain(value) if isinstance(value, str) else _reject(value, name, "a text")


def filled(value: Any, name: str) -> str:
    """Return a text that is not blank."""
    found = text(value, name)
    return found if found.strip() else _empty(name)


def identifier(value: Any, name: str) -> str:
    """Return an id as text."""
    if is_uuid(value):
        return str(value)
    if not isinstance(value, str):
        _reject(value, name, "a text or a UUID")
    return filled(value, name)


def integer(value: Any, name: str) -> int:
    """Return a whole number."""
    is_one = isinstance(value, int) and not isinstance(value, bool)
    return int(value) if is_one else _reject(value, name, "an int")


def number(value: Any, name: str) -> Decimal | int:
    """Return an exact number."""
    if isinstance(value, float):
        raise TypeError(f"{name} is a float, which has lost digits already: use decimal.Decimal")
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return value
    return _reject(value, name, "a Decimal")


def boolean(value: Any, name: str) -> bool:
    """Return a boolean."""
    return value if isinstance(value, bool) else _reject(value, name, "a bool")


def day(value: Any, name: str) -> str:
    """Return a date in ISO 8601."""
    if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
        _reject(value, name, "a datetime.date")
    return value.isoformat()


def either(value: Any, name: str, *checks: Callable[[Any], Any]) -> Any:
    """Return the result of the first check that accepts a value."""
    for check in checks:
        try:
            return check(value)
        except (TypeError, ValueError):
            continue
    return _reject(value, name, "of one of its documented types")


def part(value: Any, kind: type[Any], name: str) -> dict[str, Any]:
    """Return the JSON object of a model."""
    if not isinstance(value, kind):
        _reject(value, name, f"a {kind.__name__}")
    return dict(value.to_dict())


def condition(value: Any, kind: type[Any], name: str) -> dict[str, Any]:
    """Return a filter: a text filters for equal values, a list for any of its texts."""
    if isinstance(value, str):
        return {"equals": filled(value, name)}
    if isinstance(value, list | tuple):
        found = {"in": [text(item, f"{name}[]") for item in value]}
    elif isinstance(value, kind):
        found = value.to_dict()
    else:
        _reject(value, name, f"a text, a list of texts or a {kind.__name__}")
    if not found or found.get("in") == []:
        _empty(name, "; leave it out to let everything through")
    return found


def rows(value: Any, name: str) -> Sequence[Any]:
    """Return a list."""
    if not isinstance(value, list | tuple):
        _reject(value, name, "a list")
    return value


def given(value: Any, name: str) -> Any:
    """Return anything but None."""
    return _reject(value, name, "a value") if value is None else value


def _plain(value: str) -> str:
    # `str()` of an enum's member would be its name, except for a StrEnum.
    return str.__str__(value)


def _empty(name: str, advice: str = "") -> NoReturn:
    raise ValueError(f"{name} is empty{advice}")


def _reject(value: Any, name: str, wanted: str) -> NoReturn:
    if value is None:
        raise TypeError(f"{name} is None and has to be {wanted}; leave out what is not to be sent")
    raise TypeError(f"{name} has to be {wanted}, not {type(value).__name__}")
