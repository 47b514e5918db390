"""The order in which a transaction's steps follow each other.

A deposit may be seen in the mempool, is checked, and is then received or declined; a received one
is credited to the account later (documented). In which order the events of these steps arrive is
not documented, and a repeated one arrives after later ones.

A top-up of the account is checked, and is then delivered or declined. Its events name no
transaction of the API, only the hash of one on the chain, which may hold several top-ups
(inferred). So none of them is late or repeated because of the hash: it may be of another top-up. A
pending one that comes after a final one is handed on, and a copy is known by the event's own id.
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
# Another top-up may have the same hash: that one of them came to a step hides no other's event, so
# that these steps are neither repeated nor overtaken.
_SHARED = frozenset(_TOP_UP_STEPS.values())
# Only what is provisional can come too late. A handler of one final step must see it even when
# another final step was quicker: else a failed FUNDS_RECEIVED that is repeated after
# TRANSLATION_TO_ACCOUNT_COMPLETED would be lost, and a customer's money with it.
_OVERTAKEN_BY = {
    "mem_pool": _FINAL | {"pending"},
    "pending": _FINAL,
}
_CONTRADICTED_BY = {
    "declined": frozenset({"received", "credited"}),
    "received": frozenset({"declined"}),
    "credited": frozenset({"declined"}),
}


def is_of_a_deposit(kind: type) -> bool:
    """Whether events of this class are of a transaction."""
    return kind in _STEPS


def is_of_a_top_up(kind: type) -> bool:
    """Whether events of this class are of a top-up of the account."""
    return kind in _TOP_UP_STEPS


def task_of(event: Event) -> Task:
    """Return what is to be done once for an event."""
    transaction = _transaction_of(event)
    # Nothing in the data of an event is promised: without an id there is no order to guard.
    if transaction is None or not transaction.strip():
        return Task(event.request_id, event.id)
    return Task(event.request_id, event.id, transaction, (_STEPS | _TOP_UP_STEPS)[type(event)])


def _transaction_of(event: Event) -> str | None:
    if isinstance(event, _DEPOSIT_EVENTS):
        return event.data.transaction_id if event.data else None
    if isinstance(event, _TOP_UP_EVENTS):
        return event.data.transaction_hash if event.data else None
    return None


def is_repeated(step: str | None, done: AbstractSet[str]) -> bool:
    """Whether a transaction came to this step before, by another event than this one."""
    return step in done and step not in _SHARED


def is_late(step: str | None, done: AbstractSet[str]) -> bool:
    """Whether a transaction that went through the steps done is past this one; no top-up is."""
    return not _OVERTAKEN_BY.get(step or "", frozenset()).isdisjoint(done)


def is_contradicted(step: str | None, done: AbstractSet[str]) -> bool:
    """Whether this step and those done can't both be true of one transaction."""
    return not _CONTRADICTED_BY.get(step or "", frozenset()).isdisjoint(done)
