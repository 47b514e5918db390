"""How fast requests go: as fast as was asked for, and more slowly where a server wants it."""

from __future__ import annotations

import re
import time
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract.relay import Reply

# The longest wait that is told apart, in seconds.
DAY = 86_400.0

_ASKS_TO_WAIT = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
# A server that asks to wait is asked this much more slowly from then on.
SLOWER = 1.5
# The most seconds between two requests, and how many without a wait make it faster again.
_SLOWEST, _CALM = 10.0, 10


class Pace:
    """Lets one request go after the other, not more often than so many times a second.

    Args:
        rate: Requests a second; 0 for no limit.
        wait: Waits for some seconds.
        clock: Tells the time in seconds.
        begun: Whether one has gone just now.

    Attributes:
        interval: Seconds from one request to the next.
    """

    def __init__(
        self,
        rate: float,
        wait: Callable[[float], object],
        clock: Callable[[], float] = time.monotonic,
        *,
        begun: bool = False,
    ) -> None:
        self._asked = self.interval = 1 / rate if rate else 0.0
        self._calm = 0
        self._wait = wait
        self._clock = clock
        self._next = clock() + (self.interval if begun else 0.0)

    def step(self) -> float:
        """Wait until the next request may go; return for how many seconds."""
        ahead = max(0.0, self._next - self._clock())
        if ahead:
            self._wait(ahead)
        self._next = self._clock() + self.interval
        return ahead

    def slow_down(self) -> None:
        """Go more slowly from now on."""
        self._calm = 0
        self.interval = min(self.interval * SLOWER, max(_SLOWEST, self._asked))

    def recover(self) -> None:
        """Take note of a request that need not wait; after some of them go faster again."""
        self._calm += 1
        if self._calm == _CALM:
            self._calm = 0
            self.interval = max(self.interval / SLOWER, self._asked)


def wait_for(reply: Reply) -> float | None:
    """Return how many seconds a response asks to wait; None where it asks for nothing."""
    named = {name.lower(): value for name, value in reply.headers}.get("retry-after")
    if reply.status not in _ASKS_TO_WAIT:
        return None
    if named is None:
        return 1.0 if reply.status == HTTPStatus.TOO_MANY_REQUESTS else None
    if re.fullmatch(r"\s*[0-9]+(\.[0-9]+)?\s*", named):
        return min(float(named), 2 * DAY)
    try:
        asked = parsedate_to_datetime(named).timestamp() - time.time()
    except (ValueError, TypeError, LookupError, OverflowError, OSError):
        return 1.0
    return min(max(0.0, asked), 2 * DAY)
