from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, Self

from attrs import define, field

from .._read import as_decimal, as_object, as_text, missing

_KNOWN: Final[frozenset[str]] = frozenset(("currency", "amount"))


@define
class Balance:
    """How much of one currency an account holds.

    Both fields are documented; that both are always there is inferred.

    Source: docs.calypso.money/accounts/how-to-get-balances-for-a-specific-account (documented,
    2026).

    Attributes:
        currency: Code of the currency.
        amount: Amount in units of the currency, exact to the last digit.
        additional_properties: Fields that the document does not know, kept and sent again.
    """

    currency: str
    amount: Decimal
    additional_properties: dict[str, Any] = field(init=False, factory=dict)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read it from a decoded JSON object.

        Args:
            src_dict: The decoded object; fields that the document does not know are kept.

        Raises:
            DecodeError: When a required field is absent, or one has another type than documented.
        """
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "Balance")
        get = d.get
        try:
            found = cls(
                v if type(v := d["currency"]) is str else as_text(v, "Balance.currency"),
                as_decimal(d["amount"], "Balance.amount"),
            )
        except KeyError as error:
            raise missing("Balance", error) from None
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
            "amount": self.amount,
        }
        return field_dict
