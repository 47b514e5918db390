"""The order in which a transaction's steps follow each other.

A deposit may be seen in the mempool, is checked, and is then received or declined; a received one
is credited to the account later (documented). In which order the events of these steps arrive is
not documented, and a repeated one arrives after later ones.
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
# Only what is provisional can come too late. A handler of one final step must see it even when
# another final step was quicker: else a failed FUNDS_RECEIVED that is repeated after
# TRANSLATION_TO_ACCOUNT_COMPLETED would be lost, and a customer's money with it.
_OVERTAKEN_BY = {"mem_pool": _FINAL | {"pending"}, "pending": _FINAL}
_CONTRADICTED_BY = {
    "declined": frozenset({"received", "credited"}),
    "received": frozenset({"declined"}),
    "credited": frozenset({"declined"}),
}


def is_of_a_deposit(kind: type) -> bool:
    """Whether events of this class are of a transaction."""
    return kind in _STEPS


def task_of(event: Event) -> Task:
    """Return what is to be done once for an event."""
    if isinstance(event, _DEPOSIT_EVENTS):
        transaction = event.data.transaction_id if event.data else None
        # Nothing in the data of an event is promised: without an id there is no order to guard.
        if transaction is not None and transaction.strip():
            return Task(event.request_id, event.id, transaction, _STEPS[type(event)])
    return Task(event.request_id, event.id)


def is_late(step: str | None, done: AbstractSet[str]) -> bool:
    """Whether a transaction that went through the steps done is past this one."""
    return not _OVERTAKEN_BY.get(step or "", frozenset()).isdisjoint(done)


def is_contradicted(step: str | None, done: AbstractSet[str]) -> bool:
    """Whether this step and those done can't both be true of one transaction."""
    return not _CONTRADICTED_BY.get(step or "", frozenset()).isdisjoint(done)
