from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model, additional
from .._read import MAX_EXPONENT, MIN_EXPONENT, as_bool, as_datetime, as_decimal, as_enum, as_text
from .._records import Reader, read_object
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
    additional_properties: dict[str, Any] = _field(init=False)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            DecodeError: It is not an object, or an essential field is absent or unreadable.
        """
        return read_object(cls, src_dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, in which amounts are `Decimal` and times are text."""
        field_dict: dict[str, Any] = {
            **additional(self),
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


def _make(rows: Iterable[tuple[Any, ...]], found: list[Transaction], /) -> None:
    transaction_state_members = TransactionState.lookup
    compliance_state_members = ComplianceState.lookup
    for (
        raw_id,
        raw_amount,
        raw_currency,
        raw_transaction_state,
        raw_address_from,
        raw_compliance_state,
        raw_translation_to_account_completed,
        raw_created_date,
        raw_transaction_hash,
    ) in rows:
        found.append(
            Transaction(
                raw_id if type(raw_id) is str else as_text(raw_id, "Transaction.id"),
                raw_amount
                if type(raw_amount) is Decimal
                and MIN_EXPONENT <= raw_amount.adjusted() <= MAX_EXPONENT
                and raw_amount.is_finite()
                else as_decimal(raw_amount, "Transaction.amount"),
                raw_currency
                if type(raw_currency) is str
                else as_text(raw_currency, "Transaction.currency"),
                transaction_state_members[raw_transaction_state]
                if type(raw_transaction_state) is str
                else as_enum(
                    raw_transaction_state, TransactionState, "Transaction.transactionState"
                ),
                raw_address_from
                if type(raw_address_from) is str or raw_address_from is None
                else as_text(raw_address_from, "Transaction.addressFrom"),
                None
                if raw_compliance_state is None
                else (
                    compliance_state_members[raw_compliance_state]
                    if type(raw_compliance_state) is str
                    else as_enum(
                        raw_compliance_state, ComplianceState, "Transaction.complianceState"
                    )
                ),
                raw_translation_to_account_completed
                if type(raw_translation_to_account_completed) is bool
                or raw_translation_to_account_completed is None
                else as_bool(
                    raw_translation_to_account_completed,
                    "Transaction.translationToAccountCompleted",
                ),
                None
                if raw_created_date is None
                else as_datetime(raw_created_date, "Transaction.createdDate"),
                raw_transaction_hash
                if type(raw_transaction_hash) is str or raw_transaction_hash is None
                else as_text(raw_transaction_hash, "Transaction.transactionHash"),
            )
        )


Transaction._reader = Reader(Transaction, _make, _NAMES, _ESSENTIAL)
