"""The resource classes of the tag customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import models as _models
from .._engine import AsyncEngine, AsyncRawEngine, Engine, RawEngine
from .._resource import Resource
from ..operations import customers as _operations
from ..types import UNSET

if TYPE_CHECKING:
    from uuid import UUID

    from .._engine import RawResponse
    from ..models.customer import Customer
    from ..types import Unset


class Customers(Resource[Engine]):
    """The merchant's end customers, each of whom deposits to addresses of their own.

    Args:
        engine: Carries out the operations.
    """

    __slots__ = ()

    def create(
        self,
        *,
        email: str | Unset = UNSET,
        description: str | Unset = UNSET,
        external_id: str | Unset = UNSET,
    ) -> Customer:
        """Create a customer.

        Creates an end customer of the merchant.
        Not safe to retry: A second call makes a second customer, and the API has no look-up to find
        it.
        Source: docs.calypso.finance/docs/how-create-customer (documented, 2025-11).

        Args:
            email: E-mail address of the customer.
            description: Free text for the merchant's own use.
            external_id: The merchant's own id of the customer. Whether it has to be unique is
                not known. Inferred, not documented. Responses have it; requests may.

        Returns:
            The customer that was created.

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
            _operations.CREATE_CUSTOMER,
            _models.CreateCustomerPayload(
                email=email, description=description, external_id=external_id
            ),
        )

    def update(
        self,
        id: str | UUID,
        *,
        email: str | Unset = UNSET,
        description: str | Unset = UNSET,
        external_id: str | Unset = UNSET,
    ) -> Customer:
        """Update a customer.

        Changes the fields that are sent and leaves the others as they are.
        Safe to retry: Writing the same values twice ends in the same state.
        Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

        Args:
            id: Id of the customer.
            email: E-mail address of the customer.
            description: Free text for the merchant's own use.
            external_id: The merchant's own id of the customer. Inferred, not documented.
                Responses have it; requests may.

        Returns:
            The customer as it is now.

        Raises:
            APIError: The server rejects the call; the subclass states why.
            TransportError: No readable response was received, and nothing was done twice.
            UnexpectedResponseError: The response does not match the API document.
            TypeError: An argument has the wrong type; nothing was sent.
            ValueError: A required argument, an id or a filter is empty; nothing was sent.
        """
        return self._engine.call(
            _operations.UPDATE_CUSTOMER,
            _models.UpdateCustomerPayload(
                id=id, email=email, description=description, external_id=external_id
            ),
        )

    def block(self, customer_id: str | UUID) -> Customer:
        """Block a customer.

        Sets the customer's blocking flag. The addresses stay active and deposits are still credited
        to the merchant; webhook events about them have the flag.
        Safe to retry: A customer that is blocked already stays blocked.
        Source: docs.calypso.money/acquiring/customers/how-to-create-a-customer (documented, 2026).

        Args:
            customer_id: Id of the customer.

        Returns:
            The customer, blocked.

        Raises:
            APIError: The server rejects the call; the subclass states why.
            TransportError: No readable response was received, and nothing was done twice.
            UnexpectedResponseError: The response does not match the API document.
            TypeError: An argument has the wrong type; nothing was sent.
            ValueError: A required argument, an id or a filter is empty; nothing was sent.
        """
        return self._engine.call(
            _operations.BLOCK_CUSTOMER, _models.ByCustomerIdPayload(customer_id=customer_id)
        )

    def unblock(self, customer_id: str | UUID) -> Customer:
        """Unblock a customer.

        Clears the customer's blocking flag.
        Safe to retry: A customer that is not blocked stays so.
        Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

        Args:
            customer_id: Id of the customer.

        Returns:
            The customer, not blocked.

        Raises:
            APIError: The server rejects the call; the subclass states why.
            TransportError: No readable response was received, and nothing was done twice.
            UnexpectedResponseError: The response does not match the API document.
            TypeError: An argument has the wrong type; nothing was sent.
            ValueError: A required argument, an id or a filter is empty; nothing was sent.
        """
        return self._engine.call(
            _operations.UNBLOCK_CUSTOMER, _models.ByCustomerIdPayload(customer_id=customer_id)
        )


