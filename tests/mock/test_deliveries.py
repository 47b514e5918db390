"""Subscriptions get the events that they want, in the document's form, and signed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from calypso_mock import Attempt, Clock, Mock, MockError
from tests.mock.receiving import (
    DECLINED,
    EXPIRED,
    PURSE,
    STEPS,
    Receiver,
    deposit,
    signed,
    subscribe,
)
from tests.mock.rows import NO_ERROR, mock_error, outcomes

if TYPE_CHECKING:
    from conftest import Api

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def delivering(connect: type[Api], still: Clock, receiver: Receiver) -> Api:
    """A client of a mock that delivers to the receiver at once."""
    return connect(Mock(clock=still, deliver=receiver))


def test_every_step_of_a_deposit_is_sent_in_order(delivering: Api, receiver: Receiver) -> None:
    """Each as it happens, with ids that grow, levels, and the date without a zone."""
    subscription = subscribe(delivering)
    made = deposit(delivering, "mem_pool", amount="1.50")
    for _ in range(3):
        made.advance()

    assert receiver.types == STEPS
    assert receiver.ids == sorted(set(receiver.ids))
    assert [event["level"] for event in receiver.events] == ["INFO", "INFO", "INFO", "SUCCESS"]
    for event in receiver.events:
        assert event["requestId"] == subscription["requestId"]
        assert event["service"] == PURSE
        assert event["createdDate"] == "2026-11-21T12:00:00.0"
        assert event["data"]["transactionId"] == made.transaction_id
        assert event["data"]["amount"] == Decimal("1.50")
    assert [e["data"].get("complianceState") for e in receiver.events] == [
        None,
        "IN_PROGRESS",
        "CHECKED",
        "CHECKED",
    ]


def test_a_declined_deposit_is_sent_as_a_warning(delivering: Api, receiver: Receiver) -> None:
    """After the two steps before it, and no event is about money."""
    subscribe(delivering)
    deposit(delivering, "declined")

    assert receiver.types == [*STEPS[:2], DECLINED]
    assert receiver.events[-1]["level"] == "WARNING"


def test_each_subscription_signs_with_its_own_keys(delivering: Api, receiver: Receiver) -> None:
    """HMAC-SHA512 over the very bytes; the id of the event is the same for both."""
    keys = {held["publicKey"]: held for held in (subscribe(delivering), subscribe(delivering))}
    deposit(delivering, "mem_pool")

    assert {headers["Key"] for _, headers, _ in receiver.received} == set(keys)
    for _, headers, body in receiver.received:
        held = keys[headers["Key"]]
        assert headers["Sign"] == signed(held["secretKey"], body)
        assert json.loads(body)["requestId"] == held["requestId"]
    assert len(set(receiver.ids)) == 1


def test_only_wanted_events_are_sent(connect: type[Api]) -> None:
    """Those named singly, those of a group, or both, each once."""

    def received(row: tuple[Any, Any, Any]) -> list[str]:
        types, services, _ = row
        api = connect(Mock(deliver=(receiver := Receiver())))
        subscribe(api, *types, services=services)
        deposit(api)
        return receiver.types

    rows = {
        "one type": ((STEPS[2],), (), [STEPS[2]]),
        "one group": ((), (PURSE,), STEPS),
        "two types and another group": ((STEPS[0], "INVOICE_PAID"), ("INVOICE",), [STEPS[0]]),
        "a type and its group": ((STEPS[0],), (PURSE,), STEPS),
        "another type": (("INVOICE_PAID",), (), []),
        "other groups": ((), ("INVOICE", "PAYOUT"), []),
    }
    assert outcomes(rows, received) == {name: wanted for name, (_, _, wanted) in rows.items()}


def test_events_show_the_block_flag_of_the_customer(delivering: Api, receiver: Receiver) -> None:
    """The address stays active (documented), and so the flag is all that shows."""
    subscribe(delivering)
    customer = delivering.customer()
    delivering.ok("blockCustomer", {"customerId": customer})
    deposit(delivering, "mem_pool", address=delivering.address("USDT_TRX", customer))

    assert receiver.events[0]["data"]["customerBlocked"] is True


def test_two_accounts_get_their_own_deposits_only(delivering: Api, receiver: Receiver) -> None:
    """Even if both subscriptions go to one URL."""
    other = type(delivering)(delivering.mock, delivering.mock.add_account())
    mine, theirs = subscribe(delivering), subscribe(other)
    deposit(other, "mem_pool")
    deposit(delivering, "mem_pool")

    assert [event["requestId"] for event in receiver.events] == [
        theirs["requestId"],
        mine["requestId"],
    ]
    assert [made.account for made in delivering.mock.deliveries.log] == [
        other.settings["account"],
        delivering.settings["account"],
    ]


def test_events_before_a_subscription_are_not_sent_to_it(
    delivering: Api, receiver: Receiver
) -> None:
    """Not even an expiry that the mock had not noticed yet."""
    deposit(delivering)
    delivering.address("BTC")
    delivering.mock.clock._base.now += timedelta(days=31)  # type: ignore[attr-defined]
    subscribe(delivering)
    delivering.ok("getAccount")

    assert receiver.received == []


def test_a_mock_without_a_receiver_sends_nothing_by_itself(api: Api, receiver: Receiver) -> None:
    """It keeps what is due until ``deliver_due`` sends it."""
    subscribe(api)
    deposit(api)

    assert [one.event_type for one in api.mock.deliveries.pending] == STEPS
    assert api.mock.deliveries.log == ()
    with pytest.raises(MockError, match="there is no receiver"):
        api.mock.deliveries.deliver_due()
    made = api.mock.deliveries.deliver_due(receiver)
    assert made == api.mock.deliveries.log
    assert receiver.types == STEPS
    assert api.mock.deliveries.pending == ()
    assert api.mock.deliveries.deliver_due(receiver) == ()


def test_a_receiver_can_be_given_later(api: Api, receiver: Receiver) -> None:
    """For a mock that is made elsewhere."""
    api.mock.deliveries.deliver_with(receiver)
    subscribe(api)
    deposit(api)

    assert receiver.types == STEPS


def test_a_receiver_may_call_the_mock(connect: type[Api]) -> None:
    """What it causes is sent after its response; waiting for that would never end."""
    seen: list[int] = []

    def receive(*_: Any) -> int:
        seen.append(len(seen))
        if len(seen) == 1:
            deposit(api, "mem_pool")
            with pytest.raises(MockError, match="by a receiver"):
                api.mock.deliveries.deliver_due()
            assert len(seen) == 1
        return 200

    api = connect(Mock(deliver=receive))
    subscribe(api)
    deposit(api, "mem_pool")

    assert len(seen) == 2


def test_a_receiver_is_never_called_within_another(connect: type[Api]) -> None:
    """Not even for another subscription."""
    depths: list[int] = []
    inside: list[None] = []

    def receive(*_: Any) -> int:
        inside.append(None)
        depths.append(len(inside))
        if len(depths) < 5:
            deposit(api, "mem_pool")
        inside.pop()
        return 200

    api = connect(Mock(deliver=receive))
    subscribe(api)
    subscribe(api)
    deposit(api, "mem_pool")

    assert depths == [1] * 10


def test_a_change_counts_for_what_is_pending(api: Api, receiver: Receiver) -> None:
    """It goes to the new URL, and is still sent though it is wanted no more."""
    held = subscribe(api)
    deposit(api, "mem_pool")
    changed = {"requestId": held["requestId"], "url": "https://new.example/"}
    api.ok("changeSubscription", {**changed, "notificationEventTypes": [EXPIRED]})
    deposit(api, "mem_pool")
    api.mock.deliveries.deliver_due(receiver)

    assert [url for url, _, _ in receiver.received] == ["https://new.example/"]


def test_nothing_more_goes_to_a_deleted_subscription(api: Api, receiver: Receiver) -> None:
    """Not even to one that is made anew under its id."""
    held = subscribe(api)
    deposit(api)
    api.ok("deleteSubscription", {"requestId": held["requestId"]})
    wanted = {"requestId": held["requestId"], "url": held["url"]}
    api.ok("createSubscription", {**wanted, "notificationServiceTypes": [PURSE]})

    assert api.mock.deliveries.deliver_due(receiver) == ()
    with pytest.raises(MockError, match="event with this id"):
        api.mock.deliveries.resend(1)


def test_a_subscription_deleted_during_a_delivery_gets_no_retry(connect: type[Api]) -> None:
    """And the log shows no next attempt."""

    def receive(*_: Any) -> int:
        api.ok("deleteSubscription", {"requestId": held["requestId"]})
        return 500

    api = connect(Mock(deliver=receive))
    held = subscribe(api)
    deposit(api, "mem_pool")
    api.mock.clock.advance(days=10)

    assert [(made.status, made.next_due) for made in api.mock.deliveries.log] == [(500, None)]


def test_only_200_means_delivered(connect: type[Api]) -> None:
    """Anything else is followed by a retry, and the log shows the reason."""

    def attempt(failure: Any) -> tuple[int | None, bool, float, list[int]]:
        def receive(*_: Any) -> Any:
            if isinstance(failure, Exception):
                raise failure
            return failure

        mock = Mock(deliver=receive)
        subscribe(api := connect(mock))
        deposit(api, "mem_pool")
        made = mock.deliveries.log[0]
        gap = made.next_due - made.due  # type: ignore[operator]
        numbers = [one.number for one in mock.deliveries.pending]
        return made.status, made.error is None, gap.total_seconds(), numbers

    statuses = [500, 404, 201, 204, 302]
    assert outcomes([*statuses, OSError("gone"), "200"], attempt) == {
        **{str(status): (status, True, 30, [2]) for status in statuses},
        "OSError('gone')": (None, False, 30, [2]),
        "200": (None, False, 30, [2]),
    }


def test_an_event_can_be_resent(delivering: Api, receiver: Receiver) -> None:
    """Delivered or not: the same bytes, to all or to one; a wrong id is rejected."""
    first, second = subscribe(delivering), subscribe(delivering)
    deposit(delivering, "mem_pool")
    event_id = receiver.ids[0]

    assert delivering.mock.deliveries.resend(event_id) == 2
    assert delivering.mock.deliveries.resend(event_id, request_id=first["requestId"].upper()) == 1
    assert delivering.control("POST", "deliveries/resend", {"eventId": event_id}).json == {"due": 2}

    bodies = [
        body for _, headers, body in receiver.received if headers["Key"] == first["publicKey"]
    ]
    assert len(bodies) == 4
    assert len(set(bodies)) == 1
    assert sum(headers["Key"] == second["publicKey"] for _, headers, _ in receiver.received) == 3
    for wrong in ({"eventId": 99}, {"eventId": "1"}, {"eventId": event_id, "requestId": "x"}):
        assert delivering.control("POST", "deliveries/resend", wrong).status == 400


def test_a_pending_event_that_is_resent_is_sent_once(delivering: Api, receiver: Receiver) -> None:
    """Now instead of later, on a schedule begun anew."""
    receiver.status = 500
    subscribe(delivering)
    deposit(delivering, "mem_pool")
    delivering.mock.clock.advance(seconds=100)
    receiver.status = 200
    delivering.mock.deliveries.resend(1)
    delivering.mock.clock.advance(days=10)

    assert [made.status for made in delivering.mock.deliveries.log] == [500, 500, 500, 200]


def _story(connect: type[Api], seed: int, **disturbed: Any) -> tuple[list[int], list[Attempt]]:
    receiver = Receiver()
    mock = Mock(seed=seed, deliver=receiver, clock=Clock(lambda: NOON))
    api = connect(mock)
    wanted = {"requestId": "a381f753-0000-4000-8000-000000000000", "url": "http://localhost/"}
    api.ok("createSubscription", {**wanted, "notificationServiceTypes": [PURSE]})
    mock.deliveries.disturb(**disturbed)
    for _ in range(10):
        deposit(api)
    mock.clock.advance(days=5)
    return receiver.ids, list(mock.deliveries.log)


def test_injected_faults_are_the_same_for_the_same_seed(connect: type[Api]) -> None:
    """And others for another; every event arrives all the same."""
    disturbed = {"duplicates": 0.3, "reorder": True, "failures": 0.4}
    stories = [_story(connect, seed, **disturbed) for seed in (0, 0, 1, 1)]
    first, same, second, alike = (ids for ids, _ in stories)

    assert first == same
    assert second == alike
    assert first != second
    for ids, log in stories:
        assert set(ids) == set(range(1, 41))
        assert 40 < len(ids) < 70
        assert 5 < sum(made.error == "failed on request" for made in log) < 60


def test_each_injected_fault_does_what_its_name_describes(connect: type[Api]) -> None:
    """Duplicates come right after, a shuffle stays within its moment, failures arrive nowhere."""
    calm = list(range(1, 41))

    assert _story(connect, 0)[0] == calm
    assert _story(connect, 0, duplicates=1)[0] == [i for i in calm for _ in range(2)]
    shuffled, _ = _story(connect, 0, reorder=True)
    assert shuffled != calm
    assert [sorted(shuffled[i : i + 4]) for i in range(0, 40, 4)] == [
        calm[i : i + 4] for i in range(0, 40, 4)
    ]
    assert _story(connect, 0, failures=1)[0] == []


def test_a_duplicate_that_fails_is_not_retried(connect: type[Api]) -> None:
    """The event has arrived already."""
    statuses = iter([200, 500])
    mock = Mock(deliver=lambda *_: next(statuses))
    mock.deliveries.disturb(duplicates=1)
    subscribe(api := connect(mock))
    deposit(api, "mem_pool")
    mock.clock.advance(days=5)

    assert [made.status for made in mock.deliveries.log] == [200, 500]
    assert mock.deliveries.pending == ()


def test_bad_arguments_of_fault_injection_are_rejected(api: Api) -> None:
    """By the mock's own error, also over HTTP."""

    def check(wrong: Any) -> tuple[bool, int]:
        error = mock_error(lambda: api.mock.deliveries.disturb(**wrong))
        return error != NO_ERROR, api.control("POST", "deliveries/disturb", wrong).status

    rows = [
        {"duplicates": -0.1},
        {"failures": 1.1},
        {"failures": float("nan")},
        {"failures": True},
        {"lose": 1.1},
        {"delay": -1},
        {"reorder": 1},
    ]
    assert outcomes(rows, check) == dict.fromkeys(map(repr, rows), (True, 400))


