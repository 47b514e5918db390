"""The resource classes of the tag accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..operations import accounts as _operations

if TYPE_CHECKING:
    from .._engine import AsyncEngine, AsyncRawEngine, Engine, RawEngine, RawResponse
    from ..models.account import Account


class Accounts:
    """The merchant's account and its balances.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self) -> Account:
        """Get the account.

        Returns the account named in the request, with one balance for each currency it holds. A
        balance grows when a deposit has been translated to the account, not yet when it is
        confirmed.

        Source: docs.calypso.finance/api-reference/account-api,
        docs.calypso.money/api-reference/account-api (documented, 2025-11).

        Safe to repeat: It only reads.

        Returns:
            The account.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        return self._engine.call(_operations.GET_ACCOUNT, None)


class AsyncAccounts:
    """The merchant's account and its balances.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def get(self) -> Account:
        """Get the account.

        Returns the account named in the request, with one balance for each currency it holds. A
        balance grows when a deposit has been translated to the account, not yet when it is
        confirmed.

        Source: docs.calypso.finance/api-reference/account-api,
        docs.calypso.money/api-reference/account-api (documented, 2025-11).

        Safe to repeat: It only reads.

        Returns:
            The account.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        return await self._engine.call(_operations.GET_ACCOUNT, None)


class RawAccounts:
    """The merchant's account and its balances.

    The methods return whole answers: status, headers, bytes, and what was read from them.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: RawEngine) -> None:
        self._engine = engine

    def get(self) -> RawResponse[Account]:
        """Get the account.

        Returns the account named in the request, with one balance for each currency it holds. A
        balance grows when a deposit has been translated to the account, not yet when it is
        confirmed.

        Source: docs.calypso.finance/api-reference/account-api,
        docs.calypso.money/api-reference/account-api (documented, 2025-11).

        Safe to repeat: It only reads.

        Returns:
            The whole answer; its `parsed` is: The account.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        return self._engine.call(_operations.GET_ACCOUNT, None)


class AsyncRawAccounts:
    """The merchant's account and its balances.

    The methods return whole answers: status, headers, bytes, and what was read from them.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: AsyncRawEngine) -> None:
        self._engine = engine

    async def get(self) -> RawResponse[Account]:
        """Get the account.

        Returns the account named in the request, with one balance for each currency it holds. A
        balance grows when a deposit has been translated to the account, not yet when it is
        confirmed.

        Source: docs.calypso.finance/api-reference/account-api,
        docs.calypso.money/api-reference/account-api (documented, 2025-11).

        Safe to repeat: It only reads.

        Returns:
            The whole answer; its `parsed` is: The account.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        return await self._engine.call(_operations.GET_ACCOUNT, None)
