from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final, Self

from attrs import define, field

from .._read import as_datetime, as_enum, as_int, as_object, as_text, missing
from .._write import time_text
from ..models.notification_event_type import NotificationEventType
from ..models.notification_level import NotificationLevel
from ..types import UNSET, Unset

_KNOWN: Final[frozenset[str]] = frozenset(
    ("requestId", "id", "createdDate", "level", "service", "eventType")
)


@define
class Notification:
    """The envelope that every notification shares, whatever it tells of.

    Source: docs.calypso.money/get-started-with-calypso-api/webhook-subscriptions/webhook-payload
    (documented, 2026).

    Attributes:
        request_id: Request id of the subscription that the notification belongs to.
        id: Id of the event; the same event may arrive more than once.
        created_date: When the event was created. It comes without a zone and is read as UTC,
            which is inferred.
        level: How grave a notification is.
        service: Group of the event.
        event_type: What a notification tells of. Pages disagree. In use here: eventType,
            optional. Elsewhere: absent from the table.
        additional_properties: Fields that the document does not know, kept and sent again.
    """

    request_id: str
    id: int
    created_date: datetime.datetime
    level: NotificationLevel
    service: str
    event_type: NotificationEventType | Unset = UNSET
    additional_properties: dict[str, Any] = field(init=False, factory=dict)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read it from a decoded JSON object.

        Args:
            src_dict: The decoded object; fields that the document does not know are kept.

        Raises:
            DecodeError: When a required field is absent, or one has another type than documented.
        """
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "Notification")
        get = d.get
        try:
            found = cls(
                v if type(v := d["requestId"]) is str else as_text(v, "Notification.requestId"),
                v if type(v := d["id"]) is int else as_int(v, "Notification.id"),
                as_datetime(d["createdDate"], "Notification.createdDate"),
                NotificationLevel.lookup[v]
                if type(v := d["level"]) is str
                else as_enum(v, NotificationLevel, "Notification.level"),
                v if type(v := d["service"]) is str else as_text(v, "Notification.service"),
                UNSET
                if (v := get("eventType")) is None
                else (
                    NotificationEventType.lookup[v]
                    if type(v) is str
                    else as_enum(v, NotificationEventType, "Notification.eventType")
                ),
            )
        except KeyError as error:
            raise missing("Notification", error) from None
        if not _KNOWN.issuperset(d):
            found.additional_properties = {
                name: value for name, value in d.items() if name not in _KNOWN
            }
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object to send."""
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "requestId": self.request_id,
            "id": self.id,
            "createdDate": time_text(self.created_date, "Notification.createdDate"),
            "level": str(self.level),
            "service": self.service,
        }
        if self.event_type is not UNSET:
            field_dict["eventType"] = str(self.event_type)
        return field_dict
