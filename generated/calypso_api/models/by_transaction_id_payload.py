from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model, additional
from .._read import absent, as_object, as_text
from .._sent import identifier

if TYPE_CHECKING:
    from uuid import UUID

_NAMES: Final = ("transactionId",)
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)


@define
class ByTransactionIdPayload(Model):
    """Names a transaction.

    Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

    Attributes:
        transaction_id: Id of the transaction.
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too.
    """

    transaction_id: str | UUID
    additional_properties: dict[str, Any] = _field(init=False)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            DecodeError: A required field is absent, or a field has the wrong type.
        """
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "ByTransactionIdPayload")
        try:
            found = cls(
                v
                if type(v := d["transactionId"]) is str
                else as_text(v, "ByTransactionIdPayload.transactionId")
            )
        except KeyError as error:
            raise absent(f"ByTransactionIdPayload.{error.args[0]}") from None
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
        field_dict: dict[str, Any] = {
            **additional(self),
            "transactionId": identifier(self.transaction_id, "transaction_id"),
        }
        return field_dict
