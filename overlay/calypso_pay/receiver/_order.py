"""The steps of a transaction, and which events come too late or twice.

A deposit may be seen in the mempool, is checked, and is then received or declined; a received one
is credited to the account later (documented). The order in which their events arrive is not
documented, and a delivery that is retried arrives after later ones.

A top-up of the account is checked, and is then delivered or declined. Its events have no
transaction id of the API, only the hash of a transaction on the chain, which may contain several
top-ups (inferred). So an event of a top-up is never late or a duplicate because of its hash: only a
second copy with the same event id is a duplicate, and a pending event after a final one is handled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from calypso_pay.receiver._store import Task
from calypso_pay.webhooks import (
    PurseComplianceDeclinedEvent,
    PurseFundsReceivedEvent,
    PurseMemPoolFoundEvent,
    PursePendingComplianceEvent,
    PurseTranslationCompletedEvent,
    TopUpComplianceDeclinedEvent,
    TopUpPendingComplianceEvent,
    UnknownEvent,
    WalletFundsDeliveredEvent,
)

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from calypso_pay.webhooks import Event

DepositEvent: TypeAlias = (
    PurseMemPoolFoundEvent
    | PursePendingComplianceEvent
    | PurseComplianceDeclinedEvent
    | PurseFundsReceivedEvent
    | PurseTranslationCompletedEvent
)
"""An event of a transaction."""

_DEPOSIT_EVENTS = (
    PurseMemPoolFoundEvent,
    PursePendingComplianceEvent,
    PurseComplianceDeclinedEvent,
    PurseFundsReceivedEvent,
    PurseTranslationCompletedEvent,
)
_FINAL = frozenset({"declined", "received", "credited"})
_STEPS: dict[type, str] = {
    PurseMemPoolFoundEvent: "mem_pool",
    PursePendingComplianceEvent: "pending",
    PurseComplianceDeclinedEvent: "declined",
    PurseFundsReceivedEvent: "received",
    PurseTranslationCompletedEvent: "credited",
}
_TOP_UP_EVENTS = (
    TopUpPendingComplianceEvent,
    TopUpComplianceDeclinedEvent,
    WalletFundsDeliveredEvent,
)
_TOP_UP_STEPS: dict[type, str] = {
    TopUpPendingComplianceEvent: "top_up_pending",
    TopUpComplianceDeclinedEvent: "top_up_declined",
    WalletFundsDeliveredEvent: "top_up_delivered",
}
_TRANSACTION_IDS = ("transactionId", "transactionHash")
# Several top-ups may have the same hash, so a step that is done may be another top-up's.
_SHARED = frozenset(_TOP_UP_STEPS.values())
# Only provisional steps can come too late. A final step is handled even after another final step:
# otherwise a FUNDS_RECEIVED that is retried after TRANSLATION_TO_ACCOUNT_COMPLETED would be lost,
# and a customer's money with it.
_OVERTAKEN_BY = {
    "mem_pool": _FINAL | {"pending"},
    "pending": _FINAL,
}
_CONTRADICTIONS = {
    "declined": frozenset({"received", "credited"}),
    "received": frozenset({"declined"}),
    "credited": frozenset({"declined"}),
}


def is_deposit_event(kind: type) -> bool:
    """Whether events of this class belong to a transaction of the API."""
    return kind in _STEPS


def is_top_up_event(kind: type) -> bool:
    """Whether events of this class belong to a top-up of the account."""
    return kind in _TOP_UP_STEPS


def task_of(event: Event, body: bytes) -> Task:
    """Return what a store remembers of an event, with the body that it was delivered in."""
    transaction, step = _transaction_of(event), (_STEPS | _TOP_UP_STEPS).get(type(event))
    # The vendor promises no field of the data. Without a transaction id there is no order.
    if transaction is None or not transaction.strip():
        transaction = step = None
    delivered = event.additional_properties.get("eventType")
    event_type = delivered if isinstance(delivered, str) else str(event.event_type or "")
    return Task(
        event.request_id,
        event.id,
        transaction,
        step,
        event_type=event_type,
        body=body,
        customer=_customer_of(event),
    )


def _transaction_of(event: Event) -> str | None:
    if isinstance(event, _DEPOSIT_EVENTS):
        return event.data.transaction_id if event.data else None
    if isinstance(event, _TOP_UP_EVENTS):
        return event.data.transaction_hash if event.data else None
    # A later version may have a class for it, and must find it under the same transaction.
    data = event.additional_properties.get("data") if isinstance(event, UnknownEvent) else None
    found = [data.get(name) for name in _TRANSACTION_IDS] if isinstance(data, dict) else []
    return next((each for each in found if isinstance(each, str) and each.strip()), None)


def _customer_of(event: Event) -> str | None:
    customer = event.data.customer_id if isinstance(event, _DEPOSIT_EVENTS) and event.data else None
    # Ids are UUIDs, in which case does not count.
    return customer.lower() if customer and customer.strip() else None


def is_duplicate(step: str | None, done: AbstractSet[str]) -> bool:
    """Whether another event already completed this step of the transaction."""
    return step in done and step not in _SHARED


def is_late(step: str | None, done: AbstractSet[str]) -> bool:
    """Whether a transaction with these completed steps is past this one; a top-up never is."""
    return not _OVERTAKEN_BY.get(step or "", frozenset()).isdisjoint(done)


def contradicts(step: str | None, done: AbstractSet[str]) -> bool:
    """Whether this step and the completed ones can't all be true of one transaction."""
    return not _CONTRADICTIONS.get(step or "", frozenset()).isdisjoint(done)
