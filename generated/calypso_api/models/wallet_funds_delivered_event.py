from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import define
from attrs import field as _field

from .. import models as _models
from .._model import Model, additional
from .._read import as_datetime, as_enum, as_id, as_object, as_text
from .._records import Reader, read_object
from .._write import time_text
from ..models.notification_event_type import NotificationEventType
from ..models.notification_level import NotificationLevel

if TYPE_CHECKING:
    from ..models.wallet_funds_delivered_data import WalletFundsDeliveredData

_NAMES: Final = ("requestId", "id", "createdDate", "level", "service", "data", "eventType")
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)
_ESSENTIAL: Final[frozenset[str]] = frozenset(("requestId", "id"))
_PROMISED: Final[frozenset[str]] = frozenset(
    ("requestId", "id", "createdDate", "level", "service", "data")
)


@define
class WalletFundsDeliveredEvent(Model):
    """A top-up reached the account.

    Source: docs.calypso.money/get-started-with-calypso-api/webhook-subscriptions/webhook-payload
    (documented, 2026).

    Attributes:
        request_id: Request id of the subscription that the event was sent for.
        id: Id of the event; the same event may arrive more than once.
        created_date: When the event was created. It has no zone and is read as UTC, which is
            inferred.
        level: The severity of a webhook event.
        service: Group of the event.
        data: Which top-up of the account it is about. No field is promised, and none names a
            transaction of the API.
        event_type: The type of a webhook event. Where it is absent, it is read from the type in
            the data. The example of a payload also has it as type in the data, and so do the tables
            of the account's events. That one can replace the other is inferred. Pages disagree. In
            use here: eventType, optional. Elsewhere: absent from the table.
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too. Also the values of fields that could not be read.
    """

    request_id: str
    id: int | str
    created_date: datetime.datetime | None = None
    level: NotificationLevel | None = None
    service: str | None = None
    data: WalletFundsDeliveredData | None = None
    event_type: NotificationEventType | None = None
    additional_properties: dict[str, Any] = _field(init=False)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            DecodeError: It is not an object, or an essential field is absent or unreadable.
        """
        return read_object(cls, src_dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, in which amounts are `Decimal` and times are text."""
        field_dict: dict[str, Any] = {
            **additional(self),
            "requestId": self.request_id,
            "id": self.id,
        }
        if self.created_date is not None:
            field_dict["createdDate"] = time_text(
                self.created_date, "WalletFundsDeliveredEvent.createdDate"
            )
        if self.level is not None:
            field_dict["level"] = str(self.level)
        if self.service is not None:
            field_dict["service"] = self.service
        if self.data is not None:
            field_dict["data"] = self.data.to_dict()
        if self.event_type is not None:
            field_dict["eventType"] = str(self.event_type)
        return field_dict


def _make(rows: Iterable[tuple[Any, ...]], found: list[WalletFundsDeliveredEvent], /) -> None:
    WalletFundsDeliveredData = _models.WalletFundsDeliveredData
    level_members = NotificationLevel.lookup
    event_type_members = NotificationEventType.lookup
    for (
        raw_request_id,
        raw_id,
        raw_created_date,
        raw_level,
        raw_service,
        raw_data,
        raw_event_type,
    ) in rows:
        found.append(
            WalletFundsDeliveredEvent(
                raw_request_id
                if type(raw_request_id) is str
                else as_text(raw_request_id, "WalletFundsDeliveredEvent.requestId"),
                raw_id if type(raw_id) is int else as_id(raw_id, "WalletFundsDeliveredEvent.id"),
                None
                if raw_created_date is None
                else as_datetime(raw_created_date, "WalletFundsDeliveredEvent.createdDate"),
                None
                if raw_level is None
                else (
                    level_members[raw_level]
                    if type(raw_level) is str
                    else as_enum(raw_level, NotificationLevel, "WalletFundsDeliveredEvent.level")
                ),
                raw_service
                if type(raw_service) is str or raw_service is None
                else as_text(raw_service, "WalletFundsDeliveredEvent.service"),
                None
                if raw_data is None
                else WalletFundsDeliveredData.from_dict(
                    raw_data
                    if type(raw_data) is dict
                    else as_object(raw_data, "WalletFundsDeliveredEvent.data")
                ),
                None
                if raw_event_type is None
                else (
                    event_type_members[raw_event_type]
                    if type(raw_event_type) is str
                    else as_enum(
                        raw_event_type, NotificationEventType, "WalletFundsDeliveredEvent.eventType"
                    )
                ),
            )
        )


WalletFundsDeliveredEvent._reader = Reader(WalletFundsDeliveredEvent, _make, _NAMES, _ESSENTIAL)
