"""Engines of SQLAlchemy: made from a URL or given, used so that a claim is one transaction."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, TypeVar, cast
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import InvalidRequestError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, QueuePool

from calypso_pay._errors import ConfigurationError
from calypso_pay._scope import Scope
from calypso_pay.inbox._tables import check_dialect

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import URL
    from sqlalchemy.engine import ExceptionContext

__all__ = ["AsyncConnection", "AsyncEngine", "Connection", "Engine"]

# Each statement sees what is committed by then, which the lock of a claim relies on.
ISOLATION_LEVEL = "READ COMMITTED"

E = TypeVar("E", Engine, AsyncEngine)
_PSYCOPG_IN_TRANSACTION = 2
_LOCK_NOT_AVAILABLE = "55P03"


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
    if url.database not in {None, "", ":memory:"}:
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
        self._erred: WeakSet[Connection] = WeakSet()
        sync_engine = _sync_engine(engine)
        for name in ("commit", "rollback"):
            event.listen(sync_engine, name, self._forbid)
        event.listen(sync_engine, "handle_error", self._note_error)
        event.listen(sync_engine, "rollback_savepoint", self._forget_error)

    def hold(self, connection: Connection | AsyncConnection) -> None:
        """Begin to guard a transaction."""
        self._intact[_sync_connection(connection)] = True

    def let_go(self, connection: Connection | AsyncConnection) -> bool | None:
        """Stop guarding a transaction; return whether it is as it was, or None if not guarded."""
        wrapped = _sync_connection(connection)
        self._erred.discard(wrapped)
        return self._intact.pop(wrapped, None)

    def may_be_aborted(self, connection: Connection | AsyncConnection) -> bool:
        """Return whether a statement in the transaction failed, other than before a savepoint."""
        return _sync_connection(connection) in self._erred

    def _note_error(self, context: ExceptionContext) -> None:
        connection = context.connection
        if connection is not None and connection in self._intact:
            self._erred.add(connection)

    def _forget_error(self, connection: Connection, *_: object) -> None:
        self._erred.discard(connection)

    def _forbid(self, connection: Connection) -> None:
        if connection in self._intact:
            self._intact[connection] = False
            raise RuntimeError(
                "A handler can't commit, roll back or close the connection of the inbox: the inbox "
                "commits when the handler returns. For a part of your own use "
                "connection.begin_nested()."
            )


class ForkGuard:
    """Drops connections that belong to the parent process, before the first use after a fork.

    Args:
        engine: The engine of the inbox.
    """

    def __init__(self, engine: Engine | AsyncEngine) -> None:
        self._engine = _sync_engine(engine)
        self._scope = Scope.current()

    def check(self) -> None:
        """Replace the pool if this is another process than before."""
        here = Scope.current()
        if not here.is_in_process_of(self._scope):
            # The parent goes on using them, so they are not closed.
            self._engine.dispose(close=False)
            self._scope = here


def roll_back(connection: Connection | AsyncConnection) -> Any:  # noqa: ANN401 - None, or an awaitable
    """Roll back what SQLAlchemy takes for ended, since an attempt to end it was forbidden."""
    if isinstance(connection, AsyncConnection):
        return connection.run_sync(roll_back)
    return connection.connection.rollback()


def is_open(connection: Connection | AsyncConnection) -> bool:
    """Return whether a transaction can be committed, as far as its driver knows without asking.

    A commit alone does not tell: PostgreSQL rolls back a transaction in which a statement failed,
    without an error; and in SQLite one that SQL of the handler ended is committed already.
    """
    wrapped = _sync_connection(connection)
    driver: Any = wrapped.connection.driver_connection
    if wrapped.dialect.driver.startswith("psycopg"):
        return bool(driver.info.transaction_status == _PSYCOPG_IN_TRANSACTION)
    if hasattr(driver, "is_in_transaction"):
        return bool(driver.is_in_transaction())
    if wrapped.dialect.name == "sqlite":
        return _is_in_transaction(driver)
    return True


def _is_in_transaction(driver: Any) -> bool:  # noqa: ANN401 - a connection of sqlite3 or aiosqlite
    try:
        return bool(driver.in_transaction)
    except ValueError:
        # aiosqlite's way to say that it is closed.
        return False


def check_in_transaction(connection: Connection | AsyncConnection) -> None:
    """Check that an engine for SQLite does not commit each statement at once.

    Raises:
        ConfigurationError: It does.
    """
    wrapped = _sync_connection(connection)
    is_sqlite = wrapped.dialect.name == "sqlite"
    if is_sqlite and not _is_in_transaction(wrapped.connection.driver_connection):
        raise ConfigurationError(
            "The engine is in autocommit mode, and a claim is a transaction: leave its "
            "isolation_level out."
        )


def is_locked(error: BaseException | None) -> bool:
    """Return whether SQLite's database stayed locked by another writer, or PostgreSQL's row."""
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
        return True
    return getattr(error, "sqlstate", None) == _LOCK_NOT_AVAILABLE
