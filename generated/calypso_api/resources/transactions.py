"""The resource classes of the tag transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..operations import transactions as _operations
from ..types import UNSET

if TYPE_CHECKING:
    from .._engine import AsyncEngine, AsyncRawEngine, Engine, RawEngine, RawResponse
    from ..models.sort_direction import SortDirection
    from ..models.string_filter import StringFilter
    from ..models.transaction import Transaction
    from ..models.transaction_page import TransactionPage
    from ..models.transaction_state_filter import TransactionStateFilter
    from ..types import Unset


class Transactions:
    """Deposits that arrived, or are arriving, at customers' addresses.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, transaction_id: str) -> Transaction:
        """Get a transaction.

        Returns one deposit. The vendor advises to read it again here when a notification tells of a
        final state.

        Pages disagree. In use here: POST /api/v1/customer-purse/transaction/get. Elsewhere: GET
        purse-transaction.

        Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

        Safe to repeat: It only reads.

        Args:
            transaction_id: Id of the transaction.

        Returns:
            The transaction.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.by_transaction_id_payload import ByTransactionIdPayload

        return self._engine.call(
            _operations.GET_TRANSACTION, ByTransactionIdPayload(transaction_id=transaction_id)
        )

    def find(
        self,
        *,
        customer_id: str | Unset = UNSET,
        currency_filter: StringFilter | Unset = UNSET,
        transaction_state_filter: TransactionStateFilter | Unset = UNSET,
        page_number: int | Unset = UNSET,
        page_size: int | Unset = UNSET,
        sort: SortDirection | str | Unset = UNSET,
        properties: str | Unset = UNSET,
    ) -> TransactionPage:
        """Find transactions.

        Returns one page of the deposits that match every filter given. `total` in the answer counts
        pages, not rows. Whether pages are numbered from 0 or from 1 is not known.

        The fields are documented by example. Which of them are required, the defaults, the largest
        page and the page base are not; here all are optional.

        Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

        Safe to repeat: It only reads.

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
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.find_transactions_payload import FindTransactionsPayload

        return self._engine.call(
            _operations.FIND_TRANSACTIONS,
            FindTransactionsPayload(
                customer_id=customer_id,
                currency_filter=currency_filter,
                transaction_state_filter=transaction_state_filter,
                page_number=page_number,
                page_size=page_size,
                sort=sort,
                properties=properties,
            ),
        )


class AsyncTransactions:
    """Deposits that arrived, or are arriving, at customers' addresses.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def get(self, transaction_id: str) -> Transaction:
        """Get a transaction.

        Returns one deposit. The vendor advises to read it again here when a notification tells of a
        final state.

        Pages disagree. In use here: POST /api/v1/customer-purse/transaction/get. Elsewhere: GET
        purse-transaction.

        Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

        Safe to repeat: It only reads.

        Args:
            transaction_id: Id of the transaction.

        Returns:
            The transaction.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.by_transaction_id_payload import ByTransactionIdPayload

        return await self._engine.call(
            _operations.GET_TRANSACTION, ByTransactionIdPayload(transaction_id=transaction_id)
        )

    async def find(
        self,
        *,
        customer_id: str | Unset = UNSET,
        currency_filter: StringFilter | Unset = UNSET,
        transaction_state_filter: TransactionStateFilter | Unset = UNSET,
        page_number: int | Unset = UNSET,
        page_size: int | Unset = UNSET,
        sort: SortDirection | str | Unset = UNSET,
        properties: str | Unset = UNSET,
    ) -> TransactionPage:
        """Find transactions.

        Returns one page of the deposits that match every filter given. `total` in the answer counts
        pages, not rows. Whether pages are numbered from 0 or from 1 is not known.

        The fields are documented by example. Which of them are required, the defaults, the largest
        page and the page base are not; here all are optional.

        Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

        Safe to repeat: It only reads.

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
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.find_transactions_payload import FindTransactionsPayload

        return await self._engine.call(
            _operations.FIND_TRANSACTIONS,
            FindTransactionsPayload(
                customer_id=customer_id,
                currency_filter=currency_filter,
                transaction_state_filter=transaction_state_filter,
                page_number=page_number,
                page_size=page_size,
                sort=sort,
                properties=properties,
            ),
        )


class RawTransactions:
    """Deposits that arrived, or are arriving, at customers' addresses.

    The methods return whole answers: status, headers, bytes, and what was read from them.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: RawEngine) -> None:
        self._engine = engine

    def get(self, transaction_id: str) -> RawResponse[Transaction]:
        """Get a transaction.

        Returns one deposit. The vendor advises to read it again here when a notification tells of a
        final state.

        Pages disagree. In use here: POST /api/v1/customer-purse/transaction/get. Elsewhere: GET
        purse-transaction.

        Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

        Safe to repeat: It only reads.

        Args:
            transaction_id: Id of the transaction.

        Returns:
            The whole answer; its `parsed` is: The transaction.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.by_transaction_id_payload import ByTransactionIdPayload

        return self._engine.call(
            _operations.GET_TRANSACTION, ByTransactionIdPayload(transaction_id=transaction_id)
        )

    def find(
        self,
        *,
        customer_id: str | Unset = UNSET,
        currency_filter: StringFilter | Unset = UNSET,
        transaction_state_filter: TransactionStateFilter | Unset = UNSET,
        page_number: int | Unset = UNSET,
        page_size: int | Unset = UNSET,
        sort: SortDirection | str | Unset = UNSET,
        properties: str | Unset = UNSET,
    ) -> RawResponse[TransactionPage]:
        """Find transactions.

        Returns one page of the deposits that match every filter given. `total` in the answer counts
        pages, not rows. Whether pages are numbered from 0 or from 1 is not known.

        The fields are documented by example. Which of them are required, the defaults, the largest
        page and the page base are not; here all are optional.

        Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

        Safe to repeat: It only reads.

        Args:
            customer_id: Only deposits of this customer.
            currency_filter: Only deposits whose currency passes this filter.
            transaction_state_filter: Only deposits whose state passes this filter.
            page_number: Number of the page. Whether the first is 0 or 1 is not known.
            page_size: Rows a page.
            sort: Direction of the order.
            properties: Name of the field to order by; several are separated by commas.

        Returns:
            The whole answer; its `parsed` is: One page.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.find_transactions_payload import FindTransactionsPayload

        return self._engine.call(
            _operations.FIND_TRANSACTIONS,
            FindTransactionsPayload(
                customer_id=customer_id,
                currency_filter=currency_filter,
                transaction_state_filter=transaction_state_filter,
                page_number=page_number,
                page_size=page_size,
                sort=sort,
                properties=properties,
            ),
        )


