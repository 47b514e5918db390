"""How fast requests follow each other, and how much time has passed."""

from __future__ import annotations

import time


class Pace:
    """Spaces the requests of a run evenly.

    Args:
        rate: Requests a second at most; None for no limit.
    """

    def __init__(self, rate: float | None) -> None:
        self._interval = 0.0 if rate is None else 1 / rate
        self._next = 0.0
        # The seconds that a test's sleep was passed, and did not sleep.
        self._skipped = 0.0

    def now(self) -> float:
        """Return seconds that have passed, by a clock that never jumps."""
        return time.monotonic() + self._skipped

    def next_request(self) -> float:
        """Return when the next request may be sent, which has its place then."""
        start = max(self.now(), self._next)
        self._next = start + self._interval
        return start

    def skip(self, until: float) -> None:
        """Count a wait as over, whether or not it took its time."""
        self._skipped += max(0.0, until - self.now())
