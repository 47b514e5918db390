"""Which page to read next, which rows are new, and when the last one was read; without any I/O.

What a page number means to a server, and whether its counts and its order can be relied on, is not
documented well enough. So a walk relies on ids: a row is new when its id is.

- The first page is requested as page 0. A server that counts from 1 may reject that, or return
  its first page or an empty one. In each case page 1 is next, and rows that come twice are dropped.
  A page after the last may be rejected, too.
  The page number in a response is not used: if it were wrong, a page would be left out.
- The last page is one without new rows, or a short one on which both counts agree. One count alone
  is not enough, and neither is a short page: a server may have a smaller limit than the page size.
- When fewer rows came than the server counts, rows were added before the current page, or order or
  counts are wrong. The walk then makes another pass, for ids that it has not seen yet.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from calypso_api._secret import RawRows
from calypso_api.models import TransactionPage
from calypso_pay._errors import InvalidRequestError, NotFoundError, ServerError
from calypso_pay.transactions._cursor import Position
from calypso_pay.transactions._errors import PagingCause, PagingWarning
from calypso_pay.transactions._first_page import FirstPage
from calypso_pay.transactions._row_counter import RowCounter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calypso_api.models import Transaction
    from calypso_pay._errors import APIError, UnexpectedResponseError

MAX_PASSES = 3
# Pages in a row without a new row after which a pass ends, whatever the server's counts are.
MAX_IDLE_PAGES = 3

_CURSOR = (
    "the cursor's transaction is not among the rows any more, so all rows are returned, those "
    "before the cursor a second time"
)
_REASONS = {
    PagingCause.FILTER: (
        "transactions may have entered or left the search because their state changed, so some "
        "may be missing; iterate without a state filter, and use calypso_pay.reconcile to find "
        "those that changed their state"
    ),
    PagingCause.ADDED: (
        "rows were added before others that had been read, so some may be missing; iterate "
        "without a cursor, and in an order in which new rows come last"
    ),
    PagingCause.ORDER: (
        "its pages do not keep their order, or its count is wrong, so rows may be missing; "
        "iterate again, or in another order (properties=…)"
    ),
}

_NOTE = "If this server numbers its pages from 1 and rejects page 0 like this, pass first_page=1."


class Bounds(NamedTuple):
    """The numbers that a caller passes to `iter`.

    Attributes:
        page_size: Rows requested with each page.
        first_page: Number of the first page; None if it is not known.
        limit: How many rows to return at most; None for all.
        max_pages: How many pages to read at most.
    """

    page_size: int
    first_page: int | None
    limit: int | None
    max_pages: int


class PageWalker:
    """A walk through the pages of a search.

    The iterator takes each `next_row()`. When there is none, it emits the `pop_warning()` if there
    is one, then reads the `next_page` and passes it to `add_page`. When there is no next page, the
    walk is over. A page that could not be read changes nothing.

    Args:
        bounds: The numbers that the caller passed.
        start: Where to resume.
        has_state_filter: Whether a row can enter or leave the search when its state changes.

    Attributes:
        position: The position after the row that was returned last.
    """

    def __init__(
        self, bounds: Bounds, start: Position | None, *, has_state_filter: bool = False
    ) -> None:
        self.position = start
        self._bounds = bounds
        self._has_state_filter = has_state_filter
        self._evidence = FirstPage(None if start else bounds.first_page)
        self._first_page = start.first_page if start else bounds.first_page or 0
        self._page = start.page if start else self._first_page
        # The id of the row after which to resume, until that row is found.
        self._resume_id = start.last_id if start else None
        # Whether that row was not on its page, and is looked for from the first page on.
        self._is_searching = False
        self._counter = RowCounter(start.returned if start else 0)
        self._rows: deque[Transaction] = deque()
        # The page of these rows; None if a cursor must not name it.
        self._rows_page: int | None = None
        self._warning: PagingWarning | None = None
        self._error: UnexpectedResponseError | None = None
        self._unreadable: dict[str, object] = {}
        # False in a later pass, whose rows come after others that the server puts after them.
        self._in_order = True
        self._is_over = False
        self._pages_read = self._page_count = self._idle_pages = self._returned = 0

    @property
    def next_page(self) -> int | None:
        """The number of the page to read next; None when the walk is over."""
        return None if self._is_over or self._is_limit_reached() else self._page

    @property
    def known_first_page(self) -> int | None:
        """The number of the server's first page, given or learned; None if it is not known.

        Passed as ``first_page`` to walks of other searches, it saves their detection.
        """
        return self._evidence.known

    @property
    def returned(self) -> int:
        """How many rows this walk has returned."""
        return self._returned

    def next_row(self) -> Transaction | None:
        """Return the next row of those that were read, or None."""
        if not self._rows or self._is_limit_reached():
            return None
        row = self._rows.popleft()
        self._returned += 1
        self._move_position(row.id)
        return row

    def pop_warning(self) -> PagingWarning | None:
        """Return the warning to emit, once, if there is one."""
        warning, self._warning = self._warning, None
        return None if self._is_limit_reached() else warning

    def can_go_on(self, error: APIError) -> bool:
        """Return whether the walk can go on after the API rejected the request for a page."""
        if self._pages_read:
            return self._was_after_the_last_page(error)
        if self._page or self._bounds.first_page is not None:
            return False
        if isinstance(error, ServerError):
            # The server may just be out of order, and then page 1 could be the second page.
            error.add_note(_NOTE)
        if not isinstance(error, InvalidRequestError):
            return False
        self._evidence.add_rejection(error)
        self._first_page = self._page = 1
        return True

    def add_partial_page(self, error: UnexpectedResponseError) -> bool:
        """Add the readable rows of a page, if there are any, and keep the error for the end."""
        page = error.partial
        if not isinstance(page, TransactionPage):
            return False
        # A row without an id is known by its index: other rows may have the same content.
        unreadable = {
            _id_of(row) or f"{self._page}.{index}: {row!r}": row
            for index, row in enumerate(error.rows)
        }
        self._error = self._error or error
        self._unreadable |= unreadable
        self.add_page(page, tuple(unreadable))
        return True

    def pop_error(self) -> UnexpectedResponseError | None:
        """Return the error with all rows that could not be read, once, if there are any."""
        error, self._error = self._error, None
        if error is not None:
            error.rows = RawRows(tuple(self._unreadable.values()))
        return error

    def add_page(self, page: TransactionPage, unreadable: Sequence[str] = ()) -> None:
        """Add a page that was read, and the ids of the rows on it that could not be."""
        self._pages_read += 1
        if self._is_first_after_an_empty_one(page):
            self._page = self._first_page
            return
        self._page_count = page.total or 0
        self._counter.update_total(page.total_elements)
        new = self._counter.new_in_pass(page.result)
        has_new = self._counter.add_unreadable(unreadable) or bool(new)
        ids = {row.id for row in page.result} | set(unreadable)
        self._evidence.add_page(self._page, ids, has_new=has_new, page_count=page.total)
        self._rows_page = self._page if self._in_order else None
        self._rows.extend(
            self._counter.new_in_walk(self._after_resume_id(new, self._size_of(page)))
        )
        if self._resume_id is not None and not self._is_searching:
            self._search()
        elif self._counter.is_completed_early or self._ends_pass(page, has_new):
            self._end_pass()
        else:
            self._page += 1
        if self._pages_read >= self._bounds.max_pages and not self._is_over:
            self._stop_at_max_pages()

    def _is_first_after_an_empty_one(self, page: TransactionPage) -> bool:
        """Return whether this is page 1, it has rows, and page 0 had none.

        Either it is the first page, or rows were added in between: then page 0 has some by now.
        """
        return (
            self._pages_read - 1 == self._page == 1 and not self._counter.seen and bool(page.result)
        )

    def _was_after_the_last_page(self, error: APIError) -> bool:
        is_after_the_last = self._page >= self._page_count
        if is_after_the_last and isinstance(error, InvalidRequestError | NotFoundError):
            self._end_pass()
            return True
        return False

    def _is_limit_reached(self) -> bool:
        return self._bounds.limit is not None and self._returned >= self._bounds.limit

    def _move_position(self, last_id: str) -> None:
        returned = self._counter.found - len(self._rows)
        if self._rows_page is not None:
            self.position = Position(self._first_page, self._rows_page, returned, last_id)
        elif self.position is not None:
            # A row that a later pass finds is before rows that were returned already: to resume
            # after it would return many of them twice.
            self.position = self.position._replace(returned=returned)

    def _size_of(self, page: TransactionPage) -> int:
        """Return how many rows a full page has; the server may have a smaller limit."""
        return min(self._bounds.page_size, max(page.size or 0, 0) or self._bounds.page_size)

    def _after_resume_id(
        self, rows: Sequence[Transaction], page_size: int
    ) -> Sequence[Transaction]:
        """Return the rows after the one where the cursor is."""
        if self._resume_id is None:
            return rows
        ids = [row.id for row in rows]
        if self._resume_id not in ids:
            return ()
        index = ids.index(self._resume_id) + 1
        if not self._is_searching:
            self._counter.resume_after(rows[:index], page_size)
        self._resume_id = None
        return rows[index:]

    def _search(self) -> None:
        """Look for the cursor's row from the first page on, since it is not on its page."""
        self._is_searching = True
        self._page = self._first_page
        self._counter.begin_search()

    def _ends_pass(self, page: TransactionPage, has_new: bool) -> bool:  # noqa: FBT001 - private
        if self._page == 0 and not page.result and self._bounds.first_page is None:
            return False
        self._idle_pages = 0 if has_new else self._idle_pages + 1
        if len(page.result) < self._size_of(page) and self._is_last_by_both_counts(page):
            return True
        is_after_the_last = page.total is not None and self._page >= page.total
        return not has_new and (is_after_the_last or self._idle_pages >= MAX_IDLE_PAGES)

    def _is_last_by_both_counts(self, page: TransactionPage) -> bool:
        if page.total is None or page.total_elements is None:
            return False
        return self._page + 1 >= page.total and self._counter.seen >= page.total_elements

    def _end_pass(self) -> None:
        if self._resume_id is not None:
            self._start_over()
        elif self._counter.is_completed_early or self._counter.is_complete:
            self._evidence.add_end()
            self._is_over = True
        elif self._counter.may_find_more and self._counter.passes < MAX_PASSES:
            self._in_order = not self._counter.found
            self._counter.begin_pass()
            self._page, self._idle_pages = self._first_page, 0
        else:
            cause = self._cause()
            self._stop(cause, _REASONS[cause])

    def _start_over(self) -> None:
        """Return all rows, since the cursor's row is gone."""
        hint = "; its state may have changed, so iterate without a state filter"
        self._warn(PagingCause.CURSOR, _CURSOR + hint * self._has_state_filter)
        self._resume_id, self._is_searching = None, False
        self._counter = RowCounter(0)
        self._page, self._idle_pages = self._first_page, 0

    def _stop_at_max_pages(self) -> None:
        if self._counter.is_complete:
            self._is_over = True
        else:
            self._stop(
                PagingCause.MAX_PAGES,
                f"max_pages={self._bounds.max_pages} pages were read, and there may be more: "
                "resume from the iterator's cursor, or allow more pages",
            )

    def _stop(self, cause: PagingCause, reason: str) -> None:
        self._is_over = True
        self._warn(cause, reason)

    def _warn(self, cause: PagingCause, reason: str) -> None:
        found, total = self._counter.found, self._counter.total
        counts = "does not count them" if total is None else f"counts {total}"
        self._warning = PagingWarning(
            f"{found} transactions were found, and the server {counts}: {reason}.",
            cause=cause,
            found=found,
            total=total or 0,
        )

    def _cause(self) -> PagingCause:
        # A row that enters hides one that leaves from the count, so only a second pass with the
        # same rows shows that the search did not change.
        if self._has_state_filter and not self._counter.is_repeated:
            return PagingCause.FILTER
        return PagingCause.ADDED if self._counter.lacks_added else PagingCause.ORDER


def _id_of(row: object) -> str | None:
    found = row.get("id") if isinstance(row, dict) else None
    return found if isinstance(found, str) else None
