from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model
from .._read import DecodeError, as_decimal, as_object, as_text, leniently, missing

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
    additional_properties: dict[str, Any] = _field(init=False, factory=dict)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            DecodeError: It is not an object, or an essential field is absent or unreadable.
        """
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "Balance")
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
        try:
            return cls(
                v if type(v := d["currency"]) is str else as_text(v, "Balance.currency"),
                as_decimal(d["amount"], "Balance.amount"),
            )
        except KeyError as error:
            raise missing("Balance", error) from None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, in which amounts are `Decimal` and times are text."""
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "currency": self.currency,
            "amount": self.amount,
        }
        return field_dict