class AsyncRawTransactions:
    """Deposits that arrived, or are arriving, at customers' addresses.

    The methods return whole answers: status, headers, bytes, and what was read from them.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: AsyncRawEngine) -> None:
        self._engine = engine

    async def get(self, transaction_id: str) -> RawResponse[Transaction]:
        """Get a transaction.

        Returns one deposit. The vendor advises to read it again here when a notification tells of a
        final state.

        Pages disagree. In use here: POST /api/v1/customer-purse/transaction/get. Elsewhere: GET
        purse-transaction.

        Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

        Safe to repeat: It only reads.

        Args:
            transaction_id: Id of the transaction.

        Returns:
            The whole answer; its `parsed` is: The transaction.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.by_transaction_id_payload import ByTransactionIdPayload

        return await self._engine.call(
            _operations.GET_TRANSACTION, ByTransactionIdPayload(transaction_id=transaction_id)
        )

    async def find(
        self,
        *,
        customer_id: str | Unset = UNSET,
        currency_filter: StringFilter | Unset = UNSET,
        transaction_state_filter: TransactionStateFilter | Unset = UNSET,
        page_number: int | Unset = UNSET,
        page_size: int | Unset = UNSET,
        sort: SortDirection | str | Unset = UNSET,
        properties: str | Unset = UNSET,
    ) -> RawResponse[TransactionPage]:
        """Find transactions.

        Returns one page of the deposits that match every filter given. `total` in the answer counts
        pages, not rows. Whether pages are numbered from 0 or from 1 is not known.

        The fields are documented by example. Which of them are required, the defaults, the largest
        page and the page base are not; here all are optional.

        Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

        Safe to repeat: It only reads.

        Args:
            customer_id: Only deposits of this customer.
            currency_filter: Only deposits whose currency passes this filter.
            transaction_state_filter: Only deposits whose state passes this filter.
            page_number: Number of the page. Whether the first is 0 or 1 is not known.
            page_size: Rows a page.
            sort: Direction of the order.
            properties: Name of the field to order by; several are separated by commas.

        Returns:
            The whole answer; its `parsed` is: One page.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.find_transactions_payload import FindTransactionsPayload

        return await self._engine.call(
            _operations.FIND_TRANSACTIONS,
            FindTransactionsPayload(
                customer_id=customer_id,
                currency_filter=currency_filter,
                transaction_state_filter=transaction_state_filter,
                page_number=page_number,
                page_size=page_size,
                sort=sort,
                properties=properties,
            ),
        )
