"""The program of a shop, as a WSGI and an ASGI application, with faults on request.

Served by other processes, with the database in ``STORM_DATABASE``.
"""

from __future__ import annotations

import itertools
import os
import signal
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from calypso_pay.inbox import AsyncInbox, Inbox
from calypso_pay.receiver import Receiver
from calypso_pay.webhooks import Event, PurseFundsReceivedEvent
from tests.storm import books
from tests.storm.chance import chance
from tests.storm.events import FAULT_HEADER

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from calypso_pay.receiver import Application

    Message = MutableMapping[str, Any]
    Wsgi = Callable[[dict[str, Any], Any], list[bytes]]

fault: ContextVar[str] = ContextVar("fault", default="")


def secrets() -> list[str]:
    """Return the secrets of all subscriptions."""
    return os.environ["CALYPSO_WEBHOOK_SECRETS"].split()


def suffer() -> None:
    """Do what the delivery asks for, after the handler has written."""
    if fault.get() == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if fault.get() == "raise":
        raise RuntimeError("the shop is closed")


def suffer_late() -> None:
    """Do what the delivery asks for, after the commit and before the response."""
    if fault.get() == "kill-late":
        os.kill(os.getpid(), signal.SIGKILL)


def note(event: Event, connection: sa.Connection) -> None:
    """Write down that a step is handled."""
    connection.execute(sa.insert(books.steps), step_row(event))
    suffer()


def book(event: PurseFundsReceivedEvent, connection: sa.Connection) -> None:
    """Book a deposit, in two rows, between which it may fail."""
    first, second = books.rows(event.data)
    connection.execute(sa.insert(books.ledger), first)
    note(event, connection)
    connection.execute(sa.insert(books.ledger), second)


async def anote(event: Event, connection: Any) -> None:
    """Write down that a step is handled."""
    await connection.execute(sa.insert(books.steps), step_row(event))
    suffer()


async def abook(event: PurseFundsReceivedEvent, connection: Any) -> None:
    """Book a deposit, in two rows, between which it may fail."""
    first, second = books.rows(event.data)
    await connection.execute(sa.insert(books.ledger), first)
    await anote(event, connection)
    await connection.execute(sa.insert(books.ledger), second)


def step_row(event: Any) -> dict[str, str]:
    """Return the row for a step."""
    return {"transaction": event.data.transaction_id, "step": str(event.event_type)}


def make_wsgi() -> Wsgi:
    """Return the application for gunicorn: ``tests.storm.app:make_wsgi()``."""
    receiver = Receiver(secrets(), store=Inbox(os.environ["STORM_DATABASE"]))
    receiver.on(PurseFundsReceivedEvent)(book)
    receiver.default(note)
    return wsgi(receiver)


def make_store_first() -> Wsgi:
    """Return an application that stores events, for gunicorn; `work` handles them."""
    inbox = Inbox(os.environ["STORM_DATABASE"])
    # As if no job ever reached its queue.
    receiver = Receiver(secrets(), store=inbox, enqueue=lambda stored: None)
    return wsgi(receiver)


def work() -> None:
    """Handle stored events for ever: ``python -m tests.storm.app``."""
    inbox = Inbox(os.environ["STORM_DATABASE"])
    receiver = Receiver(secrets(), store=inbox)
    receiver.on(PurseFundsReceivedEvent)(book)
    receiver.default(note)
    for number in itertools.count():
        drawn = chance(os.getpid(), number).random()
        fault.set("kill" if drawn < 0.01 else "raise" if drawn < 0.2 else "")
        if not receiver.sweep(older_than=0.2, limit=10):
            # By itself a failed event is due in a minute, and later each time.
            inbox.retry()
            time.sleep(0.05)


def wsgi(receiver: Receiver) -> Wsgi:
    """Return an application around a receiver."""

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        headers = {
            name.removeprefix("HTTP_").replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        fault.set(environ.get("HTTP_" + FAULT_HEADER.upper().replace("-", "_"), ""))
        response = receiver.handle(body, headers)
        suffer_late()
        start_response(f"{response.status} {response.result}", [("Content-Length", "0")])
        return []

    return application


class Asgi:
    """The application for uvicorn: ``--factory tests.storm.app:Asgi``."""

    def __init__(self) -> None:
        receiver = Receiver(secrets(), store=AsyncInbox(os.environ["STORM_DATABASE"]))
        receiver.on(PurseFundsReceivedEvent)(abook)
        receiver.default(anote)
        self._application: Application = receiver.asgi()

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        async def send_unless_killed(message: Message) -> None:
            suffer_late()
            await send(message)

        headers = dict(scope.get("headers", ()))
        fault.set(headers.get(FAULT_HEADER.lower().encode(), b"").decode())
        await self._application(scope, receive, send_unless_killed)


if __name__ == "__main__":
    work()
