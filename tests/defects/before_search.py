"""Searches that return wrong rows, or rows in the wrong order or on the wrong page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.defects.fixtures import TRON, address, customer, deposit, deposits
from tests.defects.registry import Kind, defect

if TYPE_CHECKING:
    from tests.defects.client import Client
    from tests.defects.registry import Replacement


def filters_in_upper_and_lower_case(client: Client) -> None:
    customer_id = deposits(client, "1")
    for part in ("USDT", "usdt"):
        filters = {"customerId": customer_id, "currencyFilter": {"contains": part}}
        client.call("findTransactions", filters)


@defect(
    "contains-minds-case",
    "findTransactions",
    kind=Kind.FILTER,
    patch_point="calypso_mock.api._filters.contains",
    repro=filters_in_upper_and_lower_case,
    visible_to_reads=True,
)
def contains_minds_case(healthy: Replacement, value: str | None, given: Any) -> bool:
    """Match ``contains`` case-sensitively."""
    return healthy(value, given) and given.get("contains", "") in (value or "")


def states_of_a_customer(client: Client) -> None:
    addr = address(client, customer_id := customer(client))
    deposit(client, addr, to="pending")
    deposit(client, addr)
    confirmed = {"transactionStateFilter": {"equals": "CONFIRMED"}}
    client.call("findTransactions", confirmed)
    client.call("findTransactions", {**confirmed, "customerId": customer_id})


@defect(
    "state-ignored-beside-customer",
    "findTransactions",
    kind=Kind.FILTER,
    patch_point="calypso_mock.api._search.matches",
    repro=states_of_a_customer,
    visible_to_reads=True,
)
def state_ignored_beside_customer(healthy: Replacement, row: Any, payload: Any) -> Any:
    """Ignore the filter by state when the search names a customer."""
    if "customerId" in payload:
        payload = {**payload, "transactionStateFilter": {}}
    return healthy(row, payload)


def an_empty_list_of_currencies(client: Client) -> None:
    deposits(client, "1")
    client.call("findTransactions", {"currencyFilter": {"in": []}})


@defect(
    "in-nothing-lets-all-through",
    "findTransactions",
    kind=Kind.FILTER,
    patch_point="calypso_mock.api._filters.is_in",
    repro=an_empty_list_of_currencies,
    visible_to_reads=True,
)
def in_nothing_lets_all_through(healthy: Replacement, value: str | None, given: Any) -> Any:
    """Treat an empty ``in`` list as no filter."""
    return not given.get("in") or healthy(value, given)


def newest_first(client: Client) -> None:
    client.call("findTransactions", {"customerId": deposits(client, "1", "2"), "sort": "DESC"})


@defect(
    "always-ascending",
    "findTransactions",
    kind=Kind.SORT,
    patch_point="calypso_mock.api._search.order",
    repro=newest_first,
    visible_to_reads=True,
)
def always_ascending(healthy: Replacement, rows: Any, payload: Any) -> Any:
    """Sort in ascending order whatever direction is requested."""
    return healthy(rows, {**payload, "sort": "ASC"})


def by_amount(client: Client) -> None:
    client.call(
        "findTransactions", {"customerId": deposits(client, "9", "10"), "properties": "amount"}
    )


@defect(
    "amounts-sorted-as-texts",
    "findTransactions",
    kind=Kind.SORT,
    patch_point="calypso_mock.api._search.sort_key",
    repro=by_amount,
    visible_to_reads=True,
)
def amounts_sorted_as_texts(healthy: Replacement, row: Any, field: str) -> Any:
    """Sort amounts as strings, so that 10 comes before 9."""
    has_field, value = healthy(row, field)
    return has_field, str(value) if field == "amount" else value


def by_two_fields(client: Client) -> None:
    search = {"customerId": deposits(client, "2", "1", "2"), "sort": "DESC"}
    client.call("findTransactions", {**search, "properties": "amount,createdDate"})


@defect(
    "second-field-ignored",
    "findTransactions",
    kind=Kind.SORT,
    patch_point="calypso_mock.api._search.order_fields",
    repro=by_two_fields,
    visible_to_reads=True,
)
def second_field_ignored(healthy: Replacement, payload: Any) -> Any:
    """Sort by the first field only, and leave ties unsorted."""
    return healthy(payload)[:1]


def three_rows_in_pages_of_two(client: Client) -> None:
    customer_id = deposits(client, "1", "2", "3")
    for number in range(3):
        search = {"customerId": customer_id, "pageSize": 2, "pageNumber": number}
        client.call("findTransactions", search)


@defect(
    "total-counts-rows",
    "findTransactions",
    kind=Kind.PAGING,
    patch_point="calypso_mock.api._search.page_count",
    repro=three_rows_in_pages_of_two,
    visible_to_reads=True,
)
def total_counts_rows(_: Replacement, rows: int, size: int) -> int:
    """Return the number of rows as the number of pages."""
    return rows


@defect(
    "last-page-filled-up",
    "findTransactions",
    kind=Kind.PAGING,
    patch_point="calypso_mock.api._search.page",
    repro=three_rows_in_pages_of_two,
    visible_to_reads=True,
)
def last_page_filled_up(healthy: Replacement, rows: Any, payload: Any, *, page_base: int) -> Any:
    """Start the last page early enough to fill it, so that rows appear twice."""
    body = healthy(rows, payload, page_base=page_base)
    short = body["size"] - len(body["result"])
    if not 0 < short < body["size"] or body["page"] == page_base:
        return body
    full = healthy(rows[-body["size"] :], {"pageSize": body["size"]}, page_base=page_base)
    return {**body, "result": full["result"]}


def many_on_a_page(client: Client) -> None:
    addr = address(client, customer_id := customer(client))
    for _ in range(21):
        client.control("deposit", {"address": addr, "currency": TRON, "amount": 1})
    client.call("findTransactions", {"customerId": customer_id, "pageSize": 50})


@defect(
    "at-most-twenty-rows",
    "findTransactions",
    kind=Kind.PAGING,
    patch_point="calypso_mock.api._search.page",
    repro=many_on_a_page,
    visible_to_reads=True,
)
def at_most_twenty_rows(healthy: Replacement, rows: Any, payload: Any, *, page_base: int) -> Any:
    """Return at most 20 rows on a page, but report the requested page size."""
    body = healthy(rows, payload, page_base=page_base)
    return {**body, "result": body["result"][:20]}
