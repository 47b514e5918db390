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
)
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
    additional_properties: dict[str, Any] = _field(init=False, factory=dict)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            DecodeError: It is not an object.
        """
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "PurseDepositData")
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
            else (v if type(v) is str else as_text(v, "PurseDepositData.currency")),
            None
            if (v := get("customerId")) is None
            else (v if type(v) is str else as_text(v, "PurseDepositData.customerId")),
            None
            if (v := get("customerBlocked")) is None
            else (v if type(v) is bool else as_bool(v, "PurseDepositData.customerBlocked")),
            None
            if (v := get("purseId")) is None
            else (v if type(v) is str else as_text(v, "PurseDepositData.purseId")),
            None
            if (v := get("address")) is None
            else (v if type(v) is str else as_text(v, "PurseDepositData.address")),
            None
            if (v := get("transactionId")) is None
            else (v if type(v) is str else as_text(v, "PurseDepositData.transactionId")),
            None if (v := get("amount")) is None else as_decimal(v, "PurseDepositData.amount"),
            None
            if (v := get("transactionHash")) is None
            else (v if type(v) is str else as_text(v, "PurseDepositData.transactionHash")),
            None
            if (v := get("complianceState")) is None
            else (
                ComplianceState.lookup[v]
                if type(v) is str
                else as_enum(v, ComplianceState, "PurseDepositData.complianceState")
            ),
            None
            if (v := get("createdDate")) is None
            else as_datetime(v, "PurseDepositData.createdDate"),
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
        if self.compliance_state is not None:
            field_dict["complianceState"] = str(self.compliance_state)
        if self.created_date is not None:
            field_dict["createdDate"] = time_text(self.created_date, "PurseDepositData.createdDate")
        return field_dict
