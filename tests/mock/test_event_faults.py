"""A mock can lose, alter and delay the events of deposits, by name or by seeded shares."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from calypso_mock import Clock, Mock, Server
from calypso_pay import Calypso
from calypso_pay.webhooks import PurseTranslationCompletedEvent, unwrap
from tests.mock.receiving import (
    DECLINED,
    EXPIRED,
    STEPS,
    Receiver,
    deposit,
    listening,
    send_status,
    signed,
    subscribe,
)
from tests.mock.rows import NO_ERROR, mock_error, outcomes

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler

    from conftest import Api

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
CREDITED = STEPS[3]
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def delivering(connect: type[Api], still: Clock, receiver: Receiver) -> Api:
    """A client of a mock that delivers to the receiver at once."""
    return connect(Mock(clock=still, deliver=receiver))


@pytest.fixture
def waiting(api: Api) -> Api:
    """A client of a mock that delivers when ``deliver_due`` is called."""
    subscribe(api)
    return api


def _credited(connect: type[Api], **disturbed: Any) -> tuple[Mock, Receiver]:
    """Let 50 deposits be credited under injected faults; the subscription's id is by chance."""
    mock = Mock(seed=7, clock=Clock(lambda: NOON), deliver=(receiver := Receiver()))
    api = connect(mock)
    subscribe(api)
    subscribe(api)
    mock.deliveries.disturb(**disturbed)
    for _ in range(50):
        deposit(api)
    return mock, receiver


def test_a_lost_event_is_never_sent_and_named(delivering: Api, receiver: Receiver) -> None:
    """To no subscription, however far time moves; log and balance show that it happened."""
    ids = [subscribe(delivering)["requestId"] for _ in range(2)]
    made = deposit(delivering, "mem_pool")
    delivering.mock.deliveries.lose(made.transaction_id.upper(), event_type=CREDITED)
    made.advance("credited")
    delivering.mock.clock.advance(days=10)

    assert Counter(receiver.types) == dict.fromkeys(STEPS[:3], 2)
    lost = delivering.mock.deliveries.lost
    assert [each.request_id for each in lost] == ids
    assert {(each.event_type, each.transaction_id, each.event_id) for each in lost} == {
        (CREDITED, made.transaction_id, 4)
    }
    assert {(each.status, each.due, each.sent, each.error) for each in lost} == {
        (None, None, None, "lost on request")
    }
    assert delivering.mock.deliveries.pending == ()
    assert str(delivering.balance("USDT_TRX")) == "1.5"


def test_all_events_of_a_deposit_can_be_lost(delivering: Api, receiver: Receiver) -> None:
    """Those that are still to come; those of another deposit arrive."""
    subscribe(delivering)
    made, other = deposit(delivering, "mem_pool"), deposit(delivering, "mem_pool")
    delivering.mock.deliveries.lose(made.transaction_id)
    made.advance("declined")
    other.advance("pending")

    assert receiver.types == [STEPS[0], STEPS[0], STEPS[1]]
    assert [each.event_type for each in delivering.mock.deliveries.lost] == [STEPS[1], DECLINED]


def test_a_lost_event_can_be_resent(delivering: Api, receiver: Receiver) -> None:
    """As the vendor's support would; it is lost no longer."""
    subscribe(delivering)
    made = deposit(delivering, "confirmed")
    delivering.mock.deliveries.lose(made.transaction_id)
    made.advance()
    [lost] = delivering.mock.deliveries.lost
    delivering.mock.deliveries.resend(lost.event_id)

    assert receiver.types == STEPS
    assert delivering.mock.deliveries.lost == ()


def test_what_waits_can_be_lost_altered_and_delayed(waiting: Api) -> None:
    """As long as it was not sent: all four events wait for deliver_due."""
    made, deliveries = deposit(waiting), waiting.mock.deliveries
    deliveries.lose(made.transaction_id, event_type=STEPS[0])
    deliveries.alter(made.transaction_id, event_type=STEPS[1], amount="2")
    deliveries.delay(made.transaction_id, 60, event_type=STEPS[2])
    deliveries.delay(made.transaction_id, 30, event_type=STEPS[2])
    receiver = Receiver()
    deliveries.deliver_due(receiver)
    before = [(event["eventType"], event["data"]["amount"]) for event in receiver.events]
    pending = [(each.event_type, each.due) for each in deliveries.pending]
    waiting.mock.clock.advance(seconds=30)
    deliveries.deliver_due(receiver)

    assert before == [(STEPS[1], Decimal(2)), (CREDITED, Decimal("1.5"))]
    assert pending == [(STEPS[2], NOON + timedelta(seconds=30))]
    assert receiver.types == [STEPS[1], CREDITED, STEPS[2]]
    assert [each.event_type for each in deliveries.lost] == [STEPS[0]]


