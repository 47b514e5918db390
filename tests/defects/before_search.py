"""Searches that return wrong rows, or rows in the wrong order or on the wrong page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.defects.registry import Kind, defect
from tests.defects.scenes import TRON, address, customer, deposit, deposits

if TYPE_CHECKING:
    from tests.defects.registry import Replacement
    from tests.defects.talk import Talk


def in_either_case(talk: Talk) -> None:
    owner = deposits(talk, "1")
    for part in ("USDT", "usdt"):
        filters = {"customerId": owner, "currencyFilter": {"contains": part}}
        talk.call("findTransactions", filters)


@defect(
    "contains-minds-case",
    "findTransactions",
    kind=Kind.FILTER,
    seam="calypso_mock._filters.contains",
    witness=in_either_case,
    by_reads=True,
)
def contains_minds_case(healthy: Replacement, value: str | None, given: Any) -> bool:
    """Match ``contains`` case-sensitively."""
    return healthy(value, given) and given.get("contains", "") in (value or "")


def states_of_a_customer(talk: Talk) -> None:
    where = address(talk, owner := customer(talk))
    deposit(talk, where, to="pending")
    deposit(talk, where)
    confirmed = {"transactionStateFilter": {"equals": "CONFIRMED"}}
    talk.call("findTransactions", confirmed)
    talk.call("findTransactions", {**confirmed, "customerId": owner})


@defect(
    "state-ignored-beside-customer",
    "findTransactions",
    kind=Kind.FILTER,
    seam="calypso_mock._find.matches",
    witness=states_of_a_customer,
    by_reads=True,
)
def state_ignored_beside_customer(healthy: Replacement, row: Any, payload: Any) -> Any:
    """Ignore the filter by state when the search names a customer."""
    if "customerId" in payload:
        payload = {**payload, "transactionStateFilter": {}}
    return healthy(row, payload)


def none_of_nothing(talk: Talk) -> None:
    deposits(talk, "1")
    talk.call("findTransactions", {"currencyFilter": {"in": []}})


@defect(
    "in-nothing-lets-all-through",
    "findTransactions",
    kind=Kind.FILTER,
    seam="calypso_mock._filters.is_in",
    witness=none_of_nothing,
    by_reads=True,
)
def in_nothing_lets_all_through(healthy: Replacement, value: str | None, given: Any) -> Any:
    """Treat an empty ``in`` list as no filter."""
    return not given.get("in") or healthy(value, given)


def newest_first(talk: Talk) -> None:
    talk.call("findTransactions", {"customerId": deposits(talk, "1", "2"), "sort": "DESC"})


@defect(
    "always-ascending",
    "findTransactions",
    kind=Kind.SORT,
    seam="calypso_mock._find.order",
    witness=newest_first,
    by_reads=True,
)
def always_ascending(healthy: Replacement, rows: Any, payload: Any) -> Any:
    """Sort in ascending order whatever direction is requested."""
    return healthy(rows, {**payload, "sort": "ASC"})


def by_amount(talk: Talk) -> None:
    talk.call("findTransactions", {"customerId": deposits(talk, "9", "10"), "properties": "amount"})


@defect(
    "amounts-sorted-as-texts",
    "findTransactions",
    kind=Kind.SORT,
    seam="calypso_mock._find.sort_key",
    witness=by_amount,
    by_reads=True,
)
def amounts_sorted_as_texts(healthy: Replacement, row: Any, field: str) -> Any:
    """Sort amounts as strings, so that 10 comes before 9."""
    has_field, value = healthy(row, field)
    return has_field, str(value) if field == "amount" else value


def by_two_fields(talk: Talk) -> None:
    search = {"customerId": deposits(talk, "2", "1", "2"), "sort": "DESC"}
    talk.call("findTransactions", {**search, "properties": "amount,createdDate"})


@defect(
    "second-field-ignored",
    "findTransactions",
    kind=Kind.SORT,
    seam="calypso_mock._find.order_fields",
    witness=by_two_fields,
    by_reads=True,
)
def second_field_ignored(healthy: Replacement, payload: Any) -> Any:
    """Sort by the first field only, and leave ties unsorted."""
    return healthy(payload)[:1]


def three_in_twos(talk: Talk) -> None:
    owner = deposits(talk, "1", "2", "3")
    for number in range(3):
        search = {"customerId": owner, "pageSize": 2, "pageNumber": number}
        talk.call("findTransactions", search)


@defect(
    "total-counts-rows",
    "findTransactions",
    kind=Kind.PAGING,
    seam="calypso_mock._find.page_count",
    witness=three_in_twos,
    by_reads=True,
)
def total_counts_rows(_: Replacement, rows: int, size: int) -> int:
    """Return the number of rows as the number of pages."""
    return rows


@defect(
    "last-page-filled-up",
    "findTransactions",
    kind=Kind.PAGING,
    seam="calypso_mock._find.page",
    witness=three_in_twos,
    by_reads=True,
)
def last_page_filled_up(healthy: Replacement, rows: Any, payload: Any, *, page_base: int) -> Any:
    """Start the last page early enough to fill it, so that rows appear twice."""
    shown = healthy(rows, payload, page_base=page_base)
    short = shown["size"] - len(shown["result"])
    if not 0 < short < shown["size"] or shown["page"] == page_base:
        return shown
    full = healthy(rows[-shown["size"] :], {"pageSize": shown["size"]}, page_base=page_base)
    return {**shown, "result": full["result"]}


def many_on_a_page(talk: Talk) -> None:
    where = address(talk, owner := customer(talk))
    for _ in range(21):
        talk.control("deposit", {"address": where, "currency": TRON, "amount": 1})
    talk.call("findTransactions", {"customerId": owner, "pageSize": 50})


@defect(
    "at-most-twenty-rows",
    "findTransactions",
    kind=Kind.PAGING,
    seam="calypso_mock._find.page",
    witness=many_on_a_page,
    by_reads=True,
)
def at_most_twenty_rows(healthy: Replacement, rows: Any, payload: Any, *, page_base: int) -> Any:
    """Return at most 20 rows on a page, but report the requested page size."""
    shown = healthy(rows, payload, page_base=page_base)
    return {**shown, "result": shown["result"][:20]}
