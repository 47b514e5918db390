"""Deposits go step by step; money is exact, and counts only when it is credited."""

from __future__ import annotations

import decimal
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calypso_mock import Mock, MockError
from tests.mock.rows import NO_ERROR, mock_error, outcomes
from tests.properties import examples

if TYPE_CHECKING:
    from conftest import Api

STATES = {
    "mem_pool": ("MEM_POOL_FOUND", "UNCHECKED", False),
    "pending": ("PENDING_COMPLIANCE_CHECK", "IN_PROGRESS", False),
    "confirmed": ("CONFIRMED", "CHECKED", False),
    "credited": ("CONFIRMED", "CHECKED", True),
    "declined": ("DECLINED", "DECLINE", False),
}


def shown(api: Api, transaction_id: str) -> tuple[str, str, bool]:
    row = api.ok("getTransaction", {"transactionId": transaction_id})
    return row["transactionState"], row["complianceState"], row["translationToAccountCompleted"]


def test_a_deposit_goes_step_by_step_and_is_credited_at_the_end(api: Api) -> None:
    """The balance grows with the last step only, not when the deposit is confirmed."""
    deposit = api.mock.simulate_deposit(
        address=api.address("BTC"), currency="BTC", amount="0.1", to="mem_pool"
    )
    seen = [(deposit.step, shown(api, deposit.transaction_id), api.balance("BTC"))]
    for _ in range(3):
        deposit.advance()
        seen.append((deposit.step, shown(api, deposit.transaction_id), api.balance("BTC")))

    assert seen == [
        ("mem_pool", STATES["mem_pool"], 0),
        ("pending", STATES["pending"], 0),
        ("confirmed", STATES["confirmed"], 0),
        ("credited", STATES["credited"], Decimal("0.1")),
    ]


def test_a_deposit_can_be_put_at_any_step(connect: type[Api]) -> None:
    """Both states and the flag fit the step, and only a credited one has changed the balance."""

    def seen(to: Any) -> tuple[Any, ...]:
        api = connect(Mock())
        deposit = api.mock.simulate_deposit(
            address=api.address("TRX"), currency="USDT_TRX", amount=5, to=to
        )
        return deposit.step, shown(api, deposit.transaction_id), api.balance("USDT_TRX")

    assert outcomes(list(STATES), seen) == {
        to: (to, state, 5 if to == "credited" else 0) for to, state in STATES.items()
    }


def test_a_transaction_shows_its_deposit(api: Api) -> None:
    """Amount, sender, currency, hash and date as they were simulated."""
    address = api.address("ETH")
    deposit = api.mock.simulate_deposit(
        address=address, currency="USDT_BSC", amount="25.50", sender="0xsender"
    )

    row = api.ok("getTransaction", {"transactionId": deposit.transaction_id})

    assert row["id"] == deposit.transaction_id
    assert str(row["amount"]) == "25.50"
    assert (row["addressFrom"], row["currency"]) == ("0xsender", "USDT_BSC")
    assert row["createdDate"] == "2026-11-21T12:00:00.000Z"
    assert len(bytes.fromhex(row["transactionHash"].removeprefix("0x"))) == 32


def test_a_declined_deposit_closes_its_address(api: Api) -> None:
    """No further deposit, status DECLINED, no money; the next address is another one."""
    customer = api.customer()
    address = api.address("USDT_TRX", customer)
    deposit = api.mock.simulate_deposit(
        address=address, currency="USDT_TRX", amount=10, to="pending"
    )

    deposit.advance("declined")

    assert api.balance("USDT_TRX") == 0
    assert api.ok("getPurses", {"customerId": customer})[0]["status"] == "DECLINED"
    with pytest.raises(MockError, match="is DECLINED and takes no deposits"):
        api.mock.simulate_deposit(address=address, currency="TRX", amount=1)
    assert api.address("USDT_TRX", customer) != address


def test_a_decline_leaves_other_deposits_and_addresses_alone(api: Api) -> None:
    """What was on its way goes on, and the customer's other addresses stay open."""
    customer = api.customer()
    tron, bitcoin = api.address("TRX", customer), api.address("BTC", customer)
    first = api.mock.simulate_deposit(address=tron, currency="TRX", amount=1, to="confirmed")
    api.mock.simulate_deposit(address=tron, currency="TRX", amount=1, to="declined")

    first.advance("credited")
    api.mock.simulate_deposit(address=bitcoin, currency="BTC", amount=3)

    assert (api.balance("TRX"), api.balance("BTC")) == (1, 3)


