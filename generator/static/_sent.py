"""What is sent is checked before it leaves, and an error names the argument.

`None` is refused where the document does not allow null: it would be sent as null, and may mean
something else than nothing.
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
    """Return a text, or that of an enum's member."""
    return _plain(value) if isinstance(value, str) else _refuse(value, name, "a text")


def filled(value: Any, name: str) -> str:
    """Return a text that has something in it."""
    found = text(value, name)
    return found if found.strip() else _empty(name)


def identifier(value: Any, name: str) -> str:
    """Return an id as text."""
    if is_uuid(value):
        return str(value)
    if not isinstance(value, str):
        _refuse(value, name, "a text or a UUID")
    return filled(value, name)


def integer(value: Any, name: str) -> int:
    """Return a whole number."""
    is_one = isinstance(value, int) and not isinstance(value, bool)
    return int(value) if is_one else _refuse(value, name, "an int")


def number(value: Any, name: str) -> Decimal | int:
    """Return an exact number."""
    if isinstance(value, float):
        raise TypeError(f"{name} is a float, which has lost digits already: use decimal.Decimal")
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return value
    return _refuse(value, name, "a Decimal")


def boolean(value: Any, name: str) -> bool:
    """Return a boolean."""
    return value if isinstance(value, bool) else _refuse(value, name, "a bool")


def day(value: Any, name: str) -> str:
    """Return a date as ISO 8601 writes it."""
    if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
        _refuse(value, name, "a datetime.date")
    return value.isoformat()


def either(value: Any, name: str, *checks: Callable[[Any], Any]) -> Any:
    """Return what the first check that takes a value makes of it."""
    for check in checks:
        try:
            return check(value)
        except (TypeError, ValueError):
            continue
    return _refuse(value, name, "of one of its documented types")


def part(value: Any, kind: type[Any], name: str) -> dict[str, Any]:
    """Return the JSON object of a model."""
    if not isinstance(value, kind):
        _refuse(value, name, f"a {kind.__name__}")
    return dict(value.to_dict())


def condition(value: Any, kind: type[Any], name: str) -> dict[str, Any]:
    """Return a filter: a text stands for what equals it, several for what is one of them."""
    if isinstance(value, str):
        return {"equals": filled(value, name)}
    if isinstance(value, list | tuple):
        found = {"in": [text(item, f"{name}[]") for item in value]}
    elif isinstance(value, kind):
        found = value.to_dict()
    else:
        _refuse(value, name, f"a text, a list of texts or a {kind.__name__}")
    if not found or found.get("in") == []:
        _empty(name, "; leave it out to let everything through")
    return found


def rows(value: Any, name: str) -> Sequence[Any]:
    """Return a list."""
    if not isinstance(value, list | tuple):
        _refuse(value, name, "a list")
    return value


def given(value: Any, name: str) -> Any:
    """Return anything but None."""
    return _refuse(value, name, "a value") if value is None else value


def _plain(value: str) -> str:
    # That of an enum's member would be its name, unless it is one of Python's own StrEnum.
    return str.__str__(value)


def _empty(name: str, advice: str = "") -> NoReturn:
    raise ValueError(f"{name} is empty{advice}")


def _refuse(value: Any, name: str, wanted: str) -> NoReturn:
    if value is None:
        raise TypeError(f"{name} is None and has to be {wanted}; leave out what is not to be sent")
    raise TypeError(f"{name} has to be {wanted}, not {type(value).__name__}")
