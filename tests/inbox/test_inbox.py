"""An inbox: the handler's writes and the mark are one transaction, whatever happens."""

from __future__ import annotations

import json
import logging
import threading
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, event, insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from calypso_api.events import read_event
from calypso_mock import Mock
from calypso_pay import Calypso, ConfigurationError
from calypso_pay.inbox import AsyncInbox, Inbox, ddl
from calypso_pay.receiver import MemoryStore, Receiver, Result, StoredEvent, Task
from calypso_pay.receiver._order import task_of
from calypso_pay.receiver._stored import key_of
from calypso_pay.webhooks import (
    PurseExpiredEvent,
    PurseFundsReceivedEvent,
    PurseMemPoolFoundEvent,
    PurseTranslationCompletedEvent,
    TopUpPendingComplianceEvent,
    UnknownEvent,
)
from tests.inbox.shop import Shop, book, close, ledger, open_shop
from tests.receiver.deposits import SECRET, TRANSACTION, delivery

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection

    from calypso_pay.models import Transaction
    from tests.postgres import Server

    ShopWith = Callable[..., Shop]


class BookedError(Exception):
    """What a handler raises after it booked."""


def book_and_raise(event: PurseFundsReceivedEvent, connection: Connection) -> None:
    book(event, connection)
    raise BookedError("no stock")


# Once.


def test_an_event_is_booked_once_however_often_it_is_delivered(shop_with: ShopWith) -> None:
    shop = shop_with()
    again = shop_with()  # another worker, or this one after a restart
    results = [each.deliver().result for each in (shop, again, shop)]
    assert results == [Result.HANDLED, Result.DUPLICATE, Result.DUPLICATE]
    assert shop.booked() == [TRANSACTION]


def test_what_a_failing_handler_wrote_is_rolled_back_with_the_mark(shop_with: ShopWith) -> None:
    shop = shop_with(book_and_raise)
    assert [shop.deliver().result for _ in range(2)] == [Result.FAILED] * 2
    assert shop.booked() == []
    mended = shop_with()
    assert mended.deliver().result is Result.HANDLED
    assert mended.booked() == [TRANSACTION]


def test_the_order_of_a_transaction_is_what_the_database_remembers(shop_with: ShopWith) -> None:
    assert shop_with().deliver(1).result is Result.HANDLED
    restarted = shop_with()
    assert restarted.deliver(2, PurseMemPoolFoundEvent).result is Result.LATE
    # The same step by a second subscription.
    assert restarted.deliver(3, subscription="another").result is Result.DUPLICATE
    assert restarted.deliver(4, PurseTranslationCompletedEvent).result is Result.IGNORED
    assert restarted.booked() == [TRANSACTION]


