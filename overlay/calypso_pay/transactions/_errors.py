"""The errors and warnings of the transaction helpers."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from calypso_pay._errors import CalypsoError

if TYPE_CHECKING:
    from calypso_api.models import Transaction


class WaitError(CalypsoError):
    """The deadline of `wait_for` passed, or the transaction is final without meeting the condition.

    Waiting changes nothing, so it is safe to call `wait_for` again. If the last attempt failed, its
    error is the ``__cause__``.

    Attributes:
        transaction: The transaction as it was last read; None if it was never read.
        timed_out: Whether the deadline passed; otherwise the transaction is final.
    """

    transaction: Transaction | None = None
    timed_out: bool = False


class PagingCause(StrEnum):
    """Why an iterator may have missed rows, as far as the server's counts show it.

    Attributes:
        FILTER: The search has a state filter, and rows entered or left it, or may have: their
            state changed. An iterator without that filter sees these rows.
        ADDED: Rows were added before others that had been read. An iterator without a cursor finds
            them.
        CURSOR: The row of the cursor is gone. All rows are returned, some a second time.
        ORDER: The pages do not keep their order, or the server's count is wrong.
        MAX_PAGES: As many pages were read as ``max_pages`` allows.
    """

    FILTER = "filter"
    ADDED = "added"
    CURSOR = "cursor"
    ORDER = "order"
    MAX_PAGES = "max_pages"


class PagingWarning(UserWarning):
    """An iterator may have missed rows, or returns some that an earlier iterator returned.

    The message states what to do.

    Attributes:
        cause: The cause, as far as it is known.
        found: How many rows were found, those before the cursor included.
        total: How many rows there are, by the server's last count.
    """

    cause: PagingCause = PagingCause.ORDER
    found: int = 0
    total: int = 0

    def __init__(
        self,
        text: str,
        /,
        *,
        cause: PagingCause = PagingCause.ORDER,
        found: int = 0,
        total: int = 0,
    ) -> None:
        super().__init__(text)
        self.cause = cause
        self.found = found
        self.total = total
