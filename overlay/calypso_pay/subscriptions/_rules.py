"""The decisions of the helpers, shared by both clients; without any I/O."""

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


class SubscriptionPair:
    """An old subscription and the new one that replaces it.

    Attributes:
        old: The subscription whose keys are replaced.
        new: A subscription with the same URL and event types, and keys of its own.
    """

    def __init__(self, old: Subscription, new: Subscription) -> None:
        self.old = old
        self.new = new

    def __repr__(self) -> str:
        return f"<{type(self).__name__} from {self.old.request_id} to {self.new.request_id}>"

    @property
    def secrets(self) -> SecretKeys:
        """Both secret keys by public key: a receiver has to accept both until `finish`."""
        return SecretKeys([self.old, self.new])


def payload(
    request_id: str | UUID | Unset, url: str, event_types: EventTypes, service_types: ServiceTypes
) -> SubscriptionPayload:
    """Return the payload that creates a subscription.

    Raises:
        ConfigurationError: No event types were given.
    """
    if not event_types and not service_types:
        raise ConfigurationError(
            "No event types were given: pass at least one of notification_event_types and "
            "notification_service_types."
        )
    return SubscriptionPayload(
        request_id=str(uuid4()) if request_id is UNSET else identifier(request_id, "request_id"),
        url=url,
        notification_event_types=event_types,
        notification_service_types=service_types,
    )


def check_types(event_types: EventTypes, service_types: ServiceTypes) -> None:
    """Check that the types that are given are lists of strings.

    Raises:
        TypeError: They are not.
    """
    for name, given in {
        "notification_event_types": event_types,
        "notification_service_types": service_types,
    }.items():
        for item in () if given is UNSET else rows(given, name):
            text(item, f"{name}[]")


def replacement_payload(
    old: Subscription, event_types: EventTypes, service_types: ServiceTypes
) -> SubscriptionPayload:
    """Return the payload that creates the replacement of a subscription.

    Its request id is derived from the old one's, so a rotation that is begun a second time after a
    crash finds it.

    Raises:
        ConfigurationError: The old subscription lists no event types, or its URL cannot be sent.
    """
    if old.url is None or not _is_sendable(old.url):
        problem = "is not known" if old.url is None else "has characters that cannot be sent"
        raise ConfigurationError(
            f"The URL of the subscription {old.request_id} {problem} ({old.url!a}). "
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


def find_or_raise(listed: SubscriptionList, request_id: str) -> Subscription:
    """Return the subscription with a request id.

    Raises:
        ConfigurationError: The account has no such subscription.
    """
    found = find(listed, request_id)
    if found is None:
        raise ConfigurationError(f"No subscription of this account has the request id {request_id}")
    return found


def blocked(listed: SubscriptionList) -> list[Subscription]:
    """Return the subscriptions that are blocked."""
    return [each for each in listed.subscriptions if each.blocked_by_error_count]


def with_request_id(error: OutcomeUnknownError, request_id: str) -> OutcomeUnknownError:
    """Add a note with the request id, since the caller does not know a generated one."""
    error.add_note(f"The request id of the subscription: {request_id}")
    return error
