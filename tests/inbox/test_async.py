"""An inbox over an engine of asyncio, and a synchronous one in an event loop."""

from __future__ import annotations

import asyncio
import gc
import threading
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from calypso_pay.inbox import AsyncInbox, Inbox
from calypso_pay.receiver import MemoryStore, Receiver, Result, StoredEvent, Task
from calypso_pay.webhooks import PurseExpiredEvent, PurseFundsReceivedEvent
from tests.inbox.shop import close as close_shop
from tests.inbox.shop import ledger, open_shop
from tests.receiver.deposits import SECRET, SUBSCRIPTION, TRANSACTION, delivery

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

DRIVERS = ("sqlite+aiosqlite", "postgresql+psycopg", "postgresql+asyncpg")


@pytest.fixture(params=DRIVERS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, for an asynchronous driver."""
    scheme, _, _ = request.param.partition("+")
    if scheme == "sqlite":
        return f"{request.param}:///{tmp_path}/shop.db"
    return str(request.getfixturevalue("postgres_url")).replace("postgresql+psycopg", request.param)


def test_a_coroutine_function_books_in_the_transaction_of_the_claim(url: str) -> None:
    sync_url = url.replace("+aiosqlite", "").replace("+asyncpg", "+psycopg")
    shop = open_shop(sync_url)
    fail = [True]

    async def book(event: PurseFundsReceivedEvent, connection: AsyncConnection) -> None:
        assert event.data is not None
        await connection.execute(insert(ledger).values(transaction_id=event.data.transaction_id))
        if fail:
            raise ValueError(fail.pop())

    async def deliver_to_three_tasks() -> list[Any]:
        inbox = AsyncInbox(url)
        receiver = Receiver(SECRET, store=inbox)
        receiver.on(PurseFundsReceivedEvent)(book)
        body, headers = delivery(PurseFundsReceivedEvent)
        first = await receiver.ahandle(body, headers)
        copies = [receiver.ahandle(body, headers) for _ in range(3)]
        results = [first.result, *(response.result for response in await asyncio.gather(*copies))]
        last = await receiver.ahandle(body, headers)
        assert await inbox.failed() == []
        await inbox.close()
        return [*results, last.result]

    failed, *copies, last = asyncio.run(deliver_to_three_tasks())
    assert (failed, last) == (Result.FAILED, Result.DUPLICATE)
    assert copies.count(Result.HANDLED) == 1
    assert shop.booked() == [TRANSACTION]
    close_shop(shop)


def test_events_are_stored_first_and_swept_in_an_event_loop(url: str) -> None:
    async def story() -> None:
        engine, queue = create_async_engine(url), list[str]()

        async def enqueue(stored: StoredEvent, connection: AsyncConnection) -> None:
            assert connection.in_transaction()
            queue.append(stored.key)

        inbox = AsyncInbox(engine)
        await inbox.create_tables()
        receiver, seen = Receiver(SECRET, store=inbox, enqueue=enqueue), list[Any]()
        receiver.on(PurseFundsReceivedEvent)(seen.append)
        response = await receiver.ahandle(*delivery(PurseFundsReceivedEvent))
        assert response.result is Result.STORED
        assert await receiver.asweep(older_than=0) == 1
        assert queue == [queue[0]] * 2
        assert (await receiver.ahandle_stored(queue[0])).result is Result.HANDLED
        assert await receiver.asweep(older_than=0) == 0
        assert len(seen) == 1
        await engine.dispose()

    asyncio.run(story())


def test_the_asgi_application_books_with_a_synchronous_inbox(
    postgres_url: str,
) -> None:
    def book(event: PurseFundsReceivedEvent, connection: Connection) -> None:
        assert event.data is not None
        connection.execute(insert(ledger).values(transaction_id=event.data.transaction_id))

    shop = open_shop(postgres_url, book)

    async def deliver() -> list[int]:
        transport = httpx.ASGITransport(shop.receiver.asgi())
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            requests = []
            for number in range(20):
                body, headers = delivery(PurseFundsReceivedEvent, number, transactionId=str(number))
                requests += [client.post("/", content=body, headers=headers) for _ in range(2)]
            return [response.status_code for response in await asyncio.gather(*requests)]

    statuses = asyncio.run(deliver())
    assert set(statuses) <= {200, 503}
    assert statuses.count(200) >= 20
    assert sorted(map(str, shop.booked())) == sorted(map(str, range(20)))
    close_shop(shop)


def test_a_blocking_store_and_its_handler_run_in_the_same_thread() -> None:
    """The connections of some databases, such as Django's, belong to a thread."""
    threads: list[int] = []

    class Store(MemoryStore):
        def claim(self, *args: Any) -> Any:
            threads.append(threading.get_ident())
            return super().claim(*args)

        def complete(self, *args: Any) -> None:
            threads.append(threading.get_ident())
            super().complete(*args)

    async def awaited(_: object, __: str) -> None:
        assert threading.get_ident() == threading.main_thread().ident

    receiver = Receiver(SECRET, store=Store())
    receiver.on(PurseFundsReceivedEvent)(lambda _: threads.append(threading.get_ident()))
    # Nothing shows that this returns a coroutine.
    receiver.on(PurseExpiredEvent)(lambda event: awaited(event, ""))

    async def deliver() -> list[Result]:
        events = (PurseFundsReceivedEvent, PurseExpiredEvent)
        return [(await receiver.ahandle(*delivery(event))).result for event in events]

    assert asyncio.run(deliver()) == [Result.HANDLED] * 2
    assert len(threads) == 5
    assert len(set(threads[:3])) == 1
    assert threading.get_ident() not in threads


def test_each_job_may_run_in_an_event_loop_of_its_own(url: str) -> None:
    """As in a worker that calls asyncio.run for each job."""
    inbox, results = AsyncInbox(url), list[str]()

    async def job(number: int) -> None:
        await inbox.create_tables()
        task = Task("subscription", number)
        claim = await inbox.claim(task, 60)
        await inbox.complete(task, claim)
        results.append(claim.status)
        if number == 2:
            await inbox.close()

    with warnings.catch_warnings():
        # The connections of a loop that is closed can't be closed.
        warnings.simplefilter("ignore", ResourceWarning)
        for number in range(3):
            asyncio.run(job(number))
        gc.collect()
    assert results == ["acquired"] * 3


def test_a_handler_whose_inner_task_was_cancelled_has_failed(tmp_path: Path) -> None:
    async def handler(_: object) -> None:
        inner = asyncio.ensure_future(asyncio.sleep(60))
        inner.cancel()
        await inner

    async def deliver() -> Any:
        inbox = AsyncInbox(f"sqlite+aiosqlite:///{tmp_path}/shop.db")
        await inbox.create_tables()
        receiver = Receiver(SECRET, store=inbox)
        receiver.on(PurseFundsReceivedEvent)(handler)
        response = await receiver.ahandle(*delivery(PurseFundsReceivedEvent))
        failed = await inbox.failed()
        await inbox.close()
        return response.result, [event.error for event in failed]

    result, errors = asyncio.run(deliver())
    assert result is Result.FAILED
    assert errors == ["RuntimeError: a task that it awaited was cancelled"]


def test_asyncpg_loses_nothing_when_a_handler_ignores_an_error_of_the_driver(
    postgres_url: str,
) -> None:
    shop = open_shop(postgres_url)

    async def book(event: PurseFundsReceivedEvent, connection: AsyncConnection) -> None:
        await connection.execute(insert(ledger).values(transaction_id="lost"))
        driver: Any = (await connection.get_raw_connection()).driver_connection
        with suppress(Exception):
            await driver.execute("SELECT * FROM no_such_table")

    async def deliver() -> Any:
        inbox = AsyncInbox(postgres_url.replace("+psycopg", "+asyncpg"))
        receiver = Receiver(SECRET, store=inbox)
        receiver.on(PurseFundsReceivedEvent)(book)
        response = await receiver.ahandle(*delivery(PurseFundsReceivedEvent))
        failed = await inbox.failed()
        await inbox.close()
        return response.status, len(failed)

    assert asyncio.run(deliver()) == (503, 1)
    assert shop.booked() == []
    close_shop(shop)


def test_the_end_of_the_event_loop_is_not_a_failure_of_a_handler(tmp_path: Path) -> None:
    """A deploy must not park an event."""
    started = threading.Event()

    async def handler(_: object) -> None:
        started.set()
        await asyncio.sleep(60)

    inbox = Inbox(f"sqlite:///{tmp_path}/shop.db", max_attempts=1)
    inbox.create_tables()
    receiver = Receiver(SECRET, store=inbox)
    receiver.on(PurseFundsReceivedEvent)(handler)

    async def deliver() -> None:
        task = asyncio.ensure_future(receiver.ahandle(*delivery(PurseFundsReceivedEvent)))
        await asyncio.to_thread(started.wait)
        task.cancel()

    asyncio.run(deliver())
    assert inbox.failed() == []
    task = Task(SUBSCRIPTION, 1, TRANSACTION, "received")
    claim = inbox.claim(task, 60)
    assert claim.status == "acquired"
    inbox.release(task, claim)
    inbox.close()


def test_a_task_that_a_handler_leaves_behind_does_not_stop_the_inbox(url: str) -> None:
    """`gather` raises the first error while the other coroutines go on."""

    async def fail() -> None:
        raise ValueError("at once")

    async def handler(event: PurseFundsReceivedEvent, connection: AsyncConnection) -> None:
        if event.id == 1:
            await asyncio.gather(connection.execute(text("SELECT 1")), fail())

    async def deliver() -> list[Any]:
        inbox = AsyncInbox(url)
        await inbox.create_tables()
        receiver = Receiver(SECRET, store=inbox)
        receiver.on(PurseFundsReceivedEvent)(handler)
        results = [
            (
                await receiver.ahandle(*delivery(PurseFundsReceivedEvent, n, transactionId=str(n)))
            ).result
            for n in (1, 2, 3)
        ]
        await inbox.close()
        return results

    assert asyncio.run(deliver()) == [Result.FAILED, Result.HANDLED, Result.HANDLED]
