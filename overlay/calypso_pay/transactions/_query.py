"""Check the arguments of `iter`, and make a walk of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calypso_api import UNSET
from calypso_pay._errors import ConfigurationError
from calypso_pay.transactions import _cursor
from calypso_pay.transactions._page_walker import Bounds, PageWalker

if TYPE_CHECKING:
    from calypso_api.models import FindTransactionsPayload

PAGE_SIZE = 100
MAX_PAGES = 1_000
# In order of creation, oldest first, new rows come last and move no other row.
SORT = "ASC"
PROPERTIES = "createdDate"

_LARGEST = 2**31 - 1


def bounds(page_size: int, first_page: int | None, limit: int | None, max_pages: int) -> Bounds:
    """Check the numbers.

    Raises:
        ConfigurationError: A value is not a number, or is out of range.
    """
    return Bounds(
        _number("page_size", page_size, 1),
        None if first_page is None else _number("first_page", first_page, 0),
        None if limit is None else _number("limit", limit, 1),
        _number("max_pages", max_pages, 1),
    )


class Query:
    """A search, and the walk through the pages that it finds."""

    def __init__(self, search: FindTransactionsPayload, bounds: Bounds, cursor: str | None) -> None:
        self._search = search
        self._fingerprint = _cursor.fingerprint_of(search)
        start = None if cursor is None else _cursor.read(cursor, self._fingerprint)
        # Whether rows have the state is no question of time, so `specified` does not count.
        on_state = search.to_dict().get("transactionStateFilter", {}).keys() - {"specified"}
        self.walker = PageWalker(bounds, start, has_state_filter=bool(on_state))

    def __str__(self) -> str:
        from attrs import fields

        values = (
            (each.name, getattr(self._search, each.name)) for each in fields(type(self._search))
        )
        given = (
            f"{name}={value!r}" for name, value in values if value is not UNSET and value != {}
        )
        return f"({', '.join(given)}), {self.walker.returned} rows so far"

    @property
    def cursor(self) -> str:
        """The position after the row that was returned last, where another walk can resume."""
        return _cursor.write(self._fingerprint, self.walker.position)

    def payload(self, page: int) -> FindTransactionsPayload:
        """Return the payload of the request for a page."""
        from attrs import evolve

        return evolve(self._search, page_number=page)


def _number(name: str, value: object, minimum: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= _LARGEST:
        raise ConfigurationError(
            f"{name} has to be a whole number from {minimum} to {_LARGEST}, not {value!r}."
        )
    return value
