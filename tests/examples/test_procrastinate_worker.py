"""The example with Procrastinate: a web process and a worker, with deliveries of the mock."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.examples.merchant import (
    EXAMPLES,
    PATIENCE,
    Merchant,
    blocked,
    kill,
    merchant,
    running,
    wait_for,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres import Server

EXAMPLE = EXAMPLES / "procrastinate_worker"


@contextmanager
def web(shop: Merchant) -> Iterator[subprocess.Popen[bytes]]:
    bound = ("--fd", str(shop.listener.fileno()), "--log-level", "warning")
    with running("uvicorn", "payments:web", *bound, folder=EXAMPLE, shop=shop) as process:
        yield process


@contextmanager
def worker(shop: Merchant) -> Iterator[subprocess.Popen[bytes]]:
    command = ("procrastinate", "--app", "payments.queue", "--log-level", "warning", "worker")
    with running(*command, folder=EXAMPLE, shop=shop) as process:
        yield process


@pytest.fixture
def database(postgres: Server) -> Iterator[str]:
    name = postgres.create_database()
    yield name
    postgres.drop_database(name)


def create_tables(shop: Merchant, url: str) -> None:
    shop.environment |= {"DATABASE_URL": url, "RETRY_AFTER": "1", "STALLED_AFTER": "1.5"}
    subprocess.run(
        [sys.executable, "payments.py"],
        cwd=EXAMPLE,
        env=shop.environment,
        check=True,
        timeout=PATIENCE,
    )


def count(postgres: Server, database: str) -> tuple[int, int]:
    """Return the number of stored events and of jobs that handle one."""
    with postgres.connect(database) as connection:
        counted = connection.execute(
            "SELECT (SELECT count(*) FROM calypso_inbox_events),"
            " (SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'payments.handle')"
        ).fetchone()
    assert counted is not None
    return counted


def test_a_deposit_is_credited_once_though_processes_are_killed_in_the_middle(
    postgres: Server, database: str
) -> None:
    with merchant(copies=4) as shop:
        create_tables(shop, postgres.url(None, database))
        with web(shop) as process, postgres.connect(database) as connection:
            with connection.transaction():
                connection.execute("LOCK TABLE procrastinate_jobs IN SHARE MODE")
                paid = shop.deposit("7.25")
                wait_for(lambda: blocked(postgres, database), "web process that adds a job")
                kill(process)
            assert count(postgres, database) == (0, 0)

        with web(shop), postgres.connect(database) as connection:
            with worker(shop) as process, connection.transaction():
                connection.execute("LOCK TABLE credits IN SHARE MODE")
                paid |= shop.disturbed_deposits()
                assert shop.credits() == {}
                wait_for(lambda: blocked(postgres, database), "handler that waits for the lock")
                kill(process)
            with worker(shop):
                wait_for(lambda: shop.credits().keys() == paid.keys(), "credits")
                wait_for(lambda: count(postgres, database)[1] == 0, "end of the jobs")
                assert shop.credits() == paid
