"""Retries follow the vendor's schedule by business time, and too many errors block."""

from __future__ import annotations

from datetime import timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

import pytest

from calypso_mock import Clock, Mock, MockError
from tests.mock.receiving import Receiver, deposit, due_steps, subscribe
from tests.mock.rows import outcomes

if TYPE_CHECKING:
    from conftest import Api

# As the vendor's page lists them, in seconds: 18 gaps of together 91.2 hours.
LISTED = "30 60 90 150 240 390 630 1020 1650 2670 4320 6990 11310 18300 29610 47910 77520 125430"
GAPS = [int(gap) for gap in LISTED.split()]
MOMENTS = [*accumulate(GAPS, initial=0)]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver(500)


@pytest.fixture
def delivering(connect: type[Api], still: Clock, receiver: Receiver) -> Api:
    """A client of a mock that delivers to a receiver that fails."""
    return connect(Mock(clock=still, deliver=receiver))


def test_all_retries_are_made_in_one_jump(delivering: Api) -> None:
    """19 attempts in all, each as long after the one before as listed, and then none."""
    subscribe(delivering)
    deposit(delivering, "mem_pool")
    delivering.mock.clock.advance(days=30)

    assert due_steps(delivering.mock) == list(enumerate(MOMENTS, 1))
    assert delivering.mock.deliveries.log[-1].next_due is None
    assert delivering.mock.deliveries.pending == ()


def test_each_retry_is_made_when_its_time_has_come(delivering: Api, receiver: Receiver) -> None:
    """And not a second before."""
    subscribe(delivering)
    deposit(delivering, "mem_pool")

    for number, gap in enumerate(GAPS, 1):
        delivering.mock.clock.advance(seconds=gap - 1)
        assert len(receiver.received) == number
        delivering.mock.clock.advance(seconds=1)
        assert len(receiver.received) == number + 1
    assert [made.sent for made in delivering.mock.deliveries.log] == [
        made.due for made in delivering.mock.deliveries.log
    ]


def test_it_ends_with_the_first_200(connect: type[Api]) -> None:
    """However late it comes."""

    def statuses(failures: int) -> list[int | None]:
        statuses = iter([503] * failures + [200])
        mock = Mock(deliver=lambda *_: next(statuses))
        subscribe(api := connect(mock))
        deposit(api, "mem_pool")
        mock.clock.advance(days=30)
        return [made.status for made in mock.deliveries.log]

    assert outcomes(range(19), statuses) == {
        str(failures): [503] * failures + [200] for failures in range(19)
    }


def test_retries_of_several_are_made_when_they_are_due(delivering: Api, receiver: Receiver) -> None:
    """Not one event after the other."""
    subscribe(delivering)
    deposit(delivering, "mem_pool")
    delivering.mock.clock.advance(seconds=20)
    deposit(delivering, "mem_pool")
    delivering.mock.clock.advance(seconds=90)

    assert receiver.ids == [1, 2, 1, 2, 1, 2]


def _events(api: Api, count: int, address: str) -> None:
    for _ in range(count):
        deposit(api, "mem_pool", address=address)


def _is_blocked(api: Api) -> bool:
    return api.ok("getSubscriptions")["subscriptions"][0]["blockedByErrorCount"]


@pytest.mark.parametrize(("errors", "blocked"), [(100, False), (101, True)])
def test_more_than_a_hundred_errors_block(delivering: Api, errors: int, blocked: bool) -> None:
    """A hundred do not; it shows through the API and nothing more is sent."""
    subscribe(delivering)
    _events(delivering, errors, delivering.address("USDT_TRX"))
    made = len(delivering.mock.deliveries.log)

    assert _is_blocked(delivering) is blocked
    assert made == errors
    delivering.mock.clock.advance(seconds=30)
    assert (len(delivering.mock.deliveries.log) > made) is not blocked


@pytest.mark.parametrize(("seconds", "blocked"), [(600, True), (600.001, False)])
def test_the_errors_have_to_come_within_ten_minutes(
    delivering: Api, seconds: float, blocked: bool
) -> None:
    """What is older does not count."""
    # The first event is tried at 0, 30, 90, 180, 330 and 570 s.
    subscribe(delivering)
    address = delivering.address("USDT_TRX")
    _events(delivering, 1, address)
    delivering.mock.clock.advance(seconds=seconds)
    _events(delivering, 95, address)

    assert len(delivering.mock.deliveries.log) == 101
    assert _is_blocked(delivering) is blocked


