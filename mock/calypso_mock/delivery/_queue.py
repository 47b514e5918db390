"""The queue of deliveries: the vendor's retry schedule and its block rule.

There is no input or output here: the dispatcher takes what is due, sends it, and passes the result
back. An attempt counts as made when it fell due: after business time has jumped, the schedule
looks as if the receiver had been called all along.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from calypso_mock._errors import MockError
from calypso_mock.api._signing import signature
from calypso_mock.state._records import Attempt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from calypso_mock.state._fault_injection import FaultInjection
    from calypso_mock.state._mock_state import MockState
    from calypso_mock.state._records import Account, Delivery, DeliveryQueue, Subscription

# Documented (page "Webhook subscriptions"). The vendor lists these 18 and mentions 19 retries;
# that the nineteenth is the first attempt is inferred.
RETRY_DELAYS = tuple(
    timedelta(seconds=seconds)
    for seconds in (
        *(30, 60, 90, 150, 240, 390, 630, 1020, 1650),
        *(2670, 4320, 6990, 11310, 18300, 29610, 47910, 77520, 125430),
    )
)
# Documented: more than so many errors within so long, and no success. That the window slides, and
# that a moment exactly that old is still within it, is inferred.
BLOCK_ERRORS = 100
BLOCK_WINDOW = timedelta(minutes=10)
# Documented; whether another 2xx means delivered is unknown.
_DELIVERED = 200


class Addressed(NamedTuple):
    """A delivery with its subscription and account."""

    account: Account
    subscription: Subscription
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class StartedAttempt:
    """An attempt that has begun.

    Attributes:
        state: The state that it belongs to; a reset mock has another.
        addressed: The delivery and its subscription.
        due: When it fell due.
        fails: Whether it is to fail, by fault injection.
    """

    state: MockState
    addressed: Addressed
    due: datetime
    fails: bool

    @property
    def url(self) -> str:
        """Where to send it: the subscription's URL as it is now."""
        return self.addressed.subscription.url

    @property
    def body(self) -> bytes:
        """The bytes to send."""
        return self.addressed.delivery.body

    def headers(self) -> dict[str, str]:
        """Return the headers, signed with the subscription's own secret (documented)."""
        subscription = self.addressed.subscription
        return {
            "Content-Type": "application/json",
            "Key": subscription.public_key,
            "Sign": signature(subscription.secret_key, self.body).decode(),
        }


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """The result of an attempt.

    Attributes:
        status: HTTP status of the response, if there was one.
        error: Why there was no response.
        is_final: Whether a retry is useless and the receiver is not to blame.
    """

    status: int | None = None
    error: str | None = None
    is_final: bool = False


def put(queue: DeliveryQueue, delivery: Delivery, due: datetime) -> None:
    """Plan an attempt, in place of any that was planned for this delivery."""
    queue.deliveries[delivery.event.id] = delivery
    delivery.due = due
    heapq.heappush(queue.waiting, (due, delivery.rank, delivery.event.id, delivery))


def lose(queue: DeliveryQueue, delivery: Delivery) -> None:
    """Plan no attempt; the event can still be resent."""
    queue.deliveries[delivery.event.id] = delivery
    delivery.lost = True


def lost(state: MockState) -> list[Attempt]:
    """Return what was never sent, the oldest event first."""
    found = [
        replace(
            _future_attempt(Addressed(account, subscription, delivery)), error="lost on request"
        )
        for account, subscription in state.subscriptions()
        for delivery in subscription.queue.deliveries.values()
        if delivery.lost
    ]
    return sorted(found, key=lambda one: one.event_id)


def next_due(state: MockState) -> datetime | None:
    """Return when the next attempt falls due, or None if there is none.

    Subscriptions with an attempt in flight are left out.
    """
    return min((due for due, _ in _ready(state)), default=None)


def is_in_flight(state: MockState) -> bool:
    """Return whether an attempt is in flight."""
    return any(subscription.queue.in_flight for _, subscription in state.subscriptions())


def take(state: MockState, faults: FaultInjection, now: datetime) -> StartedAttempt | None:
    """Start the attempt that has been due longest, or return None if none is due."""
    due_now = [(due, addressed) for due, addressed in _ready(state) if due <= now]
    if not due_now:
        return None
    due, addressed = min(
        due_now, key=lambda one: (one[0], one[1].delivery.rank, one[1].delivery.event.id)
    )
    _, subscription, delivery = addressed
    subscription.queue.in_flight = True
    delivery.attempts += 1
    delivery.due = None
    names = (subscription.request_id, delivery.event.id, delivery.attempts)
    return StartedAttempt(state, addressed, due, faults.fails_attempt(state.ids, *names))


def finish(
    started: StartedAttempt, result: AttemptResult, faults: FaultInjection, now: datetime
) -> None:
    """End an attempt, plan what follows, and log it."""
    state, (account, subscription, delivery) = started.state, started.addressed
    number, queue = delivery.attempts, subscription.queue
    queue.in_flight = False
    if result.status == _DELIVERED:
        duplicate = faults.duplicates_event(state.ids, subscription.request_id, delivery.event.id)
        _succeed(queue, delivery, started.due, duplicate=duplicate)
    elif not result.is_final:
        _fail(queue, delivery, started.due)
    has_next = not queue.blocked and _is_subscribed(started.addressed)
    made = Attempt(
        account=account.id,
        request_id=subscription.request_id,
        event_id=delivery.event.id,
        event_type=delivery.event.kind.type,
        number=number,
        due=started.due,
        sent=now,
        status=result.status,
        error=result.error,
        next_due=delivery.due if has_next else None,
        transaction_id=_transaction_id(delivery),
    )
    state.attempts.append(made)


