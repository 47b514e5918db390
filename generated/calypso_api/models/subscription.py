from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model, additional
from .._read import as_bool, as_datetime, as_enum, as_int, as_list, as_one_of, as_text
from .._records import Reader, read_object
from .._secret import Unpicklable
from .._write import time_text
from ..models.notification_event_type import NotificationEventType
from ..models.notification_service_type import NotificationServiceType

_NAMES: Final = (
    "requestId",
    "publicKey",
    "secretKey",
    "url",
    "createdDate",
    "blockedByErrorCount",
    "notificationEventTypes",
    "notificationServiceTypes",
)
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)
_ESSENTIAL: Final[frozenset[str]] = frozenset(("requestId", "publicKey", "secretKey"))
_PROMISED: Final[frozenset[str]] = frozenset(
    ("blockedByErrorCount", "createdDate", "publicKey", "requestId", "secretKey", "url")
)


@define
class Subscription(Unpicklable, Model):
    """A webhook subscription with its key pair.

    The list of required fields could be read only up to createdDate. The keys are documented to be
    in every response; that requestId and url do is inferred.

    Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-11).

    It can be copied, but not pickled; its repr does not show its secrets.

    Attributes:
        request_id: Id of the subscription, chosen by the caller when it was created.
        public_key: Public key of the subscription, sent as Key with every webhook delivery.
        secret_key: Secret key that signs every webhook delivery. Keep it secret.
        url: The URL that webhook events are delivered to.
        created_date: When the subscription was created.
        blocked_by_error_count: True, or a number other than zero, when deliveries failed so
            often that the subscription was blocked. The field is documented and required; its type
            was not visible, and its name reads as a flag or as a count. Pages disagree. In use
            here: blockedByErrorCount, required. Elsewhere: absent from the response.
        notification_event_types: Single event types that it is subscribed to. A subscription of
            long ago may name events that later lists no longer have. They are not other names of
            events that the lists do have, so they are read as unknown members. Pages disagree. In
            use here: absent are PAYOUT_SPEEDED_UP, PAYOUT_WITHDRAWALS_CREATING_VALIDATION_ERROR and
            PAYOUT_ETHEREUM_APPROVAL_VALIDATION_ERROR. Elsewhere: PAYOUT_SPEEDED_UP,
            PAYOUT_WITHDRAWALS_CREATING_VALIDATION_ERROR and
            PAYOUT_ETHEREUM_APPROVAL_VALIDATION_ERROR among the others.
        notification_service_types: Groups of event types that it is subscribed to. Inferred,
            not documented. Requests have it; that responses do is inferred.
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too. Also the values of fields that could not be read.
    """

    request_id: str
    public_key: str
    secret_key: str = _field(repr=False)
    url: str | None = None
    created_date: datetime.datetime | None = None
    blocked_by_error_count: bool | int | None = None
    notification_event_types: list[NotificationEventType] | None = None
    notification_service_types: list[NotificationServiceType] | None = None
    additional_properties: dict[str, Any] = _field(init=False, repr=False)

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
            "publicKey": self.public_key,
            "secretKey": self.secret_key,
        }
        if self.url is not None:
            field_dict["url"] = self.url
        if self.created_date is not None:
            field_dict["createdDate"] = time_text(self.created_date, "Subscription.createdDate")
        if self.blocked_by_error_count is not None:
            field_dict["blockedByErrorCount"] = self.blocked_by_error_count
        if self.notification_event_types is not None:
            field_dict["notificationEventTypes"] = [
                str(item) for item in self.notification_event_types
            ]
        if self.notification_service_types is not None:
            field_dict["notificationServiceTypes"] = [
                str(item) for item in self.notification_service_types
            ]
        return field_dict


def _make(rows: Iterable[tuple[Any, ...]], found: list[Subscription], /) -> None:
    for (
        raw_request_id,
        raw_public_key,
        raw_secret_key,
        raw_url,
        raw_created_date,
        raw_blocked_by_error_count,
        raw_notification_event_types,
        raw_notification_service_types,
    ) in rows:
        found.append(
            Subscription(
                raw_request_id
                if type(raw_request_id) is str
                else as_text(raw_request_id, "Subscription.requestId"),
                raw_public_key
                if type(raw_public_key) is str
                else as_text(raw_public_key, "Subscription.publicKey"),
                raw_secret_key
                if type(raw_secret_key) is str
                else as_text(raw_secret_key, "Subscription.secretKey"),
                raw_url
                if type(raw_url) is str or raw_url is None
                else as_text(raw_url, "Subscription.url"),
                None
                if raw_created_date is None
                else as_datetime(raw_created_date, "Subscription.createdDate"),
                None
                if raw_blocked_by_error_count is None
                else as_one_of(
                    raw_blocked_by_error_count,
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
                None
                if raw_notification_event_types is None
                else [
                    NotificationEventType.lookup[item]
                    if type(item) is str
                    else as_enum(item, NotificationEventType, "Subscription.notificationEventTypes")
                    for item in as_list(
                        raw_notification_event_types, "Subscription.notificationEventTypes"
                    )
                ],
                None
                if raw_notification_service_types is None
                else [
                    NotificationServiceType.lookup[item]
                    if type(item) is str
                    else as_enum(
                        item, NotificationServiceType, "Subscription.notificationServiceTypes"
                    )
                    for item in as_list(
                        raw_notification_service_types, "Subscription.notificationServiceTypes"
                    )
                ],
            )
        )


Subscription._reader = Reader(Subscription, _make, _NAMES, _ESSENTIAL)
