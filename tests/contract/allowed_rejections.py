"""Valid requests that a server may reject with 400, for reasons that no schema can express."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.contract.consistency import order_fields
from tests.contract.model import facts

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract.schemas import Json


def is_explained(
    operation_id: str | None, body: Json, code: str | None, taken: Callable[[str], bool]
) -> bool:
    """Return whether the rejection of a valid request has a reason that no schema can express.

    An unknown object (004) always is one; a bad request (001) only for the reasons in this module.

    Args:
        operation_id: The operation; None if the document does not have it.
        body: The body of the request, numbers exact.
        code: The errorCode of the rejection.
        taken: Returns whether a subscription has this id already.
    """
    payload, reason = body.get("payload"), _REASONS.get(operation_id or "")
    if code == "001" and reason is not None and isinstance(payload, dict):
        return _is_immoderate(body) or reason(payload, taken)
    return code == "004" or (code == "001" and _is_immoderate(body))


def _is_immoderate(value: object) -> bool:
    """Return whether a number has so many digits that servers may reject it."""
    if isinstance(value, dict | list):
        return any(map(_is_immoderate, value.values() if isinstance(value, dict) else value))
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return is_number and abs(Decimal(value).adjusted()) > _DIGITS


def _no_currency(payload: Json, _: object) -> bool:
    return payload["currency"] not in facts.FAMILY_OF


def _no_search(payload: Json, _: object) -> bool:
    # Whether the first page has the number 0 or 1 is not known.
    return payload.get("pageNumber") == 0 or not set(order_fields(payload)) <= set(facts.SORTABLE)


def _no_target(payload: Json, _: object) -> bool:
    nothing_named = not any(payload.get(name) for name in _TYPES)
    return nothing_named or not _is_web_address(payload["url"])


def _no_new_subscription(payload: Json, taken: Callable[[str], bool]) -> bool:
    return _no_target(payload, taken) or taken(payload["requestId"])


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


# No field of the API is meant to have so many digits.
_DIGITS = 100
_TYPES = ("notificationEventTypes", "notificationServiceTypes")
_REASONS: dict[str, Callable[[Json, Callable[[str], bool]], bool]] = {
    "getAddress": _no_currency,
    "findTransactions": _no_search,
    "createSubscription": _no_new_subscription,
    "changeSubscription": _no_target,
}
