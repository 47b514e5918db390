"""Read values that a test wants shown or sent in place of a deposit's own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from calypso_mock import _json
from calypso_mock._errors import MockError
from calypso_mock.state import _dates, _money

if TYPE_CHECKING:
    from collections.abc import Iterable

    Json = dict[str, Any]


def read_fields(fields: Json, known: Iterable[str]) -> Json:
    """Read new values of fields by their JSON names: an amount exactly, moments as text.

    Raises:
        MockError: If there is none, if one is unknown, or if JSON has no exact form for a value.
    """
    names = sorted(known)
    if not fields or not fields.keys() <= set(names):
        raise MockError(f"name the fields to alter; there are {', '.join(names)}")
    values = {
        name: _money.read_amount(value) if name == "amount" else value
        for name, value in fields.items()
    }
    if values.get("createdDate") is not None:
        values["createdDate"] = _dates.iso(read_moment(values["createdDate"]))
    try:
        _json.dump(values)
    except (TypeError, UnicodeEncodeError) as error:
        raise MockError(f"a field cannot be altered to this: {error}") from None
    return values


def read_moment(value: object) -> datetime:
    """Read a moment, as exact as responses show it.

    Raises:
        MockError: If it is no datetime with a zone and no text of one.
    """
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        if isinstance(moment, datetime) and moment.tzinfo is not None:
            return _dates.to_millisecond(moment.astimezone(UTC))
    except (ValueError, OverflowError):
        pass
    raise MockError("createdDate has to be a date and time with a zone")
