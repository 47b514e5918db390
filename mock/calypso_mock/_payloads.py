"""Check in a payload what the document's schemas cannot say; each fault is a 001."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from calypso_mock import _addresses, _find
from calypso_mock._errors import invalid_field

if TYPE_CHECKING:
    from collections.abc import Callable

    from calypso_mock._world import Switches

    Check = Callable[[dict[str, Any], Switches], None]


def check_currency(payload: dict[str, Any], _: Switches) -> None:
    """Refuse a currency that no address can be had for."""
    if _addresses.family_of(payload["currency"]) is None:
        raise invalid_field("payload.currency", "is not a currency that is known here")


def check_search(payload: dict[str, Any], switches: Switches) -> None:
    """Refuse an order by an unknown field, and a page before the first."""
    _find.order_fields(payload)
    if _find.page_number(payload, switches.page_base) < switches.page_base:
        raise invalid_field("payload.pageNumber", f"must be at least {switches.page_base}")


def check_target(payload: dict[str, Any], _: Switches) -> None:
    """Refuse a subscription to nothing, or one that nothing can be sent to.

    That one of the two lists is needed was documented until 2023; the rule for the URL is
    inferred.
    """
    if not payload.get("notificationEventTypes") and not payload.get("notificationServiceTypes"):
        raise invalid_field(
            "payload.notificationEventTypes",
            "must name something unless notificationServiceTypes does",
        )
    if not is_web_address(payload["url"]):
        raise invalid_field("payload.url", "must be an http or https address")


def is_web_address(url: str) -> bool:
    """Tell whether a URL is one that a notification could be posted to."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


CHECKS: dict[str, Check] = {
    "getAddress": check_currency,
    "findTransactions": check_search,
    "createSubscription": check_target,
    "changeSubscription": check_target,
}
