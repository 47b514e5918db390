from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model
from .._read import DecodeError, as_object, as_text, leniently, missing

_NAMES: Final = ("address", "id")
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)
_ESSENTIAL: Final[frozenset[str]] = frozenset(("address",))
_PROMISED: Final[frozenset[str]] = frozenset(("address",))


@define
class DepositAddress(Model):
    """An address to which a customer deposits.

    Source: docs.calypso.finance/docs/how-to-get-purse (documented, 2025-11).

    Attributes:
        address: The address on its chain.
        id: Id of the purse that the address belongs to. Pages disagree. In use here: id,
            optional. Elsewhere: absent from the response.
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too. Also the values of fields that could not be read.
    """

    address: str
    id: str | None = None
    additional_properties: dict[str, Any] = _field(init=False, factory=dict)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            DecodeError: It is not an object, or an essential field is absent or unreadable.
        """
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "DepositAddress")
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
        try:
            return cls(
                v if type(v := d["address"]) is str else as_text(v, "DepositAddress.address"),
                None
                if (v := get("id")) is None
                else (v if type(v) is str else as_text(v, "DepositAddress.id")),
            )
        except KeyError as error:
            raise missing("DepositAddress", error) from None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, in which amounts are `Decimal` and times are text."""
        field_dict: dict[str, Any] = {**self.additional_properties, "address": self.address}
        if self.id is not None:
            field_dict["id"] = self.id
        return field_dict
