"""An inbox as the ledger and as the memory of a reconciliation, in real databases."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from calypso_pay import AsyncCalypso
from calypso_pay.inbox import AsyncInbox, Inbox
from calypso_pay.receiver import Receiver
from calypso_pay.reconcile import Kind, Report, reconcile
from calypso_pay.webhooks import sign
from tests.reconcile.books import Books, keys

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ASYNC = {"sqlite": "sqlite+aiosqlite", "postgresql+psycopg": "postgresql+asyncpg"}


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/shop.db"
    return str(request.getfixturevalue("postgres_url"))


class Shop:
    """Books whose webhooks arrive at an inbox."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.inbox = Inbox(url)
        self.inbox.create_tables()
        self.books = Books()
        with self.books.client() as calypso:
            made = calypso.subscriptions.create(
                url="https://shop.example", notification_service_types=["CUSTOMER_PURSE"]
            )
        self._secret = made.secret_key
        self.lost_fields: set[str] = set()
        self.receiver = Receiver(self._secret, store=self.inbox)
        self.receiver.default(lambda event: None)
        self.books.mock.deliveries.deliver_with(self._deliver)

    def _deliver(self, url: str, headers: Any, body: bytes) -> int:
        event = json.loads(body)
        for name in self.lost_fields:
            event["data"].pop(name, None)
        body = json.dumps(event).encode()
        return self.receiver.handle(body, {**headers, "Sign": sign(body, self._secret)}).status

    def reconcile(self, way: str, **options: Any) -> Report:
        if way == "sync":
            return self.books.reconcile(ledger=self.inbox, **options)
        return asyncio.run(self._reconcile(options))

    async def _reconcile(self, options: dict[str, Any]) -> Report:
        scheme, _, rest = self.url.partition("://")
        inbox = AsyncInbox(f"{ASYNC[scheme]}://{rest}")
        options = {"customers": self.books.customers, "settle": 0, "progress": False, **options}
        mock = self.books.mock
        try:
            async with AsyncCalypso(transport=mock.async_transport(), **mock.settings()) as calypso:
                return await reconcile(calypso, ledger=inbox, **options).report()
        finally:
            await inbox.close()


@pytest.fixture
def shop(url: str) -> Iterator[Shop]:
    shop = Shop(url)
    yield shop
    shop.inbox.close()


both_ways = pytest.mark.parametrize("way", ["sync", "async"])


@both_ways
def test_events_that_were_handled_are_what_is_booked_and_lost_ones_are_missing(
    shop: Shop, way: str
) -> None:
    customer = shop.books.add_customer()
    shop.books.deposit(customer)
    lost = shop.books.deposit(customer, to="mem_pool")
    shop.books.mock.deliveries.lose(lost.transaction_id)
    lost.advance("credited")

    report = shop.reconcile(way)

    assert keys(report.differences) == {(Kind.MISSING, customer, lost.transaction_id, None)}
    assert report.summary.totals["USDT_TRX"].booked.count == 1


@both_ways
def test_a_handled_event_that_does_not_name_its_customer_is_not_missing(
    shop: Shop, way: str
) -> None:
    first, second = shop.books.add_customer(), shop.books.add_customer()
    shop.books.deposit(first)
    shop.lost_fields = {"customerId", "amount", "currency"}
    shop.books.deposit(second)

    report = shop.reconcile(way)

    assert report.is_clean
    assert report.summary.bookings == 2


@both_ways
def test_an_inbox_remembers_what_was_open_for_any_process(shop: Shop, way: str) -> None:
    books = shop.books
    customer = books.add_customer()
    made = books.deposit(customer, to="pending")
    assert shop.reconcile(way).summary.counts[Kind.OPEN] == 1
    made.advance("credited")

    report = shop.reconcile(way, customers=[])

    assert report.is_clean
    assert report.summary.bookings == 1


def test_a_reconciliation_that_is_cancelled_leaves_the_database_usable(shop: Shop) -> None:
    for _ in range(20):
        shop.books.deposit(shop.books.add_customer(), to="pending")

    async def cancelled(steps: int) -> None:
        task = asyncio.create_task(shop._reconcile({}))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    for steps in (5, 20, 50, 100):
        asyncio.run(cancelled(steps))
        engine = sa.create_engine(shop.url)
        with engine.begin() as connection:
            connection.execute(sa.text("UPDATE calypso_inbox_notes SET value = value"))
        engine.dispose()
    assert shop.reconcile("sync").summary.counts[Kind.OPEN] == 20
