"""Programs with the mistakes that a storm has to find, for gunicorn."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import sqlalchemy as sa

from calypso_pay.inbox import Inbox
from calypso_pay.receiver import ClaimStatus, MemoryStore, Receiver
from calypso_pay.webhooks import Event, PurseFundsReceivedEvent
from tests.storm import app

if TYPE_CHECKING:
    from collections.abc import Callable

    from calypso_pay.receiver import Claim, Store, Task

DATABASE = os.environ.get("STORM_DATABASE", "sqlite://")


def outside() -> app.Wsgi:
    """Book in a transaction that is committed before the event is done."""

    def handler(event: Event) -> None:
        fault = app.fault.get()
        app.fault.set("")
        _write(event)
        app.fault.set(fault)
        app.suffer()

    return _served(Inbox(DATABASE), handler)


def memory() -> app.Wsgi:
    """Remember events in the memory of each process."""
    return _served(MemoryStore(), _write)


def early() -> app.Wsgi:
    """Mark an event as done before its handler has returned."""
    receiver = Receiver(app.secrets(), store=_Early(DATABASE))
    receiver.on(PurseFundsReceivedEvent)(app.book)
    receiver.default(app.note)
    return app.wsgi(receiver)


def hanging() -> app.Wsgi:
    """Never respond to a delivery."""

    def handler(event: Event) -> None:
        threading.Event().wait()

    return _served(MemoryStore(), handler)


class _Early(Inbox):
    def claim(self, task: Task, lease: float) -> Claim:
        claim = super().claim(task, lease)
        if claim.status == ClaimStatus.ACQUIRED:
            super().complete(task, claim)
            claim = claim._replace(connection=_engine.connect())
        return claim

    def complete(self, task: Task, claim: Claim) -> None:
        claim.connection.commit()
        claim.connection.close()

    def release(self, task: Task, claim: Claim) -> None:
        claim.connection.close()


_engine = sa.create_engine(DATABASE)


def _write(event: Event) -> None:
    with _engine.begin() as connection:
        if isinstance(event, PurseFundsReceivedEvent):
            app.book(event, connection)
        else:
            app.note(event, connection)


def _served(store: Store, handler: Callable[[Event], None]) -> app.Wsgi:
    receiver = Receiver(app.secrets(), store=store)
    receiver.default(handler)
    return app.wsgi(receiver)
