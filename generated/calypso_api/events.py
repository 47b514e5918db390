"""Webhook events: a class for each event of the document, and one for all others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from attrs import define

from . import _events
from .models.notification import Notification as _Envelope
from .models.purse_compliance_declined_event import PurseComplianceDeclinedEvent
from .models.purse_expired_event import PurseExpiredEvent
from .models.purse_funds_received_event import PurseFundsReceivedEvent
from .models.purse_mem_pool_found_event import PurseMemPoolFoundEvent
from .models.purse_pending_compliance_event import PursePendingComplianceEvent
from .models.purse_translation_completed_event import PurseTranslationCompletedEvent
from .models.top_up_compliance_declined_event import TopUpComplianceDeclinedEvent
from .models.top_up_pending_compliance_event import TopUpPendingComplianceEvent
from .models.wallet_funds_delivered_event import WalletFundsDeliveredEvent

__all__ = (
    "EVENT_TYPES",
    "Event",
    "KnownEvent",
    "PurseComplianceDeclinedEvent",
    "PurseExpiredEvent",
    "PurseFundsReceivedEvent",
    "PurseMemPoolFoundEvent",
    "PursePendingComplianceEvent",
    "PurseTranslationCompletedEvent",
    "TopUpComplianceDeclinedEvent",
    "TopUpPendingComplianceEvent",
    "UnknownEvent",
    "WalletFundsDeliveredEvent",
    "read_event",
)


@define
class UnknownEvent(_Envelope):
    """An event without a class of its own: its type is undocumented or absent.

    All data is kept; numbers with a fraction are `decimal.Decimal` in it.

    Attributes:
        request_id: Request id of the subscription that the event was sent for.
        id: Id of the event; the same event may arrive more than once.
        created_date: When the event was created. It has no zone and is read as UTC, which is
            inferred.
        level: The severity of a webhook event.
        service: Group of the event.
        event_type: The type of a webhook event. Where it is absent, it is read from the type in
            the data. The example of a payload also has it as type in the data, and so do the tables
            of the account's events. That one can replace the other is inferred. Pages disagree. In
            use here: eventType, optional. Elsewhere: absent from the table.
        additional_properties: All other members, the data included, as decoded from JSON.
    """

    @property
    def data(self) -> Any:
        """The data of the event, as decoded from JSON; None if it has none."""
        return self.additional_properties.get("data")


KnownEvent: TypeAlias = (
    PurseExpiredEvent
    | PurseMemPoolFoundEvent
    | PursePendingComplianceEvent
    | PurseComplianceDeclinedEvent
    | PurseFundsReceivedEvent
    | PurseTranslationCompletedEvent
    | TopUpPendingComplianceEvent
    | TopUpComplianceDeclinedEvent
    | WalletFundsDeliveredEvent
)
"""Any event with a class of its own."""

Event: TypeAlias = (
    PurseExpiredEvent
    | PurseMemPoolFoundEvent
    | PursePendingComplianceEvent
    | PurseComplianceDeclinedEvent
    | PurseFundsReceivedEvent
    | PurseTranslationCompletedEvent
    | TopUpPendingComplianceEvent
    | TopUpComplianceDeclinedEvent
    | WalletFundsDeliveredEvent
    | UnknownEvent
)
"""Any event: a `match` over all these classes, `UnknownEvent` included, is complete."""

EVENT_TYPES: Final[Mapping[str, type[KnownEvent]]] = {
    "CUSTOMER_PURSE_EXPIRED": PurseExpiredEvent,
    "CUSTOMER_PURSE_MEM_POOL_FOUND": PurseMemPoolFoundEvent,
    "CUSTOMER_PURSE_PENDING_COMPLIANCE": PursePendingComplianceEvent,
    "CUSTOMER_PURSE_COMPLIANCE_DECLINED": PurseComplianceDeclinedEvent,
    "CUSTOMER_PURSE_FUNDS_RECEIVED_FOR_PURSE": PurseFundsReceivedEvent,
    "CUSTOMER_PURSE_TRANSLATION_TO_ACCOUNT_COMPLETED": PurseTranslationCompletedEvent,
    "TOP_UP_PENDING_COMPLIANCE": TopUpPendingComplianceEvent,
    "TOP_UP_COMPLIANCE_DECLINED": TopUpComplianceDeclinedEvent,
    "WALLET_FUNDS_DELIVERED_ACCOUNT": WalletFundsDeliveredEvent,
}
"""The class of each event type."""


_RESPELLED: Final[Mapping[str, str]] = {
    "CUSTOMER_PURSE_MEMPOOL_FOUND": "CUSTOMER_PURSE_MEM_POOL_FOUND",
    "CUSTOMER_PURSE_PENDING_COMLIANCE": "CUSTOMER_PURSE_PENDING_COMPLIANCE",
    "CUSTOMER_PURSE_COMLIANCE_DECLINED": "CUSTOMER_PURSE_COMPLIANCE_DECLINED",
    "TOP_UP_COMPLIANCE_CHECK": "TOP_UP_PENDING_COMPLIANCE",
}


def read_event(content: bytes) -> Event:
    """Read the body of a webhook delivery; its signature is not checked.

    Data that does not match the document is read as None, so that no event is lost. Only an event
    without its ids is an error.

    Args:
        content: The body: JSON in UTF-8.

    Raises:
        DecodeError: It is not JSON, or lacks the ids that every event has.
    """
    return _events.read(content, EVENT_TYPES, _RESPELLED, UnknownEvent.from_dict)
