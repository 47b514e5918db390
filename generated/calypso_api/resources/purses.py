"""The resource classes of the tag purses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import models as _models
from .._engine import AsyncEngine, AsyncRawEngine, Engine, RawEngine
from .._resource import Resource
from ..operations import purses as _operations

if TYPE_CHECKING:
    import builtins
    from uuid import UUID

    from .._engine import RawResponse
    from ..models.purse import Purse


class Purses(Resource[Engine]):
    """All deposit addresses a customer has had, with their status.

    Args:
        engine: Carries out the operations.
    """

    __slots__ = ()

    def list(self, customer_id: str | UUID) -> builtins.list[Purse]:
        """Get a customer's purses.

        Returns every deposit address the customer has had, the expired and the declined ones too.
        Safe to retry: It only reads.
        Source: docs.calypso.finance/api-reference/customer-purse-api (inferred, 2025-10).

        Args:
            customer_id: Id of the customer.

        Returns:
            The purses, oldest first. Inferred, not documented.

        Raises:
            APIError: The server rejects the call; the subclass states why.
            TransportError: No readable response was received, and nothing was done twice.
            UnexpectedResponseError: The response does not match the API document.
            TypeError: An argument has the wrong type; nothing was sent.
            ValueError: A required argument, an id or a filter is empty; nothing was sent.
        """
        return self._engine.call(
            _operations.GET_PURSES, _models.ByCustomerIdPayload(customer_id=customer_id)
        )


class AsyncPurses(Resource[AsyncEngine]):
    """All deposit addresses a customer has had, with their status.

    Args:
        engine: Carries out the operations.
    """

    __slots__ = ()

    async def list(self, customer_id: str | UUID) -> builtins.list[Purse]:
        """Get a customer's purses.

        Returns every deposit address the customer has had, the expired and the declined ones too.
        Safe to retry: It only reads.
        Source: docs.calypso.finance/api-reference/customer-purse-api (inferred, 2025-10).

        Args:
            customer_id: Id of the customer.

        Returns:
            The purses, oldest first. Inferred, not documented.

        Raises:
            APIError: The server rejects the call; the subclass states why.
            TransportError: No readable response was received, and nothing was done twice.
            UnexpectedResponseError: The response does not match the API document.
            TypeError: An argument has the wrong type; nothing was sent.
            ValueError: A required argument, an id or a filter is empty; nothing was sent.
        """
        return await self._engine.call(
            _operations.GET_PURSES, _models.ByCustomerIdPayload(customer_id=customer_id)
        )


class RawPurses(Resource[RawEngine]):
    """Like `Purses`, with whole responses: status, headers and bytes."""

    __slots__ = ()

    def list(self, customer_id: str | UUID) -> RawResponse[builtins.list[Purse]]:
        """Like `Purses.list`, with the whole response."""
        return self._engine.call(
            _operations.GET_PURSES, _models.ByCustomerIdPayload(customer_id=customer_id)
        )


class AsyncRawPurses(Resource[AsyncRawEngine]):
    """Like `AsyncPurses`, with whole responses: status, headers and bytes."""

    __slots__ = ()

    async def list(self, customer_id: str | UUID) -> RawResponse[builtins.list[Purse]]:
        """Like `AsyncPurses.list`, with the whole response."""
        return await self._engine.call(
            _operations.GET_PURSES, _models.ByCustomerIdPayload(customer_id=customer_id)
        )
