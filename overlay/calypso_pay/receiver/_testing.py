"""What `testing.StoreTests` needs: workers with stores, and what is odd enough to be tried."""

from __future__ import annotations

import asyncio
import inspect
import threading
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for_futures
from contextlib import ExitStack, contextmanager, suppress
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeAlias, TypeVar
from unittest import SkipTest

from calypso_pay.receiver._drivers import is_async
from calypso_pay.receiver._store import Claim, ClaimStatus, Task

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator

    from calypso_pay.receiver.testing import StoreTests

T = TypeVar("T")

AnyStore: TypeAlias = Any
"""A `Store` or an `AsyncStore`; a subclass names its own class."""
AnyConnection: TypeAlias = Any
"""What the claims of a store have as `connection`; a subclass names its own class."""

ACQUIRED, BUSY, DONE, PARKED = (
    ClaimStatus.ACQUIRED,
    ClaimStatus.BUSY,
    ClaimStatus.DONE,
    ClaimStatus.PARKED,
)


class Held(NamedTuple):
    """A claim that a worker has."""

    worker: Worker
    task: Task
    claim: Claim

    def complete(self) -> None:
        self.worker.end(self, "complete")

    def release(self) -> None:
        self.worker.end(self, "release")

    def fail(self, error: BaseException | None = None) -> None:
        self.worker.end(self, "fail", error or ValueError("the handler failed"))

    def abandon(self) -> None:
        worker = self.worker
        worker.held.remove(self)
        # To be released at the end, so that a connection pool does not miss its connection.
        worker.lost.append(self)
        worker.run(worker.call(worker.kit.abandon, worker.store, self.task, self.claim))

    def write(self, value: str) -> None:
        self.worker.run(self.worker.call(self.worker.kit.write, self.claim.connection, value))


