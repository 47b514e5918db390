from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model, additional
from .._read import absent, as_object, as_text
from .._sent import identifier, text
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from uuid import UUID

_NAMES: Final = ("id", "email", "description", "externalId")
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)


@define
class UpdateCustomerPayload(Model):
    """The customer and what is to change.

    Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

    Attributes:
        id: Id of the customer.
        email: E-mail address of the customer.
        description: Free text for the merchant's own use.
        external_id: The merchant's own id of the customer. Inferred, not documented. Responses
            have it; requests may.
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too.
    """

    id: str | UUID
    email: str | Unset = UNSET
    description: str | Unset = UNSET
    external_id: str | Unset = UNSET
    additional_properties: dict[str, Any] = _field(init=False)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            DecodeError: A required field is absent, or a field has the wrong type.
        """
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "UpdateCustomerPayload")
        get = d.get
        try:
            found = cls(
                v if type(v := d["id"]) is str else as_text(v, "UpdateCustomerPayload.id"),
                UNSET
                if (v := get("email")) is None
                else (v if type(v) is str else as_text(v, "UpdateCustomerPayload.email")),
                UNSET
                if (v := get("description")) is None
                else (v if type(v) is str else as_text(v, "UpdateCustomerPayload.description")),
                UNSET
                if (v := get("externalId")) is None
                else (v if type(v) is str else as_text(v, "UpdateCustomerPayload.externalId")),
            )
        except KeyError as error:
            raise absent(f"UpdateCustomerPayload.{error.args[0]}") from None
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
        field_dict: dict[str, Any] = {**additional(self), "id": identifier(self.id, "id")}
        if self.email is not UNSET:
            field_dict["email"] = text(self.email, "email")
        if self.description is not UNSET:
            field_dict["description"] = text(self.description, "description")
        if self.external_id is not UNSET:
            field_dict["externalId"] = text(self.external_id, "external_id")
        return field_dict
