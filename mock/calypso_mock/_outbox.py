"""Decide what is to be sent next, and keep what became of it; no input or output of its own.

An attempt counts as made when it fell due: after business time has jumped, the schedule looks as
if the receiver had been tried all along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calypso_mock import _channel
from calypso_mock._errors import MockError
from calypso_mock._letters import Attempt, Channelled, Letter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from calypso_mock._letters import Outcome
    from calypso_mock._state import Account, State, Subscription
    from calypso_mock._world import World


def subscriptions(state: State) -> Iterator[tuple[Account, Subscription]]:
    """Go through the subscriptions of all accounts."""
    for account in state.accounts.values():
        for subscription in account.subscriptions.values():
            yield account, subscription


def next_due(state: State) -> datetime | None:
    """Return when the next attempt falls due, of channels that are not busy; None if none does."""
    return min((due for due, _ in _waiting(state)), default=None)


def take(world: World, now: datetime) -> Letter | None:
    """Begin the attempt that has been due longest, or return None if none is due."""
    state = world.state
    ripe = [(due, where) for due, where in _waiting(state) if due <= now]
    if not ripe:
        return None
    due, where = min(ripe, key=lambda one: (one[0], one[1].delivery.rank, one[1].delivery.event.id))
    where.subscription.channel.take(where.delivery)
    names = (where.subscription.request_id, where.delivery.event.id, where.delivery.attempts)
    return Letter(state, where, due, state.disturbance.fails(state.derive, *names))


def is_busy(state: State) -> bool:
    """Tell whether an attempt is under way."""
    return any(subscription.channel.busy for _, subscription in subscriptions(state))


def close(letter: Letter, outcome: Outcome, now: datetime) -> Attempt:
    """End an attempt, plan what follows, and write it down."""
    state, (account, subscription, delivery) = letter.state, letter.where
    number, channel = delivery.attempts, subscription.channel
    if _channel.is_delivered(outcome.status):
        names = (subscription.request_id, delivery.event.id)
        again = state.disturbance.repeats(state.derive, *names)
        channel.succeed(delivery, letter.due, again=again)
    elif outcome.is_final:
        channel.busy = False
    else:
        channel.fail(delivery, letter.due)
    follows = None if channel.blocked or not _is_there(letter.where) else delivery.due
    made = Attempt(
        account.id,
        subscription.request_id,
        delivery.event.id,
        delivery.event.kind.type,
        number,
        letter.due,
        now,
        outcome.status,
        outcome.error,
        follows,
    )
    state.attempts.append(made)
    return made


def pending(state: State) -> list[Attempt]:
    """Return the attempts to come, the next first and those of blocked subscriptions last."""
    found = [
        _to_come(Channelled(account, subscription, delivery))
        for account, subscription in subscriptions(state)
        for delivery in subscription.channel.pending()
    ]
    free = [attempt for attempt in found if attempt.due is not None]
    held = [attempt for attempt in found if attempt.due is None]
    return sorted(free, key=lambda one: (one.due, one.event_id)) + held


def resend(world: World, event_id: int, request_id: str | None = None) -> int:
    """Send an event once more, whatever became of it, on a schedule begun anew.

    Returns:
        To how many subscriptions.

    Raises:
        MockError: If none of them was ever to be sent this event, or one is blocked.
    """
    found = [
        (subscription.channel, subscription.channel.deliveries[event_id])
        for _, subscription in _named(world.state, request_id)
        if event_id in subscription.channel.deliveries
    ]
    if not found:
        raise MockError("no such subscription has an event with this id")
    if any(channel.blocked for channel, _ in found):
        raise MockError("the subscription is blocked; unblock it first")
    for channel, delivery in found:
        channel.put_anew(delivery, world.clock.now())
    return len(found)


def unblock(world: World, request_id: str, account: str | None = None) -> int:
    """Unblock a subscription and send all that it held.

    Returns:
        How many deliveries are due now.

    Raises:
        MockError: If there is no such subscription.
    """
    found = [
        subscription.channel
        for owner, subscription in _named(world.state, request_id)
        if account in (None, owner.id)
    ]
    if not found:
        raise MockError("there is no subscription with this id")
    return sum(channel.unblock(world.clock.now()) for channel in found)


def _waiting(state: State) -> Iterator[tuple[datetime, Channelled]]:
    for account, subscription in subscriptions(state):
        channel = subscription.channel
        delivery = None if channel.busy else channel.first()
        if delivery is not None and delivery.due is not None:
            yield delivery.due, Channelled(account, subscription, delivery)


def _named(state: State, request_id: str | None) -> Iterator[tuple[Account, Subscription]]:
    for account, subscription in subscriptions(state):
        if request_id is None or subscription.request_id.lower() == request_id.lower():
            yield account, subscription


def _is_there(where: Channelled) -> bool:
    there = where.account.subscriptions.get(where.subscription.request_id.lower())
    return there is where.subscription


def _to_come(where: Channelled) -> Attempt:
    delivery = where.delivery
    return Attempt(
        where.account.id,
        where.subscription.request_id,
        delivery.event.id,
        delivery.event.kind.type,
        delivery.attempts + 1,
        None if where.subscription.channel.blocked else delivery.due,
    )
