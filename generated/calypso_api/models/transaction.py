from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model
from .._read import (
    DecodeError,
    as_bool,
    as_datetime,
    as_decimal,
    as_enum,
    as_object,
    as_text,
    leniently,
    missing,
)
from .._write import time_text
from ..models.compliance_state import ComplianceState
from ..models.transaction_state import TransactionState

_NAMES: Final = (
    "id",
    "amount",
    "currency",
    "transactionState",
    "addressFrom",
    "complianceState",
    "translationToAccountCompleted",
    "createdDate",
    "transactionHash",
)
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)
_ESSENTIAL: Final[frozenset[str]] = frozenset(("id", "amount", "currency", "transactionState"))
_PROMISED: Final[frozenset[str]] = frozenset(
    (
        "id",
        "amount",
        "addressFrom",
        "currency",
        "transactionState",
        "complianceState",
        "translationToAccountCompleted",
        "createdDate",
    )
)


@define
class Transaction(Model):
    """A deposit.

    Pages disagree. In use here: customerBlocked is not a field of it. Elsewhere: customerBlocked:
    the text "false".

    Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

    Attributes:
        id: Id of the transaction.
        amount: Amount in units of the currency, exact to the last digit.
        currency: Code of the currency.
        transaction_state: MEM_POOL_FOUND: seen, not yet in a block; not every deposit passes
            through it. PENDING_COMPLIANCE_CHECK: being checked. DECLINED and CONFIRMED are final.
            Pages disagree. In use here: CONFIRMED. Elsewhere: COMPLETED.
        address_from: The address that the deposit came from. Pages disagree. In use here:
            addressFrom, required. Elsewhere: absent from the example.
        compliance_state: UNCHECKED: not looked at yet. IN_PROGRESS: being checked. DECLINE:
            failed. CHECKED: passed.
        translation_to_account_completed: Whether the money has reached the merchant's account;
            only then has the balance grown.
        created_date: When the transaction was first seen.
        transaction_hash: Hash of the transaction on its chain.
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too. Also the values of fields that could not be read.
    """

    id: str
    amount: Decimal
    currency: str
    transaction_state: TransactionState
    address_from: str | None = None
    compliance_state: ComplianceState | None = None
    translation_to_account_completed: bool | None = None
    created_date: datetime.datetime | None = None
    transaction_hash: str | None = None
    additional_properties: dict[str, Any] = _field(init=False, factory=dict)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            DecodeError: It is not an object, or an essential field is absent or unreadable.
        """
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "Transaction")
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
        try:
            return cls(
                v if type(v := d["id"]) is str else as_text(v, "Transaction.id"),
                as_decimal(d["amount"], "Transaction.amount"),
                v if type(v := d["currency"]) is str else as_text(v, "Transaction.currency"),
                TransactionState.lookup[v]
                if type(v := d["transactionState"]) is str
                else as_enum(v, TransactionState, "Transaction.transactionState"),
                None
                if (v := get("addressFrom")) is None
                else (v if type(v) is str else as_text(v, "Transaction.addressFrom")),
                None
                if (v := get("complianceState")) is None
                else (
                    ComplianceState.lookup[v]
                    if type(v) is str
                    else as_enum(v, ComplianceState, "Transaction.complianceState")
                ),
                None
                if (v := get("translationToAccountCompleted")) is None
                else (
                    v
                    if type(v) is bool
                    else as_bool(v, "Transaction.translationToAccountCompleted")
                ),
                None
                if (v := get("createdDate")) is None
                else as_datetime(v, "Transaction.createdDate"),
                None
                if (v := get("transactionHash")) is None
                else (v if type(v) is str else as_text(v, "Transaction.transactionHash")),
            )
        except KeyError as error:
            raise missing("Transaction", error) from None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, in which amounts are `Decimal` and times are text."""
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "id": self.id,
            "amount": self.amount,
            "currency": self.currency,
            "transactionState": str(self.transaction_state),
        }
        if self.address_from is not None:
            field_dict["addressFrom"] = self.address_from
        if self.compliance_state is not None:
            field_dict["complianceState"] = str(self.compliance_state)
        if self.translation_to_account_completed is not None:
            field_dict["translationToAccountCompleted"] = self.translation_to_account_completed
        if self.created_date is not None:
            field_dict["createdDate"] = time_text(self.created_date, "Transaction.createdDate")
        if self.transaction_hash is not None:
            field_dict["transactionHash"] = self.transaction_hash
        return field_dict

    @property
    def is_final(self) -> bool:
        """Whether the state is one that does not change any more, which CONFIRMED and DECLINED are by
        the guides. A state that is not known counts as one that may change."""
        return self.transaction_state in ("CONFIRMED", "DECLINED")

    @property
    def is_credited(self) -> bool | None:
        """Whether the money has reached the merchant's account. Credit your customer when it has. None
        if the field is absent or unreadable."""
        value = self.translation_to_account_completed
        return None if value is None else value is True
