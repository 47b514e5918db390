"""The tables of an inbox, and their DDL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    delete,
    exists,
    func,
    insert,
    literal,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from calypso_pay._errors import ConfigurationError

SCHEMA_VERSION = 2
_DIALECTS: dict[str, Any] = {"postgresql": postgresql, "sqlite": sqlite}
# The lock of those who create tables: any number that others are unlikely to use.
_CREATION_LOCK = 0x63_61_6C_79_70_73_6F

metadata = MetaData()

versions = Table(
    "calypso_inbox_version",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
)

events = Table(
    "calypso_inbox_events",
    metadata,
    # Digests: the vendor's ids may be of any length and contain what a text column can't hold.
    Column("key", String(32), primary_key=True),
    Column("order_key", String(32), nullable=False),
    Column("status", String(8), nullable=False),
    Column("subscription", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("transaction_id", Text),
    Column("step", Text),
    Column("attempts", Integer, nullable=False),
    Column("error", Text),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    # In seconds since 1970, for arithmetic in both kinds of databases.
    Column("due_at", Double, nullable=False),
    # In lower case; empty if the event names none. Null where version 1 stored the event, which a
    # process that is not restarted yet may still do after the migration.
    Column("customer_id", Text),
)

customers = Table(
    "calypso_inbox_customers",
    metadata,
    # Likewise a digest: an external id is any text.
    Column("key", String(32), primary_key=True),
    Column("account", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    # Its JSON; null until it is created.
    Column("customer", Text),
    Column("token", String(32), nullable=False),
    # Seconds since 1970, by the clock of the database.
    Column("lease_until", Double, nullable=False),
    Column("attempts", Integer, nullable=False),
)

notes = Table(
    "calypso_inbox_notes",
    metadata,
    # Digests, both.
    Column("scope", String(32), primary_key=True),
    Column("key", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)
_is_open = events.c.status != literal_column("'done'")
_indexes = [
    Index("calypso_inbox_events_order", events.c.order_key),
    # Of all: nearly all events have a customer, and those whose customer is null have to be found.
    Index("calypso_inbox_events_customer", events.c.customer_id),
    # Small, since nearly all events are done.
    Index(
        "calypso_inbox_events_open",
        events.c.due_at,
        postgresql_where=_is_open,
        sqlite_where=_is_open,
    ),
]
_first_version = insert(versions).from_select(
    ["version"],
    select(literal_column(str(SCHEMA_VERSION))).where(~exists(select(versions.c.version))),
)
VERSION = select(func.max(versions.c.version))
# Changes nothing, but begins a transaction.
TRANSACTION_ID = select(func.txid_current())
NO_WRITE = delete(versions).where(versions.c.version.is_(None))


def preparations(dialect: str) -> list[Any]:
    """Return the statements to execute before the version is read."""
    create = CreateTable(versions, if_not_exists=True)
    if dialect == "sqlite":
        # The write locks the database, and begins the transaction, which no statement of DDL does.
        return [create, NO_WRITE]
    # In PostgreSQL two processes can't create the same table at once.
    return [select(func.pg_advisory_xact_lock(literal(_CREATION_LOCK, BigInteger))), create]


def definitions() -> list[Any]:
    """Return the statements that create all that does not exist yet, and note the version."""
    tables = [table for table in metadata.sorted_tables if table is not versions]
    return [
        *(CreateTable(table, if_not_exists=True) for table in tables),
        *(CreateIndex(index, if_not_exists=True) for index in _indexes),
        _first_version,
    ]


def migrations(version: int | None, dialect: str) -> tuple[list[Any], list[Any]]:
    """Return the statements to execute before and after the `definitions`, for older tables.

    Raises:
        ConfigurationError: The tables can't be migrated from this version.
    """
    if version is None:
        return [], []
    if version != 1:
        check_version(version)
        return [], []
    # In PostgreSQL the column may be there from a migration by hand that was not finished.
    condition = "IF NOT EXISTS " if dialect == "postgresql" else ""
    add = f"ALTER TABLE {events.name} ADD COLUMN {condition}customer_id TEXT"
    return [text(add)], [update(versions).values(version=literal_column(str(SCHEMA_VERSION)))]


def ddl(dialect: str) -> str:
    """Return the SQL that creates the tables of an inbox, for those who migrate by hand.

    It changes nothing in tables that exist.

    Args:
        dialect: ``"postgresql"`` or ``"sqlite"``.

    Raises:
        ConfigurationError: It is another one.
    """
    check_dialect(dialect)
    compiler = _DIALECTS[dialect].dialect()
    statements = [CreateTable(versions, if_not_exists=True), *definitions()]
    texts = [str(each.compile(dialect=compiler)).strip().expandtabs(4) for each in statements]
    lines = "\n\n".join(f"{text};" for text in texts).splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)


def check_dialect(dialect: str) -> None:
    """Check that an inbox works in this kind of database.

    Raises:
        ConfigurationError: It does not.
    """
    if dialect not in _DIALECTS:
        hint = " Write postgresql+psycopg://." if dialect == "postgres" else ""
        raise ConfigurationError(
            f"An inbox works in {' and '.join(_DIALECTS)} databases, not in {dialect!r}.{hint}"
        )


def check_version(version: int | None) -> None:
    """Check that this package works with the tables.

    Raises:
        ConfigurationError: They are older or newer; or there are none.
    """
    if version == SCHEMA_VERSION:
        return
    if version is None:
        raise ConfigurationError(
            "The database has no tables of an inbox: call create_tables(), or execute the SQL that "
            "calypso_pay.inbox.ddl returns."
        )
    advice = (
        "migrate them with create_tables(), or by hand as the changelog describes"
        if version < SCHEMA_VERSION
        else "another program uses a newer calypso-pay: upgrade this one"
    )
    raise ConfigurationError(
        f"The tables of the inbox have version {version}, and this calypso-pay works with version "
        f"{SCHEMA_VERSION}: {advice}."
    )
