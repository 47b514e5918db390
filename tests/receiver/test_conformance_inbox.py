"""The inbox passes the kit for stores, with every driver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Connection, TextClause, text

from calypso_pay.inbox import AsyncInbox, Inbox
from calypso_pay.receiver.testing import StoreTests

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncConnection

    from calypso_pay.receiver import Claim, Task
    from tests.postgres import Server

# Readers then don't keep the writer from committing; without a timeout that would be an error.
WAL = text("PRAGMA journal_mode = WAL")
CREATE = text("CREATE TABLE written (value VARCHAR(9) PRIMARY KEY)")
WRITE = text("INSERT INTO written VALUES (:value)")
READ = text("SELECT value FROM written")
PID = text("SELECT pg_backend_pid()")
# Waits until the connection's transaction is rolled back.
CUT = text("SELECT pg_terminate_backend(:pid, 60000)")


class SQLite(StoreTests):
    """SQLite has one writer, so there is one claim at a time; a second one does not wait."""

    parks_after = 3
    transactional = True
    concurrent = False
    expiring_lease = 300
    patience = 20
    scheme = "sqlite"
    prepare = WAL

    @pytest.fixture(autouse=True)
    def database(self, tmp_path: Path) -> None:
        self.url = f"{self.scheme}:///{tmp_path / 'inbox.db'}?timeout=0"


class PostgreSQL(StoreTests):
    """A claim ends with its connection, so no lease has to end in these tests."""

    parks_after = 3
    transactional = True
    expiring_lease = 300
    patience = 20
    driver = "psycopg"
    prepare = PID

    @pytest.fixture(autouse=True)
    def database(self, postgres: Server, postgres_url: str) -> None:
        self.url = postgres.url(self.driver, postgres_url.rpartition("/")[2])


class Sync:
    """An `Inbox`."""

    url: str
    prepare: TextClause

    def make_store(self) -> Inbox:
        store = self.reopen(None)
        store.create_tables()
        with store._engine.begin() as connection:
            connection.execute(self.prepare)
            connection.execute(CREATE)
        return store

    def reopen(self, store: Inbox | None) -> Inbox:
        return Inbox(self.url, max_attempts=3)

    def close_store(self, store: Inbox) -> None:
        store.close()

    def write(self, connection: Connection, value: str) -> None:
        connection.execute(WRITE, {"value": value})

    def read(self, store: Inbox) -> Iterable[str]:
        with store._engine.connect() as connection:
            return list(connection.execute(READ).scalars())

    def abandon(self, store: Inbox, task: Task, claim: Claim) -> None:
        if store._engine.dialect.name == "sqlite":
            claim.connection.connection.driver_connection.close()
            return
        pid = claim.connection.execute(PID).scalar()
        with store._engine.connect() as connection:
            assert connection.execute(CUT, {"pid": pid}).scalar()


class Async:
    """An `AsyncInbox`."""

    url: str
    prepare: TextClause

    async def make_store(self) -> AsyncInbox:
        store = self.reopen(None)
        await store.create_tables()
        async with store._engine.begin() as connection:
            await connection.execute(self.prepare)
            await connection.execute(CREATE)
        return store

    def reopen(self, store: AsyncInbox | None) -> AsyncInbox:
        return AsyncInbox(self.url, max_attempts=3)

    async def close_store(self, store: AsyncInbox) -> None:
        await store.close()

    async def write(self, connection: AsyncConnection, value: str) -> None:
        await connection.execute(WRITE, {"value": value})

    async def read(self, store: AsyncInbox) -> Iterable[str]:
        async with store._engine.connect() as connection:
            return list((await connection.execute(READ)).scalars())

    async def abandon(self, store: AsyncInbox, task: Task, claim: Claim) -> None:
        if store._engine.dialect.name == "sqlite":
            raw: Any = await claim.connection.get_raw_connection()
            await raw.driver_connection.close()
            return
        pid = (await claim.connection.execute(PID)).scalar()
        async with store._engine.connect() as connection:
            assert (await connection.execute(CUT, {"pid": pid})).scalar()


class TestSQLite(Sync, SQLite):
    pass


class TestAiosqlite(Async, SQLite):
    scheme = "sqlite+aiosqlite"


class TestPsycopg(Sync, PostgreSQL):
    pass


@pytest.mark.slow
class TestAsyncPsycopg(Async, PostgreSQL):
    pass


@pytest.mark.slow
class TestAsyncpg(Async, PostgreSQL):
    driver = "asyncpg"
