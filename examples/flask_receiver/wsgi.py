"""Credit each deposit to its customer, once, in any number of processes.

Settings: those of the client (``CALYPSO_KEY`` and so on); ``CALYPSO_WEBHOOK_SECRETS``, separated by
a space while there are two; ``DATABASE_URL``, by default a file for SQLite.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click
from flask import Flask, request
from sqlalchemy import Column, MetaData, Table, Text, create_engine, insert, select

from calypso_pay import Calypso
from calypso_pay.inbox import Inbox
from calypso_pay.receiver import Receiver
from calypso_pay.webhooks import PurseTranslationCompletedEvent

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from calypso_pay.models import Transaction

engine = create_engine(os.environ.get("DATABASE_URL", "sqlite:///shop.sqlite3"))
inbox = Inbox(engine)
calypso = Calypso()
secrets = os.environ["CALYPSO_WEBHOOK_SECRETS"].split()
receiver = Receiver(secrets, store=inbox, client=calypso)
app = Flask(__name__)
ledger = Table(
    "ledger",
    MetaData(),
    Column("transaction_id", Text, primary_key=True),
    Column("customer_id", Text, nullable=False),
    Column("currency", Text, nullable=False),
    # As text, because SQLite's numbers are not exact.
    Column("amount", Text, nullable=False),
)


@receiver.on(PurseTranslationCompletedEvent, refetch=True)
def credit(
    event: PurseTranslationCompletedEvent, transaction: Transaction, connection: Connection
) -> None:
    """Credit a deposit; this is committed together with the mark that the event is done."""
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


@app.post("/webhooks/calypso")
def webhook() -> tuple[str, int]:
    """Pass a delivery to the receiver: the raw bytes, which are signed."""
    response = receiver.handle(request.get_data(), request.headers)
    return response.result, response.status


@app.get("/credits")
def credits_so_far() -> list[dict[str, str]]:
    """Return all credits."""
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(ledger)).mappings()]


@app.cli.command("create-tables")
def create_tables() -> None:
    """Create the tables, unless they exist."""
    inbox.create_tables()
    ledger.create(engine, checkfirst=True)


@app.cli.command("daily")
def daily() -> None:
    """Handle what the vendor delivers no more; print what still failed."""
    receiver.sweep(older_than=2 * 86_400)
    for failed in inbox.failed():
        click.echo(f"{failed.status} {failed.key} {failed.event_type} {failed.error}")