def test_copies_that_arrive_at_the_same_time_are_booked_once(shop_with: ShopWith) -> None:
    shop, results = shop_with(), list[Result]()
    barrier = threading.Barrier(8)

    def deliver() -> None:
        barrier.wait()
        results.append(shop.deliver().result)

    threads = [threading.Thread(target=deliver) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results.count(Result.HANDLED) == 1
    assert set(results) <= {Result.HANDLED, Result.DUPLICATE, Result.BUSY}
    assert shop.booked() == [TRANSACTION]


def test_an_event_costs_one_commit_and_at_most_four_statements(shop_with: ShopWith) -> None:
    shop, seen = shop_with(), list[str]()
    shop.deliver(1, transactionId="first")  # which also checks the tables
    engine = shop.inbox._engine
    event.listen(engine, "before_cursor_execute", lambda *a: seen.append(a[2].split()[0]))
    event.listen(engine, "commit", lambda _: seen.append("COMMIT"))
    assert shop.deliver(2).result is Result.HANDLED
    # SQLite runs in the process, where a statement costs next to nothing.
    expected = {
        "postgresql": ["INSERT", "SELECT", "INSERT", "SELECT", "COMMIT"],
        "sqlite": ["INSERT", "SELECT", "SAVEPOINT", "INSERT", "RELEASE", "COMMIT"],
    }
    assert seen == expected[engine.dialect.name]


def test_events_of_one_transaction_are_busy_for_each_other_without_waiting(
    postgres_url: str,
) -> None:
    shop, inner = open_shop(postgres_url), list[Any]()
    shop.receiver.on(PurseTranslationCompletedEvent)(lambda _: inner.append(shop.deliver(2).result))
    assert shop.deliver(1, PurseTranslationCompletedEvent).result is Result.HANDLED
    assert inner == [Result.BUSY]
    close(shop)


# What a handler may do.


@pytest.mark.parametrize("end", ["commit", "rollback", "close"])
def test_a_handler_that_ends_the_transaction_fails_and_nothing_is_written(
    shop_with: ShopWith, caplog: pytest.LogCaptureFixture, end: str
) -> None:
    def handler(event: PurseFundsReceivedEvent, connection: Connection) -> None:
        book(event, connection)
        getattr(connection, end)()

    shop = shop_with(handler)
    assert shop.deliver().result is Result.FAILED
    assert shop.booked() == []
    assert "the inbox commits when the handler returns" in caplog.text
    assert shop_with().deliver().result is Result.HANDLED
    assert shop.booked() == [TRANSACTION]


@pytest.mark.parametrize("end", ["commit", "rollback", "close"])
def test_a_handler_that_hides_that_it_ended_the_transaction_fails_too(
    shop_with: ShopWith, end: str
) -> None:
    def handler(event: PurseFundsReceivedEvent, connection: Connection) -> None:
        book(event, connection)
        with pytest.raises(RuntimeError):
            getattr(connection, end)()

    shop = shop_with(handler)
    assert shop.deliver().status != 200
    assert shop.booked() == []
    assert shop_with().deliver().result is Result.HANDLED
    assert shop.booked() == [TRANSACTION]


def end_by_sql(event: PurseFundsReceivedEvent, connection: Connection) -> None:
    book(event, connection)
    with suppress(RuntimeError):
        connection.execute(text("ROLLBACK"))
    book(event, connection)


def end_by_the_driver(event: PurseFundsReceivedEvent, connection: Connection) -> None:
    book(event, connection)
    connection.connection.rollback()
    book(event, connection)


def ignore_an_error(event: PurseFundsReceivedEvent, connection: Connection) -> None:
    book(event, connection)
    with suppress(DBAPIError):
        connection.execute(text("SELECT * FROM no_such_table"))


def ignore_an_error_that_rolls_back(event: PurseFundsReceivedEvent, connection: Connection) -> None:
    """In SQLite some errors end the transaction, and the driver begins the next one."""
    book(event, connection)
    for _ in range(2):
        with suppress(DBAPIError):
            connection.execute(text("INSERT OR ROLLBACK INTO ledger (n) VALUES (1)"))
    book(event, connection)


@pytest.mark.parametrize(
    "handler", [end_by_sql, end_by_the_driver, ignore_an_error, ignore_an_error_that_rolls_back]
)
def test_no_200_is_given_for_a_transaction_that_is_not_the_claims(
    shop_with: ShopWith, handler: Any
) -> None:
    shop = shop_with(handler)
    statuses = [shop.deliver().status for _ in range(3)]
    if handler is ignore_an_error and shop.engine.dialect.name == "sqlite":
        # There the statement alone fails.
        assert (statuses, shop.booked()) == ([200] * 3, [TRANSACTION])
        return
    assert 200 not in statuses
    assert shop.booked() == []
    assert shop.inbox.failed() != []
    assert shop_with().deliver().result is Result.HANDLED
    assert shop.booked() == [TRANSACTION]


def test_a_handler_may_roll_back_a_part_of_its_own(shop_with: ShopWith) -> None:
    def handler(event: PurseFundsReceivedEvent, connection: Connection) -> None:
        with connection.begin_nested() as part:
            book(event, connection)
            part.rollback()
        connection.execute(insert(ledger).values(transaction_id="kept"))

    shop = shop_with(handler)
    assert shop.deliver().result is Result.HANDLED
    assert shop.booked() == ["kept"]


def test_a_session_of_sqlalchemy_joins_the_transaction(shop_with: ShopWith) -> None:
    fail = [True]

    def handler(event: PurseFundsReceivedEvent, connection: Connection) -> None:
        with Session(connection) as session:
            session.execute(insert(ledger).values(transaction_id="by a session"))
            session.commit()
        if fail:
            raise BookedError(fail.pop())

    shop = shop_with(handler)
    assert shop.deliver().result is Result.FAILED
    assert shop.booked() == []
    assert shop.deliver().result is Result.HANDLED
    assert shop.booked() == ["by a session"]


def test_handlers_are_checked_when_they_are_registered(tmp_path: Path) -> None:
    inbox = Inbox(f"sqlite:///{tmp_path}/shop.db")
    receiver = Receiver(SECRET, store=inbox)
    on = receiver.on(PurseFundsReceivedEvent)

    def misnamed(event: PurseFundsReceivedEvent, conn: Connection) -> None: ...
    async def coroutine(event: PurseFundsReceivedEvent, connection: Connection) -> None: ...
    def with_connection(event: PurseFundsReceivedEvent, connection: Connection) -> None: ...

    wrong: Any
    for wrong in (misnamed, coroutine, lambda: None, lambda connection: None):
        with pytest.raises(ConfigurationError, match=r"connection|argument"):
            on(wrong)
    with pytest.raises(ConfigurationError, match="MemoryStore has no connection"):
        Receiver(SECRET, store=MemoryStore()).on(PurseFundsReceivedEvent)(with_connection)
    with pytest.raises(ConfigurationError, match="the other inbox"):
        store = AsyncInbox(f"sqlite+aiosqlite:///{tmp_path}/shop.db")
        Receiver(SECRET, store=store).on(PurseFundsReceivedEvent)(with_connection)
    on(with_connection)


def test_no_transaction_is_open_while_the_api_is_read(shop_with: ShopWith) -> None:
    """With refetch=True: the API may be slow, and SQLite has one writer."""
    mock = Mock()
    with Calypso(transport=mock.transport(), **mock.settings()) as calypso:
        customer = calypso.customers.create()
        address = calypso.addresses.get(customer_id=customer.id, currency="USDT_TRX").address
        deposit = mock.simulate_deposit(address=address, currency="USDT_TRX", amount="25.50")
        seen: list[Any] = []

        def handler(
            event: PurseTranslationCompletedEvent, transaction: Transaction, connection: Connection
        ) -> None:
            seen.append((transaction.amount, connection.in_transaction()))

        shop = shop_with(client=calypso)
        shop.receiver.on(PurseTranslationCompletedEvent, refetch=True)(handler)
        waiting: list[Any] = []
        get = calypso.transactions.get

        def slow_get(identifier: str) -> Any:
            # Another worker handles an event of another transaction meanwhile.
            waiting.append(shop.deliver(7, transactionId="another").result)
            return get(identifier)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(calypso.transactions), "get", lambda _, each: slow_get(each))
            kind = PurseTranslationCompletedEvent
            result = shop.deliver(1, kind, transactionId=deposit.transaction_id).result
        assert result is Result.HANDLED
        assert waiting == [Result.HANDLED]
        assert len(seen) == 1


