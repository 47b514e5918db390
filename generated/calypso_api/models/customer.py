from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model, additional
from .._read import as_bool, as_text
from .._records import Reader, read_object

_NAMES: Final = ("id", "email", "description", "externalId", "blocked")
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)
_ESSENTIAL: Final[frozenset[str]] = frozenset(("id",))
_PROMISED: Final[frozenset[str]] = frozenset(("id",))


@define
class Customer(Model):
    """An end customer of the merchant.

    The fields are documented; that only the id is always there is inferred.

    Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

    Attributes:
        id: Id of the customer.
        email: E-mail address of the customer.
        description: Free text for the merchant's own use.
        external_id: The merchant's own id of the customer. Pages disagree. In use here:
            externalId, optional. Elsewhere: absent from the response.
        blocked: Whether the customer is blocked.
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too. Also the values of fields that could not be read.
    """

    id: str
    email: str | None = None
    description: str | None = None
    external_id: str | None = None
    blocked: bool | None = None
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
        field_dict: dict[str, Any] = {**additional(self), "id": self.id}
        if self.email is not None:
            field_dict["email"] = self.email
        if self.description is not None:
            field_dict["description"] = self.description
        if self.external_id is not None:
            field_dict["externalId"] = self.external_id
        if self.blocked is not None:
            field_dict["blocked"] = self.blocked
        return field_dict


def _make(rows: Iterable[tuple[Any, ...]], found: list[Customer], /) -> None:
    for raw_id, raw_email, raw_description, raw_external_id, raw_blocked in rows:
        found.append(
            Customer(
                raw_id if type(raw_id) is str else as_text(raw_id, "Customer.id"),
                raw_email
                if type(raw_email) is str or raw_email is None
                else as_text(raw_email, "Customer.email"),
                raw_description
                if type(raw_description) is str or raw_description is None
                else as_text(raw_description, "Customer.description"),
                raw_external_id
                if type(raw_external_id) is str or raw_external_id is None
                else as_text(raw_external_id, "Customer.externalId"),
                raw_blocked
                if type(raw_blocked) is bool or raw_blocked is None
                else as_bool(raw_blocked, "Customer.blocked"),
            )
        )


Customer._reader = Reader(Customer, _make, _NAMES, _ESSENTIAL)
