"""A store for one process, which forgets when the process ends."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar
from uuid import uuid4
from weakref import WeakSet

from calypso_pay.receiver._store import Claim, ClaimStatus, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")
# By all of it: should ids be used again, for another transaction say, no event hides another.
EventKey: TypeAlias = Task


class _Hold(NamedTuple):
    token: str
    until: float


class MemoryStore:
    """Remembers in this process's memory: for a single process, and for tests.

    After a restart, and after more events than it holds, a repeated event counts as a new one.
    Where that could do harm, keep the events in the database that the handlers write to. After a
    fork each process goes on by itself, and an event may be handled in each.

    Args:
        max_events: How many events, and how many transactions, are remembered; beyond that the
            oldest are forgotten.
        clock: Returns seconds that only grow.
    """

    def __init__(
        self, max_events: int = 100_000, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._max = max_events
        self._clock = clock
        self._lock = threading.Lock()
        self._held: dict[EventKey | str, _Hold] = {}
        # Dictionaries keep the order of insertion: the first is the oldest.
        self._done: dict[EventKey, None] = {}
        self._steps: dict[str, frozenset[str]] = {}
        _stores.add(self)

    def __len__(self) -> int:
        return len(self._done)

    def claim(self, task: Task, lease: float) -> Claim:
        """Claim an event and its transaction, both or neither; see `Store`.

        Args:
            task: What is to be done.
            lease: Seconds after which others may claim it, unless it is completed or released.
        """
        with self._lock:
            if task in self._done:
                return Claim(ClaimStatus.DONE)
            now = self._clock()
            if any(self._is_held(name, now) for name in _names(task)):
                return Claim(ClaimStatus.BUSY)
            token = uuid4().hex
            for name in _names(task):
                self._held[name] = _Hold(token, now + lease)
            return Claim(ClaimStatus.ACQUIRED, token, self._steps_of(task))

    def complete(self, task: Task, claim: Claim) -> None:
        """Remember that the event and its step are done; see `Store`.

        Args:
            task: What is done.
            claim: What claiming it gave.
        """
        with self._lock:
            self._give_up(task, claim)
            self._done[task] = None
            _forget_the_oldest(self._done, self._max)
            if task.transaction is not None and task.step is not None:
                steps = self._steps_of(task) | {task.step}
                # Put last again: the transaction was just heard of.
                self._steps.pop(task.transaction, None)
                self._steps[task.transaction] = steps
                _forget_the_oldest(self._steps, self._max)

    def release(self, task: Task, claim: Claim) -> None:
        """Give up what the claim still holds; see `Store`.

        Args:
            task: What is not done.
            claim: What claiming it gave.
        """
        with self._lock:
            self._give_up(task, claim)

    def _is_held(self, name: EventKey | str, now: float) -> bool:
        hold = self._held.get(name)
        return hold is not None and now < hold.until

    def _give_up(self, task: Task, claim: Claim) -> None:
        for name in _names(task):
            hold = self._held.get(name)
            # After the end of a lease it may be another's.
            if hold is not None and hold.token == claim.token:
                del self._held[name]

    def _steps_of(self, task: Task) -> frozenset[str]:
        return self._steps.get(task.transaction or "", frozenset())


def _names(task: Task) -> Iterator[EventKey | str]:
    yield task
    if task.transaction is not None:
        yield task.transaction


def _forget_the_oldest(things: dict[T, Any], most: int) -> None:
    while len(things) > most:
        del things[next(iter(things))]


_stores: WeakSet[MemoryStore] = WeakSet()


def _unlock() -> None:
    # A thread that held a lock at the moment of a fork does not exist in the child to release it.
    for store in _stores:
        store._lock = threading.Lock()  # noqa: SLF001 - one of ours


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlock)
