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
    "UnknownEvent",
    "read_event",
)


@define
class UnknownEvent(_Envelope):
    """An event that has no class here: of an undocumented type, or with data of another shape.

    Nothing that came is lost; numbers with a fraction are `decimal.Decimal` in what is not read.

    Attributes:
        request_id: Request id of the subscription that the notification belongs to.
        id: Id of the event; the same event may arrive more than once.
        created_date: When the event was created. It comes without a zone and is read as UTC,
            which is inferred.
        level: How grave a notification is.
        service: Group of the event.
        event_type: What a notification tells of. Pages disagree. In use here: eventType,
            optional. Elsewhere: absent from the table.
        additional_properties: Everything else, the data included, as it was in the JSON.
        problem: Why the class of its event type could not read it, as in
            `PurseExpiredData.address: required, but absent`; None when there is no such class.
            Whoever answers "delivered" to one with a problem may lose what it tells of.
    """

    problem: str | None = None

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
)
"""Any event that has a class here."""

Event: TypeAlias = (
    PurseExpiredEvent
    | PurseMemPoolFoundEvent
    | PursePendingComplianceEvent
    | PurseComplianceDeclinedEvent
    | PurseFundsReceivedEvent
    | PurseTranslationCompletedEvent
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
}
"""The class of each event type."""


def read_event(content: bytes) -> Event:
    """Read the body of a notification, whose signature is not looked at.

    Data that is not what the document says makes it an `UnknownEvent`, so that no notification is
    lost; only an envelope that can't be read is an error.

    Args:
        content: The body: JSON in UTF-8.

    Raises:
        DecodeError: When it is not JSON, or its envelope is not what the document says.
    """
    return _events.read(content, EVENT_TYPES, _unknown)


def _unknown(document: dict[str, Any], problem: str | None) -> UnknownEvent:
    event = UnknownEvent.from_dict(document)
    event.problem = problem
    return event
