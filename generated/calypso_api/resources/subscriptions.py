"""The resource classes of the tag subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..operations import subscriptions as _operations
from ..types import UNSET

if TYPE_CHECKING:
    import builtins

    from .._engine import AsyncEngine, AsyncRawEngine, Engine, RawEngine, RawResponse
    from ..models.notification_event_type import NotificationEventType
    from ..models.notification_service_type import NotificationServiceType
    from ..models.subscription import Subscription
    from ..models.subscription_list import SubscriptionList
    from ..types import Unset


class Subscriptions:
    """Webhook subscriptions, each with a key pair of its own.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(self) -> SubscriptionList:
        """List webhook subscriptions.

        Returns every webhook subscription of the account, each with its key pair.

        Source: docs.calypso.finance/api-reference/webhook-api,
        docs.calypso.money/api-reference/webhook-api (documented, 2025-11).

        Safe to repeat: It only reads.

        Returns:
            The subscriptions.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        return self._engine.call(_operations.GET_SUBSCRIPTIONS, None)

    def delete(self, request_id: str) -> None:
        """Delete a webhook subscription.

        Removes the subscription. The answer has no content. The request carries a JSON body
        although its method is DELETE.

        Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-07).

        Safe to repeat: What is gone stays gone; error 004 after an attempt whose outcome was
        unknown means that it was deleted.

        Args:
            request_id: Id of the subscription.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.by_request_id_payload import ByRequestIdPayload

        return self._engine.call(
            _operations.DELETE_SUBSCRIPTION, ByRequestIdPayload(request_id=request_id)
        )

    def create(
        self,
        *,
        request_id: str,
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

        That one of the two lists is needed comes from the documentation of 2021 to 2023.

        Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-07).

        Not safe to repeat: A second call can make a second subscription. Look for your request id
        in the list before you call again.

        Args:
            request_id: Id of the subscription, chosen by the caller when it is created.
            url: Where notifications are sent.
            notification_event_types: Single events to be told of.
            notification_service_types: Groups of events to be told of. The names of the groups
                are known in part only, and that CUSTOMER_PURSE is one of them is inferred.

        Returns:
            The subscription, with the keys that its notifications are signed with.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.subscription_payload import SubscriptionPayload

        return self._engine.call(
            _operations.CREATE_SUBSCRIPTION,
            SubscriptionPayload(
                request_id=request_id,
                url=url,
                notification_event_types=notification_event_types,
                notification_service_types=notification_service_types,
            ),
        )

    def change(
        self,
        *,
        request_id: str,
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

        Inferred, not documented. The operation is documented; its path was last seen in the
        documentation of 2021 to 2023. That the keys stay is inferred.

        Source: github.com/aidma/calypso-docs.github.io,
        docs.calypso.finance/api-reference/webhook-api (inferred, 2025-07).

        Safe to repeat: Writing the same values twice ends in the same state.

        Args:
            request_id: Id of the subscription, chosen by the caller when it is created.
            url: Where notifications are sent.
            notification_event_types: Single events to be told of.
            notification_service_types: Groups of events to be told of. The names of the groups
                are known in part only, and that CUSTOMER_PURSE is one of them is inferred.

        Returns:
            The subscription as it is now.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.subscription_payload import SubscriptionPayload

        return self._engine.call(
            _operations.CHANGE_SUBSCRIPTION,
            SubscriptionPayload(
                request_id=request_id,
                url=url,
                notification_event_types=notification_event_types,
                notification_service_types=notification_service_types,
            ),
        )


class AsyncSubscriptions:
    """Webhook subscriptions, each with a key pair of its own.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def list(self) -> SubscriptionList:
        """List webhook subscriptions.

        Returns every webhook subscription of the account, each with its key pair.

        Source: docs.calypso.finance/api-reference/webhook-api,
        docs.calypso.money/api-reference/webhook-api (documented, 2025-11).

        Safe to repeat: It only reads.

        Returns:
            The subscriptions.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        return await self._engine.call(_operations.GET_SUBSCRIPTIONS, None)

    async def delete(self, request_id: str) -> None:
        """Delete a webhook subscription.

        Removes the subscription. The answer has no content. The request carries a JSON body
        although its method is DELETE.

        Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-07).

        Safe to repeat: What is gone stays gone; error 004 after an attempt whose outcome was
        unknown means that it was deleted.

        Args:
            request_id: Id of the subscription.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.by_request_id_payload import ByRequestIdPayload

        return await self._engine.call(
            _operations.DELETE_SUBSCRIPTION, ByRequestIdPayload(request_id=request_id)
        )

    async def create(
        self,
        *,
        request_id: str,
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

        That one of the two lists is needed comes from the documentation of 2021 to 2023.

        Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-07).

        Not safe to repeat: A second call can make a second subscription. Look for your request id
        in the list before you call again.

        Args:
            request_id: Id of the subscription, chosen by the caller when it is created.
            url: Where notifications are sent.
            notification_event_types: Single events to be told of.
            notification_service_types: Groups of events to be told of. The names of the groups
                are known in part only, and that CUSTOMER_PURSE is one of them is inferred.

        Returns:
            The subscription, with the keys that its notifications are signed with.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.subscription_payload import SubscriptionPayload

        return await self._engine.call(
            _operations.CREATE_SUBSCRIPTION,
            SubscriptionPayload(
                request_id=request_id,
                url=url,
                notification_event_types=notification_event_types,
                notification_service_types=notification_service_types,
            ),
        )

    async def change(
        self,
        *,
        request_id: str,
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

        Inferred, not documented. The operation is documented; its path was last seen in the
        documentation of 2021 to 2023. That the keys stay is inferred.

        Source: github.com/aidma/calypso-docs.github.io,
        docs.calypso.finance/api-reference/webhook-api (inferred, 2025-07).

        Safe to repeat: Writing the same values twice ends in the same state.

        Args:
            request_id: Id of the subscription, chosen by the caller when it is created.
            url: Where notifications are sent.
            notification_event_types: Single events to be told of.
            notification_service_types: Groups of events to be told of. The names of the groups
                are known in part only, and that CUSTOMER_PURSE is one of them is inferred.

        Returns:
            The subscription as it is now.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.subscription_payload import SubscriptionPayload

        return await self._engine.call(
            _operations.CHANGE_SUBSCRIPTION,
            SubscriptionPayload(
                request_id=request_id,
                url=url,
                notification_event_types=notification_event_types,
                notification_service_types=notification_service_types,
            ),
        )


class RawSubscriptions:
    """Webhook subscriptions, each with a key pair of its own.

    The methods return whole answers: status, headers, bytes, and what was read from them.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: RawEngine) -> None:
        self._engine = engine

    def list(self) -> RawResponse[SubscriptionList]:
        """List webhook subscriptions.

        Returns every webhook subscription of the account, each with its key pair.

        Source: docs.calypso.finance/api-reference/webhook-api,
        docs.calypso.money/api-reference/webhook-api (documented, 2025-11).

        Safe to repeat: It only reads.

        Returns:
            The whole answer; its `parsed` is: The subscriptions.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        return self._engine.call(_operations.GET_SUBSCRIPTIONS, None)

    def delete(self, request_id: str) -> RawResponse[None]:
        """Delete a webhook subscription.

        Removes the subscription. The answer has no content. The request carries a JSON body
        although its method is DELETE.

        Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-07).

        Safe to repeat: What is gone stays gone; error 004 after an attempt whose outcome was
        unknown means that it was deleted.

        Args:
            request_id: Id of the subscription.

        Returns:
            The whole answer; its `parsed` is: The subscription is gone; there is no content.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.by_request_id_payload import ByRequestIdPayload

        return self._engine.call(
            _operations.DELETE_SUBSCRIPTION, ByRequestIdPayload(request_id=request_id)
        )

    def create(
        self,
        *,
        request_id: str,
        url: str,
        notification_event_types: builtins.list[NotificationEventType]
        | builtins.list[str]
        | Unset = UNSET,
        notification_service_types: builtins.list[NotificationServiceType]
        | builtins.list[str]
        | Unset = UNSET,
    ) -> RawResponse[Subscription]:
        """Create a webhook subscription.

        Subscribes a URL to events. The request id is chosen by the caller and names the
        subscription from then on. At least one of the two lists of types has to name something.

        That one of the two lists is needed comes from the documentation of 2021 to 2023.

        Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-07).

        Not safe to repeat: A second call can make a second subscription. Look for your request id
        in the list before you call again.

        Args:
            request_id: Id of the subscription, chosen by the caller when it is created.
            url: Where notifications are sent.
            notification_event_types: Single events to be told of.
            notification_service_types: Groups of events to be told of. The names of the groups
                are known in part only, and that CUSTOMER_PURSE is one of them is inferred.

        Returns:
            The whole answer; its `parsed` is: The subscription, with the keys that its
            notifications are signed with.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.subscription_payload import SubscriptionPayload

        return self._engine.call(
            _operations.CREATE_SUBSCRIPTION,
            SubscriptionPayload(
                request_id=request_id,
                url=url,
                notification_event_types=notification_event_types,
                notification_service_types=notification_service_types,
            ),
        )

    def change(
        self,
        *,
        request_id: str,
        url: str,
        notification_event_types: builtins.list[NotificationEventType]
        | builtins.list[str]
        | Unset = UNSET,
        notification_service_types: builtins.list[NotificationServiceType]
        | builtins.list[str]
        | Unset = UNSET,
    ) -> RawResponse[Subscription]:
        """Change a webhook subscription.

        Replaces the URL and the types of the subscription that the request id names. Its keys stay.

        Inferred, not documented. The operation is documented; its path was last seen in the
        documentation of 2021 to 2023. That the keys stay is inferred.

        Source: github.com/aidma/calypso-docs.github.io,
        docs.calypso.finance/api-reference/webhook-api (inferred, 2025-07).

        Safe to repeat: Writing the same values twice ends in the same state.

        Args:
            request_id: Id of the subscription, chosen by the caller when it is created.
            url: Where notifications are sent.
            notification_event_types: Single events to be told of.
            notification_service_types: Groups of events to be told of. The names of the groups
                are known in part only, and that CUSTOMER_PURSE is one of them is inferred.

        Returns:
            The whole answer; its `parsed` is: The subscription as it is now.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.subscription_payload import SubscriptionPayload

        return self._engine.call(
            _operations.CHANGE_SUBSCRIPTION,
            SubscriptionPayload(
                request_id=request_id,
                url=url,
                notification_event_types=notification_event_types,
                notification_service_types=notification_service_types,
            ),
        )


