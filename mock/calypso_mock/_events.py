"""Tell subscriptions what happens: which events there are, what they say, and who wants them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from calypso_mock import _contract, _json, _views
from calypso_mock._channel import Delivery
from calypso_mock._clock import iso

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from calypso_mock._state import (
        Account,
        Purse,
        Step,
        Subscription,
        TopUpRecord,
        TopUpStep,
        Transaction,
    )
    from calypso_mock._world import World

    Json = dict[str, Any]

_log = logging.getLogger("calypso_mock")


class Kind(NamedTuple):
    """A kind of event.

    Attributes:
        type: The vendor's name of it (documented).
        level: How grave it is. INFO was seen for a received deposit; the others are inferred.
        service: The group it belongs to. That of deposits was seen; that of top-ups is inferred
            from the heading of their group.
    """

    type: str
    level: str
    service: str = "CUSTOMER_PURSE"


EXPIRED = Kind("CUSTOMER_PURSE_EXPIRED", "INFO")
STEPS: dict[Step, Kind] = {
    "mem_pool": Kind("CUSTOMER_PURSE_MEM_POOL_FOUND", "INFO"),
    "pending": Kind("CUSTOMER_PURSE_PENDING_COMPLIANCE", "INFO"),
    "confirmed": Kind("CUSTOMER_PURSE_FUNDS_RECEIVED_FOR_PURSE", "INFO"),
    "credited": Kind("CUSTOMER_PURSE_TRANSLATION_TO_ACCOUNT_COMPLETED", "SUCCESS"),
    "declined": Kind("CUSTOMER_PURSE_COMPLIANCE_DECLINED", "WARNING"),
}
TOP_UPS: dict[TopUpStep, Kind] = {
    "pending": Kind("TOP_UP_PENDING_COMPLIANCE", "INFO", "TOP_UP"),
    "delivered": Kind("WALLET_FUNDS_DELIVERED_ACCOUNT", "SUCCESS", "TOP_UP"),
    "declined": Kind("TOP_UP_COMPLIANCE_DECLINED", "WARNING", "TOP_UP"),
}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    Attributes:
        id: Grows from event to event, and is one for all subscriptions that are told.
        kind: What sort of thing.
        created: Business time at which it happened.
        data: What is told of it.
    """

    id: int
    kind: Kind
    created: datetime
    data: Json


def tell_step(world: World, transaction: Transaction, now: datetime) -> None:
    """Tell that a deposit has come to the step it is at."""
    kind = STEPS[transaction.step]
    data = _purse_data(transaction.purse) | _deposit_data(transaction)
    if kind.type != "CUSTOMER_PURSE_MEM_POOL_FOUND":
        # The table of that event has no room for names as long as these.
        data["complianceState"] = _views.STATES[transaction.step][1]
        data["createdDate"] = iso(transaction.created)
    _tell(world, transaction.purse.customer.account, kind, data, now)


def tell_expiry(world: World, purse: Purse, moment: datetime) -> None:
    """Tell that an address expired, at the moment at which it did."""
    _tell(world, purse.customer.account, EXPIRED, _purse_data(purse), moment)


def tell_top_up(world: World, top_up: TopUpRecord, now: datetime) -> None:
    """Tell that a top-up has come to the step it is at.

    The fields are documented for two of the three events. `fiatAmount` is left out, for nothing
    says what it looks like.
    """
    kind = TOP_UPS[top_up.step]
    data = {
        "type": kind.type,
        "amount": top_up.amount,
        "currency": top_up.currency,
        "senderAddress": top_up.sender,
        "paymentDate": local_date(top_up.created),
        "transactionHash": top_up.hash,
    }
    _tell(world, top_up.account, kind, data, now)


def wants(subscription: Subscription, kind: Kind) -> bool:
    """Tell whether a subscription names the event or its group; one is enough (inferred)."""
    return kind.type in subscription.event_types or kind.service in subscription.service_types


def local_date(moment: datetime) -> str:
    """Write a moment as notifications do: UTC (inferred), no zone, no zeros at the end."""
    whole, _, fraction = moment.strftime("%Y-%m-%dT%H:%M:%S.%f").partition(".")
    return f"{whole}.{fraction.rstrip('0') or '0'}"


def envelope(subscription: Subscription, event: Event) -> Json:
    """Write an event as one subscription is told of it."""
    return {
        "requestId": subscription.request_id,
        "id": event.id,
        "createdDate": local_date(event.created),
        "level": event.kind.level,
        "service": event.kind.service,
        "eventType": event.kind.type,
        "data": event.data,
    }


def _tell(world: World, account: Account, kind: Kind, data: Json, moment: datetime) -> None:
    event = Event(world.state.derive.count("event"), kind, moment, data)
    for subscription in _wanting(account, kind):
        message = envelope(subscription, event)
        complete = world.contract.completions.get(kind.type)
        message = message if complete is None else complete(message)
        faults = _contract.notification_faults(world.contract, kind.type, message)
        if faults is not None:
            _log.error("the mock broke the document: %s: %s", kind.type, faults)
            continue
        rank = world.state.disturbance.rank(world.state.derive, subscription.request_id, event.id)
        made = Delivery(event, _json.dump(message), None, rank=rank)
        subscription.channel.put(made, moment)


def _wanting(account: Account, kind: Kind) -> Iterator[Subscription]:
    return (found for found in account.subscriptions.values() if wants(found, kind))


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
