"""The resource classes of the tag customers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..operations import customers as _operations
from ..types import UNSET

if TYPE_CHECKING:
    from .._engine import AsyncEngine, AsyncRawEngine, Engine, RawEngine, RawResponse
    from ..models.customer import Customer
    from ..types import Unset


class Customers:
    """The merchant's end customers, each of whom deposits to addresses of their own.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(
        self,
        *,
        email: str | Unset = UNSET,
        description: str | Unset = UNSET,
        external_id: str | Unset = UNSET,
    ) -> Customer:
        """Create a customer.

        Creates an end customer of the merchant. The API offers no way to look customers up, so keep
        the id that comes back.

        The guides name neither required fields nor lengths. Pages disagree. In use here: POST
        /api/v1/customer-purse/customer/create. Elsewhere: PUT customer.

        Source: docs.calypso.finance/how-create-customer,
        docs.calypso.money/acquiring/customers/how-to-create-a-customer (documented, 2025-11).

        Not safe to repeat: A second call makes a second customer, and the API has no look-up to
        find it. It is at worst a customer that nobody uses, and moves no money.

        Args:
            email: E-mail address of the customer.
            description: Free text for the merchant's own use.
            external_id: The merchant's own id of the customer. Whether it has to be unique is
                not known. Inferred, not documented. Answers carry it; requests may.

        Returns:
            The customer that was created.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.create_customer_payload import CreateCustomerPayload

        return self._engine.call(
            _operations.CREATE_CUSTOMER,
            CreateCustomerPayload(email=email, description=description, external_id=external_id),
        )

    def update(
        self,
        id: str,
        *,
        email: str | Unset = UNSET,
        description: str | Unset = UNSET,
        external_id: str | Unset = UNSET,
    ) -> Customer:
        """Update a customer.

        Changes the fields that are sent and leaves the others as they are.

        That a field left out stays as it was is inferred.

        Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

        Safe to repeat: Writing the same values twice ends in the same state.

        Args:
            id: Id of the customer.
            email: E-mail address of the customer.
            description: Free text for the merchant's own use.
            external_id: The merchant's own id of the customer. Inferred, not documented.
                Answers carry it; requests may.

        Returns:
            The customer as it is now.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.update_customer_payload import UpdateCustomerPayload

        return self._engine.call(
            _operations.UPDATE_CUSTOMER,
            UpdateCustomerPayload(
                id=id, email=email, description=description, external_id=external_id
            ),
        )

    def block(self, customer_id: str) -> Customer:
        """Block a customer.

        Sets the customer's blocking flag. The addresses stay active and deposits are still credited
        to the merchant; notifications about them carry the flag.

        The guides describe the call; its path is inferred from the paths beside it.

        Source: docs.calypso.money/acquiring/customers/how-to-create-a-customer,
        docs.calypso.finance/docs/customers (documented, 2026).

        Safe to repeat: A customer that is blocked already stays blocked.

        Args:
            customer_id: Id of the customer.

        Returns:
            The customer, blocked.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.by_customer_id_payload import ByCustomerIdPayload

        return self._engine.call(
            _operations.BLOCK_CUSTOMER, ByCustomerIdPayload(customer_id=customer_id)
        )

    def unblock(self, customer_id: str) -> Customer:
        """Unblock a customer.

        Clears the customer's blocking flag.

        The operation is listed; its path is inferred from the paths beside it.

        Source: docs.calypso.finance/api-reference/customer-purse-api,
        docs.calypso.money/acquiring/customers/how-to-create-a-customer (documented, 2025-10).

        Safe to repeat: A customer that is not blocked stays so.

        Args:
            customer_id: Id of the customer.

        Returns:
            The customer, not blocked.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.by_customer_id_payload import ByCustomerIdPayload

        return self._engine.call(
            _operations.UNBLOCK_CUSTOMER, ByCustomerIdPayload(customer_id=customer_id)
        )


