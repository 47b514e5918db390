"""Deliver in the background, for as long as a mock is served."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from calypso_mock._sender import Sender

if TYPE_CHECKING:
    from calypso_mock._carrier import Carrier, Post
    from calypso_mock._letters import Letter

# A clock's base may be anything, so business time is looked at again at least so often.
_LONGEST_NAP = 0.5
_GRACE = 2.0
_TICK = 0.02


class Courier:
    """Sends what falls due, to each subscription one after another, to several at the same time.

    Args:
        carrier: Where letters come from.
        post: How they are sent.
    """

    def __init__(self, carrier: Carrier, post: Post) -> None:
        self._carrier = carrier
        self._post = post
        self._stopping = False
        self._under_way: set[threading.Thread] = set()
        self._thread = threading.Thread(target=self._run, name="calypso-courier", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more letters, and end those that are under way as far as that can be done."""
        with self._carrier.changed:
            self._stopping = True
            self._carrier.changed.notify_all()
        self._thread.join()
        until = time.monotonic() + _GRACE
        while self._under_way and time.monotonic() < until:
            # Again and again, since one that has just begun may not be connected yet.
            if isinstance(self._post, Sender):
                self._post.cut()
            time.sleep(_TICK)

    def _run(self) -> None:
        while (letter := self._wait()) is not None:
            # A receiver that is slow must not keep the others waiting.
            thread = threading.Thread(
                target=self._deliver, args=(letter,), name="calypso-delivery", daemon=True
            )
            self._under_way.add(thread)
            thread.start()

    def _wait(self) -> Letter | None:
        with self._carrier.changed:
            while not self._stopping:
                letter = self._carrier.take()
                if letter is not None:
                    return letter
                nap = min(max(self._carrier.seconds_left(), 0), _LONGEST_NAP)
                self._carrier.changed.wait(nap)
        return None

    def _deliver(self, letter: Letter) -> None:
        try:
            self._carrier.carry(letter, self._post)
        finally:
            self._under_way.discard(threading.current_thread())
