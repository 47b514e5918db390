"""Limit the rate of requests to the configured one, and slow down when a server asks to."""

from __future__ import annotations

import re
import time
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract.relay import HttpResponse

# Longer waits are treated alike, in seconds.
DAY = 86_400.0

_ASKS_TO_WAIT = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
# After a request to wait, the interval grows by this factor.
SLOWER = 1.5
# The longest interval in seconds, and after how many requests without a wait it shrinks again.
_SLOWEST, _CALM = 10.0, 10


class RateLimiter:
    """Lets requests through one after the other, at most so many per second.

    Args:
        rate: Requests per second; 0 for no limit.
        wait: Waits for some seconds.
        clock: Returns the time in seconds.
        started: Whether a request has just been sent.

    Attributes:
        interval: Seconds from one request to the next.
    """

    def __init__(
        self,
        rate: float,
        wait: Callable[[float], object],
        clock: Callable[[], float] = time.monotonic,
        *,
        started: bool = False,
    ) -> None:
        self._asked = self.interval = 1 / rate if rate else 0.0
        self._calm = 0
        self._wait = wait
        self._clock = clock
        self._next = clock() + (self.interval if started else 0.0)

    def wait_for_turn(self) -> float:
        """Wait until the next request may be sent; return how many seconds that took."""
        ahead = max(0.0, self._next - self._clock())
        if ahead:
            self._wait(ahead)
        self._next = self._clock() + self.interval
        return ahead

    def slow_down(self) -> None:
        """Lengthen the interval."""
        self._calm = 0
        self.interval = min(self.interval * SLOWER, max(_SLOWEST, self._asked))

    def recover(self) -> None:
        """Record a request that need not wait; after some of them shorten the interval again."""
        self._calm += 1
        if self._calm == _CALM:
            self._calm = 0
            self.interval = max(self.interval / SLOWER, self._asked)


def requested_wait(response: HttpResponse) -> float | None:
    """Return how many seconds a response asks to wait; None if it does not ask."""
    named = {name.lower(): value for name, value in response.headers}.get("retry-after")
    if response.status not in _ASKS_TO_WAIT:
        return None
    if named is None:
        return 1.0 if response.status == HTTPStatus.TOO_MANY_REQUESTS else None
    if re.fullmatch(r"\s*[0-9]+(\.[0-9]+)?\s*", named):
        return min(float(named), 2 * DAY)
    try:
        asked = parsedate_to_datetime(named).timestamp() - time.time()
    except (ValueError, TypeError, LookupError, OverflowError, OSError):
        return 1.0
    return min(max(0.0, asked), 2 * DAY)