class AsyncCustomers:
    """The merchant's end customers, each of whom deposits to addresses of their own.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(
        self,
        *,
        email: str | Unset = UNSET,
        description: str | Unset = UNSET,
        external_id: str | Unset = UNSET,
    ) -> Customer:
        """Create a customer.

        Creates an end customer of the merchant. The API offers no way to look customers up, so keep
        the id that comes back.

        The guides name neither required fields nor lengths. Pages disagree. In use here: POST
        /api/v1/customer-purse/customer/create. Elsewhere: PUT customer.

        Source: docs.calypso.finance/how-create-customer,
        docs.calypso.money/acquiring/customers/how-to-create-a-customer (documented, 2025-11).

        Not safe to repeat: A second call makes a second customer, and the API has no look-up to
        find it. It is at worst a customer that nobody uses, and moves no money.

        Args:
            email: E-mail address of the customer.
            description: Free text for the merchant's own use.
            external_id: The merchant's own id of the customer. Whether it has to be unique is
                not known. Inferred, not documented. Answers carry it; requests may.

        Returns:
            The customer that was created.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.create_customer_payload import CreateCustomerPayload

        return await self._engine.call(
            _operations.CREATE_CUSTOMER,
            CreateCustomerPayload(email=email, description=description, external_id=external_id),
        )

    async def update(
        self,
        id: str,
        *,
        email: str | Unset = UNSET,
        description: str | Unset = UNSET,
        external_id: str | Unset = UNSET,
    ) -> Customer:
        """Update a customer.

        Changes the fields that are sent and leaves the others as they are.

        That a field left out stays as it was is inferred.

        Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

        Safe to repeat: Writing the same values twice ends in the same state.

        Args:
            id: Id of the customer.
            email: E-mail address of the customer.
            description: Free text for the merchant's own use.
            external_id: The merchant's own id of the customer. Inferred, not documented.
                Answers carry it; requests may.

        Returns:
            The customer as it is now.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.update_customer_payload import UpdateCustomerPayload

        return await self._engine.call(
            _operations.UPDATE_CUSTOMER,
            UpdateCustomerPayload(
                id=id, email=email, description=description, external_id=external_id
            ),
        )

    async def block(self, customer_id: str) -> Customer:
        """Block a customer.

        Sets the customer's blocking flag. The addresses stay active and deposits are still credited
        to the merchant; notifications about them carry the flag.

        The guides describe the call; its path is inferred from the paths beside it.

        Source: docs.calypso.money/acquiring/customers/how-to-create-a-customer,
        docs.calypso.finance/docs/customers (documented, 2026).

        Safe to repeat: A customer that is blocked already stays blocked.

        Args:
            customer_id: Id of the customer.

        Returns:
            The customer, blocked.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.by_customer_id_payload import ByCustomerIdPayload

        return await self._engine.call(
            _operations.BLOCK_CUSTOMER, ByCustomerIdPayload(customer_id=customer_id)
        )

    async def unblock(self, customer_id: str) -> Customer:
        """Unblock a customer.

        Clears the customer's blocking flag.

        The operation is listed; its path is inferred from the paths beside it.

        Source: docs.calypso.finance/api-reference/customer-purse-api,
        docs.calypso.money/acquiring/customers/how-to-create-a-customer (documented, 2025-10).

        Safe to repeat: A customer that is not blocked stays so.

        Args:
            customer_id: Id of the customer.

        Returns:
            The customer, not blocked.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.by_customer_id_payload import ByCustomerIdPayload

        return await self._engine.call(
            _operations.UNBLOCK_CUSTOMER, ByCustomerIdPayload(customer_id=customer_id)
        )


class RawCustomers:
    """The merchant's end customers, each of whom deposits to addresses of their own.

    The methods return whole answers: status, headers, bytes, and what was read from them.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: RawEngine) -> None:
        self._engine = engine

    def create(
        self,
        *,
        email: str | Unset = UNSET,
        description: str | Unset = UNSET,
        external_id: str | Unset = UNSET,
    ) -> RawResponse[Customer]:
        """Create a customer.

        Creates an end customer of the merchant. The API offers no way to look customers up, so keep
        the id that comes back.

        The guides name neither required fields nor lengths. Pages disagree. In use here: POST
        /api/v1/customer-purse/customer/create. Elsewhere: PUT customer.

        Source: docs.calypso.finance/how-create-customer,
        docs.calypso.money/acquiring/customers/how-to-create-a-customer (documented, 2025-11).

        Not safe to repeat: A second call makes a second customer, and the API has no look-up to
        find it. It is at worst a customer that nobody uses, and moves no money.

        Args:
            email: E-mail address of the customer.
            description: Free text for the merchant's own use.
            external_id: The merchant's own id of the customer. Whether it has to be unique is
                not known. Inferred, not documented. Answers carry it; requests may.

        Returns:
            The whole answer; its `parsed` is: The customer that was created.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.create_customer_payload import CreateCustomerPayload

        return self._engine.call(
            _operations.CREATE_CUSTOMER,
            CreateCustomerPayload(email=email, description=description, external_id=external_id),
        )

    def update(
        self,
        id: str,
        *,
        email: str | Unset = UNSET,
        description: str | Unset = UNSET,
        external_id: str | Unset = UNSET,
    ) -> RawResponse[Customer]:
        """Update a customer.

        Changes the fields that are sent and leaves the others as they are.

        That a field left out stays as it was is inferred.

        Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

        Safe to repeat: Writing the same values twice ends in the same state.

        Args:
            id: Id of the customer.
            email: E-mail address of the customer.
            description: Free text for the merchant's own use.
            external_id: The merchant's own id of the customer. Inferred, not documented.
                Answers carry it; requests may.

        Returns:
            The whole answer; its `parsed` is: The customer as it is now.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.update_customer_payload import UpdateCustomerPayload

        return self._engine.call(
            _operations.UPDATE_CUSTOMER,
            UpdateCustomerPayload(
                id=id, email=email, description=description, external_id=external_id
            ),
        )

    def block(self, customer_id: str) -> RawResponse[Customer]:
        """Block a customer.

        Sets the customer's blocking flag. The addresses stay active and deposits are still credited
        to the merchant; notifications about them carry the flag.

        The guides describe the call; its path is inferred from the paths beside it.

        Source: docs.calypso.money/acquiring/customers/how-to-create-a-customer,
        docs.calypso.finance/docs/customers (documented, 2026).

        Safe to repeat: A customer that is blocked already stays blocked.

        Args:
            customer_id: Id of the customer.

        Returns:
            The whole answer; its `parsed` is: The customer, blocked.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.by_customer_id_payload import ByCustomerIdPayload

        return self._engine.call(
            _operations.BLOCK_CUSTOMER, ByCustomerIdPayload(customer_id=customer_id)
        )

    def unblock(self, customer_id: str) -> RawResponse[Customer]:
        """Unblock a customer.

        Clears the customer's blocking flag.

        The operation is listed; its path is inferred from the paths beside it.

        Source: docs.calypso.finance/api-reference/customer-purse-api,
        docs.calypso.money/acquiring/customers/how-to-create-a-customer (documented, 2025-10).

        Safe to repeat: A customer that is not blocked stays so.

        Args:
            customer_id: Id of the customer.

        Returns:
            The whole answer; its `parsed` is: The customer, not blocked.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.by_customer_id_payload import ByCustomerIdPayload

        return self._engine.call(
            _operations.UNBLOCK_CUSTOMER, ByCustomerIdPayload(customer_id=customer_id)
        )


