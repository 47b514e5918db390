from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, Self

from attrs import define, field

from .._read import as_bool, as_decimal, as_object, as_text, missing
from ..types import UNSET, Unset

_KNOWN: Final[frozenset[str]] = frozenset(
    (
        "currency",
        "customerId",
        "customerBlocked",
        "purseId",
        "address",
        "transactionId",
        "amount",
        "transactionHash",
    )
)


@define
class PurseMemPoolFoundData:
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
        additional_properties: Fields that the document does not know, kept and sent again.
    """

    currency: str
    customer_id: str
    customer_blocked: bool
    purse_id: str
    address: str
    transaction_id: str
    amount: Decimal
    transaction_hash: str | Unset = UNSET
    additional_properties: dict[str, Any] = field(init=False, factory=dict)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read it from a decoded JSON object.

        Args:
            src_dict: The decoded object; fields that the document does not know are kept.

        Raises:
            DecodeError: When a required field is absent, or one has another type than documented.
        """
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "PurseMemPoolFoundData")
        get = d.get
        try:
            found = cls(
                v
                if type(v := d["currency"]) is str
                else as_text(v, "PurseMemPoolFoundData.currency"),
                v
                if type(v := d["customerId"]) is str
                else as_text(v, "PurseMemPoolFoundData.customerId"),
                v
                if type(v := d["customerBlocked"]) is bool
                else as_bool(v, "PurseMemPoolFoundData.customerBlocked"),
                v
                if type(v := d["purseId"]) is str
                else as_text(v, "PurseMemPoolFoundData.purseId"),
                v
                if type(v := d["address"]) is str
                else as_text(v, "PurseMemPoolFoundData.address"),
                v
                if type(v := d["transactionId"]) is str
                else as_text(v, "PurseMemPoolFoundData.transactionId"),
                as_decimal(d["amount"], "PurseMemPoolFoundData.amount"),
                UNSET
                if (v := get("transactionHash")) is None
                else (v if type(v) is str else as_text(v, "PurseMemPoolFoundData.transactionHash")),
            )
        except KeyError as error:
            raise missing("PurseMemPoolFoundData", error) from None
        if not _KNOWN.issuperset(d):
            found.additional_properties = {
                name: value for name, value in d.items() if name not in _KNOWN
            }
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object to send."""
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "currency": self.currency,
            "customerId": self.customer_id,
            "customerBlocked": self.customer_blocked,
            "purseId": self.purse_id,
            "address": self.address,
            "transactionId": self.transaction_id,
            "amount": self.amount,
        }
        if self.transaction_hash is not UNSET:
            field_dict["transactionHash"] = self.transaction_hash
        return field_dict
