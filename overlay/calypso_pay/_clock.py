"""The timestamps of requests, corrected by the difference to the server's clock."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from collections.abc import Callable


@final
class Clock:
    """The server's time as far as it is known: the machine's own, plus a learnt offset.

    One is shared by a client and all its views, so that what one call learns serves the others.

    Attributes:
        offset: Seconds that the server is ahead of this machine; 0.0 until learnt.
    """

    __slots__ = ("_time", "offset")

    def __init__(self, time: Callable[[], float]) -> None:
        self._time = time
        self.offset = 0.0

    def now(self) -> float:
        """Return this machine's own time, in seconds since 1970."""
        return self._time()

    def stamp(self) -> int:
        """Return the server's time in milliseconds, as a request carries it."""
        return int((self._time() + self.offset) * 1000)

    def learn(self, date: str | None, *, took: float) -> float | None:
        """Learn the offset from a response's ``Date`` header; call it as soon as that came.

        Args:
            date: The header's value, or None when the response had none.
            took: Seconds from request to response, by a clock that never jumps. The header was
                written half of them ago.

        Returns:
            The offset in seconds, or None when the header cannot be read.
        """
        server = read_date(date)
        if server is None:
            return None
        # The header counts whole seconds; on average half a second has passed since.
        self.offset = server + 0.5 + took / 2 - self.now()
        return self.offset


def read_date(value: str | None) -> float | None:
    """Return the seconds since 1970 of a date in a header; None when there is none to read.

    Dates in HTTP are in GMT, whether they name it or not.
    """
    try:
        date = parsedate_to_datetime(value or "")
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