class AsyncCustomers(Resource[AsyncEngine]):
    """The merchant's end customers, each of whom deposits to addresses of their own.

    Args:
        engine: Carries out the operations.
    """

    __slots__ = ()

    async def create(
        self,
        *,
        email: str | Unset = UNSET,
        description: str | Unset = UNSET,
        external_id: str | Unset = UNSET,
    ) -> Customer:
        """Create a customer.

        Creates an end customer of the merchant.
        Not safe to retry: A second call makes a second customer, and the API has no look-up to find
        it.
        Source: docs.calypso.finance/docs/how-create-customer (documented, 2025-11).

        Args:
            email: E-mail address of the customer.
            description: Free text for the merchant's own use.
            external_id: The merchant's own id of the customer. Whether it has to be unique is
                not known. Inferred, not documented. Responses have it; requests may.

        Returns:
            The customer that was created.

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
            _operations.CREATE_CUSTOMER,
            _models.CreateCustomerPayload(
                email=email, description=description, external_id=external_id
            ),
        )

    async def update(
        self,
        id: str | UUID,
        *,
        email: str | Unset = UNSET,
        description: str | Unset = UNSET,
        external_id: str | Unset = UNSET,
    ) -> Customer:
        """Update a customer.

        Changes the fields that are sent and leaves the others as they are.
        Safe to retry: Writing the same values twice ends in the same state.
        Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

        Args:
            id: Id of the customer.
            email: E-mail address of the customer.
            description: Free text for the merchant's own use.
            external_id: The merchant's own id of the customer. Inferred, not documented.
                Responses have it; requests may.

        Returns:
            The customer as it is now.

        Raises:
            APIError: The server rejects the call; the subclass states why.
            TransportError: No readable response was received, and nothing was done twice.
            UnexpectedResponseError: The response does not match the API document.
            TypeError: An argument has the wrong type; nothing was sent.
            ValueError: A required argument, an id or a filter is empty; nothing was sent.
        """
        return await self._engine.call(
            _operations.UPDATE_CUSTOMER,
            _models.UpdateCustomerPayload(
                id=id, email=email, description=description, external_id=external_id
            ),
        )

    async def block(self, customer_id: str | UUID) -> Customer:
        """Block a customer.

        Sets the customer's blocking flag. The addresses stay active and deposits are still credited
        to the merchant; webhook events about them have the flag.
        Safe to retry: A customer that is blocked already stays blocked.
        Source: docs.calypso.money/acquiring/customers/how-to-create-a-customer (documented, 2026).

        Args:
            customer_id: Id of the customer.

        Returns:
            The customer, blocked.

        Raises:
            APIError: The server rejects the call; the subclass states why.
            TransportError: No readable response was received, and nothing was done twice.
            UnexpectedResponseError: The response does not match the API document.
            TypeError: An argument has the wrong type; nothing was sent.
            ValueError: A required argument, an id or a filter is empty; nothing was sent.
        """
        return await self._engine.call(
            _operations.BLOCK_CUSTOMER, _models.ByCustomerIdPayload(customer_id=customer_id)
        )

    async def unblock(self, customer_id: str | UUID) -> Customer:
        """Unblock a customer.

        Clears the customer's blocking flag.
        Safe to retry: A customer that is not blocked stays so.
        Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

        Args:
            customer_id: Id of the customer.

        Returns:
            The customer, not blocked.

        Raises:
            APIError: The server rejects the call; the subclass states why.
            TransportError: No readable response was received, and nothing was done twice.
            UnexpectedResponseError: The response does not match the API document.
            TypeError: An argument has the wrong type; nothing was sent.
            ValueError: A required argument, an id or a filter is empty; nothing was sent.
        """
        return await self._engine.call(
            _operations.UNBLOCK_CUSTOMER, _models.ByCustomerIdPayload(customer_id=customer_id)
        )


class RawCustomers(Resource[RawEngine]):
    """Like `Customers`, with whole responses: status, headers and bytes."""

    __slots__ = ()

    def create(
        self,
        *,
        email: str | Unset = UNSET,
        description: str | Unset = UNSET,
        external_id: str | Unset = UNSET,
    ) -> RawResponse[Customer]:
        """Like `Customers.create`, with the whole response."""
        return self._engine.call(
            _operations.CREATE_CUSTOMER,
            _models.CreateCustomerPayload(
                email=email, description=description, external_id=external_id
            ),
        )

    def update(
        self,
        id: str | UUID,
        *,
        email: str | Unset = UNSET,
        description: str | Unset = UNSET,
        external_id: str | Unset = UNSET,
    ) -> RawResponse[Customer]:
        """Like `Customers.update`, with the whole response."""
        return self._engine.call(
            _operations.UPDATE_CUSTOMER,
            _models.UpdateCustomerPayload(
                id=id, email=email, description=description, external_id=external_id
            ),
        )

    def block(self, customer_id: str | UUID) -> RawResponse[Customer]:
        """Like `Customers.block`, with the whole response."""
        return self._engine.call(
            _operations.BLOCK_CUSTOMER, _models.ByCustomerIdPayload(customer_id=customer_id)
        )

    def unblock(self, customer_id: str | UUID) -> RawResponse[Customer]:
        """Like `Customers.unblock`, with the whole response."""
        return self._engine.call(
            _operations.UNBLOCK_CUSTOMER, _models.ByCustomerIdPayload(customer_id=customer_id)
        )


class AsyncRawCustomers(Resource[AsyncRawEngine]):
    """Like `AsyncCustomers`, with whole responses: status, headers and bytes."""

    __slots__ = ()

    async def create(
        self,
        *,
        email: str | Unset = UNSET,
        description: str | Unset = UNSET,
        external_id: str | Unset = UNSET,
    ) -> RawResponse[Customer]:
        """Like `AsyncCustomers.create`, with the whole response."""
        return await self._engine.call(
            _operations.CREATE_CUSTOMER,
            _models.CreateCustomerPayload(
                email=email, description=description, external_id=external_id
            ),
        )

    async def update(
        self,
        id: str | UUID,
        *,
        email: str | Unset = UNSET,
        description: str | Unset = UNSET,
        external_id: str | Unset = UNSET,
    ) -> RawResponse[Customer]:
        """Like `AsyncCustomers.update`, with the whole response."""
        return await self._engine.call(
            _operations.UPDATE_CUSTOMER,
            _models.UpdateCustomerPayload(
                id=id, email=email, description=description, external_id=external_id
            ),
        )

    async def block(self, customer_id: str | UUID) -> RawResponse[Customer]:
        """Like `AsyncCustomers.block`, with the whole response."""
        return await self._engine.call(
            _operations.BLOCK_CUSTOMER, _models.ByCustomerIdPayload(customer_id=customer_id)
        )

    async def unblock(self, customer_id: str | UUID) -> RawResponse[Customer]:
        """Like `AsyncCustomers.unblock`, with the whole response."""
        return await self._engine.call(
            _operations.UNBLOCK_CUSTOMER, _models.ByCustomerIdPayload(customer_id=customer_id)
        )
