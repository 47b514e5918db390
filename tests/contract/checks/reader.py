"""Read what an account holds once, for all checks of a run to look at.

An account in use changes between two requests. So what two responses disagree about is no finding
before it has been seen a second time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from tests.contract import answers, rows
from tests.contract.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from tests.contract.rows import Fault, Judge
    from tests.contract.session import Exchange, Session
    from tests.contract.suite import Lab

    Json = dict[str, Any]

PAGE_SIZE = 50
# An account of years has more deposits than anybody wants to read for a test.
MOST_PAGES = 6
# The order in which a deposit that arrives meanwhile moves no other.
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
        """The ids of its rows, in their order and in one form."""
        return [rows.plain(row["id"]) for row in self.rows]

    @property
    def elements(self) -> int:
        """How many rows are said to match the search."""
        told = rows.whole(self.shown.get("totalElements"))
        return len(self.rows) if told is None else told


class Reader:
    """Reads an account, and holds what it shows against the document and against itself.

    Args:
        lab: The target and the terms.
    """

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    def read(self, operation_id: str, payload: Json | None = None) -> Any:
        """Return the body of a response, after it was held against the document.

        Raises:
            Violation: It breaks the document, or is not one of success.
        """
        return self._accepted(self.lab.session.call(operation_id, payload)).json()

    def find(self, asked: Json) -> Page:
        """Search, a page of `PAGE_SIZE` where no size is asked for; raises as `read`."""
        asked = {"pageSize": PAGE_SIZE, **asked}
        return self._page(asked, self.lab.session.call(FIND, asked))

    def try_to_find(self, asked: Json) -> Page | None:
        """Search for what the server may reject, as far as is known; None where it does.

        Raises:
            Violation: As `read`; and the response is no rejection that is documented.
        """
        asked = {"pageSize": PAGE_SIZE, **asked}
        exchange = self.lab.session.call(FIND, asked)
        if exchange.status in range(400, 500) and not self.lab.terms.mock:
            answers.inspect(exchange, mock=False)
            # Without a code it may come from something between here and the server.
            self._stop_at(exchange, ("status",) if answers.code(exchange) else ())
            return None
        return self._page(asked, exchange)

    def _page(self, asked: Json, exchange: Exchange) -> Page:
        shown = self._accepted(exchange).json()
        if not _is_page(shown):
            # Taken for an empty page, it would be compared with others.
            self._stop_at(exchange)
            raise Violation("body", "expected a page, got something else", exchange)
        return Page(asked, shown, exchange)

    def _stop_at(self, exchange: Exchange, fields: Collection[str] = ()) -> None:
        """End a check that needs the response: `inspect` has reported its fault.

        Args:
            exchange: The response.
            fields: Where a fault has to be, if not anywhere.
        """
        for field, text in answers.faults(exchange, mock=self.lab.terms.mock):
            if field in fields or not fields:
                raise Violation(field, text, exchange)

    def _accepted(self, exchange: Exchange) -> Exchange:
        # Values that the document does not know yet are reported at the end, as drift.
        answers.inspect(exchange, mock=self.lab.terms.mock)
        if exchange.status != HTTPStatus.OK:
            raise Violation("status", f"expected 200, got {exchange.status}", exchange)
        return exchange

    @cached_property
    def plain(self) -> Page:
        """What is found where nothing is asked for."""
        return self._page({}, self.lab.session.call(FIND, {}))

    @property
    def usual(self) -> int:
        """How many rows a page has room for where nothing is asked for."""
        return rows.whole(self.plain.shown.get("size")) or PAGE_SIZE

    @cached_property
    def order(self) -> Json:
        """The order that moves least, where the server has it; by what it sorts is not known."""
        return OLDEST_FIRST if self.try_to_find({**OLDEST_FIRST, "pageSize": 1}) else {}

    @cached_property
    def base(self) -> int:
        """The number of the first page, 0 or 1, which is not documented."""
        if self.lab.terms.page_base is not None:
            return self.lab.terms.page_base
        asked = {**self.order, "pageSize": 1}
        zero = self.try_to_find({**asked, "pageNumber": 0})
        if zero is None:
            return 1
        one = self.try_to_find({**asked, "pageNumber": 1})
        if one is None or not one.rows:
            return 0
        # Who shows the same row under both takes 0 for 1, or does not look at the number at all.
        return 1 if not zero.rows or zero.ids == one.ids else 0

    @cached_property
    def pages(self) -> list[Page]:
        """Pages of the oldest deposits, as many as are read of any account."""
        return list(self.walk(PAGE_SIZE, MOST_PAGES))

    def walk(self, size: int, most: int) -> Iterator[Page]:
        """Go through the first pages, the oldest deposits first."""
        found = 0
        for number in range(self.base, self.base + most):
            page = self.find({**self.order, "pageNumber": number, "pageSize": size})
            found += len(page.rows)
            yield page
            if not page.rows or found >= page.elements:
                return

    @property
    def rows(self) -> dict[str, Json]:
        """The rows of these pages, as they were written, by their ids in one form."""
        return {rows.plain(row["id"]): row for page in self.pages for row in page.rows}

    def confirm(self, page: Page, *judges: Judge) -> None:
        """Look for what is wrong with a page, and whether it is still wrong when read again.

        Raises:
            Violation: It is.
        """
        first = {_INDEX.sub("", field) for field, _ in self._faults(page, judges)}
        if first:
            again = self._page(page.asked, self.lab.session.call(FIND, page.asked))
            for field, text in self._faults(again, judges):
                if _INDEX.sub("", field) in first:
                    raise Violation(field, text, again.exchange)

    def _faults(self, page: Page, judges: tuple[Judge, ...]) -> Iterator[Fault]:
        for judge in judges:
            yield from judge(page.asked, page.shown, base=self.base, usual=self.usual)


def _is_page(shown: Any) -> bool:
    """Tell whether there are rows, and numbers that are numbers, if they are there."""
    if not isinstance(shown, dict) or not isinstance(shown.get("result"), list):
        return False
    return all(isinstance(shown.get(name), int | Decimal | None) for name in _NUMBERS) and all(
        isinstance(row, dict) and isinstance(row.get("id", ""), str) for row in shown["result"]
    )


_READERS: WeakKeyDictionary[Session, Reader] = WeakKeyDictionary()


def reader(lab: Lab) -> Reader:
    """Return what has read the account: one for a run, so that it is read once.

    The mock is given another world by every check, and is read anew.
    """
    if lab.terms.mock:
        return Reader(lab)
    return _READERS.setdefault(lab.session, Reader(lab))


def confirmed(probe: Callable[[bool], Violation | None]) -> None:
    """Compare responses, and others if they disagree, for a deposit may have come between.

    Args:
        probe: Compares; is asked to read anew the second time.

    Raises:
        Violation: They disagree both times.
    """
    if probe(False) is not None:
        again = probe(True)
        if again is not None:
            raise again
