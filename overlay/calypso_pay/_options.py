"""The options of a client for its calls, and what its listeners get."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from calypso_api._drift import Drift
    from calypso_pay._errors import CalypsoError, Outcome

DEFAULT_TIMEOUT = 30.0
DEFAULT_DEADLINE = 90.0
DEFAULT_MAX_RETRIES = 2
DEFAULT_BACKOFF = 0.5


class Attempt(NamedTuple):
    """One attempt of a call, as `on_attempt` gets it.

    Attributes:
        operation: The operation's id in the API document.
        number: Which attempt of the call it was, from 1.
        outcome: What is known of its effect.
        seconds: How long it took.
        status: HTTP status of the response; None when none came.
        error: What it failed with; None when it succeeded.
        retry_in: Seconds until the next attempt; None when there is none.
    """

    operation: str
    number: int
    outcome: Outcome
    seconds: float
    status: int | None
    error: CalypsoError | None
    retry_in: float | None


class Timeouts(NamedTuple):
    """Seconds that each phase of an attempt may take.

    Attributes:
        connect: For connecting.
        read: For each wait for data.
        write: For sending each piece of the request.
        pool: For waiting for a connection of the pool.
    """

    connect: float
    read: float
    write: float
    pool: float

    def within(self, seconds: float) -> Timeouts:
        """Return these, each at most the seconds that are left."""
        return self if max(self) <= seconds else Timeouts(*(min(each, seconds) for each in self))


class Options(NamedTuple):
    """The options of a client for its calls.

    Attributes:
        account: The merchant account that requests are for.
        timeout: Seconds that each phase of an attempt may take.
        deadline: Seconds that all attempts and waits of one call may take together.
        max_retries: Maximum number of retries of a call.
        backoff: Bound of the first wait before a retry, in seconds; 0 for no waits at all.
        on_attempt: Called with every attempt; None for no listener.
        on_drift: Called with what the API document does not know; None for no listener.
        strict: Whether a response with such a thing is an error.
        allow_http: Whether plain http to another machine is allowed.
    """

    account: str
    timeout: Timeouts
    deadline: float
    max_retries: int
    backoff: float
    on_attempt: Callable[[Attempt], object] | None = None
    on_drift: Callable[[Drift], object] | None = None
    strict: bool = False
    allow_http: bool = False
