"""Which events may be about money, so that none of them is answered 200 unread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calypso_api._events import letters
from calypso_api.models import NotificationEventType
from calypso_pay.receiver._order import is_of_a_top_up
from calypso_pay.webhooks import UnknownEvent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calypso_pay.webhooks import Event

# The event of a delivered top-up has a name that begins like no other of its service.
_GROUPS = tuple(map(letters, ("CUSTOMER_PURSE", "TOP_UP", "WALLET_FUNDS")))
_OF_MONEY = frozenset(map(letters, ("transactionId", "transactionHash", "amount")))
_DOCUMENTED = frozenset(map(letters, NotificationEventType))


def may_be_money(event: Event) -> bool:
    """Whether an event that has no handler may be about money.

    Events of top-ups do: they come only to a subscription that names them, so that a handler is
    missing by mistake. No other documented type counts: a subscription to a group gets all of its
    events, and some are ignored on purpose. A type that is not documented counts when its name
    begins like those of deposits or top-ups, when it is of their service or of none, or when it has
    a transaction or an amount anywhere in it.
    """
    if not isinstance(event, UnknownEvent):
        return is_of_a_top_up(type(event))
    event_type = letters(event.event_type or "")
    if event_type in _DOCUMENTED:
        return False
    service = letters(event.service or "")
    return (
        service in {"", *_GROUPS}
        or event_type.startswith(_GROUPS)
        or any(
            word in letters(text)
            for text in _texts(event.additional_properties)
            for word in _OF_MONEY
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
