"""When to read a transaction again, and when the wait is over; without any I/O."""

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

    Condition: TypeAlias = TransactionState | str | Callable[[Transaction], bool]

DEADLINE = 600.0
POLL_INTERVAL = 1.0
MAX_POLL_INTERVAL = 30.0
# Longer than any program runs, and short enough for every operating system.
_MAX_SECONDS = 1e8

# Errors that may be over by the next attempt: a wait should survive a server's bad minutes.
TRANSIENT = (TransportError, ServerError, RateLimitError)


class Poller:
    """One wait for one transaction.

    Args:
        transaction_id: Id of the transaction.
        until: The state to wait for, or a function that returns whether a transaction meets the
            condition; None for a final state.
        credited: Whether the money has to have reached the merchant's account as well.
        deadline: Seconds after which the wait ends with an error.
        poll_interval: Seconds between the first two attempts.
        max_poll_interval: Seconds between two attempts at most.

    Raises:
        ConfigurationError: A value is not a number, or is out of range, or `until` is not a known
            state.
    """

    def __init__(  # noqa: PLR0913 - as wait_for
        self,
        transaction_id: str | UUID,
        *,
        until: Condition | None,
        credited: bool,
        deadline: float,
        poll_interval: float,
        max_poll_interval: float,
    ) -> None:
        self._id = transaction_id
        self._until = _known(until)
        self._credited = credited
        self._deadline = _seconds("deadline", deadline)
        self._poll_interval = _seconds("poll_interval", poll_interval)
        self._max_poll_interval = _seconds("max_poll_interval", max_poll_interval)
        self._started = time.monotonic()
        self._elapsed_after_sleep = 0.0
        self._attempts = 0
        self._last_read: Transaction | None = None

    def is_done(self, transaction: Transaction) -> bool:
        """Return whether a transaction that was just read meets the condition.

        Raises:
            WaitError: It is final and does not.
        """
        self._attempts += 1
        self._last_read = transaction
        if self._meets_condition(transaction):
            return True
        if self._is_final(transaction):
            raise self._error(f"is {transaction.transaction_state}, which is final")
        return False

    def delay(self, error: CalypsoError | None = None) -> float:
        """Return the seconds until the next attempt.

        Args:
            error: The error of the last attempt, if it failed.

        Raises:
            WaitError: The deadline has passed.
        """
        self._attempts += error is not None
        # A test's sleep may return at once. Its seconds count all the same, or the wait might
        # never end.
        elapsed = max(time.monotonic() - self._started, self._elapsed_after_sleep)
        left = self._deadline - elapsed
        if left <= 0:
            raise self._timed_out(error) from error
        retry_after = getattr(error, "retry_after", None) or 0.0
        delay = min(max(self._next_interval(), retry_after), left)
        self._elapsed_after_sleep = elapsed + delay
        return delay

    def _next_interval(self) -> float:
        interval = min(self._poll_interval, self._max_poll_interval)
        self._poll_interval = interval * 2
        # Half of it is random, so that many waits that began together drift apart.
        return random.uniform(interval / 2, interval)  # noqa: S311 - spreads load, guards nothing

    def _meets_condition(self, transaction: Transaction) -> bool:
        if self._credited and not transaction.is_credited:
            return False
        if callable(self._until):
            return self._until(transaction)
        if self._until is not None:
            return transaction.transaction_state == self._until
        return transaction.is_final or bool(transaction.is_credited)

    def _is_final(self, transaction: Transaction) -> bool:
        """Return whether nothing that the condition depends on can change any more."""
        if transaction.transaction_state != TransactionState.CONFIRMED:
            return transaction.transaction_state == TransactionState.DECLINED
        # A function may look at any field, and the money comes after the confirmation.
        only_state = not (self._credited or callable(self._until))
        return only_state or bool(transaction.is_credited)

    def _condition(self) -> str:
        if callable(self._until):
            condition = "the condition in `until`"
        elif self._until is not None:
            condition = str(self._until)
        else:
            condition = "" if self._credited else "a final state"
        credited = "the money on the account" if self._credited else ""
        return " and ".join(filter(None, (condition, credited)))

    def _timed_out(self, error: CalypsoError | None) -> WaitError:
        last = self._last_read
        state = "could not be read" if last is None else f"is still {last.transaction_state}"
        failure = self._error(f"{state} after {self._deadline:g} s")
        failure.timed_out = True
        if error is not None:
            failure.outcome = error.outcome
        return failure

    def _error(self, what: str) -> WaitError:
        return WaitError(
            f"transaction {self._id} {what}; waited for {self._condition()}.",
            operation="getTransaction",
            attempts=self._attempts,
            outcome=Outcome.DONE,
            transaction=self._last_read,
        )


def _known(until: Condition | None) -> Condition | None:
    if not (until is None or isinstance(until, str) or callable(until)):
        raise ConfigurationError(
            f"until has to be a state or a function, not a {type(until).__name__}."
        )
    if isinstance(until, str) and not TransactionState(until).is_known:
        raise ConfigurationError(
            f"until={str(until)!r} is not a known state of a transaction. Known are "
            f"{', '.join(TransactionState)}; for any other, pass a function that returns whether "
            "a transaction meets the condition."
        )
    return until


def _seconds(name: str, value: float) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 < value <= _MAX_SECONDS:
        raise ConfigurationError(f"{name} has to be a positive number of seconds, not {value!r}.")
    return float(value)
