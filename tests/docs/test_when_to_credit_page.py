"""docs/when-to-credit.md is right: its handler books at the steps of its table, by each rule.

The tables are read from the page, and compared with the client, the document and the mock.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import httpx
import pytest
import sqlalchemy as sa

from calypso_mock import Mock, MockError
from calypso_mock.state._records import Step
from calypso_pay import Calypso
from calypso_pay.models import ComplianceState, Transaction, TransactionState
from calypso_pay.reconcile._rules import Rules
from calypso_pay.webhooks import (
    EVENT_TYPES,
    PurseFundsReceivedEvent,
    PurseTranslationCompletedEvent,
)
from tests.receiver.deposits import delivery
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from calypso_mock import Deposit

    Make = Callable[..., "Shop"]

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "when-to-credit.md").read_text("utf-8")
(HANDLER,) = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
# The imports, `receiver` and `ledger` of the page that this one continues, without its handlers.
SETUP = (ROOT / "docs" / "webhooks.md").read_text("utf-8").split("```python\n", 1)[1]
SETUP = SETUP.split("\n\n@receiver.on", 1)[0]
CLIENT = "calypso = Calypso()\n"
GROUP = "CUSTOMER_PURSE_"
RULES = ("safe", "middle", "fast")
SMALL, LARGE = "50", "50.000001"


def table(first: str) -> list[list[str]]:
    """Return the rows of the table whose first column has this heading, cell by cell."""
    lines = TEXT.partition(f"\n| {first} |")[2].partition("\n\n")[0].splitlines()[2:]
    assert lines, first
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def values(first: str) -> set[str]:
    """Return all values that the first column of a table names."""
    return {value for row in table(first) for value in re.findall("`(.*?)`", row[0])}


STEPS = {row[0].strip("`"): row[1:] for row in table("event `CUSTOMER_PURSE_…`")}


class Shop:
    """The code of the page with one of its rules, and a mock that delivers to it.

    Attributes:
        rule: The name of the rule.
        changes: What a proxy changes in each transaction that the API returns; None removes.
        statuses: The receiver's responses.
        events: The types of the delivered events, in order.
    """

    def __init__(self, url: str, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rule = rule
        self.changes: Mapping[str, Any] = {}
        self.statuses: list[int] = []
        self.events: list[str] = []
        self.mock = Mock(deliver=self.deliver)
        self._api = self.mock.transport()
        transport = httpx.MockTransport(self._respond)
        self.calypso = Calypso(transport=transport, **self.mock.settings())
        subscription = self.calypso.subscriptions.create(
            url="https://shop.example", notification_service_types=[GROUP.rstrip("_")]
        )
        self.secret, self.request_id = subscription.secret_key, subscription.request_id
        monkeypatch.setenv("DATABASE_URL", url)
        monkeypatch.setenv("CALYPSO_WEBHOOK_SECRET", str(self.secret))
        self.names: dict[str, Any] = {"calypso": self.calypso}
        assert CLIENT in SETUP
        exec(SETUP.replace(CLIENT, "") + HANDLER, self.names)  # noqa: S102 - the page's own code
        self.names["due"] = self.names[rule]
        self.names["inbox"].create_tables()
        self.names["ledger"].create(self.names["engine"])
        self.customer = self.calypso.customers.create().id

    def _respond(self, request: httpx.Request) -> httpx.Response:
        response = self._api.handle_request(request)
        body = json.loads(response.read())
        if "transactionState" not in body or not self.changes:
            return httpx.Response(response.status_code, content=response.content)
        merged = {**body, **self.changes}
        return httpx.Response(200, json={k: v for k, v in merged.items() if v is not None})

    def deliver(self, url: str, headers: Any, body: bytes) -> int:
        response = self.names["receiver"].handle(body, headers)
        self.events.append(json.loads(body)["eventType"].removeprefix(GROUP))
        self.statuses.append(response.status)
        return int(response.status)

    def address(self) -> str:
        return self.calypso.addresses.get(customer_id=self.customer, currency="USDT_TRX").address

    def deposit(self, amount: str = SMALL, to: Step = "credited") -> Deposit:
        return self.mock.simulate_deposit(
            address=self.address(), currency="USDT_TRX", amount=amount, to=to
        )

    def deliver_about(self, deposit: Deposit, kind: type, **data: Any) -> int:
        """Deliver an event of our own making about a deposit of the mock."""
        about = {"transactionId": deposit.transaction_id, "customerId": self.customer, **data}
        sent = delivery(
            kind,
            10**6 + len(self.events),
            secret=str(self.secret),
            subscription=self.request_id,
            **about,
        )
        return self.deliver("", sent.headers, sent.body)

    def booked(self) -> dict[str, tuple[str, str, str]]:
        """Return customer, currency and amount of each row of the ledger."""
        with self.names["engine"].connect() as connection:
            found = connection.execute(sa.select(self.names["ledger"]))
            return {id_: tuple(others) for id_, *others in found}

    def close(self) -> None:
        self.calypso.close()
        self.names["engine"].dispose()


@pytest.fixture
def shops(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Make]:
    """A function that opens a shop with a rule, by default on a new SQLite file."""
    made: list[Shop] = []

    def make(rule: str = "safe", url: str | None = None) -> Shop:
        url = url or f"sqlite:///{tmp_path}/{len(made)}.db"
        made.append(Shop(url, rule, monkeypatch))
        return made[-1]

    yield make
    for shop in made:
        shop.close()


@pytest.fixture(params=RULES)
def rule(request: pytest.FixtureRequest) -> str:
    """Each rule in turn."""
    return str(request.param)


@pytest.fixture
def shop(shops: Make, rule: str) -> Shop:
    """A shop with this rule."""
    return shops(rule)


def test_the_table_of_steps_shows_what_the_mock_sends_and_what_the_client_makes_of_it(
    shops: Make,
) -> None:
    """The mock has its pairs of states from the vendor's guides, and its events, too."""
    shop = shops()
    found = {}
    for step in get_args(Step):
        made = shop.calypso.transactions.get(shop.deposit(to=step).transaction_id)
        pair = f"`{made.transaction_state}`, `{made.compliance_state}`"
        flags = ["yes" if each else "no" for each in (made.is_final, made.is_credited)]
        found[shop.events[-1]] = [pair, *flags]

    assert {event: cells[:3] for event, cells in STEPS.items()} == found


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_each_rule_books_at_the_steps_of_the_table(
    shops: Make, request: pytest.FixtureRequest, database: str, rule: str
) -> None:
    """Small and large deposits, credited and declined ones; and no event of theirs fails."""
    url = request.getfixturevalue("postgres_url") if database == "postgresql" else None
    shop = shops(rule, url)
    found: dict[str, set[str]] = {}
    for path in (("mem_pool", "pending", "confirmed", "credited"), ("mem_pool", "declined")):
        sizes = {size: shop.deposit(size, to=path[0]) for size in (SMALL, LARGE)}
        for step in path:
            for deposit in sizes.values():
                if deposit.step != step:
                    deposit.advance(step)
            booked = shop.booked()
            found[shop.events[-1]] = {
                size for size, deposit in sizes.items() if deposit.transaction_id in booked
            }

    meant: dict[str, set[str]] = {"": set(), "small": {SMALL}, "all": {SMALL, LARGE}}
    column = 3 + RULES.index(rule)
    assert found == {event: meant[cells[column]] for event, cells in STEPS.items()}
    assert set(shop.statuses) == {200}


