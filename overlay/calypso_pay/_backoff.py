"""How long to wait before the next attempt."""

from __future__ import annotations

import random
import re

from calypso_pay._clock import read_date

LONGEST_WAIT = 8.0
LONGEST_RETRY_AFTER = 60.0
# Whole seconds by the standard; some servers send fractions.
_NUMBER = r"[0-9]{1,15}(\.[0-9]{1,15})?"


def delay(retry: int, asked: float | None, first: float) -> float:
    """Return the seconds to wait before a retry.

    The waits double and are drawn from zero up to their bound (full jitter), so that clients
    that failed together do not retry together. If the server asks for a wait, that is used instead.

    Args:
        retry: Which retry it is, from 0.
        asked: Seconds that the server asked for, or None.
        first: Bound of the first wait; 0 for no waits at all, not even those asked for.
    """
    if first == 0:
        return 0.0
    if asked is not None:
        return min(asked, LONGEST_RETRY_AFTER)
    bound = min(max(LONGEST_WAIT, first), first * 2.0 ** min(retry, 16))
    return random.uniform(0.0, bound)  # noqa: S311 - spreads load, guards nothing


def retry_after(value: str | None, now: float) -> float | None:
    """Read a ``Retry-After`` header, in seconds or as a date.

    Args:
        value: The header's value, or None.
        now: Seconds since 1970, on the same clock as the server's dates.

    Returns:
        Seconds from now, never negative; None when it cannot be read.
    """
    text = (value or "").strip()
    if re.fullmatch(_NUMBER, text):
        return float(text)
    date = read_date(text)
    return None if date is None else max(0.0, date - now)
