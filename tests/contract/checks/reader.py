"""Read an account once for all checks of a run.

An account in use changes between two requests. So a contradiction between two responses is a
finding only if it is seen a second time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from tests.contract import responses, rows
from tests.contract.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from tests.contract.rows import Fault, PageCheck
    from tests.contract.session import Exchange, Session
    from tests.contract.suite import Context

    Json = dict[str, Any]

PAGE_SIZE = 50
# An old account has more deposits than a test should read.
MOST_PAGES = 6
# The order in which a new deposit does not move others.
OLDEST_FIRST = {"sort": "ASC", "properties": "createdDate"}

FIND = "findTransactions"
_INDEX = re.compile(r"\[\d+\]")
_NUMBERS = ("page", "size", "total", "totalElements")


@dataclass(frozen=True)
class Page:
    """One page of a search.

    Attributes:
        asked: The search's payload.
        shown: The response's body.
        exchange: The request and its response.
    """

    asked: Json
    shown: Json
    exchange: Exchange

    @property
    def rows(self) -> list[Json]:
        """The rows of this page."""
        return list(self.shown["result"])

    @property
    def ids(self) -> list[str]:
        """The normalized ids of its rows, in order."""
        return [rows.plain(row["id"]) for row in self.rows]

    @property
    def elements(self) -> int:
        """How many rows match the search, according to the response."""
        total = rows.whole(self.shown.get("totalElements"))
        return len(self.rows) if total is None else total


class Reader:
    """Reads an account, and checks its responses against the document and each other.

    Args:
        context: The target and the terms.
    """

    def __init__(self, context: Context) -> None:
        self.context = context

    def read(self, operation_id: str, payload: Json | None = None) -> Any:
        """Return the body of a response, after checking it against the document.

        Raises:
            Violation: It is not as documented, or not a success.
        """
        return self._accepted(self.context.session.call(operation_id, payload)).json()

    def find(self, asked: Json) -> Page:
        """Search, with `PAGE_SIZE` rows per page by default; raises as `read`."""
        asked = {"pageSize": PAGE_SIZE, **asked}
        return self._page(asked, self.context.session.call(FIND, asked))

    def try_to_find(self, asked: Json) -> Page | None:
        """Search with a request that the server may reject; None if it does.

        Raises:
            Violation: As `read`; and if the rejection is not as documented.
        """
        asked = {"pageSize": PAGE_SIZE, **asked}
        exchange = self.context.session.call(FIND, asked)
        if exchange.status in range(400, 500) and not self.context.terms.mock:
            responses.inspect(exchange, mock=False)
            # Without a code it may come from a proxy.
            self._stop_at(exchange, ("status",) if responses.code(exchange) else ())
            return None
        return self._page(asked, exchange)

    def _page(self, asked: Json, exchange: Exchange) -> Page:
        shown = self._accepted(exchange).json()
        if not _is_page(shown):
            # As an empty page it would be compared with others.
            self._stop_at(exchange)
            raise Violation("body", "expected a page, got something else", exchange)
        return Page(asked, shown, exchange)

    def _stop_at(self, exchange: Exchange, fields: Collection[str] = ()) -> None:
        """End a check that needs the response, whose fault `inspect` has reported.

        Args:
            exchange: The response.
            fields: Consider only faults in these fields, if given.
        """
        for field, text in responses.faults(exchange, mock=self.context.terms.mock):
            if field in fields or not fields:
                raise Violation(field, text, exchange)

    def _accepted(self, exchange: Exchange) -> Exchange:
        # Unknown values are reported at the end, as drift.
        responses.inspect(exchange, mock=self.context.terms.mock)
        if exchange.status != HTTPStatus.OK:
            raise Violation("status", f"expected 200, got {exchange.status}", exchange)
        return exchange

    @cached_property
    def plain(self) -> Page:
        """The result of a search without parameters."""
        return self._page({}, self.context.session.call(FIND, {}))

    @property
    def usual(self) -> int:
        """The default page size."""
        return rows.whole(self.plain.shown.get("size")) or PAGE_SIZE

    @cached_property
    def order(self) -> Json:
        """The order that new deposits change least, if the server supports it."""
        return OLDEST_FIRST if self.try_to_find({**OLDEST_FIRST, "pageSize": 1}) else {}

    @cached_property
    def base(self) -> int:
        """The number of the first page, 0 or 1, which is not documented."""
        if self.context.terms.page_base is not None:
            return self.context.terms.page_base
        asked = {**self.order, "pageSize": 1}
        zero = self.try_to_find({**asked, "pageNumber": 0})
        if zero is None:
            return 1
        one = self.try_to_find({**asked, "pageNumber": 1})
        if one is None or not one.rows:
            return 0
        # The same row under both: the server treats 0 as 1, or ignores the number.
        return 1 if not zero.rows or zero.ids == one.ids else 0

    @cached_property
    def pages(self) -> list[Page]:
        """Pages of the oldest deposits, up to the limit."""
        return list(self.walk(PAGE_SIZE, MOST_PAGES))

    def walk(self, size: int, most: int) -> Iterator[Page]:
        """Yield the first pages, the oldest deposits first."""
        found = 0
        for number in range(self.base, self.base + most):
            page = self.find({**self.order, "pageNumber": number, "pageSize": size})
            found += len(page.rows)
            yield page
            if not page.rows or found >= page.elements:
                return

    @property
    def rows(self) -> dict[str, Json]:
        """The rows of these pages, unchanged, by their normalized ids."""
        return {rows.plain(row["id"]): row for page in self.pages for row in page.rows}

    def confirm(self, page: Page, *checks: PageCheck) -> None:
        """Check a page; if it has a fault, read it again.

        Raises:
            Violation: It has the same fault again.
        """
        first = {_INDEX.sub("", field) for field, _ in self._faults(page, checks)}
        if first:
            again = self._page(page.asked, self.context.session.call(FIND, page.asked))
            for field, text in self._faults(again, checks):
                if _INDEX.sub("", field) in first:
                    raise Violation(field, text, again.exchange)

    def _faults(self, page: Page, checks: tuple[PageCheck, ...]) -> Iterator[Fault]:
        for check_page in checks:
            yield from check_page(page.asked, page.shown, base=self.base, usual=self.usual)


def _is_page(shown: Any) -> bool:
    """Return whether a body has rows, and only numbers in its numeric fields."""
    if not isinstance(shown, dict) or not isinstance(shown.get("result"), list):
        return False
    return all(isinstance(shown.get(name), int | Decimal | None) for name in _NUMBERS) and all(
        isinstance(row, dict) and isinstance(row.get("id", ""), str) for row in shown["result"]
    )


_READERS: WeakKeyDictionary[Session, Reader] = WeakKeyDictionary()


def reader(context: Context) -> Reader:
    """Return the reader of the account: one per run, so that the account is read once.

    The mock's state is changed by every check, so it is read again.
    """
    if context.terms.mock:
        return Reader(context)
    return _READERS.setdefault(context.session, Reader(context))


def confirmed(probe: Callable[[bool], Violation | None]) -> None:
    """Compare responses; if they disagree, compare new ones, as a deposit may have arrived.

    Args:
        probe: Compares responses; its argument is whether to read again.

    Raises:
        Violation: They disagreed both times.
    """
    if probe(False) is not None:
        again = probe(True)
        if again is not None:
            raise again