class Worker:
    """A thread with a store, or a part of the event loop."""

    def __init__(self, kit: StoreTests, store: AnyStore, runner: asyncio.Runner) -> None:
        self.kit = kit
        self.store = store
        self.held: list[Held] = []
        self.lost: list[Held] = []
        self._is_async = is_async(store.claim)
        self._runner = runner
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store-tests")

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine of this worker to its end, in its thread or in the event loop."""
        return self.start(coroutine)()

    def start(self, coroutine: Coroutine[Any, Any, T]) -> Callable[[], T]:
        """Start a coroutine if this worker is a thread; return what waits for its result."""
        if self._is_async:
            return partial(self._runner.run, _within(self.kit.patience, coroutine))
        future = self._thread.submit(_drive, coroutine)

        def wait() -> T:
            ended = wait_for_futures([future], self.kit.patience).done
            check(bool(ended), _TOO_LONG.format(self.kit.patience))
            return future.result()

        return wait

    async def call(self, function: Callable[..., Any], *args: object) -> Any:  # noqa: ANN401 - a user's own
        """Call a function of the store or of the subclass, and await what has to be awaited."""
        returned = function(*args)
        if not inspect.isawaitable(returned):
            return returned
        if not self._is_async:
            close = getattr(returned, "close", None)
            if close is not None:
                close()
            raise TypeError(
                f"{function.__qualname__} has to be awaited, and the store's claim has not."
            )
        return await returned

    async def pause(self) -> None:
        """Let other workers run."""
        if self._is_async:
            await asyncio.sleep(0)

    async def aclaim(self, task: Task, lease: float | None = None) -> Claim:
        """Claim an event, and remember the claim, so that it is released at the end."""
        check(not self.held, "a worker has one claim at a time")
        lease = self.kit.lease if lease is None else lease
        claim: Claim = await self.call(self.store.claim, task, lease)
        if claim.status == ACQUIRED:
            self.held.append(Held(self, task, claim))
        return claim

    async def acomplete(self, task: Task, claim: Claim) -> None:
        """Complete a claim."""
        self.held.remove(Held(self, task, claim))
        await self.call(self.store.complete, task, claim)

    async def attempt(self, task: Task) -> Claim | Exception:
        """Claim an event, and return the error if that fails: other workers may be waiting."""
        try:
            return await self.aclaim(task)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error

    def claim(self, task: Task) -> ClaimStatus:
        """Claim an event and return the status only; the worker keeps what it acquires."""
        return self.run(self.aclaim(task)).status

    def acquire(
        self, task: Task, why: str, *, steps: Iterable[str] = (), lease: float | None = None
    ) -> Held:
        """Claim an event, which has to succeed, with these completed steps of its transaction."""
        claim = self.run(self.aclaim(task, lease))
        check(claim.status == ACQUIRED, f"{why}: {brief(task)} is {claim.status}, not acquired")
        done = frozenset(claim.steps)
        check(
            done == frozenset(steps),
            f"{why}: the steps are {shown(done)}, not {shown(steps)}, for {brief(task)}",
        )
        return self.held[-1]

    def expect(self, status: ClaimStatus, task: Task, why: str, *also: ClaimStatus) -> None:
        """Claim an event, which has to be refused with this status."""
        found = self.claim(task)
        check(found in {status, *also}, f"{why}: {brief(task)} is {found}, not {status}")

    def end(self, held: Held, method: str, *args: object) -> None:
        """Call a method of the store for a claim, which may be no more."""
        if held in self.held:
            self.held.remove(held)
        self.run(self.call(getattr(self.store, method), held.task, held.claim, *args))

    def release_all(self) -> None:
        """Release what is left."""
        for held in (*self.held, *self.lost):
            with suppress(Exception):
                held.release()
        self.lost.clear()

    def finish(self) -> None:
        """End the thread."""
        self.run(self.call(self.kit.end_worker))
        self._thread.shutdown(wait=False)


class Run:
    """One test: its stores, its workers, and its event loop.

    Attributes:
        one: A worker.
        same: A second one, with the same store.
        other: A third one, with a store of its own over the same data.
    """

    def __init__(self, kit: StoreTests) -> None:
        self.kit = kit
        self._exit = ExitStack()
        self._workers: list[Worker] = []

    def __enter__(self) -> Self:
        with self._exit:
            self._runner = self._exit.enter_context(asyncio.Runner())
            self._store = self._open(self.kit.make_store)
            self.one = self._worker(self._store)
            self.same = self._worker(self._store)
            self.other = self.reopened()
            self._exit = self._exit.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        # All of them first: a worker of a test that failed may be waiting for another's claim.
        for worker in self._workers:
            worker.release_all()
        self._exit.close()

    def reopened(self) -> Worker:
        """Return a worker with a store of its own over the same data."""
        return self._worker(self._open(self.kit.reopen, self._store))

    def together(
        self, number: int, body: Callable[[Worker, int], Coroutine[Any, Any, T]]
    ) -> list[T]:
        """Run a coroutine in so many workers at once; half of them share the first store."""
        workers = [self._worker(each.store) for each in (self.one, self.other) * (number // 2)]
        if not is_async(self._store.claim):
            waiting = [each.start(body(each, n)) for n, each in enumerate(workers)]
            return [wait() for wait in waiting]

        async def gather() -> list[T]:
            return list(await asyncio.gather(*[body(each, n) for n, each in enumerate(workers)]))

        return self.one.run(gather())

    def barrier(self, number: int) -> Callable[[], object]:
        """Return a function that waits for so many workers; in an event loop, to be awaited."""
        if is_async(self._store.claim):
            return asyncio.Barrier(number).wait
        return threading.Barrier(number, timeout=self.kit.patience).wait

    def read(self) -> list[str]:
        """Return what the handlers wrote and committed."""
        return sorted(self.other.run(self.other.call(self.kit.read, self.other.store)))

    def fail_until_parked(self, task: Task) -> None:
        """Let an event fail as often as the store allows, by turns in both stores."""
        for count in range(limit_of(self.kit)):
            worker = (self.one, self.other)[count % 2]
            worker.acquire(task, f"after {count} failures, and {self.kit.parks_after} park").fail()

    def _open(self, function: Callable[..., Any], *args: object) -> AnyStore:
        store = self._wait(function(*args))
        self._exit.callback(lambda: self._wait(self.kit.close_store(store)))
        return store

    def _worker(self, store: AnyStore) -> Worker:
        worker = Worker(self.kit, store, self._runner)
        self._workers.append(worker)
        self._exit.callback(worker.finish)
        return worker

    def _wait(self, returned: object) -> AnyStore:
        if not inspect.isawaitable(returned):
            return returned
        return self._runner.run(_within(self.kit.patience, returned))


_TOO_LONG = "A call took longer than {} s: it has to return, or to raise."


def check(fact: bool, message: str) -> None:  # noqa: FBT001 - as of an assert
    # No `assert`: without pytest's rewriting it would say nothing.
    if not fact:
        raise AssertionError(message)


@contextmanager
def errors_allowed() -> Iterator[None]:
    """Ignore what a store raises for a claim that is no more, but not that a test failed."""
    try:
        yield
    except AssertionError:
        raise
    except Exception:  # noqa: BLE001, S110 - a user's own
        pass


def shown(steps: Iterable[str]) -> str:
    return ascii(sorted(steps))[:999]


def brief(task: Task) -> str:
    """Return an event as an error message shows it."""
    event = f"event {ascii(task.event)[:99]} of subscription {ascii(task.subscription)[:99]}"
    if task.transaction is not None:
        event += f" (transaction {ascii(task.transaction)[:99]}, step {ascii(task.step)[:99]})"
    return event


def _drive(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never waits."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    coroutine.close()
    raise TypeError("A method of a store without coroutines waited for an event loop.")


async def _within(seconds: float, awaitable: Awaitable[T]) -> T:
    timeout = asyncio.timeout(seconds)
    try:
        async with timeout:
            return await awaitable
    except TimeoutError as error:
        if timeout.expired():
            raise AssertionError(_TOO_LONG.format(seconds)) from error
        raise


def limit_of(kit: StoreTests) -> int:
    if kit.parks_after is None:
        raise SkipTest("the store never parks an event")
    check(kit.parks_after >= _LEAST_LIMIT, f"parks_after has to be at least {_LEAST_LIMIT}")
    return kit.parks_after


def store_test(body: Callable[[Any, Run], None]) -> Callable[[StoreTests], None]:
    """Make a test of a function that needs stores, which are closed before any fixture ends."""

    @wraps(body)
    def test(self: StoreTests) -> None:
        with Run(self) as run:
            body(self, run)

    # Otherwise pytest would look for a fixture named `run`.
    del test.__wrapped__
    return test


def transactional_test(body: Callable[[Any, Run], None]) -> Callable[[StoreTests], None]:
    """Make a test that is only for stores with a connection."""

    @wraps(body)
    def only_with_a_connection(self: StoreTests, run: Run) -> None:
        if not self.transactional:
            raise SkipTest("the store is not transactional")
        body(self, run)

    return store_test(only_with_a_connection)


def concurrent_test(body: Callable[[Any, Run], None]) -> Callable[[StoreTests], None]:
    """Make a test that is only for stores with several claims at once."""

    @wraps(body)
    def only_with_several_claims(self: StoreTests, run: Run) -> None:
        if not self.concurrent:
            raise SkipTest("the store has one claim at a time")
        body(self, run)

    return store_test(only_with_several_claims)


def make_task(
    event: int | str = 1,
    transaction: str | None = "transaction",
    step: str | None = "received",
    subscription: str = "subscription",
) -> Task:
    return Task(subscription, event, transaction, step)


_LEAST_LIMIT = 3
WORKERS = 8
ROUNDS = 5
STEPS = ("step 0", "step 1")
# The receiver's own words, unlike the texts of an event.
WORDS = ("received", "Received", "received ", "\xe9", "e\u0301", "\N{MONEY BAG}", "x" * 100, "")
SEPARATORS = (":", "/", "|", ",", ";", " ", "-", "_", "\0", "\n", "\x1f", "", "', '", '", "')
_LONG = "x" * 10_000
TEXTS = (
    *("", " ", "x", "X", "x ", " x", "x\n", "é", "e\u0301", "\N{MONEY BAG}", "\u202ex"),
    *("x\0", "\0", "x\0y", "x\\0", "x\\x00", "x\\u0000", "\ud800", "\udfff", "\ud83d\udcb0"),
    *("?", "\ufffd", "\\ud800", "'; DROP TABLE events; --", "%s", ":x", "{}", "None", "null"),
    *(_LONG, _LONG + "x", _LONG + "y", "\N{MONEY BAG}" * 10_000),
)
BODIES = (b"", b"\0", bytes(range(256)), b"{}", b"\xff\xfe{", b"x" * 1_000_000)
# What the end of a claim that is no more may change: late success is success too.
BESIDES: dict[Callable[[Held], None], tuple[ClaimStatus, ...]] = {
    Held.release: (),
    Held.fail: (),
    Held.complete: (DONE,),
}


class _UnreadableError(Exception):
    """An error without a text."""

    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


def odd_errors() -> Iterator[BaseException]:
    """Return errors of all kinds."""
    not_text = type("NotTextError", (Exception,), {"__str__": lambda _: 5})
    yield from (ValueError(), ValueError("x" * 1_000_000), ValueError("x\0y"), ValueError("\ud800"))
    yield from (_UnreadableError(), not_text("x"), ExceptionGroup("two", [_UnreadableError()]))
    yield from (KeyboardInterrupt(), SystemExit("x"), GeneratorExit(), asyncio.CancelledError())
    yield type("\N{MONEY BAG}" * 1000, (Exception,), {"__module__": None})("x")
    circular = ValueError("\N{MONEY BAG}")
    circular.__cause__ = ValueError("the cause")
    circular.__cause__.__cause__ = circular
    circular.add_note("\0")
    yield circular


async def until_not_busy(worker: Worker, task: Task, first: Claim | Exception) -> Claim:
    """Claim an event until it is not busy, after a first claim."""
    claim = first
    for _ in range(100_000):
        if isinstance(claim, Exception):
            raise claim
        if claim.status != BUSY:
            return claim
        await worker.pause()
        claim = await worker.aclaim(task)
    raise AssertionError(f"{brief(task)} is still busy, and no worker has it")


def raised(error: BaseException) -> BaseException:
    """Return an error as it is when it was raised."""

    def fail() -> None:
        raise error

    try:
        fail()
    except BaseException as found:  # noqa: BLE001 - any error
        return found
    return error


class Section:
    """A transaction whose events are handled by workers at the same time, and what was wrong."""

    def __init__(self, transaction: str, gate: Callable[[], object]) -> None:
        self.wrong: list[str] = []
        self._transaction = transaction
        self._gate = gate
        self._done: list[str] = []
        self._inside: list[int] = []

    async def handle(self, worker: Worker, number: int) -> None:
        """Handle one event of the transaction, and note whether it was alone."""
        task = make_task(number, self._transaction, f"step {number}")
        first = await worker.attempt(task)
        if isinstance(first, Claim) and first.status == ACQUIRED:
            self._inside.append(number)
        # The first one completes its event while the others claim theirs for the second time.
        await worker.call(self._gate)
        claim = await until_not_busy(worker, task, first)
        if claim is not first:
            self._inside.append(number)
        if self._inside != [number]:
            self.wrong.append(f"the events {self._inside} were claimed at once")
        if frozenset(claim.steps) != frozenset(self._done):
            self.wrong.append(f"the steps are {shown(claim.steps)}, not {shown(self._done)}")
        self._done.append(f"step {number}")
        self._inside.remove(number)
        await worker.acomplete(task, claim)
