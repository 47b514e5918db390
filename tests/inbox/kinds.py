"""Inboxes of every kind, called in the same way whether they are sync or async."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from calypso_pay.inbox import AsyncInbox, Inbox

if TYPE_CHECKING:
    from collections.abc import Iterator

DRIVERS = ("sqlite", "sqlite+aiosqlite", "postgresql+psycopg", "postgresql+asyncpg")


class AnyInbox:
    """An inbox whose methods return their results, and its database.

    Attributes:
        url: The URL of the database, with a synchronous driver.
        inbox: The inbox itself.
    """

    def __init__(self, url: str, driver: str, runner: asyncio.Runner) -> None:
        self.url, self._runner = url, runner
        is_async = driver in {"sqlite+aiosqlite", "postgresql+asyncpg"}
        kind: Any = AsyncInbox if is_async else Inbox
        self.inbox: Any = kind(f"{driver}://{url.partition('://')[2]}")

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.inbox, name)

        def call(*args: Any, **keywords: Any) -> Any:
            result = method(*args, **keywords)
            return self._runner.run(result) if asyncio.iscoroutine(result) else result

        return call

    def execute(self, statement: str, **values: Any) -> list[Any]:
        """Execute SQL on a connection of its own, and return the rows."""
        return execute(self.url, statement, **values)


class Place(NamedTuple):
    """An empty database, and the driver to open an inbox in it with."""

    url: str
    driver: str

    @contextmanager
    def open(self) -> Iterator[AnyInbox]:
        """Open an inbox, without creating its tables."""
        with asyncio.Runner() as runner:
            inbox = AnyInbox(self.url, self.driver, runner)
            try:
                yield inbox
            finally:
                inbox.close()


def execute(url: str, statement: str, **values: Any) -> list[Any]:
    """Execute SQL in a database, and return the rows."""
    with connected(url) as connection:
        result = connection.execute(sa.text(statement), values)
        return list(result) if result.returns_rows else []


@contextmanager
def connected(url: str) -> Iterator[sa.Connection]:
    """Connect to a database for one transaction."""
    with sa.create_engine(url, poolclass=sa.NullPool).begin() as connection:
        yield connection
