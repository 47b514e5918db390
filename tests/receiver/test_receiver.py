"""The response to one delivery, and which handler is called."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import logging
import sys
import threading
from typing import TYPE_CHECKING, Any, NoReturn

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calypso_api.models import Transaction
from calypso_pay import AsyncCalypso, Calypso, ConfigurationError
from calypso_pay._secret import Secret
from calypso_pay.receiver import Claim, MemoryStore, Receiver, Result, Task, _flow
from calypso_pay.webhooks import (
    Event,
    PurseComplianceDeclinedEvent,
    PurseExpiredEvent,
    PurseFundsReceivedEvent,
    PurseMemPoolFoundEvent,
    PursePendingComplianceEvent,
    PurseTranslationCompletedEvent,
    Reason,
    TopUpComplianceDeclinedEvent,
    TopUpPendingComplianceEvent,
    UnknownEvent,
    WalletFundsDeliveredEvent,
)
from tests.receiver.deposits import SECRET, TYPES, Delivery, delivery, signed
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from calypso_mock import Mock


def handle(receiver: Receiver, sent: Delivery) -> tuple[int, Result]:
    response = receiver.handle(*sent)
    return response.status, response.result


def ahandle(receiver: Receiver, sent: Delivery) -> tuple[int, Result]:
    response = asyncio.run(receiver.ahandle(*sent))
    return response.status, response.result


@pytest.fixture(params=[handle, ahandle], ids=["handle", "ahandle"])
def respond(request: pytest.FixtureRequest) -> Any:
    """Process a delivery with either method, and return status and result."""
    return request.param


def recording(*kinds: type) -> tuple[Receiver, list[Event]]:
    receiver, seen = Receiver(SECRET), list[Event]()
    for kind in kinds:
        receiver.on(kind)(seen.append)  # type: ignore[type-var]
    return receiver, seen


DATA = {
    "currency": "USDT_TRX",
    "customerId": "c",
    "customerBlocked": False,
    "purseId": "p",
    "address": "TXYZ",
    "transactionId": "t",
    "amount": 25.5,
}
NAME = TYPES[PurseMemPoolFoundEvent]
ENVELOPE: dict[str, Any] = {
    "requestId": "r",
    "id": 1,
    "createdDate": "2025-10-30T14:08:39.96068",
    "level": "INFO",
    "service": "CUSTOMER_PURSE",
}
ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=9)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=9), inner, max_size=2)
    ),
    max_leaves=4,
)


def delivered(changes: dict[str, Any]) -> Delivery:
    """Return a delivery of an event with these fields; `...` omits one."""
    document = {name: value for name, value in (ENVELOPE | changes).items() if value is not ...}
    return signed(json.dumps(document).encode())


def fail(*_: object) -> NoReturn:
    raise RuntimeError("the database is down")


def test_each_event_is_handled_by_the_handler_of_its_class_only(respond: Any) -> None:
    def handled(kind: type) -> tuple[tuple[int, Result], list[str]]:
        receiver, seen = recording(*TYPES)
        return respond(receiver, delivery(kind)), [type(event).__name__ for event in seen]

    assert {kind.__name__: handled(kind) for kind in TYPES} == {
        kind.__name__: ((200, Result.HANDLED), [kind.__name__]) for kind in TYPES
    }


def test_an_event_without_a_handler_is_handled_by_the_default_one_if_there_is_one(
    respond: Any,
) -> None:
    receiver, _ = recording(PurseExpiredEvent)
    others: list[Event] = []

    assert respond(receiver, delivery("INVOICE_PAID", 1)) == (200, Result.IGNORED)

    receiver.default(others.append)

    assert respond(receiver, delivery("INVOICE_PAID", 2)) == (200, Result.HANDLED)
    assert respond(receiver, delivery(PurseFundsReceivedEvent, 3)) == (200, Result.HANDLED)
    assert respond(receiver, delivery(PurseExpiredEvent, 4)) == (200, Result.HANDLED)
    assert [event.id for event in others] == [2, 3]


def test_a_duplicate_gets_200_and_is_not_handled(respond: Any) -> None:
    receiver, seen = recording(PurseExpiredEvent)
    sent = delivery(PurseExpiredEvent)

    assert respond(receiver, sent) == (200, Result.HANDLED)
    assert respond(receiver, sent) == (200, Result.DUPLICATE)
    assert len(seen) == 1


def test_the_same_id_in_another_subscription_is_another_event(respond: Any) -> None:
    receiver, seen = recording(PurseExpiredEvent)

    for subscription in ("one", "other"):
        sent = delivery(PurseExpiredEvent, subscription=subscription)
        assert respond(receiver, sent) == (200, Result.HANDLED)
    assert len(seen) == 2


def test_a_step_that_two_subscriptions_report_is_handled_once(respond: Any) -> None:
    """While keys are renewed each deposit is reported twice, and must be credited once."""
    receiver, seen = recording(PurseFundsReceivedEvent)

    sent = [delivery(PurseFundsReceivedEvent, n, subscription=str(n)) for n in (1, 2)]

    assert [respond(receiver, each)[1] for each in sent] == [Result.HANDLED, Result.DUPLICATE]
    assert len(seen) == 1


def test_a_handler_that_failed_is_called_again_with_the_next_delivery(respond: Any) -> None:
    receiver, attempts = Receiver(SECRET), list[int]()

    @receiver.on(PurseFundsReceivedEvent)
    def received(event: PurseFundsReceivedEvent) -> None:
        attempts.append(event.id)
        if len(attempts) < 3:
            fail()

    sent = delivery(PurseFundsReceivedEvent)

    assert [respond(receiver, sent) for _ in range(4)] == [
        (500, Result.FAILED),
        (500, Result.FAILED),
        (200, Result.HANDLED),
        (200, Result.DUPLICATE),
    ]
    assert attempts == [1, 1, 1]


OVERTAKEN = [
    (PurseMemPoolFoundEvent, PursePendingComplianceEvent),
    (PurseMemPoolFoundEvent, PurseFundsReceivedEvent),
    (PurseMemPoolFoundEvent, PurseComplianceDeclinedEvent),
    (PurseMemPoolFoundEvent, PurseTranslationCompletedEvent),
    (PursePendingComplianceEvent, PurseFundsReceivedEvent),
    (PursePendingComplianceEvent, PurseComplianceDeclinedEvent),
    (PursePendingComplianceEvent, PurseTranslationCompletedEvent),
]


def test_a_provisional_event_that_was_overtaken_gets_200_and_is_not_handled(
    respond: Any,
) -> None:
    def scenario(late: type, after: type) -> tuple[list[tuple[int, Result]], list[int]]:
        receiver, seen = recording(late, after)
        responses = [
            respond(receiver, delivery(after, 2)),
            respond(receiver, delivery(late, 1)),
            respond(receiver, delivery(late, 3, transactionId="another")),
        ]
        return responses, [event.id for event in seen]

    assert {
        f"{late.__name__} after {after.__name__}": scenario(late, after)
        for late, after in OVERTAKEN
    } == {
        f"{late.__name__} after {after.__name__}": (
            [(200, Result.HANDLED), (200, Result.LATE), (200, Result.HANDLED)],
            [2, 3],
        )
        for late, after in OVERTAKEN
    }


def test_received_is_handled_even_when_credited_overtook_it(respond: Any) -> None:
    """Otherwise a shop that credits on FUNDS_RECEIVED loses a deposit after one failed attempt."""
    receiver, seen = recording(PurseFundsReceivedEvent, PurseTranslationCompletedEvent)

    assert respond(receiver, delivery(PurseTranslationCompletedEvent, 2))[0] == 200
    assert respond(receiver, delivery(PurseFundsReceivedEvent, 1)) == (200, Result.HANDLED)
    assert [event.id for event in seen] == [2, 1]


def test_a_step_without_a_handler_counts_for_the_order_too(respond: Any) -> None:
    receiver, seen = recording(PurseMemPoolFoundEvent)

    assert respond(receiver, delivery(PurseFundsReceivedEvent, 2)) == (200, Result.IGNORED)
    assert respond(receiver, delivery(PurseMemPoolFoundEvent, 1)) == (200, Result.LATE)
    assert seen == []


def test_final_states_that_contradict_each_other_are_both_handled_with_a_warning(
    respond: Any, caplog: pytest.LogCaptureFixture
) -> None:
    receiver, seen = recording(PurseFundsReceivedEvent, PurseComplianceDeclinedEvent)

    respond(receiver, delivery(PurseFundsReceivedEvent, 1))
    respond(receiver, delivery(PurseComplianceDeclinedEvent, 2))

    assert [event.id for event in seen] == [1, 2]
    assert "contradicts" in caplog.text


def test_a_wrong_signature_is_401_and_a_signed_body_that_is_not_an_event_400(respond: Any) -> None:
    receiver, seen = recording(*TYPES)
    body, headers = delivery(PurseExpiredEvent)

    assert respond(receiver, Delivery(body, {})) == (401, Result.UNVERIFIED)
    assert respond(receiver, Delivery(body + b" ", headers)) == (401, Result.UNVERIFIED)
    assert respond(receiver, signed(b"[]")) == (400, Result.UNREADABLE)
    assert seen == []


# For every field of a deposit's event: once unreadable, and once absent.
ODD_FIELDS: list[dict[str, Any]] = [
    *({"createdDate": odd} for odd in (1_761_833_319_960, [2025, 10, 30, 14, 8], "x", None, ...)),
    *({"createdDate": f"2025-10-30T14:08:39{zone}"} for zone in ("Z[UTC]", "[UTC]")),
    *({name: odd} for name in ("level", "service", "eventType") for odd in (None, ..., 7)),
    {"id": "3fa85f64-5717-4562-b3fc-2c963f66afa6"},
    *({"eventType": it, "data": {**DATA, "type": NAME}} for it in (None, ..., "")),
    *({"eventType": it} for it in (NAME.lower(), NAME.replace("MEM_POOL", "MEMPOOL"))),
    {"eventType": "customerPurseMemPoolFound"},
    *({"data": {**DATA, name: odd}} for name in DATA for odd in (None, {"odd": 1})),
    *({"data": {k: v for k, v in DATA.items() if k != name}} for name in DATA),
]


@rows("changes", ODD_FIELDS)
def test_a_deposit_with_one_odd_field_is_handled(respond: Any, changes: Any) -> None:
    """Unless it has no type: then the response makes the vendor deliver it again."""
    receiver, seen = recording(PurseMemPoolFoundEvent)
    sent = delivered({"eventType": NAME, "data": DATA} | changes)

    if changes in [{"eventType": None}, {"eventType": ...}, {"eventType": 7}]:
        assert respond(receiver, sent) == (500, Result.FAILED)
    else:
        assert respond(receiver, sent) == (200, Result.HANDLED)
        assert [type(event) for event in seen] == [PurseMemPoolFoundEvent]


@given(st.data())
def test_no_change_of_two_fields_loses_a_deposit_silently(data: st.DataObject) -> None:
    """It is handled, or comes again; it is rejected only without an id."""
    receiver, seen = recording(PurseMemPoolFoundEvent)
    document = {**ENVELOPE, "eventType": NAME, "data": dict(DATA)}
    changed = []
    for _ in range(2):
        parent = data.draw(st.sampled_from([document, document["data"]]))
        name = data.draw(st.sampled_from(sorted(parent)) if parent else st.just(""))
        if isinstance(parent, dict) and name in parent:
            changed.append(name)
            parent[name] = data.draw(ANY_JSON)
            if data.draw(st.booleans()):
                del parent[name]
        if not isinstance(document.get("data"), dict) or not document["data"]:
            break

    result = receiver.handle(*signed(json.dumps(document).encode())).result

    if result is Result.UNREADABLE:
        assert {"id", "requestId"} & {*changed}
    else:
        assert (result, len(seen)) in [(Result.HANDLED, 1), (Result.FAILED, 0)]


@rows(
    "changes, status",
    [
        ({"eventType": "INVOICE_PAID"}, 200),
        ({"eventType": "invoice-paid", "service": "CUSTOMER_PURSE"}, 200),
        ({"eventType": ..., "data": {"type": "PAYOUT_CONFIRMED", "amount": 1}}, 200),
        ({"eventType": "NEW", "service": "NEW", "data": {"id": 1}}, 200),
        ({"eventType": "NEW", "service": "CUSTOMER_PURSE", "data": {}}, 500),
        ({"eventType": "NEW", "service": "NEW", "data": {"transactionId": "1"}}, 500),
        ({"eventType": "NEW", "service": None, "data": {"amount": 0}}, 500),
        ({"eventType": "CUSTOMER_PURSE_NEW", "service": ..., "data": None}, 500),
        ({"eventType": "NEW", "service": None, "data": None}, 500),
        ({"eventType": "NEW", "service": "NEW", "data": [{"deposit": {"amount": 1}}]}, 500),
        ({"eventType": "NEW", "service": "NEW", "data": json.dumps(DATA)}, 500),
        ({"eventType": "NEW", "service": "NEW", "data": None, "transactionId": 7}, 500),
        ({"eventType": "NEW", "service": "NEW", "data": {"transactionHash": "0x1"}}, 500),
        ({"eventType": "NEW", "service": "TOP_UP", "data": {"id": 1}}, 500),
        ({"eventType": "TOP_UP_NEW", "service": "NEW", "data": {"id": 1}}, 500),
        ({"eventType": "WALLET_FUNDS_DELIVERED_NEW", "service": "NEW", "data": {"id": 1}}, 500),
        ({"eventType": "wallet-funds-deliverd-account", "service": "NEW", "data": {}}, 500),
        ({"eventType": "WALLET_NEW", "service": "NEW", "data": {"id": 1}}, 200),
    ],
)
def test_an_event_of_unknown_type_that_may_be_about_money_gets_500(
    respond: Any, caplog: pytest.LogCaptureFixture, changes: Any, status: int
) -> None:
    caplog.clear()
    receiver, seen = recording(PurseMemPoolFoundEvent)
    sent = delivered({"data": DATA} | changes)

    assert respond(receiver, sent)[0] == status
    assert ("ERROR" in caplog.text) == (status == 500)

    receiver.on(UnknownEvent)(seen.append)

    assert respond(receiver, sent)[0] == 200
    assert len(seen) == (status == 500)


TOP_UPS = [TopUpPendingComplianceEvent, TopUpComplianceDeclinedEvent, WalletFundsDeliveredEvent]
MOVED = {"type": None, "transactionId": None, "customerId": None, "transactionHash": "0xhash"}


@rows("kind", {kind.__name__: kind for kind in TOP_UPS})
def test_a_top_up_without_a_handler_gets_500(
    respond: Any, caplog: pytest.LogCaptureFixture, kind: Any
) -> None:
    """Only subscriptions that name its event get it, so the missing handler is a mistake."""
    caplog.clear()
    receiver, _ = recording(PurseExpiredEvent)
    seen: list[Event] = []
    sent = delivery(kind, **MOVED)

    assert respond(receiver, sent) == (500, Result.FAILED)
    assert f"register one for {kind.__name__}" in caplog.text

    receiver.on(TYPES[kind])(seen.append)

    assert respond(receiver, sent) == (200, Result.HANDLED)
    assert [type(event) for event in seen] == [kind]


def test_a_top_up_without_a_handler_is_handled_by_the_default_one(respond: Any) -> None:
    receiver, seen = Receiver(SECRET), list[Event]()
    receiver.default(seen.append)

    assert respond(receiver, delivery(WalletFundsDeliveredEvent, **MOVED))[0] == 200
    assert len(seen) == 1


@rows("after", {kind.__name__: kind for kind in TOP_UPS[1:]})
@rows("digest", ["0xhash", "0xother", " ", None])
def test_a_pending_top_up_is_handled_whatever_came_with_the_same_hash(
    respond: Any, after: Any, digest: str | None
) -> None:
    """A transaction on the chain may contain several; duplicates have the same event id."""
    receiver, seen = recording(*TOP_UPS)
    pending = delivery(TopUpPendingComplianceEvent, 1, **MOVED | {"transactionHash": digest})

    assert respond(receiver, delivery(after, 2, **MOVED)) == (200, Result.HANDLED)
    assert respond(receiver, pending) == (200, Result.HANDLED)
    assert respond(receiver, pending) == (200, Result.DUPLICATE)
    assert [event.id for event in seen] == [2, 1]


@rows("kind", {kind.__name__: kind for kind in TOP_UPS})
def test_two_top_ups_in_one_transaction_are_both_handled(respond: Any, kind: Any) -> None:
    """Their hash is the same; a duplicate has the same event id."""
    receiver, seen = recording(kind)
    sent = [delivery(kind, number, **MOVED) for number in (1, 2, 2)]

    results = [respond(receiver, each)[1] for each in sent]

    assert results == [Result.HANDLED, Result.HANDLED, Result.DUPLICATE]
    assert [event.id for event in seen] == [1, 2]


def test_a_handler_may_be_registered_by_the_documented_name(respond: Any) -> None:
    receiver, seen = Receiver(SECRET), list[Event]()
    receiver.on("CUSTOMER_PURSE_EXPIRED")(seen.append)
    receiver.on("INVOICE_PAID")(seen.append)

    assert respond(receiver, delivery(PurseExpiredEvent, 1)) == (200, Result.HANDLED)
    assert respond(receiver, delivery("INVOICE_PAID", 2)) == (200, Result.HANDLED)
    assert [event.id for event in seen] == [1, 2]
    assert repr(receiver) == "<Receiver of INVOICE_PAID, PurseExpiredEvent>"


@rows("blank", ["", " ", "\t\n", "\u00a0"])
def test_a_blank_type_is_replaced_by_the_type_in_the_data(respond: Any, blank: str) -> None:
    receiver, seen = recording(PurseExpiredEvent)
    sent = delivered({"eventType": blank, "data": {"type": TYPES[PurseExpiredEvent]}})

    assert respond(receiver, sent) == (200, Result.HANDLED)
    assert len(seen) == 1


@rows("kind", [int, "CUSTOMER_PURSE_…", "", None, Event, Transaction])
def test_a_handler_for_what_is_not_an_event_is_rejected(kind: Any) -> None:
    receiver = Receiver(SECRET)

    with pytest.raises(ConfigurationError, match=r"is not an event: .*receiver\.default"):
        receiver.on(kind)
    assert repr(receiver) == "<Receiver of nothing>"


@rows("number", ["1", "01", 1, "+1", "0x1", -1])
@rows("transaction", ["", " ", "t1", "t2"])
def test_events_that_differ_in_id_or_transaction_are_both_handled(
    respond: Any, number: Any, transaction: str
) -> None:
    receiver, seen = recording(PurseFundsReceivedEvent)
    other = delivery(PurseFundsReceivedEvent, 1, transactionId="t")
    sent = delivery(PurseFundsReceivedEvent, number, transactionId=transaction)

    assert [respond(receiver, each)[1] for each in (other, sent)] == [Result.HANDLED] * 2
    assert len(seen) == 2


@rows("handler", [lambda _: (yield), lambda event: (each for each in [event])])
def test_a_handler_that_yields_never_counts_as_done(respond: Any, handler: Any) -> None:
    """It is rejected when it is registered, or it fails when it is called."""
    receiver = Receiver(SECRET)
    try:
        receiver.on(PurseExpiredEvent)(handler)
    except ConfigurationError:
        return

    assert respond(receiver, delivery(PurseExpiredEvent)) == (500, Result.FAILED)


def test_a_handler_that_raises_stop_iteration_has_failed(respond: Any) -> None:
    receiver = Receiver(SECRET)
    receiver.default(lambda _: next(iter([])))

    assert respond(receiver, delivery(PurseExpiredEvent)) == (500, Result.FAILED)


@rows("error", [KeyboardInterrupt(), asyncio.CancelledError()])
def test_an_exception_that_ends_the_process_releases_the_event(error: BaseException) -> None:
    receiver, errors = Receiver(SECRET), [error]

    @receiver.default
    def handler(_: Event) -> None:
        if errors:
            raise errors.pop()

    with pytest.raises(type(error)):
        receiver.handle(*delivery(PurseExpiredEvent))
    assert handle(receiver, delivery(PurseExpiredEvent)) == (200, Result.HANDLED)


def test_a_flow_that_is_closed_while_its_handler_runs_calls_nothing_more() -> None:
    """As when its event loop ends: nothing can be awaited then, and the lease ends by itself."""
    receiver, _ = recording(PurseExpiredEvent)
    flow = _flow.process(
        receiver._config, _flow.Delivery(*map(Secret, delivery(PurseExpiredEvent)))
    )
    call = next(flow)
    while [type(each) for each in call.args] != [PurseExpiredEvent]:
        call = flow.send(call.function(*call.args))

    flow.close()

    assert handle(receiver, delivery(PurseExpiredEvent)) == (503, Result.BUSY)


def test_a_handler_that_exits_has_failed(respond: Any) -> None:
    receiver = Receiver(SECRET)
    receiver.on(PurseExpiredEvent)(sys.exit)

    assert respond(receiver, delivery(PurseExpiredEvent)) == (500, Result.FAILED)


def test_secrets_can_be_looked_up_by_a_coroutine_function() -> None:
    async def look_up(key: str | None) -> str | None:
        await asyncio.sleep(0)
        return {"public": SECRET}.get(key or "")

    receiver = Receiver(look_up)
    sent = delivery(PurseExpiredEvent)

    assert ahandle(receiver, sent) == (200, Result.IGNORED)
    assert ahandle(receiver, Delivery(sent.body, {**sent.headers, "Key": "no"}))[0] == 401
    assert ahandle(Receiver(functools.partial(look_up)), sent) == (200, Result.IGNORED)
    with pytest.raises(ConfigurationError, match="ahandle"):
        receiver.handle(*sent)


def test_a_rejection_has_its_reason(respond: Any, caplog: pytest.LogCaptureFixture) -> None:
    receiver, sent = Receiver(SECRET), delivery(PurseExpiredEvent, secret="of another")

    assert receiver.handle(*sent).reason is Reason.NO_MATCH
    assert "is that of another subscription" in caplog.text
    assert receiver.handle(sent.body, {}).reason is Reason.MISSING_SIGNATURE
    assert receiver.handle(*delivery(PurseExpiredEvent)).reason is None
    assert respond(receiver, sent)[0] == 401


def test_an_odd_event_without_a_handler_gets_200(respond: Any) -> None:
    receiver, _ = recording(PurseFundsReceivedEvent)

    assert respond(receiver, delivery(PurseExpiredEvent, address=None)) == (200, Result.IGNORED)


def test_an_event_without_a_transaction_id_is_handled_once(respond: Any) -> None:
    receiver, seen = recording(PurseFundsReceivedEvent)
    sent = delivery(PurseFundsReceivedEvent, transactionId=None)

    assert [respond(receiver, sent)[1] for _ in "ab"] == [Result.HANDLED, Result.DUPLICATE]
    assert len(seen) == 1


class BrokenStore(MemoryStore):
    """A store with one method that fails."""

    broken = ""

    def claim(self, task: Task, lease: float) -> Claim:
        self._fail_if_broken("claim")
        return super().claim(task, lease)

    def complete(self, task: Task, claim: Claim) -> None:
        self._fail_if_broken("complete")
        super().complete(task, claim)

    def release(self, task: Task, claim: Claim) -> None:
        self._fail_if_broken("release")
        super().release(task, claim)

    def _fail_if_broken(self, name: str) -> None:
        if self.broken == name:
            fail()


@pytest.mark.parametrize(("broken", "status", "calls"), [("claim", 503, 1), ("complete", 503, 2)])
def test_a_store_that_fails_makes_the_event_come_again(
    respond: Any, broken: str, status: int, calls: int
) -> None:
    store, seen = BrokenStore(), list[Event]()
    receiver = Receiver(SECRET, store=store)
    receiver.on(PurseExpiredEvent)(seen.append)
    store.broken = broken

    assert respond(receiver, delivery(PurseExpiredEvent))[0] == status

    store.broken = ""

    assert respond(receiver, delivery(PurseExpiredEvent)) == (200, Result.HANDLED)
    assert len(seen) == calls


def test_a_store_that_fails_to_release_an_event_keeps_it_until_its_lease_ends(
    respond: Any, caplog: pytest.LogCaptureFixture
) -> None:
    store = BrokenStore()
    receiver = Receiver(SECRET, store=store)
    receiver.on(PurseExpiredEvent)(fail)
    store.broken = "release"

    assert respond(receiver, delivery(PurseExpiredEvent)) == (500, Result.FAILED)
    assert respond(receiver, delivery(PurseExpiredEvent)) == (503, Result.BUSY)
    assert "or its claim released" in caplog.text


@rows("failure", [fail, sys.exit])
def test_a_look_up_of_secrets_that_fails_makes_the_event_come_again(
    respond: Any, failure: Any
) -> None:
    lookups: list[Callable[[str | None], str]] = [failure, lambda _: SECRET]

    def look_up(key: str | None) -> str:
        return lookups.pop(0)(key)

    receiver = Receiver(look_up)

    assert respond(receiver, delivery(PurseExpiredEvent)) == (503, Result.UNAVAILABLE)
    assert respond(receiver, delivery(PurseExpiredEvent)) == (200, Result.IGNORED)


def test_headers_may_be_an_iterator(respond: Any) -> None:
    """With a look-up function too, which needs the Key header before the signature is read."""
    body, headers = delivery(PurseExpiredEvent)
    receiver = Receiver(lambda _: SECRET)

    assert respond(receiver, (body, iter(headers.items()))) == (200, Result.IGNORED)


def test_a_handler_that_is_registered_during_the_claim_gets_the_event(respond: Any) -> None:
    class Store(MemoryStore):
        def claim(self, task: Task, lease: float) -> Claim:
            receiver.on(PurseExpiredEvent)(lambda _: None)
            return super().claim(task, lease)

    receiver = Receiver(SECRET, store=Store())

    assert respond(receiver, delivery(PurseExpiredEvent)) == (200, Result.HANDLED)


def deposited(mock: Mock, calypso: Calypso) -> Transaction:
    customer = calypso.customers.create()
    address = calypso.addresses.get(customer_id=customer.id, currency="USDT_TRX").address
    mock.simulate_deposit(address=address, currency="USDT_TRX", amount="25.50", to="confirmed")
    return calypso.transactions.find(customer_id=customer.id).result[0]


@pytest.mark.parametrize("asynchronous", [False, True], ids=["Calypso", "AsyncCalypso"])
def test_a_handler_with_refetch_gets_the_transaction_of_the_api(
    calypso_mock: Mock, *, asynchronous: bool
) -> None:
    settings = calypso_mock.settings()
    with Calypso(**settings, transport=calypso_mock.transport()) as calypso:
        there = deposited(calypso_mock, calypso)
        client = (
            AsyncCalypso(**settings, transport=calypso_mock.async_transport())
            if asynchronous
            else calypso
        )
        receiver, seen = Receiver(SECRET, client=client), list[Transaction]()

        @receiver.on(PurseFundsReceivedEvent, refetch=True)
        def received(event: PurseFundsReceivedEvent, transaction: Transaction) -> None:
            seen.append(transaction)

        sent = delivery(PurseFundsReceivedEvent, transactionId=there.id, amount=1)

        assert ahandle(receiver, sent) == (200, Result.HANDLED)
        assert seen == [there]


@pytest.mark.parametrize("transaction", ["00000000-0000-4000-8000-000000000000", None])
def test_a_transaction_that_cannot_be_read_makes_the_event_come_again(
    respond: Any, calypso_mock: Mock, transaction: str | None
) -> None:
    with Calypso(**calypso_mock.settings(), transport=calypso_mock.transport()) as calypso:
        receiver = Receiver(SECRET, client=calypso)
        receiver.on(PurseFundsReceivedEvent, refetch=True)(fail)
        sent = delivery(PurseFundsReceivedEvent, transactionId=transaction)

        assert [respond(receiver, sent) for _ in "ab"] == [(503, Result.UNAVAILABLE)] * 2


def test_synchronous_handlers_run_in_threads_and_coroutines_in_the_event_loop() -> None:
    receiver, threads = Receiver(SECRET), list[int]()

    @receiver.on(PurseExpiredEvent)
    def synchronous(event: PurseExpiredEvent) -> None:
        threads.append(threading.get_ident())

    @receiver.on(PurseFundsReceivedEvent)
    async def coroutine(event: PurseFundsReceivedEvent) -> None:
        await asyncio.sleep(0)
        threads.append(threading.get_ident())

    ahandle(receiver, delivery(PurseExpiredEvent, 1))
    ahandle(receiver, delivery(PurseFundsReceivedEvent, 2))

    assert threads[0] != threading.get_ident()
    assert threads[1] == threading.get_ident()


def test_handle_rejects_asynchronous_handlers_before_anything_is_claimed() -> None:
    receiver = Receiver(SECRET)

    @receiver.on(PurseExpiredEvent)
    async def expired(event: PurseExpiredEvent) -> None: ...

    with pytest.raises(ConfigurationError, match="ahandle"):
        receiver.handle(*delivery(PurseExpiredEvent))
    assert ahandle(receiver, delivery(PurseExpiredEvent)) == (200, Result.HANDLED)


def test_a_delivery_whose_caller_is_cancelled_is_finished_all_the_same() -> None:
    """Whatever cancels the caller: the next delivery finds the event busy, or done."""
    receiver, may_end, calls = Receiver(SECRET), asyncio.Event(), list[Event]()

    @receiver.on(PurseExpiredEvent)
    async def expired(event: PurseExpiredEvent) -> None:
        calls.append(event)
        await may_end.wait()

    async def scenario() -> list[Result]:
        sent = delivery(PurseExpiredEvent)
        with anyio.move_on_after(0.05) as bound:
            await receiver.ahandle(*sent)
        assert bound.cancelled_caught
        meanwhile = await receiver.ahandle(*sent)
        may_end.set()
        await receiver.aclose()
        return [meanwhile.result, (await receiver.ahandle(*sent)).result]

    assert asyncio.run(scenario()) == [Result.BUSY, Result.DUPLICATE]
    assert len(calls) == 1


@pytest.mark.parametrize("fails", [False, True])
def test_a_synchronous_handler_that_is_cancelled_keeps_its_claim_until_its_thread_ends(
    *, fails: bool
) -> None:
    """A thread can't be stopped, so its event is neither handled twice nor forgotten."""
    receiver, may_end, calls = Receiver(SECRET), threading.Event(), list[int]()

    @receiver.on(PurseExpiredEvent)
    def expired(event: PurseExpiredEvent) -> None:
        calls.append(event.id)
        may_end.wait(30)
        if fails and len(calls) == 1:
            fail()

    async def scenario() -> list[Result]:
        sent = delivery(PurseExpiredEvent)
        first = asyncio.create_task(receiver.ahandle(*sent))
        while not calls:  # noqa: ASYNC110 - a thread makes it true
            await asyncio.sleep(0.001)
        first.cancel()
        meanwhile = await receiver.ahandle(*sent)
        may_end.set()
        await asyncio.wait({first})
        await receiver.aclose()
        assert first.cancelled()
        return [meanwhile.result, (await receiver.ahandle(*sent)).result]

    assert asyncio.run(scenario()) == [Result.BUSY, Result.HANDLED if fails else Result.DUPLICATE]
    assert len(calls) == 1 + fails


