"""Two clocks: business time moves objects, wire time moves signing, neither moves the other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pytest

from calypso_mock import Clock, Mock, MockError
from tests.mock.rows import NO_ERROR, mock_error, outcomes

if TYPE_CHECKING:
    from conftest import Api

MICROSECOND = timedelta(microseconds=1)


def statuses(api: Api, customer: str) -> list[str]:
    return [purse["status"] for purse in api.ok("getPurses", {"customerId": customer})]


def test_both_clocks_start_at_the_real_time(connect: type[Api]) -> None:
    """A real client with a real clock is understood."""
    mock = Mock()
    before = datetime.now(UTC)
    business, wire = mock.clock.now(), mock.clock.wire()

    assert before <= business <= wire <= datetime.now(UTC)
    stamp = int(before.timestamp() * 1000)
    assert connect(mock).call("getAccount", timestamp=stamp).status == 200


def test_a_month_of_business_does_not_break_signing(api: Api) -> None:
    """Requests stamped with the real time stay fresh, and the Date header stays real."""
    api.mock.clock.advance(days=31, hours=1, seconds=1)

    response = api.call("getAccount")

    assert response.status == 200
    assert parsedate_to_datetime(response.headers["date"]) == api.mock.clock.wire()
    assert api.mock.clock.now() - api.mock.clock.wire() == timedelta(days=31, hours=1, seconds=1)


def test_new_objects_are_dated_in_business_time(api: Api) -> None:
    """Purses, deposits and subscriptions have the advanced date."""
    api.mock.clock.advance(timedelta(days=10))
    customer = api.customer()
    api.mock.simulate_deposit(address=api.address("BTC", customer), currency="BTC", amount=1)

    assert api.ok("findTransactions", {})["result"][0]["createdDate"] == "2026-12-01T12:00:00.000Z"
    purse = api.ok("getPurses", {"customerId": customer})[0]
    assert purse["createdDate"] == "2026-12-01T12:00:00.000Z"


def test_skew_moves_the_window_and_the_date_header(api: Api) -> None:
    """The server uses its own clock: its timestamp is fresh, and the header shows it."""
    business = api.mock.clock.now()
    real = api.mock.clock.wire_ms()

    def seen(seconds: float) -> tuple[Any, ...]:
        api.mock.clock.skew(seconds)
        offset = api.mock.clock.wire_ms() - real
        fresh = api.call("getAccount", timestamp=real + offset)
        shown = parsedate_to_datetime(fresh.headers["date"])
        return (
            offset,
            fresh.status,
            api.call("getAccount", timestamp=real).status,
            shown == api.mock.clock.wire().replace(microsecond=0),
        )

    assert outcomes([-200, 200, 0.5, 86400], seen) == {
        "-200": (-200_000, 200, 400, True),
        "200": (200_000, 200, 400, True),
        "0.5": (500, 200, 200, True),
        "86400": (86_400_000, 200, 400, True),
    }
    assert api.mock.clock.now() == business


def test_the_window_is_measured_from_skewed_time(api: Api) -> None:
    """With a skew, the edges lie three minutes from the server's time, to the millisecond."""
    real = api.mock.clock.wire_ms()
    edges = [(300_000 + off, abs(off) <= 180_000) for off in (-180_001, -180_000, 180_000, 180_001)]

    api.mock.clock.skew(300)

    for off, accepted in edges:
        assert (api.call("getAccount", timestamp=real + off).status == 200) == accepted


def test_skew_replaces_the_skew_before(api: Api) -> None:
    """It is set, not added."""
    real = api.mock.clock.wire()

    api.mock.clock.skew(60)
    api.mock.clock.skew(-60)
    assert api.mock.clock.wire() == real - timedelta(seconds=60)
    assert api.mock.clock.skew(0) == real


def test_an_address_expires_exactly_after_thirty_days(api: Api) -> None:
    """One microsecond earlier it is live; then it is archived and the next one is new."""
    customer = api.customer()
    first = api.address("ETH", customer)

    api.mock.clock.advance(timedelta(days=30) - MICROSECOND)
    assert statuses(api, customer) == ["PENDING_PAYMENT"]
    assert api.address("USDT_BSC", customer) == first

    api.mock.clock.advance(MICROSECOND)
    assert statuses(api, customer) == ["ARCHIVED"]
    second = api.address("ETH", customer)
    assert second != first
    assert statuses(api, customer) == ["ARCHIVED", "PENDING_PAYMENT"]
    assert api.address("POL", customer) == second


