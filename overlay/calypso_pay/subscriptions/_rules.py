"""What the helpers of both clients decide, without any I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias
from uuid import NAMESPACE_URL, uuid4, uuid5

from calypso_api import UNSET
from calypso_api._sent import identifier, rows, text
from calypso_api.models import SubscriptionPayload
from calypso_pay._errors import ConfigurationError
from calypso_pay.subscriptions._keys import SecretKeys

if TYPE_CHECKING:
    from uuid import UUID

    from calypso_api import Unset
    from calypso_api.models import (
        NotificationEventType,
        NotificationServiceType,
        Subscription,
        SubscriptionList,
    )
    from calypso_pay._errors import OutcomeUnknownError

    EventTypes: TypeAlias = list[NotificationEventType] | list[str] | Unset
    ServiceTypes: TypeAlias = list[NotificationServiceType] | list[str] | Unset


class Pair:
    """An old subscription and the new one that takes its place.

    Attributes:
        old: Whose keys are given up.
        new: The same URL and types with keys of its own.
    """

    def __init__(self, old: Subscription, new: Subscription) -> None:
        self.old = old
        self.new = new

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.old.request_id} by {self.new.request_id}>"

    @property
    def secrets(self) -> SecretKeys:
        """Both secret keys by their public keys: what a receiver has to accept meanwhile."""
        return SecretKeys([self.old, self.new])


def payload(
    request_id: str | UUID | Unset, url: str, event_types: EventTypes, service_types: ServiceTypes
) -> SubscriptionPayload:
    """Return what to send for a new subscription.

    Raises:
        ConfigurationError: It would be told of nothing.
    """
    if not event_types and not service_types:
        raise ConfigurationError(
            "A subscription needs something to be told of: name at least one of "
            "notification_event_types and notification_service_types."
        )
    return SubscriptionPayload(
        request_id=str(uuid4()) if request_id is UNSET else identifier(request_id, "request_id"),
        url=url,
        notification_event_types=event_types,
        notification_service_types=service_types,
    )


def check_types(event_types: EventTypes, service_types: ServiceTypes) -> None:
    """See that types are lists of texts, where they are given.

    Raises:
        TypeError: They are not.
    """
    for name, given in {
        "notification_event_types": event_types,
        "notification_service_types": service_types,
    }.items():
        for item in () if given is UNSET else rows(given, name):
            text(item, f"{name}[]")


def successor(
    old: Subscription, event_types: EventTypes, service_types: ServiceTypes
) -> SubscriptionPayload:
    """Return what to send for the subscription that takes another's place.

    Its request id follows from the old one's: who begins again after a crash finds it.

    Raises:
        ConfigurationError: The old subscription doesn't say what it is told of, or its URL cannot
            be sent.
    """
    if old.url is None or not _is_sendable(old.url):
        flaw = "is not known" if old.url is None else "has characters that cannot be sent"
        raise ConfigurationError(
            f"The URL of the subscription {old.request_id} {flaw} ({old.url!a}). "
            "Create a new subscription with the right URL instead."
        )
    given = event_types is not UNSET or service_types is not UNSET
    return payload(
        str(uuid5(NAMESPACE_URL, f"urn:calypso-pay:rotation:{old.request_id}")),
        old.url,
        event_types if given else old.notification_event_types or UNSET,
        service_types if given else old.notification_service_types or UNSET,
    )


def _is_sendable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def find(listed: SubscriptionList, request_id: str) -> Subscription | None:
    """Return the subscription with a request id, if there is one."""
    return next((each for each in listed.subscriptions if each.request_id == request_id), None)


def existing(listed: SubscriptionList, request_id: str) -> Subscription:
    """Return the subscription with a request id.

    Raises:
        ConfigurationError: There is none.
    """
    found = find(listed, request_id)
    if found is None:
        raise ConfigurationError(f"No subscription of this account has the request id {request_id}")
    return found


def blocked(listed: SubscriptionList) -> list[Subscription]:
    """Return the subscriptions that are blocked."""
    return [each for each in listed.subscriptions if each.blocked_by_error_count]


def with_note(error: OutcomeUnknownError, request_id: str) -> OutcomeUnknownError:
    """Tell what to look for, which whoever left the id to us can't know."""
    error.add_note(f"The request id of the subscription: {request_id}")
    return error
