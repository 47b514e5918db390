"""The expected result of a search: filters, order and pages, as documented."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from tests.contract.model.facts import DEFAULT_PAGE_SIZE
from tests.contract.rows import holds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.contract.model.objects import Deposit

    Json = dict[str, Any]

_FIELDS: dict[str, Callable[[Deposit], Any]] = {
    "id": attrgetter("id"),
    "amount": attrgetter("amount"),
    "addressFrom": attrgetter("sender.value"),
    "currency": attrgetter("currency"),
    "transactionHash": attrgetter("hash.value"),
    "transactionState": lambda deposit: deposit.states[0],
    "complianceState": lambda deposit: deposit.states[1],
    "translationToAccountCompleted": lambda deposit: deposit.states[2],
    "createdDate": attrgetter("created.earliest"),
}


def matching(deposits: Iterable[Deposit], payload: Json) -> list[Deposit]:
    """Return the deposits that pass every filter of a search."""
    return [deposit for deposit in deposits if _passes(deposit, payload)]


def order_key(payload: Json) -> Callable[[Deposit], list[Any]]:
    """Return a function that returns a deposit's sort key; equal deposits may be in any order."""
    named = payload.get("properties", "").split(",")
    fields = [name.strip() for name in named if name.strip()] or ["createdDate"]
    return lambda deposit: [_FIELDS[name](deposit) for name in fields]


def in_order(deposits: Iterable[Deposit], payload: Json) -> list[Deposit]:
    """Return deposits in the order of a search."""
    return sorted(deposits, key=order_key(payload), reverse=payload.get("sort") == "DESC")


def page_size(payload: Json) -> int:
    """Return the page size of a search."""
    return int(payload.get("pageSize", DEFAULT_PAGE_SIZE))


def pages(rows: int, size: int) -> int:
    """Return how many pages hold so many rows."""
    return (rows + size - 1) // size


def _passes(deposit: Deposit, payload: Json) -> bool:
    wanted = payload.get("customerId")
    of_customer = wanted is None or (
        deposit.customer is not None and deposit.customer.id == wanted.lower()
    )
    return (
        of_customer
        and holds(deposit.currency, payload.get("currencyFilter", {}))
        and holds(deposit.states[0], payload.get("transactionStateFilter", {}))
    )