# Failures.


def test_failures_are_counted_and_the_last_error_is_kept(shop_with: ShopWith) -> None:
    shop = shop_with(book_and_raise)
    for _ in range(3):
        shop.deliver()
    [failed] = shop.inbox.failed()
    assert (failed.status, failed.attempts) == ("failed", 3)
    assert failed.error == "BookedError: no stock"
    assert isinstance(failed.read(), PurseFundsReceivedEvent)
    assert (failed.event, failed.transaction, failed.step) == (1, TRANSACTION, "received")
    assert shop.inbox.counts() == {"pending": 0, "failed": 1, "parked": 0}


def test_an_error_with_characters_that_no_database_stores_is_kept(shop_with: ShopWith) -> None:
    inbox, task = shop_with().inbox, Task("subscription", 1)
    inbox.fail(task, inbox.claim(task, 60), BookedError("\0 \ud800"))
    assert [failed.error for failed in inbox.failed()] == ["BookedError: \\x00 \\ud800"]


def test_an_event_that_fails_too_often_is_parked_and_handled_after_a_retry(
    shop_with: ShopWith, caplog: pytest.LogCaptureFixture
) -> None:
    broken = shop_with(book_and_raise, max_attempts=2)
    assert [broken.deliver().result for _ in range(4)] == [
        *[Result.FAILED] * 2,
        *[Result.PARKED] * 2,
    ]
    assert "parked after 2 failures" in caplog.text
    assert broken.inbox.counts() == {"pending": 0, "failed": 0, "parked": 1}
    [parked] = broken.inbox.failed()
    mended = shop_with()
    assert mended.receiver.sweep(older_than=0) == 0, "parked events wait for a decision"
    assert mended.inbox.retry("0" * 32) == 0
    assert mended.inbox.retry(parked.key) == 1
    assert mended.receiver.sweep() == 1
    assert mended.booked() == [TRANSACTION]
    assert mended.inbox.failed() == []


