from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model
from .._read import DecodeError, as_bool, as_object, as_text, leniently, missing

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
    additional_properties: dict[str, Any] = _field(init=False, factory=dict)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            DecodeError: It is not an object, or an essential field is absent or unreadable.
        """
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "Customer")
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
                v if type(v := d["id"]) is str else as_text(v, "Customer.id"),
                None
                if (v := get("email")) is None
                else (v if type(v) is str else as_text(v, "Customer.email")),
                None
                if (v := get("description")) is None
                else (v if type(v) is str else as_text(v, "Customer.description")),
                None
                if (v := get("externalId")) is None
                else (v if type(v) is str else as_text(v, "Customer.externalId")),
                None
                if (v := get("blocked")) is None
                else (v if type(v) is bool else as_bool(v, "Customer.blocked")),
            )
        except KeyError as error:
            raise missing("Customer", error) from None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, in which amounts are `Decimal` and times are text."""
        field_dict: dict[str, Any] = {**self.additional_properties, "id": self.id}
        if self.email is not None:
            field_dict["email"] = self.email
        if self.description is not None:
            field_dict["description"] = self.description
        if self.external_id is not None:
            field_dict["externalId"] = self.external_id
        if self.blocked is not None:
            field_dict["blocked"] = self.blocked
        return field_dict
