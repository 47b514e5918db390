"""The resource classes of the tag transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import models as _models
from .._engine import AsyncEngine, AsyncRawEngine, Engine, RawEngine
from .._resource import Resource
from ..operations import transactions as _operations
from ..types import UNSET

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from .._engine import RawResponse
    from ..models.sort_direction import SortDirection
    from ..models.string_filter import StringFilter
    from ..models.transaction import Transaction
    from ..models.transaction_page import TransactionPage
    from ..models.transaction_state_filter import TransactionStateFilter
    from ..types import Unset


class Transactions(Resource[Engine]):
    """Deposits that arrived, or are arriving, at customers' addresses.

    Args:
        engine: Carries out the operations.
    """

    __slots__ = ()

    def get(self, transaction_id: str | UUID) -> Transaction:
        """Get a transaction.

        Returns one deposit. The vendor advises to fetch it again here after a webhook event of a
        final state.
        Safe to retry: It only reads.
        Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

        Args:
            transaction_id: Id of the transaction.

        Returns:
            The transaction.

        Raises:
            APIError: The server rejects the call; the subclass states why.
            TransportError: No readable response was received, and nothing was done twice.
            UnexpectedResponseError: The response does not match the API document.
            TypeError: An argument has the wrong type; nothing was sent.
            ValueError: A required argument, an id or a filter is empty; nothing was sent.
        """
        return self._engine.call(
            _operations.GET_TRANSACTION,
            _models.ByTransactionIdPayload(transaction_id=transaction_id),
        )

    def find(
        self,
        *,
        customer_id: str | UUID | Unset = UNSET,
        currency_filter: StringFilter | str | Sequence[str] | Unset = UNSET,
        transaction_state_filter: TransactionStateFilter | str | Sequence[str] | Unset = UNSET,
        page_number: int | Unset = UNSET,
        page_size: int | Unset = UNSET,
        sort: SortDirection | str | Unset = UNSET,
        properties: str | Unset = UNSET,
    ) -> TransactionPage:
        """Find transactions.

        Returns one page of the deposits that match every filter given. `total` in the response
        counts pages, not rows. Whether pages are numbered from 0 or from 1 is not known.
        Safe to retry: It only reads.
        Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

        Args:
            customer_id: Only deposits of this customer.
            currency_filter: Only deposits whose currency passes this filter.
            transaction_state_filter: Only deposits whose state passes this filter.
            page_number: Number of the page. Whether the first is 0 or 1 is not known.
            page_size: Rows a page.
            sort: Direction of the order.
            properties: Name of the field to order by; several are separated by commas.

        Returns:
            One page.

        Raises:
            APIError: The server rejects the call; the subclass states why.
            TransportError: No readable response was received, and nothing was done twice.
            UnexpectedResponseError: The response does not match the API document.
            TypeError: An argument has the wrong type; nothing was sent.
            ValueError: A required argument, an id or a filter is empty; nothing was sent.
        """
        return self._engine.call(
            _operations.FIND_TRANSACTIONS,
            _models.FindTransactionsPayload(
                customer_id=customer_id,
                currency_filter=currency_filter,
                transaction_state_filter=transaction_state_filter,
                page_number=page_number,
                page_size=page_size,
                sort=sort,
                properties=properties,
            ),
        )


class AsyncTransactions(Resource[AsyncEngine]):
    """Deposits that arrived, or are arriving, at customers' addresses.

    Args:
        engine: Carries out the operations.
    """

    __slots__ = ()

    async def get(self, transaction_id: str | UUID) -> Transaction:
        """Get a transaction.

        Returns one deposit. The vendor advises to fetch it again here after a webhook event of a
        final state.
        Safe to retry: It only reads.
        Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

        Args:
            transaction_id: Id of the transaction.

        Returns:
            The transaction.

        Raises:
            APIError: The server rejects the call; the subclass states why.
            TransportError: No readable response was received, and nothing was done twice.
            UnexpectedResponseError: The response does not match the API document.
            TypeError: An argument has the wrong type; nothing was sent.
            ValueError: A required argument, an id or a filter is empty; nothing was sent.
        """
        return await self._engine.call(
            _operations.GET_TRANSACTION,
            _models.ByTransactionIdPayload(transaction_id=transaction_id),
        )

    async def find(
        self,
        *,
        customer_id: str | UUID | Unset = UNSET,
        currency_filter: StringFilter | str | Sequence[str] | Unset = UNSET,
        transaction_state_filter: TransactionStateFilter | str | Sequence[str] | Unset = UNSET,
        page_number: int | Unset = UNSET,
        page_size: int | Unset = UNSET,
        sort: SortDirection | str | Unset = UNSET,
        properties: str | Unset = UNSET,
    ) -> TransactionPage:
        """Find transactions.

        Returns one page of the deposits that match every filter given. `total` in the response
        counts pages, not rows. Whether pages are numbered from 0 or from 1 is not known.
        Safe to retry: It only reads.
        Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

        Args:
            customer_id: Only deposits of this customer.
            currency_filter: Only deposits whose currency passes this filter.
            transaction_state_filter: Only deposits whose state passes this filter.
            page_number: Number of the page. Whether the first is 0 or 1 is not known.
            page_size: Rows a page.
            sort: Direction of the order.
            properties: Name of the field to order by; several are separated by commas.

        Returns:
            One page.

        Raises:
            APIError: The server rejects the call; the subclass states why.
            TransportError: No readable response was received, and nothing was done twice.
            UnexpectedResponseError: The response does not match the API document.
            TypeError: An argument has the wrong type; nothing was sent.
            ValueError: A required argument, an id or a filter is empty; nothing was sent.
        """
        return await self._engine.call(
            _operations.FIND_TRANSACTIONS,
            _models.FindTransactionsPayload(
                customer_id=customer_id,
                currency_filter=currency_filter,
                transaction_state_filter=transaction_state_filter,
                page_number=page_number,
                page_size=page_size,
                sort=sort,
                properties=properties,
            ),
        )


class RawTransactions(Resource[RawEngine]):
    """Like `Transactions`, with whole responses: status, headers and bytes."""

    __slots__ = ()

    def get(self, transaction_id: str | UUID) -> RawResponse[Transaction]:
        """Like `Transactions.get`, with the whole response."""
        return self._engine.call(
            _operations.GET_TRANSACTION,
            _models.ByTransactionIdPayload(transaction_id=transaction_id),
        )

    def find(
        self,
        *,
        customer_id: str | UUID | Unset = UNSET,
        currency_filter: StringFilter | str | Sequence[str] | Unset = UNSET,
        transaction_state_filter: TransactionStateFilter | str | Sequence[str] | Unset = UNSET,
        page_number: int | Unset = UNSET,
        page_size: int | Unset = UNSET,
        sort: SortDirection | str | Unset = UNSET,
        properties: str | Unset = UNSET,
    ) -> RawResponse[TransactionPage]:
        """Like `Transactions.find`, with the whole response."""
        return self._engine.call(
            _operations.FIND_TRANSACTIONS,
            _models.FindTransactionsPayload(
                customer_id=customer_id,
                currency_filter=currency_filter,
                transaction_state_filter=transaction_state_filter,
                page_number=page_number,
                page_size=page_size,
                sort=sort,
                properties=properties,
            ),
        )


class AsyncRawTransactions(Resource[AsyncRawEngine]):
    """Like `AsyncTransactions`, with whole responses: status, headers and bytes."""

    __slots__ = ()

    async def get(self, transaction_id: str | UUID) -> RawResponse[Transaction]:
        """Like `AsyncTransactions.get`, with the whole response."""
        return await self._engine.call(
            _operations.GET_TRANSACTION,
            _models.ByTransactionIdPayload(transaction_id=transaction_id),
        )

    async def find(
        self,
        *,
        customer_id: str | UUID | Unset = UNSET,
        currency_filter: StringFilter | str | Sequence[str] | Unset = UNSET,
        transaction_state_filter: TransactionStateFilter | str | Sequence[str] | Unset = UNSET,
        page_number: int | Unset = UNSET,
        page_size: int | Unset = UNSET,
        sort: SortDirection | str | Unset = UNSET,
        properties: str | Unset = UNSET,
    ) -> RawResponse[TransactionPage]:
        """Like `AsyncTransactions.find`, with the whole response."""
        return await self._engine.call(
            _operations.FIND_TRANSACTIONS,
            _models.FindTransactionsPayload(
                customer_id=customer_id,
                currency_filter=currency_filter,
                transaction_state_filter=transaction_state_filter,
                page_number=page_number,
                page_size=page_size,
                sort=sort,
                properties=properties,
            ),
        )