@pytest.mark.parametrize(("seconds", "blocked"), [(600, False), (601, True)])
def test_one_success_within_ten_minutes_keeps_it_open(
    delivering: Api, receiver: Receiver, seconds: float, blocked: bool
) -> None:
    """Only so long."""
    subscribe(delivering)
    address = delivering.address("USDT_TRX")
    receiver.status = 200
    _events(delivering, 1, address)
    receiver.status = 500
    delivering.mock.clock.advance(seconds=seconds)
    _events(delivering, 101, address)

    assert _is_blocked(delivering) is blocked


def test_a_block_is_one_subscriptions_own(delivering: Api) -> None:
    """Another goes on."""
    bad, good = (
        subscribe(delivering, url="http://bad.example"),
        subscribe(delivering, url="http://ok.example"),
    )
    delivering.mock.deliveries.deliver_with(lambda url, *_: 500 if "bad" in url else 200)
    _events(delivering, 102, delivering.address("USDT_TRX"))

    assert [
        one["blockedByErrorCount"] for one in delivering.ok("getSubscriptions")["subscriptions"]
    ] == [
        True,
        False,
    ]
    log = delivering.mock.deliveries.log
    assert sum(made.request_id == bad["requestId"] for made in log) == 101
    assert sum(made.request_id == good["requestId"] for made in log) == 102


@pytest.mark.parametrize("over_http", [False, True])
def test_unblocking_sends_all_that_failed_meanwhile(
    delivering: Api, receiver: Receiver, over_http: bool
) -> None:
    """What failed before the block and what happened behind it, in order; then it is open."""
    held = subscribe(delivering)
    address = delivering.address("USDT_TRX")
    _events(delivering, 101, address)
    delivering.mock.clock.advance(days=1)
    _events(delivering, 5, address)
    assert len(receiver.received) == 101
    assert {one.due for one in delivering.mock.deliveries.pending} == {None}
    assert len(delivering.mock.deliveries.pending) == 106
    with pytest.raises(MockError, match="unblock it first"):
        delivering.mock.deliveries.resend(1)

    receiver.received.clear()
    receiver.status = 200
    named = {"requestId": held["requestId"], "account": delivering.settings["account"]}
    if over_http:
        assert delivering.control("POST", "subscription/unblock", named).json == {"due": 106}
    else:
        assert (
            delivering.mock.deliveries.unblock(named["requestId"], account=named["account"]) == 106
        )

    assert receiver.ids == list(range(1, 107))
    assert not _is_blocked(delivering)
    assert delivering.mock.deliveries.unblock(held["requestId"]) == 0


def test_what_unblocking_sends_has_a_schedule_of_its_own(delivering: Api) -> None:
    """All 18 retries once more, though one of them was planned before."""
    held = subscribe(delivering)
    _events(delivering, 101, delivering.address("USDT_TRX"))
    delivering.mock.deliveries.deliver_with(lambda *sent: 500 if b'"id":1,' in sent[2] else 200)
    delivering.mock.deliveries.unblock(held["requestId"])
    delivering.mock.clock.advance(days=30)

    assert sum(made.event_id == 1 for made in delivering.mock.deliveries.log) == 1 + 19


def test_unblocking_forgets_earlier_errors(delivering: Api, receiver: Receiver) -> None:
    """It takes a hundred and one more errors to block it again."""
    held = subscribe(delivering)
    _events(delivering, 101, delivering.address("USDT_TRX"))
    delivering.mock.deliveries.unblock(held["requestId"])

    assert len(receiver.received) == 202
    assert _is_blocked(delivering)


def test_only_what_there_is_can_be_unblocked(api: Api) -> None:
    """By the id of a subscription of the account named."""
    rows = [{}, {"requestId": "x"}, {"requestId": 1}, {"requestId": "x", "account": 1}]
    statuses = outcomes(rows, lambda row: api.control("POST", "subscription/unblock", row).status)

    assert statuses == dict.fromkeys(map(repr, rows), 400)
    held = subscribe(api)
    with pytest.raises(MockError):
        api.mock.deliveries.unblock(held["requestId"], account="0x0")


def test_business_time_that_passes_by_itself_counts(delivering: Api, receiver: Receiver) -> None:
    """The next call of whatever kind notices what is due."""
    subscribe(delivering)
    deposit(delivering, "mem_pool")
    delivering.mock.clock._base.now += timedelta(seconds=30)  # type: ignore[attr-defined]
    assert len(receiver.received) == 1
    delivering.ok("getAccount")

    assert len(receiver.received) == 2
