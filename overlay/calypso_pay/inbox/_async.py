"""The inbox."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

from calypso_pay._errors import ConfigurationError
from calypso_pay.inbox import _bookings, _customers, _notes
from calypso_pay.inbox import _statements as sql
from calypso_pay.inbox._engines import (
    ISOLATION_LEVEL,
    AsyncConnection,
    AsyncEngine,
    ScopeGuard,
    TransactionGuard,
    check_in_transaction,
    is_locked,
    is_missing_table,
    may_be_in_use,
    open_engine,
    roll_back,
)
from calypso_pay.inbox._tables import (
    NO_WRITE,
    SCHEMA_VERSION,
    TRANSACTION_ID,
    VERSION,
    check_version,
    definitions,
    migrations,
    preparations,
)
from calypso_pay.receiver import Claim, ClaimStatus, StoredEvent, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import URL, Executable, Row

    from calypso_pay.customers import CustomerClaim
    from calypso_pay.receiver import Task
    from calypso_pay.reconcile import Booking

_log = logging.getLogger("calypso_pay.inbox")
# The vendor delivers a failed event for four days, and may do so once more after an unblocking.
_MIN_RETENTION = timedelta(days=8)
_STATUSES = {"done": ClaimStatus.DONE, "parked": ClaimStatus.PARKED}


class AsyncInbox:
    """Remembers events in SQLite or PostgreSQL; the store of a `Receiver`.

    A claim is one transaction of the database. It holds the mark that the event is done and what
    the handler writes through its ``connection``, and is committed when the handler returns. If the
    handler raises, or the process or the database ends, nothing of it remains, and the event can be
    claimed at once. A handler can't commit or roll back; ``connection.begin_nested()`` works, and
    so does a `Session` of SQLAlchemy made with the connection.

    In SQLite, which has one writer, one event is handled at a time; in PostgreSQL one event of each
    transaction. There a worker that leaves the database alone for longer than the receiver's
    `lease` while it handles an event loses the claim, and what it wrote.

    Threads may share it, and so may processes after a fork; make one for each program. An engine of
    your own for PostgreSQL needs the isolation level READ COMMITTED, which is its default: lock a
    row that you read and then write.

    Args:
        database: A URL of SQLAlchemy, such as ``sqlite:///shop.db`` or
            ``postgresql+psycopg://user@host/shop``; or an engine of your own.
        max_attempts: How many times a handler may fail before its event is parked. The vendor
            delivers an event 19 times in four days (inferred), so that by default a parked event
            is one that does not come again.

    Raises:
        ConfigurationError: The database is not supported, its driver is not installed, or
            `max_attempts` is not above zero.
    """

    def __init__(self, database: str | URL | AsyncEngine, *, max_attempts: int = 19) -> None:
        if max_attempts < 1:
            raise ConfigurationError("max_attempts has to be above zero.")
        self._engine: AsyncEngine = open_engine(database, AsyncEngine)
        self._is_own = not isinstance(database, AsyncEngine)
        self._max_attempts = max_attempts
        self._statements = sql.Statements(self._engine.dialect.name)
        self._customers = _customers.Statements(self._engine.dialect.name)
        self._put_note = _notes.put(self._engine.dialect.name)
        self._transactions = TransactionGuard(self._engine)
        self._scope = ScopeGuard(self._engine)
        self._encoding = "utf-8"
        self._is_checked = False

    def __repr__(self) -> str:
        url = self._engine.url.render_as_string(hide_password=True)
        return f"<{type(self).__name__} {url}>"

    async def create_tables(self) -> None:
        """Create the tables, or migrate those of version 1; several processes may do so at once.

        `calypso_pay.inbox.ddl` returns the SQL of new tables for those who create them by hand.

        Raises:
            ConfigurationError: They exist in a version that it can't migrate.
            SQLAlchemyError: The database can't be reached, or does not allow it.
        """
        self._scope.check()
        # Not even an index that exists can be created without a lock that claims wait for.
        if await self._version() != SCHEMA_VERSION:
            dialect = self._engine.dialect.name
            async with self._engine.begin() as connection:
                for statement in preparations(dialect):
                    await connection.execute(statement)
                version = (await connection.execute(VERSION)).scalar()
                before, after = migrations(version, dialect)
                for statement in [*before, *definitions(), *after]:
                    await connection.execute(statement)
        await self._fill_customers()

    async def check_schema(self) -> None:
        """Check that the tables exist, in the version that this package works with.

        This also happens when the inbox is first used.

        Raises:
            ConfigurationError: They do not.
            SQLAlchemyError: The database can't be reached.
        """
        self._scope.check()
        check_version(await self._version())
        async with self._engine.connect() as connection:
            if self._engine.dialect.name == "sqlite":
                await connection.execute(NO_WRITE)
                check_in_transaction(connection)
            else:
                encoding = (await connection.execute(sql.ENCODING)).scalar()
                self._encoding = sql.ENCODINGS.get(str(encoding), "ascii")
                await _check_transactions(connection)
        self._is_checked = True

    async def close(self) -> None:
        """Close the connections, unless the engine is your own."""
        if self._is_own:
            await self._engine.dispose()

    async def claim(self, task: Task, lease: float) -> Claim:
        """Claim an event and its transaction, both or neither; see `Store`.

        Args:
            task: The event, and the step of its transaction.
            lease: Seconds for which the handler may leave the database alone; PostgreSQL only.

        Raises:
            ConfigurationError: The tables do not exist, or have another version.
        """
        stored = StoredEvent.of(task)
        parameters = sql.event_parameters(stored, self._encoding)
        if self._engine.dialect.name == "postgresql":
            parameters["lease"] = sql.milliseconds(lease)
        try:
            connection, rows = await self._begin(self._statements.claim, parameters)
        except DBAPIError as error:
            if is_locked(error.orig):
                return Claim(ClaimStatus.BUSY)
            raise
        try:
            if not rows:
                return await self._not_acquired(connection, stored)
            return await self._hold(connection, stored, await self._steps(connection, stored))
        except BaseException:
            await _close(connection)
            raise

    async def complete(self, task: Task, claim: Claim) -> None:  # noqa: ARG002 - the claim has it all
        """Commit the mark that an event is done, with what its handler wrote; see `Store`.

        Args:
            task: The event, and the step of its transaction.
            claim: What `claim` returned.

        Raises:
            RuntimeError: The handler ended the transaction, or ignored an error of the database
                that did; nothing was committed.
            SQLAlchemyError: It could not be committed, or it is not known whether it was.
        """
        is_intact = self._transactions.let_go(claim.connection)
        try:
            if not (is_intact and await self._is_same_transaction(claim)):
                raise RuntimeError(
                    "The transaction of the claim has ended, and nothing is committed. If the "
                    "handler ignores an error of the database, it has to execute the statement in "
                    "connection.begin_nested()."
                )
            await claim.connection.commit()
        finally:
            await _close(claim.connection, is_intact=is_intact)

    async def release(self, task: Task, claim: Claim) -> None:  # noqa: ARG002 - the claim has it all
        """Roll back: the event is not done, and may be claimed again; see `Store`.

        Args:
            task: The event, and the step of its transaction.
            claim: What `claim` returned.
        """
        if claim.connection is not None:
            is_intact = self._transactions.let_go(claim.connection)
            if is_intact is not None and may_be_in_use(claim.connection):
                # A task that the handler left behind may still be using it.
                await claim.connection.invalidate()
            await _close(claim.connection, is_intact=is_intact)

    async def fail(self, task: Task, claim: Claim, error: BaseException) -> None:
        """Roll back, count the failure and keep the error; park the event at the limit.

        Args:
            task: The event, and the step of its transaction.
            claim: What `claim` returned.
            error: What the handler raised.

        Raises:
            ConfigurationError: The tables do not exist, or have another version.
        """
        await self.release(task, claim)
        parameters = {
            **sql.event_parameters(StoredEvent.of(task), self._encoding),
            "error": sql.describe(error, self._encoding),
            "max_attempts": self._max_attempts,
            "counted": 0 if isinstance(error, UnavailableError) else 1,
        }
        try:
            rows = await self._execute(self._statements.fail, parameters)
        except DBAPIError as reason:
            if not is_locked(reason.orig):
                raise
            _log.warning(
                "a failure of event %s of %s is not counted: another worker is handling it",
                task.event,
                task.subscription,
            )
            return
        if [row.status for row in rows] == ["parked"]:
            _log.error(
                "event %s of %s is parked after %d failures: mend the cause, then call retry()",
                task.event,
                task.subscription,
                self._max_attempts,
            )

    async def put(self, task: Task) -> Claim:
        """Store an event as pending, in an open transaction that `complete` commits.

        Args:
            task: The event, with its body.

        Returns:
            A claim that is acquired; done if the event was stored before, whatever its status;
            or busy if it is being stored.

        Raises:
            ConfigurationError: The tables do not exist, or have another version.
        """
        stored = StoredEvent.of(task)
        connection, rows = await self._begin(
            self._statements.put, sql.event_parameters(stored, self._encoding)
        )
        if rows:
            return await self._hold(connection, stored)
        status = (await connection.execute(sql.STATUS, {"event_key": stored.key})).scalar()
        await _close(connection)
        return Claim(ClaimStatus.BUSY if status is None else ClaimStatus.DONE)

    async def get(self, key: str) -> StoredEvent:
        """Return a stored event.

        Args:
            key: Its key.

        Raises:
            ConfigurationError: The tables do not exist, or have another version.
            LookupError: There is none with this key.
        """
        rows = await self._execute(sql.GET, {"event_key": key})
        if not rows:
            raise LookupError(f"The inbox has no event with the key {key!r}.")
        return sql.stored_event(rows[0])

    async def due(self, older_than: float = 0, limit: int = 1000) -> list[StoredEvent]:
        """List events that are pending or failed, and not queued lately; the oldest first.

        A failed event is due a minute later; that doubles with each failure, up to 17 hours.

        Args:
            older_than: Seconds since they were queued last or became due.
            limit: How many at most.

        Raises:
            ConfigurationError: The tables do not exist, or have another version.
        """
        due_before = time.time() - older_than
        return await self._list(sql.DUE, {"due_before": due_before, "limit": limit})

    async def requeue(self, stored: StoredEvent) -> Claim:
        """Note that an event is queued again, in an open transaction that `complete` commits.

        Args:
            stored: The event, as `due` returned it.

        Returns:
            A claim that is acquired; or busy if the event was handled or queued meanwhile.

        Raises:
            ConfigurationError: The tables do not exist, or have another version.
        """
        parameters = {
            "event_key": stored.key,
            "before": stored.updated_at,
            **sql.clock(),
        }
        connection, rows = await self._begin(self._statements.requeue, parameters)
        if rows:
            return await self._hold(connection, stored)
        await _close(connection)
        return Claim(ClaimStatus.BUSY)

    async def failed(self, limit: int = 100) -> list[StoredEvent]:
        """List events whose handler failed, parked ones included; the oldest first.

        Args:
            limit: How many at most.

        Raises:
            ConfigurationError: The tables do not exist, or have another version.
        """
        return await self._list(sql.FAILED, {"limit": limit})

    async def counts(self) -> dict[str, int]:
        """Count the events that are not done, by status; for monitoring.

        Raises:
            ConfigurationError: The tables do not exist, or have another version.
        """
        counts = {"pending": 0, "failed": 0, "parked": 0}
        counts.update({row.status: row.number for row in await self._execute(sql.COUNTS, {})})
        return counts

    async def retry(self, *keys: str) -> int:
        """Make failed and parked events pending, with no failures, and due at once.

        `Receiver.sweep` then enqueues or handles them.

        Args:
            keys: The keys of the events; without any, all that failed or are parked.

        Returns:
            How many there were.

        Raises:
            ConfigurationError: The tables do not exist, or have another version.
        """
        statement = sql.RETRY_SOME if keys else sql.RETRY
        return len(await self._execute(statement, {"keys": list(keys)} if keys else {}))

    async def purge(self, older_than: timedelta) -> int:
        """Forget events that are done.

        A forgotten event that is delivered again is handled again. The vendor retries for four days
        (documented), and sends failed deliveries again when a subscription is unblocked, so keep
        events for longer than a subscription may be blocked.

        Args:
            older_than: How long they have been done; at least 8 days.

        Returns:
            How many were forgotten.

        Raises:
            ConfigurationError: The tables do not exist, or have another version.
            ValueError: It is less than 8 days.
        """
        if older_than < _MIN_RETENTION:
            raise ValueError(
                f"older_than has to be at least {_MIN_RETENTION.days} days: the vendor delivers an "
                "event for four days, and again after an unblocking."
            )
        return len(await self._execute(sql.PURGE, {"before": datetime.now(UTC) - older_than}))

    async def begin_customer(self, account: str, external_id: str, lease: float) -> CustomerClaim:
        """Return the recorded customer, or claim the external id to create it.

        See `CustomerStore` and ``customers.get_or_create``, which calls it.

        Args:
            account: The merchant account.
            external_id: The merchant's own id of the customer: any text.
            lease: Seconds after which another caller may claim it, unless it is recorded or
                released before.

        Raises:
            ConfigurationError: The tables do not exist, or are of another version.
            SQLAlchemyError: The database can't be reached, or the statement failed.
        """
        row = _customers.new_row(account, external_id)
        if claim := _customers.known(await self._execute(self._customers.look_up, row)):
            return claim
        rows = await self._execute(self._customers.begin, {**row, "lease": lease})
        return _customers.claimed(rows, row)

    async def finish_customer(self, account: str, external_id: str, customer: str) -> str:
        """Record a customer unless one is recorded already; return the one that is recorded.

        It needs no claim, so you can record customers with it that were created in another way.

        Args:
            account: The merchant account.
            external_id: The merchant's own id of the customer.
            customer: The customer as JSON, as ``Customer.to_json`` returns it.

        Raises:
            DecodeError: It is not a customer.
            ConfigurationError: The tables do not exist, or are of another version.
            SQLAlchemyError: The database can't be reached, or the statement failed.
        """
        _customers.check_customer(customer)
        row = _customers.new_row(account, external_id)
        [recorded] = await self._execute(self._customers.finish, {**row, "new_customer": customer})
        return str(recorded.customer)

    async def release_customer(self, account: str, external_id: str, token: str) -> None:
        """End a claim, if it is still the last one, so that another caller need not wait.

        Args:
            account: The merchant account.
            external_id: The merchant's own id of the customer.
            token: The token of the claim.

        Raises:
            ConfigurationError: The tables do not exist, or are of another version.
            SQLAlchemyError: The database can't be reached, or the statement failed.
        """
        row = _customers.new_row(account, external_id, token)
        await self._execute(self._customers.release, row)

    async def bookings(
        self,
        customer_id: str,
        booked_when: str = "credited",
        transaction_ids: Iterable[str] | None = None,
    ) -> list[Booking]:
        """List the deposits of a customer that were handled; a ledger for a reconciliation.

        There is one booking for each transaction with an event that is done, of the step at which
        you book. Amount and currency are those of that event, or else of another event of the
        transaction that is done. If none has them, they are None, and not compared: the vendor
        documents the amount for one event only.

        Not listed are what `purge` forgot, events without a transaction id, and transactions of
        which no event names the customer, unless you ask for these by their ids.

        Args:
            customer_id: Id of the customer; case does not count.
            booked_when: ``credited`` if you book at the event that a deposit is credited to the
                account; ``confirmed`` if at the event that it is received, or at both.
            transaction_ids: Only these transactions, also if no event names their customer.

        Raises:
            ConfigurationError: It is another rule; or the tables do not exist, or are of another
                version.
            SQLAlchemyError: The database can't be reached, or the statement failed.
        """
        steps = _bookings.steps_of(booked_when)
        customer = sql.customer_key(str(customer_id))
        if await self._execute(_bookings.UNFILLED, {}):
            await self._fill_customers()
        if transaction_ids is None:
            found = await self._list(_bookings.EVENTS, {"customer": customer})
            return _bookings.bookings(found, customer, steps)
        found = []
        for keys in _bookings.order_keys(transaction_ids):
            found += await self._list(_bookings.EVENTS_OF, {"order_keys": keys})
        return _bookings.bookings(found, customer, steps, is_named=False)

    async def get_note(self, scope: str, key: str) -> str | None:
        """Return a note; None if there is none.

        A reconciliation keeps in notes what it found, so that it goes on after a crash.

        Args:
            scope: What the note belongs to: 32 hex digits.
            key: Which of its notes: 32 hex digits.

        Raises:
            ConfigurationError: The tables do not exist, or are of another version.
            SQLAlchemyError: The database can't be reached, or the statement failed.
        """
        rows = await self._execute(_notes.GET, {"note_scope": scope, "note_key": key})
        return str(rows[0].value) if rows else None

    async def put_note(self, scope: str, key: str, value: str) -> None:
        """Write a note, in place of the one that is there; it is committed when this returns.

        Args:
            scope: What the note belongs to: 32 hex digits.
            key: Which of its notes: 32 hex digits.
            value: Its text: ASCII, of any length.

        Raises:
            ConfigurationError: The tables do not exist, or are of another version.
            SQLAlchemyError: The database can't be reached, or the statement failed.
        """
        note = {"note_scope": scope, "note_key": key, "note_value": value}
        await self._execute(self._put_note, note)

    async def list_notes(
        self, scope: str, after: str = "", limit: int = 500
    ) -> list[tuple[str, str]]:
        """List the keys and values of notes, in the order of their keys.

        Args:
            scope: What the notes belong to: 32 hex digits.
            after: Only keys greater than this one: the last key of the page before.
            limit: How many at most.

        Raises:
            ConfigurationError: The tables do not exist, or are of another version.
            SQLAlchemyError: The database can't be reached, or the statement failed.
        """
        page = {"note_scope": scope, "note_after": after, "limit": limit}
        return [(row.key, row.value) for row in await self._execute(_notes.LIST, page)]

    async def _version(self) -> int | None:
        """Return the version of the tables; None if there are none."""
        try:
            async with self._engine.connect() as connection:
                version: int | None = (await connection.execute(VERSION)).scalar()
                return version
        except DBAPIError as error:
            if not is_missing_table(error.orig):
                raise
            return None

    async def _fill_customers(self) -> None:
        """Fill in the customers of events that version 1 stored, with a commit for each batch.

        Those that another worker is using are left to the next call.
        """
        is_filled = False
        try:
            while not is_filled:
                async with self._engine.begin() as connection:
                    rows = (await connection.execute(_bookings.UNFILLED)).all()
                    is_filled = not rows
                    if rows:
                        customers = [_bookings.filled(sql.stored_event(row)) for row in rows]
                        await connection.execute(_bookings.FILL, customers)
        except DBAPIError as error:
            if not is_locked(error.orig):
                raise

    async def _begin(
        self, statement: Executable, parameters: dict[str, Any]
    ) -> tuple[AsyncConnection, list[Row[Any]]]:
        """Execute the first statement of a transaction, and return its rows."""
        self._scope.check()
        if not self._is_checked:
            await self.check_schema()
        for is_last in (False, True):
            connection = await self._engine.connect()
            try:
                rows = (await connection.execute(statement, parameters)).all()
            except BaseException as error:
                await _close(connection)
                # A pooled connection that the database closed meanwhile: nothing was done.
                if is_last or not getattr(error, "connection_invalidated", False):
                    raise
            else:
                return connection, list(rows)
        raise AssertionError

    async def _execute(self, statement: Executable, parameters: dict[str, Any]) -> list[Row[Any]]:
        connection, rows = await self._begin(statement, parameters)
        try:
            await connection.commit()
        finally:
            await _close(connection)
        return rows

    async def _list(self, statement: Executable, parameters: dict[str, Any]) -> list[StoredEvent]:
        return [sql.stored_event(row) for row in await self._execute(statement, parameters)]

    async def _hold(
        self, connection: AsyncConnection, stored: StoredEvent, steps: frozenset[str] = frozenset()
    ) -> Claim:
        if self._engine.dialect.name == "sqlite":
            await connection.exec_driver_sql("SAVEPOINT calypso_claim")
        self._transactions.hold(connection)
        return Claim(ClaimStatus.ACQUIRED, stored.key, steps, connection)

    async def _is_same_transaction(self, claim: Claim) -> bool:
        """Return whether what is open is the transaction of the claim, and can be committed.

        A commit alone does not show it. After an error PostgreSQL rolls back instead, without
        another error; and a transaction that was ended by SQL is followed by the next one.
        """
        try:
            if self._engine.dialect.name == "sqlite":
                await claim.connection.exec_driver_sql("RELEASE calypso_claim")
                return True
            statement = claim.connection.execute(sql.IS_CLAIMED, {"event_key": claim.token})
            return bool((await statement).scalar())
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            return False

    async def _steps(self, connection: AsyncConnection, stored: StoredEvent) -> frozenset[str]:
        if stored.transaction is None:
            return frozenset()
        keys = {"event_key": stored.key, "event_order_key": stored.order_key}
        return frozenset((await connection.execute(sql.STEPS, keys)).scalars())

    async def _not_acquired(self, connection: AsyncConnection, stored: StoredEvent) -> Claim:
        status = (await connection.execute(sql.STATUS, {"event_key": stored.key})).scalar()
        await _close(connection)
        return Claim(_STATUSES.get(str(status), ClaimStatus.BUSY))


async def _check_transactions(connection: AsyncConnection) -> None:
    """Check that each statement of PostgreSQL sees what is committed, in one transaction.

    Raises:
        ConfigurationError: The engine has another isolation level, or commits each statement.
    """
    # In autocommit mode each statement has a transaction of its own.
    transactions = {(await connection.execute(TRANSACTION_ID)).scalar() for _ in range(2)}
    level = await connection.get_isolation_level()
    if len(transactions) > 1 or level != ISOLATION_LEVEL:
        raise ConfigurationError(
            f"The inbox needs the isolation level {ISOLATION_LEVEL}: pass "
            f'engine.execution_options(isolation_level="{ISOLATION_LEVEL}"). There a handler that '
            "reads a balance and writes it has to lock the row: SELECT … FOR UPDATE."
        )


async def _close(connection: AsyncConnection, *, is_intact: bool | None = True) -> None:
    """Roll back what is open, and return the connection to its pool."""
    if connection.closed:
        return
    try:
        if is_intact is False:
            await roll_back(connection)
        await connection.close()
    except Exception:  # noqa: BLE001 - that of any driver
        # It is broken, so the database rolls back by itself.
        await connection.invalidate()
        await connection.close()
