"""One client serves many threads or tasks at once, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import cycle, pairwise
from typing import TYPE_CHECKING, Any, Self

import httpx
import pytest

from calypso_mock import Mock, Server
from calypso_pay import AsyncCalypso, Calypso, CalypsoError, ConfigurationError, NotFoundError
from tests.overlay.peers import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calypso_api.models import Customer

THREADS = 16
TASKS = 16
ROUNDS = 2
DAY = 86_400.0


@pytest.fixture(scope="module")
def served() -> Iterator[Server]:
    with Server(Mock()) as server:
        yield server


@pytest.fixture
def server(served: Server) -> Server:
    served._mock.reset()
    return served


@pytest.fixture
def settings(server: Server) -> dict[str, Any]:
    return dict(server._mock.settings(base_url=server.url))


@pytest.fixture
def own_settings() -> Iterator[dict[str, Any]]:
    """Settings for a server of its own, for abandoned calls may reach it late."""
    with Server(Mock()) as server:
        yield dict(server._mock.settings(base_url=server.url))


@pytest.fixture(params=[0.0, -DAY, DAY], ids=["right clock", "a day behind", "a day ahead"])
def clock(request: pytest.FixtureRequest) -> Callable[[], float]:
    off: float = request.param
    return lambda: time.time() + off


def email(who: int, turn: int) -> str:
    return f"customer-{who}-{turn}@shop.example"


def assert_all_are_their_own(found: list[list[Customer]], mock: Mock) -> None:
    """Each response belongs to its request, and the server received the same."""
    for who, customers in enumerate(found):
        assert [customer.email for customer in customers] == [
            email(who, turn) for turn in range(ROUNDS)
        ]
        assert len({customer.id for customer in customers}) == 1
    ids = [customers[0].id for customers in found]
    assert len(set(ids)) == len(found)
    assert {kept["id"] for kept in mock.state()["accounts"][0]["customers"]} == set(ids)


def test_threads_share_a_client(
    server: Server, settings: dict[str, Any], clock: Callable[[], float]
) -> None:
    """Every response goes to its own caller, also while the clock's offset is being learnt."""
    start = threading.Barrier(THREADS)

    def work(who: int) -> list[Customer]:
        start.wait(PATIENCE)
        made = client.customers.create(email=email(who, 0))
        updates = [
            client.customers.update(made.id, email=email(who, turn)) for turn in range(1, ROUNDS)
        ]
        with pytest.raises(NotFoundError):
            client.customers.block(f"00000000-0000-4000-8000-{who:012}")
        return [made, *updates]

    with Calypso(**settings, clock=clock) as client, ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(work, range(THREADS), timeout=PATIENCE))

    assert_all_are_their_own(found, server._mock)


def test_tasks_share_a_client(
    server: Server, settings: dict[str, Any], clock: Callable[[], float]
) -> None:
    async def work(client: AsyncCalypso, who: int) -> list[Customer]:
        made = await client.customers.create(email=email(who, 0))
        updates = [
            await client.customers.update(made.id, email=email(who, turn))
            for turn in range(1, ROUNDS)
        ]
        with pytest.raises(NotFoundError):
            await client.customers.block(f"00000000-0000-4000-8000-{who:012}")
        return [made, *updates]

    async def run() -> list[list[Customer]]:
        async with AsyncCalypso(**settings, clock=clock) as client, asyncio.timeout(PATIENCE):
            return await asyncio.gather(*(work(client, who) for who in range(TASKS)))

    assert_all_are_their_own(asyncio.run(run()), server._mock)


def dismiss(outcomes: list[object]) -> None:
    """Check that some calls were served, and that the rest ended as ours do."""
    foreign = [end for end in outcomes if isinstance(end, Exception) and not _is_ours(end)]
    assert foreign == []
    assert any(not isinstance(end, Exception) for end in outcomes)
    assert isinstance(outcomes[-1], ConfigurationError)
    outcomes.clear()
    gc.collect()


