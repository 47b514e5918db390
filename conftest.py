"""How thoroughly properties are tested, and how to reproduce a failure.

`make test` uses the profile `test`: the same examples in every run, and no time limit.
`make test-all` uses `deep`: ten times as many examples, from a seed that it prints.
"""

from __future__ import annotations

import shlex
import signal
import sqlite3
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine.interfaces import DBAPIConnection

    from tests.postgres import Server

# Hypothesis also draws constants from the source of all local modules that are loaded. Under xdist
# these depend on the tests that ran before, and so differ from one run to the next.
assert hasattr(providers, "is_local_module_file"), "a private name of Hypothesis changed"  # noqa: S101
providers.is_local_module_file = lambda _: False

# With examples stored by an earlier run, or health checks that measure time, the result of a test
# would depend on more than the code.
_REPRODUCIBLE = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("test", _REPRODUCIBLE, derandomize=True, max_examples=40)
settings.register_profile("quick", _REPRODUCIBLE, derandomize=True, max_examples=5)
settings.register_profile("deep", _REPRODUCIBLE, max_examples=400, print_blob=True)
settings.load_profile("test")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that runs the same tests over the other asynchronous transport."""
    parser.addoption(
        "--over-aiohttp",
        action="store_true",
        help="let asynchronous clients send over aiohttp, where a test does not choose a transport",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Switch the transport."""
    if config.getoption("over_aiohttp"):
        from tests import over_aiohttp

        monkeypatch = pytest.MonkeyPatch()
        over_aiohttp.install(monkeypatch)
        config.add_cleanup(monkeypatch.undo)


# A folder of many modules that are all quick. They come last, so that all processes end together.
_QUICK = "mock"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put quick tests last, and keep the order otherwise."""
    if items and items[0].config.getoption("over_aiohttp"):
        items[:] = [item for item in items if item.get_closest_marker("over_httpx") is None]
    items.sort(key=lambda item: item.path.parent.name == _QUICK)


def pytest_collection_finish() -> None:
    """Let SQLite not wait for the disk, which only matters if the machine crashes.

    This holds for each SQLite engine of all tests, also one of a test's own, where a module that
    was collected imports SQLAlchemy; not for processes that tests start.
    """
    if sqlalchemy := sys.modules.get("sqlalchemy"):
        sqlalchemy.event.listen(sqlalchemy.Engine, "connect", _do_not_wait_for_the_disk)


def _do_not_wait_for_the_disk(connection: DBAPIConnection, _: object) -> None:
    if "sqlite" in type(connection).__module__:
        cursor = connection.cursor()
        with suppress(sqlite3.OperationalError):  # another connection locks the database
            cursor.execute("PRAGMA synchronous = OFF")
        cursor.close()


@pytest.fixture
def sigint_enabled() -> Iterator[None]:
    """Enable Ctrl-C, which background processes such as those of pytest-xdist ignore."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A server that the tests of this process share, started when a test first needs it."""
    from tests.postgres import MISSING, Server, find

    if find() is None:
        pytest.skip(MISSING)
    with Server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Server) -> Iterator[str]:
    """The URL of an empty database, for SQLAlchemy with psycopg."""
    name = postgres.take_database()
    yield postgres.url("psycopg", name)
    postgres.give_back(name)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print for each failure the command that reproduces it."""
    reporter = terminalreporter
    failed = [report for kind in ("failed", "error") for report in reporter.getreports(kind)]
    if not failed:
        return
    seed = reporter.config.getoption("hypothesis_seed", None)
    target = "test" if seed is None else f"test-all SEED={seed}"
    reporter.section("reproduce")
    for report in failed:
        slow = " -m slow" if "slow" in getattr(report, "keywords", ()) and seed is None else ""
        reporter.line(f'make {target} ARGS="{shlex.quote(report.nodeid)}{slow}"')
