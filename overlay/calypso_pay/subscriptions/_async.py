"""The subscription helpers of `AsyncCalypso`: calls in an order that loses no event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calypso_api import UNSET
from calypso_api._sent import identifier
from calypso_api.operations.subscriptions import CREATE_SUBSCRIPTION
from calypso_api.resources.subscriptions import AsyncSubscriptions as _AsyncSubscriptions
from calypso_pay._errors import CalypsoError, NotFoundError, OutcomeUnknownError
from calypso_pay.subscriptions import _rules
from calypso_pay.subscriptions._keys import SecretKeys

if TYPE_CHECKING:
    import builtins
    from uuid import UUID

    from calypso_api import Unset
    from calypso_api.models import Subscription, SubscriptionPayload
    from calypso_pay.subscriptions._rules import EventTypes, ServiceTypes


class AsyncRotation(_rules.Pair):
    """A renewal of keys that has begun: both subscriptions exist until `finish`.

    Made by ``subscriptions.rotate``.

    Attributes:
        old: The subscription whose keys are given up.
        new: The subscription that takes its place.
    """

    def __init__(
        self, subscriptions: _AsyncSubscriptions, old: Subscription, new: Subscription
    ) -> None:
        super().__init__(old, new)
        self._subscriptions = subscriptions

    async def finish(self) -> None:
        """Delete the old subscription; one that is gone already is no error.

        Wait until receivers accept both secrets, and until what failed before the renewal has been
        delivered: whether deleting a subscription ends its retries is not documented. They take
        four days at most.

        Raises:
            CalypsoError: It was not deleted; finish again.
        """
        try:
            await self._subscriptions.delete(self.old.request_id)
        except NotFoundError:
            return


class AsyncSubscriptions(_AsyncSubscriptions):
    """Webhook subscriptions, each with a key pair of its own, and helpers over them.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ()

    async def create(
        self,
        *,
        url: str,
        request_id: str | UUID | Unset = UNSET,
        notification_event_types: EventTypes = UNSET,
        notification_service_types: ServiceTypes = UNSET,
    ) -> Subscription:
        """Create a webhook subscription.

        When it is not known whether it was created, it is looked for in the list.
        Source: docs.calypso.finance/api-reference/webhook-api (documented); that one of the two
        lists is needed comes from the documentation of 2021 to 2023.

        Args:
            url: Where notifications are sent.
            request_id: Id of the subscription; a fresh one where absent.
            notification_event_types: Single events to be told of.
            notification_service_types: Groups of events to be told of.

        Returns:
            The subscription, with the keys that its notifications are signed with.

        Raises:
            ConfigurationError: Both lists are absent or empty; nothing was sent.
            OutcomeUnknownError: It may or may not exist; a note names its request id.
            CalypsoError: It was not created.
            TypeError, ValueError: An argument is of another type, or empty; nothing was sent.
        """
        return await self._create(
            _rules.payload(request_id, url, notification_event_types, notification_service_types)
        )

    async def rotate(
        self,
        request_id: str | UUID,
        *,
        notification_event_types: EventTypes = UNSET,
        notification_service_types: ServiceTypes = UNSET,
    ) -> AsyncRotation:
        """Begin to renew the keys of a subscription: create one like it beside it.

        From now on each event is sent to both. Let receivers accept both secrets, then
        ``finish()``. To begin again after a crash takes up the same renewal.

        Args:
            request_id: Id of the subscription whose keys are to be renewed.
            notification_event_types: Single events that the new one is told of.
            notification_service_types: Groups of events that the new one is told of. Where both
                are absent, the types that the list shows for the old one; that it shows all of
                them is inferred.

        Raises:
            ConfigurationError: There is no such subscription, or it shows no types.
            CalypsoError: The new one was not created, or may not have been; begin again.
            TypeError, ValueError: An argument is of another type, or empty; nothing was sent.
        """
        wanted = identifier(request_id, "request_id")
        _rules.check_types(notification_event_types, notification_service_types)
        listed = await self.list()
        old = _rules.existing(listed, wanted)
        payload = _rules.successor(old, notification_event_types, notification_service_types)
        new = _rules.find(listed, str(payload.request_id)) or await self._create(payload)
        return AsyncRotation(self, old, new)

    async def blocked(self) -> builtins.list[Subscription]:
        """List the subscriptions that are blocked, since too many deliveries failed.

        They are unblocked on the vendor's site, and what failed meanwhile is then sent again
        (documented).

        Raises:
            CalypsoError: What `list` raises.
        """
        return _rules.blocked(await self.list())

    async def secrets(self) -> SecretKeys:
        """Return the secret keys of all subscriptions by their public keys.

        That is a look-up by the ``Key`` header, as `calypso_pay.webhooks.verify` takes it.

        Raises:
            CalypsoError: What `list` raises.
        """
        listed = await self.list()
        return SecretKeys(listed.subscriptions)

    async def _create(self, payload: SubscriptionPayload) -> Subscription:
        try:
            return await self._engine.call(CREATE_SUBSCRIPTION, payload)
        except OutcomeUnknownError as error:
            found = await self._look_for(str(payload.request_id))
            if found is None:
                raise _rules.with_note(error, str(payload.request_id))  # noqa: B904 - the same error
            return found

    async def _look_for(self, request_id: str) -> Subscription | None:
        try:
            return _rules.find(await self.list(), request_id)
        except CalypsoError:
            return None
