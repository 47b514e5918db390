"""What a request costs the mock, in calls of functions: those repeat exactly, seconds do not."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from calypso_mock import Clock, Mock, _json
from calypso_mock.api import _views
from tests.mock.receiving import Receiver, deposit, subscribe
from tests.mock.rows import outcomes

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    import pytest

    from calypso_mock.state._records import Step, Transaction
    from conftest import Api

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TRON = "USDT_TRX"
PAGE = {"pageSize": 1}


def _shop(connect: type[Api], still: Clock, customers: int) -> tuple[Api, str]:
    """A client of a mock and the last of its customers, each of which has one deposit.

    A subscription gets the events.
    """
    api = connect(Mock(clock=still))
    subscribe(api)
    customer = ""
    for _ in range(customers):
        customer = api.customer()
        deposit(api, address=api.address(TRON, customer))
    return api, customer


def _calls(run: Callable[[], object]) -> int:
    """Count the functions that modules of the mock call, those of C included, in a second run."""
    run()
    count = 0

    def note(frame: FrameType, event: str, _: object) -> None:
        nonlocal count
        if event in {"call", "c_call"}:
            count += frame.f_globals["__name__"].startswith("calypso_mock")

    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(None)
    return count


def test_the_cost_of_a_request_does_not_grow_with_the_customers(
    connect: type[Api], still: Clock
) -> None:
    """Nor does that of a deposit; searches by filters and in other orders go through all rows."""
    receiver = Receiver()

    def costs(customers: int) -> dict[str, int | dict[str, str]]:
        api, customer = _shop(connect, still, customers)
        address = api.address(TRON, customer)
        requests: dict[str, tuple[str, Any]] = {
            "account": ("getAccount", {}),
            "create": ("createCustomer", {"email": "ada@shop.example"}),
            "address": ("getAddress", {"customerId": customer, "currency": TRON}),
            "purses": ("getPurses", {"customerId": customer}),
            "of the customer": ("findTransactions", {"customerId": customer}),
            "first page": ("findTransactions", PAGE),
            "last page": ("findTransactions", {**PAGE, "pageNumber": customers - 1}),
        }
        return {
            **outcomes(requests, lambda request: _calls(lambda: api.ok(*request))),
            "deposit": _calls(lambda: deposit(api, address=address)),
            "delivery": _calls(
                lambda: (deposit(api, address=address), api.mock.deliveries.deliver_due(receiver))
            ),
            "count": _calls(api.mock.journal.counts),
        }

    assert costs(200) == costs(2)


def test_twenty_rows_cost_less_than_three_requests_for_the_account(
    connect: type[Api], still: Clock
) -> None:
    """Less than two, measured, the first time they are shown; almost seven if written then."""
    api, customer = _shop(connect, still, 1)
    address = api.address(TRON, customer)
    made = [deposit(api, "pending", address=address) for _ in range(39)]
    for each in made:
        each.advance("credited")
    pages = iter((0, 1))

    rows = _calls(lambda: api.ok("findTransactions", {"pageNumber": next(pages), "pageSize": 20}))

    assert rows < 3 * _calls(lambda: api.ok("getAccount", {}))


def test_a_row_is_written_as_any_object_is_at_each_step(api: Api) -> None:
    """Also if its sender looks like what a step decides, or has what JSON escapes."""
    look_alike = '"transactionState":"MEM_POOL_FOUND","complianceState":"UNCHECKED",'
    senders = ("elsewhere", look_alike, f"{look_alike[1:]}\\", "\\0", "%s{}")

    def is_plain(given: tuple[str, Step]) -> bool:
        made = deposit(api, given[1], sender=given[0], amount="1000")
        row = api.mock._context.state.known_transaction(made.transaction_id)
        found = api.call("getTransaction", {"transactionId": row.id})
        return found.content == _json.dump(_views.deposit(row))

    cases = {f"{sender} {step}": (sender, step) for sender in senders for step in _views.STATES}
    assert outcomes(cases, is_plain) == dict.fromkeys(cases, True)


def test_only_rows_that_changed_are_written_again(
    connect: type[Api], still: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At most 1,000 are kept, so that memory does not grow with what was shown."""
    api, customer = _shop(connect, still, 3)
    rows = list(api.mock._context.state.accounts[api.settings["account"]].transactions.values())
    written = []
    healthy = _views._row
    monkeypatch.setattr(_views, "_row", lambda row: written.append(row) or healthy(row))

    def newly_written() -> list[Transaction]:
        written.clear()
        api.ok("findTransactions", {"pageSize": 2000})
        api.ok("getTransaction", {"transactionId": rows[0].id})
        return written.copy()

    assert newly_written() == rows
    assert newly_written() == []
    rows[1].step = "declined"
    assert newly_written() == [rows[1]]
    address = api.address(TRON, customer)
    for _ in range(998):
        deposit(api, address=address)
    newly_written()
    assert len(rows[0].purse.customer.account.rows) < 1_000


