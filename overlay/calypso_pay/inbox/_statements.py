"""The SQL of an inbox. Statements are built once: building one takes longer than running it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Integer,
    String,
    Text,
    bindparam,
    case,
    delete,
    func,
    literal_column,
    null,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from calypso_pay.inbox._tables import events
from calypso_pay.receiver import StoredEvent

if TYPE_CHECKING:
    from sqlalchemy import Row


_MAX_ERROR = 2000
# PostgreSQL takes a timeout in milliseconds, in 32 bits.
_MAX_LEASE = 2_000_000.0

_c = events.c
# Literals where possible, since each parameter takes time, and an IN of parameters much.
_done: Any = literal_column("'done'")
_pending: Any = literal_column("'pending'")
_failed: Any = literal_column("'failed'")
_parked: Any = literal_column("'parked'")
_is_open: Any = literal_column(f"{events.name}.status IN ('pending', 'failed')")
_has_failed: Any = literal_column(f"{events.name}.status IN ('failed', 'parked')")
_one: Any = literal_column("1", Integer)
_key = bindparam("event_key", type_=String)
_now = bindparam("now", type_=_c.updated_at.type)
_before = bindparam("before", type_=_c.updated_at.type)
_limit = bindparam("limit", type_=Integer)
_oldest_first = (_c.updated_at, _c.key)

PROBE = select(_one)
STATUS = select(_c.status).where(_c.key == _key)
STEPS = select(_c.step).where(
    _c.order_key == bindparam("event_order_key", type_=String),
    _c.key != _key,
    _c.status == _done,
    _c.step.is_not(None),
)
GET = select(events).where(_c.key == _key)
DUE = (
    select(events).where(_is_open, _c.updated_at <= _before).order_by(*_oldest_first).limit(_limit)
)
REQUEUE = (
    update(events)
    .where(_c.key == _key, _is_open, _c.updated_at == _before)
    .values(updated_at=_now)
    .returning(_c.key)
)
FAILED = select(events).where(_has_failed).order_by(*_oldest_first).limit(_limit)
COUNTS = (
    select(_c.status, func.count().label("number")).where(_c.status != _done).group_by(_c.status)
)
RETRY = update(events).where(_c.status == _parked).values(status=_pending, attempts=0)
RETRY_SOME = RETRY.where(_c.key.in_(bindparam("keys", expanding=True)))
PURGE = delete(events).where(_c.status == _done, _c.updated_at < _before)


class Statements:
    """The statements that differ between kinds of databases.

    Attributes:
        claim: Inserts an event as done, or marks it as done if it is pending or failed. No row
            comes back if neither is possible. It is the first statement of a transaction, and it
            writes: so SQLite locks the database before anything is read. In PostgreSQL a lock on
            the order key, kept until the transaction ends, admits one event of each transaction,
            without waiting; the next statement sees what its former holder committed.
        put: Inserts an event that is to be handled later, unless it is stored.
        fail: Counts a failure of an event that is not done. In PostgreSQL an error after a second
            if another worker has claimed the event: it would wait for that one's handler.

    Args:
        dialect: ``"postgresql"`` or ``"sqlite"``.
    """

    def __init__(self, dialect: str) -> None:
        is_sqlite = dialect == "sqlite"
        insert: Any = (sqlite if is_sqlite else postgresql).insert(events)
        done = _row(_done)
        new: Any = insert.values(done)
        if not is_sqlite:
            new = insert.from_select(list(done), _locked(done))
        self.claim = new.on_conflict_do_update(
            index_elements=[_c.key],
            set_={"status": _done, "updated_at": new.excluded.updated_at},
            where=_is_open,
        ).returning(_c.key)
        self.put = insert.values(_row(_pending)).on_conflict_do_nothing().returning(_c.key)
        failed = _row(_status_after(_one), _one, bindparam("error", type_=Text))
        new = insert.values(failed)
        if not is_sqlite:
            new = insert.from_select(list(failed), _impatient(failed))
        attempts = _c.attempts + _one
        self.fail = new.on_conflict_do_update(
            index_elements=[_c.key],
            set_={
                "status": _status_after(attempts),
                "attempts": attempts,
                "error": new.excluded.error,
                "updated_at": new.excluded.updated_at,
            },
            where=_is_open,
        ).returning(_c.status)


def _row(status: Any, attempts: Any = None, error: Any = None) -> dict[str, Any]:  # noqa: ANN401 - SQL
    """Return the values of a new row: those of an event are parameters named ``event_…``."""
    given = ("key", "order_key", "subscription", "event", "event_type", "transaction_id", "step")
    # The prefix, since an update reserves the names of the columns.
    row = {name: bindparam(f"event_{name}", type_=_c[name].type) for name in (*given, "body")}
    zero = literal_column("0", Integer)
    return {
        **row,
        "status": status,
        "attempts": zero if attempts is None else attempts,
        "error": null() if error is None else error,
        "received_at": _now,
        "updated_at": _now,
    }


def _status_after(attempts: Any) -> Any:  # noqa: ANN401 - SQL
    is_last = attempts >= bindparam("max_attempts", type_=Integer)
    return case((is_last, _parked), else_=_failed)


def _locked(row: dict[str, Any]) -> Any:  # noqa: ANN401 - a Select of whatever the columns are
    # A worker that does nothing in its transaction for longer than its lease loses it.
    name: Any = literal_column("'idle_in_transaction_session_timeout'")
    timeout = func.set_config(name, bindparam("lease", type_=Text), true())
    lock = func.pg_try_advisory_xact_lock(func.hashtextextended(row["order_key"], text("0")))
    return select(*row.values()).where(timeout.is_not(None), lock)


def _impatient(row: dict[str, Any]) -> Any:  # noqa: ANN401 - a Select of whatever the columns are
    name: Any = literal_column("'lock_timeout'")
    timeout = func.set_config(name, literal_column("'1000'"), true())
    return select(*row.values()).where(timeout.is_not(None))


def event_parameters(stored: StoredEvent) -> dict[str, object]:
    """Return the parameters that insert an event."""
    return {
        "event_key": stored.key,
        "event_order_key": stored.order_key,
        "event_subscription": storable(stored.subscription),
        "event_event": json.dumps(stored.event),
        "event_event_type": storable(stored.event_type),
        "event_transaction_id": stored.transaction and storable(stored.transaction),
        "event_step": stored.step,
        "event_body": stored.body,
        "now": datetime.now(UTC),
    }


def milliseconds(lease: float) -> str:
    """Return a lease as PostgreSQL takes it."""
    return str(max(1, int(min(lease, _MAX_LEASE) * 1000)))


def stored_event(row: Row[Any]) -> StoredEvent:
    """Return the event in a row."""
    values = dict(row._mapping)  # noqa: SLF001 - documented; named so that columns can have any name
    values["event"] = json.loads(values["event"])
    values["transaction"] = values.pop("transaction_id")
    for name in ("received_at", "updated_at"):
        # SQLite returns times without their zone.
        time = values[name]
        values[name] = time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    return StoredEvent(**values)


def ago(seconds: float) -> datetime:
    """Return the time so many seconds ago."""
    return datetime.now(UTC) - timedelta(seconds=seconds)


def describe(error: BaseException) -> str:
    """Return the type and message of an exception."""
    try:
        message = str(error)
    except Exception:  # noqa: BLE001 - a handler's exception may be of any kind
        message = "(its message could not be read)"
    return storable(f"{type(error).__name__}: {message}"[:_MAX_ERROR])


def storable(text: str) -> str:
    """Return a text without what a database can't store; the key has the original."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
