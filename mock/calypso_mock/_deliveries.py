"""Webhook deliveries as the mock's users see them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from calypso_mock import _expiry, _outbox
from calypso_mock._carrier import Carrier
from calypso_mock._courier import Courier
from calypso_mock._disturbance import Disturbance
from calypso_mock._errors import MockError
from calypso_mock._sender import Sender

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calypso_mock._carrier import Post
    from calypso_mock._letters import Attempt
    from calypso_mock._world import World

_CHECK = 1.0


class Deliveries:
    """What a mock sends to the webhook subscriptions.

    Made by ``Mock``, as ``mock.deliveries``.

    Events are queued when they happen and sent on the vendor's schedule by business time. How
    depends on the mock: one that was given a receiver sends at once, before the call that caused
    the event returns; a served one in the background; any other sends nothing by itself, and
    ``deliver_due`` does. A function that sends is given URL, headers and body, and returns the
    status of the answer. 200 means delivered (documented); any other status, and any exception,
    is followed by another attempt. What ``Sender`` may not send is not tried again, and blocks
    nothing.
    """

    def __init__(self, world: World, post: Post | None) -> None:
        self._world = world
        self._post = post
        self._carrier = Carrier(world)
        self._courier: Courier | None = None
        world.wake = self._wake
        world.clock.watch(self._wake)

    def __repr__(self) -> str:
        return f"<Deliveries made={len(self.log)} pending={len(self.pending)}>"

    @property
    def log(self) -> tuple[Attempt, ...]:
        """The attempts made, oldest first."""
        with self._world.lock:
            return tuple(self._world.state.attempts)

    @property
    def pending(self) -> tuple[Attempt, ...]:
        """The attempts to come, the next first and those that a block holds back last."""
        with self._world.lock:
            _expiry.settle(self._world)
            return tuple(_outbox.pending(self._world.state))

    def deliver_due(self, send: Post | None = None) -> tuple[Attempt, ...]:
        """Send all that is due by business time, or wait until a served mock has sent it.

        Retries that fell due while business time was moved are made one after the other.

        Args:
            send: What to send with; what the mock was given where absent.

        Returns:
            The attempts made meanwhile.

        Raises:
            MockError: If there is nothing to send with, if a served mock delivers already and
                ``send`` is given, or if a receiver calls it.
        """
        if self._carrier.is_carrying:
            raise MockError("deliver_due cannot be called by a receiver")
        if self._courier is not None and send is not None:
            raise MockError("this mock delivers in the background already")
        post = send or self._post
        if post is None and self._courier is None:
            raise MockError("there is no receiver: pass send=, or make the mock with deliver=")
        before = len(self.log)
        while not self._carrier.is_done():
            if self._courier is None and post is not None:
                self._carrier.drain(post)
            self._wait()
        return self.log[before:]

    def deliver_with(self, send: Post) -> None:
        """Send at once from now on, before the call that caused an event returns.

        What is due already is sent at the next occasion. It is what ``Mock(deliver=...)`` does,
        for a mock that somebody else made, such as the pytest fixture's.

        Args:
            send: What to send with.
        """
        self._post = send

    def resend(self, event_id: int, *, request_id: str | None = None) -> int:
        """Send an event once more, whatever became of it, on a schedule begun anew.

        Args:
            event_id: Which event.
            request_id: To which subscription; to all that were told of it where absent.

        Returns:
            To how many subscriptions it goes.

        Raises:
            MockError: If no such subscription has such an event, or one of them is blocked.
        """
        with self._world.lock:
            count = _outbox.resend(self._world, event_id, request_id)
        self._wake()
        return count

    def unblock(self, request_id: str, *, account: str | None = None) -> int:
        """Unblock a subscription and send all that it held, as the vendor's UI does (documented).

        Args:
            request_id: Which subscription.
            account: Whose; that of any account where absent.

        Returns:
            How many deliveries are due now.

        Raises:
            MockError: If there is no such subscription.
        """
        with self._world.lock:
            count = _outbox.unblock(self._world, request_id, account)
        self._wake()
        return count

    def disturb(self, *, duplicates: float = 0, reorder: bool = False, failures: float = 0) -> None:
        """Disturb deliveries, the same way in every run with the mock's seed.

        Each call replaces the one before; one without arguments ends it.

        Args:
            duplicates: The share of delivered events that are sent once more, from 0 to 1.
            reorder: Shuffle what happens from now on and falls due at one moment, such as the
                steps of a deposit that goes through several at once.
            failures: The share of attempts that fail before they reach the receiver.

        Raises:
            MockError: If a share is not from 0 to 1.
        """
        chosen = Disturbance(duplicates, reorder, failures)
        with self._world.lock:
            self._world.state.disturbance = chosen

    @contextmanager
    def in_background(self, send: Post | None = None) -> Iterator[None]:
        """Deliver in the background for as long as a ``with`` block lasts, as ``Server`` does.

        Args:
            send: What to send with; what the mock was given where absent, or else HTTP to this
                machine.

        Raises:
            MockError: If the mock delivers in the background already.
        """
        if self._courier is not None:
            raise MockError("this mock delivers in the background already")
        post = send or self._post or Sender()
        self._courier = Courier(self._carrier, post)
        self._courier.start()
        try:
            yield
        finally:
            self._courier.stop()
            self._courier = None

    def _wait(self) -> None:
        with self._carrier.changed:
            if not self._carrier.is_done():
                self._carrier.changed.wait(_CHECK)

    def _wake(self) -> None:
        _expiry.settle(self._world)
        if self._courier is not None:
            self._carrier.tell()
        elif self._post is not None and not self._carrier.is_carrying:
            self._carrier.drain(self._post)
