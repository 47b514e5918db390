from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import define
from attrs import field as _field

from .. import models as _models
from .._model import Model, additional
from .._read import absent, as_int, as_object, as_text
from .._sent import filled, integer, part

if TYPE_CHECKING:
    from ..models.by_transaction_id_payload import ByTransactionIdPayload

_NAMES: Final = ("account", "timestamp", "payload")
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)


@define
class ByTransactionIdRequest(Model):
    """The envelope around the id of a transaction.

    Source: docs.calypso.finance/api-reference/customer-purse-api (documented, 2025-10).

    Attributes:
        account: Id of the merchant account that the request is for. Every account seen is 0x
            and 40 hex digits, but one guide shows a UUID, so no pattern is demanded here. Pages
            disagree. In use here: any string. Elsewhere: ^0x[0-9a-fA-F]{40}$; a UUID,
            123e4567-e89b-12d3-a456-426614174000.
        timestamp: Present time in milliseconds since 1970-01-01 UTC. The server rejects a time
            that differs by more than three minutes from its own with error 011.
        payload: Names a transaction.
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too.
    """

    account: str
    timestamp: int
    payload: ByTransactionIdPayload
    additional_properties: dict[str, Any] = _field(init=False)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            DecodeError: A required field is absent, or a field has the wrong type.
        """
        ByTransactionIdPayload = _models.ByTransactionIdPayload
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "ByTransactionIdRequest")
        try:
            found = cls(
                v
                if type(v := d["account"]) is str
                else as_text(v, "ByTransactionIdRequest.account"),
                v
                if type(v := d["timestamp"]) is int
                else as_int(v, "ByTransactionIdRequest.timestamp"),
                ByTransactionIdPayload.from_dict(
                    v
                    if type(v := d["payload"]) is dict
                    else as_object(v, "ByTransactionIdRequest.payload")
                ),
            )
        except KeyError as error:
            raise absent(f"ByTransactionIdRequest.{error.args[0]}") from None
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
        ByTransactionIdPayload = _models.ByTransactionIdPayload
        field_dict: dict[str, Any] = {
            **additional(self),
            "account": filled(self.account, "account"),
            "timestamp": integer(self.timestamp, "timestamp"),
            "payload": part(self.payload, ByTransactionIdPayload, "payload"),
        }
        return field_dict
