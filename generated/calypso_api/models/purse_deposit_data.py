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

_NAMES: Final = (
    "currency",
    "customerId",
    "customerBlocked",
    "purseId",
    "address",
    "transactionId",
    "amount",
    "transactionHash",
    "complianceState",
    "createdDate",
)
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)
_ESSENTIAL: Final[frozenset[str]] = frozenset(())
_PROMISED: Final[frozenset[str]] = frozenset(())


@define
class PurseDepositData(Model):
    """Which deposit it is about, and whose it is. No field is promised.

    Inferred, not documented. The tables of these four events were not visible; the fields are those
    of the event before them.

    Source: docs.calypso.finance/acquiring/customers/customers-webhooks (inferred, 2026).

    Attributes:
        currency: Code of the currency. Inferred, not documented.
        customer_id: Id of the customer. Inferred, not documented.
        customer_blocked: Whether the customer is blocked. Inferred, not documented. The guides
            state that the flag is sent with it; its name is that of the event before. Pages
            disagree. In use here: customerBlocked. Elsewhere: blocked.
        purse_id: Id of the purse. Inferred, not documented.
        address: The address on its chain. Inferred, not documented.
        transaction_id: Id of the transaction. Inferred, not documented.
        amount: Amount in units of the currency, exact to the last digit. Inferred, not
            documented.
        transaction_hash: Hash of the transaction on its chain. Inferred, not documented. The
            end of the table was not visible.
        compliance_state: UNCHECKED: not looked at yet. IN_PROGRESS: being checked. DECLINE:
            failed. CHECKED: passed. Inferred, not documented. The states are documented; that this
            event bears one is inferred.
        created_date: When the transaction was first seen. Inferred, not documented.
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
    compliance_state: ComplianceState | None = None
    created_date: datetime.datetime | None = None
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
        if self.compliance_state is not None:
            field_dict["complianceState"] = str(self.compliance_state)
        if self.created_date is not None:
            field_dict["createdDate"] = time_text(self.created_date, "PurseDepositData.createdDate")
        return field_dict


def _make(rows: Iterable[tuple[Any, ...]], found: list[PurseDepositData], /) -> None:
    compliance_state_members = ComplianceState.lookup
    for (
        raw_currency,
        raw_customer_id,
        raw_customer_blocked,
        raw_purse_id,
        raw_address,
        raw_transaction_id,
        raw_amount,
        raw_transaction_hash,
        raw_compliance_state,
        raw_created_date,
    ) in rows:
        found.append(
            PurseDepositData(
                raw_currency
                if type(raw_currency) is str or raw_currency is None
                else as_text(raw_currency, "PurseDepositData.currency"),
                raw_customer_id
                if type(raw_customer_id) is str or raw_customer_id is None
                else as_text(raw_customer_id, "PurseDepositData.customerId"),
                raw_customer_blocked
                if type(raw_customer_blocked) is bool or raw_customer_blocked is None
                else as_bool(raw_customer_blocked, "PurseDepositData.customerBlocked"),
                raw_purse_id
                if type(raw_purse_id) is str or raw_purse_id is None
                else as_text(raw_purse_id, "PurseDepositData.purseId"),
                raw_address
                if type(raw_address) is str or raw_address is None
                else as_text(raw_address, "PurseDepositData.address"),
                raw_transaction_id
                if type(raw_transaction_id) is str or raw_transaction_id is None
                else as_text(raw_transaction_id, "PurseDepositData.transactionId"),
                None
                if raw_amount is None
                else (
                    raw_amount
                    if type(raw_amount) is Decimal
                    and MIN_EXPONENT <= raw_amount.adjusted() <= MAX_EXPONENT
                    and raw_amount.is_finite()
                    else as_decimal(raw_amount, "PurseDepositData.amount")
                ),
                raw_transaction_hash
                if type(raw_transaction_hash) is str or raw_transaction_hash is None
                else as_text(raw_transaction_hash, "PurseDepositData.transactionHash"),
                None
                if raw_compliance_state is None
                else (
                    compliance_state_members[raw_compliance_state]
                    if type(raw_compliance_state) is str
                    else as_enum(
                        raw_compliance_state, ComplianceState, "PurseDepositData.complianceState"
                    )
                ),
                None
                if raw_created_date is None
                else as_datetime(raw_created_date, "PurseDepositData.createdDate"),
            )
        )


PurseDepositData._reader = Reader(PurseDepositData, _make, _NAMES, _ESSENTIAL)
