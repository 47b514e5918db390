"""Money sent to the account itself is checked, and then delivered or declined."""

from __future__ import annotations

import json
import threading
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calypso_mock import Mock, MockError
from calypso_mock.simulation import _payments
from tests.mock.receiving import Receiver, signed, subscribe
from tests.mock.rows import NO_ERROR, mock_error, outcomes
from tests.properties import examples

if TYPE_CHECKING:
    from conftest import Api

PENDING = "TOP_UP_PENDING_COMPLIANCE"
DELIVERED = "WALLET_FUNDS_DELIVERED_ACCOUNT"
DECLINED = "TOP_UP_COMPLIANCE_DECLINED"


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def notified(connect: type[Api], still: Any, receiver: Receiver) -> Api:
    """A client of a mock that sends its events at once."""
    return connect(Mock(clock=still, deliver=receiver))


def test_the_balance_grows_by_the_amount_when_a_top_up_is_delivered_and_not_before(
    api: Api,
) -> None:
    api.mock.simulate_top_up(currency="BTC", amount="0.3")
    top_up = api.mock.simulate_top_up(currency="BTC", amount="0.1", to="pending")
    waiting = top_up.step, api.balance("BTC")

    top_up.advance()

    assert waiting == ("pending", Decimal("0.3"))
    assert (top_up.step, api.balance("BTC")) == ("delivered", Decimal("0.4"))


def test_a_declined_top_up_leaves_the_balance_as_it_is(api: Api) -> None:
    top_up = api.mock.simulate_top_up(currency="USDT", amount=7, to="pending")

    top_up.advance("declined")

    assert top_up.step == "declined"
    assert api.ok("getAccount")["balances"] == []


def test_no_top_up_goes_back_or_arrives_twice(api: Api) -> None:
    """A step that does not lie ahead is rejected, and nothing changes."""

    def advance(row: tuple[Any, Any]) -> tuple[bool, bool]:
        at, to = row
        top_up = api.mock.simulate_top_up(currency="BTC", amount=1, to=at)
        before = api.mock.state()
        error = mock_error(lambda: top_up.advance(to))
        return error != NO_ERROR, top_up.step == at and api.mock.state() == before

    rows = [
        ("pending", "pending"),
        ("delivered", "delivered"),
        ("delivered", "declined"),
        ("delivered", None),
        ("declined", "delivered"),
        ("declined", "pending"),
        ("declined", None),
        ("pending", "credited"),
    ]
    assert outcomes(rows, advance) == dict.fromkeys(map(repr, rows), (True, True))


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"currency": "NOPE"}, "no such currency; there are ETH,"),
    ({"currency": None}, "no such currency"),
    ({"currency": []}, "no such currency"),
    ({"amount": 0.1}, "not float"),
    ({"amount": "0"}, "greater than zero"),
    ({"amount": "NaN"}, "greater than zero"),
    ({"amount": "1e61"}, "at most 60 digits"),
    ({"account": "0xnone"}, "no such account; there are 0x"),
    ({"account": 7}, "no such account"),
    ({"to": "mem_pool"}, "one of pending, delivered, declined"),
    ({"to": None}, "one of pending, delivered, declined"),
    ({"sender": ""}, "a sender is an address"),
    ({"sender": "\n"}, "a sender is an address"),
]


def test_an_impossible_top_up_is_rejected_with_a_reason_and_leaves_no_trace(api: Api) -> None:
    before = api.mock.state()

    def notified(row: tuple[dict[str, Any], str]) -> bool:
        wrong, reason = row
        error = mock_error(
            lambda: api.mock.simulate_top_up(**{"currency": "BTC", "amount": 1, **wrong})
        )
        return reason in error and api.mock.state() == before

    assert outcomes(IMPOSSIBLE, notified) == dict.fromkeys(map(repr, IMPOSSIBLE), True)


@examples(25)
@given(units=st.lists(st.integers(1, 10**36), min_size=1, max_size=5))
def test_money_is_exact(connect: type[Api], units: list[int]) -> None:
    """To the last of eighteen digits behind the point, whatever is added to it."""
    api = connect(Mock())

    for each in units:
        api.mock.simulate_top_up(currency="ETH", amount=f"{each}e-18")

    assert Fraction(api.balance("ETH")) == Fraction(sum(units), 10**18)


