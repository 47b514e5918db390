"""Addresses expire as the guides describe, with one event, and all responses agree with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calypso_mock import Clock, Mock, MockError
from tests.mock.receiving import EXPIRED, Receiver, deposit, subscribe
from tests.properties import examples

if TYPE_CHECKING:
    from conftest import Api

HOUR = timedelta(hours=1)


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def delivering(connect: type[Api], still: Clock, receiver: Receiver) -> Api:
    """A client, subscribed to expiries, of a mock that delivers to the receiver at once."""
    api = connect(Mock(clock=still, deliver=receiver))
    subscribe(api, EXPIRED)
    return api


def _days(api: Api, event: Any) -> float:
    noon = api.mock.clock._base.now.replace(tzinfo=None)  # type: ignore[attr-defined]
    return (datetime.fromisoformat(event["createdDate"]) - noon) / timedelta(days=1)


def test_an_unused_address_expires_after_30_days(delivering: Api, receiver: Receiver) -> None:
    """Not an hour before; there is one event, with its customer."""
    customer = delivering.customer()
    address = delivering.address("USDT_TRX", customer)
    delivering.mock.clock.advance(timedelta(days=30) - HOUR)
    assert receiver.received == []
    delivering.mock.clock.advance(HOUR)
    delivering.mock.clock.advance(days=100)

    [event] = receiver.events
    purse = delivering.ok("getPurses", {"customerId": customer})[0]
    assert event["data"] == {
        "customerId": customer,
        "customerBlocked": False,
        "purseId": purse["id"],
        "address": address,
    }
    assert _days(delivering, event) == 30


def test_an_address_lives_a_year_from_its_last_confirmed_deposit(
    delivering: Api, receiver: Receiver
) -> None:
    """Each postpones it; the responses of the API agree to the hour."""
    customer = delivering.customer()
    address = delivering.address("USDT_TRX", customer)
    delivering.mock.clock.advance(days=20)
    deposit(delivering, address=address)
    delivering.mock.clock.advance(days=300)
    deposit(delivering, "confirmed", address=address)
    delivering.mock.clock.advance(timedelta(days=365) - HOUR)
    assert receiver.received == []
    assert delivering.address("USDT_TRX", customer) == address
    assert delivering.ok("getPurses", {"customerId": customer})[0]["status"] == "PENDING_PAYMENT"

    delivering.mock.clock.advance(HOUR)

    assert [_days(delivering, event) for event in receiver.events] == [685]
    assert delivering.ok("getPurses", {"customerId": customer})[0]["status"] == "ARCHIVED"
    assert delivering.address("USDT_TRX", customer) != address
    with pytest.raises(MockError, match="ARCHIVED"):
        deposit(delivering, address=address)


def test_a_deposit_counts_from_its_confirmation(delivering: Api, receiver: Receiver) -> None:
    """One on its way keeps the address alive meanwhile, and one too late revives nothing."""
    first = deposit(delivering, "mem_pool")
    deposit(delivering, "mem_pool", address=(address := delivering.address("USDT_TRX")))
    delivering.mock.clock.advance(days=100)
    first.advance("confirmed")
    delivering.mock.clock.advance(days=265)
    assert [event["data"]["address"] for event in receiver.events] == [address]

    delivering.mock.clock.advance(days=100)
    first.advance()

    assert [_days(delivering, event) for event in receiver.events] == [365, 465]


def test_a_late_confirmation_does_not_revive_an_expired_address(
    delivering: Api, receiver: Receiver
) -> None:
    """The money is credited all the same, and it expires no second time."""
    made = deposit(delivering, "mem_pool", address=(address := delivering.address("USDT_TRX")))
    delivering.mock.clock.advance(days=366)
    made.advance("credited")
    delivering.mock.clock.advance(days=100)

    assert len(receiver.received) == 1
    assert delivering.balance("USDT_TRX") > 0
    with pytest.raises(MockError, match="ARCHIVED"):
        deposit(delivering, address=address)


def test_a_declined_address_does_not_expire(delivering: Api, receiver: Receiver) -> None:
    """It was closed before."""
    deposit(delivering, "declined")
    delivering.mock.clock.advance(days=800)

    assert receiver.received == []


def test_an_expiry_before_a_seeded_mock_began_is_not_sent(connect: type[Api]) -> None:
    """The document's example of an expired address is history."""
    receiver = Receiver()
    mock = Mock(seeded=True, deliver=receiver)
    subscribe(connect(mock), EXPIRED)
    mock.clock.advance(hours=1)

    assert receiver.received == []
    mock.clock.advance(days=800)
    assert receiver.types.count(EXPIRED) == len(receiver.received)


@examples(10)
@given(gaps=st.lists(st.integers(0, 40), min_size=1, max_size=6), used=st.sets(st.integers(0, 5)))
def test_a_jump_past_several_sends_each_in_order(
    connect: type[Api], gaps: list[int], used: set[int]
) -> None:
    """One leap over two years sends the same events as day after day."""
    assert _expiries(connect, gaps, used, [620]) == _expiries(connect, gaps, used, [1] * 620)


def _expiries(connect: type[Api], gaps: list[int], used: set[int], steps: list[int]) -> list[Any]:
    now = datetime.fromisoformat("2026-11-21T12:00:00Z")
    receiver = Receiver()
    mock = Mock(clock=Clock(lambda: now), deliver=receiver)
    api = connect(mock)
    subscribe(api, EXPIRED)
    for number, gap in enumerate(gaps):
        mock.clock.advance(days=gap)
        address = api.address("USDT_TRX")
        if number in used:
            deposit(api, address=address)
    for step in steps:
        mock.clock.advance(days=step)
    assert len(receiver.received) == len(gaps)
    dates = [event["createdDate"] for event in receiver.events]
    assert dates == sorted(dates)
    assert receiver.ids == sorted(receiver.ids)
    return [(event["id"], event["createdDate"], event["data"]) for event in receiver.events]