def test_a_money_event_without_a_handler_is_kept_and_swept_once_there_is_one(
    shop_with: ShopWith,
) -> None:
    shop = shop_with()
    assert shop.deliver(5, TopUpPendingComplianceEvent).result is Result.FAILED
    [failed] = shop.inbox.failed()
    assert "has no handler" in str(failed.error)
    seen: list[Any] = []
    shop.receiver.on(TopUpPendingComplianceEvent)(seen.append)
    assert shop.receiver.sweep(older_than=0) == 0, "it is due in a minute"
    assert shop.inbox.retry() == 1
    assert shop.receiver.sweep() == 1
    assert len(seen) == 1
    assert shop.inbox.failed() == []


def test_a_sweep_however_frequent_tries_an_event_for_longer_than_the_vendor(
    shop_with: ShopWith,
) -> None:
    """Each failure doubles the wait, so that it is not parked within hours."""
    shop = shop_with(book_and_raise)
    shop.deliver()
    waits = []
    while shop.inbox.counts()["failed"]:
        [failed] = shop.inbox.failed()
        assert failed.updated_at is not None
        with shop.engine.begin() as connection:
            due_at = connection.execute(text("SELECT due_at FROM calypso_inbox_events")).scalar()
            assert due_at is not None
            waits.append(round(due_at - failed.updated_at.timestamp()))
            connection.execute(text("UPDATE calypso_inbox_events SET due_at = 0"))
        assert shop.receiver.sweep() == 1
    assert waits[:5] == [60, 120, 240, 480, 960]
    assert len(waits) == 18
    assert sum(waits) > 4 * 86_400


def test_an_outage_of_the_api_parks_nothing(shop_with: ShopWith) -> None:
    mock = Mock()
    with Calypso(transport=mock.transport(), max_retries=0, **mock.settings()) as calypso:
        shop = shop_with(client=calypso, max_attempts=2)
        shop.receiver.on(PurseTranslationCompletedEvent, refetch=True)(lambda event, _: None)
        for _ in range(4):
            result = shop.deliver(1, PurseTranslationCompletedEvent, transactionId="none").result
            assert result is Result.UNAVAILABLE
        [failed] = shop.inbox.failed()
        assert (failed.status, failed.attempts) == ("failed", 0)
        assert "could not read its transaction" in str(failed.error)


