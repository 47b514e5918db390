# Generated from _async.py by `make generate`: edit that file instead.
"""`iter` and `wait_for` of `Calypso`: they make the calls, and decide nothing themselves."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Self

from calypso_api import UNSET
from calypso_api.operations.transactions import FIND_TRANSACTIONS
from calypso_api.resources.transactions import Transactions as _Transactions
from calypso_pay._errors import APIError, UnexpectedResponseError
from calypso_pay.transactions import _poll, _query

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


class TransactionIterator:
    """An iterator over transactions, page by page.

    Returned by ``transactions.iter``. When reading a page fails or is interrupted, the iterator
    stays where it was, and ``next`` reads the same page again.
    """

    def __init__(self, engine: Engine, query: _query.Query) -> None:
        self._engine = engine
        self._query = query

    @property
    def cursor(self) -> str:
        """The place after the row that was returned last: printable ASCII, for ``iter(cursor=…)``.

        It holds the id of that row and no other data. Keep it when the row has been dealt with.
        """
        return self._query.cursor

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._query}>"

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Transaction:
        walk = self._query.walk
        while (row := walk.row()) is None:
            if complaint := walk.complaint():
                warnings.warn(complaint, stacklevel=2)
            if walk.page is None:
                if failure := walk.failure():
                    raise failure
                raise StopIteration
            self._read(walk.page)
        return row

    def _read(self, page: int) -> None:
        try:
            found = self._engine.call(FIND_TRANSACTIONS, self._query.payload(page))
        except APIError as error:
            if not self._query.walk.survives(error):
                raise
        except UnexpectedResponseError as error:
            if not self._query.walk.take_in_part(error):
                raise
        else:
            self._query.walk.take(found)


class Transactions(_Transactions):
    """Deposits that arrived, or are arriving, at customers' addresses.

    Args:
        engine: Carries the operations out.
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
        """Go through all transactions that pass the filters, reading page after page as needed.

        Each id comes at most once, and none is left out while rows are only added and the server
        keeps its order. Where its counts say otherwise the pages are read again, up to twice, and
        a `PagingWarning` comes at the end. The order by ``createdDate`` is inferred.

        Args:
            customer_id: Only deposits of this customer.
            currency_filter: Only deposits whose currency passes this filter.
            transaction_state_filter: Only deposits whose state passes this filter. Rows that
                leave the search while it is walked may let others slip by; that is noticed.
            page_size: Rows a page, 100 by default; the server may give fewer.
            sort: Direction of the order; `UNSET` leaves it to the server. With ``"DESC"`` rows
                that are added come first, and a cursor does not find them later.
            properties: Name of the field to order by; `UNSET` leaves it to the server.
            cursor: Where to go on: the ``cursor`` of an iterator of the same search. Rows that
                were added after it are found; what else was added before it is warned of.
            limit: Stop after so many rows, without a warning.
            max_pages: Stop after so many pages, with a `PagingWarning` if there may be more; 1,000
                by default. It bounds the memory, too: all ids met are kept.
            first_page: Number of the first page, if you know it; else page 0 is asked for first,
                since whether pages count from 0 or 1 is not known.

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
        within = _query.bounds(page_size, first_page, limit, max_pages)
        return TransactionIterator(self._engine, _query.Query(search, within, cursor))

    def wait_for(  # noqa: PLR0913 - all but the id named and optional
        self,
        transaction_id: str | UUID,
        *,
        until: TransactionState | str | Callable[[Transaction], bool] | None = None,
        credited: bool = False,
        deadline: float = _poll.DEADLINE,
        poll_interval: float = _poll.POLL_INTERVAL,
        max_poll_interval: float = _poll.MAX_POLL_INTERVAL,
        sleep: Callable[[float], object] | None = None,
    ) -> Transaction:
        """Read a transaction again and again until it has come to a state.

        The waits between the attempts double, each drawn from the upper half. Attempts that time
        out, or get a 5xx or a 429, are followed by others; any other error ends the wait. What is
        final is documented by the vendor: see ``Transaction.is_final``.

        Args:
            transaction_id: Id of the transaction.
            until: The state to wait for, or a function that tells whether a transaction will do.
                By default until it ``is_final`` or ``is_credited``.
            credited: Wait until the money has reached the merchant's account as well
                (``is_credited``). A balance grows only then.
            deadline: Seconds until waiting is given up, 600 by default. A look that is under way
                then is not cut off: the client's own deadline bounds it.
            poll_interval: Seconds between the first looks, 1 by default.
            max_poll_interval: Seconds between two looks at most, 30 by default.
            sleep: Called to wait, instead of `time.sleep`. What it is given counts as time.

        Returns:
            The transaction as it was read at last.

        Raises:
            WaitError: The deadline has come, or the transaction is final and not as wanted. Its
                ``transaction`` is what was seen last.
            ConfigurationError: A value is not a positive number of seconds, or `until` is neither
                a state nor a function.
            CalypsoError: What `get` raises for anything that does not pass.
            TypeError, ValueError: The id is of another type, or empty; nothing was sent.
        """
        poll = _poll.Poll(
            transaction_id,
            until=until,
            credited=credited,
            deadline=deadline,
            poll_interval=poll_interval,
            max_poll_interval=max_poll_interval,
        )
        while True:
            failure: CalypsoError | None = None
            try:
                found = self.get(transaction_id)
            except _poll.PASSING as error:
                failure = error
            else:
                if poll.is_over(found):
                    return found
            (sleep or _sleep)(poll.pause(failure))


def _sleep(seconds: float) -> None:
    import time

    time.sleep(seconds)
