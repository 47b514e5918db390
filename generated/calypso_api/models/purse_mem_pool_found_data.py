from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model, additional
from .._read import MAX_EXPONENT, MIN_EXPONENT, as_bool, as_decimal, as_text
from .._records import Reader, read_object

_NAMES: Final = (
    "currency",
    "customerId",
    "customerBlocked",
    "purseId",
    "address",
    "transactionId",
    "amount",
    "transactionHash",
)
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)
_ESSENTIAL: Final[frozenset[str]] = frozenset(())
_PROMISED: Final[frozenset[str]] = frozenset(
    ("currency", "customerId", "customerBlocked", "purseId", "address", "transactionId", "amount")
)


@define
class PurseMemPoolFoundData(Model):
    """Which deposit was seen, and whose it is.

    Source: docs.calypso.finance/acquiring/customers/customers-webhooks,
    docs.calypso.money/acquiring/customers/customers-webhooks (documented, 2026).

    Attributes:
        currency: Code of the currency. Inferred, not documented. Every page but one has a text.
            Pages disagree. In use here: string. Elsewhere: number.
        customer_id: Id of the customer.
        customer_blocked: Whether the customer is blocked. Pages disagree. In use here:
            customerBlocked. Elsewhere: blocked.
        purse_id: Id of the purse.
        address: The address on its chain.
        transaction_id: Id of the transaction. Inferred, not documented. The operations use a
            UUID. Pages disagree. In use here: string. Elsewhere: number.
        amount: Amount in units of the currency, exact to the last digit.
        transaction_hash: Hash of the transaction on its chain. Inferred, not documented. The
            end of the table was not visible.
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too. Also the values of fields that could not be read.
    """

    currency: str | None = None
    customer_id: str | None = None
    customer_blocked: bool | None = None
    purse_id: str | None = None
    address: str | None = None
    transaction_id: str | None = None
    amount: Decimal | None = None
    transaction_hash: str | None = None
    additional_properties: dict[str, Any] = _field(init=False)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            DecodeError: It is not an object.
        """
        return read_object(cls, src_dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, in which amounts are `Decimal` and times are text."""
        field_dict: dict[str, Any] = {**additional(self)}
        if self.currency is not None:
            field_dict["currency"] = self.currency
        if self.customer_id is not None:
            field_dict["customerId"] = self.customer_id
        if self.customer_blocked is not None:
            field_dict["customerBlocked"] = self.customer_blocked
        if self.purse_id is not None:
            field_dict["purseId"] = self.purse_id
        if self.address is not None:
            field_dict["address"] = self.address
        if self.transaction_id is not None:
            field_dict["transactionId"] = self.transaction_id
        if self.amount is not None:
            field_dict["amount"] = self.amount
        if self.transaction_hash is not None:
            field_dict["transactionHash"] = self.transaction_hash
        return field_dict


def _make(rows: Iterable[tuple[Any, ...]], found: list[PurseMemPoolFoundData], /) -> None:
    for (
        raw_currency,
        raw_customer_id,
        raw_customer_blocked,
        raw_purse_id,
        raw_address,
        raw_transaction_id,
        raw_amount,
        raw_transaction_hash,
    ) in rows:
        found.append(
            PurseMemPoolFoundData(
                raw_currency
                if type(raw_currency) is str or raw_currency is None
                else as_text(raw_currency, "PurseMemPoolFoundData.currency"),
                raw_customer_id
                if type(raw_customer_id) is str or raw_customer_id is None
                else as_text(raw_customer_id, "PurseMemPoolFoundData.customerId"),
                raw_customer_blocked
                if type(raw_customer_blocked) is bool or raw_customer_blocked is None
                else as_bool(raw_customer_blocked, "PurseMemPoolFoundData.customerBlocked"),
                raw_purse_id
                if type(raw_purse_id) is str or raw_purse_id is None
                else as_text(raw_purse_id, "PurseMemPoolFoundData.purseId"),
                raw_address
                if type(raw_address) is str or raw_address is None
                else as_text(raw_address, "PurseMemPoolFoundData.address"),
                raw_transaction_id
                if type(raw_transaction_id) is str or raw_transaction_id is None
                else as_text(raw_transaction_id, "PurseMemPoolFoundData.transactionId"),
                None
                if raw_amount is None
                else (
                    raw_amount
                    if type(raw_amount) is Decimal
                    and MIN_EXPONENT <= raw_amount.adjusted() <= MAX_EXPONENT
                    and raw_amount.is_finite()
                    else as_decimal(raw_amount, "PurseMemPoolFoundData.amount")
                ),
                raw_transaction_hash
                if type(raw_transaction_hash) is str or raw_transaction_hash is None
                else as_text(raw_transaction_hash, "PurseMemPoolFoundData.transactionHash"),
            )
        )


PurseMemPoolFoundData._reader = Reader(PurseMemPoolFoundData, _make, _NAMES, _ESSENTIAL)
