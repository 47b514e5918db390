"""Credit each deposit to its customer, once.

Settings: those of the client (``CALYPSO_KEY`` and so on); ``CALYPSO_WEBHOOK_SECRETS``, separated by
a space while there are two; ``DATABASE``, a file for SQLite.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.routing import Route

from calypso_pay import Calypso
from calypso_pay.receiver import Receiver
from calypso_pay.webhooks import Event, PurseExpiredEvent, PurseTranslationCompletedEvent

if TYPE_CHECKING:
    from calypso_pay.models import Transaction

DATABASE = os.environ.get("DATABASE", "credits.sqlite3")
log = logging.getLogger(__name__)
calypso = Calypso()
receiver = Receiver(os.environ["CALYPSO_WEBHOOK_SECRETS"].split(), client=calypso)
app = FastAPI(routes=[Route("/webhooks/calypso", receiver.asgi())])


def connect() -> sqlite3.Connection:
    """Open the database; it stores amounts as text, because SQLite's numbers are not exact."""
    connection = sqlite3.connect(DATABASE)
    connection.execute(
        "CREATE TABLE IF NOT EXISTS credits"
        " (transaction_id TEXT PRIMARY KEY, customer_id TEXT, currency TEXT, amount TEXT)"
    )
    return connection


@receiver.on(PurseTranslationCompletedEvent, refetch=True)
def credit(event: PurseTranslationCompletedEvent, transaction: Transaction) -> None:
    """Credit a deposit, with the amount that the API has now.

    The primary key prevents a second credit, even after a restart, when the receiver has forgotten
    the event.
    """
    if not transaction.is_credited:
        raise RuntimeError("Not on the account yet: retry later.")
    if event.data is None or event.data.customer_id is None:
        raise RuntimeError("The event has no customer id: retry later.")
    row = (
        transaction.id,
        event.data.customer_id,
        transaction.currency,
        f"{transaction.amount:f}",
    )
    with closing(connect()) as connection, connection:
        connection.execute("INSERT OR IGNORE INTO credits VALUES (?, ?, ?, ?)", row)


@receiver.on(PurseExpiredEvent)
def expire(event: PurseExpiredEvent) -> None:
    """Stop showing an address that should get no more money."""
    log.info("expired: %s", event.data)


@receiver.default
async def note(event: Event) -> None:
    """Log all other events."""
    log.info("%s %s", type(event).__name__, event.id)


@app.get("/credits")
def credits_so_far() -> list[dict[str, str | None]]:
    """Return all credits."""
    with closing(connect()) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("SELECT * FROM credits")]
