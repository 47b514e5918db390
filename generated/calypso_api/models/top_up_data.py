from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model
from .._read import DecodeError, as_datetime, as_decimal, as_enum, as_object, as_text, leniently
from .._write import time_text
from ..models.notification_event_type import NotificationEventType

if TYPE_CHECKING:
    from ..models.fiat_amount import FiatAmount

_NAMES: Final = (
    "type",
    "amount",
    "currency",
    "senderAddress",
    "paymentDate",
    "transactionHash",
    "fiatAmount",
)
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)
_ESSENTIAL: Final[frozenset[str]] = frozenset(())
_PROMISED: Final[frozenset[str]] = frozenset(
    ("type", "amount", "currency", "senderAddress", "paymentDate", "transactionHash")
)


@define
class TopUpData(Model):
    """Which top-up of the account it is about. Nothing in it names a transaction of the API.

    The tables name these fields, but not which are always present; that all but fiatAmount are is
    inferred. Their descriptions mention an invoice, and seem to come from another page.

    Source: docs.calypso.finance/accounts/account-webhooks,
    docs.calypso.money/accounts/account-webhooks (documented, 2026).

    Attributes:
        type_: The type of the event once more.
        amount: Amount in units of the currency, exact to the last digit.
        currency: Code of the currency.
        sender_address: The address that the money came from.
        payment_date: When the transaction was first seen. Without a zone it is read as UTC.
            Inferred, not documented. The field is a text. Its form is that of a date in the example
            of a payload.
        transaction_hash: Hash of the transaction on its chain. One transaction may hold several
            top-ups.
        fiat_amount: What an amount is worth in a fiat currency. Its fields are not documented.
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too. Also the values of fields that could not be read.
    """

    type_: NotificationEventType | None = None
    amount: Decimal | None = None
    currency: str | None = None
    sender_address: str | None = None
    payment_date: datetime.datetime | None = None
    transaction_hash: str | None = None
    fiat_amount: FiatAmount | None = None
    additional_properties: dict[str, Any] = _field(init=False, factory=dict)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            DecodeError: It is not an object.
        """
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "TopUpData")
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
        from ..models.fiat_amount import FiatAmount

        get = d.get
        return cls(
            None
            if (v := get("type")) is None
            else (
                NotificationEventType.lookup[v]
                if type(v) is str
                else as_enum(v, NotificationEventType, "TopUpData.type")
            ),
            None if (v := get("amount")) is None else as_decimal(v, "TopUpData.amount"),
            None
            if (v := get("currency")) is None
            else (v if type(v) is str else as_text(v, "TopUpData.currency")),
            None
            if (v := get("senderAddress")) is None
            else (v if type(v) is str else as_text(v, "TopUpData.senderAddress")),
            None if (v := get("paymentDate")) is None else as_datetime(v, "TopUpData.paymentDate"),
            None
            if (v := get("transactionHash")) is None
            else (v if type(v) is str else as_text(v, "TopUpData.transactionHash")),
            None
            if (v := get("fiatAmount")) is None
            else FiatAmount.from_dict(
                v if type(v) is dict else as_object(v, "TopUpData.fiatAmount")
            ),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, in which amounts are `Decimal` and times are text."""
        field_dict: dict[str, Any] = {**self.additional_properties}
        if self.type_ is not None:
            field_dict["type"] = str(self.type_)
        if self.amount is not None:
            field_dict["amount"] = self.amount
        if self.currency is not None:
            field_dict["currency"] = self.currency
        if self.sender_address is not None:
            field_dict["senderAddress"] = self.sender_address
        if self.payment_date is not None:
            field_dict["paymentDate"] = time_text(self.payment_date, "TopUpData.paymentDate")
        if self.transaction_hash is not None:
            field_dict["transactionHash"] = self.transaction_hash
        if self.fiat_amount is not None:
            field_dict["fiatAmount"] = self.fiat_amount.to_dict()
        return field_dict
