"""An event as a store keeps it, and the keys under which it is found."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from attrs import field, frozen

from calypso_api._events import letters
from calypso_pay._verification import read_verified

if TYPE_CHECKING:
    from datetime import datetime

    from calypso_pay.receiver._store import Task
    from calypso_pay.webhooks import Event


@frozen
class StoredEvent:
    """An event that a store keeps.

    Attributes:
        key: Identifies it in the store; 32 hex digits, to be passed to `Receiver.handle_stored`.
        order_key: The same for all events of one transaction; 32 hex digits. A queue that handles
            jobs with the same lock one at a time takes it as the lock.
        status: ``pending`` if it waits for a worker, ``failed`` if its handler failed, ``parked``
            if that was once too often, ``done``.
        subscription: Request id of the subscription.
        event: Id of the event.
        event_type: The type of the event, as delivered.
        transaction: Id of the transaction, for a top-up its hash on the chain; None for others.
        step: The step of the transaction.
        attempts: How many times its handler failed.
        error: The last exception of its handler; None if there was none.
        received_at: When it was stored; None if it has not been yet.
        updated_at: When its status changed or it was queued last.
        body: The body of the delivery, which was verified.
        customer: Id of the customer whose deposit it is, in lower case; None if the event names
            none, and for other events.
    """

    key: str
    order_key: str
    status: str
    subscription: str
    event: int | str
    event_type: str
    transaction: str | None = None
    step: str | None = None
    attempts: int = 0
    error: str | None = None
    received_at: datetime | None = None
    updated_at: datetime | None = None
    body: bytes = field(default=b"", repr=False)
    customer: str | None = None

    @classmethod
    def of(cls, task: Task) -> StoredEvent:
        """Return the event of a task, not handled yet.

        Args:
            task: The task.
        """
        return cls(
            key=key_of(task),
            order_key=order_key_of(task),
            status="pending",
            subscription=task.subscription,
            event=task.event,
            event_type=task.event_type,
            transaction=task.transaction,
            step=task.step,
            body=task.body,
            customer=task.customer,
        )

    def read(self) -> Event:
        """Return the event itself, as a class of `calypso_pay.webhooks`.

        Raises:
            WebhookVerificationError: The body is not an event.
        """
        return read_verified(self.body)


def key_of(task: Task) -> str:
    """Return what identifies an event; of a fixed length, whatever the vendor sends."""
    event_type = letters(task.event_type)
    return _digest("event", task.subscription, task.event, task.transaction, event_type)


def order_key_of(task: Task) -> str:
    """Return what all events of a transaction share; for other events, what identifies them."""
    if task.transaction is None:
        return key_of(task)
    return _digest("transaction", task.transaction)


def _digest(*values: object) -> str:
    # Keeps 5 and "5" apart, and any two texts; the same in every version of Python.
    return blake2b(ascii(values).encode(), digest_size=16).hexdigest()
