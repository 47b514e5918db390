from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final, Self

from attrs import define, field

from .._read import (
    as_bool,
    as_datetime,
    as_enum,
    as_int,
    as_list,
    as_object,
    as_one_of,
    as_text,
    missing,
)
from .._secret import NotPickled
from .._write import time_text
from ..models.notification_event_type import NotificationEventType
from ..models.notification_service_type import NotificationServiceType
from ..types import UNSET, Unset

_KNOWN: Final[frozenset[str]] = frozenset(
    (
        "requestId",
        "url",
        "publicKey",
        "secretKey",
        "createdDate",
        "blockedByErrorCount",
        "notificationEventTypes",
        "notificationServiceTypes",
    )
)


@define
class Subscription(NotPickled):
    """A webhook subscription with its key pair.

    The list of required fields could be read only up to createdDate. The keys are stated to come
    with every answer; that requestId and url do is inferred.

    Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-11).

    It can be copied, but not pickled, and no repr shows its secrets.

    Attributes:
        request_id: Id of the subscription, chosen by the caller when it was created.
        url: Where notifications are sent.
        public_key: Public key of the subscription, sent as Key with every notification.
        secret_key: Secret key under which every notification is signed. Keep it secret.
        created_date: When the subscription was created.
        blocked_by_error_count: True, or a number other than zero, when deliveries failed so
            often that the subscription was blocked. The field is documented and required; its type
            was not visible, and its name reads as a flag or as a count. Pages disagree. In use
            here: blockedByErrorCount, required. Elsewhere: absent from the answer.
        notification_event_types: Single events that it is told of.
        notification_service_types: Groups of events that it is told of. Inferred, not
            documented. Requests have it; that answers do is inferred.
        additional_properties: Fields that the document does not know, kept and sent again.
    """

    request_id: str
    url: str
    public_key: str
    secret_key: str = field(repr=False)
    created_date: datetime.datetime
    blocked_by_error_count: bool | int
    notification_event_types: list[NotificationEventType] | Unset = UNSET
    notification_service_types: list[NotificationServiceType] | Unset = UNSET
    additional_properties: dict[str, Any] = field(init=False, factory=dict, repr=False)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read it from a decoded JSON object.

        Args:
            src_dict: The decoded object; fields that the document does not know are kept.

        Raises:
            DecodeError: When a required field is absent, or one has another type than documented.
        """
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "Subscription")
        get = d.get
        try:
            found = cls(
                v if type(v := d["requestId"]) is str else as_text(v, "Subscription.requestId"),
                v if type(v := d["url"]) is str else as_text(v, "Subscription.url"),
                v if type(v := d["publicKey"]) is str else as_text(v, "Subscription.publicKey"),
                v if type(v := d["secretKey"]) is str else as_text(v, "Subscription.secretKey"),
                as_datetime(d["createdDate"], "Subscription.createdDate"),
                as_one_of(
                    d["blockedByErrorCount"],
                    "Subscription.blockedByErrorCount",
                    (
                        "boolean",
                        lambda x: (
                            x if type(x) is bool else as_bool(x, "Subscription.blockedByErrorCount")
                        ),
                    ),
                    (
                        "integer",
                        lambda x: (
                            x if type(x) is int else as_int(x, "Subscription.blockedByErrorCount")
                        ),
                    ),
                ),
                UNSET
                if (v := get("notificationEventTypes")) is None
                else [
                    NotificationEventType.lookup[item]
                    if type(item) is str
                    else as_enum(item, NotificationEventType, "Subscription.notificationEventTypes")
                    for item in as_list(v, "Subscription.notificationEventTypes")
                ],
                UNSET
                if (v := get("notificationServiceTypes")) is None
                else [
                    NotificationServiceType.lookup[item]
                    if type(item) is str
                    else as_enum(
                        item, NotificationServiceType, "Subscription.notificationServiceTypes"
                    )
                    for item in as_list(v, "Subscription.notificationServiceTypes")
                ],
            )
        except KeyError as error:
            raise missing("Subscription", error) from None
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
            "url": self.url,
            "publicKey": self.public_key,
            "secretKey": self.secret_key,
            "createdDate": time_text(self.created_date, "Subscription.createdDate"),
            "blockedByErrorCount": self.blocked_by_error_count,
        }
        if self.notification_event_types is not UNSET:
            field_dict["notificationEventTypes"] = [
                str(item) for item in self.notification_event_types
            ]
        if self.notification_service_types is not UNSET:
            field_dict["notificationServiceTypes"] = [
                str(item) for item in self.notification_service_types
            ]
        return field_dict
