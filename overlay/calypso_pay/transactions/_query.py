"""Check what `iter` is told, and put it into the shapes that a walk needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calypso_api import UNSET
from calypso_pay._errors import ConfigurationError
from calypso_pay.transactions import _cursor
from calypso_pay.transactions._walk import Bounds, Walk

if TYPE_CHECKING:
    from calypso_api.models import FindTransactionsPayload

PAGE_SIZE = 100
MAX_PAGES = 1_000
# By when a row was made, oldest first, rows that are added come last and push no other row on.
SORT = "ASC"
PROPERTIES = "createdDate"

_LARGEST = 2**31 - 1


def bounds(page_size: int, first_page: int | None, limit: int | None, max_pages: int) -> Bounds:
    """Check the numbers.

    Raises:
        ConfigurationError: One of them is none, or out of range.
    """
    return Bounds(
        _number("page_size", page_size, 1),
        None if first_page is None else _number("first_page", first_page, 0),
        None if limit is None else _number("limit", limit, 1),
        _number("max_pages", max_pages, 1),
    )


class Query:
    """A search, and the walk through what it finds."""

    def __init__(self, search: FindTransactionsPayload, within: Bounds, cursor: str | None) -> None:
        self._search = search
        self._fingerprint = _cursor.fingerprint(search)
        start = None if cursor is None else _cursor.read(cursor, self._fingerprint)
        self.walk = Walk(within, start)

    def __str__(self) -> str:
        from attrs import fields

        values = (
            (each.name, getattr(self._search, each.name)) for each in fields(type(self._search))
        )
        given = (
            f"{name}={value!r}" for name, value in values if value is not UNSET and value != {}
        )
        return f"({', '.join(given)}), {self.walk.returned} rows so far"

    @property
    def cursor(self) -> str:
        """The place after the row that was returned last, for another walk to go on from."""
        return _cursor.write(self._fingerprint, self.walk.position)

    def payload(self, page: int) -> FindTransactionsPayload:
        """Return what asks for a page."""
        from attrs import evolve

        return evolve(self._search, page_number=page)


def _number(name: str, value: object, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _LARGEST:
        raise ConfigurationError(f"{name} has to be a whole number from {least} on, not {value!r}.")
    return value
