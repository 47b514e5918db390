"""What notifications tell of: a class for each event of the document, and one for all others."""

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
    """An event that has no class here: of an undocumented type, or of none.

    Nothing that came is lost; numbers with a fraction are `decimal.Decimal` in what is not read.

    Attributes:
        request_id: Request id of the subscription that the notification belongs to.
        id: Id of the event; the same event may arrive more than once.
        created_date: When the event was created. It comes without a zone and is read as UTC,
            which is inferred.
        level: How grave a notification is.
        service: Group of the event.
        event_type: What a notification tells of. Where it is absent, it is read from the type
            in the data. The example of a payload repeats it as type in the data, and so do the
            tables of the account's events. That one can stand for the other is inferred. Pages
            disagree. In use here: eventType, optional. Elsewhere: absent from the table.
        additional_properties: Everything else, the data included, as it was in the JSON.
    """

    @property
    def data(self) -> Any:
        """What the event carries, as decoded from JSON; None when it carries nothing."""
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
"""Any event that has a class here."""

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
"""Any event: a `match` over the classes with `UnknownEvent` among them is complete."""

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
    """Read the body of a notification, whose signature is not looked at.

    What of its data is not what the document says is None, so that no notification is lost; only
    one without its ids is an error.

    Args:
        content: The body: JSON in UTF-8.

    Raises:
        DecodeError: When it is not JSON, or has not the ids that every event has.
    """
    return _events.read(content, EVENT_TYPES, _RESPELLED, UnknownEvent.from_dict)
