"""The store of a receiver, on Django's own connection."""

from __future__ import annotations

import sqlite3
from ast import literal_eval
from contextlib import contextmanager
from datetime import timedelta
from traceback import format_exception_only
from typing import TYPE_CHECKING

from attrs import evolve
from django.db import IntegrityError, OperationalError, connections, transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone

from calypso_pay.receiver import Claim, ClaimStatus, StoredEvent, Task
from shop.models import Event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class EventStore:
    """Remembers events in the table `Event`, in the transaction in which the handler writes.

    `claim` enters ``transaction.atomic()``, the handler uses the ORM, and `complete` commits its
    writes together with the mark that the event is done. If the process dies before that, neither
    is in the database, and the event comes again.

    Call `Receiver.handle`, in a view that is not async: Django's connections belong to threads, and
    it closes those of its own threads only.

    Args:
        using: The database, as named in ``DATABASES``.
        max_attempts: How often a handler may fail before its event is parked. The vendor delivers
            an event 19 times.
    """

    def __init__(self, using: str = "default", *, max_attempts: int = 19) -> None:
        self._using = using
        self._max_attempts = max_attempts
        # One object for all threads: its state is in the connection of each. Durable, because
        # inside another transaction `complete` would not commit.
        self._atomic = transaction.atomic(using, durable=True)
        self._events = Event.objects.using(using)

    def claim(self, task: Task, lease: float) -> Claim:
        """Open a transaction, and mark the event as done in it."""
        row = _row(task, Event.Status.DONE)
        if not self._lock(row.order_key, lease):
            # Another copy of a done event holds the lock for a moment, too.
            is_done = self._events.filter(key=row.key, status=Event.Status.DONE).exists()
            return Claim(ClaimStatus.DONE if is_done else ClaimStatus.BUSY)
        return self._hold(lambda: self._mark(row))

    def complete(self, task: Task, claim: Claim) -> None:
        """Commit."""
        connection = connections[self._using]
        if claim.connection is not connection or not connection.in_atomic_block:
            raise RuntimeError("The transaction of this claim is not open in this thread.")
        with self._rollback_on_error():
            # After an error that the handler caught, PostgreSQL would roll back at the commit and
            # not say so. This raises instead.
            self._events.only("key").get(key=claim.token)
        self._atomic.__exit__(None, None, None)

    def release(self, task: Task, claim: Claim) -> None:
        """Roll back what the handler wrote, and the mark."""
        self._roll_back()

    def fail(self, task: Task, claim: Claim, error: BaseException) -> None:
        """Roll back, and count the failure in a transaction of its own."""
        self._roll_back()
        row = _row(task, Event.Status.PENDING)
        if not self._lock(row.order_key):
            return  # Another worker has it already, and may succeed.
        with self._rollback_on_error():
            self._events.bulk_create([row], ignore_conflicts=True)
            self._events.filter(key=row.key).exclude(status=Event.Status.DONE).update(
                status=Case(
                    When(attempts__gte=self._max_attempts - 1, then=Value(Event.Status.PARKED)),
                    default=Value(Event.Status.FAILED),
                ),
                attempts=F("attempts") + 1,
                error=_storable("".join(format_exception_only(error)).strip())[:1000],
                updated_at=row.updated_at,
            )
        self._atomic.__exit__(None, None, None)

    def put(self, task: Task) -> Claim:
        """Store an event for a worker, in a transaction that `complete` commits."""
        row = _row(task, Event.Status.PENDING)
        self._atomic.__enter__()
        try:
            return self._hold(lambda: self._insert(row))
        except IntegrityError:
            return Claim(ClaimStatus.DONE)

    def get(self, key: str) -> StoredEvent:
        """Return a stored event."""
        row = self._events.filter(key=key).first()
        if row is None:
            raise LookupError(f"There is no event with the key {key!r}.")
        return _stored(row)

    def due(self, older_than: float, limit: int) -> list[StoredEvent]:
        """List events that wait for a worker, or for another try, for so many seconds."""
        before = timezone.now() - timedelta(seconds=older_than)
        waiting = self._events.filter(status__in=[Event.Status.PENDING, Event.Status.FAILED])
        rows = waiting.filter(updated_at__lte=before).order_by("updated_at")
        return [_stored(row) for row in rows[:limit]]

    def requeue(self, stored: StoredEvent) -> Claim:
        """Note that an event is queued again, in a transaction that `complete` commits."""
        self._atomic.__enter__()
        return self._hold(lambda: self._touch(stored))

    def retry(self, *keys: str) -> int:
        """Let parked events be tried again, when `Receiver.sweep` is called next."""
        parked = self._events.filter(key__in=keys, status=Event.Status.PARKED)
        count: int = parked.update(status=Event.Status.PENDING, attempts=0)
        return count

    def _lock(self, key: str, lease: float = 60) -> bool:
        """Open a transaction that locks what all events of a transaction of the API share.

        PostgreSQL releases an advisory lock when the connection ends, and it ends a connection that
        left it alone for longer than the lease. In SQLite there is one transaction at a time.
        """
        try:
            self._atomic.__enter__()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
                return False
            raise
        with self._rollback_on_error():
            locked = self._advisory_lock(key, lease)
        if not locked:
            self._roll_back()
        return locked

    def _advisory_lock(self, key: str, lease: float) -> bool:
        connection = connections[self._using]
        if connection.vendor != "postgresql":
            return True
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_try_advisory_xact_lock(%s),"
                " set_config('idle_in_transaction_session_timeout', %s, true)",
                [int(key[:16], 16) - 2**63, f"{lease * 1000:.0f}"],
            )
            return bool(cursor.fetchone()[0])

    def _hold(self, first: Callable[[], Claim]) -> Claim:
        """Return a claim, and roll the transaction back unless it is acquired."""
        with self._rollback_on_error():
            claim = first()
        if claim.status != ClaimStatus.ACQUIRED:
            self._roll_back()
        return claim

    def _mark(self, row: Event) -> Claim:
        events = self._events.filter(order_key=row.order_key).defer("body")
        known = {each.key: each for each in events}
        before = known.pop(row.key, None)
        if before and before.status in {Event.Status.DONE, Event.Status.PARKED}:
            return Claim(ClaimStatus(before.status))
        if before:
            self._events.filter(key=row.key).update(status=row.status, updated_at=row.updated_at)
        else:
            row.save(using=self._using, force_insert=True)
        done = [_task(each) for each in known.values() if each.status == Event.Status.DONE]
        return self._acquired(row.key, {each.step for each in done if each.step is not None})

    def _insert(self, row: Event) -> Claim:
        row.save(using=self._using, force_insert=True)
        return self._acquired(row.key)

    def _touch(self, stored: StoredEvent) -> Claim:
        same = self._events.filter(key=stored.key, updated_at=stored.updated_at)
        if not same.exclude(status=Event.Status.DONE).update(updated_at=timezone.now()):
            return Claim(ClaimStatus.BUSY)
        return self._acquired(stored.key)

    def _acquired(self, key: str, steps: Iterable[str] = ()) -> Claim:
        return Claim(ClaimStatus.ACQUIRED, key, frozenset(steps), connections[self._using])

    @contextmanager
    def _rollback_on_error(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        if connections[self._using].in_atomic_block:
            transaction.set_rollback(rollback=True, using=self._using)
            self._atomic.__exit__(None, None, None)


def _row(task: Task, status: str) -> Event:
    stored = StoredEvent.of(task)
    names = (task.subscription, task.event, task.transaction, task.step, task.event_type)
    return Event(
        key=stored.key,
        order_key=stored.order_key,
        status=status,
        task=repr(names),
        body=task.body,
    )


def _task(row: Event) -> Task:
    return Task(*literal_eval(row.task))


def _stored(row: Event) -> StoredEvent:
    return evolve(
        StoredEvent.of(_task(row)),
        status=row.status,
        attempts=row.attempts,
        error=row.error or None,
        received_at=row.received_at,
        updated_at=row.updated_at,
        body=bytes(row.body),
    )


def _storable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "")
