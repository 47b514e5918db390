"""How long to wait before the next attempt."""

from __future__ import annotations

import math
import random
from email.utils import parsedate_to_datetime

FIRST_WAIT = 0.5
LONGEST_WAIT = 8.0
LONGEST_RETRY_AFTER = 60.0


def delay(retry: int, asked: float | None) -> float:
    """Return the seconds to wait before a retry.

    The waits double and are drawn from zero up to their bound (full jitter), so that many clients
    that failed together do not come back together. What the server asks for is obeyed instead.

    Args:
        retry: Which retry it is, from 0.
        asked: Seconds that the server asked for, or None.
    """
    if asked is not None:
        return min(asked, LONGEST_RETRY_AFTER)
    bound = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(retry, 16))
    return random.uniform(0.0, bound)  # noqa: S311 - spreads load, guards nothing


def retry_after(value: str | None, now: float) -> float | None:
    """Read a ``Retry-After`` header, in seconds or as a date.

    Args:
        value: The header's value, or None.
        now: Seconds since 1970, on the same clock as the server's dates.

    Returns:
        Seconds from now, never negative; None when there is nothing to read.
    """
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_until(value, now)
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _seconds_until(date: str, now: float) -> float:
    try:
        return parsedate_to_datetime(date).timestamp() - now
    except (ValueError, OverflowError):
        return math.nan
