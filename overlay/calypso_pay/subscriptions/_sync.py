# Generated from _async.py by `make generate`: edit that file instead.
"""The subscription helpers of `Calypso`: calls in an order that loses no event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calypso_api import UNSET
from calypso_api._sent import identifier
from calypso_api.operations.subscriptions import CREATE_SUBSCRIPTION
from calypso_api.resources.subscriptions import Subscriptions as _Subscriptions
from calypso_pay._errors import CalypsoError, NotFoundError, OutcomeUnknownError
from calypso_pay.subscriptions import _rules
from calypso_pay.subscriptions._keys import SecretKeys

if TYPE_CHECKING:
    import builtins
    from uuid import UUID

    from calypso_api import Unset
    from calypso_api.models import Subscription, SubscriptionPayload
    from calypso_pay.subscriptions._rules import EventTypes, ServiceTypes


class Rotation(_rules.SubscriptionPair):
    """A rotation of keys that has begun: both subscriptions exist until `finish`.

    Made by ``subscriptions.rotate``.

    Attributes:
        old: The subscription whose keys are replaced.
        new: The subscription that replaces it.
    """

    def __init__(self, subscriptions: _Subscriptions, old: Subscription, new: Subscription) -> None:
        super().__init__(old, new)
        self._subscriptions = subscriptions

    def finish(self) -> None:
        """Delete the old subscription; it is not an error if it was deleted already.

        Call this once receivers accept both secrets, and all deliveries that failed before the
        rotation have been retried: whether deleting a subscription ends its retries is not
        documented. They take four days at most.

        Raises:
            CalypsoError: The subscription was not deleted; call `finish` again.
        """
        try:
            self._subscriptions.delete(self.old.request_id)
        except NotFoundError:
            return


class Subscriptions(_Subscriptions):
    """Webhook subscriptions, each with a key pair of its own, and helpers for them.

    Args:
        engine: Makes the calls.
    """

    __slots__ = ()

    def create(
        self,
        *,
        url: str,
        request_id: str | UUID | Unset = UNSET,
        notification_event_types: EventTypes = UNSET,
        notification_service_types: ServiceTypes = UNSET,
    ) -> Subscription:
        """Create a webhook subscription.

        If it is not known whether it was created, it is looked for in the list.
        Source: docs.calypso.finance/api-reference/webhook-api (documented); that one of the two
        lists is needed comes from the documentation of 2021 to 2023.

        Args:
            url: Where webhooks are sent.
            request_id: Id of the subscription; generated if absent.
            notification_event_types: Single event types to subscribe to.
            notification_service_types: Groups of event types to subscribe to.

        Returns:
            The subscription, with the keys that its webhooks are signed with.

        Raises:
            ConfigurationError: Both lists are absent or empty; nothing was sent.
            OutcomeUnknownError: The subscription may or may not exist; a note has its request id.
            CalypsoError: The subscription was not created.
            TypeError, ValueError: An argument is of another type, or empty; nothing was sent.
        """
        return self._create(
            _rules.payload(request_id, url, notification_event_types, notification_service_types)
        )

    def rotate(
        self,
        request_id: str | UUID,
        *,
        notification_event_types: EventTypes = UNSET,
        notification_service_types: ServiceTypes = UNSET,
    ) -> Rotation:
        """Begin to rotate the keys of a subscription: create a second one like it.

        From now on each event is sent to both. Let receivers accept both secrets, then call
        ``finish()``. A second call, after a crash, continues the same rotation.

        Args:
            request_id: Id of the subscription whose keys are to be replaced.
            notification_event_types: Single events that the new one is notified of.
            notification_service_types: Groups of events that the new one is notified of. If both
                are absent, the types that the list shows for the old one; that it shows all of
                them is inferred.

        Raises:
            ConfigurationError: There is no such subscription, or the list shows no types for it.
            CalypsoError: The new one was not created, or may not have been; call `rotate` again.
            TypeError, ValueError: An argument is of another type, or empty; nothing was sent.
        """
        wanted = identifier(request_id, "request_id")
        _rules.check_types(notification_event_types, notification_service_types)
        listed = self.list()
        old = _rules.find_or_raise(listed, wanted)
        payload = _rules.replacement_payload(
            old, notification_event_types, notification_service_types
        )
        new = _rules.find(listed, str(payload.request_id)) or self._create(payload)
        return Rotation(self, old, new)

    def blocked(self) -> builtins.list[Subscription]:
        """List the subscriptions that are blocked because too many deliveries failed.

        You unblock them on the vendor's site, and the vendor then retries the deliveries that
        failed (documented).

        Raises:
            CalypsoError: What `list` raises.
        """
        return _rules.blocked(self.list())

    def secrets(self) -> SecretKeys:
        """Return the secret keys of all subscriptions by public key.

        `calypso_pay.webhooks.verify` takes them, and looks up the one for the ``Key`` header.

        Raises:
            CalypsoError: What `list` raises.
        """
        listed = self.list()
        return SecretKeys(listed.subscriptions)

    def _create(self, payload: SubscriptionPayload) -> Subscription:
        try:
            return self._engine.call(CREATE_SUBSCRIPTION, payload)
        except OutcomeUnknownError as error:
            found = self._look_for(str(payload.request_id))
            if found is None:
                raise _rules.with_request_id(error, str(payload.request_id))  # noqa: B904 - the same error
            return found

    def _look_for(self, request_id: str) -> Subscription | None:
        try:
            return _rules.find(self.list(), request_id)
        except CalypsoError:
            return None
