"""The resource classes of the tag purses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..operations import purses as _operations

if TYPE_CHECKING:
    import builtins

    from .._engine import AsyncEngine, AsyncRawEngine, Engine, RawEngine, RawResponse
    from ..models.purse import Purse


class Purses:
    """All deposit addresses a customer has had, with their status.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(self, customer_id: str) -> builtins.list[Purse]:
        """Get a customer's purses.

        Returns every deposit address the customer has had, the expired and the declined ones too.

        Inferred, not documented. Path and summary are documented. That the request names a
        customer, that the answer is an array, and every field of its items are inferred.

        Source: docs.calypso.finance/api-reference/customer-purse-api (inferred, 2025-10).

        Safe to repeat: It only reads.

        Args:
            customer_id: Id of the customer.

        Returns:
            The purses, oldest first. Inferred, not documented.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.by_customer_id_payload import ByCustomerIdPayload

        return self._engine.call(
            _operations.GET_PURSES, ByCustomerIdPayload(customer_id=customer_id)
        )


class AsyncPurses:
    """All deposit addresses a customer has had, with their status.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def list(self, customer_id: str) -> builtins.list[Purse]:
        """Get a customer's purses.

        Returns every deposit address the customer has had, the expired and the declined ones too.

        Inferred, not documented. Path and summary are documented. That the request names a
        customer, that the answer is an array, and every field of its items are inferred.

        Source: docs.calypso.finance/api-reference/customer-purse-api (inferred, 2025-10).

        Safe to repeat: It only reads.

        Args:
            customer_id: Id of the customer.

        Returns:
            The purses, oldest first. Inferred, not documented.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.by_customer_id_payload import ByCustomerIdPayload

        return await self._engine.call(
            _operations.GET_PURSES, ByCustomerIdPayload(customer_id=customer_id)
        )


class RawPurses:
    """All deposit addresses a customer has had, with their status.

    The methods return whole answers: status, headers, bytes, and what was read from them.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: RawEngine) -> None:
        self._engine = engine

    def list(self, customer_id: str) -> RawResponse[builtins.list[Purse]]:
        """Get a customer's purses.

        Returns every deposit address the customer has had, the expired and the declined ones too.

        Inferred, not documented. Path and summary are documented. That the request names a
        customer, that the answer is an array, and every field of its items are inferred.

        Source: docs.calypso.finance/api-reference/customer-purse-api (inferred, 2025-10).

        Safe to repeat: It only reads.

        Args:
            customer_id: Id of the customer.

        Returns:
            The whole answer; its `parsed` is: The purses, oldest first. Inferred, not documented.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.by_customer_id_payload import ByCustomerIdPayload

        return self._engine.call(
            _operations.GET_PURSES, ByCustomerIdPayload(customer_id=customer_id)
        )


class AsyncRawPurses:
    """All deposit addresses a customer has had, with their status.

    The methods return whole answers: status, headers, bytes, and what was read from them.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: AsyncRawEngine) -> None:
        self._engine = engine

    async def list(self, customer_id: str) -> RawResponse[builtins.list[Purse]]:
        """Get a customer's purses.

        Returns every deposit address the customer has had, the expired and the declined ones too.

        Inferred, not documented. Path and summary are documented. That the request names a
        customer, that the answer is an array, and every field of its items are inferred.

        Source: docs.calypso.finance/api-reference/customer-purse-api (inferred, 2025-10).

        Safe to repeat: It only reads.

        Args:
            customer_id: Id of the customer.

        Returns:
            The whole answer; its `parsed` is: The purses, oldest first. Inferred, not documented.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.by_customer_id_payload import ByCustomerIdPayload

        return await self._engine.call(
            _operations.GET_PURSES, ByCustomerIdPayload(customer_id=customer_id)
        )
