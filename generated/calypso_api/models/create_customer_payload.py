from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model, additional
from .._read import as_object, as_text
from .._sent import text
from ..types import UNSET, Unset

_NAMES: Final = ("email", "description", "externalId")
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)


@define
class CreateCustomerPayload(Model):
    """What is known of a new customer. Nothing is required.

    Lengths, and whether an e-mail address has to be unique, are not known.

    Source: docs.calypso.finance/docs/how-create-customer (documented, 2025-11).

    Attributes:
        email: E-mail address of the customer.
        description: Free text for the merchant's own use.
        external_id: The merchant's own id of the customer. Whether it has to be unique is not
            known. Inferred, not documented. Responses have it; requests may.
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too.
    """

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
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "CreateCustomerPayload")
        get = d.get
        found = cls(
            UNSET
            if (v := get("email")) is None
            else (v if type(v) is str else as_text(v, "CreateCustomerPayload.email")),
            UNSET
            if (v := get("description")) is None
            else (v if type(v) is str else as_text(v, "CreateCustomerPayload.description")),
            UNSET
            if (v := get("externalId")) is None
            else (v if type(v) is str else as_text(v, "CreateCustomerPayload.externalId")),
        )
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
        field_dict: dict[str, Any] = {**additional(self)}
        if self.email is not UNSET:
            field_dict["email"] = text(self.email, "email")
        if self.description is not UNSET:
            field_dict["description"] = text(self.description, "description")
        if self.external_id is not UNSET:
            field_dict["externalId"] = text(self.external_id, "external_id")
        return field_dict
