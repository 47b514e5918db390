"""The operations of the tag subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .. import models as _models
from .._engine import Operation

if TYPE_CHECKING:
    from ..models.subscription import Subscription
    from ..models.subscription_list import SubscriptionList


def _read_subscription_list(value: Any) -> SubscriptionList:
    SubscriptionList = _models.SubscriptionList
    return SubscriptionList.from_dict(value)


def _read_subscription(value: Any) -> Subscription:
    Subscription = _models.Subscription
    return Subscription.from_dict(value)


GET_SUBSCRIPTIONS: Final[Operation[SubscriptionList]] = Operation(
    "getSubscriptions",
    "POST",
    "/api/v1/subscription/webhook",
    "safe",
    _read_subscription_list,
    (200, 400, 401, 403, 404, 429, 500),
    model=lambda: _models.SubscriptionList,
)
DELETE_SUBSCRIPTION: Final[Operation[None]] = Operation(
    "deleteSubscription",
    "DELETE",
    "/api/v1/subscription/webhook",
    "safe",
    None,
    (200, 400, 401, 403, 404, 429, 500),
)
CREATE_SUBSCRIPTION: Final[Operation[Subscription]] = Operation(
    "createSubscription",
    "POST",
    "/api/v1/subscription/webhook/create",
    "unsafe",
    _read_subscription,
    (200, 400, 401, 403, 404, 429, 500),
    model=lambda: _models.Subscription,
)
CHANGE_SUBSCRIPTION: Final[Operation[Subscription]] = Operation(
    "changeSubscription",
    "POST",
    "/api/v1/subscription/webhook/change",
    "safe",
    _read_subscription,
    (200, 400, 401, 403, 404, 429, 500),
    model=lambda: _models.Subscription,
)
