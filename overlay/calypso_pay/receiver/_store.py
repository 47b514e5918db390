"""The store that a receiver needs: who handles an event, and which ones are done."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, Protocol


class Task(NamedTuple):
    """What is to be done once: an event, and the step of a transaction that it reports.

    Attributes:
        subscription: Request id of the subscription.
        event: Id of the event, an integer as documented, or the text that came instead; together
            with the subscription it identifies the event (inferred).
        transaction: Id of the transaction; for a top-up its hash on the chain, which several
            top-ups may share, so that the same step may come more than once. None for other events.
        step: The step of the transaction; None for other events.
    """

    subscription: str
    event: int | str
    transaction: str | None = None
    step: str | None = None


class ClaimStatus(StrEnum):
    """Whether an event may be handled."""

    ACQUIRED = "acquired"
    """Yes, by the caller, until it is completed or released, or the lease expires."""
    DONE = "done"
    """No, it was completed before."""
    BUSY = "busy"
    """No, another worker is handling the event, or another event of its transaction."""


class Claim(NamedTuple):
    """The result of `claim`.

    Attributes:
        status: Whether the event may be handled.
        token: Identifies this claim among all claims of the same event.
        steps: The steps of the transaction that are completed.
    """

    status: ClaimStatus
    token: str = ""
    steps: frozenset[str] = frozenset()


class Store(Protocol):
    """Remembers events. An implementation makes each method atomic, for all processes that use it.

    In a database: a table of events, unique by subscription and id, with a token, the end of the
    lease and whether it is done; and a table of transactions, with the same and the steps. A
    process that dies leaves a claim behind. When its lease expires the event can be claimed again,
    so a crash loses no event. Keep completed events for longer than the vendor retries: four days
    (documented).
    """

    def claim(self, task: Task, lease: float) -> Claim:
        """Claim an event and its transaction, both or neither.

        Args:
            task: The event, and the step of its transaction.
            lease: Seconds after which another worker may claim it, unless it is completed or
                released.
        """
        ...

    def complete(self, task: Task, claim: Claim) -> None:
        """Remember that the event and its step are done, and release what the claim still has.

        Args:
            task: The event, and the step of its transaction.
            claim: What `claim` returned.
        """
        ...

    def release(self, task: Task, claim: Claim) -> None:
        """Release what the claim still has: the event is not done, and may be claimed again.

        Args:
            task: The event, and the step of its transaction.
            claim: What `claim` returned.
        """
        ...


class AsyncStore(Protocol):
    """A `Store` whose methods are coroutines."""

    async def claim(self, task: Task, lease: float) -> Claim:
        """Claim an event and its transaction, both or neither.

        Args:
            task: The event, and the step of its transaction.
            lease: Seconds after which another worker may claim it, unless it is completed or
                released.
        """
        ...

    async def complete(self, task: Task, claim: Claim) -> None:
        """Remember that the event and its step are done.

        Args:
            task: The event, and the step of its transaction.
            claim: What `claim` returned.
        """
        ...

    async def release(self, task: Task, claim: Claim) -> None:
        """Release what the claim still has.

        Args:
            task: The event, and the step of its transaction.
            claim: What `claim` returned.
        """
        ...