def test_an_event_is_the_same_for_versions_that_know_more_types() -> None:
    """Otherwise a delivery that comes again after an update would be handled again."""
    body = delivery(PurseFundsReceivedEvent).body
    known = task_of(read_event(body), body)
    unknown = task_of(UnknownEvent.from_dict(json.loads(body)), body)
    assert known == unknown
    assert (known.step, unknown.step) == ("received", None)
    assert key_of(known) == key_of(unknown)
    assert hash(known) == hash(unknown)


def test_a_failure_never_undoes_what_another_worker_completed(shop_with: ShopWith) -> None:
    shop, other = shop_with(), shop_with()
    task = Task("subscription", 1, "transaction", "received", body=b"{}")
    claim = shop.inbox.claim(task, 60)
    shop.inbox.release(task, claim)
    other.inbox.complete(task, other.inbox.claim(task, 60))
    shop.inbox.fail(task, claim, ValueError("late"))
    assert shop.inbox.claim(task, 60).status == "done"
    assert shop.inbox.failed() == []


def test_events_are_purged_after_more_than_a_week_only(shop_with: ShopWith) -> None:
    shop = shop_with()
    shop.deliver()
    shop_with(book_and_raise).deliver(2, transactionId="failing")
    with pytest.raises(ValueError, match="at least 8 days"):
        shop.inbox.purge(timedelta(days=7))
    assert shop.inbox.purge(timedelta(days=8)) == 0
    with shop.engine.begin() as connection:
        connection.execute(text("UPDATE calypso_inbox_events SET updated_at = '2020-01-01'"))
    assert shop.inbox.purge(timedelta(days=8)) == 1
    assert [failed.transaction for failed in shop.inbox.failed()] == ["failing"]


class TimeLimitError(BaseException):
    """A time limit of a job runner, which no code may swallow."""


def test_a_time_limit_reaches_the_caller_and_counts_as_a_failure(shop_with: ShopWith) -> None:
    def handler(event: PurseFundsReceivedEvent, connection: Connection) -> None:
        book(event, connection)
        raise TimeLimitError

    shop = shop_with(handler)
    with pytest.raises(TimeLimitError):
        shop.deliver()
    assert shop.booked() == []
    assert [failed.error for failed in shop.inbox.failed()] == ["TimeLimitError: "]


def test_an_error_that_the_database_can_not_encode_is_counted(postgres: Server) -> None:
    name = f"latin_{uuid4().hex[:8]}"
    with postgres.connect() as connection:
        connection.execute(
            f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0".encode()
        )

    def handler(event: PurseFundsReceivedEvent, connection: Connection) -> None:
        raise BookedError("Недостатньо коштів €")

    shop = open_shop(postgres.url("psycopg", name), handler)
    assert shop.deliver().result is Result.FAILED
    [failed] = shop.inbox.failed()
    assert "\\u041d" in str(failed.error)
    close(shop)
    postgres.drop_database(name)


# Store first.


def test_an_event_is_stored_and_enqueued_in_one_transaction(shop_with: ShopWith) -> None:
    broken = [True]

    def enqueue(stored: StoredEvent, connection: Connection) -> None:
        connection.execute(insert(ledger).values(transaction_id=f"job {stored.key}"))
        if broken:
            raise BookedError(broken.pop())

    shop = shop_with(enqueue=enqueue)
    assert shop.deliver().result is Result.UNAVAILABLE
    assert shop.booked() == []
    assert shop.inbox.counts()["pending"] == 0
    results = [shop.deliver().result for _ in range(2)]
    assert results == [Result.STORED, Result.DUPLICATE]
    [stored] = shop.inbox.due()
    assert shop.booked() == [f"job {stored.key}"]
    assert shop.receiver.handle_stored(stored.key).result is Result.HANDLED
    assert shop.receiver.handle_stored(stored.key).result is Result.DUPLICATE
    assert shop.booked() == [f"job {stored.key}", TRANSACTION]


