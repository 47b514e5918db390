"""What is answered to a delivery, and why."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from calypso_pay._errors import Reason


class Result(StrEnum):
    """What became of a delivery.

    The vendor takes 200 for delivered and sends everything else again, for days (documented); so
    the other statuses differ for those who read logs only.
    """

    HANDLED = "handled"
    """The handler ran and returned: 200."""
    IGNORED = "ignored"
    """No handler is for this event: 200."""
    DUPLICATE = "duplicate"
    """A handler was already done with this event, or with this step of the transaction: 200."""
    LATE = "late"
    """The transaction is past the step that the event tells of, so no handler ran: 200."""
    UNVERIFIED = "unverified"
    """The signature is not the vendor's: 401."""
    UNREADABLE = "unreadable"
    """The signature is right, but what it signs is no event that can be dealt with: 400."""
    FAILED = "failed"
    """The handler raised, or there is none for an event that may be about money: 500, so that the
    event comes again."""
    BUSY = "busy"
    """The same event, or another of its transaction, is being handled: 503, so that it comes
    again, for nobody knows yet how that ends."""
    UNAVAILABLE = "unavailable"
    """The store, the API or the look-up of a secret failed before the handler could run, or the
    store after it: 503, so that the event comes again."""


_STATUSES = {
    Result.UNVERIFIED: 401,
    Result.UNREADABLE: 400,
    Result.FAILED: 500,
    Result.BUSY: 503,
    Result.UNAVAILABLE: 503,
}


class Response(NamedTuple):
    """What to answer to a delivery.

    Attributes:
        result: What became of it.
        reason: Why it was not verified, or not readable; None for any other result.
    """

    result: Result
    reason: Reason | None = None

    @property
    def status(self) -> int:
        """The HTTP status to answer with; the body does not matter."""
        return _STATUSES.get(self.result, 200)
