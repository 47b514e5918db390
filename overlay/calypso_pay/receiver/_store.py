"""What a receiver asks of a store: who works on an event, and which ones are done."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, Protocol


class Task(NamedTuple):
    """What is to be done once: an event, and the step of a transaction that it tells of.

    Attributes:
        subscription: Request id of the subscription.
        event: Id of the event, an integer as documented, or whatever text came instead; with the
            subscription it names the event (inferred).
        transaction: Id of the transaction, of a top-up its hash on the chain; None where the event
            is of none. A hash may be that of several top-ups, so that a step of theirs comes again.
        step: Which step of the transaction it is; None where the event is of none.
    """

    subscription: str
    event: int | str
    transaction: str | None = None
    step: str | None = None


class ClaimStatus(StrEnum):
    """Whether an event may be worked on."""

    ACQUIRED = "acquired"
    """Yes, by whoever asked, until it is completed or released, or the lease is over."""
    DONE = "done"
    """No, it was completed before."""
    BUSY = "busy"
    """No, somebody works on the event, or on another one of its transaction."""


class Claim(NamedTuple):
    """The answer to a claim.

    Attributes:
        status: Whether the event may be worked on.
        token: Tells this claim from later ones of the same event.
        steps: The steps of the transaction that were completed before.
    """

    status: ClaimStatus
    token: str = ""
    steps: frozenset[str] = frozenset()


class Store(Protocol):
    """Remembers events. An implementation makes each method atomic, for all processes that use it.

    In a database: a table of events, unique by subscription and id, with a token, the end of the
    lease and whether it is done; and one of transactions, with the same and the steps. A process
    that dies leaves a claim behind, which ends with its lease: then the event can be claimed again,
    so that no crash loses it. Keep what is done for longer than the vendor repeats it: four days
    (documented).
    """

    def claim(self, task: Task, lease: float) -> Claim:
        """Claim an event and its transaction, both or neither.

        Args:
            task: What is to be done.
            lease: Seconds after which others may claim it, unless it is completed or released.
        """
        ...

    def complete(self, task: Task, claim: Claim) -> None:
        """Remember that the event and its step are done, and give up what the claim still holds.

        Args:
            task: What is done.
            claim: What claiming it gave.
        """
        ...

    def release(self, task: Task, claim: Claim) -> None:
        """Give up what the claim still holds: the event is not done, and may be claimed again.

        Args:
            task: What is not done.
            claim: What claiming it gave.
        """
        ...


class AsyncStore(Protocol):
    """A `Store` whose methods are to be awaited."""

    async def claim(self, task: Task, lease: float) -> Claim:
        """Claim an event and its transaction, both or neither.

        Args:
            task: What is to be done.
            lease: Seconds after which others may claim it, unless it is completed or released.
        """
        ...

    async def complete(self, task: Task, claim: Claim) -> None:
        """Remember that the event and its step are done.

        Args:
            task: What is done.
            claim: What claiming it gave.
        """
        ...

    async def release(self, task: Task, claim: Claim) -> None:
        """Give up what the claim still holds.

        Args:
            task: What is not done.
            claim: What claiming it gave.
        """
        ...
