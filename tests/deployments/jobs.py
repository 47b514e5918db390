"""The jobs of Celery, RQ and multiprocessing."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from celery import Celery
from celery.exceptions import SoftTimeLimitExceeded
from rq.timeouts import JobTimeoutException

from calypso_pay import AsyncCalypso, Calypso

calypso = Calypso(max_retries=0)
FOLDER = Path(os.environ["DEPLOYMENT_FOLDER"])

app = Celery("jobs", broker=os.environ.get("DEPLOYMENT_BROKER"))
app.conf.update(
    broker_transport_options={
        "data_folder_in": str(FOLDER / "queue"),
        "data_folder_out": str(FOLDER / "queue"),
        "control_folder": str(FOLDER / "control"),
    },
    task_ignore_result=True,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    worker_prefetch_multiplier=1,
)


def create_customer(email: str) -> tuple[str, str, str]:
    """Create a customer with a deposit address."""
    customer = calypso.customers.create(email=email)
    address = calypso.addresses.get(customer_id=customer.id, currency="USDT_TRX")
    return email, customer.id, address.address


async def acreate_customer(email: str) -> tuple[str, str, str]:
    """Do the same with the asynchronous client that all jobs of a process share."""
    customer = await asynchronous.customers.create(email=email)
    address = await asynchronous.addresses.get(customer_id=customer.id, currency="USDT_TRX")
    return email, customer.id, address.address


TRANSPORT: Any = os.environ.get("DEPLOYMENT_TRANSPORT")
asynchronous = AsyncCalypso(max_retries=0, transport=TRANSPORT)


def record(name: str, *words: str) -> None:
    """Write the result of a job to a file that the parent reads."""
    partial = FOLDER / f"{name}.{os.getpid()}"
    partial.write_text(" ".join(words))
    partial.rename(FOLDER / "done" / name)


@app.task
def celery_create_customer(email: str) -> None:
    """Create a customer in a Celery task, with the asynchronous client if the email says so."""
    import asyncio

    asynchronously = email.startswith("async")
    row = asyncio.run(acreate_customer(email)) if asynchronously else create_customer(email)
    record(email, *row)


@app.task(soft_time_limit=1)
def celery_hang(name: str) -> None:
    """Call a server that never responds."""
    hang(name)


def rq_create_customer(email: str) -> None:
    """Create a customer in an RQ job."""
    record(email, *create_customer(email))


def hang(name: str) -> None:
    """Call a server that never responds, and record the exception that ended the call."""
    unresponsive = Calypso(base_url=os.environ["DEPLOYMENT_SILENT"], timeout=20, deadline=60)
    try:
        unresponsive.accounts.get()
    except (SoftTimeLimitExceeded, JobTimeoutException) as limit:
        record(name, "limit", *limit.__notes__)
    except BaseException as error:
        record(name, type(error).__name__)
        raise


def interrupted_by_alarms(prefix: str, number: int) -> list[tuple[str, str, str]]:
    """Call while alarms keep going off, and return the results of the uninterrupted calls."""
    rows: list[tuple[str, str, str]] = []

    class AlarmError(Exception):
        pass

    def ring(*_: object) -> None:
        raise AlarmError

    signal.signal(signal.SIGALRM, ring)
    for turn in range(number):
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.0005 * (turn % 20 + 1))
            row = create_customer(f"{prefix}-{turn}@shop.example")
            signal.setitimer(signal.ITIMER_REAL, 0)
            rows.append(row)
        except AlarmError:
            continue
    return rows
