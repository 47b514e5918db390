"""Store each event together with its job; a worker of Procrastinate credits the deposit, once.

Settings: those of the client (``CALYPSO_KEY`` and so on); ``CALYPSO_WEBHOOK_SECRETS``, separated by
a space while there are two; ``DATABASE_URL``, as ``postgresql://user@host/name``. ``RETRY_AFTER``
and ``STALLED_AFTER``, in seconds, see below.
"""

from __future__ import annotations

import logging
import os
from http import HTTPStatus
from typing import TYPE_CHECKING

import sqlalchemy as sa
from fastapi import FastAPI
from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from starlette.routing import Route

from calypso_pay import Calypso
from calypso_pay.inbox import Inbox
from calypso_pay.receiver import Receiver
from calypso_pay.webhooks import Event, PurseTranslationCompletedEvent

if TYPE_CHECKING:
    from procrastinate.jobs import Job

    from calypso_pay.models import Transaction
    from calypso_pay.receiver import StoredEvent

DATABASE_URL = os.environ["DATABASE_URL"]
# Seconds until a job whose handler failed is run again, doubled each time, up to an hour.
RETRY_AFTER = int(os.environ.get("RETRY_AFTER", "10"))
# Seconds without a sign of life after which the jobs of a worker are given to others.
STALLED_AFTER = float(os.environ.get("STALLED_AFTER", "30"))
HOUR = 3600

log = logging.getLogger(__name__)
engine = sa.create_engine(DATABASE_URL.replace("postgresql:", "postgresql+psycopg:", 1))
# Tried for about four days, as the vendor would.
inbox = Inbox(engine, max_attempts=100)
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


# The jobs, in the same database.

queue = App(
    connector=PsycopgConnector(conninfo=DATABASE_URL),
    worker_defaults={
        "update_heartbeat_interval": STALLED_AFTER / 3,
        "stalled_worker_timeout": STALLED_AFTER,
        "delete_jobs": "successful",
    },
)


class NotHandledError(Exception):
    """An event was not handled; the log of the receiver has the reason."""


class Backoff(BaseRetryStrategy):
    """Retries a job until its event is done, or parked by the inbox."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """Return when to run a job again; never, if its event does not exist."""
        if isinstance(exception, LookupError):
            return None
        wait = min(RETRY_AFTER * 2 ** min(job.attempts, 20), HOUR)
        # With a lock of its own it no longer keeps other events of its transaction waiting. The
        # inbox does not call its handler any more if one of these overtakes it.
        return RetryDecision(retry_in={"seconds": wait}, lock=str(job.task_kwargs["key"]))


@queue.task(retry=Backoff())
def handle(key: str) -> None:
    """Handle a stored event."""
    response = receiver.handle_stored(key)
    if response.status != HTTPStatus.OK:
        raise NotHandledError(response.result)


def enqueue(stored: StoredEvent, connection: sa.Connection) -> None:
    """Add the job in the transaction that stores the event: both are committed, or neither.

    With the lock, the jobs of a transaction run one at a time, in the order in which they came.
    """
    driver_connection = connection.connection.driver_connection
    handle.configure(connection=driver_connection, lock=stored.order_key).defer(key=stored.key)


@queue.periodic(cron="* * * * * */5")
@queue.task(queueing_lock="retry_stalled")
async def retry_stalled(timestamp: int) -> None:
    """Run jobs again whose worker died."""
    manager = queue.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        await manager.retry_job(job)


@queue.periodic(cron="0 * * * *")
@queue.task(queueing_lock="sweep")
def sweep(timestamp: int) -> None:
    """Add jobs for events that lost theirs, which should not happen, or that were parked."""
    receiver.sweep(older_than=2 * HOUR)


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


web = FastAPI(routes=[Route("/webhooks/calypso", receiver.asgi())])


@web.get("/credits")
def credits_so_far() -> list[dict[str, str]]:
    """Return all credits."""
    with engine.connect() as connection:
        rows = connection.execute(credits_table.select())
        return [{**row, "amount": f"{row['amount']:f}"} for row in rows.mappings()]


def create_tables() -> None:
    """Create the tables of the shop, the inbox and the queue, in an empty database."""
    tables.create_all(engine)
    inbox.create_tables()
    with queue.open():
        queue.schema_manager.apply_schema()


if __name__ == "__main__":
    create_tables()