class AsyncRawSubscriptions:
    """Webhook subscriptions, each with a key pair of its own.

    The methods return whole answers: status, headers, bytes, and what was read from them.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: AsyncRawEngine) -> None:
        self._engine = engine

    async def list(self) -> RawResponse[SubscriptionList]:
        """List webhook subscriptions.

        Returns every webhook subscription of the account, each with its key pair.

        Source: docs.calypso.finance/api-reference/webhook-api,
        docs.calypso.money/api-reference/webhook-api (documented, 2025-11).

        Safe to repeat: It only reads.

        Returns:
            The whole answer; its `parsed` is: The subscriptions.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        return await self._engine.call(_operations.GET_SUBSCRIPTIONS, None)

    async def delete(self, request_id: str) -> RawResponse[None]:
        """Delete a webhook subscription.

        Removes the subscription. The answer has no content. The request carries a JSON body
        although its method is DELETE.

        Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-07).

        Safe to repeat: What is gone stays gone; error 004 after an attempt whose outcome was
        unknown means that it was deleted.

        Args:
            request_id: Id of the subscription.

        Returns:
            The whole answer; its `parsed` is: The subscription is gone; there is no content.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.by_request_id_payload import ByRequestIdPayload

        return await self._engine.call(
            _operations.DELETE_SUBSCRIPTION, ByRequestIdPayload(request_id=request_id)
        )

    async def create(
        self,
        *,
        request_id: str,
        url: str,
        notification_event_types: builtins.list[NotificationEventType]
        | builtins.list[str]
        | Unset = UNSET,
        notification_service_types: builtins.list[NotificationServiceType]
        | builtins.list[str]
        | Unset = UNSET,
    ) -> RawResponse[Subscription]:
        """Create a webhook subscription.

        Subscribes a URL to events. The request id is chosen by the caller and names the
        subscription from then on. At least one of the two lists of types has to name something.

        That one of the two lists is needed comes from the documentation of 2021 to 2023.

        Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-07).

        Not safe to repeat: A second call can make a second subscription. Look for your request id
        in the list before you call again.

        Args:
            request_id: Id of the subscription, chosen by the caller when it is created.
            url: Where notifications are sent.
            notification_event_types: Single events to be told of.
            notification_service_types: Groups of events to be told of. The names of the groups
                are known in part only, and that CUSTOMER_PURSE is one of them is inferred.

        Returns:
            The whole answer; its `parsed` is: The subscription, with the keys that its
            notifications are signed with.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.subscription_payload import SubscriptionPayload

        return await self._engine.call(
            _operations.CREATE_SUBSCRIPTION,
            SubscriptionPayload(
                request_id=request_id,
                url=url,
                notification_event_types=notification_event_types,
                notification_service_types=notification_service_types,
            ),
        )

    async def change(
        self,
        *,
        request_id: str,
        url: str,
        notification_event_types: builtins.list[NotificationEventType]
        | builtins.list[str]
        | Unset = UNSET,
        notification_service_types: builtins.list[NotificationServiceType]
        | builtins.list[str]
        | Unset = UNSET,
    ) -> RawResponse[Subscription]:
        """Change a webhook subscription.

        Replaces the URL and the types of the subscription that the request id names. Its keys stay.

        Inferred, not documented. The operation is documented; its path was last seen in the
        documentation of 2021 to 2023. That the keys stay is inferred.

        Source: github.com/aidma/calypso-docs.github.io,
        docs.calypso.finance/api-reference/webhook-api (inferred, 2025-07).

        Safe to repeat: Writing the same values twice ends in the same state.

        Args:
            request_id: Id of the subscription, chosen by the caller when it is created.
            url: Where notifications are sent.
            notification_event_types: Single events to be told of.
            notification_service_types: Groups of events to be told of. The names of the groups
                are known in part only, and that CUSTOMER_PURSE is one of them is inferred.

        Returns:
            The whole answer; its `parsed` is: The subscription as it is now.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.subscription_payload import SubscriptionPayload

        return await self._engine.call(
            _operations.CHANGE_SUBSCRIPTION,
            SubscriptionPayload(
                request_id=request_id,
                url=url,
                notification_event_types=notification_event_types,
                notification_service_types=notification_service_types,
            ),
        )
