"""The SQL of an inbox. Statements are built once: building one takes longer than running it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Integer,
    String,
    Text,
    bindparam,
    case,
    cast,
    delete,
    func,
    literal,
    select,
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
_columns = [column.name for column in events.columns]
# The prefix, since an update reserves the names of the columns.
_values = {name: bindparam(f"new_{name}", type_=_c[name].type) for name in _columns}
_is_open = _c.status.in_(("pending", "failed"))
_key = bindparam("key", type_=String)
_now = bindparam("now", type_=_c.updated_at.type)
_before = bindparam("before", type_=_c.updated_at.type)
_limit = bindparam("limit", type_=Integer)
_oldest_first = (_c.updated_at, _c.key)

STATUS = select(_c.status).where(_c.key == _key)
STEPS = select(_c.step).where(
    _c.order_key == bindparam("order_key"),
    _c.key != _key,
    _c.status == "done",
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
FAILED = (
    select(events).where(_c.status.in_(("failed", "parked"))).order_by(*_oldest_first).limit(_limit)
)
COUNTS = (
    select(_c.status, func.count().label("number")).where(_c.status != "done").group_by(_c.status)
)
RETRY = update(events).where(_c.status == "parked").values(status="pending", attempts=0)
RETRY_SOME = RETRY.where(_c.key.in_(bindparam("keys", expanding=True)))
PURGE = delete(events).where(_c.status == "done", _c.updated_at < _before)


class Statements:
    """The statements that differ between kinds of databases.

    Attributes:
        claim: Inserts an event as done, or marks it as done if it is pending or failed. No row
            comes back if neither is possible. It is the first statement of a transaction, and it
            writes: so SQLite locks the database before anything is read. In PostgreSQL a lock on
            the order key, kept until the transaction ends, admits one event of each transaction,
            without waiting; the next statement sees what its former holder committed.
        put: Inserts an event that is to be handled later, unless it is stored.
        fail: Counts a failure of an event that is not done.

    Args:
        dialect: ``"postgresql"`` or ``"sqlite"``.
    """

    def __init__(self, dialect: str) -> None:
        insert: Any = (sqlite if dialect == "sqlite" else postgresql).insert(events)
        new = insert.values(_values)
        guarded = new if dialect == "sqlite" else insert.from_select(_columns, _locked())
        attempts = _c.attempts + 1
        is_last = attempts >= bindparam("max_attempts", type_=Integer)
        self.claim = guarded.on_conflict_do_update(
            index_elements=[_c.key],
            set_={"status": "done", "updated_at": guarded.excluded.updated_at},
            where=_is_open,
        ).returning(_c.key)
        self.put = new.on_conflict_do_nothing().returning(_c.key)
        self.fail = new.on_conflict_do_update(
            index_elements=[_c.key],
            set_={
                "status": case((is_last, literal("parked")), else_=literal("failed")),
                "attempts": attempts,
                "error": new.excluded.error,
                "updated_at": new.excluded.updated_at,
            },
            where=_is_open,
        ).returning(_c.status)


def _locked() -> Any:  # noqa: ANN401 - a Select of whatever the columns are
    # A worker that does nothing in its transaction for longer than its lease loses it.
    lease = cast(bindparam("lease"), Text)
    timeout = func.set_config("idle_in_transaction_session_timeout", lease, literal(value=True))
    lock = func.pg_try_advisory_xact_lock(cast(bindparam("lock"), BigInteger))
    return select(*_values.values()).where(timeout.is_not(None), lock)


def new_row(
    stored: StoredEvent, status: str, *, attempts: int = 0, error: BaseException | None = None
) -> dict[str, object]:
    """Return the parameters that insert an event."""
    now = datetime.now(UTC)
    row = {
        "key": stored.key,
        "order_key": stored.order_key,
        "status": status,
        "subscription": _storable(stored.subscription),
        "event": json.dumps(stored.event),
        "event_type": _storable(stored.event_type),
        "transaction_id": stored.transaction and _storable(stored.transaction),
        "step": stored.step,
        "attempts": attempts,
        "error": error and describe(error),
        "body": stored.body,
        "received_at": now,
        "updated_at": now,
    }
    return {f"new_{name}": value for name, value in row.items()}


def lock_parameters(stored: StoredEvent, lease: float) -> dict[str, object]:
    """Return what the claim needs for its lock in PostgreSQL."""
    milliseconds = max(1, int(min(lease, _MAX_LEASE) * 1000))
    lock = int.from_bytes(bytes.fromhex(stored.order_key[:16]), signed=True)
    return {"lease": str(milliseconds), "lock": lock}


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
    return _storable(f"{type(error).__name__}: {message}"[:_MAX_ERROR])


def _storable(text: str) -> str:
    """Return a text without what a database can't store; the key has the original."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
