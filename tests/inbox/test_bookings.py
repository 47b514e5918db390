"""What an inbox handled, as a ledger for a reconciliation."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from calypso_mock import Mock
from calypso_pay import Calypso, ConfigurationError
from calypso_pay.inbox import Inbox
from calypso_pay.receiver import MemoryStore, Receiver, Task
from calypso_pay.receiver._order import task_of
from calypso_pay.reconcile._bookings import Booking
from calypso_pay.webhooks import (
    PurseExpiredEvent,
    PurseFundsReceivedEvent,
    PurseMemPoolFoundEvent,
    PurseTranslationCompletedEvent,
    WalletFundsDeliveredEvent,
    unwrap,
)
from tests.receiver.deposits import SECRET, TYPES, delivery, signed
from tests.rows import rows

if TYPE_CHECKING:
    from tests.inbox.kinds import AnyInbox

ADA, BOB = "6f2f5d53-6f25-4f86-9a6c-4d7d1f6f6d0e", "c0ffee00-0000-4000-8000-00000000000b"
RECEIVED, CREDITED = PurseFundsReceivedEvent, PurseTranslationCompletedEvent
AMOUNT = Decimal("25.5")


def task(kind: type, number: int = 1, **data: Any) -> Task:
    body, headers = delivery(kind, number, **data)
    return task_of(unwrap(body, headers, SECRET), body)


def handle(inbox: AnyInbox, kind: type, number: int = 1, **data: Any) -> None:
    """Have an event done."""
    of = task(kind, number, **data)
    inbox.complete(of, inbox.claim(of, 60))


def booked(inbox: AnyInbox, customer: str = ADA, rule: str = "credited") -> list[tuple[Any, ...]]:
    found = inbox.bookings(customer, rule)
    assert all(type(each) is Booking and each.state is None for each in found)
    return [tuple(each)[:3] for each in found]


def test_each_credited_deposit_of_a_customer_is_booked_once(inbox: AnyInbox) -> None:
    for number in (1, 2):
        handle(inbox, RECEIVED, number, transactionId=f"t{number}")
        handle(inbox, CREDITED, 10 + number, transactionId=f"t{number}", amount=number)
        # The same event of a second subscription.
        again = {"subscription": "another", "transactionId": f"t{number}"}
        handle(inbox, CREDITED, 20 + number, **again)
    handle(inbox, CREDITED, 3, transactionId="t3", customerId=BOB, currency="BTC")
    assert sorted(each[0] for each in booked(inbox)) == ["t1", "t2"]
    assert booked(inbox, BOB) == [("t3", AMOUNT, "BTC")]
    assert booked(inbox, "another") == booked(inbox, "") == []
    assert inbox.bookings(ADA) == inbox.bookings(ADA, booked_when="credited")


def test_a_deposit_that_is_received_is_booked_by_the_rule_confirmed_only(inbox: AnyInbox) -> None:
    handle(inbox, RECEIVED, 1, transactionId="received")
    handle(inbox, CREDITED, 2, transactionId="credited")
    handle(inbox, RECEIVED, 3, transactionId="both", amount=1)
    handle(inbox, CREDITED, 4, transactionId="both", amount=2)
    handle(inbox, PurseMemPoolFoundEvent, 5, transactionId="seen")
    assert {each[:2] for each in booked(inbox)} == {("credited", AMOUNT), ("both", 2)}
    assert {each[:2] for each in booked(inbox, rule="confirmed")} == {
        ("received", AMOUNT),
        ("credited", AMOUNT),
        ("both", 1),
    }


def test_another_rule_is_rejected_with_the_two_that_there_are(inbox: AnyInbox) -> None:
    for rule in ("received", "", None, lambda _: True):
        with pytest.raises(ConfigurationError, match="'credited' or 'confirmed'"):
            inbox.bookings(ADA, rule)


def test_only_what_is_done_is_booked(inbox: AnyInbox) -> None:
    put, failed, claimed = (task(CREDITED, n, transactionId=f"t{n}") for n in (1, 2, 3))
    inbox.complete(put, inbox.put(put))
    inbox.fail(failed, inbox.claim(failed, 60), ValueError())
    inbox.release(claimed, inbox.claim(claimed, 60))
    assert booked(inbox) == []
    for each in (put, failed, claimed):
        inbox.complete(each, inbox.claim(each, 60))
    assert sorted(each[0] for each in booked(inbox)) == ["t1", "t2", "t3"]


def test_case_does_not_count_in_the_id_of_a_customer(inbox: AnyInbox) -> None:
    handle(inbox, CREDITED, 1, transactionId="t1", customerId=ADA.upper())
    handle(inbox, CREDITED, 2, transactionId="t2")
    assert len(booked(inbox)) == len(booked(inbox, ADA.upper())) == 2


@pytest.mark.parametrize("name", ["\0 \ud800", "Аня €", "a%(b)s :c ' \" \\", " "])
def test_an_event_with_an_odd_customer_is_stored_and_found(inbox: AnyInbox, name: str) -> None:
    handle(inbox, CREDITED, customerId=name)
    assert len(booked(inbox, name)) == (1 if name.strip() else 0)


@pytest.mark.parametrize(
    "amount", ["0.1", "123456789012345678901234567890.123456789012345678", "1e-8", '"0.30"']
)
def test_amounts_are_exact(inbox: AnyInbox, amount: str) -> None:
    body = delivery(CREDITED, amount="AMOUNT").body.replace(b'"AMOUNT"', amount.encode())
    of = task_of(unwrap(*signed(body), SECRET), body)
    inbox.complete(of, inbox.claim(of, 60))
    assert [str(each[1]) for each in booked(inbox)] == [str(Decimal(amount.strip('"')))]


@rows(
    ("lacking", "expected"),
    {
        "another event has it": (
            [(RECEIVED, {}), (CREDITED, {"amount": None, "currency": None})],
            (AMOUNT, "USDT_TRX"),
        ),
        "each has a part": (
            [(RECEIVED, {"currency": None, "amount": 1}), (CREDITED, {"amount": None})],
            (1, "USDT_TRX"),
        ),
        "its own comes first": (
            [(CREDITED, {"amount": 2}), (RECEIVED, {"amount": 1, "currency": "BTC"})],
            (2, "USDT_TRX"),
        ),
        "no event has it": ([(CREDITED, {"amount": None, "currency": None})], (None, None)),
        "it is unreadable": ([(CREDITED, {"amount": "much", "currency": []})], (None, None)),
        "only one that is not done has it": (
            [(PurseMemPoolFoundEvent, {}), (CREDITED, {"amount": None})],
            (None, "USDT_TRX"),
        ),
    },
)
def test_a_booking_without_amount_or_currency_does_not_vanish(
    inbox: AnyInbox, lacking: list[tuple[type, dict[str, Any]]], expected: tuple[Any, str]
) -> None:
    inbox.execute("DELETE FROM calypso_inbox_events")
    for number, (kind, data) in enumerate(lacking):
        if kind is PurseMemPoolFoundEvent:
            seen = task(kind, number)
            inbox.complete(seen, inbox.put(seen))
        else:
            handle(inbox, kind, number, **data)
    [(_, *found)] = booked(inbox)
    assert tuple(found) == expected


def test_a_booking_whose_body_is_damaged_does_not_vanish(inbox: AnyInbox) -> None:
    handle(inbox, CREDITED, 1, transactionId="alone")
    handle(inbox, CREDITED, 2, transactionId="two")
    damage = "UPDATE calypso_inbox_events SET body = :body"
    inbox.execute(damage, body=b"{")
    handle(inbox, RECEIVED, 3, transactionId="two")
    expected = {("alone", None, None), ("two", AMOUNT, "USDT_TRX")}
    assert set(booked(inbox)) == expected


def test_the_customer_may_be_named_by_another_event_of_the_transaction(inbox: AnyInbox) -> None:
    seen = task(PurseMemPoolFoundEvent, 1)
    inbox.complete(seen, inbox.put(seen))
    handle(inbox, CREDITED, 2, customerId=None)
    assert [each[1] for each in booked(inbox)] == [AMOUNT]
    # What the event itself says has precedence.
    handle(inbox, PurseMemPoolFoundEvent, 3, transactionId="t", customerId=ADA)
    handle(inbox, CREDITED, 4, transactionId="t", customerId=BOB)
    assert len(booked(inbox)) == 1
    assert len(booked(inbox, BOB)) == 1


def test_top_ups_and_events_without_a_transaction_are_no_bookings(inbox: AnyInbox) -> None:
    handle(inbox, WalletFundsDeliveredEvent, 1, transactionHash="0x1")
    handle(inbox, PurseExpiredEvent, 2)
    handle(inbox, CREDITED, 3, transactionId=None)
    for rule in ("credited", "confirmed"):
        assert booked(inbox, rule=rule) == []
    assert task(WalletFundsDeliveredEvent).customer is None
    assert task(PurseExpiredEvent).customer is None


def test_a_stored_event_has_its_customer(inbox: AnyInbox) -> None:
    ours, nobodys = task(CREDITED, 1, customerId=ADA.upper()), task(PurseExpiredEvent, 2)
    for each in (ours, nobodys):
        inbox.complete(each, inbox.put(each))
    assert {each.event: each.customer for each in inbox.due()} == {1: ADA, 2: None}


def test_a_task_has_its_customer_last_and_is_equal_without_it() -> None:
    assert task(CREDITED, customerId=ADA.upper()).customer == ADA
    assert task(CREDITED, customerId=BOB) == task(CREDITED)
    assert task(CREDITED, customerId=None).customer is None
    assert Task("s", 1, "t", "received", "A", b"", "c").customer == "c"
    assert Task("s", 1).customer is None


def test_a_store_that_does_not_know_the_customer_works_as_before() -> None:
    receiver, seen = Receiver(SECRET, store=MemoryStore()), list[Any]()
    receiver.on(CREDITED)(seen.append)
    assert receiver.handle(*delivery(CREDITED)).status == 200
    assert len(seen) == 1


def test_what_a_receiver_handles_is_what_the_api_says_of_the_customer(database: str) -> None:
    """Deliveries of the mock, some of them twice or late, to an inbox with both rules."""
    secrets: dict[str, str] = {}
    inbox = Inbox(database)
    inbox.create_tables()
    receiver = Receiver(secrets, store=inbox)
    for kind in (RECEIVED, CREDITED):
        receiver.on(kind)(lambda event: None)
    mock = Mock(deliver=lambda url, headers, body: receiver.handle(body, headers).status)
    mock.deliveries.disturb(duplicates=0.5, failures=0.3)
    with Calypso(transport=mock.transport(), **mock.settings()) as calypso:
        calypso.subscriptions.create(
            url="https://shop.example/webhooks/calypso",
            notification_event_types=[TYPES[RECEIVED], TYPES[CREDITED]],
        )
        secrets |= calypso.subscriptions.secrets()
        customers = [calypso.customers.create().id for _ in range(2)]
        for number, customer in enumerate([*customers, customers[0]]):
            address = calypso.addresses.get(customer_id=customer, currency="USDT_TRX").address
            mock.simulate_deposit(address=address, currency="USDT_TRX", amount=f"25.{number}0")
        mock.clock.advance(days=4)
        for customer in customers:
            found = list(calypso.transactions.iter(customer_id=customer))
            expected = sorted((each.id, each.amount, each.currency, None) for each in found)
            assert expected
            for rule in ("credited", "confirmed"):
                assert sorted(inbox.bookings(customer.upper(), rule)) == expected
    inbox.close()
