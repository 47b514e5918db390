from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import define
from attrs import field as _field

from .. import models as _models
from .._model import Model, additional
from .._records import Reader, as_rows, complete, read_object

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
    additional_properties: dict[str, Any] = _field(init=False)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a decoded JSON object.

        Args:
            src_dict: The decoded object; unknown fields are kept.

        Raises:
            RowsError: Some rows of its lists are unreadable; its ``partial`` has all the others.
            DecodeError: It is not an object, or an essential field is absent or unreadable.
        """
        found = read_object(cls, src_dict)
        return complete(found, found.subscriptions)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, in which amounts are `Decimal` and times are text."""
        field_dict: dict[str, Any] = {
            **additional(self),
            "subscriptions": [item.to_dict() for item in self.subscriptions],
        }
        return field_dict


def _make(rows: Iterable[tuple[Any, ...]], found: list[SubscriptionList], /) -> None:
    Subscription = _models.Subscription
    for (raw_subscriptions,) in rows:
        found.append(
            SubscriptionList(
                as_rows(raw_subscriptions, "SubscriptionList.subscriptions", Subscription)
            )
        )


SubscriptionList._reader = Reader(
    SubscriptionList,
    _make,
    _NAMES,
    _ESSENTIAL,
    alone=True,
    rows=lambda: {"subscriptions": _models.Subscription},
)
