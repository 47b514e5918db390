"""What docs/webhooks.md shows is true: each of its code blocks runs, in its framework."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django.conf
import django.test
import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from calypso_pay import Calypso
from calypso_pay.inbox import Inbox
from calypso_pay.receiver import Result
from calypso_pay.webhooks import (
    PurseExpiredEvent,
    PurseFundsReceivedEvent,
    PurseTranslationCompletedEvent,
    TopUpPendingComplianceEvent,
    WalletFundsDeliveredEvent,
)
from tests.receiver.deposits import SECRET, Delivery, delivery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calypso_mock import Mock

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "webhooks.md"
TEXT = PAGE.read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
(RECEIVER, TABLES, FASTAPI, FLASK, DJANGO, ASYNC, SUBSCRIBE) = BLOCKS[:7]
(OPERATE, STORE_FIRST, TOP_UP, ROTATE, TEST, OWN_STORE, UNWRAP) = BLOCKS[7:]
PATH = "/webhooks/calypso"
if not django.conf.settings.configured:
    django.conf.settings.configure()


# What the page does not define, for mypy.
SHOP = """
from decimal import Decimal
from sqlalchemy import Connection, Table
from calypso_pay.inbox import Inbox

jobs: Table
announced: Table

class MyStore(Inbox):
    database: str