def test_no_deposit_goes_back_or_aside(api: Api) -> None:
    """A step that does not lie ahead is rejected, and nothing changes."""

    def advance(row: tuple[Any, Any]) -> tuple[bool, bool]:
        at, to = row
        deposit = api.mock.simulate_deposit(
            address=api.address("BTC"), currency="BTC", amount=1, to=at
        )
        before = api.mock.state()
        error = mock_error(lambda: deposit.advance(to))
        return error != NO_ERROR, deposit.step == at and api.mock.state() == before

    rows = [
        ("mem_pool", "mem_pool"),
        ("pending", "mem_pool"),
        ("confirmed", "pending"),
        ("confirmed", "declined"),
        ("credited", "credited"),
        ("credited", "declined"),
        ("credited", None),
        ("declined", "credited"),
        ("declined", "pending"),
        ("declined", "declined"),
        ("declined", None),
        ("mem_pool", "lost"),
    ]
    assert outcomes(rows, advance) == dict.fromkeys(map(repr, rows), (True, True))


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"address": "bc1qunknown"}, "no customer has this address"),
    ({"address": None}, "no customer has this address"),
    ({"address": ""}, "no customer has this address"),
    ({"currency": "ETH"}, "takes BTC, and no other"),
    ({"currency": "NOPE"}, "takes BTC, and no other"),
    ({"currency": None}, "takes BTC, and no other"),
    ({"amount": 0.1}, "not float"),
    ({"amount": True}, "not bool"),
    ({"amount": None}, "not NoneType"),
    ({"amount": 0}, "greater than zero"),
    ({"amount": "-0.00"}, "greater than zero"),
    ({"amount": Decimal(-1)}, "greater than zero"),
    ({"amount": "NaN"}, "greater than zero"),
    ({"amount": Decimal("sNaN")}, "greater than zero"),
    ({"amount": "Infinity"}, "greater than zero"),
    ({"amount": "1,5"}, "decimal number"),
    ({"amount": ""}, "decimal number"),
    ({"amount": "1_000"}, "decimal number"),
    ({"amount": " 1"}, "decimal number"),
    ({"amount": "\uff11"}, "decimal number"),
    ({"amount": "+1"}, "decimal number"),
    ({"amount": "9" * 61}, "60 digits"),
    ({"amount": "1e-61"}, "60 digits"),
    ({"amount": "1e1000000"}, "60 digits"),
    ({"to": "done"}, "mem_pool, pending, confirmed, credited, declined"),
    ({"to": None}, "mem_pool, pending, confirmed, credited, declined"),
    ({"sender": ""}, "printable ASCII"),
    ({"sender": 7}, "printable ASCII"),
    ({"sender": "\ud800"}, "printable ASCII"),
    ({"sender": "x" * 257}, "printable ASCII"),
]


def test_an_impossible_deposit_is_rejected_and_leaves_no_trace(api: Api) -> None:
    """The error names the reason; it is the mock's own ValueError."""
    good = {"address": api.address("BTC"), "currency": "BTC", "amount": 1}

    def error(row: tuple[dict[str, Any], str]) -> str:
        (wrong, message), before = row, api.mock.state()
        found = mock_error(lambda: api.mock.simulate_deposit(**{**good, **wrong}))
        assert api.mock.state() == before
        return message if message in found else found

    assert outcomes({repr(row[0]): row for row in IMPOSSIBLE}, error) == {
        repr(wrong): message for wrong, message in IMPOSSIBLE
    }
    assert issubclass(MockError, ValueError)


def test_an_expired_address_takes_no_deposits(api: Api) -> None:
    """The error names the status, archived."""
    address = api.address("BTC")
    api.mock.clock.advance(days=30)

    with pytest.raises(MockError, match="is ARCHIVED and takes no deposits"):
        api.mock.simulate_deposit(address=address, currency="BTC", amount=1)


def test_an_address_may_be_given_in_checksum_case(api: Api) -> None:
    """Hex digits of mixed case are the same address; base58 is not."""
    mixed = "0x" + api.address("ETH")[2:].upper()
    api.mock.simulate_deposit(address=mixed, currency="ETH", amount=1)

    assert api.balance("ETH") == 1
    with pytest.raises(MockError, match="no customer has this address"):
        api.mock.simulate_deposit(address=api.address("BTC").lower(), currency="BTC", amount=1)


def test_a_deposit_does_not_outlive_a_reset(api: Api) -> None:
    """Its handle raises, though a new deposit has the same id."""
    deposit = api.mock.simulate_deposit(
        address=api.address("BTC"), currency="BTC", amount=1, to="pending"
    )
    api.mock.reset()
    again = api.mock.simulate_deposit(
        address=api.address("BTC"), currency="BTC", amount=1, to="pending"
    )

    assert again.transaction_id == deposit.transaction_id
    with pytest.raises(MockError, match="was reset"):
        deposit.advance()
    assert again.advance().step == "confirmed"


AMOUNTS = st.decimals(min_value=Decimal("1e-18"), max_value=Decimal("1e20"), places=18)


@examples(20)
@given(amounts=st.lists(AMOUNTS, min_size=1, max_size=8), precision=st.integers(1, 60))
def test_balances_are_exact_to_the_last_of_38_digits(
    connect: type[Api], amounts: list[Decimal], precision: int
) -> None:
    """On the wire and in the sum, whatever decimal context the program has set."""
    api = connect(Mock())
    address = api.address("ETH")
    with decimal.localcontext(prec=precision, traps=[decimal.Inexact]):
        for amount in amounts:
            api.mock.simulate_deposit(address=address, currency="ETH", amount=amount)
        response = api.call("getAccount")
        rows = api.ok("findTransactions", {})["result"]

    expected = decimal.Context(prec=100)
    total = Decimal()
    for amount in amounts:
        total = expected.add(total, amount)
    assert response.json["balances"] == [{"currency": "ETH", "amount": total}]
    assert b"E" not in response.content.split(b"balances")[1].replace(b"ETH", b"")
    assert [row["amount"] for row in rows] == amounts


def test_amounts_are_written_digit_by_digit(connect: type[Api]) -> None:
    """Never with an exponent, and as many digits as there were."""

    def written(amount: Any) -> set[str]:
        api = connect(Mock())
        api.mock.simulate_deposit(address=api.address("ETH"), currency="ETH", amount=amount)
        contents = [api.call("getAccount").content, api.call("findTransactions", {}).content]
        return {re.search(rb'"amount":([^,}]*)', content)[1].decode() for content in contents}

    rows = [
        ("1E+3", "1000"),
        ("1e-18", "0.000000000000000001"),
        ("12345678901234567890.123456789012345678", "12345678901234567890.123456789012345678"),
        ("1.50", "1.50"),
        (Decimal("1E+2"), "100"),
        (10**40, "1" + "0" * 40),
    ]
    assert outcomes({str(amount): amount for amount, _ in rows}, written) == {
        str(amount): {digits} for amount, digits in rows
    }
