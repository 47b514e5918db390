"""The resource classes of the tag subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import models as _models
from .._engine import AsyncEngine, AsyncRawEngine, Engine, RawEngine
from .._resource import Resource
from ..operations import subscriptions as _operations
from ..types import UNSET

if TYPE_CHECKING:
    import builtins
    from uuid import UUID

    from .._engine import RawResponse
    from ..models.notification_event_type import NotificationEventType
    from ..models.notification_service_type import NotificationServiceType
    from ..models.subscription import Subscription
    from ..models.subscription_list import SubscriptionList
    from ..types import Unset


class Subscriptions(Resource[Engine]):
    """Webhook subscriptions, each with a key pair of its own.

    Args:
        engine: Carries out the operations.
    """

    __slots__ = ()

    def list(self) -> SubscriptionList:
        """List webhook subscriptions.

        Returns every webhook subscription of the account, each with its key pair.
        Safe to retry: It only reads.
        Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-11).

        Returns:
            The subscriptions.

        Raises:
            APIError: The server rejects the call; the subclass states why.
            TransportError: No readable response was received, and nothing was done twice.
            UnexpectedResponseError: The response does not match the API document.
        """
        return self._engine.call(_operations.GET_SUBSCRIPTIONS, None)

    def delete(self, request_id: str | UUID) -> None:
        """Delete a webhook subscription.

        Removes the subscription. The response has no content.
        Safe to retry: What is gone stays gone; error 004 after an attempt whose outcome was unknown
        means that it was deleted.
        Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-07).

        Args:
            request_id: Id of the subscription.

        Raises:
            APIError: The server rejects the call; the subclass states why.
            TransportError: No readable response was received, and nothing was done twice.
            UnexpectedResponseError: The response does not match the API document.
            TypeError: An argument has the wrong type; nothing was sent.
            ValueError: A required argument, an id or a filter is empty; nothing was sent.
        """
        return self._engine.call(
            _operations.DELETE_SUBSCRIPTION, _models.ByRequestIdPayload(request_id=request_id)
        )

    def create(
        self,
        *,
        request_id: str | UUID,
        url: str,
        notification_event_types: builtins.list[NotificationEventType]
        | builtins.list[str]
        | Unset = UNSET,
        notification_service_types: builtins.list[NotificationServiceType]
        | builtins.list[str]
        | Unset = UNSET,
    ) -> Subscription:
        """Create a webhook subscription.

        Subscribes a URL to events. The request id is chosen by the caller and names the
        subscription from then on. At least one of the two lists of types has to name something.
        Not safe to retry: A second call can make a second subscription.
        Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-07).

        Args:
            request_id: Id of the subscription, chosen by the caller when it is created.
            url: The URL that webhook events are delivered to.
            notification_event_types: Single event types to subscribe to.
            notification_service_types: Groups of event types to subscribe to. The names of the
                groups are known in part only, and that CUSTOMER_PURSE is one of them is inferred.

        Returns:
            The subscription, with the keys that sign its webhook deliveries.

        Raises:
            APIError: The server rejects the call; the subclass states why.
            TransportError: No readable response was received, and nothing was done twice.
            OutcomeUnknownError: The call may or may not have been carried out: find out before you
                retry it.
            UnexpectedResponseError: The response does not match the API document.
            TypeError: An argument has the wrong type; nothing was sent.
            ValueError: A required argument, an id or a filter is empty; nothing was sent.
        """
        return self._engine.call(
            _operations.CREATE_SUBSCRIPTION,
            _models.SubscriptionPayload(
                request_id=request_id,
                url=url,
                notification_event_types=notification_event_types,
                notification_service_types=notification_service_types,
            ),
        )

    def update(
        self,
        request_id: str | UUID,
        *,
        url: str,
        notification_event_types: builtins.list[NotificationEventType]
        | builtins.list[str]
        | Unset = UNSET,
        notification_service_types: builtins.list[NotificationServiceType]
        | builtins.list[str]
        | Unset = UNSET,
    ) -> Subscription:
        """Change a webhook subscription.

        Replaces the URL and the types of the subscription that the request id names. Its keys stay.
        Safe to retry: Writing the same values twice ends in the same state.
        Source: github.com/aidma/calypso-docs.github.io (inferred, 2025-07).

        Args:
            request_id: Id of the subscription, chosen by the caller when it is created.
            url: The URL that webhook events are delivered to.
            notification_event_types: Single event types to subscribe to.
            notification_service_types: Groups of event types to subscribe to. The names of the
                groups are known in part only, and that CUSTOMER_PURSE is one of them is inferred.

        Returns:
            The subscription as it is now.

        Raises:
            APIError: The server rejects the call; the subclass states why.
            TransportError: No readable response was received, and nothing was done twice.
            UnexpectedResponseError: The response does not match the API document.
            TypeError: An argument has the wrong type; nothing was sent.
            ValueError: A required argument, an id or a filter is empty; nothing was sent.
        """
        return self._engine.call(
            _operations.CHANGE_SUBSCRIPTION,
            _models.SubscriptionPayload(
                request_id=request_id,
                url=url,
                notification_event_types=notification_event_types,
                notification_service_types=notification_service_types,
            ),
        )


class AsyncSubscriptions(Resource[AsyncEngine]):
    """Webhook subscriptions, each with a key pair of its own.

    Args:
        engine: Carries out the operations.
    """

    __slots__ = ()

    async def list(self) -> SubscriptionList:
        """List webhook subscriptions.

        Returns every webhook subscription of the account, each with its key pair.
        Safe to retry: It only reads.
        Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-11).

        Returns:
            The subscriptions.

        Raises:
            APIError: The server rejects the call; the subclass states why.
            TransportError: No readable response was received, and nothing was done twice.
            UnexpectedResponseError: The response does not match the API document.
        """
        return await self._engine.call(_operations.GET_SUBSCRIPTIONS, None)

    async def delete(self, request_id: str | UUID) -> None:
        """Delete a webhook subscription.

        Removes the subscription. The response has no content.
        Safe to retry: What is gone stays gone; error 004 after an attempt whose outcome was unknown
        means that it was deleted.
        Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-07).

        Args:
            request_id: Id of the subscription.

        Raises:
            APIError: The server rejects the call; the subclass states why.
            TransportError: No readable response was received, and nothing was done twice.
            UnexpectedResponseError: The response does not match the API document.
            TypeError: An argument has the wrong type; nothing was sent.
            ValueError: A required argument, an id or a filter is empty; nothing was sent.
        """
        return await self._engine.call(
            _operations.DELETE_SUBSCRIPTION, _models.ByRequestIdPayload(request_id=request_id)
        )

    async def create(
        self,
        *,
        request_id: str | UUID,
        url: str,
        notification_event_types: builtins.list[NotificationEventType]
        | builtins.list[str]
        | Unset = UNSET,
        notification_service_types: builtins.list[NotificationServiceType]
        | builtins.list[str]
        | Unset = UNSET,
    ) -> Subscription:
        """Create a webhook subscription.

        Subscribes a URL to events. The request id is chosen by the caller and names the
        subscription from then on. At least one of the two lists of types has to name something.
        Not safe to retry: A second call can make a second subscription.
        Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-07).

        Args:
            request_id: Id of the subscription, chosen by the caller when it is created.
            url: The URL that webhook events are delivered to.
            notification_event_types: Single event types to subscribe to.
            notification_service_types: Groups of event types to subscribe to. The names of the
                groups are known in part only, and that CUSTOMER_PURSE is one of them is inferred.

        Returns:
            The subscription, with the keys that sign its webhook deliveries.

        Raises:
            APIError: The server rejects the call; the subclass states why.
            TransportError: No readable response was received, and nothing was done twice.
            OutcomeUnknownError: The call may or may not have been carried out: find out before you
                retry it.
            UnexpectedResponseError: The response does not match the API document.
            TypeError: An argument has the wrong type; nothing was sent.
            ValueError: A required argument, an id or a filter is empty; nothing was sent.
        """
        return await self._engine.call(
            _operations.CREATE_SUBSCRIPTION,
            _models.SubscriptionPayload(
                request_id=request_id,
                url=url,
                notification_event_types=notification_event_types,
                notification_service_types=notification_service_types,
            ),
        )

    async def update(
        self,
        request_id: str | UUID,
        *,
        url: str,
        notification_event_types: builtins.list[NotificationEventType]
        | builtins.list[str]
        | Unset = UNSET,
        notification_service_types: builtins.list[NotificationServiceType]
        | builtins.list[str]
        | Unset = UNSET,
    ) -> Subscription:
        """Change a webhook subscription.

        Replaces the URL and the types of the subscription that the request id names. Its keys stay.
        Safe to retry: Writing the same values twice ends in the same state.
        Source: github.com/aidma/calypso-docs.github.io (inferred, 2025-07).

        Args:
            request_id: Id of the subscription, chosen by the caller when it is created.
            url: The URL that webhook events are delivered to.
            notification_event_types: Single event types to subscribe to.
            notification_service_types: Groups of event types to subscribe to. The names of the
                groups are known in part only, and that CUSTOMER_PURSE is one of them is inferred.

        Returns:
            The subscription as it is now.

        Raises:
            APIError: The server rejects the call; the subclass states why.
            TransportError: No readable response was received, and nothing was done twice.
            UnexpectedResponseError: The response does not match the API document.
            TypeError: An argument has the wrong type; nothing was sent.
            ValueError: A required argument, an id or a filter is empty; nothing was sent.
        """
        return await self._engine.call(
            _operations.CHANGE_SUBSCRIPTION,
            _models.SubscriptionPayload(
                request_id=request_id,
                url=url,
                notification_event_types=notification_event_types,
                notification_service_types=notification_service_types,
            ),
        )


class RawSubscriptions(Resource[RawEngine]):
    """Like `Subscriptions`, with whole responses: status, headers and bytes."""

    __slots__ = ()

    def list(self) -> RawResponse[SubscriptionList]:
        """Like `Subscriptions.list`, with the whole response."""
        return self._engine.call(_operations.GET_SUBSCRIPTIONS, None)

    def delete(self, request_id: str | UUID) -> RawResponse[None]:
        """Like `Subscriptions.delete`, with the whole response."""
        return self._engine.call(
            _operations.DELETE_SUBSCRIPTION, _models.ByRequestIdPayload(request_id=request_id)
        )

    def create(
        self,
        *,
        request_id: str | UUID,
        url: str,
        notification_event_types: builtins.list[NotificationEventType]
        | builtins.list[str]
        | Unset = UNSET,
        notification_service_types: builtins.list[NotificationServiceType]
        | builtins.list[str]
        | Unset = UNSET,
    ) -> RawResponse[Subscription]:
        """Like `Subscriptions.create`, with the whole response."""
        return self._engine.call(
            _operations.CREATE_SUBSCRIPTION,
            _models.SubscriptionPayload(
                request_id=request_id,
                url=url,
                notification_event_types=notification_event_types,
                notification_service_types=notification_service_types,
            ),
        )

    def update(
        self,
        request_id: str | UUID,
        *,
        url: str,
        notification_event_types: builtins.list[NotificationEventType]
        | builtins.list[str]
        | Unset = UNSET,
        notification_service_types: builtins.list[NotificationServiceType]
        | builtins.list[str]
        | Unset = UNSET,
    ) -> RawResponse[Subscription]:
        """Like `Subscriptions.update`, with the whole response."""
        return self._engine.call(
            _operations.CHANGE_SUBSCRIPTION,
            _models.SubscriptionPayload(
                request_id=request_id,
                url=url,
                notification_event_types=notification_event_types,
                notification_service_types=notification_service_types,
            ),
        )


class AsyncRawSubscriptions(Resource[AsyncRawEngine]):
    """Like `AsyncSubscriptions`, with whole responses: status, headers and bytes."""

    __slots__ = ()

    async def list(self) -> RawResponse[SubscriptionList]:
        """Like `AsyncSubscriptions.list`, with the whole response."""
        return await self._engine.call(_operations.GET_SUBSCRIPTIONS, None)

    async def delete(self, request_id: str | UUID) -> RawResponse[None]:
        """Like `AsyncSubscriptions.delete`, with the whole response."""
        return await self._engine.call(
            _operations.DELETE_SUBSCRIPTION, _models.ByRequestIdPayload(request_id=request_id)
        )

    async def create(
        self,
        *,
        request_id: str | UUID,
        url: str,
        notification_event_types: builtins.list[NotificationEventType]
        | builtins.list[str]
        | Unset = UNSET,
        notification_service_types: builtins.list[NotificationServiceType]
        | builtins.list[str]
        | Unset = UNSET,
    ) -> RawResponse[Subscription]:
        """Like `AsyncSubscriptions.create`, with the whole response."""
        return await self._engine.call(
            _operations.CREATE_SUBSCRIPTION,
            _models.SubscriptionPayload(
                request_id=request_id,
                url=url,
                notification_event_types=notification_event_types,
                notification_service_types=notification_service_types,
            ),
        )

    async def update(
        self,
        request_id: str | UUID,
        *,
        url: str,
        notification_event_types: builtins.list[NotificationEventType]
        | builtins.list[str]
        | Unset = UNSET,
        notification_service_types: builtins.list[NotificationServiceType]
        | builtins.list[str]
        | Unset = UNSET,
    ) -> RawResponse[Subscription]:
        """Like `AsyncSubscriptions.update`, with the whole response."""
        return await self._engine.call(
            _operations.CHANGE_SUBSCRIPTION,
            _models.SubscriptionPayload(
                request_id=request_id,
                url=url,
                notification_event_types=notification_event_types,
                notification_service_types=notification_service_types,
            ),
        )
