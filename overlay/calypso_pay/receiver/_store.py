"""The store that a receiver needs: who handles an event, and which ones are done."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from attrs import field, frozen

from calypso_api._events import letters

if TYPE_CHECKING:
    from calypso_pay.receiver._stored import StoredEvent


@frozen
class Task:
    """What is to be done once: an event, and the step of a transaction that it reports.

    Two tasks are equal, and thus the same event, if subscription, id, transaction and type are. So
    an event whose id is used again, for another transaction say, is handled, too.

    Attributes:
        subscription: Request id of the subscription.
        event: Id of the event, an integer as documented, or the text that came instead; together
            with the subscription it identifies the event (inferred).
        transaction: Id of the transaction; for a top-up its hash on the chain, which several
            top-ups may share, so that the same step may come more than once. None for other events.
        step: The step of the transaction; None for other events.
        event_type: The type of the event, as delivered; case and separators don't count.
        body: The body of the delivery, verified, for a store that keeps it.
        customer: Id of the customer whose deposit it is, in lower case; None if the event names
            none, and for other events.
    """

    subscription: str
    event: int | str
    transaction: str | None = None
    # Not compared: a later version may know the step of a type that has none here.
    step: str | None = field(default=None, eq=False)
    event_type: str = field(default="", eq=letters)
    body: bytes = field(default=b"", eq=False, repr=False)
    customer: str | None = field(default=None, eq=False)


class ClaimStatus(StrEnum):
    """Whether an event may be handled."""

    ACQUIRED = "acquired"
    """Yes, by the caller, until it is completed or released, or the lease expires."""
    DONE = "done"
    """No, it was completed before."""
    BUSY = "busy"
    """No, another worker is handling the event, or another event of its transaction."""
    PARKED = "parked"
    """No, it failed too often: the store keeps it, with its last error, until it is retried by
    hand."""


class Claim(NamedTuple):
    """The result of `claim`.

    Attributes:
        status: Whether the event may be handled.
        token: Identifies this claim among all claims of the same event.
        steps: The steps of the transaction that other events completed.
        connection: The transaction of the database in which `complete` will mark the event as done,
            for a handler that takes it; None if the store has none.
    """

    status: ClaimStatus
    token: str = ""
    steps: frozenset[str] = frozenset()
    connection: Any = None


class UnavailableError(Exception):
    """What `fail` gets if no handler failed: the API could not be read, or the store failed.

    Such a failure should not park an event, however often it happens.
    """


class Store(Protocol):
    """Remembers events. An implementation makes each method atomic, for all processes that use it.

    `calypso_pay.inbox` has one for SQLite and PostgreSQL. `calypso_pay.receiver.testing` has tests
    for one of your own. There are two kinds:

    - A claim is a row with a token and the end of its lease. A process that dies leaves it behind;
      when the lease expires the event can be claimed again.
    - A claim is an open transaction of the database, `Claim.connection`. The handler writes in it,
      `complete` commits it, and it ends with the process.

    In both, a crash loses no event. Keep completed events for longer than the vendor retries: four
    days (documented), and once more after a subscription was unblocked.
    """

    def claim(self, task: Task, lease: float) -> Claim:
        """Claim an event and its transaction, both or neither.

        An event may be new although its step is done, for example by the same event of a second
        subscription. It is then acquired, with the step in `Claim.steps`, and the receiver decides:
        it completes a duplicate of a deposit's step without its handler, while a second top-up with
        the same hash reaches its handler.

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

    def fail(self, task: Task, claim: Claim, error: BaseException) -> None:
        """Release what the claim still has, because the handler failed.

        A store may count this, keep the error, and park the event when it failed too often. An
        event that another worker completed meanwhile stays done.

        Args:
            task: The event, and the step of its transaction.
            claim: What `claim` returned; it may be released already.
            error: What the handler raised; an `UnavailableError` if no handler failed.
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

    async def fail(self, task: Task, claim: Claim, error: BaseException) -> None:
        """Release what the claim still has, because the handler failed.

        Args:
            task: The event, and the step of its transaction.
            claim: What `claim` returned; it may be released already.
            error: What the handler raised; an `UnavailableError` if no handler failed.
        """
        ...


class StoringStore(Store, Protocol):
    """A `Store` that keeps whole events, so that a worker can handle them later."""

    def put(self, task: Task) -> Claim:
        """Store an event as pending, in an open transaction that `complete` commits.

        Args:
            task: The event, with its body.

        Returns:
            A claim that is acquired; or done if the event was stored before, whatever its status.
        """
        ...

    def get(self, key: str) -> StoredEvent:
        """Return a stored event.

        Args:
            key: Its key.

        Raises:
            LookupError: There is none with this key.
        """
        ...

    def due(self, older_than: float, limit: int) -> list[StoredEvent]:
        """List events that are pending or failed, and not queued lately; the oldest first.

        Args:
            older_than: Seconds since they were queued, or failed, last.
            limit: How many at most.
        """
        ...

    def requeue(self, stored: StoredEvent) -> Claim:
        """Note that an event is queued again, in an open transaction that `complete` commits.

        Args:
            stored: The event, as `due` returned it.

        Returns:
            A claim that is acquired; or busy if the event was handled or queued meanwhile.
        """
        ...


class AsyncStoringStore(AsyncStore, Protocol):
    """A `StoringStore` whose methods are coroutines."""

    async def put(self, task: Task) -> Claim:
        """Store an event as pending, in an open transaction that `complete` commits.

        Args:
            task: The event, with its body.
        """
        ...

    async def get(self, key: str) -> StoredEvent:
        """Return a stored event.

        Args:
            key: Its key.

        Raises:
            LookupError: There is none with this key.
        """
        ...

    async def due(self, older_than: float, limit: int) -> list[StoredEvent]:
        """List events that are pending or failed, and not queued lately; the oldest first.

        Args:
            older_than: Seconds since they were queued, or failed, last.
            limit: How many at most.
        """
        ...

    async def requeue(self, stored: StoredEvent) -> Claim:
        """Note that an event is queued again, in an open transaction that `complete` commits.

        Args:
            stored: The event, as `due` returned it.
        """
        ...
