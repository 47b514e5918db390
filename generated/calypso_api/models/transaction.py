from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, Self

from attrs import define, field

from .._read import as_bool, as_datetime, as_decimal, as_enum, as_object, as_text, missing
from .._write import time_text
from ..models.compliance_state import ComplianceState
from ..models.transaction_state import TransactionState
from ..types import UNSET, Unset

_KNOWN: Final[frozenset[str]] = frozenset(
    (
        "id",
        "amount",
        "addressFrom",
        "currency",
        "transactionState",
        "complianceState",
        "translationToAccountCompleted",
        "createdDate",
        "transactionHash",
    )
)


@define
class Transaction:
    """A deposit.

    Pages disagree. In use here: customerBlocked is no field of it. Elsewhere: customerBlocked: the
    text "false".

    Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

    Attributes:
        id: Id of the transaction.
        amount: Amount in units of the currency, exact to the last digit.
        address_from: The address that the deposit came from. Pages disagree. In use here:
            addressFrom, required. Elsewhere: absent from the example.
        currency: Code of the currency.
        transaction_state: MEM_POOL_FOUND: seen, not yet in a block; not every deposit passes
            through it. PENDING_COMPLIANCE_CHECK: being checked. DECLINED and CONFIRMED are final.
            Pages disagree. In use here: CONFIRMED. Elsewhere: COMPLETED.
        compliance_state: UNCHECKED: not looked at yet. IN_PROGRESS: being checked. DECLINE:
            failed. CHECKED: passed.
        translation_to_account_completed: Whether the money has reached the merchant's account;
            only then has the balance grown.
        created_date: When the transaction was first seen.
        transaction_hash: Hash of the transaction on its chain.
        additional_properties: Fields that the document does not know, kept and sent again.
    """

    id: str
    amount: Decimal
    address_from: str
    currency: str
    transaction_state: TransactionState
    compliance_state: ComplianceState
    translation_to_account_completed: bool
    created_date: datetime.datetime
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
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "Transaction")
        get = d.get
        try:
            found = cls(
                v if type(v := d["id"]) is str else as_text(v, "Transaction.id"),
                as_decimal(d["amount"], "Transaction.amount"),
                v if type(v := d["addressFrom"]) is str else as_text(v, "Transaction.addressFrom"),
                v if type(v := d["currency"]) is str else as_text(v, "Transaction.currency"),
                TransactionState.lookup[v]
                if type(v := d["transactionState"]) is str
                else as_enum(v, TransactionState, "Transaction.transactionState"),
                ComplianceState.lookup[v]
                if type(v := d["complianceState"]) is str
                else as_enum(v, ComplianceState, "Transaction.complianceState"),
                v
                if type(v := d["translationToAccountCompleted"]) is bool
                else as_bool(v, "Transaction.translationToAccountCompleted"),
                as_datetime(d["createdDate"], "Transaction.createdDate"),
                UNSET
                if (v := get("transactionHash")) is None
                else (v if type(v) is str else as_text(v, "Transaction.transactionHash")),
            )
        except KeyError as error:
            raise missing("Transaction", error) from None
        if not _KNOWN.issuperset(d):
            found.additional_properties = {
                name: value for name, value in d.items() if name not in _KNOWN
            }
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object to send."""
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "id": self.id,
            "amount": self.amount,
            "addressFrom": self.address_from,
            "currency": self.currency,
            "transactionState": str(self.transaction_state),
            "complianceState": str(self.compliance_state),
            "translationToAccountCompleted": self.translation_to_account_completed,
            "createdDate": time_text(self.created_date, "Transaction.createdDate"),
        }
        if self.transaction_hash is not UNSET:
            field_dict["transactionHash"] = self.transaction_hash
        return field_dict
