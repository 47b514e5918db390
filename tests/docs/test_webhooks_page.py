"""What docs/webhooks.md shows is true: each of its code blocks runs, in its framework."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django.conf
import django.test
import httpx
import pytest

from calypso_pay import Calypso
from calypso_pay.receiver import Result
from calypso_pay.webhooks import (
    PurseExpiredEvent,
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
(SUBSCRIBE, RECEIVER, FASTAPI, FLASK, DJANGO, UNWRAP, TOP_UP, ROTATE, TEST) = re.findall(
    r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL
)
PATH = "/webhooks/calypso"
if not django.conf.settings.configured:
    django.conf.settings.configure()


class Page:
    """The code of the page, run block after block in one module, and what it did."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        names = ("credit", "hide_address", "keep_safe", "look_at", "book")
        # Flask asks for the folder of the module that makes its application.
        self.names: dict[str, Any] = {"__name__": __name__, **{n: self._note(n) for n in names}}

    def run(self, code: str) -> None:
        exec(compile(code, PAGE.name, "exec"), self.names)  # noqa: S102 - the page's own code

    def _note(self, name: str) -> Callable[..., None]:
        return lambda *_: self.done.update([name])


@pytest.fixture
def page(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """A page of which the receiver's block has run."""
    monkeypatch.setenv("CALYPSO_WEBHOOK_SECRET", SECRET)
    page = Page()
    page.run(RECEIVER)
    with page.names["receiver"]._config.client:
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
    assert page.done == ({"look_at": 1} if code is UNWRAP else {"credit": 1})


def test_each_handler_of_the_page_does_its_part(
    page: Page, good: Delivery, capsys: pytest.CaptureFixture[str]
) -> None:
    for sent in (good, delivery(PurseExpiredEvent, 2), delivery("INVOICE_PAID", 3)):
        assert page.names["receiver"].handle(*sent).result == Result.HANDLED

    assert page.done == {"credit": 1, "hide_address": 1}
    assert capsys.readouterr().out == "webhook INVOICE_PAID 3\n"


def test_no_deposit_is_credited_unless_the_api_reports_it_credited(page: Page) -> None:
    """Nor to a customer who is not known, and all that is not credited comes again."""
    receiver = page.names["receiver"]
    fields = ("currency", "customerId", "customerBlocked", "purseId", "address", "amount")
    nothing = dict.fromkeys((*fields, "transactionId"))

    assert receiver.handle(*delivery(PurseTranslationCompletedEvent, 1, **nothing)).status == 503
    assert receiver.handle(*delivery(PurseTranslationCompletedEvent, 2)).status == 503
    assert page.done == {}


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
    """For mypy, with functions of the shop that take no None."""
    shop = "from decimal import Decimal\nfrom typing import Any\n"
    shop += "def credit(customer: str, amount: Decimal, currency: str) -> None: ...\n"
    shop += "def book(event: int | str, amount: Decimal, currency: str) -> None: ...\n"
    shop += "def hide_address(address: str) -> None: ...\ndef look_at(id_: str) -> None: ...\n"
    program = tmp_path / "page.py"
    program.write_text(f"{shop}{RECEIVER}{TOP_UP}{UNWRAP}")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(program)],
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


def test_the_table_of_responses_has_each_result_with_its_status() -> None:
    rows = re.findall(r"^\| (\d{3}) \| (.*?) \|", TEXT, re.MULTILINE)
    listed = {name: int(status) for status, names in rows for name in re.findall(r"`(\w+)`", names)}

    from calypso_pay.receiver import Response

    assert listed == {str(result): Response(result).status for result in Result}


def test_every_link_of_the_page_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", TEXT)

    assert links
    assert [link for link in links if not (PAGE.parent / link).exists()] == []
