"""A store in memory, for one process."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar
from uuid import uuid4
from weakref import WeakSet

from calypso_api._events import letters
from calypso_pay._scope import Scope
from calypso_pay.receiver._second_process import warn_if_second
from calypso_pay.receiver._store import Claim, ClaimStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calypso_pay.receiver._store import Task

T = TypeVar("T")
# If an event id is reused, for another transaction say, both events are handled.
EventKey: TypeAlias = tuple[str, int | str, str | None, str]


class _Lease(NamedTuple):
    token: str
    expires_at: float


class MemoryStore:
    """Remembers events in memory: for a single process, and for tests.

    After a restart, and after more events than it keeps, an event that is delivered again counts as
    a new one. Where that could do harm, keep the events in the database that the handlers write to.
    Each process has a store of its own, also after a fork, and an event may be handled in each. So
    a second process logs a warning, where that can be noticed: after a fork, and on Linux when
    another process of this user gets events of the same subscription with a `MemoryStore`.
    An event that failed may be claimed again, however often it failed.

    Args:
        max_events: How many events, and how many transactions, are remembered; the oldest are
            forgotten first.
        clock: Returns a time in seconds that never decreases.
    """

    def __init__(
        self, max_events: int = 100_000, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._max = max_events
        self._clock = clock
        self._lock = threading.Lock()
        self._leases: dict[EventKey | str, _Lease] = {}
        # Dictionaries keep the order of insertion: the first is the oldest.
        self._done: dict[EventKey, None] = {}
        self._steps: dict[str, frozenset[str]] = {}
        self._made_in = Scope.current()
        _stores.add(self)

    def __len__(self) -> int:
        return len(self._done)

    def claim(self, task: Task, lease: float) -> Claim:
        """Claim an event and its transaction, both or neither; see `Store`.

        Args:
            task: The event, and the step of its transaction.
            lease: Seconds after which another worker may claim it, unless it is completed or
                released.
        """
        warn_if_second(self._made_in, task.subscription)
        with self._lock:
            if _key(task) in self._done:
                return Claim(ClaimStatus.DONE)
            now = self._clock()
            if any(self._is_leased(key, now) for key in _keys(task)):
                return Claim(ClaimStatus.BUSY)
            token = uuid4().hex
            for key in _keys(task):
                self._leases[key] = _Lease(token, now + lease)
            return Claim(ClaimStatus.ACQUIRED, token, self._steps_of(task))

    def complete(self, task: Task, claim: Claim) -> None:
        """Remember that the event and its step are done; see `Store`.

        Args:
            task: The event, and the step of its transaction.
            claim: What `claim` returned.
        """
        with self._lock:
            self._release(task, claim)
            self._done[_key(task)] = None
            _drop_oldest(self._done, self._max)
            if task.transaction is not None and task.step is not None:
                steps = self._steps_of(task) | {task.step}
                # Removed first, so that the transaction becomes the newest.
                self._steps.pop(task.transaction, None)
                self._steps[task.transaction] = steps
                _drop_oldest(self._steps, self._max)

    def release(self, task: Task, claim: Claim) -> None:
        """Release what this claim still has; see `Store`.

        Args:
            task: The event, and the step of its transaction.
            claim: What `claim` returned.
        """
        with self._lock:
            self._release(task, claim)

    def fail(self, task: Task, claim: Claim, error: BaseException) -> None:  # noqa: ARG002 - counts nothing
        """Release what this claim still has; see `Store`. It never parks an event.

        Args:
            task: The event, and the step of its transaction.
            claim: What `claim` returned.
            error: What the handler raised.
        """
        self.release(task, claim)

    def _is_leased(self, key: EventKey | str, now: float) -> bool:
        lease = self._leases.get(key)
        return lease is not None and now < lease.expires_at

    def _release(self, task: Task, claim: Claim) -> None:
        for key in _keys(task):
            lease = self._leases.get(key)
            # After this lease expired, a later claim may have the event.
            if lease is not None and lease.token == claim.token:
                del self._leases[key]

    def _steps_of(self, task: Task) -> frozenset[str]:
        if task.transaction is None:
            return frozenset()
        return self._steps.get(task.transaction, frozenset())


def _key(task: Task) -> EventKey:
    # Not the task itself, which has the body.
    return task.subscription, task.event, task.transaction, letters(task.event_type)


def _keys(task: Task) -> Iterator[EventKey | str]:
    yield _key(task)
    if task.transaction is not None:
        yield task.transaction


def _drop_oldest(entries: dict[T, Any], limit: int) -> None:
    while len(entries) > limit:
        del entries[next(iter(entries))]


_stores: WeakSet[MemoryStore] = WeakSet()


def _replace_locks() -> None:
    # The thread that had a lock at the moment of the fork is not in the child to release it.
    for store in _stores:
        store._lock = threading.Lock()  # noqa: SLF001 - of this module


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_replace_locks)
