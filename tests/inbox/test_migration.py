"""The tables of version 1, with events, are migrated by create_tables or by hand."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from calypso_pay import ConfigurationError
from calypso_pay.inbox import Inbox, _bookings, ddl
from calypso_pay.inbox import _statements as statements
from calypso_pay.receiver import StoredEvent
from calypso_pay.receiver._order import task_of
from calypso_pay.webhooks import (
    PurseExpiredEvent,
    PurseFundsReceivedEvent,
    PurseTranslationCompletedEvent,
    WalletFundsDeliveredEvent,
    unwrap,
)
from tests.inbox.kinds import connected, execute
from tests.inbox.shop import close, open_shop
from tests.receiver.deposits import SECRET, delivery

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.inbox.kinds import AnyInbox, Place

ADA, BOB = "6f2f5d53-6f25-4f86-9a6c-4d7d1f6f6d0e", "c0ffee00-0000-4000-8000-00000000000b"
CREDITED = PurseTranslationCompletedEvent
# What the last revision with version 1 returned from ddl().
DDL = Path(__file__).parent / "version_1"
PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"
# The columns of version 1, and what a done event has there.
ROW = {
    **{
        name: f":event_{name}"
        for name in ("key", "order_key", "subscription", "event", "event_type", "body")
    },
    "transaction_id": ":event_transaction_id",
    "step": ":event_step",
    "status": "'done'",
    "attempts": "0",
    "received_at": ":now",
    "updated_at": ":now",
    "due_at": ":seconds",
}
_NAMES, _VALUES = ", ".join(ROW), ", ".join(ROW.values())
INSERT = f"INSERT INTO calypso_inbox_events ({_NAMES}) VALUES ({_VALUES})"  # noqa: S608 - no input
UNFILLED = "SELECT count(*) FROM calypso_inbox_events WHERE customer_id IS NULL"
VERSION = "SELECT version FROM calypso_inbox_version"


def create_version_1(url: str) -> None:
    """Create the tables as version 1 did."""
    run_script(url, (DDL / f"{sa.make_url(url).get_backend_name()}.sql").read_text())


def run_script(url: str, script: str) -> None:
    with connected(url) as connection:
        for statement in re.split(r";\s*\n", script):
            if statement.strip():
                connection.execute(sa.text(statement))


def drop_tables(url: str) -> None:
    names = ("version", "events", "customers", "notes")
    run_script(url, "".join(f"DROP TABLE calypso_inbox_{name};\n" for name in names))


def store(url: str, *rows: dict[str, Any]) -> None:
    """Store events as version 1 did."""
    with connected(url) as connection:
        for row in rows:
            connection.execute(sa.text(INSERT), row)


def done(
    number: int, kind: type = CREDITED, body: bytes | None = None, **data: Any
) -> dict[str, Any]:
    """Return the row of an event that is done, without its customer."""
    delivered, headers = delivery(kind, number, **{"transactionId": f"t{number}", **data})
    stored = StoredEvent.of(task_of(unwrap(delivered, headers, SECRET), delivered))
    row = statements.event_parameters(stored, "utf-8")
    del row["event_customer_id"]
    row["event_body"] = stored.body if body is None else body
    return row


@pytest.fixture
def old(place: Place) -> Place:
    """A database of version 1 with three deposits, and other events."""
    create_version_1(place.url)
    unreadable = (b"", b"\xff{", b"{}", b'{"data": ' + b"[" * 100_000)
    store(
        place.url,
        done(1),
        done(2, customerId=ADA.upper()),
        done(3, customerId=BOB),
        done(4, PurseFundsReceivedEvent),
        done(5, PurseExpiredEvent),
        done(6, WalletFundsDeliveredEvent, transactionHash="0x1"),
        done(7, customerId=None),
        *(done(number, body=body) for number, body in enumerate(unreadable, 8)),
    )
    return place


@pytest.fixture
def migrated(old: Place) -> Iterator[AnyInbox]:
    """The same database, migrated."""
    with old.open() as inbox:
        inbox.create_tables()
        yield inbox


def booked(inbox: Any, customer: str = ADA) -> list[str]:
    return sorted(each.id for each in inbox.bookings(customer))


def test_tables_of_version_1_are_an_error_until_they_are_migrated(old: Place) -> None:
    with old.open() as inbox:
        for use in (inbox.check_schema, inbox.counts, lambda: inbox.bookings(ADA)):
            with pytest.raises(ConfigurationError, match=r"version 1, .* create_tables\(\)"):
                use()


def test_a_migration_fills_in_the_customers_of_events_that_are_stored(migrated: AnyInbox) -> None:
    assert migrated.execute(VERSION) == [(2,)]
    assert migrated.execute(UNFILLED) == [(0,)]
    found = migrated.execute("SELECT event, customer_id FROM calypso_inbox_events")
    customers = {int(event): customer for event, customer in found}
    assert [customers[n] for n in range(1, 8)] == [ADA, ADA, BOB, ADA, "", "", ""]
    assert [customers[n] for n in range(8, 12)] == [""] * 4, "of bodies that can't be read"
    assert booked(migrated) == ["t1", "t2"]
    assert booked(migrated, BOB) == ["t3"]
    migrated.put_note("0" * 32, "1" * 32, "{}")


def test_a_migrated_database_works_and_is_the_same_as_a_new_one(migrated: AnyInbox) -> None:
    shop = open_shop(migrated.url)
    assert shop.deliver(20, transactionId="new").status == 200
    assert shop.deliver(20, transactionId="new").result == "duplicate"
    assert shop.booked() == ["new"]
    assert next(each.id for each in shop.inbox.bookings(ADA, "confirmed")) == "new"
    migrated_to = structure(migrated.url)
    close(shop)
    drop_tables(migrated.url)
    run_script(migrated.url, ddl(sa.make_url(migrated.url).get_backend_name()))
    assert structure(migrated.url) == migrated_to


def test_a_migration_by_hand_is_the_same_and_filled_in_by_the_next_call(old: Place) -> None:
    [script] = re.findall(r"```sql\n(BEGIN;.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    run_script(old.url, script.replace("BEGIN;", "").replace("COMMIT;", ""))
    by_hand = structure(old.url)
    with old.open() as inbox:
        assert booked(inbox) == ["t1", "t2"]
        assert inbox.execute(UNFILLED) == [(0,)]
        inbox.execute("UPDATE calypso_inbox_events SET customer_id = NULL")
        inbox.create_tables()
        assert inbox.execute(UNFILLED) == [(0,)]
    drop_tables(old.url)
    create_version_1(old.url)
    with old.open() as inbox:
        inbox.create_tables()
    assert structure(old.url) == by_hand


def structure(url: str) -> Any:
    """Return columns and indexes of the tables, without their order."""
    with connected(url) as connection:
        inspector = sa.inspect(connection)
        return {
            name: (
                {
                    each["name"]: (str(each["type"]), each["nullable"])
                    for each in inspector.get_columns(name)
                },
                inspector.get_pk_constraint(name)["constrained_columns"],
                {each["name"]: each["column_names"] for each in inspector.get_indexes(name)},
            )
            for name in inspector.get_table_names()
            if name.startswith("calypso_")
        }


@pytest.mark.parametrize(
    "before", ["ALTER TABLE", "CREATE TABLE", "CREATE INDEX", "UPDATE calypso_inbox_version"]
)
def test_a_crash_in_the_migration_leaves_version_1(old: Place, before: str) -> None:
    def crash(*arguments: Any) -> None:
        if arguments[2].strip().startswith(before) and "inbox_version (" not in arguments[2]:
            raise RuntimeError("crash")

    tables = structure(old.url)
    with old.open() as inbox:
        engine = getattr(inbox.inbox._engine, "sync_engine", inbox.inbox._engine)
        sa.event.listen(engine, "before_cursor_execute", crash)
        with pytest.raises(RuntimeError, match="crash"):
            inbox.create_tables()
    assert structure(old.url) == tables
    assert execute(old.url, VERSION) == [(1,)]
    with old.open() as inbox:
        inbox.create_tables()
        assert booked(inbox) == ["t1", "t2"]


def test_a_crash_while_customers_are_filled_in_is_finished_by_the_next_call(
    old: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_bookings, "UNFILLED", _bookings.UNFILLED.limit(3))
    calls = []

    def crash(*arguments: Any) -> None:
        calls.append(arguments[2].startswith("UPDATE calypso_inbox_events"))
        if calls.count(True) == 2:
            raise RuntimeError("crash")

    with old.open() as inbox:
        engine = getattr(inbox.inbox._engine, "sync_engine", inbox.inbox._engine)
        sa.event.listen(engine, "before_cursor_execute", crash)
        with pytest.raises(RuntimeError, match="crash"):
            inbox.create_tables()
    assert execute(old.url, VERSION) == [(2,)]
    assert execute(old.url, UNFILLED) == [(11 - 3,)], "each batch is committed"
    with old.open() as inbox:
        inbox.create_tables()
        assert execute(old.url, UNFILLED) == [(0,)]
        assert booked(inbox) == ["t1", "t2"]


def test_several_processes_may_migrate_at_once(database: str) -> None:
    create_version_1(database)
    store(database, *map(done, range(1, 21)))
    errors: list[BaseException] = []
    found: list[list[str]] = []
    barrier = threading.Barrier(6)

    def migrate() -> None:
        inbox = Inbox(database)
        barrier.wait()
        try:
            inbox.create_tables()
            found.append(booked(inbox))
        except BaseException as error:  # noqa: BLE001 - for the assertion
            errors.append(error)
        finally:
            inbox.close()

    threads = [threading.Thread(target=migrate) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert found == [sorted(f"t{number}" for number in range(1, 21))] * 6
    assert execute(database, VERSION) == [(2,)]


def test_what_an_old_process_stores_after_the_migration_is_found(migrated: AnyInbox) -> None:
    store(migrated.url, done(30))
    assert booked(migrated) == ["t1", "t2", "t30"]
    assert migrated.execute(UNFILLED) == [(0,)]


def test_events_that_another_worker_locks_are_booked_though_not_filled_in(
    postgres_url: str,
) -> None:
    create_version_1(postgres_url)
    store(postgres_url, done(1))
    inbox = Inbox(postgres_url)
    engine = sa.create_engine(postgres_url)
    with engine.connect() as other:
        inbox.create_tables()
        execute(postgres_url, "UPDATE calypso_inbox_events SET customer_id = NULL")
        other.execute(sa.text("SELECT * FROM calypso_inbox_events FOR UPDATE"))
        assert booked(inbox) == ["t1"]
        inbox.create_tables()
        assert execute(postgres_url, UNFILLED) == [(1,)]
    assert booked(inbox) == ["t1"]
    assert execute(postgres_url, UNFILLED) == [(0,)]
    engine.dispose()
    inbox.close()


def test_a_locked_sqlite_does_not_keep_bookings_from_being_listed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/shop.db"
    create_version_1(url)
    store(url, done(1))
    inbox = Inbox(f"{url}?timeout=0")
    inbox.create_tables()
    inbox.check_schema()
    execute(url, "UPDATE calypso_inbox_events SET customer_id = NULL")
    engine = sa.create_engine(url)
    with engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        assert booked(inbox) == ["t1"]
    assert execute(url, UNFILLED) == [(1,)]
    engine.dispose()
    inbox.close()
