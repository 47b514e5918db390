"""Webhook events: which there are, what they contain, and which subscriptions get them."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from calypso_mock import _json
from calypso_mock._errors import MockError
from calypso_mock.api import _contract, _fill, _views
from calypso_mock.api._contract import EventSpec
from calypso_mock.delivery import _queue
from calypso_mock.state import _altered, _dates
from calypso_mock.state._records import NO_EVENT_FAULTS, Delivery, Event, EventKind

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from calypso_mock.api._context import Context
    from calypso_mock.state._records import (
        Account,
        EventFaults,
        Purse,
        Step,
        Subscription,
        TopUpRecord,
        TopUpStep,
        Transaction,
    )

    Json = dict[str, Any]

_log = logging.getLogger("calypso_mock")

EXPIRED = EventKind("CUSTOMER_PURSE_EXPIRED", "INFO")
STEPS: dict[Step, EventKind] = {
    "mem_pool": EventKind("CUSTOMER_PURSE_MEM_POOL_FOUND", "INFO"),
    "pending": EventKind("CUSTOMER_PURSE_PENDING_COMPLIANCE", "INFO"),
    "confirmed": EventKind("CUSTOMER_PURSE_FUNDS_RECEIVED_FOR_PURSE", "INFO"),
    "credited": EventKind("CUSTOMER_PURSE_TRANSLATION_TO_ACCOUNT_COMPLETED", "SUCCESS"),
    "declined": EventKind("CUSTOMER_PURSE_COMPLIANCE_DECLINED", "WARNING"),
}
_ORDER: list[Step] = list(STEPS)
_ENDS = {"credited", "declined"}
# Any id will do: bodies with it are validated, and never sent.
_NOBODY = "00000000-0000-4000-8000-000000000000"
TOP_UPS: dict[TopUpStep, EventKind] = {
    "pending": EventKind("TOP_UP_PENDING_COMPLIANCE", "INFO", "TOP_UP"),
    "delivered": EventKind("WALLET_FUNDS_DELIVERED_ACCOUNT", "SUCCESS", "TOP_UP"),
    "declined": EventKind("TOP_UP_COMPLIANCE_DECLINED", "WARNING", "TOP_UP"),
}


def emit_step(context: Context, transaction: Transaction, now: datetime) -> None:
    """Emit the event of the step that a deposit has reached."""
    event = step_event(transaction, transaction.step, context.state.ids.count("event"), now)
    if _emit(context, transaction.purse.customer.account, event):
        transaction.event_ids.append(event.id)


def step_event(transaction: Transaction, step: Step, event_id: int, now: datetime) -> Event:
    """Make the event of a deposit that reaches a step."""
    data = _purse_data(transaction.purse) | _deposit_data(transaction)
    if step != "mem_pool":
        # The table of that event is too narrow for names as long as these.
        data["complianceState"] = _views.STATES[step][1]
        data["createdDate"] = _dates.iso(transaction.created)
    return Event(event_id, STEPS[step], now, data, transaction)


def emit_top_up(context: Context, top_up: TopUpRecord, now: datetime) -> None:
    """Emit the event of the step that a top-up has reached.

    The fields are documented for two of the three events. `fiatAmount` is left out, since its form
    is not documented.
    """
    kind = TOP_UPS[top_up.step]
    data = {
        "type": kind.type,
        "amount": top_up.amount,
        "currency": top_up.currency,
        "senderAddress": top_up.sender,
        "paymentDate": _dates.local(top_up.created),
        "transactionHash": top_up.hash,
    }
    _emit(context, top_up.account, Event(context.state.ids.count("event"), kind, now, data))


def emit_expired(context: Context) -> datetime:
    """Emit an event for every address that has expired by now, in the order of expiry.

    Called before anything else happens, so that ids and dates of events grow together. A declined
    address was closed before, and gets no such event (inferred).

    Returns:
        Business time.
    """
    with context.lock:
        now = context.clock.now()
        if not context.state.expiries.is_due(now):
            return now
        # As exact as responses show it, so that they agree.
        until = _dates.to_millisecond(now)
        for moment, purse in context.state.expiries.expired(until):
            if not purse.declined:
                event_id = context.state.ids.count("event")
                event = Event(event_id, EXPIRED, moment, _purse_data(purse))
                _emit(context, purse.customer.account, event)
        return now


def _emit(context: Context, account: Account, event: Event) -> bool:
    """Queue an event for every subscription that wants it; return whether one does."""
    wanting = [each for each in account.subscriptions.values() if _wants(each, event.kind)]
    for subscription in wanting:
        plan(context, subscription, event)
    return bool(wanting)


def plan(context: Context, subscription: Subscription, event: Event) -> None:
    """Queue an event for one subscription, or plan anew what is queued of it already."""
    body, error = write(context, subscription.request_id, event)
    if error is not None:
        _log.error("the mock broke the document: %s: %s", event.kind.type, error)
        return
    ids, injected, faults = context.state.ids, context.fault_injection, faults_of(event)
    made = subscription.queue.deliveries.get(event.id) or Delivery(event, b"", None)
    made.body = _json.dump(body)
    made.rank = injected.rank(ids, subscription.request_id, event.id)
    if faults.lost or injected.loses_event(ids, event.id):
        _queue.lose(subscription.queue, made)
        return
    delay = faults.delay or injected.delay_of(ids, event.id)
    _queue.put(subscription.queue, made, event.created + delay)


def write(context: Context, request_id: str, event: Event) -> tuple[Json, str | None]:
    """Write an event as it is sent to a subscription, and what the document does not allow."""
    spec = context.contract.events.get(event.kind.type, EventSpec())
    body = _body(request_id, event)
    body = body if spec.complete is None else spec.complete(body)
    altered = faults_of(event).altered
    if altered:
        # A field that only some of a deposit's events have is altered in those.
        data = {name: altered.get(name, value) for name, value in body["data"].items()}
        body["data"] = {name: value for name, value in data.items() if value is not None}
    return body, _contract.event_error(spec, body)


def faults_of(event: Event) -> EventFaults:
    """Return how an event is to be sent."""
    if event.transaction is None:
        return NO_EVENT_FAULTS
    return event.transaction.event_faults.get(event.kind.type, NO_EVENT_FAULTS)


def change(
    context: Context,
    transaction_id: str,
    event_type: str | None,
    **changes: Any,  # noqa: ANN401 - as the attributes of EventFaults
) -> None:
    """Change how events of a deposit are sent that no subscription was sent yet.

    Args:
        context: The parts of the mock.
        transaction_id: The id of the deposit.
        event_type: The type of one event; None for all events of the deposit.
        changes: New values of attributes of ``EventFaults``; altered fields are added to others.

    Raises:
        MockError: If there is no such deposit or event, if it was sent already, or if the document
            does not allow an altered event.
    """
    with context.lock:
        transaction = context.state.known_transaction(transaction_id)
        chosen = _steps(event_type)
        unsent = _unsent(transaction, chosen)
        queued = {delivery.event.kind for _, delivery in unsent}
        steps: list[Step] = [
            each for each in chosen if STEPS[each] in queued or _is_ahead(transaction, each)
        ]
        if not steps:
            raise MockError("there is no such event that was not sent yet")
        fields: Json = {}
        if "altered" in changes:
            fields = _altered.read_fields(changes.pop("altered"), _known(steps))
        before = transaction.event_faults
        transaction.event_faults = dict(before)
        for step in steps:
            kind = STEPS[step].type
            faults = replace(before.get(kind, NO_EVENT_FAULTS), **changes)
            faults = replace(faults, altered={**faults.altered, **fields})
            transaction.event_faults[kind] = faults
        error = _event_error(context, transaction, steps) if fields else None
        if error is not None:
            transaction.event_faults = before
            raise MockError(f"the document does not allow such an event: {error}")
        _plan_anew(context, unsent)


def _event_error(context: Context, transaction: Transaction, steps: Collection[Step]) -> str | None:
    events = [step_event(transaction, step, 0, transaction.created) for step in steps]
    errors = [write(context, _NOBODY, event)[1] for event in events]
    return next((error for error in errors if error is not None), None)


def restore(context: Context, transaction_id: str | None) -> None:
    """Send what was not sent yet as it happened; what is lost stays lost.

    Raises:
        MockError: If there is no such deposit.
    """
    with context.lock:
        for transaction in context.state.chosen_transactions(transaction_id):
            if transaction.event_faults:
                transaction.event_faults = {}
                _plan_anew(context, _unsent(transaction, _ORDER))


def _steps(event_type: str | None) -> list[Step]:
    steps: list[Step] = [step for step in _ORDER if event_type in (None, STEPS[step].type)]
    if not steps:
        types = ", ".join(kind.type for kind in STEPS.values())
        raise MockError(f"the events of a deposit are {types}")
    return steps


def _known(steps: Collection[Step]) -> Collection[str]:
    is_narrow = list(steps) == ["mem_pool"]
    return _fill.KNOWN["PurseMemPoolFoundData" if is_narrow else "PurseDepositData"]


def _is_ahead(transaction: Transaction, step: Step) -> bool:
    """Return whether a deposit may still come to a step; they are in the order of a deposit."""
    return transaction.step not in _ENDS and _ORDER.index(step) > _ORDER.index(transaction.step)


def _unsent(
    transaction: Transaction, steps: Collection[Step]
) -> list[tuple[Subscription, Delivery]]:
    """Return the planned deliveries of which no attempt was made yet."""
    kinds = [STEPS[step] for step in steps]
    return [
        (subscription, delivery)
        for subscription in transaction.purse.customer.account.subscriptions.values()
        for event_id in transaction.event_ids
        if (delivery := subscription.queue.deliveries.get(event_id)) is not None
        if delivery.event.kind in kinds
        if delivery.due is not None and not delivery.attempts
    ]


def _plan_anew(context: Context, unsent: list[tuple[Subscription, Delivery]]) -> None:
    for subscription, delivery in unsent:
        delivery.due = None
        plan(context, subscription, delivery.event)


def _wants(subscription: Subscription, kind: EventKind) -> bool:
    """Return whether a subscription names the event or its group; one is enough (inferred)."""
    return kind.type in subscription.event_types or kind.service in subscription.service_types


def _body(request_id: str, event: Event) -> Json:
    return {
        "requestId": request_id,
        "id": event.id,
        "createdDate": _dates.local(event.created),
        "level": event.kind.level,
        "service": event.kind.service,
        "eventType": event.kind.type,
        "data": event.data,
    }


def _purse_data(purse: Purse) -> Json:
    return {
        "customerId": purse.customer.id,
        "customerBlocked": purse.customer.blocked,
        "purseId": purse.id,
        "address": purse.address,
    }


def _deposit_data(transaction: Transaction) -> Json:
    known_hash = {} if transaction.hash is None else {"transactionHash": transaction.hash}
    return {
        "currency": transaction.currency,
        "transactionId": transaction.id,
        "amount": transaction.amount,
        **known_hash,
    }
