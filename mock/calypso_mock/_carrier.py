"""Carry what is due to its receiver, by whatever function is given, from any thread."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING

from calypso_mock import _expiry, _outbox
from calypso_mock._errors import NotSentError
from calypso_mock._letters import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from calypso_mock._letters import Letter
    from calypso_mock._world import World

    Post = Callable[[str, Mapping[str, str], bytes], int]

_LONGEST_ERROR = 300


class Carrier:
    """Takes letters from a mock's outbox and tells it what became of them.

    The lock is never held while a letter is under way: a receiver may call the mock.

    Args:
        world: Whose outbox.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._thread = threading.local()
        self.changed = threading.Condition(world.lock)

    @property
    def is_carrying(self) -> bool:
        """Whether this thread is within a delivery."""
        return getattr(self._thread, "carrying", False)

    def take(self) -> Letter | None:
        """Begin the attempt that is due next, or return None if none is due now."""
        with self._world.lock:
            _expiry.settle(self._world)
            return _outbox.take(self._world, self._world.clock.now())

    def carry(self, letter: Letter, post: Post) -> None:
        """Make an attempt and write down what became of it."""
        outcome = Outcome(error="interrupted")
        self._thread.carrying = True
        try:
            outcome = _send(letter, post)
        finally:
            self._thread.carrying = False
            with self.changed:
                _outbox.close(letter, outcome, self._world.clock.now())
                self.changed.notify_all()

    def drain(self, post: Post) -> None:
        """Make the attempts that are due, but none to a subscription that has one under way."""
        while (letter := self.take()) is not None:
            self.carry(letter, post)

    def is_done(self) -> bool:
        """Tell whether nothing is due and nothing under way."""
        with self._world.lock:
            _expiry.settle(self._world)
            return self.seconds_left() > 0 and not _outbox.is_busy(self._world.state)

    def seconds_left(self) -> float:
        """Return how long it is by business time until an attempt can be made."""
        with self._world.lock:
            due = _outbox.next_due(self._world.state)
            now = self._world.clock.now()
            return math.inf if due is None else (due - now).total_seconds()

    def tell(self) -> None:
        """Wake those who wait for something to be due, if something is."""
        with self.changed:
            if self.seconds_left() <= 0:
                self.changed.notify_all()


def _send(letter: Letter, post: Post) -> Outcome:
    if letter.fails:
        return Outcome(error="failed on request")
    try:
        status: object = post(letter.url, letter.headers(), letter.body)
    except NotSentError as error:
        return Outcome(error=str(error), is_final=True)
    except Exception as error:  # noqa: BLE001 - a receiver may fail in any way; it has failed, then
        return Outcome(error=f"{type(error).__name__}: {error}"[:_LONGEST_ERROR])
    if not isinstance(status, int):
        return Outcome(error="the receiver gave no status")
    return Outcome(int(status))
