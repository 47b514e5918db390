"""The example with Procrastinate: a web process and a worker, with deliveries of the mock."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, LiteralString

import pytest

from tests.examples.merchant import (
    EXAMPLES,
    Merchant,
    blocked,
    kill,
    merchant,
    renamed,
    rows,
    run_as_main,
    running,
    wait_for,
)

if TYPE_CHECKING:
    import subprocess
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


@pytest.fixture
def shop(postgres: Server, database: str) -> Iterator[Merchant]:
    with merchant(copies=4) as shop:
        shop.environment |= {
            "DATABASE_URL": postgres.url(None, database),
            "RETRY_AFTER": "1",
            "STALLED_AFTER": "2",
        }
        run_as_main(EXAMPLE / "payments.py", shop.environment)
        yield shop


EVENTS: LiteralString = "SELECT status FROM calypso_inbox_events"
JOBS: LiteralString = "SELECT status FROM procrastinate_jobs WHERE task_name = 'payments.handle'"
FAILED: LiteralString = EVENTS + " WHERE status = 'failed'"


def test_a_deposit_is_credited_once_though_its_handler_failed(
    shop: Merchant, postgres: Server, database: str
) -> None:
    with web(shop):
        paid = shop.disturbed_deposits()
        assert shop.credits() == {}
        assert len(rows(postgres, database, JOBS)) == len(rows(postgres, database, EVENTS)) > 0
        with worker(shop):
            with renamed(postgres, database, "credits"):
                wait_for(lambda: len(rows(postgres, database, FAILED)) == len(paid), "failures")
            wait_for(lambda: rows(postgres, database, JOBS) == [], "end of the jobs")
            assert shop.credits() == paid


@pytest.mark.slow
def test_a_deposit_is_credited_once_though_processes_are_killed_in_the_middle(
    shop: Merchant, postgres: Server, database: str
) -> None:
    with web(shop) as process, postgres.connect(database) as connection:
        with connection.transaction():
            connection.execute("LOCK TABLE procrastinate_jobs IN SHARE MODE")
            paid = shop.deposit("7.25")
            wait_for(lambda: blocked(postgres, database), "web process that adds a job")
            kill(process)
        assert rows(postgres, database, EVENTS) == rows(postgres, database, JOBS) == []
    with web(shop), postgres.connect(database) as connection:
        with worker(shop) as process, connection.transaction():
            connection.execute("LOCK TABLE credits IN SHARE MODE")
            paid |= shop.disturbed_deposits()
            wait_for(lambda: blocked(postgres, database), "handler that waits for the lock")
            kill(process)
        assert shop.credits() == {}
        with worker(shop):
            wait_for(lambda: rows(postgres, database, JOBS) == [], "end of the jobs")
            assert shop.credits() == paid
