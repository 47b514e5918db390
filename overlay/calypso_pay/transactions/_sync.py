# Generated from _async.py by `make generate`: edit that file instead.
"""`iter` and `wait_for` of `Calypso`: they make the calls, and decide nothing themselves."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Self

from calypso_api import UNSET
from calypso_api.operations.transactions import FIND_TRANSACTIONS
from calypso_api.resources.transactions import Transactions as _Transactions
from calypso_pay._errors import APIError, UnexpectedResponseError
from calypso_pay.transactions import _poller, _query

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from calypso_api import Unset
    from calypso_api._engine import Engine
    from calypso_api.models import (
        SortDirection,
        StringFilter,
        Transaction,
        TransactionState,
        TransactionStateFilter,
    )
    from calypso_pay._errors import CalypsoError
    from calypso_pay.transactions._errors import PagingWarning


class TransactionIterator:
    """An iterator over transactions, page by page.

    Made by ``transactions.iter``. When reading a page fails or is interrupted, the iterator
    stays where it was, and ``next`` reads the same page again.
    """

    def __init__(
        self,
        engine: Engine,
        query: _query.Query,
        warn: Callable[[PagingWarning], object] | None = None,
    ) -> None:
        self._engine = engine
        self._query = query
        self._warn = warn

    @property
    def cursor(self) -> str:
        """The position after the row that was returned last, for ``iter(cursor=…)``.

        It is printable ASCII, and holds the id of that row and no other data. Store it once you
        have processed the row. An older row that changes its state later does not come after it.
        """
        return self._query.cursor

    @property
    def _first_page(self) -> int | None:
        """The number of the server's first page, for later walks; None if it is not known."""
        return self._query.walker.known_first_page

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._query}>"

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Transaction:
        walker = self._query.walker
        while (row := walker.next_row()) is None:
            if warning := walker.pop_warning():
                if self._warn is None:
                    warnings.warn(warning, stacklevel=2)
                else:
                    self._warn(warning)
            if walker.next_page is None:
                if error := walker.pop_error():
                    raise error
                raise StopIteration
            self._read(walker.next_page)
        return row

    def _read(self, page: int) -> None:
        try:
            found = self._engine.call(FIND_TRANSACTIONS, self._query.payload(page))
        except APIError as error:
            if not self._query.walker.can_go_on(error):
                raise
        except UnexpectedResponseError as error:
            if not self._query.walker.add_partial_page(error):
                raise
        else:
            self._query.walker.add_page(found)


