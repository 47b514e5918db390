"""The example with Celery: a web process, a worker with beat, Redis, and deliveries of the mock."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, LiteralString

import pytest

from tests import redis_server
from tests.examples.merchant import (
    EXAMPLES,
    Merchant,
    blocked,
    children_of,
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
    from pathlib import Path

    from tests.postgres import Server

EXAMPLE = EXAMPLES / "celery_worker"
FAILED: LiteralString = "SELECT FROM calypso_inbox_events WHERE status = 'failed'"


@pytest.fixture
def redis() -> Iterator[redis_server.Server]:
    if not redis_server.is_installed():
        pytest.skip(redis_server.MISSING)
    server = redis_server.Server()
    yield server
    server.close()


@contextmanager
def web(shop: Merchant) -> Iterator[subprocess.Popen[bytes]]:
    bound = ("--bind", f"fd://{shop.listener.fileno()}", "--no-control-socket")
    command = ("gunicorn", "--log-level", "warning", *bound, "--threads", "4", "tasks:web")
    with running(*command, folder=EXAMPLE, shop=shop) as process:
        yield process


@contextmanager
def worker(shop: Merchant, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    beat = ("--beat", "--schedule", str(folder / "schedule"))
    quick = ("--without-mingle", "--without-gossip", "--concurrency", "2")
    command = ("celery", "-A", "tasks", "worker", "--loglevel", "WARNING", *beat, *quick)
    with running(*command, folder=EXAMPLE, shop=shop) as process:
        yield process


@pytest.fixture
def database(postgres: Server) -> Iterator[str]:
    name = postgres.create_database()
    yield name
    postgres.drop_database(name)


@pytest.fixture
def shop(postgres: Server, database: str, redis: redis_server.Server) -> Iterator[Merchant]:
    with merchant(copies=4) as shop:
        shop.environment |= {
            "DATABASE_URL": postgres.url("psycopg", database),
            "BROKER_URL": redis.url,
            "RETRY_AFTER": "1",
            "SWEEP_EVERY": "0.5",
            "SWEEP_AFTER": "1",
        }
        run_as_main(EXAMPLE / "tasks.py", shop.environment)
        yield shop


def test_a_deposit_is_credited_once_though_its_messages_were_lost_and_its_handler_failed(
    shop: Merchant, redis: redis_server.Server, postgres: Server, database: str, tmp_path: Path
) -> None:
    with web(shop):
        # Without a broker. It is responded to with 200 all the same.
        paid = shop.disturbed_deposits()
        with redis.running(), worker(shop, tmp_path):
            with renamed(postgres, database, "credits"):
                wait_for(lambda: len(rows(postgres, database, FAILED)) == len(paid), "failures")
            wait_for(lambda: shop.credits().keys() == paid.keys(), "credits")
            assert shop.credits() == paid


@pytest.mark.slow
def test_a_deposit_is_credited_once_though_the_worker_is_killed_in_the_middle(
    shop: Merchant, redis: redis_server.Server, postgres: Server, database: str, tmp_path: Path
) -> None:
    with web(shop), redis.running(), postgres.connect(database) as connection:
        with worker(shop, tmp_path) as process, connection.transaction():
            connection.execute("LOCK TABLE credits IN SHARE MODE")
            paid = shop.disturbed_deposits()
            wait_for(lambda: blocked(postgres, database), "handler that waits for the lock")
            kill(process)
        assert shop.credits() == {}
        with worker(shop, tmp_path):
            wait_for(lambda: shop.credits().keys() == paid.keys(), "credits")
            assert shop.credits() == paid


@pytest.mark.slow
def test_a_task_is_run_again_without_the_sweep_if_it_fails_or_its_process_is_killed(
    shop: Merchant, redis: redis_server.Server, postgres: Server, database: str, tmp_path: Path
) -> None:
    shop.environment["SWEEP_AFTER"] = "1000"
    with web(shop), redis.running(), worker(shop, tmp_path) as process:
        with renamed(postgres, database, "credits"):
            paid = shop.disturbed_deposits()
            wait_for(lambda: len(rows(postgres, database, FAILED)) == len(paid), "failures")
        wait_for(lambda: shop.credits() == paid, "credits")
        with postgres.connect(database) as connection, connection.transaction():
            connection.execute("LOCK TABLE credits IN SHARE MODE")
            paid |= shop.deposit("7.25")
            wait_for(lambda: blocked(postgres, database), "handler that waits for the lock")
            for pid in children_of(process):
                os.kill(pid, signal.SIGKILL)
        wait_for(lambda: shop.credits() == paid, "credits")
