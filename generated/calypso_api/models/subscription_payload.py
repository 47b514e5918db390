from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model, additional
from .._read import absent, as_enum, as_list, as_object, as_text
from .._sent import filled, identifier, rows, text
from ..models.notification_event_type import NotificationEventType
from ..models.notification_service_type import NotificationServiceType
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from uuid import UUID

_NAMES: Final = ("requestId", "url", "notificationEventTypes", "notificationServiceTypes")
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)


@define
class SubscriptionPayload(Model):
    """A subscription to create or to change.

    The fields are documented; that requestId and url are required was stated until 2023. Rules for
    the URL are not known.

    Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-07).

    Attributes:
        request_id: Id of the subscription, chosen by the caller when it is created.
        url: The URL that webhook events are delivered to.
        notification_event_types: Single event types to subscribe to.
        notification_service_types: Groups of event types to subscribe to. The names of the
            groups are known in part only, and that CUSTOMER_PURSE is one of them is inferred.
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too.
    """

    request_id: str | UUID
    url: str
    notification_event_types: list[NotificationEventType] | list[str] | Unset = UNSET
    notification_service_types: list[NotificationServiceType] | list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = _field(init=False)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            DecodeError: A required field is absent, or a field has the wrong type.
        """
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "SubscriptionPayload")
        get = d.get
        try:
            found = cls(
                v
                if type(v := d["requestId"]) is str
                else as_text(v, "SubscriptionPayload.requestId"),
                v if type(v := d["url"]) is str else as_text(v, "SubscriptionPayload.url"),
                UNSET
                if (v := get("notificationEventTypes")) is None
                else [
                    NotificationEventType.lookup[item]
                    if type(item) is str
                    else as_enum(
                        item, NotificationEventType, "SubscriptionPayload.notificationEventTypes"
                    )
                    for item in as_list(v, "SubscriptionPayload.notificationEventTypes")
                ],
                UNSET
                if (v := get("notificationServiceTypes")) is None
                else [
                    NotificationServiceType.lookup[item]
                    if type(item) is str
                    else as_enum(
                        item,
                        NotificationServiceType,
                        "SubscriptionPayload.notificationServiceTypes",
                    )
                    for item in as_list(v, "SubscriptionPayload.notificationServiceTypes")
                ],
            )
        except KeyError as error:
            raise absent(f"SubscriptionPayload.{error.args[0]}") from None
        if not _KNOWN.issuperset(d):
            found.additional_properties = {
                name: value for name, value in d.items() if name not in _KNOWN
            }
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, in which amounts are `Decimal` and times are text.

        Raises:
            TypeError: A field has the wrong type.
            ValueError: A required field, an id or a filter is empty.
        """
        field_dict: dict[str, Any] = {
            **additional(self),
            "requestId": identifier(self.request_id, "request_id"),
            "url": filled(self.url, "url"),
        }
        if self.notification_event_types is not UNSET:
            field_dict["notificationEventTypes"] = [
                text(item, "notification_event_types[]")
                for item in rows(self.notification_event_types, "notification_event_types")
            ]
        if self.notification_service_types is not UNSET:
            field_dict["notificationServiceTypes"] = [
                text(item, "notification_service_types[]")
                for item in rows(self.notification_service_types, "notification_service_types")
            ]
        return field_dict
