"""The SQL of an inbox. Statements are built once: building one takes longer than running it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Double,
    Integer,
    String,
    Text,
    and_,
    bindparam,
    case,
    delete,
    exists,
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
_zero: Any = literal_column("0", Integer)
_one: Any = literal_column("1", Integer)
_key = bindparam("event_key", type_=String)
_now = bindparam("now", type_=_c.updated_at.type)
_seconds = bindparam("seconds", type_=Double)
_before = bindparam("before", type_=_c.updated_at.type)
_limit = bindparam("limit", type_=Integer)
_oldest_first = (_c.updated_at, _c.key)

# The first statement of a claim sets this, until its transaction ends.
_claim = literal_column("'calypso_pay.claim'", Text)
IS_CLAIMED = select(func.current_setting(_claim, true()) == _key)
ENCODING = select(func.current_setting(literal_column("'server_encoding'", Text)))
# What a database in another encoding than UTF-8 can't store is kept in escapes.
ENCODINGS = {"UTF8": "utf-8"}
STATUS = select(_c.status).where(_c.key == _key)
STEPS = select(_c.step).where(
    _c.order_key == bindparam("event_order_key", type_=String),
    _c.key != _key,
    _c.status == _done,
    _c.step.is_not(None),
)
GET = select(events).where(_c.key == _key)
DUE = (
    select(events)
    .where(_is_open, _c.due_at <= bindparam("due_before", type_=Double))
    .order_by(_c.due_at, _c.key)
    .limit(_limit)
)
FAILED = select(events).where(_has_failed).order_by(*_oldest_first).limit(_limit)
COUNTS = (
    select(_c.status, func.count().label("number")).where(_c.status != _done).group_by(_c.status)
)
_retry = update(events).where(_has_failed).values(status=_pending, attempts=0, due_at=_zero)
RETRY = _retry.returning(_one)
RETRY_SOME = _retry.where(_c.key.in_(bindparam("keys", expanding=True))).returning(_one)
PURGE = delete(events).where(_c.status == _done, _c.updated_at < _before).returning(_one)


class Statements:
    """The statements that differ between kinds of databases.

    Attributes:
        claim: Inserts an event as done, or marks it as done if it is pending or failed. No row
            comes back if neither is possible. It is the first statement of a transaction, and it
            writes: so SQLite locks the database before anything is read. In PostgreSQL a lock on
            the order key, kept until the transaction ends, admits one event of each transaction,
            without waiting; the next statement sees what its former holder committed.
        put: Inserts an event that is to be handled later, unless it is stored.
        requeue: Notes that an event is queued again, unless another worker is handling it.
        fail: Counts a failure of an event that is not done. In PostgreSQL an error after a second
            if another worker has claimed the event: it would wait for that one's handler.

    Args:
        dialect: ``"postgresql"`` or ``"sqlite"``.
    """

    def __init__(self, dialect: str) -> None:
        is_sqlite = dialect == "sqlite"
        insert: Any = (sqlite if is_sqlite else postgresql).insert(events)
        done, pending = _row(_done), _row(_pending)
        counted = bindparam("counted", type_=Integer)
        failed = _row(_status_after(counted), counted, bindparam("error", type_=Text))
        failed["due_at"] = _seconds + _wait_after(_one)
        requeue = update(events).where(_c.key == _key, _is_open, _c.updated_at == _before)
        new: Any = insert.values(done)
        self.put = insert.values(pending)
        new_failure = insert.values(failed)
        if not is_sqlite:
            begin = _begin_claim(bindparam("lease", type_=Text))
            lock = _try_lock(done["order_key"])
            new = insert.from_select(list(done), select(*done.values()).where(begin, lock))
            # Not the order key, since a worker may be handling another event of the transaction.
            lock, begin = _try_lock(pending["key"]), _begin_claim(literal_column("'60000'"))
            chosen = select(*pending.values()).where(~exists(GET), begin, lock)
            self.put = insert.from_select(list(pending), chosen)
            chosen = select(*failed.values()).where(_set("lock_timeout", literal_column("'1000'")))
            new_failure = insert.from_select(list(failed), chosen)
            requeue = requeue.where(begin, _try_lock(_c.order_key))
        self.put = self.put.on_conflict_do_nothing().returning(_c.key)
        self.requeue = requeue.values(updated_at=_now, due_at=_seconds).returning(_c.key)
        self.claim = new.on_conflict_do_update(
            index_elements=[_c.key],
            set_={"status": _done, "updated_at": new.excluded.updated_at},
            where=_is_open,
        ).returning(_c.key)
        attempts = _c.attempts + counted
        self.fail = new_failure.on_conflict_do_update(
            index_elements=[_c.key],
            set_={
                "status": _status_after(attempts),
                "attempts": attempts,
                "error": new_failure.excluded.error,
                "updated_at": new_failure.excluded.updated_at,
                "due_at": _seconds + _wait_after(attempts),
            },
            where=_is_open,
        ).returning(_c.status)


def _row(status: Any, attempts: Any = None, error: Any = None) -> dict[str, Any]:  # noqa: ANN401 - SQL
    """Return the values of a new row: those of an event are parameters named ``event_…``."""
    given = ("key", "order_key", "subscription", "event", "event_type", "body")
    of_transaction = ("transaction_id", "step", "customer_id")
    # The prefix, since an update reserves the names of the columns.
    row = {
        name: bindparam(f"event_{name}", type_=_c[name].type) for name in (*given, *of_transaction)
    }
    return {
        **row,
        "status": status,
        "attempts": _zero if attempts is None else attempts,
        "error": null() if error is None else error,
        "received_at": _now,
        "updated_at": _now,
        "due_at": _seconds,
    }


def _status_after(attempts: Any) -> Any:  # noqa: ANN401 - SQL
    is_last = attempts >= bindparam("max_attempts", type_=Integer)
    return case((is_last, _parked), else_=_failed)


def _wait_after(attempts: Any) -> Any:  # noqa: ANN401 - SQL
    """Return the seconds to wait after so many failures: a minute, doubled up to 17 hours.

    So `sweep`, however often it is called, tries an event for longer than the vendor does.
    """
    doubled = case((attempts > literal_column("11"), literal_column("11")), else_=attempts)
    return literal_column("30", Integer) * literal_column("1", Integer).op("<<")(doubled)


def _begin_claim(lease: Any) -> Any:  # noqa: ANN401 - SQL
    return and_(
        # A worker that does nothing in its transaction for longer than its lease loses it.
        _set("idle_in_transaction_session_timeout", lease),
        _set("calypso_pay.claim", _key),
        # A 200 promises that the event is on the disk, whatever is usual in this database.
        _set("synchronous_commit", literal_column("'on'")),
    )


def _set(name: str, value: Any) -> Any:  # noqa: ANN401 - SQL
    """Return a condition that is true, and sets a setting until the transaction ends."""
    return func.set_config(literal_column(f"'{name}'"), value, true()).is_not(None)


def _try_lock(key: Any) -> Any:  # noqa: ANN401 - SQL
    return func.pg_try_advisory_xact_lock(func.hashtextextended(key, text("0")))


def event_parameters(stored: StoredEvent, encoding: str) -> dict[str, object]:
    """Return the parameters that insert an event."""
    return {
        "event_key": stored.key,
        "event_order_key": stored.order_key,
        "event_subscription": storable(stored.subscription, encoding),
        "event_event": json.dumps(stored.event),
        "event_event_type": storable(stored.event_type, encoding),
        "event_transaction_id": stored.transaction and storable(stored.transaction, encoding),
        "event_step": stored.step,
        "event_customer_id": customer_key(stored.customer),
        "event_body": stored.body,
        **clock(),
    }


def clock() -> dict[str, object]:
    """Return the parameters for the present time."""
    now = datetime.now(UTC)
    return {"now": now, "seconds": now.timestamp()}


def milliseconds(lease: float) -> str:
    """Return a lease as PostgreSQL takes it."""
    return str(max(1, int(min(lease, _MAX_LEASE) * 1000)))


def stored_event(row: Row[Any]) -> StoredEvent:
    """Return the event in a row."""
    values = dict(row._mapping)  # noqa: SLF001 - documented; named so that columns can have any name
    values["event"] = json.loads(values["event"])
    values["transaction"] = values.pop("transaction_id")
    values["customer"] = values.pop("customer_id") or None
    del values["due_at"]
    for name in ("received_at", "updated_at"):
        # SQLite returns times without their zone.
        time = values[name]
        values[name] = time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    return StoredEvent(**values)


def customer_key(customer: object) -> str:
    """Return what a customer is found by; empty without one.

    It does not depend on the encoding of the database, which a migration does not know.
    """
    given = customer.lower() if isinstance(customer, str) else ""
    return storable(given, "ascii") if given.strip() else ""


def describe(error: BaseException, encoding: str) -> str:
    """Return the type and message of an exception."""
    try:
        message = str(error)
    except Exception:  # noqa: BLE001 - a handler's exception may be of any kind
        message = "(its message could not be read)"
    return storable(f"{type(error).__name__}: {message}"[:_MAX_ERROR], encoding)


def storable(text: str, encoding: str = "utf-8") -> str:
    """Return a text without what a database can't store; the key has the original."""
    return text.encode(encoding, "backslashreplace").decode().replace("\0", "\\x00")
