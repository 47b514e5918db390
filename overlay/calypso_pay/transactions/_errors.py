"""What the helpers over transactions raise and warn of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calypso_pay._errors import CalypsoError

if TYPE_CHECKING:
    from calypso_api.models import Transaction


class WaitError(CalypsoError):
    """A transaction did not come to what was waited for: time ran out, or it ended elsewhere.

    Nothing was changed by it, and waiting again is safe. When reading failed at the last, that
    error is the cause.

    Attributes:
        transaction: The transaction as it was last seen; None if it was never read.
        timed_out: Whether time ran out; otherwise the transaction can no longer get there.
    """

    transaction: Transaction | None = None
    timed_out: bool = False


class PagingWarning(UserWarning):
    """A walk through pages may not have found every row, or finds some again after a cursor.

    Attributes:
        found: How many rows were found, those before the cursor included.
        total: How many there are, as the server counted last.
    """

    found: int = 0
    total: int = 0

    def __init__(self, text: str, /, *, found: int = 0, total: int = 0) -> None:
        super().__init__(text)
        self.found = found
        self.total = total
