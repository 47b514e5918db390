"""Which events may be about money, so that none of them is dismissed with 200 unhandled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calypso_api._events import letters
from calypso_api.models import NotificationEventType
from calypso_pay.receiver._order import is_top_up_event
from calypso_pay.webhooks import UnknownEvent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calypso_pay.webhooks import Event

# WALLET_FUNDS is not a service, but WALLET_FUNDS_DELIVERED_ACCOUNT is an event of TOP_UP.
_GROUPS = tuple(map(letters, ("CUSTOMER_PURSE", "TOP_UP", "WALLET_FUNDS")))
_MONEY_FIELDS = frozenset(map(letters, ("transactionId", "transactionHash", "amount")))
_DOCUMENTED = frozenset(map(letters, NotificationEventType))


def may_be_money(event: Event) -> bool:
    """Whether an event that has no handler may be about money.

    - Top-ups: always. Their events come only to a subscription that names them, so a missing
      handler is a mistake.
    - Other documented types: never. A subscription to a group gets all events of the group, and
      ignoring some of them is normal.
    - Undocumented types: if the name begins like those of deposits or top-ups, if the service is
      theirs or absent, or if a transaction or an amount is anywhere in the event.
    """
    if not isinstance(event, UnknownEvent):
        return is_top_up_event(type(event))
    event_type = letters(event.event_type or "")
    if event_type in _DOCUMENTED:
        return False
    service = letters(event.service or "")
    return (
        service in {"", *_GROUPS}
        or event_type.startswith(_GROUPS)
        or any(
            field in letters(text)
            for text in _texts(event.additional_properties)
            for field in _MONEY_FIELDS
        )
    )


def _texts(value: object) -> Iterator[str]:
    """Yield all strings and member names in a JSON value."""
    pending = [value]
    while pending:
        found = pending.pop()
        if isinstance(found, str):
            yield found
        elif isinstance(found, dict):
            pending += [*found, *found.values()]
        elif isinstance(found, list):
            pending += found
