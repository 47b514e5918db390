"""What docs/reconciliation.md shows is true: its job runs, and its code type-checks."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from calypso_pay import Calypso
from calypso_pay.inbox import AsyncInbox
from calypso_pay.reconcile import Kind, Report

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa

    from calypso_mock import Deposit, Mock

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "reconciliation.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
NIGHTLY, BOOK, WEBHOOKS, TEST = BLOCKS
# What the page leaves to the reader, for mypy.
GIVEN = """
from datetime import datetime
from calypso_pay.models import Transaction

def book(customer_id: str, transaction: Transaction) -> None: ...
"""


class Shop:
    """A shop with the page's tables, a customer, and a deposit that is booked."""

    def __init__(self, mock: Mock, folder: Path) -> None:
        self.mock = mock
        self.folder = folder
        self.async_url = f"sqlite+aiosqlite:///{folder}/shop.db"
        self.names: dict[str, Any] = {"__name__": "nightly", "datetime": datetime}
        self.run(NIGHTLY)
        self.engine: sa.Engine = self.names["engine"]
        self.names["ledger"].metadata.create_all(self.engine)
        self.names["users"].metadata.create_all(self.engine)
        self.names["inbox"].create_tables()
        with Calypso() as calypso:
            self.customer = calypso.customers.create().id
            found = calypso.addresses.get(customer_id=self.customer, currency="BTC")
        self._address = found.address
        self._insert("users", customer_id=self.customer)

    def run(self, code: str) -> None:
        exec(compile(code, "reconciliation.md", "exec"), self.names)  # noqa: S102 - the page's own

    def deposit(self, to: Any = "credited", *, is_booked: bool = True) -> Deposit:
        made = self.mock.simulate_deposit(
            address=self._address, currency="BTC", amount="0.25", to=to
        )
        if is_booked:
            self.book(made.transaction_id)
        return made

    def book(self, transaction: str) -> None:
        values = {"customer_id": self.customer, "currency": "BTC", "amount": "0.25"}
        self._insert("ledger", transaction_id=transaction, **values)

    def nightly(self) -> subprocess.CompletedProcess[str]:
        """Run the job as cron does."""
        return subprocess.run(
            [sys.executable, "-c", NIGHTLY],
            cwd=self.folder,
            env={**os.environ, "SETTLE": "0"},
            capture_output=True,
            text=True,
            check=False,
        )

    def _insert(self, table: str, **values: str) -> None:
        with self.engine.begin() as connection:
            connection.execute(self.names[table].insert(), values)


@pytest.fixture
def shop(mock: Mock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/shop.db")
    shop = Shop(mock, tmp_path)
    yield shop
    shop.engine.dispose()


def test_the_nightly_job_succeeds_with_right_books_and_writes_an_empty_list(shop: Shop) -> None:
    shop.deposit()
    done = shop.nightly()
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1 customer reconciled: 1 deposit at the API, 1 booking.")
    text = (shop.folder / "reconciliation.csv").read_text("utf-8")
    assert text.startswith("kind,customer_id,transaction_id,")
    assert len(text.splitlines()) == 1


def test_the_nightly_job_reads_again_what_was_open_though_its_user_is_gone(shop: Shop) -> None:
    made = shop.deposit("pending", is_booked=False)
    assert shop.nightly().returncode == 0
    with shop.engine.begin() as connection:
        connection.execute(shop.names["users"].delete())
    made.advance("credited")
    shop.book(made.transaction_id)

    done = shop.nightly()

    assert done.stdout.startswith("1 customer reconciled: 1 deposit at the API, 1 booking.")


def test_what_is_missing_is_found_and_can_be_booked(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop.folder)
    made = shop.deposit(is_booked=False)
    shop.names["book"] = lambda customer, row: shop.book(row.id)
    without_waiting(shop)
    shop.run(BOOK)
    assert shop.names["nightly"]() == 1

    shop.names["book_missing"]()

    assert shop.names["nightly"]() == 0, made


def test_an_inbox_as_the_ledger_finds_lost_webhooks(shop: Shop) -> None:
    made = shop.deposit(is_booked=False)
    without_waiting(shop)
    shop.run(WEBHOOKS)

    async def run() -> Report:
        inbox = AsyncInbox(shop.async_url)
        try:
            since = datetime.now(UTC) - timedelta(days=7)
            report: Report = await shop.names["reconcile_webhooks"](inbox, since)
            return report
        finally:
            await inbox.close()

    [found] = asyncio.run(run()).differences
    assert (found.kind, found.transaction_id) == (Kind.MISSING, made.transaction_id)


def test_the_test_of_the_page_passes() -> None:
    names: dict[str, Any] = {}
    exec("from calypso_pay import Calypso\nfrom calypso_pay.reconcile import reconcile", names)  # noqa: S102
    exec(TEST, names)  # noqa: S102 - the page's own code
    names["test_a_lost_webhook_is_found"]()


def test_the_code_of_the_page_type_checks(tmp_path: Path) -> None:
    path = tmp_path / "page.py"
    path.write_text(NIGHTLY.split("if __name__")[0] + GIVEN + BOOK + WEBHOOKS + TEST, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout


def test_each_kind_is_explained() -> None:
    kinds = re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE)
    assert kinds == [str(kind) for kind in Kind]


def without_waiting(shop: Shop) -> None:
    """Have the code of the page read customers again at once."""
    reconcile = shop.names["reconcile"]
    shop.names["reconcile"] = lambda *args, **options: reconcile(
        *args, **{**options, "settle": 0, "rate": None, "progress": False}
    )
