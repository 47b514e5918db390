from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model, additional
from .._read import as_text
from .._records import Reader, read_object

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
        field_dict: dict[str, Any] = {**additional(self), "address": self.address}
        if self.id is not None:
            field_dict["id"] = self.id
        return field_dict


def _make(rows: Iterable[tuple[Any, ...]], found: list[DepositAddress], /) -> None:
    for raw_address, raw_id in rows:
        found.append(
            DepositAddress(
                raw_address
                if type(raw_address) is str
                else as_text(raw_address, "DepositAddress.address"),
                raw_id
                if type(raw_id) is str or raw_id is None
                else as_text(raw_id, "DepositAddress.id"),
            )
        )


DepositAddress._reader = Reader(DepositAddress, _make, _NAMES, _ESSENTIAL)
