"""Keep two clocks: business time, which tests move freely, and wire time, which signing sees."""

from __future__ import annotations

import threading
import weakref
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from calypso_mock._errors import MockError

if TYPE_CHECKING:
    from collections.abc import Callable

_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FAR_ENOUGH = timedelta(days=365 * 1000)


def real_now() -> datetime:
    """Read the machine's clock."""
    return datetime.now(UTC)


class Clock:
    """The mock's two clocks over one base.

    Business time dates objects and lets addresses expire. Wire time decides whether a request's
    timestamp is fresh, and is shown by the ``Date`` header. Both start at the base, by default the
    machine's clock, and each is moved by its own method only: a month of business time passes
    without making any signature stale.

    Args:
        base: Returns the current time with a zone; a test may pass a frozen one.
    """

    def __init__(self, base: Callable[[], datetime] = real_now) -> None:
        self._base = base
        self._advanced = timedelta()
        self._skew = timedelta()
        self._moving = threading.Lock()
        self._watchers: list[weakref.WeakMethod[Callable[[], None]]] = []

    def __repr__(self) -> str:
        return f"<Clock business={self.now().isoformat()} wire={self.wire().isoformat()}>"

    def now(self) -> datetime:
        """Return business time, in UTC."""
        return self._base().astimezone(UTC) + self._advanced

    def wire(self) -> datetime:
        """Return wire time, in UTC: the time by the server's clock."""
        return self._base().astimezone(UTC) + self._skew

    def wire_ms(self) -> int:
        """Return wire time as Unix milliseconds, the unit of a request's ``timestamp``."""
        return (self.wire() - _EPOCH) // _MILLISECOND

    def http_date(self) -> str:
        """Return wire time in the form of the ``Date`` header."""
        return _http_date(self.wire_ms() // 1000)

    def advance(
        self,
        by: timedelta | None = None,
        *,
        days: float = 0,
        hours: float = 0,
        seconds: float = 0,
    ) -> datetime:
        """Move business time forward; wire time stays where it is.

        Args:
            by: How far, as one difference; the other arguments are added to it.
            days: Days of 24 hours.
            hours: Hours.
            seconds: Seconds.

        Returns:
            The business time reached.

        Raises:
            MockError: If business time would go backwards, or leave the calendar.
        """
        step = (by or timedelta()) + difference(days=days, hours=hours, seconds=seconds)
        if step < timedelta():
            raise MockError("business time only moves forward; use reset() to start again")
        with self._moving:
            # Not their sum, which may be more than a timedelta can hold.
            if step > _FAR_ENOUGH - self._advanced:
                raise MockError("business time cannot move further than a thousand years")
            self._advanced += step
        self._notify()
        return self.now()

    def skew(self, seconds: float) -> datetime:
        """Set how far the server's clock differs from the base.

        Args:
            seconds: Positive for a server that is ahead; 0 removes the difference. Each call
                replaces the one before.

        Returns:
            The wire time that results.

        Raises:
            MockError: If the difference leaves the calendar.
        """
        self._skew = skew_of(seconds)
        return self.wire()

    def watch(self, moved: Callable[[], None]) -> None:
        """Have a method called whenever business time is moved, for as long as its object lives.

        Args:
            moved: A bound method; a clock may outlive the mocks that share it.
        """
        self._watchers.append(weakref.WeakMethod(moved))

    def _notify(self) -> None:
        self._watchers = [watcher for watcher in self._watchers if watcher() is not None]
        for watcher in self._watchers:
            moved = watcher()
            if moved is not None:
                moved()

    def reset(self) -> None:
        """Take both clocks back to the base."""
        self._advanced = timedelta()
        self._skew = timedelta()


@lru_cache(maxsize=1)
def _http_date(second: int) -> str:
    return format_datetime(_EPOCH + timedelta(seconds=second), usegmt=True)


def skew_of(seconds: float) -> timedelta:
    """Read how far wire time is to differ from the base.

    Raises:
        MockError: If the difference leaves the calendar.
    """
    by = difference(seconds=seconds)
    if abs(by) > _FAR_ENOUGH:
        raise MockError("wire time cannot be skewed by more than a thousand years")
    return by


def delay_of(by: timedelta | float) -> timedelta:
    """Read how much later something is to happen.

    Args:
        by: A difference in time, or seconds.

    Raises:
        MockError: If it is not positive, or leaves the calendar.
    """
    delay = by if isinstance(by, timedelta) else difference(seconds=by)
    if not timedelta() < delay <= _FAR_ENOUGH:
        raise MockError("a delay is longer than nothing and at most a thousand years")
    return delay


def difference(*, days: float = 0, hours: float = 0, seconds: float = 0) -> timedelta:
    """Read a difference in time.

    Raises:
        MockError: If it is not made of numbers, or longer than a calendar.
    """
    try:
        return timedelta(days=days, hours=hours, seconds=seconds)
    except (OverflowError, TypeError, ValueError):
        raise MockError("a difference in time is a number of days, hours or seconds") from None
