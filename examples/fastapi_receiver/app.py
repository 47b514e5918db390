"""Credit each deposit to its customer, once, in any number of processes.

Settings: those of the client (``CALYPSO_KEY`` and so on); ``CALYPSO_WEBHOOK_SECRETS``, separated by
a space while there are two; ``DATABASE_URL``, see `tables`.
"""

from __future__ import annotations

import logging
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI
from sqlalchemy import insert, select
from starlette.routing import Route
from tables import engine, inbox, ledger

from calypso_pay import Calypso
from calypso_pay.receiver import Receiver
from calypso_pay.webhooks import Event, PurseExpiredEvent, PurseTranslationCompletedEvent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Connection

    from calypso_pay.models import Transaction

log = logging.getLogger(__name__)
calypso = Calypso()
secrets = os.environ["CALYPSO_WEBHOOK_SECRETS"].split()
receiver = Receiver(secrets, store=inbox, client=calypso)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Check the tables at the start, and finish what was begun at the end."""
    inbox.check_schema()
    yield
    await receiver.aclose()
    engine.dispose()


app = FastAPI(routes=[Route("/webhooks/calypso", receiver.asgi())], lifespan=lifespan)


@receiver.on(PurseTranslationCompletedEvent, refetch=True)
def credit(
    event: PurseTranslationCompletedEvent, transaction: Transaction, connection: Connection
) -> None:
    """Credit a deposit, with the amount that the API has now.

    It is committed together with the mark that the event is done.
    """
    if not transaction.is_credited:
        raise RuntimeError("Not on the account yet: retry later.")
    if event.data is None or event.data.customer_id is None:
        raise RuntimeError("The event has no customer id: retry later.")
    connection.execute(
        insert(ledger).values(
            transaction_id=transaction.id,
            customer_id=event.data.customer_id,
            currency=transaction.currency,
            amount=f"{transaction.amount:f}",
        )
    )


@receiver.on(PurseExpiredEvent)
def expire(event: PurseExpiredEvent) -> None:
    """Stop showing an address that should get no more money."""
    log.info("expired: %s", event.data)


@receiver.default
def note(event: Event) -> None:
    """Log all other events."""
    log.info("%s %s", type(event).__name__, event.id)


@app.get("/credits")
def credits_so_far() -> list[dict[str, str]]:
    """Return all credits."""
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(ledger)).mappings()]


@app.get("/open-events")
def open_events() -> dict[str, int]:
    """Count the events that are not done, for an alarm: failed and parked should stay 0."""
    return inbox.counts()
