"""The resource classes of the tag addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..operations import addresses as _operations

if TYPE_CHECKING:
    from .._engine import AsyncEngine, AsyncRawEngine, Engine, RawEngine, RawResponse
    from ..models.deposit_address import DepositAddress


class Addresses:
    """Deposit addresses handed out to customers.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, *, customer_id: str, currency: str) -> DepositAddress:
        """Get a deposit address.

        Returns the address to which this customer deposits this currency. Currencies that share an
        address format share one address: the same one receives ETH, USDT_BSC and POL. An address
        that receives nothing for 30 days expires; one with deposits lives 12 months from the last
        of them.

        That a repeated call returns the same live address is inferred. An early guide named the
        verb GET. Pages disagree. In use here: 30 days without a deposit, or 12 months from the last
        one. Elsewhere: 30 days without a deposit, nothing said of later.

        Source: docs.calypso.finance/how-to-get-purse,
        docs.calypso.money/acquiring/customers/how-to-get-a-deposit-address-for-a-sustomer
        (documented, 2026).

        Safe to repeat: A repeated call returns the address that is live already; at worst the
        customer has a second one.

        Args:
            customer_id: Id of the customer.
            currency: Code of the currency: a coin's ticker, or a token's with the suffix of its
                chain. Without a suffix USDT and USDC are the tokens on Ethereum; _TRX is Tron, _BSC
                BNB Smart Chain, _MATIC Polygon.

        Returns:
            The address.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.get_address_payload import GetAddressPayload

        return self._engine.call(
            _operations.GET_ADDRESS, GetAddressPayload(customer_id=customer_id, currency=currency)
        )


class AsyncAddresses:
    """Deposit addresses handed out to customers.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def get(self, *, customer_id: str, currency: str) -> DepositAddress:
        """Get a deposit address.

        Returns the address to which this customer deposits this currency. Currencies that share an
        address format share one address: the same one receives ETH, USDT_BSC and POL. An address
        that receives nothing for 30 days expires; one with deposits lives 12 months from the last
        of them.

        That a repeated call returns the same live address is inferred. An early guide named the
        verb GET. Pages disagree. In use here: 30 days without a deposit, or 12 months from the last
        one. Elsewhere: 30 days without a deposit, nothing said of later.

        Source: docs.calypso.finance/how-to-get-purse,
        docs.calypso.money/acquiring/customers/how-to-get-a-deposit-address-for-a-sustomer
        (documented, 2026).

        Safe to repeat: A repeated call returns the address that is live already; at worst the
        customer has a second one.

        Args:
            customer_id: Id of the customer.
            currency: Code of the currency: a coin's ticker, or a token's with the suffix of its
                chain. Without a suffix USDT and USDC are the tokens on Ethereum; _TRX is Tron, _BSC
                BNB Smart Chain, _MATIC Polygon.

        Returns:
            The address.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.get_address_payload import GetAddressPayload

        return await self._engine.call(
            _operations.GET_ADDRESS, GetAddressPayload(customer_id=customer_id, currency=currency)
        )


class RawAddresses:
    """Deposit addresses handed out to customers.

    The methods return whole answers: status, headers, bytes, and what was read from them.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: RawEngine) -> None:
        self._engine = engine

    def get(self, *, customer_id: str, currency: str) -> RawResponse[DepositAddress]:
        """Get a deposit address.

        Returns the address to which this customer deposits this currency. Currencies that share an
        address format share one address: the same one receives ETH, USDT_BSC and POL. An address
        that receives nothing for 30 days expires; one with deposits lives 12 months from the last
        of them.

        That a repeated call returns the same live address is inferred. An early guide named the
        verb GET. Pages disagree. In use here: 30 days without a deposit, or 12 months from the last
        one. Elsewhere: 30 days without a deposit, nothing said of later.

        Source: docs.calypso.finance/how-to-get-purse,
        docs.calypso.money/acquiring/customers/how-to-get-a-deposit-address-for-a-sustomer
        (documented, 2026).

        Safe to repeat: A repeated call returns the address that is live already; at worst the
        customer has a second one.

        Args:
            customer_id: Id of the customer.
            currency: Code of the currency: a coin's ticker, or a token's with the suffix of its
                chain. Without a suffix USDT and USDC are the tokens on Ethereum; _TRX is Tron, _BSC
                BNB Smart Chain, _MATIC Polygon.

        Returns:
            The whole answer; its `parsed` is: The address.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.get_address_payload import GetAddressPayload

        return self._engine.call(
            _operations.GET_ADDRESS, GetAddressPayload(customer_id=customer_id, currency=currency)
        )


class AsyncRawAddresses:
    """Deposit addresses handed out to customers.

    The methods return whole answers: status, headers, bytes, and what was read from them.

    Args:
        engine: Carries the operations out.
    """

    __slots__ = ("_engine",)

    def __init__(self, engine: AsyncRawEngine) -> None:
        self._engine = engine

    async def get(self, *, customer_id: str, currency: str) -> RawResponse[DepositAddress]:
        """Get a deposit address.

        Returns the address to which this customer deposits this currency. Currencies that share an
        address format share one address: the same one receives ETH, USDT_BSC and POL. An address
        that receives nothing for 30 days expires; one with deposits lives 12 months from the last
        of them.

        That a repeated call returns the same live address is inferred. An early guide named the
        verb GET. Pages disagree. In use here: 30 days without a deposit, or 12 months from the last
        one. Elsewhere: 30 days without a deposit, nothing said of later.

        Source: docs.calypso.finance/how-to-get-purse,
        docs.calypso.money/acquiring/customers/how-to-get-a-deposit-address-for-a-sustomer
        (documented, 2026).

        Safe to repeat: A repeated call returns the address that is live already; at worst the
        customer has a second one.

        Args:
            customer_id: Id of the customer.
            currency: Code of the currency: a coin's ticker, or a token's with the suffix of its
                chain. Without a suffix USDT and USDC are the tokens on Ethereum; _TRX is Tron, _BSC
                BNB Smart Chain, _MATIC Polygon.

        Returns:
            The whole answer; its `parsed` is: The address.

        Raises:
            Exception: Whatever the engine raises: for a refusal, for no answer, and for one that
                can't be read.
        """
        from ..models.get_address_payload import GetAddressPayload

        return await self._engine.call(
            _operations.GET_ADDRESS, GetAddressPayload(customer_id=customer_id, currency=currency)
        )
