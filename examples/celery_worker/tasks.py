"""Store each event, then send its key to a worker of Celery, which credits the deposit, once.

Settings: those of the client (``CALYPSO_KEY`` and so on); ``CALYPSO_WEBHOOK_SECRETS``, separated by
a space while there are two; ``DATABASE_URL``, as ``postgresql+psycopg://user@host/name``;
``BROKER_URL``. ``RETRY_AFTER``, ``SWEEP_EVERY`` and ``SWEEP_AFTER``, in seconds, see below.
"""

from __future__ import annotations

import logging
import os
from http import HTTPStatus
from typing import TYPE_CHECKING

import sqlalchemy as sa
from celery import Celery
from flask import Flask, request

from calypso_pay import Calypso
from calypso_pay.inbox import Inbox
from calypso_pay.receiver import Receiver
from calypso_pay.webhooks import Event, PurseTranslationCompletedEvent

if TYPE_CHECKING:
    from calypso_pay.models import Transaction
    from calypso_pay.receiver import StoredEvent

# Seconds until a task whose handler failed is retried, doubled each time, up to 15 minutes.
RETRY_AFTER = int(os.environ.get("RETRY_AFTER", "10"))
MAX_WAIT = 900
# How often, in seconds, the database is searched for events that no task is about to handle, and
# how old these have to be: more than the longest wait, or they would get a second task.
SWEEP_EVERY = float(os.environ.get("SWEEP_EVERY", "60"))
SWEEP_AFTER = float(os.environ.get("SWEEP_AFTER", "1200"))

log = logging.getLogger(__name__)
engine = sa.create_engine(os.environ["DATABASE_URL"])
# Tried for about four days, as the vendor would.
inbox = Inbox(engine, max_attempts=400)
calypso = Calypso()
tables = sa.MetaData()
credits_table = sa.Table(
    "credits",
    tables,
    sa.Column("transaction_id", sa.Text, primary_key=True),
    sa.Column("customer_id", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("amount", sa.Numeric, nullable=False),
)


# The tasks.

app = Celery("tasks", broker=os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0"))
app.conf.update(
    # A message stays in the broker until its task has ended.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
    # Where the broker does not respond, a delivery should not wait for it.
    broker_transport_options={
        "max_retries": 0,
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
        # When Redis gives the messages of a dead worker to another; more than the longest wait.
        "visibility_timeout": 3600,
    },
    beat_schedule={"sweep": {"task": "tasks.sweep", "schedule": SWEEP_EVERY}},
)


class NotHandledError(Exception):
    """An event was not handled; the log of the receiver has the reason."""


@app.task(
    autoretry_for=(Exception,),
    dont_autoretry_for=(LookupError,),  # there is no such event
    max_retries=None,
    retry_backoff=RETRY_AFTER,
    retry_backoff_max=MAX_WAIT,
    retry_jitter=False,
)
def handle(key: str) -> None:
    """Handle a stored event; retried until it is done, or parked by the inbox."""
    response = receiver.handle_stored(key)
    if response.status != HTTPStatus.OK:
        raise NotHandledError(response.result)


@app.task
def sweep() -> None:
    """Send messages again that got lost between the database and a worker."""
    receiver.sweep(older_than=SWEEP_AFTER)


def enqueue(stored: StoredEvent) -> None:
    """Send the key to a worker. When this fails, the event is stored, and the sweep sends it."""
    handle.apply_async([stored.key], retry=False)


# The webhooks.

receiver = Receiver(
    os.environ["CALYPSO_WEBHOOK_SECRETS"].split(), client=calypso, store=inbox, enqueue=enqueue
)


@receiver.on(PurseTranslationCompletedEvent, refetch=True)
def credit(
    event: PurseTranslationCompletedEvent, transaction: Transaction, connection: sa.Connection
) -> None:
    """Credit a deposit, with the amount that the API has now; in the worker.

    The inbox commits this together with the mark that the event is done.
    """
    if not transaction.is_credited:
        raise RuntimeError("Not on the account yet: retry later.")
    if event.data is None or event.data.customer_id is None:
        raise RuntimeError("The event has no customer id: retry later.")
    connection.execute(
        credits_table.insert().values(
            transaction_id=transaction.id,
            customer_id=event.data.customer_id,
            currency=transaction.currency,
            amount=transaction.amount,
        )
    )


@receiver.default
def note(event: Event) -> None:
    """Log all other events."""
    log.info("%s %s", type(event).__name__, event.id)


web = Flask(__name__)


@web.post("/webhooks/calypso")
def calypso_webhook() -> tuple[str, int]:
    """Receive a delivery."""
    response = receiver.handle(request.get_data(), request.headers)
    return response.result, response.status


@web.get("/credits")
def credits_so_far() -> list[dict[str, str]]:
    """Return all credits."""
    with engine.connect() as connection:
        rows = connection.execute(credits_table.select())
        return [{**row, "amount": f"{row['amount']:f}"} for row in rows.mappings()]


def create_tables() -> None:
    """Create the tables of the shop and of the inbox, unless they exist."""
    tables.create_all(engine)
    inbox.create_tables()


if __name__ == "__main__":
    create_tables()
