"""Engines of SQLAlchemy: made from a URL or given, used so that a claim is one transaction."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from typing import TYPE_CHECKING, Any, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import InvalidRequestError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, QueuePool, SingletonThreadPool, StaticPool

from calypso_pay._errors import ConfigurationError
from calypso_pay._scope import Scope
from calypso_pay.inbox._tables import check_dialect

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import URL

__all__ = ["AsyncConnection", "AsyncEngine", "Connection", "Engine"]

# Each statement sees what is committed by then, which the lock of a claim relies on.
ISOLATION_LEVEL = "READ COMMITTED"

E = TypeVar("E", Engine, AsyncEngine)
_LOCK_NOT_AVAILABLE, _NO_TABLE = "55P03", "42P01"
# Not what rolls back to a savepoint.
_ENDS_TRANSACTION = re.compile(
    r"\s*(?:commit|rollback(?!\s+(?:\w+\s+)?to\b)|abort|end|begin|start)\b", re.IGNORECASE
)


def open_engine(given: str | URL | E, kind: type[E]) -> E:
    """Return an engine for a URL, or the engine given.

    Args:
        given: The URL or the engine.
        kind: Which class of engines is needed.

    Raises:
        ConfigurationError: It is neither, its database is not supported, or its driver is not
            installed.
    """
    if not isinstance(given, Engine | AsyncEngine):
        given = cast(
            "E", _create(given, create_async_engine if kind is AsyncEngine else create_engine)
        )
    if not isinstance(given, kind):
        raise ConfigurationError(
            f"Inbox takes an Engine, and AsyncInbox an AsyncEngine; not a {type(given).__name__}."
        )
    check_dialect(given.dialect.name)
    if isinstance(_sync_engine(given).pool, SingletonThreadPool | StaticPool):
        raise ConfigurationError(
            "The engine has one connection for all, but each claim is a transaction of its own: "
            "leave its poolclass out, or pass the URL to the inbox."
        )
    # A view of it, with events of its own.
    return given.execution_options()


def _create(given: str | URL, create: Callable[..., Engine | AsyncEngine]) -> Engine | AsyncEngine:
    try:
        url = make_url(given)
        check_dialect(url.get_backend_name())
        engine = create(url, **_options(url))
        if isinstance(engine, Engine) and engine.dialect.is_async:
            raise InvalidRequestError("this driver is asynchronous")
    except SQLAlchemyError as error:
        raise ConfigurationError(
            "An inbox takes an engine or a URL, such as 'sqlite:///shop.db' or "
            "'postgresql+psycopg://user@host/shop'; AsyncInbox needs one with an asynchronous "
            f"driver, such as 'sqlite+aiosqlite:///shop.db': {error}"
        ) from None
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"The driver of the database is not installed: pip install {error.name}"
        ) from None
    return engine


def _options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() != "sqlite":
        return {"isolation_level": ISOLATION_LEVEL}
    database = url.database or ":memory:"
    if ":memory:" not in database and url.query.get("mode") != "memory":
        return {}
    # One connection, since each would have a database of its own; used by any thread.
    is_async = url.get_dialect().is_async
    return {
        "poolclass": AsyncAdaptedQueuePool if is_async else QueuePool,
        "pool_size": 1,
        "max_overflow": 0,
        "connect_args": {"check_same_thread": False},
    }


def _sync_engine(engine: Engine | AsyncEngine) -> Engine:
    return engine.sync_engine if isinstance(engine, AsyncEngine) else engine


def _sync_connection(connection: Connection | AsyncConnection) -> Connection:
    if isinstance(connection, AsyncConnection):
        return cast("Connection", connection.sync_connection)
    return connection


_of_parents: list[Connection] = []


class TransactionGuard:
    """Lets only the inbox end the transaction of a claim.

    If a handler committed it, its later writes would be lost or done twice; if it rolled it back,
    the event would look handled without its writes.

    Args:
        engine: The engine of the inbox.
    """

    def __init__(self, engine: Engine | AsyncEngine) -> None:
        # The connections of claims, and whether their transaction is as it was.
        self._intact: WeakKeyDictionary[Connection, bool] = WeakKeyDictionary()
        self._scopes: WeakKeyDictionary[Connection, Scope] = WeakKeyDictionary()
        for name in ("commit", "rollback"):
            event.listen(_sync_engine(engine), name, self._forbid)
        event.listen(_sync_engine(engine), "before_cursor_execute", self._check_statement)

    def hold(self, connection: Connection | AsyncConnection) -> None:
        """Begin to guard a transaction."""
        self._intact[_sync_connection(connection)] = True
        self._scopes[_sync_connection(connection)] = Scope.current()

    def let_go(self, connection: Connection | AsyncConnection) -> bool | None:
        """Stop guarding a transaction; return whether it is as it was, or None if not guarded.

        Raises:
            RuntimeError: It is the parent's, and its handler forked this process.
        """
        wrapped = _sync_connection(connection)
        scope = self._scopes.get(wrapped)
        if scope is not None and not Scope.current().is_in_process_of(scope):
            # Kept, since its end would roll the parent's transaction back.
            _of_parents.append(wrapped)
            raise RuntimeError("The claim belongs to the parent process, whose handler forked.")
        return self._intact.pop(wrapped, None)

    def _check_statement(self, connection: Connection, _: object, sql: str, *__: object) -> None:
        if _ENDS_TRANSACTION.match(sql):
            self._forbid(connection)

    def _forbid(self, connection: Connection) -> None:
        if connection in self._intact:
            self._intact[connection] = False
            raise RuntimeError(
                "A handler can't commit, roll back or close the connection of the inbox: the inbox "
                "commits when the handler returns. For a part of your own use "
                "connection.begin_nested()."
            )


class ScopeGuard:
    """Drops connections that can't be used any more, before the next use.

    Those of the parent process after a fork; and those of asyncpg in another event loop.

    Args:
        engine: The engine of the inbox.
    """

    def __init__(self, engine: Engine | AsyncEngine) -> None:
        self._engine = _sync_engine(engine)
        self._scope = Scope.current()

    def check(self) -> None:
        """Replace the pool if this is another process or event loop than before."""
        here = Scope.current()
        if self._engine.dialect.driver == "asyncpg":
            here = Scope.current(asyncio.get_running_loop())
        if here != self._scope:
            if self._scope.loop is not None or not here.is_in_process_of(self._scope):
                # The parent goes on using them, and a closed loop can't close them.
                self._engine.dispose(close=False)
            self._scope = here


def roll_back(connection: Connection | AsyncConnection) -> Any:  # noqa: ANN401 - None, or an awaitable
    """Roll back what SQLAlchemy takes for ended, since an attempt to end it was forbidden."""
    if isinstance(connection, AsyncConnection):
        return connection.run_sync(roll_back)
    return connection.connection.rollback()


def may_be_in_use(connection: Connection | AsyncConnection) -> bool:
    """Return whether a task that a handler left behind may still execute a statement.

    asyncpg's connections would then return to the pool within a transaction.
    """
    return connection.dialect.driver == "asyncpg"


def check_in_transaction(connection: Connection | AsyncConnection) -> None:
    """Check that an engine for SQLite does not commit each statement at once, after a write.

    Raises:
        ConfigurationError: It does.
    """
    driver: Any = _sync_connection(connection).connection.driver_connection
    if not driver.in_transaction:
        raise ConfigurationError(
            "The engine is in autocommit mode, and a claim is a transaction: leave its "
            "isolation_level out."
        )


def is_locked(error: BaseException | None) -> bool:
    """Return whether SQLite's database stayed locked by another writer, or PostgreSQL's row."""
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
        return True
    return _LOCK_NOT_AVAILABLE in sqlstates(error)


def sqlstates(error: BaseException | None) -> set[object]:
    """Return the code of an error of PostgreSQL, which drivers call differently."""
    return {getattr(error, name, None) for name in ("sqlstate", "pgcode")}


def is_missing_table(error: BaseException | None) -> bool:
    """Return whether a driver's exception means that a table does not exist."""
    return _NO_TABLE in sqlstates(error) or "no such table" in str(error)
