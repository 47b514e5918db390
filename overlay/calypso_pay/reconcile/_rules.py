"""When a deposit has to be booked."""

from __future__ import annotations

from datetime import datetime
from inspect import isawaitable, iscoroutine
from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen

from calypso_pay._errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from calypso_api.models import Transaction

BookedWhen: TypeAlias = "str | Callable[[Transaction], object]"

_NAMED: dict[str, Callable[[Transaction], object]] = {
    "credited": lambda row: row.is_credited,
    "confirmed": lambda row: row.is_credited or row.transaction_state == "CONFIRMED",
}


@frozen
class Rules:
    """What a deposit is compared by.

    Attributes:
        name: The name of the rule; None of one that the caller passed.
        rule: Returns whether a deposit has to be booked.
        since: Deposits that were created before are not compared; None compares all.
    """

    name: str | None
    rule: Callable[[Transaction], object]
    since: datetime | None

    @classmethod
    def of(cls, booked_when: BookedWhen, since: datetime | None) -> Rules:
        """Check the arguments.

        Raises:
            ConfigurationError: One is none of those that are possible.
            TypeError: One is of another type.
        """
        if not isinstance(since, datetime | None):
            raise TypeError(f"since has to be a datetime, not {type(since).__name__}")
        if since is not None and since.tzinfo is None:
            raise ConfigurationError(
                "since needs a time zone: pass, for example, datetime(2026, 11, 1, tzinfo=UTC)."
            )
        if callable(booked_when):
            return cls(None, booked_when, since)
        if booked_when not in _NAMED:
            raise ConfigurationError(
                f"booked_when has to be {' or '.join(map(repr, _NAMED))}, or a function of a "
                f"transaction, not {booked_when!r}."
            )
        return cls(booked_when, _NAMED[booked_when], since)

    def is_due(self, row: Transaction) -> bool:
        """Return whether a deposit has to be booked.

        Raises:
            TypeError: The caller's rule has to be awaited.
        """
        found = self.rule(row)
        if isawaitable(found):
            if iscoroutine(found):
                found.close()
            raise TypeError("booked_when has to be a function, not a coroutine function")
        return bool(found)

    def is_settled(self, row: Transaction) -> bool:
        """Return whether a deposit is due, or will never be."""
        is_over = row.transaction_state == "DECLINED" or (row.is_final and row.is_credited)
        return bool(is_over or self.is_due(row))

    def is_old(self, row: Transaction) -> bool:
        """Return whether a deposit was created before the time from which they are compared."""
        created = row.created_date
        return self.since is not None and created is not None and created < self.since