def test_what_got_lost_between_the_commit_and_the_queue_is_swept(shop_with: ShopWith) -> None:
    queue: list[str] = []

    def enqueue(stored: StoredEvent) -> None:
        if not queue:
            queue.append("")
            raise ConnectionError("no broker")
        queue.append(stored.key)

    shop = shop_with(enqueue=enqueue)
    assert shop.deliver().result is Result.STORED
    assert shop.receiver.sweep(older_than=60) == 0
    assert shop.receiver.sweep(older_than=0) == 1
    assert shop.receiver.sweep(older_than=60) == 0, "it was queued just now"
    assert shop.receiver.handle_stored(queue[1]).result is Result.HANDLED
    assert shop.receiver.sweep(older_than=0) == 0
    assert shop.booked() == [TRANSACTION]


def test_a_stored_event_without_a_handler_is_a_failure_in_the_worker(shop_with: ShopWith) -> None:
    """The process that stored it may know the handler, while the worker did not import it."""
    shop = shop_with(enqueue=lambda stored: None)
    shop.deliver(1, PurseExpiredEvent)
    [stored] = shop.inbox.due()
    response = shop.receiver.handle_stored(stored.key)
    assert response.result is Result.FAILED
    assert "was stored and has no handler here" in str(shop.inbox.get(stored.key).error)
    shop.receiver.default(lambda _: None)
    assert shop.receiver.handle_stored(stored.key).result is Result.HANDLED


def test_a_stored_event_that_can_not_be_read_is_a_visible_failure(shop_with: ShopWith) -> None:
    shop = shop_with(enqueue=lambda stored: None)
    shop.deliver(1, transactionId="damaged")
    shop.deliver(2)
    with shop.engine.begin() as connection:
        damage = "UPDATE calypso_inbox_events SET body = :body WHERE transaction_id = 'damaged'"
        connection.execute(text(damage), {"body": b"{}"})
    sweeper = shop_with()
    assert sweeper.receiver.sweep(older_than=0, limit=1) == 1
    assert sweeper.receiver.sweep(older_than=0, limit=1) == 1, "it went to the end"
    assert shop.booked() == [TRANSACTION]
    assert [failed.transaction for failed in shop.inbox.failed()] == ["damaged"]


def test_neither_a_delivery_nor_a_sweep_waits_for_a_worker(postgres_url: str) -> None:
    shop = open_shop(postgres_url, enqueue=lambda stored: None)
    shop.deliver()
    [stored] = shop.inbox.due()
    task = Task(stored.subscription, stored.event, stored.transaction, stored.step)
    claim = shop.inbox.claim(task, 60)
    assert claim.status == "acquired"
    assert shop.deliver().result is Result.DUPLICATE
    assert shop.deliver(2, PurseTranslationCompletedEvent).result is Result.STORED
    assert shop.receiver.sweep(older_than=0) == 0, "neither event of the transaction"
    # Another process is about to store an event, and has not committed yet.
    other = Task("another", 5)
    storing = shop.inbox.put(other)
    assert shop.inbox.put(other).status == "busy"
    shop.inbox.complete(other, storing)
    assert shop.inbox.put(other).status == "done"
    shop.inbox.complete(task, claim)
    close(shop)


def test_a_worker_learns_that_an_event_does_not_exist(shop_with: ShopWith) -> None:
    with pytest.raises(LookupError, match="no event with the key"):
        shop_with().receiver.handle_stored("0" * 32)


def test_store_first_needs_a_store_that_keeps_events() -> None:
    with pytest.raises(ConfigurationError, match=r"use calypso_pay\.inbox"):
        Receiver(SECRET, enqueue=lambda stored: None)


# Tables.