FUNDS, TRANSLATION = PurseFundsReceivedEvent, PurseTranslationCompletedEvent


@rows(
    "state, completed, kind, bookers",
    [
        ("COMPLETED", False, FUNDS, ""),
        ("COMPLETED", True, FUNDS, "safe middle fast"),
        ("COMPLETED", False, TRANSLATION, ""),
        ("COMPLETED", True, TRANSLATION, "safe middle fast"),
        ("DECLINED", True, TRANSLATION, "safe middle fast"),
        ("DECLINED", False, FUNDS, ""),
        ("PENDING_COMPLIANCE_CHECK", False, FUNDS, ""),
        ("MEM_POOL_FOUND", None, TRANSLATION, ""),
        ("CONFIRMED", None, TRANSLATION, "middle fast"),
        ("CONFIRMED", "odd", TRANSLATION, "middle fast"),
        ("CONFIRMED", False, TRANSLATION, "middle fast"),
        ("CONFIRMED", True, TRANSLATION, "safe middle fast"),
    ],
)
def test_what_the_row_contradicts_fails_unless_the_rule_books_it(
    shop: Shop, state: str, completed: object, kind: type, bookers: str
) -> None:
    """An event is no reason to book: what the API shows is. What fails is sent again.

    The deposit is being checked, so that no rule reads its compliance state.
    """
    shop.changes = {"transactionState": state, "translationToAccountCompleted": completed}
    deposit = shop.deposit(to="pending")
    status = shop.deliver_about(deposit, kind)

    is_booked = deposit.transaction_id in shop.booked()
    assert (status, is_booked) == ((200, True) if shop.rule in bookers else (500, False))


def test_what_failed_because_the_row_lagged_is_booked_when_it_comes_again(
    shop: Shop,
) -> None:
    shop.changes = {"transactionState": "MEM_POOL_FOUND", "translationToAccountCompleted": False}
    shop.deposit(to="credited")
    assert shop.booked() == {}
    shop.changes = {}
    shop.mock.clock.advance(days=4)

    assert len(shop.booked()) == 1


def test_each_deposit_is_booked_once_with_its_exact_amount_whatever_happens_to_its_events(
    shop: Shop,
) -> None:
    shop.mock.deliveries.disturb(duplicates=0.5, failures=0.3, reorder=True)
    amounts = ["0.000001", "50", "50.000001", "1500.75", "12.000000000000000001"] * 2
    made = {shop.deposit(amount).transaction_id: amount for amount in amounts}
    shop.deposit("7", to="declined")
    shop.mock.clock.advance(days=4)

    assert shop.booked() == {
        id_: (shop.customer, "USDT_TRX", amount) for id_, amount in made.items()
    }


