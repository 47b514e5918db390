from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import define
from attrs import field as _field

from .. import models as _models
from .._model import Model, additional
from .._read import MAX_EXPONENT, MIN_EXPONENT, as_datetime, as_decimal, as_enum, as_object, as_text
from .._records import Reader, read_object
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
_PROMISED: Final[frozenset[str]] = frozenset(())


@define
class WalletFundsDeliveredData(Model):
    """Which top-up of the account it is about. No field is promised, and none names a transaction of
    the API.

    An integrator's code reads these fields. On one of the vendor's sites the page of this event has
    no table for it, on the other it was not visible.

    Source: github.com/devmonster0707/metaswapbackend (observed, 2024).

    Attributes:
        type_: The type of the event once more. An integrator's code reads it.
        amount: Amount in units of the currency, exact to the last digit. An integrator's code
            reads it.
        currency: Code of the currency. An integrator's code reads it.
        sender_address: The address that the money came from. An integrator's code reads it.
        payment_date: When the transaction was first seen. Without a zone it is read as UTC.
            Inferred, not documented. The field is a text. Its form is that of a date in the example
            of a payload.
        transaction_hash: Hash of the transaction on its chain. One transaction may hold several
            top-ups. An integrator's code reads it.
        fiat_amount: What an amount is worth in a fiat currency. Its fields are not documented.
            An integrator's code reads it.
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
        if self.type_ is not None:
            field_dict["type"] = str(self.type_)
        if self.amount is not None:
            field_dict["amount"] = self.amount
        if self.currency is not None:
            field_dict["currency"] = self.currency
        if self.sender_address is not None:
            field_dict["senderAddress"] = self.sender_address
        if self.payment_date is not None:
            field_dict["paymentDate"] = time_text(
                self.payment_date, "WalletFundsDeliveredData.paymentDate"
            )
        if self.transaction_hash is not None:
            field_dict["transactionHash"] = self.transaction_hash
        if self.fiat_amount is not None:
            field_dict["fiatAmount"] = self.fiat_amount.to_dict()
        return field_dict


def _make(rows: Iterable[tuple[Any, ...]], found: list[WalletFundsDeliveredData], /) -> None:
    FiatAmount = _models.FiatAmount
    type__members = NotificationEventType.lookup
    for (
        raw_type_,
        raw_amount,
        raw_currency,
        raw_sender_address,
        raw_payment_date,
        raw_transaction_hash,
        raw_fiat_amount,
    ) in rows:
        found.append(
            WalletFundsDeliveredData(
                None
                if raw_type_ is None
                else (
                    type__members[raw_type_]
                    if type(raw_type_) is str
                    else as_enum(raw_type_, NotificationEventType, "WalletFundsDeliveredData.type")
                ),
                None
                if raw_amount is None
                else (
                    raw_amount
                    if type(raw_amount) is Decimal
                    and MIN_EXPONENT <= raw_amount.adjusted() <= MAX_EXPONENT
                    and raw_amount.is_finite()
                    else as_decimal(raw_amount, "WalletFundsDeliveredData.amount")
                ),
                raw_currency
                if type(raw_currency) is str or raw_currency is None
                else as_text(raw_currency, "WalletFundsDeliveredData.currency"),
                raw_sender_address
                if type(raw_sender_address) is str or raw_sender_address is None
                else as_text(raw_sender_address, "WalletFundsDeliveredData.senderAddress"),
                None
                if raw_payment_date is None
                else as_datetime(raw_payment_date, "WalletFundsDeliveredData.paymentDate"),
                raw_transaction_hash
                if type(raw_transaction_hash) is str or raw_transaction_hash is None
                else as_text(raw_transaction_hash, "WalletFundsDeliveredData.transactionHash"),
                None
                if raw_fiat_amount is None
                else FiatAmount.from_dict(
                    raw_fiat_amount
                    if type(raw_fiat_amount) is dict
                    else as_object(raw_fiat_amount, "WalletFundsDeliveredData.fiatAmount")
                ),
            )
        )


WalletFundsDeliveredData._reader = Reader(WalletFundsDeliveredData, _make, _NAMES, _ESSENTIAL)
