"""The response to a delivery, and the reason for it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from calypso_pay._errors import Reason


class Result(StrEnum):
    """The result of a delivery.

    The vendor takes 200 for delivered. After any other status it delivers the event again, for days
    (documented), so the differences between those statuses matter only to readers of logs.
    """

    HANDLED = "handled"
    """The handler ran and returned: 200."""
    STORED = "stored"
    """The event is stored, and a worker will handle it: 200."""
    IGNORED = "ignored"
    """No handler is registered for this event: 200."""
    DUPLICATE = "duplicate"
    """This event, or this step of its transaction, was handled before: 200."""
    LATE = "late"
    """The transaction is already past the step of this event, so no handler ran: 200."""
    PARKED = "parked"
    """The handler failed too often. The store keeps the event until it is retried by hand, so the
    vendor need not deliver it again: 200."""
    UNVERIFIED = "unverified"
    """The signature is not the vendor's: 401."""
    UNREADABLE = "unreadable"
    """The signature is right, but the body is not an event that can be processed: 400."""
    FAILED = "failed"
    """The handler raised, or an event that may be about money has no handler: 500, so that the
    vendor delivers the event again."""
    BUSY = "busy"
    """The same event, or another event of its transaction, is being handled: 503, so that the
    vendor delivers the event again, since that handler may still fail."""
    UNAVAILABLE = "unavailable"
    """The store, the API or the look-up of a secret failed before the handler could run, or the
    store failed after it: 503, so that the vendor delivers the event again."""


_STATUSES = {
    Result.UNVERIFIED: 401,
    Result.UNREADABLE: 400,
    Result.FAILED: 500,
    Result.BUSY: 503,
    Result.UNAVAILABLE: 503,
}


class Response(NamedTuple):
    """The response to send to a delivery.

    Attributes:
        result: The result of the delivery.
        reason: Why it was not verified or not readable; None for any other result.
    """

    result: Result
    reason: Reason | None = None

    @property
    def status(self) -> int:
        """The HTTP status to respond with; the body does not matter."""
        return _STATUSES.get(self.result, 200)
