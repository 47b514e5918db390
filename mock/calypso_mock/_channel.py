"""Queue what one subscription is to be sent: the vendor's schedule and its block rule.

No input or output: times are given, and what became of an attempt is told.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from calypso_mock._events import Event

# Documented (page "Webhook subscriptions"). The vendor lists these 18 and speaks of 19 retries;
# that the nineteenth is the first attempt is inferred.
GAPS = tuple(
    timedelta(seconds=seconds)
    for seconds in (
        *(30, 60, 90, 150, 240, 390, 630, 1020, 1650),
        *(2670, 4320, 6990, 11310, 18300, 29610, 47910, 77520, 125430),
    )
)
# Documented: more than so many errors within so long, and no success. That the window slides, and
# that a moment exactly that old still lies in it, is inferred.
BLOCK_ERRORS = 100
BLOCK_WINDOW = timedelta(minutes=10)
_DELIVERED = 200


@dataclass(slots=True, eq=False)
class Delivery:
    """One event on its way to one subscription.

    Attributes:
        event: What it tells of.
        body: The very bytes that are sent each time.
        due: Business time of the next attempt; None when there is none.
        attempts: How many were made.
        retries: How many of them count against the schedule.
        delivered: Whether one was answered with 200.
        rank: Decides among those that are due together.
    """

    event: Event
    body: bytes = field(repr=False)
    due: datetime | None
    attempts: int = 0
    retries: int = 0
    delivered: bool = False
    rank: int = 0


@dataclass(slots=True)
class Channel:
    """The way to one subscription.

    Attributes:
        blocked: Whether too many errors closed it.
        busy: Whether an attempt is under way; they are made one after another.
        deliveries: Everything that was ever to be sent, by event id.
    """

    blocked: bool = False
    busy: bool = False
    deliveries: dict[int, Delivery] = field(default_factory=dict, repr=False)
    _queue: list[tuple[datetime, int, int, Delivery]] = field(default_factory=list, repr=False)
    _errors: deque[datetime] = field(default_factory=deque, repr=False)
    _succeeded: datetime | None = None

    def put(self, delivery: Delivery, due: datetime) -> None:
        """Have an attempt made at a time, in place of any that was planned."""
        self.deliveries[delivery.event.id] = delivery
        delivery.due = due
        heapq.heappush(self._queue, (due, delivery.rank, delivery.event.id, delivery))

    def put_anew(self, delivery: Delivery, now: datetime) -> None:
        """Start the schedule of a delivery again, whatever became of it before."""
        delivery.retries = 0
        delivery.delivered = False
        self.put(delivery, now)

    def first(self) -> Delivery | None:
        """Return the delivery that is due next, or None if nothing waits or it is blocked."""
        while self._queue and self._queue[0][0] != self._queue[0][3].due:
            heapq.heappop(self._queue)
        return self._queue[0][3] if self._queue and not self.blocked else None

    def pending(self) -> list[Delivery]:
        """Return what is still to be sent, held deliveries of a blocked channel included."""
        return [delivery for delivery in self.deliveries.values() if delivery.due is not None]

    def take(self, delivery: Delivery) -> None:
        """Begin an attempt."""
        self.busy = True
        delivery.attempts += 1
        delivery.due = None

    def succeed(self, delivery: Delivery, at: datetime, *, again: bool) -> None:
        """End an attempt that was answered with 200.

        Args:
            delivery: What was sent.
            at: Business time of the attempt.
            again: Whether to send it once more all the same.
        """
        self.busy = False
        self._succeeded = at
        first_time = not delivery.delivered
        delivery.delivered = True
        if first_time and again and delivery.due is None:
            self.put(delivery, at)

    def fail(self, delivery: Delivery, at: datetime) -> None:
        """End an attempt that was not: plan the next one, and block what fails too often."""
        self.busy = False
        # Asked for anew meanwhile, or the second copy of what has arrived: no retry of this one.
        if delivery.due is None and not delivery.delivered and delivery.retries < len(GAPS):
            self.put(delivery, at + GAPS[delivery.retries])
            delivery.retries += 1
        self._errors.append(at)
        while self._errors[0] < at - BLOCK_WINDOW:
            self._errors.popleft()
        succeeded = self._succeeded is not None and self._succeeded >= at - BLOCK_WINDOW
        self.blocked = self.blocked or (len(self._errors) > BLOCK_ERRORS and not succeeded)

    def unblock(self, now: datetime) -> int:
        """Open a blocked channel and send all that it held, each on a schedule begun anew.

        That everything undelivered counts as failed meanwhile is inferred.

        Returns:
            How many deliveries are due now.
        """
        if not self.blocked:
            return 0
        self.blocked = False
        self._errors.clear()
        held = self.pending()
        for delivery in held:
            self.put_anew(delivery, now)
        return len(held)


def is_delivered(status: int | None) -> bool:
    """Tell whether an answer means delivered: 200 (documented); any other 2xx is unknown."""
    return status == _DELIVERED
