"""Tolerant readers of JSON values.

The generated functions read the usual form of a value directly and call these functions for every
other form. Messages name the field and the kind of value, never the value, which may be a
secret. Only an essential field makes an object unreadable; any other field becomes None.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, Final, TypeVar

from ._secret import RawRows

MAX_EXPONENT: Final = 1_000
"""Numbers outside of 10**±1000 are rejected: written out, a few bytes would become megabytes."""

MIN_EXPONENT: Final = -MAX_EXPONENT

E = TypeVar("E", bound=Enum)
T = TypeVar("T")

# Patterns of unusual values are compiled when the first such value comes: it costs start-up time.
_LEAP_SECOND: Final = r"([^T]{10}T[0-9]{2}:[0-9]{2}:)60"
_MIDNIGHT_AT_THE_END: Final = r"([^T]{10}T)24(?=:00(:00(\.0+)?)?(Z|[+-]|$))"
_ZONE_NAME: Final = (
    r"(?:(.{11}.*(?:[Zz]|[+-][0-9:.]+))\[[A-Za-z0-9_+/-]{1,40}\]|\[(?:Etc/)?(?:UTC|GMT)\])$"
)
# The canonical form of an integer: 01 is another id than 1.
_ID: Final = r"-?(0|[1-9][0-9]{0,1000})"
_LONGEST_TIME: Final = 100
_LONGEST_INTEGER: Final = 14
_LONG_INTEGER: Final = r"[0-9]{12,14}"
_from_iso: Final = datetime.datetime.fromisoformat
_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_LEAST_EPOCH: Final = 10**11  # in milliseconds: March 1973
_ARRAY: Final = 7  # with the nanosecond
_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")

# As long as the largest number that is accepted.
_INTEGER: Final = r"[+-]?[0-9]{1,1001}"

# An integer is also a number. The readers of a union are tried in an order that depends on this.
_JSON_TYPES: Final[Mapping[type, tuple[str, ...]]] = {
    str: ("string",),
    bool: ("boolean",),
    int: ("integer", "number"),
    Decimal: ("number",),
    list: ("array",),
    dict: ("object",),
}


class DecodeError(ValueError):
    """A response or a webhook event does not match the API document.

    The message names the model and the field, as in `Customer.id`, and never shows a value.
    """


class RowsError(DecodeError):
    """Some rows of a list could not be read; the others could.

    Attributes:
        rows: The rows that could not be read, as decoded from JSON. They may hold secrets.
    """

    def __init__(self, problem: str, partial: Any = None, rows: Sequence[Any] = ()) -> None:
        super().__init__(problem)
        self.rows = RawRows(rows)
        # Wrapped, so that no repr shows its contents.
        self._partial = RawRows([partial])

    @property
    def partial(self) -> Any:
        """The list, or the object that contains it, without those rows."""
        return self._partial[0]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.args


class Absent:
    """The type of `ABSENT`."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()
"""In place of the value of an essential field that is absent: every reader rejects it."""


def absent(where: str) -> DecodeError:
    """Return the error for a required field that is absent."""
    return DecodeError(f"{where}: required, but absent")