def test_control_endpoints_inject_faults_and_show_deliveries(delivering: Api) -> None:
    """What is made and what is pending, without a secret or a URL, as the API writes dates."""
    chosen = {"failures": 1}
    assert delivering.control("POST", "deliveries/disturb", chosen).json == {
        "duplicates": 0,
        "reorder": False,
        "failures": 1,
        "lose": 0,
        "delay": 0,
        "delayBy": 3600,
    }
    held = subscribe(delivering, url="http://localhost/token-in-the-url")
    made = deposit(delivering, "mem_pool")

    response = delivering.control("GET", "deliveries")

    common = {
        "account": delivering.settings["account"],
        "requestId": held["requestId"],
        "eventId": 1,
        "eventType": STEPS[0],
        "transactionId": made.transaction_id,
    }
    assert response.json == {
        "made": [
            {
                **common,
                "attempt": 1,
                "due": "2026-11-21T12:00:00.000Z",
                "sent": "2026-11-21T12:00:00.000Z",
                "error": "failed on request",
                "nextDue": "2026-11-21T12:00:30.000Z",
            }
        ],
        "pending": [{**common, "attempt": 2, "due": "2026-11-21T12:00:30.000Z"}],
        "lost": [],
    }
    shown = (
        repr(delivering.mock.deliveries)
        + repr(delivering.mock.deliveries.log)
        + repr(delivering.mock._context)
    )
    shown += response.content.decode()
    assert "token-in-the-url" not in shown
    shown += json.dumps(delivering.mock.state())
    assert not [key for key in (held["secretKey"], held["publicKey"]) if key in shown]