def test_each_step_is_sent_to_the_subscriptions_that_name_its_event(
    notified: Api, receiver: Receiver
) -> None:
    """Signed with the subscription's secret; a subscription to other events hears nothing."""
    subscribe(notified, services=("CUSTOMER_PURSE", "INVOICE", "PAYOUT"))
    made = subscribe(notified, PENDING, DELIVERED, DECLINED)
    subscribe(notified, DECLINED)

    top_up = notified.mock.simulate_top_up(
        currency="USDT_TRX", amount="12.50", sender="Tsender", to="pending"
    )
    notified.mock.clock.advance(hours=1)
    top_up.advance()

    common = {
        "amount": Decimal("12.50"),
        "currency": "USDT_TRX",
        "senderAddress": "Tsender",
        "paymentDate": "2026-11-21T12:00:00.0",
        "transactionHash": top_up.transaction_hash,
    }
    envelope = {"requestId": made["requestId"], "service": "TOP_UP"}
    assert receiver.events == [
        {
            **envelope,
            "id": 1,
            "createdDate": "2026-11-21T12:00:00.0",
            "level": "INFO",
            "eventType": PENDING,
            "data": {"type": PENDING, **common},
        },
        {
            **envelope,
            "id": 2,
            "createdDate": "2026-11-21T13:00:00.0",
            "level": "SUCCESS",
            "eventType": DELIVERED,
            "data": {"type": DELIVERED, **common},
        },
    ]
    for _, headers, body in receiver.received:
        assert headers["Sign"] == signed(made["secretKey"], body)


def test_a_decline_is_sent_as_a_warning(notified: Api, receiver: Receiver) -> None:
    subscribe(notified, PENDING, DELIVERED, DECLINED)

    notified.mock.simulate_top_up(currency="BTC", amount=1, to="declined")

    assert receiver.types == [PENDING, DECLINED]
    assert [event["level"] for event in receiver.events] == ["INFO", "WARNING"]


def test_the_named_account_is_topped_up_and_notified(
    connect: type[Api], receiver: Receiver
) -> None:
    """And no other."""
    mock = Mock(deliver=receiver)
    first = connect(mock)
    second = connect(mock, mock.add_account())
    made = [subscribe(each, DELIVERED)["requestId"] for each in (first, second)]

    mock.simulate_top_up(currency="BTC", amount=2, account=second.settings["account"])

    assert (first.balance("BTC"), second.balance("BTC")) == (0, 2)
    assert [event["requestId"] for event in receiver.events] == made[1:]


def test_an_event_that_breaks_the_document_never_leaves(
    connect: type[Api], document: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """They are held against the document like those of deposits; the log is loud of it."""
    document["components"]["schemas"]["TopUpData"]["required"].append("fiatAmount")
    receiver = Receiver()
    api = connect(Mock(document=document, deliver=receiver))
    subscribe(api, PENDING, DELIVERED)
    api.mock.simulate_top_up(currency="BTC", amount=1)

    assert receiver.types == [DELIVERED]
    assert "data.fiatAmount=[is required]" in caplog.text


def test_no_transaction_comes_of_a_top_up(api: Api) -> None:
    """The API's transactions are deposits at customers' addresses."""
    api.mock.simulate_top_up(currency="BTC", amount=1)

    assert api.ok("findTransactions", {})["result"] == []


def test_a_top_up_can_be_made_and_moved_on_over_http(api: Api) -> None:
    """As by simulate_top_up, delivered by default; the state shows it."""
    account = api.settings["account"]
    wanted = {"currency": "ETH", "amount": "0.1", "account": account, "to": "pending"}

    made = api.control("POST", "top-up", wanted)
    moved = api.control("POST", "top-up/advance", {"topUpId": made.json["topUpId"]})
    exact = api.mock.handle(
        "POST", "/_mock/top-up", {}, b'{"currency":"ETH","amount":0.000000000000000000001}'
    )

    assert (made.status, made.json["step"], moved.json) == (
        200,
        "pending",
        {"topUpId": made.json["topUpId"], "step": "delivered"},
    )
    assert json.loads(exact.body)["step"] == "delivered"
    assert str(api.balance("ETH")) == "0.100000000000000000001"
    shown = api.control("GET", "state").json["accounts"][0]["topUps"]
    assert [(each["topUpId"], each["amount"], each["step"]) for each in shown] == [
        (made.json["topUpId"], "0.1", "delivered"),
        (json.loads(exact.body)["topUpId"], "0.000000000000000000001", "delivered"),
    ]


def test_a_reset_forgets_top_ups(api: Api) -> None:
    start = api.mock.state()
    top_up = api.mock.simulate_top_up(currency="BTC", amount=1, to="pending")
    api.mock.reset()

    assert api.mock.state() == start
    with pytest.raises(MockError, match="the mock was reset"):
        top_up.advance()


def test_a_top_up_moves_on_while_no_other_thread_can_change_anything(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that of several threads that deliver it one does, and the balance grows once."""
    credit, lock = _payments.credit, api.mock._context.lock
    entered: list[bool] = []

    def enter() -> None:
        entered.append(lock.acquire(blocking=False))
        if entered[-1]:
            lock.release()

    def watched(*args: Any) -> None:
        other = threading.Thread(target=enter)
        other.start()
        other.join()
        credit(*args)

    monkeypatch.setattr(_payments, "credit", watched)
    api.mock.simulate_top_up(currency="BTC", amount=1, to="pending").advance()
    api.mock.simulate_top_up(currency="BTC", amount=1)

    assert entered == [False, False]
    assert api.balance("BTC") == 2
