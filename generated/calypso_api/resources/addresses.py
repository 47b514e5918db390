"""The resource classes of the tag addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import models as _models
from .._engine import AsyncEngine, AsyncRawEngine, Engine, RawEngine
from .._resource import Resource
from ..operations import addresses as _operations

if TYPE_CHECKING:
    from uuid import UUID

    from .._engine import RawResponse
    from ..models.deposit_address import DepositAddress


class Addresses(Resource[Engine]):
    """Deposit addresses handed out to customers.

    Args:
        engine: Carries out the operations.
    """

    __slots__ = ()

    def get(self, customer_id: str | UUID, *, currency: str) -> DepositAddress:
        """Get a deposit address.

        Returns the address to which this customer deposits this currency.
        Safe to retry: A retry returns the address that is live already; at worst the customer has a
        second one.
        Source: docs.calypso.finance/docs/how-to-get-purse (documented, 2026).

        Args:
            customer_id: Id of the customer.
            currency: Code of the currency: a coin's ticker, or a token's with the suffix of its
                chain. Without a suffix USDT and USDC are the tokens on Ethereum; _TRX is Tron, _BSC
                BNB Smart Chain, _MATIC Polygon.

        Returns:
            The address.

        Raises:
            APIError: The server rejects the call; the subclass states why.
            TransportError: No readable response was received, and nothing was done twice.
            UnexpectedResponseError: The response does not match the API document.
            TypeError: An argument has the wrong type; nothing was sent.
            ValueError: A required argument, an id or a filter is empty; nothing was sent.
        """
        return self._engine.call(
            _operations.GET_ADDRESS,
            _models.GetAddressPayload(customer_id=customer_id, currency=currency),
        )


class AsyncAddresses(Resource[AsyncEngine]):
    """Deposit addresses handed out to customers.

    Args:
        engine: Carries out the operations.
    """

    __slots__ = ()

    async def get(self, customer_id: str | UUID, *, currency: str) -> DepositAddress:
        """Get a deposit address.

        Returns the address to which this customer deposits this currency.
        Safe to retry: A retry returns the address that is live already; at worst the customer has a
        second one.
        Source: docs.calypso.finance/docs/how-to-get-purse (documented, 2026).

        Args:
            customer_id: Id of the customer.
            currency: Code of the currency: a coin's ticker, or a token's with the suffix of its
                chain. Without a suffix USDT and USDC are the tokens on Ethereum; _TRX is Tron, _BSC
                BNB Smart Chain, _MATIC Polygon.

        Returns:
            The address.

        Raises:
            APIError: The server rejects the call; the subclass states why.
            TransportError: No readable response was received, and nothing was done twice.
            UnexpectedResponseError: The response does not match the API document.
            TypeError: An argument has the wrong type; nothing was sent.
            ValueError: A required argument, an id or a filter is empty; nothing was sent.
        """
        return await self._engine.call(
            _operations.GET_ADDRESS,
            _models.GetAddressPayload(customer_id=customer_id, currency=currency),
        )


class RawAddresses(Resource[RawEngine]):
    """Like `Addresses`, with whole responses: status, headers and bytes."""

    __slots__ = ()

    def get(self, customer_id: str | UUID, *, currency: str) -> RawResponse[DepositAddress]:
        """Like `Addresses.get`, with the whole response."""
        return self._engine.call(
            _operations.GET_ADDRESS,
            _models.GetAddressPayload(customer_id=customer_id, currency=currency),
        )


class AsyncRawAddresses(Resource[AsyncRawEngine]):
    """Like `AsyncAddresses`, with whole responses: status, headers and bytes."""

    __slots__ = ()

    async def get(self, customer_id: str | UUID, *, currency: str) -> RawResponse[DepositAddress]:
        """Like `AsyncAddresses.get`, with the whole response."""
        return await self._engine.call(
            _operations.GET_ADDRESS,
            _models.GetAddressPayload(customer_id=customer_id, currency=currency),
        )