def _is_ours(error: Exception) -> bool:
    return isinstance(error, CalypsoError) and error.operation is not None


# A connection that is being made while its pool is closed, or its call cancelled, is left to the
# collector by httpcore and anyio. Collected later, it would be held against another test.
closing = pytest.mark.filterwarnings(
    "ignore:Exception ignored:pytest.PytestUnraisableExceptionWarning"
)


@closing
def test_a_client_may_be_closed_while_threads_are_calling(own_settings: dict[str, Any]) -> None:
    """Each call ends with a model or one of our errors, and none hangs."""
    # A thread whose socket was closed under it may notice at its timeout only.
    client = Calypso(**own_settings, backoff=0, timeout=1.0)
    served = threading.Semaphore(0)
    outcomes: list[object] = []

    def work() -> None:
        while True:
            try:
                outcomes.append(client.customers.create())
                served.release()
            except ConfigurationError as closed:
                outcomes.append(closed)
                return
            except Exception as error:  # noqa: BLE001 - whether it is ours is the question
                outcomes.append(error)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        assert served.acquire(timeout=PATIENCE)
    client.close()
    for thread in threads:
        thread.join(PATIENCE)

    assert not any(thread.is_alive() for thread in threads)
    dismiss(outcomes)


@closing
def test_a_client_may_be_closed_while_tasks_are_calling(own_settings: dict[str, Any]) -> None:
    outcomes: list[object] = []

    async def work(client: AsyncCalypso, served: asyncio.Semaphore) -> None:
        while True:
            try:
                outcomes.append(await client.customers.create())
                served.release()
            except ConfigurationError as closed:
                outcomes.append(closed)
                return
            except Exception as error:  # noqa: BLE001 - whether it is ours is the question
                outcomes.append(error)

    async def run() -> None:
        client = AsyncCalypso(**own_settings, backoff=0)
        served = asyncio.Semaphore(0)
        tasks = [asyncio.create_task(work(client, served)) for _ in range(8)]
        async with asyncio.timeout(PATIENCE):
            for _ in range(20):
                await served.acquire()
            await client.aclose()
            await asyncio.gather(*tasks)

    asyncio.run(run())
    dismiss(outcomes)


class Steps(logging.Handler):
    """Call something at a certain step of httpcore, which logs all that it does."""

    def __init__(self, at: int, do: Callable[[], object]) -> None:
        super().__init__()
        self._left = at
        self._do = do

    def __enter__(self) -> Self:
        logger = logging.getLogger("httpcore")
        self._level = logger.level
        logger.setLevel(logging.DEBUG)
        logger.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logger = logging.getLogger("httpcore")
        logger.removeHandler(self)
        logger.setLevel(self._level)

    def emit(self, _: logging.LogRecord) -> None:
        self._left -= 1
        if self._left == 0:
            self._do()


@closing
def test_cancelled_tasks_leak_no_connection(own_settings: dict[str, Any]) -> None:
    """Wherever they are cancelled: a pool of four still serves the calls that come after them."""
    own = httpx.AsyncClient(limits=httpx.Limits(max_connections=4))
    pool: Any = own._transport._pool  # type: ignore[attr-defined]

    async def run() -> None:
        async with own, AsyncCalypso(**own_settings, http_client=own) as client:
            async with asyncio.timeout(PATIENCE):
                for step in range(1, 100, 3):
                    tasks = [asyncio.create_task(client.customers.create()) for _ in range(8)]
                    with Steps(step, lambda tasks=tasks: [task.cancel() for task in tasks]):
                        await asyncio.gather(*tasks, return_exceptions=True)
            assert all(kept.is_idle() or kept.is_closed() for kept in pool.connections)
            assert len(pool.connections) <= 4
            assert pool._requests == []
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(*(client.accounts.get() for _ in range(16)))

    asyncio.run(run())
    assert pool.connections == []
    gc.collect()


