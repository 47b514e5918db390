"""What an inbox handled, as the merchant's ledger in a reconciliation."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import String, Text, bindparam, or_, select, update

from calypso_pay._errors import ConfigurationError, WebhookVerificationError
from calypso_pay.inbox._statements import customer_key
from calypso_pay.inbox._tables import events
from calypso_pay.receiver import StoredEvent, Task

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet
    from decimal import Decimal

    from calypso_pay.reconcile import Booking

# The events of a batch can't be claimed until it is committed, after some milliseconds.
_BATCH = 500
_STEPS = {"credited": ("credited",), "confirmed": ("received", "credited")}

_c = events.c
_named = events.alias()
# All events of each transaction of which one names the customer, since another of them may lack it.
# A null is of an event that an older version stored and whose customer is not filled in yet.
EVENTS = (
    select(events)
    .where(
        _c.order_key.in_(
            select(_named.c.order_key).where(
                or_(
                    _named.c.customer_id == bindparam("customer", type_=String),
                    _named.c.customer_id.is_(None),
                )
            )
        )
    )
    .order_by(_c.received_at.desc(), _c.key)
)
EVENTS_OF = (
    select(events)
    .where(_c.order_key.in_(bindparam("order_keys", expanding=True)))
    .order_by(_c.received_at.desc(), _c.key)
)
UNFILLED = (
    select(events).where(_c.customer_id.is_(None)).limit(_BATCH).with_for_update(skip_locked=True)
)
FILL = (
    update(events)
    .where(_c.key == bindparam("event_key", type_=String))
    .values(customer_id=bindparam("event_customer_id", type_=Text))
)


class _Read(NamedTuple):
    """What an event of a transaction says; each of it may be missing."""

    stored: StoredEvent
    customer: str | None
    amount: Decimal | None
    currency: str | None


def steps_of(booked_when: str) -> tuple[str, ...]:
    """Return the steps at which a transaction is booked, the one to read it from first.

    Raises:
        ConfigurationError: The rule is not one of an inbox.
    """
    if booked_when not in _STEPS:
        raise ConfigurationError(
            f"The bookings of an inbox are those booked_when={' or '.join(map(repr, _STEPS))}, "
            f"not {booked_when!r}."
        )
    return _STEPS[booked_when]


def order_keys(transaction_ids: Iterable[str]) -> Iterator[list[str]]:
    """Yield what the events of these transactions are found by, in batches."""
    found = (StoredEvent.of(Task("", "", each)).order_key for each in transaction_ids)
    while batch := list(islice(found, _BATCH)):
        yield batch


def bookings(
    stored: Iterable[StoredEvent],
    customer: str,
    steps: tuple[str, ...],
    *,
    is_named: bool = True,
) -> list[Booking]:
    """Return what is booked for a customer, the transaction that was stored last first.

    Args:
        stored: All events of the transactions that may be the customer's, the last one first.
        customer: The key of the customer.
        steps: The steps at which a transaction is booked.
        is_named: Whether an event of a transaction has to name the customer.
    """
    transactions: dict[str, list[_Read]] = {}
    for each in stored:
        transactions.setdefault(each.order_key, []).append(_read(each))
    customers = {customer} if is_named else {customer, None}
    found = (_booking(each, customers, steps) for each in transactions.values())
    return [booking for booking in found if booking]


def filled(stored: StoredEvent) -> dict[str, str]:
    """Return the parameters that fill in the customer of an event; none if it can't be read."""
    customer = _read(stored).customer if stored.step else None
    return {"event_key": stored.key, "event_customer_id": customer or ""}


def _booking(
    transaction: list[_Read], customers: AbstractSet[str | None], steps: tuple[str, ...]
) -> Booking | None:
    from calypso_pay.reconcile import Booking

    done = [each for each in transaction if each.stored.status == "done"]
    handled = [each for each in done if each.stored.step in steps]
    handled.sort(key=lambda each: steps.index(str(each.stored.step)))
    owners = {each.customer for each in handled} - {None}
    owners = owners or {each.customer for each in transaction} - {None} or {None}
    if not handled or owners.isdisjoint(customers):
        return None
    # All are about the same deposit.
    sources = [*handled, *(each for each in done if each not in handled)]
    # The vendor documents the amount for one of the events only. What is unknown is not compared.
    amount = next((each.amount for each in sources if each.amount is not None), None)
    currency = next((each.currency for each in sources if each.currency), None)
    return Booking(str(handled[0].stored.transaction), amount, currency)


def _read(stored: StoredEvent) -> _Read:
    try:
        data: Any = getattr(stored.read(), "data", None)
    except WebhookVerificationError:
        data = None
    found = [getattr(data, name, None) for name in ("customer_id", "amount", "currency")]
    customer, amount, currency = found
    return _Read(stored, customer_key(customer) or stored.customer, amount, currency)