def test_altered_data_is_signed(delivering: Api, receiver: Receiver) -> None:
    """The bytes say what was asked for, exactly; the API shows the deposit as it is."""
    held = subscribe(delivering)
    made = deposit(delivering, "mem_pool")
    fields = {
        "amount": "0.000000000000000000000000000001",
        "currency": "BTC",
        "customerId": UNKNOWN,
        "createdDate": NOON - timedelta(days=1),
        "transactionHash": None,
    }
    delivering.mock.deliveries.alter(made.transaction_id, **fields)
    delivering.mock.deliveries.alter(made.transaction_id, event_type=STEPS[1], amount=7)
    made.advance("credited")

    _, *altered = receiver.events
    _, headers, body = receiver.received[-1]
    assert headers["Sign"] == signed(held["secretKey"], body)
    assert b'"amount":0.000000000000000000000000000001' in body
    assert [event["data"]["amount"] for event in altered] == [7, *[Decimal("1e-30")] * 2]
    for event in altered:
        assert event["data"]["createdDate"] == "2026-11-20T12:00:00.000Z"
        assert (event["data"]["currency"], event["data"]["customerId"]) == ("BTC", UNKNOWN)
        assert event["data"]["transactionId"] == made.transaction_id
        assert "transactionHash" not in event["data"]
    row = delivering.ok("getTransaction", {"transactionId": made.transaction_id})
    assert (row["amount"], row["currency"]) == (Decimal("1.5"), "USDT_TRX")


def test_a_field_is_altered_in_the_events_that_have_it(waiting: Api) -> None:
    """The event of the mempool has no state of compliance."""
    made = deposit(waiting)
    waiting.mock.deliveries.alter(made.transaction_id, complianceState="UNCHECKED")
    waiting.mock.deliveries.deliver_due(receiver := Receiver())

    states = [event["data"].get("complianceState") for event in receiver.events]
    assert states == [None, "UNCHECKED", "UNCHECKED", "UNCHECKED"]


def test_a_delayed_event_arrives_after_later_ones(delivering: Api, receiver: Receiver) -> None:
    """After the events that follow it; its retries count from then."""
    subscribe(delivering)
    made = deposit(delivering, "pending")
    delivering.mock.deliveries.delay(
        made.transaction_id, timedelta(minutes=10), event_type=STEPS[2]
    )
    delivering.mock.clock.advance(seconds=100)
    made.advance("credited")
    early = list(receiver.types)
    delivering.mock.clock.advance(seconds=599)
    still_early = list(receiver.types)
    receiver.status = 500
    delivering.mock.clock.advance(seconds=1)
    [retry] = delivering.mock.deliveries.pending

    assert early == still_early == [*STEPS[:2], CREDITED]
    assert receiver.types == [*early, STEPS[2]]
    assert retry.due == NOON + timedelta(seconds=100 + 600 + 30)


def test_restored_events_are_sent_as_they_happen(delivering: Api, receiver: Receiver) -> None:
    """Those to come, and those that wait; what is lost stays lost."""
    subscribe(delivering)
    first, second = deposit(delivering, "mem_pool"), deposit(delivering, "mem_pool")
    deliveries = delivering.mock.deliveries
    for made in (first, second):
        deliveries.lose(made.transaction_id, event_type=STEPS[1])
        deliveries.delay(made.transaction_id, 60, event_type=STEPS[2])
        deliveries.alter(made.transaction_id, amount=9)
        made.advance("confirmed")
    deliveries.restore(first.transaction_id)
    restored = receiver.types[2:]
    deliveries.restore()
    first.advance()
    second.advance()

    assert restored == [STEPS[2]]
    assert receiver.types[2:] == [STEPS[2], STEPS[2], CREDITED, CREDITED]
    assert {event["data"]["amount"] for event in receiver.events} == {Decimal("1.5")}
    assert [each.transaction_id for each in deliveries.lost] == [
        first.transaction_id,
        second.transaction_id,
    ]
    assert "events" not in str(delivering.mock.state()["accounts"][0]["transactions"])