def pending(state: MockState) -> list[Attempt]:
    """Return the future attempts, the next first and those of blocked subscriptions last."""
    found = [
        _future_attempt(Addressed(account, subscription, delivery))
        for account, subscription in state.subscriptions()
        for delivery in _undelivered(subscription.queue)
    ]
    planned = [attempt for attempt in found if attempt.due is not None]
    held = [attempt for attempt in found if attempt.due is None]
    return sorted(planned, key=lambda one: (one.due, one.event_id)) + held


def resend(state: MockState, event_id: int, request_id: str | None, now: datetime) -> int:
    """Send an event once more, whether or not it was delivered, with a new retry schedule.

    Returns:
        The number of subscriptions that get it.

    Raises:
        MockError: If none of them ever got this event, or one is blocked.
    """
    found = [
        (subscription.queue, subscription.queue.deliveries[event_id])
        for _, subscription in _named(state, request_id)
        if event_id in subscription.queue.deliveries
    ]
    if not found:
        raise MockError("no such subscription has an event with this id")
    if any(queue.blocked for queue, _ in found):
        raise MockError("the subscription is blocked; unblock it first")
    for queue, delivery in found:
        _put_anew(queue, delivery, now)
    return len(found)


def unblock(state: MockState, request_id: str, account: str | None, now: datetime) -> int:
    """Unblock a subscription and send everything that it held, with new retry schedules.

    That everything undelivered counts as failed meanwhile is inferred.

    Returns:
        The number of deliveries that are due now.

    Raises:
        MockError: If there is no such subscription.
    """
    found = [
        subscription.queue
        for owner, subscription in _named(state, request_id)
        if account in (None, owner.id)
    ]
    if not found:
        raise MockError("there is no subscription with this id")
    return sum(_unblock(queue, now) for queue in found if queue.blocked)


def _ready(state: MockState) -> Iterator[tuple[datetime, Addressed]]:
    """Go through the first delivery of each subscription that has no attempt in flight."""
    for account, subscription in state.subscriptions():
        queue = subscription.queue
        delivery = None if queue.in_flight else _first(queue)
        if delivery is not None and delivery.due is not None:
            yield delivery.due, Addressed(account, subscription, delivery)


def _first(queue: DeliveryQueue) -> Delivery | None:
    """Return the delivery that is due next, or None if there is none or the queue is blocked."""
    # Entries whose delivery was planned anew, or taken, are outdated.
    while queue.waiting and queue.waiting[0][0] != queue.waiting[0][3].due:
        heapq.heappop(queue.waiting)
    return queue.waiting[0][3] if queue.waiting and not queue.blocked else None


def _succeed(queue: DeliveryQueue, delivery: Delivery, at: datetime, *, duplicate: bool) -> None:
    """Note a success; a duplicate is sent once, after the first success."""
    queue.succeeded = at
    first_time = not delivery.delivered
    delivery.delivered = True
    if first_time and duplicate and delivery.due is None:
        put(queue, delivery, at)


def _fail(queue: DeliveryQueue, delivery: Delivery, at: datetime) -> None:
    """Note a failure: plan a retry, and block the queue if too many attempts failed."""
    # Neither a delivery that was resent meanwhile nor a duplicate of a delivered one is retried.
    is_open = delivery.due is None and not delivery.delivered
    if is_open and delivery.retries < len(RETRY_DELAYS):
        put(queue, delivery, at + RETRY_DELAYS[delivery.retries])
        delivery.retries += 1
    queue.errors.append(at)
    while queue.errors[0] < at - BLOCK_WINDOW:
        queue.errors.popleft()
    succeeded = queue.succeeded is not None and queue.succeeded >= at - BLOCK_WINDOW
    queue.blocked = queue.blocked or (len(queue.errors) > BLOCK_ERRORS and not succeeded)


def _unblock(queue: DeliveryQueue, now: datetime) -> int:
    queue.blocked = False
    queue.errors.clear()
    held = _undelivered(queue)
    for delivery in held:
        _put_anew(queue, delivery, now)
    return len(held)


def _put_anew(queue: DeliveryQueue, delivery: Delivery, now: datetime) -> None:
    """Start the retry schedule of a delivery again."""
    delivery.retries = 0
    delivery.delivered = delivery.lost = False
    put(queue, delivery, now)


def _undelivered(queue: DeliveryQueue) -> list[Delivery]:
    """Return the deliveries with a planned attempt, those that a block holds back included."""
    return [delivery for delivery in queue.deliveries.values() if delivery.due is not None]


def _named(state: MockState, request_id: str | None) -> Iterator[tuple[Account, Subscription]]:
    for account, subscription in state.subscriptions():
        if request_id is None or subscription.request_id.lower() == request_id.lower():
            yield account, subscription


def _is_subscribed(addressed: Addressed) -> bool:
    account, subscription, _ = addressed
    return account.subscriptions.get(subscription.request_id.lower()) is subscription


def _future_attempt(addressed: Addressed) -> Attempt:
    account, subscription, delivery = addressed
    return Attempt(
        account=account.id,
        request_id=subscription.request_id,
        event_id=delivery.event.id,
        event_type=delivery.event.kind.type,
        number=delivery.attempts + 1,
        due=None if subscription.queue.blocked else delivery.due,
        transaction_id=_transaction_id(delivery),
    )


def _transaction_id(delivery: Delivery) -> str | None:
    transaction = delivery.event.transaction
    return None if transaction is None else transaction.id
