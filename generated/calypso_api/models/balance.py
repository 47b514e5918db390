from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model, additional
from .._read import MAX_EXPONENT, MIN_EXPONENT, as_decimal, as_text
from .._records import Reader, read_object

_NAMES: Final = ("currency", "amount")
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)
_ESSENTIAL: Final[frozenset[str]] = frozenset(("currency", "amount"))
_PROMISED: Final[frozenset[str]] = frozenset(("currency", "amount"))


@define
class Balance(Model):
    """How much of one currency an account holds.

    Both fields are documented; that both are always there is inferred.

    Source: docs.calypso.finance/accounts/how-to-get-balances-for-a-specific-account,
    docs.calypso.money/accounts/how-to-get-balances-for-a-specific-account (documented, 2026).

    Attributes:
        currency: Code of the currency.
        amount: Amount in units of the currency, exact to the last digit.
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too. Also the values of fields that could not be read.
    """

    currency: str
    amount: Decimal
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
            "currency": self.currency,
            "amount": self.amount,
        }
        return field_dict


def _make(rows: Iterable[tuple[Any, ...]], found: list[Balance], /) -> None:
    for raw_currency, raw_amount in rows:
        found.append(
            Balance(
                raw_currency
                if type(raw_currency) is str
                else as_text(raw_currency, "Balance.currency"),
                raw_amount
                if type(raw_amount) is Decimal
                and MIN_EXPONENT <= raw_amount.adjusted() <= MAX_EXPONENT
                and raw_amount.is_finite()
                else as_decimal(raw_amount, "Balance.amount"),
            )
        )


Balance._reader = Reader(Balance, _make, _NAMES, _ESSENTIAL)
