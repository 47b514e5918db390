"""The resource classes of the tag accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._engine import AsyncEngine, AsyncRawEngine, Engine, RawEngine
from .._resource import Resource
from ..operations import accounts as _operations

if TYPE_CHECKING:
    from .._engine import RawResponse
    from ..models.account import Account


class Accounts(Resource[Engine]):
    """The merchant's account and its balances.

    Args:
        engine: Carries out the operations.
    """

    __slots__ = ()

    def get(self) -> Account:
        """Get the account.

        Returns the account named in the request, with one balance for each currency it holds.
        Safe to retry: It only reads.
        Source: docs.calypso.finance/api-reference/account-api (documented, 2025-11).

        Returns:
            The account.

        Raises:
            APIError: The server rejects the call; the subclass states why.
            TransportError: No readable response was received, and nothing was done twice.
            UnexpectedResponseError: The response does not match the API document.
        """
        return self._engine.call(_operations.GET_ACCOUNT, None)


class AsyncAccounts(Resource[AsyncEngine]):
    """The merchant's account and its balances.

    Args:
        engine: Carries out the operations.
    """

    __slots__ = ()

    async def get(self) -> Account:
        """Get the account.

        Returns the account named in the request, with one balance for each currency it holds.
        Safe to retry: It only reads.
        Source: docs.calypso.finance/api-reference/account-api (documented, 2025-11).

        Returns:
            The account.

        Raises:
            APIError: The server rejects the call; the subclass states why.
            TransportError: No readable response was received, and nothing was done twice.
            UnexpectedResponseError: The response does not match the API document.
        """
        return await self._engine.call(_operations.GET_ACCOUNT, None)


class RawAccounts(Resource[RawEngine]):
    """Like `Accounts`, with whole responses: status, headers and bytes."""

    __slots__ = ()

    def get(self) -> RawResponse[Account]:
        """Like `Accounts.get`, with the whole response."""
        return self._engine.call(_operations.GET_ACCOUNT, None)


class AsyncRawAccounts(Resource[AsyncRawEngine]):
    """Like `AsyncAccounts`, with whole responses: status, headers and bytes."""

    __slots__ = ()

    async def get(self) -> RawResponse[Account]:
        """Like `AsyncAccounts.get`, with the whole response."""
        return await self._engine.call(_operations.GET_ACCOUNT, None)