class Transactions(_Transactions):
    """Deposits that arrived, or are arriving, at customers' addresses.

    Args:
        engine: Makes the calls.
    """

    __slots__ = ()

    def iter(  # noqa: PLR0913 - the filters of `find`, and the bounds
        self,
        *,
        customer_id: str | UUID | Unset = UNSET,
        currency_filter: StringFilter | str | Sequence[str] | Unset = UNSET,
        transaction_state_filter: TransactionStateFilter | str | Sequence[str] | Unset = UNSET,
        page_size: int = _query.PAGE_SIZE,
        sort: SortDirection | str | Unset = _query.SORT,
        properties: str | Unset = _query.PROPERTIES,
        cursor: str | None = None,
        limit: int | None = None,
        max_pages: int = _query.MAX_PAGES,
        first_page: int | None = None,
    ) -> TransactionIterator:
        """Iterate over all transactions that pass the filters; pages are read as needed.

        Each id comes at most once, and none is missed while rows are only added and the server
        keeps its order. If it counts more, the pages are read again, up to twice; if rows may still
        be missing, a `PagingWarning` has the cause. A cursor does not find an older row whose state
        changed: `calypso_pay.reconcile` does. The order by ``createdDate`` is inferred.

        Args:
            customer_id: Only deposits of this customer.
            currency_filter: Only deposits whose currency passes this filter.
            transaction_state_filter: Only deposits whose state passes this filter. They enter and
                leave the search as their state changes. One that enters before the cursor is
                missed, and one that leaves while pages are read may hide another. A warning
                reports that when the server's counts show it.
            page_size: Rows on a page, 100 by default; the server may return fewer.
            sort: Direction of the order; `UNSET` leaves it to the server. With ``"DESC"`` new
                rows come first, and an iterator that resumes from a cursor does not find them.
            properties: Name of the field to order by; `UNSET` leaves it to the server.
            cursor: Where to resume: the ``cursor`` of an iterator over the same search. Rows that
                were added after it are found; a warning reports rows that were added before it.
                An older row that changed its state is not found.
            limit: Stop after this many rows, without a warning.
            max_pages: Stop after this many pages, with a `PagingWarning` if there may be more;
                1,000 by default. It limits the memory, too, since the ids of all rows are kept.
            first_page: Number of the first page, if you know it. By default page 0 is requested
                first, since it is not known whether pages count from 0 or 1.

        Returns:
            An iterator of `Transaction`, with a ``cursor``. Nothing is sent before its first use.
            Its steps raise what `find` raises.

        Raises:
            ConfigurationError: A number is out of range, or the cursor is malformed or belongs to
                another search.
            TypeError, ValueError: A filter is of another type, or empty.
        """
        from calypso_api.models import FindTransactionsPayload

        search = FindTransactionsPayload(
            customer_id=customer_id,
            currency_filter=currency_filter,
            transaction_state_filter=transaction_state_filter,
            page_size=page_size,
            sort=sort,
            properties=properties,
        )
        bounds = _query.bounds(page_size, first_page, limit, max_pages)
        return TransactionIterator(self._engine, _query.Query(search, bounds, cursor))

    def wait_for(  # noqa: PLR0913 - all but the id named and optional
        self,
        transaction_id: str | UUID,
        *,
        until: TransactionState | str | Callable[[Transaction], bool] | None = None,
        credited: bool = False,
        deadline: float = _poller.DEADLINE,
        poll_interval: float = _poller.POLL_INTERVAL,
        max_poll_interval: float = _poller.MAX_POLL_INTERVAL,
        sleep: Callable[[float], object] | None = None,
    ) -> Transaction:
        """Poll a transaction until it reaches a state.

        The interval between the attempts doubles each time, and its length is random within the
        upper half. A timeout, a 5xx or a 429 does not end the wait; any other error does. Which
        states are final is documented by the vendor: see ``Transaction.is_final``.

        Args:
            transaction_id: Id of the transaction.
            until: The state to wait for, or a function that returns whether a transaction meets
                your condition. By default until it ``is_final`` or ``is_credited``.
            credited: Wait until the money has reached the merchant's account as well
                (``is_credited``). A balance grows only then.
            deadline: Seconds after which the wait ends with an error, 600 by default. An attempt
                that is under way then is not cut off: the client's own deadline applies to it.
            poll_interval: Seconds between the first two attempts, 1 by default.
            max_poll_interval: Seconds between two attempts at most, 30 by default.
            sleep: Called to wait, instead of `time.sleep`. The seconds that it is passed count
                as elapsed.

        Returns:
            The transaction as it was last read.

        Raises:
            WaitError: The deadline has passed, or the transaction is final and does not meet the
                condition. Its ``transaction`` is the one that was last read.
            ConfigurationError: A value is not a positive number of seconds, or `until` is not
                a state nor a function.
            CalypsoError: What `get` raises, except for the errors that do not end the wait.
            TypeError, ValueError: The id is of another type, or empty; nothing was sent.
        """
        poller = _poller.Poller(
            transaction_id,
            until=until,
            credited=credited,
            deadline=deadline,
            poll_interval=poll_interval,
            max_poll_interval=max_poll_interval,
        )
        while True:
            transient: CalypsoError | None = None
            try:
                found = self.get(transaction_id)
            except _poller.TRANSIENT as error:
                transient = error
            else:
                if poller.is_done(found):
                    return found
            (sleep or _sleep)(poller.delay(transient))


def _sleep(seconds: float) -> None:
    import time

    time.sleep(seconds)
