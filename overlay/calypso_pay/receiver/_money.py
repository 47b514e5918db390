"""Which events may be about money, so that none of them is answered 200 unread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calypso_api._events import letters
from calypso_api.models import NotificationEventType
from calypso_pay.webhooks import UnknownEvent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calypso_pay.webhooks import Event

_SERVICE = letters("CUSTOMER_PURSE")
_OF_A_DEPOSIT = frozenset({letters("transactionId"), letters("amount")})
_DOCUMENTED = frozenset(map(letters, NotificationEventType))


def may_be_money(event: Event) -> bool:
    """Whether an event of an unknown type may be about a deposit.

    A documented type never counts: without a handler for it, it is ignored on purpose. Any other
    counts when it is of the service of deposits or of none, or has a transaction or an amount
    anywhere in it.
    """
    if not isinstance(event, UnknownEvent):
        return False
    event_type = letters(event.event_type or "")
    if event_type in _DOCUMENTED:
        return False
    service = letters(event.service or "")
    return (
        service in {"", _SERVICE}
        or event_type.startswith(_SERVICE)
        or any(
            word in letters(text)
            for text in _texts(event.additional_properties)
            for word in _OF_A_DEPOSIT
        )
    )


def _texts(value: object) -> Iterator[str]:
    """Go through all texts and names of members in a JSON value."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str):
            yield found
        elif isinstance(found, dict):
            waiting += [*found, *found.values()]
        elif isinstance(found, list):
            waiting += found
