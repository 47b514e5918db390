"""Notice when addresses expire, each once and in the order in which they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calypso_mock import _clock, _events, _purses

if TYPE_CHECKING:
    from datetime import datetime

    from calypso_mock._state import State
    from calypso_mock._world import World


def settle(world: World) -> datetime:
    """Bring a mock up to business time: tell of every address that has expired by now.

    It goes before whatever else happens, so that ids and dates of events grow together. A declined
    address was closed before, so nothing is told of it (inferred).

    Returns:
        Business time.
    """
    with world.lock:
        now = world.clock.now()
        # As exact as answers show it, so that they agree.
        until = _clock.to_millisecond(now)
        for moment, purse in world.state.calendar.expired(until, _purses.expiry):
            if not purse.declined:
                _events.tell_expiry(world, purse, moment)
        return now


def skip_past(state: State, now: datetime) -> None:
    """Forget what expired before a mock began; nobody is told of it."""
    for _ in state.calendar.expired(now, _purses.expiry):
        pass