def test_looking_at_an_address_does_not_prolong_it(api: Api) -> None:
    """Only a deposit does; asking for it every day does not."""
    customer = api.customer()
    first = api.address("BTC", customer)
    for _ in range(29):
        api.mock.clock.advance(days=1)
        assert api.address("BTC", customer) == first
    api.mock.clock.advance(days=1)

    assert api.address("BTC", customer) != first


def test_each_address_has_thirty_days_of_its_own(api: Api) -> None:
    """What was handed out later expires later."""
    customer = api.customer()
    api.address("BTC", customer)
    api.mock.clock.advance(days=20)
    api.address("ETH", customer)

    api.mock.clock.advance(days=10)
    assert statuses(api, customer) == ["ARCHIVED", "PENDING_PAYMENT"]
    api.mock.clock.advance(days=20)
    assert statuses(api, customer) == ["ARCHIVED", "ARCHIVED"]


def test_any_deposit_keeps_an_address_alive(api: Api) -> None:
    """However far it has come, an address that received something does not expire by this rule."""
    steps = ["mem_pool", "pending", "confirmed", "credited"]
    customers = {to: api.customer() for to in steps}
    addresses = {to: api.address("BTC", customers[to]) for to in steps}
    api.mock.clock.advance(days=29)
    for to in steps:
        api.mock.simulate_deposit(address=addresses[to], currency="BTC", amount=1, to=to)

    api.mock.clock.advance(days=300)

    assert {to: statuses(api, customers[to]) for to in steps} == {
        to: ["PENDING_PAYMENT"] for to in steps
    }
    assert {to: api.address("BTC", customers[to]) for to in steps} == addresses


def test_business_time_never_goes_back(api: Api) -> None:
    """What has expired would come back to life."""
    with pytest.raises(MockError, match="only moves forward"):
        api.mock.clock.advance(days=1, hours=-25)
    with pytest.raises(MockError, match="only moves forward"):
        api.mock.clock.advance(timedelta(seconds=-1))


def test_time_stays_in_the_calendar(api: Api) -> None:
    """A difference beyond the calendar is rejected, and nothing moves."""
    api.mock.clock.advance(days=1)
    before = api.mock.clock.now(), api.mock.clock.wire()

    def move(far: float) -> tuple[bool, bool, bool]:
        advanced = mock_error(lambda: api.mock.clock.advance(days=far))
        skewed = mock_error(lambda: api.mock.clock.skew(far * 1e5))
        unmoved = (api.mock.clock.now(), api.mock.clock.wire()) == before
        return advanced != NO_ERROR, skewed != NO_ERROR, unmoved

    far_away = [1e300, float("inf"), float("nan"), 1e6, 999_999_999]
    assert outcomes(far_away, move) == dict.fromkeys(map(repr, far_away), (True, True, True))


def test_reset_takes_both_clocks_back(api: Api) -> None:
    """As if nothing had moved."""
    before = api.mock.clock.now(), api.mock.clock.wire()
    api.mock.clock.advance(days=1)
    api.mock.clock.skew(1)

    api.mock.reset()

    assert (api.mock.clock.now(), api.mock.clock.wire()) == before


def test_a_base_in_another_zone_is_written_as_utc(connect: type[Api]) -> None:
    """Responses are in UTC whatever zone the base has, and cut off after milliseconds."""
    tokyo = datetime(2026, 1, 1, 3, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=9)))
    api = connect(Mock(clock=Clock(lambda: tokyo)))
    customer = api.customer()
    api.address("BTC", customer)

    purse = api.ok("getPurses", {"customerId": customer})[0]
    assert purse["createdDate"] == "2025-12-31T18:00:00.999Z"
    assert api.call("getAccount").headers["date"] == "Wed, 31 Dec 2025 18:00:00 GMT"