class AsyncRawCustomers:
    """The merchant's end customers, each of whom deposits to addresses of their own.

    The methods return whole answers: status, headers, bytes, and what was read from them.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: AsyncRawEngine) -> None:
        self._engine = engine

    async def create(
        self,
        *,
        email: str | Unset = UNSET,
        description: str | Unset = UNSET,
        external_id: str | Unset = UNSET,
    ) -> RawResponse[Customer]:
        """Create a customer.

        Creates an end customer of the merchant. The API offers no way to look customers up, so keep
        the id that comes back.

        The guides name neither required fields nor lengths. Pages disagree. In use here: POST
        /api/v1/customer-purse/customer/create. Elsewhere: PUT customer.

        Source: docs.calypso.finance/how-create-customer,
        docs.calypso.money/acquiring/customers/how-to-create-a-customer (documented, 2025-11).

        Not safe to repeat: A second call makes a second customer, and the API has no look-up to
        find it. It is at worst a customer that nobody uses, and moves no money.

        Args:
            email: E-mail address of the customer.
            description: Free text for the merchant's own use.
            external_id: The merchant's own id of the customer. Whether it has to be unique is
                not known. Inferred, not documented. Answers carry it; requests may.

        Returns:
            The whole answer; its `parsed` is: The customer that was created.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.create_customer_payload import CreateCustomerPayload

        return await self._engine.call(
            _operations.CREATE_CUSTOMER,
            CreateCustomerPayload(email=email, description=description, external_id=external_id),
        )

    async def update(
        self,
        id: str,
        *,
        email: str | Unset = UNSET,
        description: str | Unset = UNSET,
        external_id: str | Unset = UNSET,
    ) -> RawResponse[Customer]:
        """Update a customer.

        Changes the fields that are sent and leaves the others as they are.

        That a field left out stays as it was is inferred.

        Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

        Safe to repeat: Writing the same values twice ends in the same state.

        Args:
            id: Id of the customer.
            email: E-mail address of the customer.
            description: Free text for the merchant's own use.
            external_id: The merchant's own id of the customer. Inferred, not documented.
                Answers carry it; requests may.

        Returns:
            The whole answer; its `parsed` is: The customer as it is now.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.update_customer_payload import UpdateCustomerPayload

        return await self._engine.call(
            _operations.UPDATE_CUSTOMER,
            UpdateCustomerPayload(
                id=id, email=email, description=description, external_id=external_id
            ),
        )

    async def block(self, customer_id: str) -> RawResponse[Customer]:
        """Block a customer.

        Sets the customer's blocking flag. The addresses stay active and deposits are still credited
        to the merchant; notifications about them carry the flag.

        The guides describe the call; its path is inferred from the paths beside it.

        Source: docs.calypso.money/acquiring/customers/how-to-create-a-customer,
        docs.calypso.finance/docs/customers (documented, 2026).

        Safe to repeat: A customer that is blocked already stays blocked.

        Args:
            customer_id: Id of the customer.

        Returns:
            The whole answer; its `parsed` is: The customer, blocked.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.by_customer_id_payload import ByCustomerIdPayload

        return await self._engine.call(
            _operations.BLOCK_CUSTOMER, ByCustomerIdPayload(customer_id=customer_id)
        )

    async def unblock(self, customer_id: str) -> RawResponse[Customer]:
        """Unblock a customer.

        Clears the customer's blocking flag.

        The operation is listed; its path is inferred from the paths beside it.

        Source: docs.calypso.finance/api-reference/customer-purse-api,
        docs.calypso.money/acquiring/customers/how-to-create-a-customer (documented, 2025-10).

        Safe to repeat: A customer that is not blocked stays so.

        Args:
            customer_id: Id of the customer.

        Returns:
            The whole answer; its `parsed` is: The customer, not blocked.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.by_customer_id_payload import ByCustomerIdPayload

        return await self._engine.call(
            _operations.UNBLOCK_CUSTOMER, ByCustomerIdPayload(customer_id=customer_id)
        )
