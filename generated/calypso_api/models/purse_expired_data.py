from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model, additional
from .._read import as_bool, as_text
from .._records import Reader, read_object

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
        if self.customer_id is not None:
            field_dict["customerId"] = self.customer_id
        if self.customer_blocked is not None:
            field_dict["customerBlocked"] = self.customer_blocked
        if self.purse_id is not None:
            field_dict["purseId"] = self.purse_id
        if self.address is not None:
            field_dict["address"] = self.address
        return field_dict


def _make(rows: Iterable[tuple[Any, ...]], found: list[PurseExpiredData], /) -> None:
    for raw_customer_id, raw_customer_blocked, raw_purse_id, raw_address in rows:
        found.append(
            PurseExpiredData(
                raw_customer_id
                if type(raw_customer_id) is str or raw_customer_id is None
                else as_text(raw_customer_id, "PurseExpiredData.customerId"),
                raw_customer_blocked
                if type(raw_customer_blocked) is bool or raw_customer_blocked is None
                else as_bool(raw_customer_blocked, "PurseExpiredData.customerBlocked"),
                raw_purse_id
                if type(raw_purse_id) is str or raw_purse_id is None
                else as_text(raw_purse_id, "PurseExpiredData.purseId"),
                raw_address
                if type(raw_address) is str or raw_address is None
                else as_text(raw_address, "PurseExpiredData.address"),
            )
        )


PurseExpiredData._reader = Reader(PurseExpiredData, _make, _NAMES, _ESSENTIAL)