def test_reset_clears_everything(delivering: Api, receiver: Receiver) -> None:
    """The log, what is pending, and fault injection; ids start again."""
    subscribe(delivering)
    delivering.mock.deliveries.disturb(failures=1)
    deposit(delivering)
    delivering.mock.reset()

    assert delivering.mock.deliveries.log == delivering.mock.deliveries.pending == ()
    subscribe(delivering)
    deposit(delivering, "mem_pool")
    assert receiver.ids == [1]


def test_an_event_that_breaks_the_document_is_never_sent(
    connect: type[Api], document: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """With a document that requires more than the mock writes; the log has an error."""
    document["components"]["schemas"]["PurseMemPoolFoundData"]["required"].append("more")
    receiver = Receiver()
    api = connect(Mock(document=document, deliver=receiver))
    subscribe(api)
    deposit(api)

    assert receiver.types == STEPS[1:]
    assert "data.more=[is required]" in caplog.text


def test_a_document_without_webhooks_validates_no_events(
    connect: type[Api], document: dict[str, Any]
) -> None:
    """They are sent as this mock knows them."""
    del document["webhooks"]
    receiver = Receiver()
    api = connect(Mock(document=document, deliver=receiver))
    subscribe(api)
    deposit(api)

    assert receiver.types == STEPS