GOOD = httpx.Response(200, content=b'{"id":"1"}')
BAD = {
    "refused": httpx.Response(400, json={"errorCode": "001", "message": "payload.email=[no]"}),
    "server error": httpx.Response(500, json={"errorCode": "000", "message": "no"}),
    "no JSON": httpx.Response(200, content=b"<html>"),
    "not as documented": httpx.Response(200, content=b'{"id":[]}'),
}


class Constant(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Always responds the same, at once; without a response it fails."""

    def __init__(self, response: httpx.Response | None) -> None:
        self.response = response

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.response is None:
            raise httpx.ReadTimeout("no", request=request)
        content = self.response.content
        return httpx.Response(self.response.status_code, content=content)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


FAILURES = {**BAD, "timeout": None}


def make(response: httpx.Response | None, kind: Any = Calypso) -> Any:
    return kind(
        key="key",
        secret="secret",
        account="0xabc",
        transport=Constant(response),
        backoff=0,
        max_retries=1,
    )


def held() -> tuple[int, int]:
    """Return how many blocks of memory, and how many objects, Python holds."""
    gc.collect()
    return sys.getallocatedblocks(), len(gc.get_objects())


def clients(kind: Any) -> list[Any]:
    """Make clients of which every fifth fails, each in a way of its own."""
    good = [make(GOOD, kind)] * 4
    return [client for bad in FAILURES.values() for client in (*good, make(bad, kind))]


def grown(calls: int, *, windows: int) -> list[tuple[int, int]]:
    """Return by how much memory grew in each of some windows of calls, half of them async."""
    threaded, asynchronous = clients(Calypso), clients(AsyncCalypso)

    async def await_all() -> None:
        for _, client in zip(range(calls // 2), cycle(asynchronous), strict=False):
            with suppress(CalypsoError):
                await client.customers.create()

    def run() -> tuple[int, int]:
        for _, client in zip(range(calls // 2), cycle(threaded), strict=False):
            with suppress(CalypsoError):
                client.customers.create()
        runner.run(await_all())
        return held()

    with asyncio.Runner() as runner:
        run()
        seen = [run() for _ in range(windows + 1)]
    return [(after[0] - before[0], after[1] - before[1]) for before, after in pairwise(seen)]


def test_calls_grow_no_memory() -> None:
    """What leaks, leaks in every window; what is cached late, in some."""
    blocks, objects = zip(*grown(400, windows=5), strict=True)

    # Each kind of failure comes eight times in a window, sync and async.
    assert min(objects) < 8, (objects, blocks)
    assert min(blocks) < 16, (blocks, objects)


@pytest.mark.slow
def test_twenty_thousand_calls_grow_no_memory() -> None:
    """However slowly: what is held after 20,000 calls was held after 5,000."""
    windows = grown(2_500, windows=7)

    assert sum(blocks for blocks, _ in windows[1:]) < 1_000
    assert sum(objects for _, objects in windows[1:]) < 100


def test_an_error_is_freed_as_soon_as_it_is_not_referenced() -> None:
    """No cycle keeps it, and the response with it, until the collector comes round."""

    async def run(asynchronous: AsyncCalypso) -> list[weakref.ref[CalypsoError]]:
        return [
            await _afail(asynchronous.customers.create),
            await _afail(asynchronous.accounts.get),
        ]

    left = {}
    gc.collect()
    gc.disable()
    try:
        for name, response in FAILURES.items():
            client = make(response)
            references = [_fail(client.customers.create), _fail(client.accounts.get)]
            references += asyncio.run(run(make(response, AsyncCalypso)))
            left[name] = [reference() for reference in references]
    finally:
        gc.enable()

    assert left == {name: [None] * 4 for name in FAILURES}


def _fail(call: Callable[[], object]) -> weakref.ref[CalypsoError]:
    try:
        call()
    except CalypsoError as error:
        return weakref.ref(error)
    raise AssertionError


async def _afail(call: Callable[[], Any]) -> weakref.ref[CalypsoError]:
    try:
        await call()
    except CalypsoError as error:
        return weakref.ref(error)
    raise AssertionError
