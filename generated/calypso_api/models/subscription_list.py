from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import define
from attrs import field as _field

from .._model import Model
from .._read import DecodeError, as_object, as_rows, complete, leniently, missing

if TYPE_CHECKING:
    from ..models.subscription import Subscription

_NAMES: Final = ("subscriptions",)
_KNOWN: Final[frozenset[str]] = frozenset(_NAMES)
_ESSENTIAL: Final[frozenset[str]] = frozenset(("subscriptions",))
_PROMISED: Final[frozenset[str]] = frozenset(("subscriptions",))


@define
class SubscriptionList(Model):
    """All webhook subscriptions of an account.

    Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-11).

    Attributes:
        subscriptions: The subscriptions.
        additional_properties: Fields that the document does not describe; `to_dict` returns
            them too. Also the values of fields that could not be read.
    """

    subscriptions: list[Subscription]
    additional_properties: dict[str, Any] = _field(init=False, factory=dict)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            RowsError: Some rows of its lists are unreadable; its ``partial`` has all the others.
            DecodeError: It is not an object, or an essential field is absent or unreadable.
        """
        d = src_dict if type(src_dict) is dict else as_object(src_dict, "SubscriptionList")
        odd: frozenset[str] = frozenset()
        try:
            found = cls._read(d)
        except DecodeError:
            found, odd = leniently(cls._read, d, _KNOWN, _ESSENTIAL)
        if odd or not _KNOWN.issuperset(d):
            found.additional_properties = {
                name: value for name, value in d.items() if name in odd or name not in _KNOWN
            }
        return complete(found, found.subscriptions)

    @classmethod
    def _read(cls, d: dict[str, Any]) -> Self:
        from ..models.subscription import Subscription

        try:
            return cls(
                as_rows(
                    d["subscriptions"], "SubscriptionList.subscriptions", Subscription.from_dict
                )
            )
        except KeyError as error:
            raise missing("SubscriptionList", error) from None

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, in which amounts are `Decimal` and times are text."""
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "subscriptions": [item.to_dict() for item in self.subscriptions],
        }
        return field_dict
