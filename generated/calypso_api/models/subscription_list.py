from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import define, field

from .._read import as_list, as_object, missing

if TYPE_CHECKING:
    from ..models.subscription import Subscription

_KNOWN: Final[frozenset[str]] = frozenset(("subscriptions",))


@define
class SubscriptionList:
    """All webhook subscriptions of an account.

    Source: docs.calypso.finance/api-reference/webhook-api (documented, 2025-11).

    Attributes:
        subscriptions: The subscriptions.
        additional_properties: Fields that the document does not know, kept and sent again.
    """

    subscriptions: list[Subscription]
    additional_properties: dict[str, Any] = field(init=False, factory=dict)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read it from a decoded JSON object.

        Args:
            src_dict: The decoded object; fields that the document does not know are kept.

        Raises:
            DecodeError: When a required field is absent, or one has another type than documented.
        """
        from ..models.subscription import Subscription

        d = src_dict if type(src_dict) is dict else as_object(src_dict, "SubscriptionList")
        get = d.get
        try:
            found = cls(
                [
                    Subscription.from_dict(
                        item
                        if type(item) is dict
                        else as_object(item, "SubscriptionList.subscriptions")
                    )
                    for item in as_list(d["subscriptions"], "SubscriptionList.subscriptions")
                ]
            )
        except KeyError as error:
            raise missing("SubscriptionList", error) from None
        if not _KNOWN.issuperset(d):
            found.additional_properties = {
                name: value for name, value in d.items() if name not in _KNOWN
            }
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object to send."""
        field_dict: dict[str, Any] = {
            **self.additional_properties,
            "subscriptions": [item.to_dict() for item in self.subscriptions],
        }
        return field_dict