def test_several_processes_may_create_the_tables_at_once(database: str) -> None:
    errors: list[BaseException] = []
    barrier = threading.Barrier(6)

    def create() -> None:
        inbox = Inbox(database)
        barrier.wait()
        try:
            inbox.create_tables()
            inbox.check_schema()
        except BaseException as error:  # noqa: BLE001 - for the assertion
            errors.append(error)
        finally:
            inbox.close()

    threads = [threading.Thread(target=create) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_the_ddl_as_text_creates_the_same_tables(database: str) -> None:
    engine = create_engine(database)
    with engine.begin() as connection:
        for statement in ddl(engine.dialect.name).split(";\n"):
            if statement.strip():
                connection.execute(text(statement))
    engine.dispose()
    shop = open_shop(database)
    assert shop.deliver().result is Result.HANDLED
    close(shop)


def test_there_is_ddl_for_the_supported_databases_only() -> None:
    with pytest.raises(ConfigurationError, match="not in 'mysql'"):
        ddl("mysql")


def test_missing_tables_and_other_versions_are_named_with_what_to_do(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = Inbox(database)
    receiver = Receiver(SECRET, store=inbox)
    receiver.on(PurseFundsReceivedEvent)(book)
    with pytest.raises(ConfigurationError, match=r"call create_tables\(\)"):
        inbox.check_schema()
    assert receiver.handle(*delivery(PurseFundsReceivedEvent)).result is Result.UNAVAILABLE
    assert "call create_tables()" in caplog.text
    shop = open_shop(database)
    for version, advice in ((0, "as the changelog describes"), (3, "upgrade this one")):
        with shop.engine.begin() as connection:
            connection.execute(
                text("UPDATE calypso_inbox_version SET version = :v"), {"v": version}
            )
        for check in (inbox.check_schema, inbox.create_tables):
            with pytest.raises(ConfigurationError, match=advice):
                check()
        assert receiver.handle(*delivery(PurseFundsReceivedEvent)).result is Result.UNAVAILABLE
    inbox.close()
    close(shop)


def test_creating_tables_that_exist_does_not_wait_for_handlers(postgres_url: str) -> None:
    """Neither would the events that come after it."""
    shop = open_shop(postgres_url)
    task = Task("subscription", 1)
    claim = shop.inbox.claim(task, 60)
    other = Inbox(f"{postgres_url}?options=-clock_timeout%3D1000")
    other.create_tables()
    other.close()
    shop.inbox.complete(task, claim)
    close(shop)


# Engines.


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        (Inbox, "mysql://localhost/shop", "not in 'mysql'"),
        (Inbox, "shop.db", "such as 'sqlite:///shop.db'"),
        (Inbox, None, "such as 'sqlite:///shop.db'"),
        (Inbox, "sqlite+aiosqlite:///shop.db", "AsyncInbox needs"),
        (AsyncInbox, "sqlite:///shop.db", r"sqlite\+aiosqlite"),
        (AsyncInbox, create_engine("sqlite:///shop.db"), "AsyncInbox an AsyncEngine"),
        (Inbox, create_engine("sqlite://"), "one connection for all"),
        (Inbox, create_engine("sqlite:///shop.db", poolclass=StaticPool), "one connection for all"),
        (Inbox, "postgres://localhost/shop", r"Write postgresql\+psycopg"),
        (Inbox, "postgresql+pg8000://localhost/shop", "pip install pg8000"),
    ],
)
def test_a_database_that_does_not_fit_is_rejected_at_once(
    kind: Any, given: Any, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        kind(given)


def test_max_attempts_is_at_least_one() -> None:
    with pytest.raises(ConfigurationError, match="max_attempts"):
        Inbox("sqlite://", max_attempts=0)


@pytest.mark.parametrize("level", ["AUTOCOMMIT", "SERIALIZABLE", "REPEATABLE READ"])
def test_an_engine_with_another_isolation_level_is_rejected(postgres_url: str, level: str) -> None:
    """Changed silently, it would be missing to a handler that relies on it."""
    engine = create_engine(postgres_url, isolation_level=level)
    inbox = Inbox(engine)
    inbox.create_tables()
    task = Task("subscription", 1, "transaction", "received")
    with pytest.raises(ConfigurationError, match="isolation level READ COMMITTED"):
        inbox.claim(task, 60)
    other = Inbox(engine.execution_options(isolation_level="READ COMMITTED"))
    other.complete(task, other.claim(task, 60))
    assert other.claim(task, 60).status == "done"
    engine.dispose()


def test_an_engine_for_sqlite_in_autocommit_mode_is_rejected(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/shop.db", isolation_level="AUTOCOMMIT")
    inbox = Inbox(engine)
    inbox.create_tables()
    with pytest.raises(ConfigurationError, match="autocommit mode"):
        inbox.claim(Task("subscription", 1), 60)
    engine.dispose()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///file:shop?mode=memory&uri=true"])
def test_an_inbox_may_be_in_memory(url: str) -> None:
    inbox, seen = Inbox(url), list[Any]()
    inbox.create_tables()
    receiver = Receiver(SECRET, store=inbox)
    receiver.on(PurseFundsReceivedEvent)(seen.append)
    results = [receiver.handle(*delivery(PurseFundsReceivedEvent)).result for _ in range(2)]
    assert results == [Result.HANDLED, Result.DUPLICATE]
    inbox.close()


def test_a_commit_waits_for_the_disk_where_others_do_not(postgres_url: str) -> None:
    seen: list[Any] = []

    def handler(event: PurseFundsReceivedEvent, connection: Connection) -> None:
        seen.append(connection.execute(text("SHOW synchronous_commit")).scalar())

    shop = open_shop(f"{postgres_url}?options=-csynchronous_commit%3Doff", handler)
    assert shop.deliver().result is Result.HANDLED
    assert seen == ["on"]
    close(shop)


# The database fails.


def test_connections_that_the_database_closed_cost_no_delivery(
    postgres: Server, postgres_url: str
) -> None:
    shop = open_shop(postgres_url)
    shop.deliver(1, transactionId="first")
    postgres.cut_connections()
    assert shop.deliver(2).result is Result.HANDLED
    assert shop.booked() == ["first", TRANSACTION]
    close(shop)


def test_a_connection_that_breaks_in_the_handler_loses_nothing(
    postgres: Server, postgres_url: str
) -> None:
    cut = [True]

    def handler(event: PurseFundsReceivedEvent, connection: Connection) -> None:
        book(event, connection)
        if cut:
            cut.pop()
            postgres.cut_connections()

    shop = open_shop(postgres_url, handler)
    assert shop.deliver().status in {500, 503}
    assert shop.booked() == []
    assert shop.deliver().result is Result.HANDLED
    assert shop.booked() == [TRANSACTION]
    close(shop)


def test_a_worker_that_hangs_for_longer_than_its_lease_loses_its_claim(postgres_url: str) -> None:
    """The database ends its transaction, so what it writes later can't be committed."""
    slow, quick = open_shop(postgres_url), open_shop(postgres_url)
    task = Task("subscription", 1, "transaction", "received")
    claim = slow.inbox.claim(task, lease=0.05)
    claim.connection.execute(insert(ledger).values(transaction_id="slow"))
    statuses = iter(lambda: quick.inbox.claim(task, 60), None)
    taken = next(each for each in statuses if each.status == "acquired")
    quick.inbox.complete(task, taken)
    with pytest.raises(Exception, match=r"idle-in-transaction|closed|terminat"):
        slow.inbox.complete(task, claim)
    slow.inbox.fail(task, claim, TimeoutError())
    assert slow.booked() == []
    assert slow.inbox.claim(task, 60).status == "done"
    close(slow)
    close(quick)


def test_a_database_that_can_not_be_reached_is_a_503(caplog: pytest.LogCaptureFixture) -> None:
    inbox = Inbox("postgresql+psycopg://shop@127.0.0.1:1/shop")
    receiver = Receiver(SECRET, store=inbox)
    receiver.on(PurseFundsReceivedEvent)(book)
    response = receiver.handle(*delivery(PurseFundsReceivedEvent))
    assert (response.result, response.status) == (Result.UNAVAILABLE, 503)
    assert "could not be claimed" in caplog.text
    assert caplog.records[-1].levelno == logging.ERROR