def test_a_changed_deposit_is_shown_as_it_is_now(api: Api) -> None:
    """Whatever was changed of it, also an amount that equals the old one, with more digits."""
    handle = deposit(api, "mem_pool", amount="1.5")
    row = api.mock._context.state.known_transaction(handle.transaction_id)
    changes: dict[str, Any] = {
        "step": "confirmed",
        "amount": Decimal("1.50"),
        "currency": "TRX",
        "sender": "elsewhere",
        "hash": None,
        "created": row.created - timedelta(hours=1),
    }
    api.call("findTransactions", {})

    def shown(name: str) -> bool:
        setattr(row, name, changes[name])
        expected = _json.dump(_views.deposit(row))
        found = api.call("findTransactions", {})
        return expected in found.content

    assert {name: shown(name) for name in changes} == dict.fromkeys(changes, True)


def test_a_row_outside_the_document_is_noticed_each_time(api: Api) -> None:
    """A row that is kept is checked with every response."""
    handle = deposit(api)
    row = api.mock._context.state.known_transaction(handle.transaction_id)
    row.currency = 5

    responses = [api.call("findTransactions", {}) for _ in range(2)]

    assert [each.error for each in responses] == [(500, "000")] * 2
    assert "result[0].currency" in responses[1].message
    row.currency = TRON
    assert api.ok("findTransactions", {})["totalElements"] == 1


def test_an_earlier_date_comes_first_whenever_it_arrives(connect: type[Api]) -> None:
    """The machine's clock may be set back."""
    times = [NOON]
    api, customer = _shop(connect, Clock(lambda: times[-1]), 2)
    times.append(NOON - timedelta(hours=1))
    early = deposit(api, address=api.address(TRON, customer)).transaction_id

    assert api.ok("findTransactions", {})["result"][0]["id"] == early


def test_a_frozen_object_cannot_be_changed() -> None:
    """Its text stays what was validated."""
    frozen = _json.FrozenObject(amount=Decimal("1.50"), currency="TRX")
    changes: dict[str, Callable[[], object]] = {
        "set": lambda: frozen.__setitem__("amount", 1),
        "delete": lambda: frozen.__delitem__("amount"),
        "merge": lambda: frozen.__ior__({"amount": 1}),
        "clear": frozen.clear,
        "pop": lambda: frozen.pop("amount"),
        "popitem": frozen.popitem,
        "setdefault": lambda: frozen.setdefault("new", 1),
        "update": lambda: frozen.update(amount=1),
    }
    error = {"TypeError": "this object cannot be changed; make a dict of it"}

    def run(change: Callable[[], object]) -> object:
        return change()

    assert outcomes(changes, run) == dict.fromkeys(changes, error)
    assert _json.dump([frozen, frozen]) == _json.dump([dict(frozen)] * 2)
