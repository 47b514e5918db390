from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

from attrs import define, field

from .._read import as_bool, as_object, as_text, missing

_KNOWN: Final[frozenset[str]] = frozenset(("customerId", "customerBlocked", "purseId", "address"))


@define
class PurseExpiredData:
    """Which address expired, and whose it was.

    Source: docs.calypso.finance/acquiring/customers/customers-webhooks,
    docs.calypso.money/acquiring/customers/customers-webhooks (documented, 2026).

    Attributes:
        customer_id: Id of the customer.
        customer_blocked: Whether the customer is blocked. Pages disagree. In use here:
            customerBlocked. Elsewhere: blocked.
        purse_id: Id of the purse.
        address: The address on its chain.
        additional_properties: Fields that the document does not know, kept and sent again.
    """

    customer_id: str
    customer_blocked: bool
    purse_id: str
    address: str
    additional_properties: dict[str, Any] = field(init=False, factory=dict)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read it from a decoded JSON object.

        Args:
            src_dict: The decoded object; fields that the document does not know are kept.

        Raises:
            DecodeError: When a required field is absent, or one has another type than documented.
        """
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "PurseExpiredData")
        get = d.get
        try:
            found = cls(
                v
                if type(v := d["customerId"]) is str
                else as_text(v, "PurseExpiredData.customerId"),
                v
                if type(v := d["customerBlocked"]) is bool
                else as_bool(v, "PurseExpiredData.customerBlocked"),
                v if type(v := d["purseId"]) is str else as_text(v, "PurseExpiredData.purseId"),
                v if type(v := d["address"]) is str else as_text(v, "PurseExpiredData.address"),
            )
        except KeyError as error:
            raise missing("PurseExpiredData", error) from None
        if not _KNOWN.issuperset(d):
            found.additional_properties = {
                name: value for name, value in d.items() if name not in _KNOWN
            }
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object to send."""
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "customerId": self.customer_id,
            "customerBlocked": self.customer_blocked,
            "purseId": self.purse_id,
            "address": self.address,
        }
        return field_dict