def test_logs_show_the_event_and_neither_the_payload_nor_a_secret(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    receiver, _ = recording(PurseExpiredEvent)
    receiver.on(PurseFundsReceivedEvent)(fail)
    responses = [
        handle(receiver, sent)[1]
        for sent in (
            delivery(PurseExpiredEvent, 1),
            delivery(PurseFundsReceivedEvent, 2),
            delivery(PurseExpiredEvent, 3, secret="another"),
            signed(b'{"address": "TXYZ"}'),
        )
    ]

    assert responses == [Result.HANDLED, Result.FAILED, Result.UNVERIFIED, Result.UNREADABLE]
    assert "PurseExpiredEvent 1 of" in caplog.text
    assert "the database is down" in caplog.text
    assert "TXYZ" not in caplog.text
    assert SECRET not in caplog.text + repr(receiver) + repr(vars(receiver))


def test_a_receiver_without_a_secret_cannot_be_created() -> None:
    """As when the environment variable for it is not set."""
    made = []
    for secret in ("", b"", None, []):
        with contextlib.suppress(ConfigurationError):
            made.append((secret, Receiver(secret)))  # type: ignore[arg-type]

    assert made == []


def test_a_class_of_events_has_one_handler() -> None:
    receiver, _ = recording(PurseExpiredEvent)

    with pytest.raises(ConfigurationError, match="PurseExpiredEvent has a handler"):
        receiver.on(PurseExpiredEvent)(fail)


def test_refetch_needs_a_client_and_an_event_of_a_deposit(
    calypso_mock: Mock,
) -> None:
    with pytest.raises(ConfigurationError, match="needs a client"):
        Receiver(SECRET).on(PurseFundsReceivedEvent, refetch=True)
    with Calypso(**calypso_mock.settings(), transport=calypso_mock.transport()) as calypso:
        receiver = Receiver(SECRET, client=calypso)
        with pytest.raises(ConfigurationError, match="events of deposits"):
            receiver.on(WalletFundsDeliveredEvent, refetch=True)  # type: ignore[type-var]
        with pytest.raises(ConfigurationError, match="events of deposits"):
            receiver.on(PurseExpiredEvent, refetch=True)  # type: ignore[type-var]
