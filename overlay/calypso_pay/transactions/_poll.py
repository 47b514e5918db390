"""When to look at a transaction again, and when waiting is over; without any I/O."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, TypeAlias

from calypso_api.models import TransactionState
from calypso_pay._errors import (
    ConfigurationError,
    Outcome,
    RateLimitError,
    ServerError,
    TransportError,
)
from calypso_pay.transactions._errors import WaitError

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from calypso_api.models import Transaction
    from calypso_pay._errors import CalypsoError

    Until: TypeAlias = TransactionState | str | Callable[[Transaction], bool]

DEADLINE = 600.0
POLL_INTERVAL = 1.0
MAX_POLL_INTERVAL = 30.0
# Longer than any program runs, and short enough for every operating system.
_MOST = 1e8

# What may be gone at the next look; a wait should outlive the server's bad minutes.
PASSING = (TransportError, ServerError, RateLimitError)


class Poll:
    """One wait for one transaction.

    Args:
        transaction_id: Id of the transaction.
        until: The state that is waited for, or what tells whether a transaction will do; None for
            a final state.
        credited: Whether the money has to have reached the merchant's account as well.
        deadline: Seconds until the wait is given up.
        poll_interval: Seconds between the first looks.
        max_poll_interval: Seconds between two looks at most.

    Raises:
        ConfigurationError: A number is not a number or out of range, or `until` is no known state.
    """

    def __init__(  # noqa: PLR0913 - as wait_for
        self,
        transaction_id: str | UUID,
        *,
        until: Until | None,
        credited: bool,
        deadline: float,
        poll_interval: float,
        max_poll_interval: float,
    ) -> None:
        self._id = transaction_id
        self._until = _known(until)
        self._credited = credited
        self._deadline = _seconds("deadline", deadline)
        self._wait = _seconds("poll_interval", poll_interval)
        self._longest = _seconds("max_poll_interval", max_poll_interval)
        self._started = time.monotonic()
        self._slept = 0.0
        self._looks = 0
        self._last: Transaction | None = None

    def is_over(self, found: Transaction) -> bool:
        """Tell whether the transaction is what was waited for.

        Raises:
            WaitError: It can no longer become that.
        """
        self._looks += 1
        self._last = found
        if self._is_reached(found):
            return True
        if self._is_final(found):
            raise self._error(f"which is final, while {self._wanted()} was waited for")
        return False

    def pause(self, error: CalypsoError | None = None) -> float:
        """Return the seconds until the next look.

        Args:
            error: What the last look failed with, if it did.

        Raises:
            WaitError: The deadline has come.
        """
        self._looks += error is not None
        # A double's sleep takes no time, and yet must not make the wait endless.
        elapsed = max(time.monotonic() - self._started, self._slept)
        left = self._deadline - elapsed
        if left <= 0:
            raise self._timed_out(error) from error
        asked = getattr(error, "retry_after", None) or 0.0
        wait = min(max(self._next_wait(), asked), left)
        self._slept = elapsed + wait
        return wait

    def _next_wait(self) -> float:
        bound = min(self._wait, self._longest)
        self._wait = bound * 2
        # Half of it is left to chance, so that many waits begun together drift apart.
        return random.uniform(bound / 2, bound)  # noqa: S311 - spreads load, guards nothing

    def _is_reached(self, found: Transaction) -> bool:
        if self._credited and not found.is_credited:
            return False
        if callable(self._until):
            return self._until(found)
        if self._until is not None:
            return found.transaction_state == self._until
        return found.is_final or bool(found.is_credited)

    def _is_final(self, found: Transaction) -> bool:
        """Tell whether nothing that is waited for can change any more."""
        if found.transaction_state != TransactionState.CONFIRMED:
            return found.transaction_state == TransactionState.DECLINED
        # A predicate may look at anything, and the money comes after the confirmation.
        only_state = not (self._credited or callable(self._until))
        return only_state or bool(found.is_credited)

    def _wanted(self) -> str:
        if callable(self._until):
            wanted = "what `until` tells"
        elif self._until is not None:
            wanted = str(self._until)
        else:
            wanted = "" if self._credited else "a final state"
        credited = "the money on the account" if self._credited else ""
        return " with ".join(filter(None, (wanted, credited)))

    def _timed_out(self, error: CalypsoError | None) -> WaitError:
        failure = self._error(f"while {self._wanted()} was waited for during {self._deadline:g} s")
        failure.timed_out = True
        if error is not None:
            failure.outcome = error.outcome
        return failure

    def _error(self, what: str) -> WaitError:
        last = self._last
        state = "was never read" if last is None else f"is {last.transaction_state}"
        return WaitError(
            f"transaction {self._id} {state}, {what}.",
            operation="getTransaction",
            attempts=self._looks,
            outcome=Outcome.DONE,
            transaction=last,
        )


def _known(until: Until | None) -> Until | None:
    if not (until is None or isinstance(until, str) or callable(until)):
        raise ConfigurationError(
            f"until has to be a state or a function, not a {type(until).__name__}."
        )
    if isinstance(until, str) and not TransactionState(until).is_known:
        raise ConfigurationError(
            f"until={str(until)!r} is no state of a transaction. Known are "
            f"{', '.join(TransactionState)}; for any other, give a function that tells whether a "
            "transaction will do."
        )
    return until


def _seconds(name: str, value: float) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 < value <= _MOST:
        raise ConfigurationError(f"{name} has to be a positive number of seconds, not {value!r}.")
    return float(value)
