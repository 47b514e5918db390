"""A process that reconciles, and kills itself on request: ``python -m tests.reconcile.process``.

It reads a `Job` as JSON, and writes what it found as JSON.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from inspect import iscoroutinefunction
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from calypso_pay import AsyncCalypso, Calypso
from calypso_pay.inbox import AsyncInbox, Inbox
from calypso_pay.reconcile import Report, reconcile
from tests.reconcile.gate import Gate
from tests.storm.books import ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
# A process that takes longer counts as hung.
PATIENCE = 600


class Account(NamedTuple):
    """An account whose customers are reconciled."""

    settings: Mapping[str, str]
    customers: Sequence[str]


class Job(NamedTuple):
    """What a process does.

    Attributes:
        accounts: The accounts, all at once.
        way: ``sync`` or ``async``.
        ledger: ``table`` for the table of a shop, ``inbox`` for what was handled.
        database: Where the ledger is, for SQLAlchemy.
        memory: The database of the inbox that is the memory.
        name: The name of the reconciliation.
        page_size: Rows on a page.
        settle: Seconds until a customer with a difference is read again.
        gate: The file of a `Gate`, to wait for bookings instead of for time.
        crash_at: The number of the request, or of the operation of memory and ledger, at which the
            process is killed; 0 for none. Operations count at their begin and at their end.
    """

    accounts: Sequence[Account]
    way: str
    ledger: str
    database: str
    memory: str
    name: str
    page_size: int = 100
    settle: float = 0
    gate: str = ""
    crash_at: int = 0

    def run(self) -> dict[str, Any] | None:
        """Run a process, and return what it found; None if it was killed.

        Raises:
            RuntimeError: It failed.
        """
        done = subprocess.run(
            [sys.executable, "-m", "tests.reconcile.process"],
            input=json.dumps(self),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        if self.crash_at and done.returncode == -signal.SIGKILL:
            return None
        if done.returncode:
            raise RuntimeError(f"the reconciliation failed ({done.returncode}):\n{done.stderr}")
        found: dict[str, Any] = json.loads(done.stdout)
        return found


class _Process:
    """Does a job."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._numbers = itertools.count(1)
        self.steps = self.attempts = 0

    def run(self) -> list[Report]:
        """Reconcile each account."""
        if self._job.way == "async":
            return asyncio.run(self._run_async())
        kept, engine = Inbox(self._job.memory), sa.create_engine(self._job.database)
        self._watch(kept)

        def bookings(customer: str) -> Any:
            with engine.connect() as connection:
                return connection.execute(_SELECT, {"customer": customer}).all()

        def run(account: Account) -> Report:
            with Calypso(on_attempt=self._count_attempt, **account.settings) as calypso:
                return reconcile(calypso, **self._options(account, kept, bookings)).report()

        with closing(kept), ThreadPoolExecutor(len(self._job.accounts)) as threads:
            return list(threads.map(run, self._job.accounts))

    async def _run_async(self) -> list[Report]:
        kept, engine = AsyncInbox(self._job.memory), create_async_engine(self._job.database)
        self._watch(kept)

        async def bookings(customer: str) -> Any:
            async with engine.connect() as connection:
                return (await connection.execute(_SELECT, {"customer": customer})).all()

        async def run(account: Account) -> Report:
            async with AsyncCalypso(on_attempt=self._count_attempt, **account.settings) as calypso:
                return await reconcile(calypso, **self._options(account, kept, bookings)).report()

        try:
            return await asyncio.gather(*map(run, self._job.accounts))
        finally:
            await kept.close()
            await engine.dispose()

    def _options(
        self, account: Account, inbox: Any, bookings: Callable[[str], Any]
    ) -> dict[str, Any]:
        job = self._job
        return {
            "customers": account.customers,
            "ledger": inbox if job.ledger == "inbox" else self._watched(bookings),
            "memory": inbox,
            "name": job.name,
            "page_size": job.page_size,
            "settle": job.settle,
            "sleep": self._sleep,
            "progress": False,
        }

    @property
    def _sleep(self) -> Any:
        """What the reconciliation waits with; None for time."""
        if not self._job.gate:
            return None
        sleep = Gate(self._job.gate).sleep
        return sleep if self._job.way == "sync" else partial(asyncio.to_thread, sleep)

    def _watch(self, inbox: Inbox | AsyncInbox) -> None:
        for name in ("bookings", "get_note", "put_note", "list_notes"):
            setattr(inbox, name, self._watched(getattr(inbox, name)))

    def _watched(self, function: Any) -> Any:
        """Return a function that counts a step before and after another one."""
        if iscoroutinefunction(function):

            async def call(*values: Any, **named: Any) -> Any:
                self._step()
                found = await function(*values, **named)
                self._step()
                return found

            return call
        return partial(self._call, function)

    def _call(self, function: Any, *values: Any, **named: Any) -> Any:
        self._step()
        found = function(*values, **named)
        self._step()
        return found

    def _count_attempt(self, _: object) -> None:
        self.attempts += 1
        self._step()

    def _step(self) -> None:
        self.steps = number = next(self._numbers)
        if number == self._job.crash_at:
            os.kill(os.getpid(), signal.SIGKILL)


_SELECT = (
    sa.select(ledger.c.transaction.label("id"), ledger.c.amount, ledger.c.currency)
    .where(ledger.c.account == sa.bindparam("customer"))
    .order_by(ledger.c.id)
)


def url_of(url: str, way: str) -> str:
    """Return the URL of a database, with a driver for a way of calling."""
    return url.replace("sqlite:", "sqlite+aiosqlite:") if way == "async" else url


def _peak() -> int:
    """Return the most memory that this process has had, in KiB.

    Not ``ru_maxrss``, which begins with the memory of the process that started this one.
    """
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def main() -> None:
    """Do the job on standard input."""
    values = json.load(sys.stdin)
    values[0] = [Account(*each) for each in values[0]]
    process = _Process(Job(*values))
    start = time.monotonic()
    reports = process.run()
    found = {
        "reports": [
            {
                **report.summary.to_dict(),
                "differences": [
                    {**each.to_dict(), "sign": _sign(each)} for each in report.differences
                ],
            }
            for report in reports
        ],
        "seconds": time.monotonic() - start,
        "steps": process.steps,
        "attempts": process.attempts,
        "peak": _peak(),
    }
    json.dump(found, sys.stdout)


def _sign(difference: Any) -> int:
    """Return whether it adds to what is booked (1), to what is due (-1), or to neither."""
    return (difference.booking is not None) - (difference.transaction is not None)


if __name__ == "__main__":
    main()