def test_a_reset_ends_it(delivering: Api, receiver: Receiver) -> None:
    """Nothing is lost in the next test, whose deposit has the same id."""
    for _ in range(2):
        subscribe(delivering)
        made = deposit(delivering, "mem_pool")
        delivering.mock.deliveries.lose(made.transaction_id)
        delivering.mock.deliveries.disturb(lose=1, delay=1)
        delivering.mock.reset()
    subscribe(delivering)
    receiver.received.clear()
    again = deposit(delivering, "credited")

    assert again.transaction_id == made.transaction_id
    assert receiver.types == STEPS
    assert delivering.mock.deliveries.lost == ()


def test_the_state_shows_the_faults_of_events(delivering: Api) -> None:
    """For each event that can still be sent, by its type."""
    made, deliveries = deposit(delivering, "confirmed"), delivering.mock.deliveries
    deliveries.lose(made.transaction_id, event_type=CREDITED)
    deliveries.delay(made.transaction_id, 90.5)
    deliveries.alter(made.transaction_id, event_type=CREDITED, amount="2.50")

    [row] = delivering.mock.state()["accounts"][0]["transactions"]

    assert row["events"] == {
        CREDITED: {"lost": True, "delay": "90.5", "altered": {"amount": "2.50"}},
        DECLINED: {"delay": "90.5"},
    }
    assert row["amount"] == "1.5"


BAD: dict[str, tuple[str, dict[str, Any], str]] = {
    "no such deposit": ("lose", {"id": UNKNOWN}, "no deposit has this transactionId"),
    "no id": ("lose", {"id": None}, "no deposit has this transactionId"),
    "none to delay": ("delay", {"id": UNKNOWN, "by": 1}, "no deposit has this transactionId"),
    "none to alter": ("alter", {"id": UNKNOWN, "amount": 1}, "no deposit has this"),
    "none to restore": ("restore", {"id": UNKNOWN}, "no deposit has this transactionId"),
    "no event of a deposit": ("lose", {"event_type": EXPIRED}, f"of a deposit are {STEPS[0]}, "),
    "no type": ("lose", {"event_type": []}, "the events of a deposit are"),
    "an event that was sent": ("lose", {"event_type": STEPS[1]}, "that was not sent yet"),
    "no time": ("delay", {"by": 0}, "a delay is longer than nothing"),
    "no number": ("delay", {"by": "1"}, "a difference in time is"),
    "no field": ("alter", {}, "name the fields to alter; there are address, amount,"),
    "an unknown field": ("alter", {"addressFrom": "x"}, "name the fields to alter; there are"),
    "a float": ("alter", {"amount": 1.5}, "an amount is a Decimal, a str or an int, not float"),
    "no text": ("alter", {"currency": 7}, "data.currency=[must be a text]"),
    "no such state": ("alter", {"complianceState": "LOST"}, "complianceState=[must be one of"),
    "no zone": ("alter", {"createdDate": "2026-11-21"}, "a date and time with a zone"),
}


def test_bad_arguments_are_rejected(delivering: Api) -> None:
    """By the mock's own error, which names the remedy, and nothing has changed."""
    subscribe(delivering)
    made = deposit(delivering, "pending")
    before = delivering.mock.state()

    def check(row: tuple[str, dict[str, Any], str]) -> tuple[Any, bool]:
        method, arguments, message = row
        named = {name: value for name, value in arguments.items() if name != "id"}
        transaction_id = arguments.get("id", made.transaction_id)
        act = getattr(delivering.mock.deliveries, method)
        error = mock_error(lambda: act(transaction_id, **named))
        return message in error or error, delivering.mock.state() == before

    assert outcomes(BAD, check) == dict.fromkeys(BAD, (True, True))


def test_what_was_sent_cannot_be_lost_altered_or_delayed(delivering: Api) -> None:
    """A test that would come too late fails, also when a retry is still to come."""
    subscribe(delivering)
    first = deposit(delivering)
    delivering.mock.deliveries.disturb(failures=1)
    second = deposit(delivering)
    deliveries = delivering.mock.deliveries

    assert deliveries.pending
    for made in (first, second):
        for act in (
            lambda made=made: deliveries.lose(made.transaction_id),
            lambda made=made: deliveries.delay(made.transaction_id, 1),
            lambda made=made: deliveries.alter(made.transaction_id, amount=1),
        ):
            assert "that was not sent yet" in mock_error(act)


def test_the_same_share_is_lost_in_every_run(connect: type[Api]) -> None:
    """Of the events, to all subscriptions, whatever their ids; all others arrive."""
    runs = [_credited(connect, lose=0.1) for _ in range(2)]
    (mock, receiver), (again, _) = runs
    lost = {each.event_id for each in mock.deliveries.lost}

    assert 5 < len(lost) < 40
    assert lost == {each.event_id for each in again.deliveries.lost}
    assert Counter(receiver.ids) == dict.fromkeys({*range(1, 201)} - lost, 2)
    assert len(mock.deliveries.lost) == 2 * len(lost)
    assert {each.transaction_id for each in mock.deliveries.lost} <= {
        row["id"] for row in mock.state()["accounts"][0]["transactions"]
    }


