"""The Django example, served by gunicorn, with deliveries of the mock over HTTP."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.examples.merchant import (
    EXAMPLES,
    PATIENCE,
    blocked,
    children_of,
    merchant,
    renamed,
    rows,
    running,
    wait_for,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.examples.merchant import Merchant
    from tests.postgres import Server

EXAMPLE = EXAMPLES / "django_shop"


@contextmanager
def served(shop: Merchant, database: str, workers: int = 1) -> Iterator[subprocess.Popen[bytes]]:
    shop.environment["DATABASE_URL"] = database
    manage = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(manage, cwd=EXAMPLE, env=shop.environment, check=True, timeout=PATIENCE)
    bound = ("--bind", f"fd://{shop.listener.fileno()}", "--no-control-socket")
    pool = ("--workers", str(workers), "--threads", "4", "--preload")
    command = ("gunicorn", "--log-level", "warning", *bound, *pool, "shop.wsgi")
    with running(*command, folder=EXAMPLE, shop=shop) as server:
        yield server


def test_a_deposit_is_credited_once_though_its_handler_fails_and_its_worker_is_killed(
    postgres: Server,
) -> None:
    database = postgres.create_database()
    with merchant(copies=4) as shop, served(shop, postgres.url(None, database)) as server:
        paid = shop.disturbed_deposits()
        with renamed(postgres, database, "shop_credit"):
            paid |= shop.deposit("12.5")
            shop.mock.deliveries.deliver_due()
        failed = rows(
            postgres, database, "SELECT attempts, error FROM shop_event WHERE error <> ''"
        )
        with postgres.connect(database) as connection, connection.transaction():
            connection.execute("LOCK TABLE shop_credit IN SHARE MODE")
            paid |= shop.deposit("7.25")
            wait_for(lambda: blocked(postgres, database), "handler that waits for the lock")
            for pid in children_of(server):
                os.kill(pid, signal.SIGKILL)
        shop.deliver_all()

        assert shop.credits() == paid
        [(attempts, error)] = failed
        assert attempts > 0
        assert "shop_credit" in error
    postgres.drop_database(database)


@pytest.mark.slow
def test_it_works_with_sqlite(tmp_path: Path) -> None:
    with merchant(copies=4) as shop, served(shop, f"sqlite:///{tmp_path}/shop.sqlite3", workers=2):
        paid = shop.disturbed_deposits()

        assert shop.credits() == paid


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
def test_its_store_passes_the_tests_for_stores(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/shop.sqlite3"
    if kind == "postgresql":
        url = request.getfixturevalue("postgres_url").replace("+psycopg", "")
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_store.py"],
        cwd=EXAMPLE,
        env={**os.environ, "DATABASE_URL": url},
        check=True,
    )
