"""Which page to ask for next, which rows are new, and when all have come; without any I/O.

What a server means by a page number, and whether its counts and its order hold, is not documented
well enough to be relied upon. So a walk relies on ids: a row is new when its id is.

- The first page is asked for as page 0. A server that counts from 1 may refuse that, answer with
  its first page, or with nothing: each time page 1 comes next, and what comes twice is dropped.
  A page after the last may be refused, too.
  What an answer says of its own number is not used: were it wrong, a page would be left out.
- The end is a page without news, or a short one on which all counts agree. One count alone is
  not enough, and neither is a short page: a server may have a smaller limit than was asked for.
- When fewer rows came than the server counts, rows have come in before the place that was reached,
  or order or counts do not hold. The walk then goes round again, for ids not met yet.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from calypso_api._secret import RawRows
from calypso_api.models import TransactionPage
from calypso_pay._errors import InvalidRequestError, NotFoundError, ServerError
from calypso_pay.transactions._cursor import Position
from calypso_pay.transactions._errors import PagingWarning
from calypso_pay.transactions._tally import Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calypso_api.models import Transaction
    from calypso_pay._errors import APIError, UnexpectedResponseError

ROUNDS = 3
# Pages in a row that bring nothing new before their round ends, whatever the counts promise.
IDLE_PAGES = 3

_NOTE = "If this server numbers its pages from 1 and answers so to page 0, pass first_page=1."


class Bounds(NamedTuple):
    """What a walk is told.

    Attributes:
        size: Rows asked for with each page.
        first_page: Number of the first page; None where it is to be found out.
        limit: How many rows to return at most; None for all.
        max_pages: How many pages to read at most.
    """

    size: int
    first_page: int | None
    limit: int | None
    max_pages: int


class Walk:
    """A walk through the pages of a search.

    Its driver takes a `row()` as long as there is one, then warns of the `complaint()` if there
    is one, then reads the `page` and hands it to `take`; when there is no page the walk is over.
    A page that could not be read leaves everything as it was.

    Attributes:
        position: The place after the row that was returned last.
    """

    def __init__(self, bounds: Bounds, start: Position | None) -> None:
        self.position = start
        self._bounds = bounds
        self._first = start.first if start else bounds.first_page or 0
        self._number = start.page if start else self._first
        self._anchor = start.last if start else None
        self._searching = False
        self._tally = Tally(start.returned if start else 0)
        self._rows: deque[Transaction] = deque()
        self._rows_page: int | None = None
        self._complaint: PagingWarning | None = None
        self._failure: UnexpectedResponseError | None = None
        self._lost: dict[str, object] = {}
        self._in_order = True
        self._over = False
        self._pages = self._promised = self._idle = self._returned = 0

    @property
    def page(self) -> int | None:
        """The number of the page to read next; None when the walk is over."""
        return None if self._over or self._is_full() else self._number

    @property
    def returned(self) -> int:
        """How many rows were returned."""
        return self._returned

    def row(self) -> Transaction | None:
        """Return the next row, if there is one without reading on."""
        if not self._rows or self._is_full():
            return None
        row = self._rows.popleft()
        self._returned += 1
        self._mark(row.id)
        return row

    def complaint(self) -> PagingWarning | None:
        """Return what there is to warn of, once."""
        complaint, self._complaint = self._complaint, None
        return None if self._is_full() else complaint

    def survives(self, error: APIError) -> bool:
        """Tell whether the walk can go on after the server refused the page."""
        if self._pages:
            return self._was_past_the_end(error)
        if self._number or self._bounds.first_page is not None:
            return False
        if isinstance(error, ServerError):
            # It may as well be out of order, and then page 1 could be the second.
            error.add_note(_NOTE)
        if not isinstance(error, InvalidRequestError):
            return False
        self._first = self._number = 1
        return True

    def take_in_part(self, error: UnexpectedResponseError) -> bool:
        """Take what could be read of a page, if anything, and keep the error for the end."""
        page = error.partial
        if not isinstance(page, TransactionPage):
            return False
        # Without an id a row is known by its place: others may look the same.
        lost = {
            _id_of(row) or f"{self._number}.{place}: {row!r}": row
            for place, row in enumerate(error.rows)
        }
        self._failure = self._failure or error
        self._lost |= lost
        self.take(page, tuple(lost))
        return True

    def failure(self) -> UnexpectedResponseError | None:
        """Return the error of the rows that could not be read, once, if there are any."""
        failure, self._failure = self._failure, None
        if failure is not None:
            failure.rows = RawRows(tuple(self._lost.values()))
        return failure

    def take(self, page: TransactionPage, lost: Sequence[str] = ()) -> None:
        """Take the page that was read, and the ids of the rows on it that could not be."""
        self._pages += 1
        if self._has_begun_in_doubt(page):
            self._number = self._first
            return
        self._promised = page.total or 0
        self._tally.count(page.total_elements)
        met = self._tally.meet(page.result)
        news = self._tally.lose(lost) or bool(met)
        self._rows_page = self._number if self._in_order else None
        self._rows.extend(self._tally.find(self._after_anchor(met)))
        if self._anchor is not None and not self._searching:
            self._search()
        elif self._tally.is_completed_early or self._ends_round(page, news):
            self._end_round()
        else:
            self._number += 1
        if self._pages >= self._bounds.max_pages and not self._over:
            self._give_up()

    def _has_begun_in_doubt(self, page: TransactionPage) -> bool:
        """Tell whether page 1 has rows after page 0 had none.

        Either it is the first, or rows have come in between: then page 0 has some by now.
        """
        return self._pages - 1 == self._number == 1 and not self._tally.met and bool(page.result)

    def _was_past_the_end(self, error: APIError) -> bool:
        past = self._number >= self._promised
        if past and isinstance(error, InvalidRequestError | NotFoundError):
            self._end_round()
            return True
        return False

    def _is_full(self) -> bool:
        return self._bounds.limit is not None and self._returned >= self._bounds.limit

    def _mark(self, last: str) -> None:
        returned = self._tally.found - len(self._rows)
        if self._rows_page is not None:
            self.position = Position(self._first, self._rows_page, returned, last)
        elif self.position is not None:
            # What a later round brings had been passed: going on from there would repeat much.
            self.position = self.position._replace(returned=returned)

    def _after_anchor(self, met: Sequence[Transaction]) -> Sequence[Transaction]:
        """Return the rows that come after the one where the cursor stands."""
        if self._anchor is None:
            return met
        ids = [row.id for row in met]
        if self._anchor not in ids:
            return ()
        place = ids.index(self._anchor) + 1
        if not self._searching:
            self._tally.resume_after(met[:place])
        self._anchor = None
        return met[place:]

    def _search(self) -> None:
        """Look from the first page on for a row that is not where it was."""
        self._searching = True
        self._number = self._first
        self._tally.search()

    def _ends_round(self, page: TransactionPage, news: bool) -> bool:  # noqa: FBT001 - private
        if self._number == 0 and not page.result and self._bounds.first_page is None:
            return False
        self._idle = 0 if news else self._idle + 1
        size = min(self._bounds.size, max(page.size or 0, 0) or self._bounds.size)
        if len(page.result) < size and self._is_agreed(page):
            return True
        is_past_the_last = page.total is not None and self._number >= page.total
        return not news and (is_past_the_last or self._idle >= IDLE_PAGES)

    def _is_agreed(self, page: TransactionPage) -> bool:
        """Tell whether both counts of the server say that this page is the last one."""
        if page.total is None or page.total_elements is None:
            return False
        return self._number + 1 >= page.total and self._tally.met >= page.total_elements

    def _end_round(self) -> None:
        if self._anchor is not None:
            self._begin_anew()
        elif self._tally.is_completed_early or self._tally.is_complete:
            self._over = True
        elif self._tally.may_gain and self._tally.rounds < ROUNDS:
            self._in_order = not self._tally.found
            self._tally.begin_round()
            self._number, self._idle = self._first, 0
        else:
            self._stop(self._reason())

    def _begin_anew(self) -> None:
        """Return everything, since the row where the cursor stands is gone."""
        self._complain(
            "the transaction where the cursor stands is not among the rows any more, "
            "so all are returned, from the first one on, those before the cursor again"
        )
        self._anchor, self._searching = None, False
        self._tally = Tally(0)
        self._number, self._idle = self._first, 0

    def _give_up(self) -> None:
        if self._tally.is_complete:
            self._over = True
        else:
            self._stop(
                f"max_pages={self._bounds.max_pages} pages were read, and there may be more: "
                "go on from the iterator's cursor, or allow more pages"
            )

    def _stop(self, reason: str) -> None:
        self._over = True
        self._complain(reason)

    def _complain(self, reason: str) -> None:
        found, total = self._tally.found, self._tally.total
        counts = "does not count them" if total is None else f"counts {total}"
        self._complaint = PagingWarning(
            f"{found} transactions were found, and the server {counts}: {reason}.",
            found=found,
            total=total or 0,
        )

    def _reason(self) -> str:
        if self._tally.fell:
            return (
                "rows left the search while its pages were read, so that others may have been "
                "missed; search by what does not change"
            )
        if self._tally.found != self._tally.met:
            return (
                "rows may have come in before the cursor; walk without it, or in an order in "
                "which new rows come last"
            )
        return (
            "its pages do not keep their order, or its count is wrong, so that rows may be "
            "missing; walk again, or in another order (properties=…)"
        )


def _id_of(row: object) -> str | None:
    found = row.get("id") if isinstance(row, dict) else None
    return found if isinstance(found, str) else None