def test_the_same_share_is_delayed_in_every_run(connect: type[Api]) -> None:
    """By an hour, or by as much as was asked for; lost events are not sent later either."""
    mock, receiver = _credited(connect, delay=0.2, delay_by=timedelta(minutes=5))
    again, _ = _credited(connect, delay=0.2, lose=0.5)
    late = [each.event_id for each in mock.deliveries.pending]
    lost = {each.event_id for each in again.deliveries.lost}

    assert 40 < len(late) < 120
    assert {each.due for each in mock.deliveries.pending} == {NOON + timedelta(minutes=5)}
    assert {each.due for each in again.deliveries.pending} == {NOON + timedelta(hours=1)}
    assert {each.event_id for each in again.deliveries.pending} == {*late} - lost
    before = len(receiver.ids)
    mock.clock.advance(seconds=300)
    assert receiver.ids[before:] == late
    assert Counter(receiver.ids) == dict.fromkeys(range(1, 201), 2)


def test_shares_that_end_lose_nothing_more(connect: type[Api]) -> None:
    """A call without them ends them, as for every other fault."""
    mock, receiver = _credited(connect, lose=1)
    mock.deliveries.disturb()
    deposit(connect(mock))

    assert len(mock.deliveries.lost) == 400
    assert receiver.types == [each for each in STEPS for _ in range(2)]
    assert mock_error(lambda: mock.deliveries.disturb(delay=1, delay_by=0)) != NO_ERROR


def test_events_are_lost_altered_and_delayed_over_http(still: Clock) -> None:
    """By endpoints of a served mock; what arrives is what the client of the package reads."""
    bodies: list[tuple[dict[str, str], bytes]] = []

    def receive(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        bodies.append((dict(handler.headers), body))
        send_status(handler)

    with listening(receive) as hook, Server(mock := Mock(clock=still)) as server:
        control = httpx.Client(base_url=f"{server.url}/_mock")
        with control, Calypso(**mock.settings(base_url=server.url)) as calypso:
            held = calypso.subscriptions.create(
                request_id=str(uuid.uuid4()),
                url=hook,
                notification_service_types=["CUSTOMER_PURSE"],
            )
            customer = calypso.customers.create()
            address = calypso.addresses.get(customer_id=customer.id, currency="BTC").address
            wanted = {"address": address, "currency": "BTC", "amount": "0.5", "to": "mem_pool"}
            ids = [control.post("/deposit", json=wanted).json()["transactionId"] for _ in range(3)]
            shown = [
                control.post(path, json={"transactionId": each, **body}).json()
                for path, each, body in (
                    ("/deliveries/lose", ids[0], {"eventType": CREDITED}),
                    ("/deliveries/delay", ids[1], {"eventType": CREDITED, "by": 60}),
                    (
                        "/deliveries/alter",
                        ids[2],
                        {"eventType": CREDITED, "fields": {"amount": "0.25"}},
                    ),
                )
            ]
            for each in ids:
                move = {"transactionId": each, "to": "credited"}
                control.post("/deposit/advance", json=move)
            mock.deliveries.deliver_due()
            seen = control.get("/deliveries").json()
            state = control.get("/state").json()["accounts"][0]["transactions"]
            control.post("/deliveries/restore", json={})
            mock.deliveries.deliver_due()

    events = [unwrap(body, headers, held.secret_key) for headers, body in bodies]
    credited = [each for each in events if isinstance(each, PurseTranslationCompletedEvent)]
    assert shown == [
        {"transactionId": ids[0], "events": {CREDITED: {"lost": True}}},
        {"transactionId": ids[1], "events": {CREDITED: {"delay": "60"}}},
        {"transactionId": ids[2], "events": {CREDITED: {"altered": {"amount": "0.25"}}}},
    ]
    assert [row["events"] for row in state] == [each["events"] for each in shown]
    assert [(each["transactionId"], each["eventType"]) for each in seen["lost"]] == [
        (ids[0], CREDITED)
    ]
    assert [(each["transactionId"], each["due"]) for each in seen["pending"]] == [
        (ids[1], "2026-11-21T12:01:00.000Z")
    ]
    assert [(each.data.transaction_id, str(each.data.amount)) for each in credited] == [
        (ids[2], "0.25"),
        (ids[1], "0.5"),
    ]
