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
    from ..models.subscription_payload import SubscriptionPayload

_NAMES: Final = ("account", "timestamp", "payload")
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)


@define
class SubscriptionRequest(Model):
    """The envelope around a subscription to create or to change.

    Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-07).

    Attributes:
        account: Id of the merchant account that the request is for. Every account seen is 0x
            and 40 hex digits, but one guide shows a UUID, so no pattern is demanded here. Pages
            disagree. In use here: any string. Elsewhere: ^0x[0-9a-fA-F]{40}$; a UUID,
            123e4567-e89b-12d3-a456-426614174000.
        timestamp: Present time in milliseconds since 1970-01-01 UTC. The server rejects a time
            that differs by more than three minutes from its own with error 011.
        payload: A subscription to create or to change.
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too.
    """

    account: str
    timestamp: int
    payload: SubscriptionPayload
    additional_properties: dict[str, Any] = _field(init=False)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            DecodeError: A required field is absent, or a field has the wrong type.
        """
        SubscriptionPayload = _models.SubscriptionPayload
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "SubscriptionRequest")
        try:
            found = cls(
                v if type(v := d["account"]) is str else as_text(v, "SubscriptionRequest.account"),
                v
                if type(v := d["timestamp"]) is int
                else as_int(v, "SubscriptionRequest.timestamp"),
                SubscriptionPayload.from_dict(
                    v
                    if type(v := d["payload"]) is dict
                    else as_object(v, "SubscriptionRequest.payload")
                ),
            )
        except KeyError as error:
            raise absent(f"SubscriptionRequest.{error.args[0]}") from None
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
        SubscriptionPayload = _models.SubscriptionPayload
        field_dict: dict[str, Any] = {
            **additional(self),
            "account": filled(self.account, "account"),
            "timestamp": integer(self.timestamp, "timestamp"),
            "payload": part(self.payload, SubscriptionPayload, "payload"),
        }
        return field_dict