def test_the_amount_of_the_row_is_booked_and_not_that_of_the_event(shops: Make) -> None:
    shop = shops("fast")
    shop.changes = {"transactionState": "PENDING_COMPLIANCE_CHECK"}
    deposit = shop.deposit("25.5", to="confirmed")
    shop.changes = {}
    shop.deliver_about(deposit, FUNDS, amount=1000, currency="BTC")

    assert list(shop.booked().values()) == [(shop.customer, "USDT_TRX", "25.5")]


def test_no_deposit_of_an_unknown_customer_is_booked(shops: Make) -> None:
    shop = shops("fast")
    shop.changes = {"transactionState": "PENDING_COMPLIANCE_CHECK"}
    deposit = shop.deposit(to="confirmed")
    shop.changes = {}

    assert shop.deliver_about(deposit, FUNDS, customerId=None) == 500
    assert shop.booked() == {}


def test_a_blocked_customers_deposit_reaches_the_account_and_is_booked(shops: Make) -> None:
    shop = shops("safe")
    shop.calypso.customers.block(shop.customer)
    shop.deposit("25.5")

    assert [str(each.amount) for each in shop.calypso.accounts.get().balances] == ["25.5"]
    assert len(shop.booked()) == 1


def test_the_balance_of_the_mock_grows_by_the_amount_with_the_last_step_only(shops: Make) -> None:
    shop = shops("safe")
    deposit = shop.deposit("25.500001", to="confirmed")
    assert shop.calypso.accounts.get().balances == []
    deposit.advance("credited")

    assert [str(each.amount) for each in shop.calypso.accounts.get().balances] == ["25.500001"]


def test_a_declined_deposit_closes_its_address_and_the_mock_returns_another(shops: Make) -> None:
    shop = shops("safe")
    address = shop.address()
    shop.deposit(to="declined")

    with pytest.raises(MockError, match="takes no deposits"):
        shop.mock.simulate_deposit(address=address, currency="USDT_TRX", amount=1)
    assert shop.address() != address


def test_the_tables_have_each_value_of_the_document() -> None:
    events = {name.removeprefix(GROUP) for name in EVENT_TYPES if name.startswith(GROUP)}

    assert values("`transactionState`") == set(TransactionState)
    assert values("`complianceState`") == {*ComplianceState, "None"}
    assert values("`translationToAccountCompleted`") == {"true", "false", "None"}
    assert {*STEPS, "EXPIRED"} == events
    assert f"`{GROUP}EXPIRED`" in TEXT


def test_an_unknown_state_is_not_final_and_an_unreadable_flag_is_none(shops: Make) -> None:
    shop = shops("safe")
    wire = shop.calypso.transactions.get(shop.deposit().transaction_id).to_dict()
    odd = {"transactionState": "COMPLETED", "translationToAccountCompleted": "odd"}
    found = Transaction.from_dict(wire | odd)

    assert (found.is_final, found.is_credited) == (False, None)


@pytest.mark.parametrize(("name", "rule"), [("credited", "safe"), ("confirmed", "fast")])
def test_the_names_of_the_rules_in_a_reconciliation_mean_the_same(
    shop: Shop, name: str, rule: str
) -> None:
    wire = {"id": "1", "amount": 1, "currency": "BTC"}
    for state, credited in product((*TransactionState, "COMPLETED"), (True, False, None)):
        row = Transaction.from_dict(
            {**wire, "transactionState": str(state), "translationToAccountCompleted": credited}
        )
        expected = shop.names[rule](row)
        assert bool(Rules.of(name, None).is_due(row)) == expected, (state, credited)


def test_the_default_is_the_safe_rule() -> None:
    assert "\ndue = safe " in HANDLER
    assert re.findall(r"^\| \*\*(\w+)\*\*", TEXT, re.MULTILINE) == list(RULES)


def test_each_mark_is_a_page_that_the_document_names_as_a_source() -> None:
    pages = dict(re.findall(r"^\[(\w+)\]: https://(\S+)$", TEXT, re.MULTILINE))
    marks = set(re.findall(r"\[(\w+)\](?![(:])", TEXT))
    document = (ROOT / "openapi.yaml").read_text("utf-8")

    assert marks == set(pages)
    assert [page for page in pages.values() if page not in document] == []


def test_each_line_of_the_tables_says_what_is_documented_inferred_or_not_known() -> None:
    for first in ("`transactionState`", "`complianceState`", "`translationToAccountCompleted`"):
        for row in table(first):
            assert re.search(r"\[\w+\]|inferred|not known|`None`", row[1]), row


@rows("page", ["README.md", "docs/usage.md", "docs/webhooks.md"])
def test_each_page_about_crediting_leads_here(page: str) -> None:
    assert "when-to-credit.md)" in (ROOT / page).read_text("utf-8")


def test_the_types_of_the_page_hold(tmp_path: Path) -> None:
    (tmp_path / "page.py").write_text(SETUP + HANDLER)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(tmp_path / "page.py")],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )

    assert done.stdout.startswith("Success"), done.stdout