def as_text(value: Any, where: str) -> str:
    """Read text. An integer is accepted too, since ids have either form."""
    if isinstance(value, str):
        # The text itself: `str()` of an enum's member would be its name.
        return str.__str__(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise _wrong(where, "text", value)


def as_int(value: Any, where: str) -> int:
    """Read an integer. A decimal without a fraction, such as 413.0, and text are accepted too."""
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and re.fullmatch(_INTEGER, value):
        return int(value)
    if isinstance(value, Decimal) and is_bounded(value) and value == value.to_integral_value():
        return int(value)
    raise _wrong(where, "an integer", value)


def as_id(value: Any, where: str) -> int | str:
    """Read an id: an integer in any form, or any other text."""
    if isinstance(value, str) and value and not re.fullmatch(_ID, value):
        return str.__str__(value)
    return as_int(value, where)


def as_decimal(value: Any, where: str) -> Decimal:
    """Read a number, exact to the last digit, from a JSON number or from text."""
    number = value
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        number = _parse(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        number = Decimal(value)
    if isinstance(number, Decimal) and is_bounded(number):
        return number
    raise _wrong(where, f"a number within 10**±{MAX_EXPONENT}", value)


def as_bool(value: Any, where: str) -> bool:
    """Read a boolean, or the texts `true` and `false`, which a guide of the vendor shows."""
    if value is True or value == "true":
        return True
    if value is False or value == "false":
        return False
    raise _wrong(where, "a boolean", value)


def as_datetime(value: Any, where: str) -> datetime.datetime:
    """Read an ISO 8601 date-time as an aware one; digits below 1 µs are cut off.

    Second 60 is read as the next minute, and hour 24 as midnight. The forms of Java's JSON writers
    are accepted too: milliseconds since 1970, an array of year, month, day, hour, minute, second
    and nanosecond, and the name of a zone in brackets after its offset.
    """
    # Nearly all times are of this form, and are read without further calls. An integer is shorter.
    if type(value) is str and _LONGEST_INTEGER < len(value) <= _LONGEST_TIME:
        try:
            moment = _from_iso(value)
        except ValueError:
            pass
        else:
            return moment if moment.tzinfo is not None else assume_utc(moment)
    try:
        if isinstance(value, str):
            moment = _datetime_of_text(value)
        elif isinstance(value, list):
            moment = datetime.datetime(*_time_of_array(value, least=5))  # type: ignore[arg-type]
        else:
            moment = _datetime_of_epoch(value)
    except (TypeError, ValueError, OverflowError):
        raise _wrong(where, "an ISO 8601 date-time", value) from None
    return moment if moment.tzinfo is not None else assume_utc(moment)


def _datetime_of_text(text: str) -> datetime.datetime:
    if len(text) > _LONGEST_TIME:
        # Matching would take quadratic time.
        raise ValueError
    if re.fullmatch(_LONG_INTEGER, text):
        # Python would read it as year, month and so on without separators.
        return _datetime_of_epoch(text)
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        return _unusual_datetime(re.sub(_ZONE_NAME, r"\1", text))


def _datetime_of_epoch(value: Any) -> datetime.datetime:
    milliseconds = as_int(value, "")
    if abs(milliseconds) < _LEAST_EPOCH:
        # So close to 1970 it may be in seconds, or something else.
        raise ValueError
    return _EPOCH + datetime.timedelta(milliseconds=milliseconds)


def _time_of_array(value: list[Any], least: int) -> list[int]:
    if not least <= len(value) <= _ARRAY or not all(type(part) is int for part in value):
        raise ValueError
    return [*value[:6], value[6] // 1000] if len(value) == _ARRAY else value


def _unusual_datetime(text: str) -> datetime.datetime:
    """Read forms of RFC 3339 that Python does not accept: lower case, second 60, hour 24."""
    text = text.upper()
    plain = re.sub(_MIDNIGHT_AT_THE_END, r"\g<1>00", re.sub(_LEAP_SECOND, r"\g<1>59", text))
    later = datetime.timedelta(
        seconds=bool(re.match(_LEAP_SECOND, text)), days=bool(re.match(_MIDNIGHT_AT_THE_END, text))
    )
    return datetime.datetime.fromisoformat(plain) + later


def assume_utc(moment: datetime.datetime) -> datetime.datetime:
    """Return a naive time as UTC.

    Inferred, not documented: the vendor's webhook events have times without a zone, and no page
    names one. This is the only function that decides it.
    """
    return moment.replace(tzinfo=datetime.UTC)


def as_date(value: Any, where: str) -> datetime.date:
    """Read an ISO 8601 date, or an array of year, month and day."""
    try:
        if isinstance(value, list):
            return datetime.date(*_time_of_array(value, least=3))
        return datetime.date.fromisoformat(value)
    except (TypeError, ValueError, OverflowError):
        raise _wrong(where, "an ISO 8601 date", value) from None


def as_enum(value: Any, enum: type[E], where: str) -> E:
    """Read a member of an enum from a value that has not its usual type."""
    try:
        return enum(value)
    except ValueError:
        raise _wrong(where, f"a value of {enum.__name__}", value) from None


def as_const(value: Any, const: T, where: str) -> T:
    """Read a constant."""
    if value == const and type(value) is type(const):
        return const
    raise _wrong(where, "the one value that is documented", value)


def as_object(value: Any, where: str) -> dict[str, Any]:
    """Read a JSON object."""
    if isinstance(value, Mapping):
        return dict(value)
    raise _wrong(where, "an object", value)


def as_list(value: Any, where: str) -> list[Any]:
    """Read a JSON array."""
    if isinstance(value, list):
        return value
    raise _wrong(where, "an array", value)


def as_items(value: Any, where: str) -> list[Any]:
    """Read a response that is an array, or a page whose `result` is one."""
    if isinstance(value, dict) and "result" in value:
        return as_list(value["result"], f"{where}.result")
    return as_list(value, where)


def as_one_of(value: Any, where: str, *readers: tuple[Any, ...]) -> Any:
    """Read a value of one of several types; the annotation of the field lists them.

    Args:
        value: The value.
        where: The field.
        readers: Tuples of a JSON type, its reader, and if several are objects, what distinguishes
            this one: `marked` or `having`. Readers of the value's own type are tried first, so
            that a tolerant reader never takes a value of another one.
    """
    own = _JSON_TYPES.get(type(value), ())
    ranked = [(_rank(value, reader, own), reader[1]) for reader in readers]
    for rank, read in sorted(ranked, key=lambda each: -each[0]):
        if rank >= 0:
            try:
                return read(value)
            except DecodeError:
                continue
    raise _wrong(where, "one of the documented types", value)


def _rank(value: Any, reader: tuple[Any, ...], own: Sequence[str]) -> int:
    if reader[0] not in own:
        return 0
    fits = reader[2](value) if len(reader) > 2 else 0  # noqa: PLR2004
    return int(fits) + 1 if fits >= 0 else -1


def marked(name: str, *values: str) -> Callable[[Mapping[str, Any]], int]:
    """Recognize an object by a field that has one of these values."""
    return lambda found: 0 if found.get(name) in values else -1


def having(*names: str) -> Callable[[Mapping[str, Any]], int]:
    """Recognize an object by its required fields; the option with the most of them wins."""
    return lambda found: len(names) if found.keys() >= set(names) else -1


def is_bounded(number: Decimal) -> bool:
    """Return whether a number is finite and its magnitude within `MAX_EXPONENT`."""
    return MIN_EXPONENT <= number.adjusted() <= MAX_EXPONENT and number.is_finite()


def _parse(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        # An exponent that even the decimal module can't hold.
        return None


def _wrong(where: str, expected: str, value: object) -> DecodeError:
    if value is ABSENT:
        return absent(where)
    return DecodeError(f"{where}: expected {expected}, got {_kind(value)}")


def _kind(value: object) -> str:
    if value is None:
        return "null"
    names = _JSON_TYPES.get(type(value))
    return f"a JSON {names[0]}" if names else f"a Python {type(value).__name__}"
