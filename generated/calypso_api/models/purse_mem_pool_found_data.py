from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model
from .._read import DecodeError, as_bool, as_decimal, as_object, as_text, leniently

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
    additional_properties: dict[str, Any] = _field(init=False, factory=dict)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            DecodeError: It is not an object.
        """
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "PurseMemPoolFoundData")
        odd: frozenset[str] = frozenset()
        try:
            found = cls._read(d)
        except DecodeError:
            found, odd = leniently(cls._read, d, _KNOWN, _ESSENTIAL)
        if odd or not _KNOWN.issuperset(d):
            found.additional_properties = {
                name: value for name, value in d.items() if name in odd or name not in _KNOWN
            }
        return found

    @classmethod
    def _read(cls, d: dict[str, Any]) -> Self:
        get = d.get
        return cls(
            None
            if (v := get("currency")) is None
            else (v if type(v) is str else as_text(v, "PurseMemPoolFoundData.currency")),
            None
            if (v := get("customerId")) is None
            else (v if type(v) is str else as_text(v, "PurseMemPoolFoundData.customerId")),
            None
            if (v := get("customerBlocked")) is None
            else (v if type(v) is bool else as_bool(v, "PurseMemPoolFoundData.customerBlocked")),
            None
            if (v := get("purseId")) is None
            else (v if type(v) is str else as_text(v, "PurseMemPoolFoundData.purseId")),
            None
            if (v := get("address")) is None
            else (v if type(v) is str else as_text(v, "PurseMemPoolFoundData.address")),
            None
            if (v := get("transactionId")) is None
            else (v if type(v) is str else as_text(v, "PurseMemPoolFoundData.transactionId")),
            None if (v := get("amount")) is None else as_decimal(v, "PurseMemPoolFoundData.amount"),
            None
            if (v := get("transactionHash")) is None
            else (v if type(v) is str else as_text(v, "PurseMemPoolFoundData.transactionHash")),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, in which amounts are `Decimal` and times are text."""
        field_dict: dict[str, Any] = {**self.additional_properties}
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
