from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model, additional
from .._read import as_datetime, as_enum, as_text
from .._records import Reader, read_object
from .._write import time_text
from ..models.purse_status import PurseStatus

_NAMES: Final = ("id", "address", "status", "createdDate")
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)
_ESSENTIAL: Final[frozenset[str]] = frozenset(())
_PROMISED: Final[frozenset[str]] = frozenset(())


@define
class Purse(Model):
    """A deposit address that a customer has, or had.

    Inferred, not documented. No page shows this object. The statuses are documented in a guide; the
    names of the fields are inferred.

    Source: docs.calypso.finance/api-reference/customer-purse-api (inferred, 2025-10).

    Attributes:
        id: Id of the purse. Inferred, not documented.
        address: The address on its chain. Inferred, not documented.
        status: Whether the address can take deposits. Inferred, not documented. The statuses
            are documented in a guide; that this field bears them is inferred.
        created_date: When the address was handed out. Inferred, not documented.
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too. Also the values of fields that could not be read.
    """

    id: str | None = None
    address: str | None = None
    status: PurseStatus | None = None
    created_date: datetime.datetime | None = None
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
        if self.id is not None:
            field_dict["id"] = self.id
        if self.address is not None:
            field_dict["address"] = self.address
        if self.status is not None:
            field_dict["status"] = str(self.status)
        if self.created_date is not None:
            field_dict["createdDate"] = time_text(self.created_date, "Purse.createdDate")
        return field_dict


def _make(rows: Iterable[tuple[Any, ...]], found: list[Purse], /) -> None:
    status_members = PurseStatus.lookup
    for raw_id, raw_address, raw_status, raw_created_date in rows:
        found.append(
            Purse(
                raw_id if type(raw_id) is str or raw_id is None else as_text(raw_id, "Purse.id"),
                raw_address
                if type(raw_address) is str or raw_address is None
                else as_text(raw_address, "Purse.address"),
                None
                if raw_status is None
                else (
                    status_members[raw_status]
                    if type(raw_status) is str
                    else as_enum(raw_status, PurseStatus, "Purse.status")
                ),
                None
                if raw_created_date is None
                else as_datetime(raw_created_date, "Purse.createdDate"),
            )
        )


Purse._reader = Reader(Purse, _make, _NAMES, _ESSENTIAL)
