"""Every tag as a resource, and the classes that hold all of them: sync and async, plain and raw."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from .. import _engine, _resource

if TYPE_CHECKING:
    from .accounts import Accounts, AsyncAccounts, AsyncRawAccounts, RawAccounts
    from .addresses import Addresses, AsyncAddresses, AsyncRawAddresses, RawAddresses
    from .customers import AsyncCustomers, AsyncRawCustomers, Customers, RawCustomers
    from .purses import AsyncPurses, AsyncRawPurses, Purses, RawPurses
    from .subscriptions import (
        AsyncRawSubscriptions,
        AsyncSubscriptions,
        RawSubscriptions,
        Subscriptions,
    )
    from .transactions import AsyncRawTransactions, AsyncTransactions, RawTransactions, Transactions

__all__ = ("AsyncRawResources", "AsyncResources", "RawResources", "Resources")


class Resources(_resource.Resource[_engine.Engine]):
    """All resources.

    Args:
        engine: Carries out the operations.
    """

    @cached_property
    def accounts(self) -> Accounts:
        """The methods of this tag, imported on first use."""
        from .accounts import Accounts

        return Accounts(self._engine)

    @cached_property
    def customers(self) -> Customers:
        """The methods of this tag, imported on first use."""
        from .customers import Customers

        return Customers(self._engine)

    @cached_property
    def addresses(self) -> Addresses:
        """The methods of this tag, imported on first use."""
        from .addresses import Addresses

        return Addresses(self._engine)

    @cached_property
    def purses(self) -> Purses:
        """The methods of this tag, imported on first use."""
        from .purses import Purses

        return Purses(self._engine)

    @cached_property
    def transactions(self) -> Transactions:
        """The methods of this tag, imported on first use."""
        from .transactions import Transactions

        return Transactions(self._engine)

    @cached_property
    def subscriptions(self) -> Subscriptions:
        """The methods of this tag, imported on first use."""
        from .subscriptions import Subscriptions

        return Subscriptions(self._engine)


class AsyncResources(_resource.Resource[_engine.AsyncEngine]):
    """All resources, asynchronous.

    Args:
        engine: Carries out the operations.
    """

    @cached_property
    def accounts(self) -> AsyncAccounts:
        """The methods of this tag, imported on first use."""
        from .accounts import AsyncAccounts

        return AsyncAccounts(self._engine)

    @cached_property
    def customers(self) -> AsyncCustomers:
        """The methods of this tag, imported on first use."""
        from .customers import AsyncCustomers

        return AsyncCustomers(self._engine)

    @cached_property
    def addresses(self) -> AsyncAddresses:
        """The methods of this tag, imported on first use."""
        from .addresses import AsyncAddresses

        return AsyncAddresses(self._engine)

    @cached_property
    def purses(self) -> AsyncPurses:
        """The methods of this tag, imported on first use."""
        from .purses import AsyncPurses

        return AsyncPurses(self._engine)

    @cached_property
    def transactions(self) -> AsyncTransactions:
        """The methods of this tag, imported on first use."""
        from .transactions import AsyncTransactions

        return AsyncTransactions(self._engine)

    @cached_property
    def subscriptions(self) -> AsyncSubscriptions:
        """The methods of this tag, imported on first use."""
        from .subscriptions import AsyncSubscriptions

        return AsyncSubscriptions(self._engine)


class RawResources(_resource.Resource[_engine.RawEngine]):
    """All resources; methods return whole responses.

    Args:
        engine: Carries out the operations.
    """

    @cached_property
    def accounts(self) -> RawAccounts:
        """The methods of this tag, imported on first use."""
        from .accounts import RawAccounts

        return RawAccounts(self._engine)

    @cached_property
    def customers(self) -> RawCustomers:
        """The methods of this tag, imported on first use."""
        from .customers import RawCustomers

        return RawCustomers(self._engine)

    @cached_property
    def addresses(self) -> RawAddresses:
        """The methods of this tag, imported on first use."""
        from .addresses import RawAddresses

        return RawAddresses(self._engine)

    @cached_property
    def purses(self) -> RawPurses:
        """The methods of this tag, imported on first use."""
        from .purses import RawPurses

        return RawPurses(self._engine)

    @cached_property
    def transactions(self) -> RawTransactions:
        """The methods of this tag, imported on first use."""
        from .transactions import RawTransactions

        return RawTransactions(self._engine)

    @cached_property
    def subscriptions(self) -> RawSubscriptions:
        """The methods of this tag, imported on first use."""
        from .subscriptions import RawSubscriptions

        return RawSubscriptions(self._engine)


class AsyncRawResources(_resource.Resource[_engine.AsyncRawEngine]):
    """All resources, asynchronous; methods return whole responses.

    Args:
        engine: Carries out the operations.
    """

    @cached_property
    def accounts(self) -> AsyncRawAccounts:
        """The methods of this tag, imported on first use."""
        from .accounts import AsyncRawAccounts

        return AsyncRawAccounts(self._engine)

    @cached_property
    def customers(self) -> AsyncRawCustomers:
        """The methods of this tag, imported on first use."""
        from .customers import AsyncRawCustomers

        return AsyncRawCustomers(self._engine)

    @cached_property
    def addresses(self) -> AsyncRawAddresses:
        """The methods of this tag, imported on first use."""
        from .addresses import AsyncRawAddresses

        return AsyncRawAddresses(self._engine)

    @cached_property
    def purses(self) -> AsyncRawPurses:
        """The methods of this tag, imported on first use."""
        from .purses import AsyncRawPurses

        return AsyncRawPurses(self._engine)

    @cached_property
    def transactions(self) -> AsyncRawTransactions:
        """The methods of this tag, imported on first use."""
        from .transactions import AsyncRawTransactions

        return AsyncRawTransactions(self._engine)

    @cached_property
    def subscriptions(self) -> AsyncRawSubscriptions:
        """The methods of this tag, imported on first use."""
        from .subscriptions import AsyncRawSubscriptions

        return AsyncRawSubscriptions(self._engine)
