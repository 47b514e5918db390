from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model
from .._read import DecodeError, as_bool, as_object, as_text, leniently

_NAMES: Final = ("customerId", "customerBlocked", "purseId", "address")
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)
_ESSENTIAL: Final[frozenset[str]] = frozenset(())
_PROMISED: Final[frozenset[str]] = frozenset(
    ("customerId", "customerBlocked", "purseId", "address")
)


@define
class PurseExpiredData(Model):
    """Which address expired, and whose it was.

    Source: docs.calypso.finance/acquiring/customers/customers-webhooks,
    docs.calypso.money/acquiring/customers/customers-webhooks (documented, 2026).

    Attributes:
        customer_id: Id of the customer.
        customer_blocked: Whether the customer is blocked. Pages disagree. In use here:
            customerBlocked. Elsewhere: blocked.
        purse_id: Id of the purse.
        address: The address on its chain.
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too. Also the values of fields that could not be read.
    """

    customer_id: str | None = None
    customer_blocked: bool | None = None
    purse_id: str | None = None
    address: str | None = None
    additional_properties: dict[str, Any] = _field(init=False, factory=dict)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            DecodeError: It is not an object.
        """
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "PurseExpiredData")
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
            if (v := get("customerId")) is None
            else (v if type(v) is str else as_text(v, "PurseExpiredData.customerId")),
            None
            if (v := get("customerBlocked")) is None
            else (v if type(v) is bool else as_bool(v, "PurseExpiredData.customerBlocked")),
            None
            if (v := get("purseId")) is None
            else (v if type(v) is str else as_text(v, "PurseExpiredData.purseId")),
            None
            if (v := get("address")) is None
            else (v if type(v) is str else as_text(v, "PurseExpiredData.address")),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, in which amounts are `Decimal` and times are text."""
        field_dict: dict[str, Any] = {**self.additional_properties}
        if self.customer_id is not None:
            field_dict["customerId"] = self.customer_id
        if self.customer_blocked is not None:
            field_dict["customerBlocked"] = self.customer_blocked
        if self.purse_id is not None:
            field_dict["purseId"] = self.purse_id
        if self.address is not None:
            field_dict["address"] = self.address
        return field_dict
