"""Write moments as the vendor does."""

from __future__ import annotations

from datetime import UTC, datetime


def iso(moment: datetime) -> str:
    """Write a moment as in responses: UTC, three digits of a second, ``Z``."""
    utc = moment.astimezone(UTC)
    # Half the time of writing the zone and replacing it.
    return f"{utc.date().isoformat()}T{utc.time().isoformat('milliseconds')}Z"


def local(moment: datetime) -> str:
    """Write a moment as in webhook events: UTC (inferred), no zone, no trailing zeros."""
    whole, _, fraction = moment.strftime("%Y-%m-%dT%H:%M:%S.%f").partition(".")
    return f"{whole}.{fraction.rstrip('0') or '0'}"


def to_millisecond(moment: datetime) -> datetime:
    """Drop what a response cannot show, so that sorting agrees with what a client sees."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
