"""The jobs that Celery and RQ run, and what children of multiprocessing do."""

from __future__ import annotations

import os
import signal
from pathlib import Path

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
    },
    task_ignore_result=True,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    worker_prefetch_multiplier=1,
)


def give(email: str) -> tuple[str, str, str]:
    """Give a new customer an address."""
    customer = calypso.customers.create(email=email)
    address = calypso.addresses.get(customer_id=customer.id, currency="USDT_TRX")
    return email, customer.id, address.address


async def agive(email: str) -> tuple[str, str, str]:
    """Do as `give` does, with the asynchronous client that all jobs of a process share."""
    customer = await asynchronous.customers.create(email=email)
    address = await asynchronous.addresses.get(customer_id=customer.id, currency="USDT_TRX")
    return email, customer.id, address.address


asynchronous = AsyncCalypso(max_retries=0)


def note(name: str, *words: str) -> None:
    """Write down what a job came to, where the parent reads it."""
    partial = FOLDER / f"{name}.{os.getpid()}"
    partial.write_text(" ".join(words))
    partial.rename(FOLDER / "done" / name)


@app.task
def celery_give(email: str) -> None:
    """Run `give` as a task of Celery's, and `agive` in an event loop of its own."""
    import asyncio

    job = asyncio.run(agive(email)) if email.startswith("async") else give(email)
    note(email, *job)


@app.task(soft_time_limit=1)
def celery_hang(name: str) -> None:
    """Call somebody who never answers."""
    hang(name)


def rq_give(email: str) -> None:
    """Run `give` as a job of RQ's."""
    note(email, *give(email))


def hang(name: str) -> None:
    """Call somebody who never answers, and write down what ended the call."""
    silent = Calypso(base_url=os.environ["DEPLOYMENT_SILENT"], timeout=20, deadline=60)
    try:
        silent.accounts.get()
    except (SoftTimeLimitExceeded, JobTimeoutException) as limit:
        note(name, "limit", *limit.__notes__)
    except BaseException as error:
        note(name, type(error).__name__)
        raise


def interrupted_by_alarms(prefix: str, number: int) -> list[tuple[str, str, str]]:
    """Call while an alarm goes off again and again; a call that it breaks off is counted out."""
    made: list[tuple[str, str, str]] = []

    class AlarmError(Exception):
        pass

    def ring(*_: object) -> None:
        raise AlarmError

    signal.signal(signal.SIGALRM, ring)
    for turn in range(number):
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.0005 * (turn % 20 + 1))
            found = give(f"{prefix}-{turn}@shop.example")
            signal.setitimer(signal.ITIMER_REAL, 0)
            made.append(found)
        except AlarmError:
            continue
    return made