def fresh_database() -> str: return "sqlite://"
def book(connection: Connection, amount: Decimal, currency: str) -> None: ...
def look_at(id_: str) -> None: ...
def keep_safe(secret: str) -> None: ...
"""
shop = sa.MetaData()
jobs = sa.Table(
    "jobs", shop, sa.Column("key", sa.Text, primary_key=True), sa.Column("lock", sa.Text)
)
announced = sa.Table("announced", shop, sa.Column("event_id", sa.Text, primary_key=True))


class Page:
    """The code of the page, run block after block in one module, and what it did."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        names = ("keep_safe", "look_at", "book")
        self.names: dict[str, Any] = {
            # Flask asks for the folder of the module that makes its application.
            "__name__": __name__,
            "jobs": jobs,
            "announced": announced,
            **{name: self._note(name) for name in names},
        }

    def run(self, code: str) -> None:
        exec(compile(code, PAGE.name, "exec"), self.names)  # noqa: S102 - the page's own code

    def rows(self, table: sa.Table) -> list[tuple[Any, ...]]:
        with self.names["engine"].connect() as connection:
            return [tuple(row) for row in connection.execute(sa.select(table))]

    def credited(self) -> list[tuple[Any, ...]]:
        return self.rows(self.names["ledger"])

    def _note(self, name: str) -> Callable[..., None]:
        return lambda *_: self.done.update([name])


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'shop.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@contextmanager
def receiving(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """A page of which the receiver's block has run, on this database."""
    monkeypatch.setenv("CALYPSO_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("DATABASE_URL", url)
    page = Page()
    page.run(RECEIVER)
    page.run(TABLES)
    shop.create_all(page.names["engine"])
    try:
        with page.names["calypso"]:
            yield page
    finally:
        page.names["engine"].dispose()


@pytest.fixture
def page(mock: Mock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Page]:
    """A page of which the receiver's block has run, on SQLite."""
    with receiving(f"sqlite:///{tmp_path / 'shop.db'}", monkeypatch) as page:
        yield page


@pytest.fixture
def page_anywhere(mock: Mock, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Iterator[Page]:
    """A page of which the receiver's block has run, on each database in turn."""
    with receiving(database_url, monkeypatch) as page:
        yield page


@pytest.fixture
def good(mock: Mock) -> Delivery:
    """A true delivery of a deposit that is on the account."""
    with Calypso() as calypso:
        customer = calypso.customers.create()
        address = calypso.addresses.get(customer_id=customer.id, currency="USDT_TRX").address
        mock.simulate_deposit(address=address, currency="USDT_TRX", amount=1, to="credited")
        [there] = calypso.transactions.find(customer_id=customer.id).result
    return delivery(PurseTranslationCompletedEvent, transactionId=there.id)


def ask_asgi(page: Page, sent: Delivery) -> int:
    async def ask() -> int:
        transport = httpx.ASGITransport(page.names["app"])
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            response = await client.post(PATH, content=sent.body, headers=sent.headers)
            return response.status_code

    return asyncio.run(ask())


def ask_flask(page: Page, sent: Delivery) -> int:
    client = page.names["app"].test_client()
    status: int = client.post(PATH, data=sent.body, headers=sent.headers).status_code
    return status


def ask_django(page: Page, sent: Delivery) -> int:
    request = django.test.RequestFactory().post(
        PATH, sent.body, content_type="application/json", headers=sent.headers
    )
    status: int = page.names["calypso_webhook"](request).status_code
    return status


def ask_unwrap(page: Page, sent: Delivery) -> int:
    status: int = page.names["receive"](sent.body, sent.headers, SECRET)
    return status


@pytest.mark.parametrize(
    ("code", "ask"),
    [(FASTAPI, ask_asgi), (FLASK, ask_flask), (DJANGO, ask_django), (UNWRAP, ask_unwrap)],
    ids=["fastapi", "flask", "django", "unwrap"],
)
def test_each_framework_accepts_a_true_delivery_and_rejects_a_forged_one(
    page: Page, good: Delivery, code: str, ask: Callable[[Page, Delivery], int]
) -> None:
    page.run(code)
    forged = Delivery(good.body, {**good.headers, "Sign": "0" * 128})

    assert [ask(page, forged), ask(page, good)] == [401, 200]
    assert (page.done, len(page.credited())) == (({"look_at": 1}, 0) if code is UNWRAP else ({}, 1))


def test_each_handler_of_the_page_does_its_part_once(
    page_anywhere: Page, good: Delivery, capsys: pytest.CaptureFixture[str]
) -> None:
    page = page_anywhere
    for sent in (good, delivery(PurseExpiredEvent, 2), delivery("INVOICE_PAID", 3)):
        assert page.names["receiver"].handle(*sent).result == Result.HANDLED
        assert page.names["receiver"].handle(*sent).result == Result.DUPLICATE

    [(_, customer, currency, amount)] = page.credited()
    assert (customer, currency, amount) == (
        json.loads(good.body)["data"]["customerId"],
        "USDT_TRX",
        "1",
    )
    assert capsys.readouterr().out == "webhook CUSTOMER_PURSE_EXPIRED 2\nwebhook INVOICE_PAID 3\n"


def test_no_deposit_is_credited_unless_the_api_reports_it_credited(page: Page) -> None:
    """Nor to a customer who is not known, and all that is not credited comes again."""
    receiver = page.names["receiver"]
    fields = ("currency", "customerId", "customerBlocked", "purseId", "address", "amount")
    nothing = dict.fromkeys((*fields, "transactionId"))

    assert receiver.handle(*delivery(PurseTranslationCompletedEvent, 1, **nothing)).status == 503
    assert receiver.handle(*delivery(PurseTranslationCompletedEvent, 2)).status == 503
    assert page.credited() == []


def test_an_asynchronous_handler_writes_in_the_transaction_of_its_event(
    page_anywhere: Page, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page_anywhere
    url = database_url.replace("sqlite:", "sqlite+aiosqlite:").replace("+psycopg:", "+asyncpg:")
    monkeypatch.setenv("ASYNC_DATABASE_URL", url)
    page.run(ASYNC)
    sent = delivery(PurseFundsReceivedEvent, 4)

    async def receive() -> list[Result]:
        receiver, inbox = page.names["async_receiver"], page.names["async_inbox"]
        await inbox.create_tables()
        results = [(await receiver.ahandle(*sent)).result for _ in range(2)]
        await inbox.close()
        return results

    assert asyncio.run(receive()) == [Result.HANDLED, Result.DUPLICATE]
    assert page.rows(announced) == [("4",)]


def test_a_failed_event_is_shown_parked_and_handled_when_its_cause_is_mended(
    page: Page, good: Delivery, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page.run(OPERATE)
    inbox, receiver = page.names["inbox"], page.names["receiver"]
    monkeypatch.setattr(inbox, "_max_attempts", 2)
    page.names["ledger"].drop(page.names["engine"])
    assert [receiver.handle(*good).status for _ in range(3)] == [500, 500, 200]
    page.names["hourly"]()
    page.names["daily"]()
    shown = capsys.readouterr().out
    assert shown.startswith("{'pending': 0, 'failed': 0, 'parked': 1}\nparked ")
    assert "CUSTOMER_PURSE_TRANSLATION_TO_ACCOUNT_COMPLETED 2 OperationalError" in shown

    page.run(TABLES)
    page.names["mended"]()
    assert len(page.credited()) == 1
    assert inbox.failed() == []


def test_an_event_stored_first_is_credited_by_the_worker(
    page_anywhere: Page, good: Delivery
) -> None:
    page = page_anywhere
    page.run(STORE_FIRST)
    receiver, work = page.names["receiver"], page.names["work"]
    results = [receiver.handle(*good).result for _ in range(2)]
    assert (results, page.credited()) == ([Result.STORED, Result.DUPLICATE], [])
    [(key, _)] = page.rows(jobs)
    work(key)
    work(key)

    assert len(page.credited()) == 1


def test_a_worker_of_the_page_fails_until_its_event_is_done(page: Page) -> None:
    page.run(STORE_FIRST)
    page.names["receiver"].handle(*delivery(PurseTranslationCompletedEvent))
    [(key, _)] = page.rows(jobs)

    with pytest.raises(RuntimeError, match="unavailable"):
        page.names["work"](key)


class Base(DeclarativeBase):
    metadata = shop


class Note(Base):
    __tablename__ = "notes"
    text: Mapped[str] = mapped_column(primary_key=True)


@pytest.mark.parametrize("begins", [True, False])
def test_a_session_on_the_connection_writes_only_what_it_begins(page: Page, begins: bool) -> None:
    receiver = page.names["receiver"]

    @receiver.on(PurseExpiredEvent)
    def note(event: PurseExpiredEvent, connection: sa.Connection) -> None:
        with Session(connection) as session, session.begin() if begins else nullcontext():
            session.add(Note(text="expired"))

    assert receiver.handle(*delivery(PurseExpiredEvent)).result == Result.HANDLED
    assert page.rows(Note.__table__) == ([("expired",)] if begins else [])


def test_an_unwrapped_event_of_unclear_money_is_not_handled_as_delivered(page: Page) -> None:
    page.run(UNWRAP)

    assert ask_unwrap(page, delivery(PurseTranslationCompletedEvent, transactionId=None)) == 500
    assert ask_unwrap(page, delivery("CUSTOMER_PURSE_NEW")) == 500
    assert ask_unwrap(page, delivery(PurseExpiredEvent)) == 200
    assert ask_unwrap(page, delivery("INVOICE_PAID")) == 200


def test_a_top_up_is_booked_when_it_has_arrived_with_a_readable_amount(
    page: Page, capsys: pytest.CaptureFixture[str]
) -> None:
    page.run(TOP_UP)
    handle = page.names["receiver"].handle

    assert handle(*delivery(TopUpPendingComplianceEvent, 1)).status == 200
    assert capsys.readouterr().out == "in compliance: 25.5 USDT_TRX\n"
    assert handle(*delivery(WalletFundsDeliveredEvent, 2, amount="much")).status == 500
    assert page.done == {}
    assert handle(*delivery(WalletFundsDeliveredEvent, 3)).status == 200
    assert page.done == {"book": 1}


def test_the_types_of_the_page_hold(tmp_path: Path) -> None:
    """For mypy, with functions of the shop that take no None. Django's own types are unknown."""
    page = "".join(block for block in BLOCKS if block not in (FLASK, DJANGO))
    (tmp_path / "page.py").write_text(SHOP + page)
    (tmp_path / "page_flask.py").write_text(RECEIVER + FLASK)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", *map(str, tmp_path.glob("*.py"))],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )

    assert done.stdout.startswith("Success"), done.stdout


def test_a_subscription_is_made_and_its_secret_renewed(page: Page) -> None:
    page.run(SUBSCRIBE)
    with Calypso() as page.names["calypso"]:
        page.run(ROTATE)
        left = page.names["calypso"].subscriptions.secrets()

    assert page.done == {"keep_safe": 1}
    assert len(page.names["secrets"]) == 2
    assert left.items() < page.names["secrets"].items()


def test_the_test_of_the_page_passes(page: Page) -> None:
    page.run(TEST)
    page.names["test_a_deposit_is_credited_once"]()


def test_the_tests_of_the_page_for_a_store_run(page: Page, tmp_path: Path) -> None:
    stores = []

    class MyStore(Inbox):
        def __init__(self, database: str, *, max_attempts: int) -> None:
            super().__init__(database, max_attempts=max_attempts)
            self.create_tables()
            self.database = database
            stores.append(self)

    page.names.update(MyStore=MyStore, fresh_database=lambda: f"sqlite:///{tmp_path}/own.db")
    page.run(OWN_STORE)
    page.names["TestMyStore"]().test_an_event_that_fails_too_often_is_parked()
    for store in stores:
        store.close()


def test_the_table_of_responses_has_each_result_with_its_status() -> None:
    rows = re.findall(r"^\| (\d{3}) \| (.*?) \|", TEXT, re.MULTILINE)
    listed = {name: int(status) for status, names in rows for name in re.findall(r"`(\w+)`", names)}

    from calypso_pay.receiver import Response

    assert listed == {str(result): Response(result).status for result in Result}


def test_every_link_of_the_page_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", TEXT)

    assert links
    assert [link for link in links if not (PAGE.parent / link).exists()] == []
