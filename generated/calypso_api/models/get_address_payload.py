from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model, additional
from .._read import absent, as_object, as_text
from .._sent import filled, identifier

if TYPE_CHECKING:
    from uuid import UUID

_NAMES: Final = ("customerId", "currency")
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)


@define
class GetAddressPayload(Model):
    """Whose address, and for which currency.

    That an empty currency is rejected is inferred.

    Source: docs.calypso.finance/docs/how-to-get-purse (documented, 2025-11).

    Attributes:
        customer_id: Id of the customer.
        currency: Code of the currency: a coin's ticker, or a token's with the suffix of its
            chain. Without a suffix USDT and USDC are the tokens on Ethereum; _TRX is Tron, _BSC BNB
            Smart Chain, _MATIC Polygon.
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too.
    """

    customer_id: str | UUID
    currency: str
    additional_properties: dict[str, Any] = _field(init=False)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            DecodeError: A required field is absent, or a field has the wrong type.
        """
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "GetAddressPayload")
        try:
            found = cls(
                v
                if type(v := d["customerId"]) is str
                else as_text(v, "GetAddressPayload.customerId"),
                v if type(v := d["currency"]) is str else as_text(v, "GetAddressPayload.currency"),
            )
        except KeyError as error:
            raise absent(f"GetAddressPayload.{error.args[0]}") from None
        if not _KNOWN.issuperset(d):
            found.additional_properties = {
                name: value for name, value in d.items() if name not in _KNOWN
            }
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, in which amounts are `Decimal` and times are text.

        Raises:
            TypeError: A field has the wrong type.
            ValueError: A required field, an id or a filter is empty.
        """
        field_dict: dict[str, Any] = {
            **additional(self),
            "customerId": identifier(self.customer_id, "customer_id"),
            "currency": filled(self.currency, "currency"),
        }
        return field_dict
