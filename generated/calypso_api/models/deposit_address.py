from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

from attrs import define, field

from .._read import as_object, as_text, missing
from ..types import UNSET, Unset

_KNOWN: Final[frozenset[str]] = frozenset(("address", "id"))


@define
class DepositAddress:
    """An address to which a customer deposits.

    Source: docs.calypso.finance/how-to-get-purse (documented, 2025-11).

    Attributes:
        address: The address on its chain.
        id: Id of the purse that the address belongs to. Pages disagree. In use here: id,
            optional. Elsewhere: absent from the answer.
        additional_properties: Fields that the document does not know, kept and sent again.
    """

    address: str
    id: str | Unset = UNSET
    additional_properties: dict[str, Any] = field(init=False, factory=dict)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read it from a decoded JSON object.

        Args:
            src_dict: The decoded object; fields that the document does not know are kept.

        Raises:
            DecodeError: When a required field is absent, or one has another type than documented.
        """
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "DepositAddress")
        get = d.get
        try:
            found = cls(
                v if type(v := d["address"]) is str else as_text(v, "DepositAddress.address"),
                UNSET
                if (v := get("id")) is None
                else (v if type(v) is str else as_text(v, "DepositAddress.id")),
            )
        except KeyError as error:
            raise missing("DepositAddress", error) from None
        if not _KNOWN.issuperset(d):
            found.additional_properties = {
                name: value for name, value in d.items() if name not in _KNOWN
            }
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object to send."""
        field_dict: dict[str, Any] = {**self.additional_properties, "address": self.address}
        if self.id is not UNSET:
            field_dict["id"] = self.id
        return field_dict
