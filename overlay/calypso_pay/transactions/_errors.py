"""The errors and warnings of the transaction helpers."""

from __future__ import annotations

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


class PagingWarning(UserWarning):
    """An iterator may have missed rows, or returns some that an earlier iterator returned.

    Attributes:
        found: How many rows were found, those before the cursor included.
        total: How many rows there are, by the server's last count.
    """

    found: int = 0
    total: int = 0

    def __init__(self, text: str, /, *, found: int = 0, total: int = 0) -> None:
        super().__init__(text)
        self.found = found
        self.total = total
