"""Webhook events: which there are, what they contain, and which subscriptions get them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from calypso_mock import _json
from calypso_mock.api import _contract, _views
from calypso_mock.api._contract import EventSpec
from calypso_mock.delivery import _queue
from calypso_mock.state import _dates
from calypso_mock.state._records import Delivery, Event, EventKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from calypso_mock.api._context import Context
    from calypso_mock.state._records import (
        Account,
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
TOP_UPS: dict[TopUpStep, EventKind] = {
    "pending": EventKind("TOP_UP_PENDING_COMPLIANCE", "INFO", "TOP_UP"),
    "delivered": EventKind("WALLET_FUNDS_DELIVERED_ACCOUNT", "SUCCESS", "TOP_UP"),
    "declined": EventKind("TOP_UP_COMPLIANCE_DECLINED", "WARNING", "TOP_UP"),
}


def emit_step(context: Context, transaction: Transaction, now: datetime) -> None:
    """Emit the event of the step that a deposit has reached."""
    kind = STEPS[transaction.step]
    data = _purse_data(transaction.purse) | _deposit_data(transaction)
    if transaction.step != "mem_pool":
        # The table of that event is too narrow for names as long as these.
        data["complianceState"] = _views.STATES[transaction.step][1]
        data["createdDate"] = _dates.iso(transaction.created)
    _emit(context, transaction.purse.customer.account, kind, data, now)


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
    _emit(context, top_up.account, kind, data, now)


def emit_expired(context: Context) -> datetime:
    """Emit an event for every address that has expired by now, in the order of expiry.

    Called before anything else happens, so that ids and dates of events grow together. A declined
    address was closed before, and gets no such event (inferred).

    Returns:
        Business time.
    """
    with context.lock:
        now = context.clock.now()
        # As exact as responses show it, so that they agree.
        until = _dates.to_millisecond(now)
        for moment, purse in context.state.expiries.expired(until):
            if not purse.declined:
                _emit(context, purse.customer.account, EXPIRED, _purse_data(purse), moment)
        return now


def _emit(
    context: Context, account: Account, kind: EventKind, data: Json, moment: datetime
) -> None:
    """Queue an event for every subscription that wants it."""
    event = Event(context.state.ids.count("event"), kind, moment, data)
    spec = context.contract.events.get(kind.type, EventSpec())
    for subscription in _subscribers(account, kind):
        body = _body(subscription, event)
        body = body if spec.complete is None else spec.complete(body)
        error = _contract.event_error(spec, body)
        if error is not None:
            _log.error("the mock broke the document: %s: %s", kind.type, error)
            continue
        rank = context.fault_injection.rank(context.state.ids, subscription.request_id, event.id)
        made = Delivery(event, _json.dump(body), None, rank=rank)
        _queue.put(subscription.queue, made, moment)


def _subscribers(account: Account, kind: EventKind) -> Iterator[Subscription]:
    return (each for each in account.subscriptions.values() if _wants(each, kind))


def _wants(subscription: Subscription, kind: EventKind) -> bool:
    """Return whether a subscription names the event or its group; one is enough (inferred)."""
    return kind.type in subscription.event_types or kind.service in subscription.service_types


def _body(subscription: Subscription, event: Event) -> Json:
    """Write an event as it is sent to one subscription."""
    return {
        "requestId": subscription.request_id,
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
