"""The programs that are served in a storm."""

from __future__ import annotations

import sys

import sqlalchemy as sa

from calypso_pay.inbox import Inbox
from tests.storm.books import Books
from tests.storm.driver import Program


def gunicorn(url: str, workers: int, application: str = "app:make_wsgi()") -> Program:
    """Return a WSGI application, by default the one with an `Inbox`, on a database."""
    command = (
        *("gunicorn", "--bind", "127.0.0.1:{port}", "--workers", str(workers)),
        *("--worker-class", "gthread", "--threads", "2", "--preload", "--no-control-socket"),
        f"tests.storm.{application}",
    )
    return _program(f"gunicorn, {workers} workers", url, command)


def uvicorn(url: str, workers: int) -> Program:
    """Return the ASGI application, with an `AsyncInbox` on a database."""
    command = (
        *("uvicorn", "--host", "127.0.0.1", "--port", "{port}", "--workers", str(workers)),
        *("--log-level", "warning", "--factory", "tests.storm.app:Asgi"),
    )
    return _program(f"uvicorn, {workers} workers", url, command)


def store_first(url: str, workers: int) -> Program:
    """Return a program that stores events, and one that sweeps them up and handles them."""
    program = gunicorn(url, 2, "app:make_store_first()")
    return program._replace(
        name=f"store first, {workers} processes that sweep, PostgreSQL",
        workers=[(sys.executable, "-m", "tests.storm.app")] * workers,
    )


def _program(name: str, url: str, command: tuple[str, ...]) -> Program:
    # No pool: connections are cut in between.
    inbox = Inbox(sa.create_engine(url, poolclass=sa.NullPool))
    inbox.create_tables()
    books = Books(url)
    books.create_tables()

    def unfinished() -> dict[str, int]:
        return {status: n for status, n in inbox.counts().items() if status != "done"}

    kind = "PostgreSQL" if url.startswith("postgresql") else "SQLite"
    return Program(
        f"{name}, {kind}",
        (sys.executable, "-m", *command),
        ledger=books.bookings,
        unfinished=unfinished,
        check=books.findings,
        environment={"STORM_DATABASE": url},
        database=url,
    )
