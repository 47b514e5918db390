"""Compare a response with what is expected, to the last field and the last digit.

An expectation is a plain value, which has to have the same type; a list or a dict of expectations;
or a function, which is called with the received value and returns what is wrong with it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Check = Callable[[Any], str | None]
    Difference = tuple[str, str]
    Predicate = Callable[[str], bool]

_SECRET = ("secretKey", "publicKey")
_SHOWN = 100
_MISSING = "is missing"
_EXTRA = "is not expected here"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


class Maybe(NamedTuple):
    """A field that may be absent."""

    want: Any


class AnyOrder(NamedTuple):
    """A list without a documented order.

    Attributes:
        key: The field that identifies its items.
        items: The expected items, one dict each.
        more: Whether there may be other items.
    """

    key: str
    items: Sequence[Mapping[str, Any]]
    more: bool = False


def _never(_: str) -> bool:
    return False


def difference(
    want: object, got: object, *, more: Predicate = _never, less: Predicate = _never
) -> Difference | None:
    """Return the first field that differs, and how; None if nothing does.

    Args:
        want: What is expected.
        got: What was received.
        more: Returns whether an unexpected field is allowed.
        less: Returns whether an expected field may be missing.
    """
    found = _differences(want, got, "")
    return next((each for each in found if not _is_allowed(each, more, less)), None)


def _is_allowed(found: Difference, more: Predicate, less: Predicate) -> bool:
    field, fault = found
    return (fault is _EXTRA and more(field)) or (fault is _MISSING and less(field))


class Stable:
    """A value that is not known in advance, and never changes after it was seen.

    Args:
        check: Checks the first value.
    """

    def __init__(self, check: Check) -> None:
        self._check = check
        self.value: Any = None

    @classmethod
    def of(cls, value: object) -> Self:
        """Return one with a value that was seen already."""
        made = cls(uuid)
        made.value = value
        return made

    def __call__(self, got: object) -> str | None:
        if self.value is not None:
            return None if _is_same(self.value, got) else "is not the same as before"
        complaint = self._check(got)
        self.value = None if complaint else got
        return complaint


class Moment:
    """A time between two others, which never changes after it was seen.

    Args:
        earliest: The earliest possible time.
        latest: The latest possible time.
    """

    def __init__(self, earliest: datetime, latest: datetime) -> None:
        self.earliest = earliest
        self.latest = latest

    def __call__(self, got: object) -> str | None:
        if not isinstance(got, str) or not _MOMENT.fullmatch(got):
            return f"expected a time with a zone, as in RFC 3339; got {show(got)}"
        moment = datetime.fromisoformat(got).astimezone(UTC)
        if not self.earliest <= moment <= self.latest:
            bounds = " and ".join(sorted({self.earliest.isoformat(), self.latest.isoformat()}))
            return f"expected {bounds}; got {got}"
        self.earliest = self.latest = moment
        return None


class Unique:
    """A value that no other object has.

    Args:
        taken: The values in use; accepted values are added.
        check: Checks its form.
    """

    def __init__(self, taken: set[str], check: Check) -> None:
        self._taken = taken
        self._check = check

    def __call__(self, got: object) -> str | None:
        complaint = self._check(got)
        if complaint:
            return complaint
        folded = str(got).lower()
        if folded in self._taken:
            return "belongs to another object already"
        self._taken.add(folded)
        return None


def anything(_: object) -> None:
    """Accept anything."""


def text(got: object) -> str | None:
    """Expect a text that is not empty."""
    return None if isinstance(got, str) and got else f"expected a text, got {show(got)}"


def uuid(got: object) -> str | None:
    """Expect a UUID."""
    is_uuid = isinstance(got, str) and _UUID.fullmatch(got)
    return None if is_uuid else f"expected a UUID, got {show(got)}"


def show(value: object) -> str:
    """Write a value for a message; of lists and objects only the type and size."""
    if isinstance(value, dict | list):
        return f"a {'list' if isinstance(value, list) else 'object'} of {len(value)}"
    written = str(value) if isinstance(value, Decimal) else repr(value)
    return written if len(written) <= _SHOWN else f"{written[:_SHOWN]}…"


def _differences(want: Any, got: Any, path: str) -> Iterator[Difference]:
    match want:
        case Maybe():
            yield from _differences(want.want, got, path)
        case AnyOrder():
            yield from _in_any_order(want, got, path)
        case dict():
            yield from _fields(want, got, path)
        case list():
            yield from _items(want, got, path)
        case _:
            complaint = want(got) if callable(want) else _complaint(want, got, path)
            if complaint:
                yield path or "body", complaint


def _fields(want: dict[str, Any], got: Any, path: str) -> Iterator[Difference]:
    if not isinstance(got, dict):
        yield path or "body", f"expected an object, got {show(got)}"
        return
    start = f"{path}." if path else ""
    for name, wanted in want.items():
        if name in got:
            yield from _differences(wanted, got[name], start + name)
        elif not isinstance(wanted, Maybe):
            yield start + name, _MISSING
    for name in got:
        if name not in want:
            yield start + name, _EXTRA


def _items(want: list[Any], got: Any, path: str) -> Iterator[Difference]:
    if not isinstance(got, list) or len(got) != len(want):
        yield path or "body", f"expected a list of {len(want)}, got {show(got)}"
        return
    for number, (wanted, item) in enumerate(zip(want, got, strict=True)):
        yield from _differences(wanted, item, f"{path}[{number}]")


def _in_any_order(want: AnyOrder, got: Any, path: str) -> Iterator[Difference]:
    if not isinstance(got, list) or not all(isinstance(item, dict) for item in got):
        yield path or "body", f"expected a list of objects, got {show(got)}"
        return
    keys = [str(item.get(want.key)).lower() for item in got]
    for item in want.items:
        key = str(item[want.key]).lower()
        if keys.count(key) != 1:
            found = f"has {keys.count(key)} items, not one, with {want.key} {item[want.key]}"
            yield path or "body", found
        else:
            position = keys.index(key)
            yield from _differences(item, got[position], f"{path}[{position}]")
    if len(got) > len(want.items) and not want.more:
        yield path or "body", f"expected {len(want.items)} items, got {len(got)}"


def _complaint(want: object, got: object, path: str) -> str | None:
    if _is_same(want, got):
        return None
    if path.endswith(_SECRET):
        return "is not the expected one"
    return f"expected {show(want)}, got {show(got)}"


def _is_same(want: object, got: object) -> bool:
    if isinstance(want, Decimal):
        is_number = isinstance(got, int | Decimal) and not isinstance(got, bool)
        return is_number and Decimal(str(got)) == want
    return type(got) is type(want) and got == want
