"""Searches that go wrong only for combined conditions, late pages, long amounts or one state."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from calypso_mock.api import _search, _views
from tests.defects.fixtures import TRON, address, customer, deposit, deposits
from tests.defects.registry import Kind, defect

if TYPE_CHECKING:
    from tests.defects.client import Client
    from tests.defects.registry import Replacement


def two_conditions(client: Client) -> None:
    customer_id = deposits(client, "1")
    for other in ({"notIn": [TRON]}, {"doesNotContain": "usdt"}, {"specified": False}):
        search = {"customerId": customer_id, "currencyFilter": {"equals": TRON, **other}}
        client.call("findTransactions", search)


@defect(
    "equals-silences-the-others",
    "findTransactions",
    kind=Kind.FILTER,
    patch_point="calypso_mock.api._filters.passes",
    repro=two_conditions,
    half="after",
    visible_to_reads=True,
)
def equals_silences_the_others(healthy: Replacement, value: str | None, given: Any) -> Any:
    """Ignore the other conditions of a filter that has ``equals``."""
    return value == given["equals"] if "equals" in given else healthy(value, given)


def filters_with_an_underscore(client: Client) -> None:
    addr = address(client, customer_id := customer(client))
    deposit(client, addr, currency="TRX")
    deposit(client, addr)
    for member in ("contains", "doesNotContain"):
        for part in ("_", "USDT_", "T_X"):
            search = {"customerId": customer_id, "currencyFilter": {member: part}}
            client.call("findTransactions", search)


@defect(
    "underscore-is-a-wildcard",
    "findTransactions",
    kind=Kind.FILTER,
    patch_point="calypso_mock.api._filters._within",
    repro=filters_with_an_underscore,
    half="after",
    visible_to_reads=True,
)
def underscore_is_a_wildcard(_: Replacement, part: str, value: str | None) -> bool:
    """Pass the text to SQL LIKE unescaped, so that _ and % are wildcards."""
    pattern = re.escape(part).replace("_", ".").replace("%", ".*")
    return value is not None and re.search(pattern, value, re.IGNORECASE) is not None


def rows_that_lack_a_field(client: Client) -> None:
    customer_id = deposits(client, "1")
    for name in ("currencyFilter", "transactionStateFilter"):
        for flag in (True, False):
            client.call("findTransactions", {"customerId": customer_id, name: {"specified": flag}})


@defect(
    "specified-false-says-nothing",
    "findTransactions",
    kind=Kind.FILTER,
    patch_point="calypso_mock.api._filters.specified",
    repro=rows_that_lack_a_field,
    half="after",
    visible_to_reads=True,
)
def specified_false_says_nothing(healthy: Replacement, value: str | None, given: Any) -> Any:
    """Treat ``specified: false`` as no condition."""
    return not given.get("specified") or healthy(value, given)


def a_closed_address(client: Client) -> None:
    customer_id = customer(client)
    deposit(client, addr := address(client, customer_id))
    deposit(client, addr, "2", to="declined")
    deposit(client, address(client, customer_id), "3")
    client.call("findTransactions", {"customerId": customer_id})


@defect(
    "closed-addresses-not-searched",
    "findTransactions",
    kind=Kind.FILTER,
    patch_point="calypso_mock.api._search.of_customer",
    repro=a_closed_address,
    half="after",
    visible_to_reads=True,
)
def closed_addresses_not_searched(healthy: Replacement, row: Any, payload: Any) -> Any:
    """Leave deposits to closed addresses out of a search by customer."""
    return healthy(row, payload) and not ("customerId" in payload and row.purse.declined)


def all_pages_in_order(client: Client) -> None:
    customer_id = deposits(client, "3", "1", "4", "2")
    for number in (0, 1):
        search = {"customerId": customer_id, "properties": "amount", "pageSize": 2}
        client.call("findTransactions", {**search, "pageNumber": number})


@defect(
    "sorted-within-the-page",
    "findTransactions",
    kind=Kind.SORT,
    patch_point="calypso_mock.api._search.find",
    repro=all_pages_in_order,
    half="after",
    visible_to_reads=True,
)
def sorted_within_the_page(
    healthy: Replacement, transactions: Any, payload: Any, *, page_base: int
) -> Any:
    """Take the page first, and sort only its rows."""
    body = healthy(transactions, payload, page_base=page_base)
    rows = [row for row in transactions if _search.matches(row, payload)]
    start = (body["page"] - page_base) * body["size"]
    cut = _search.order(rows[start : start + body["size"]], payload)
    return {**body, "result": list(map(_views.transaction, cut))}


def two_fields_descending(client: Client) -> None:
    search = {"customerId": deposits(client, "1", "2", "1"), "sort": "DESC"}
    for fields in ("amount", "amount,createdDate"):
        client.call("findTransactions", {**search, "properties": fields})


@defect(
    "direction-of-the-last-field-only",
    "findTransactions",
    kind=Kind.SORT,
    patch_point="calypso_mock.api._search.order",
    repro=two_fields_descending,
    half="after",
    visible_to_reads=True,
)
def direction_of_the_last_field_only(healthy: Replacement, rows: Any, payload: Any) -> Any:
    """Apply the direction to the last of several fields only, as ORDER BY a, b DESC does."""
    *earlier, last = _search.order_fields(payload)
    by_last = healthy(rows, {**payload, "properties": last})
    return sorted(by_last, key=lambda row: [_search.sort_key(row, field) for field in earlier])


def amounts_almost_equal(client: Client) -> None:
    customer_id = deposits(client, "1.000000000000000002", "1.000000000000000001")
    for direction in ("ASC", "DESC"):
        search = {"customerId": customer_id, "properties": "amount", "sort": direction}
        client.call("findTransactions", search)


@defect(
    "long-amounts-tie",
    "findTransactions",
    kind=Kind.SORT,
    patch_point="calypso_mock.api._search.sort_key",
    repro=amounts_almost_equal,
    half="after",
    visible_to_reads=True,
)
def long_amounts_tie(healthy: Replacement, row: Any, field: str) -> Any:
    """Compare amounts as floats, which lose the eighteenth digit."""
    has_field, value = healthy(row, field)
    return has_field, float(value) if field == "amount" else value


def pages_just_full(client: Client) -> None:
    customer_id = deposits(client, "1", "2", "3", "4")
    for size in (3, 4, 2):
        client.call("findTransactions", {"customerId": customer_id, "pageSize": size})


@defect(
    "full-last-page-counts-one-more",
    "findTransactions",
    kind=Kind.PAGING,
    patch_point="calypso_mock.api._search.page_count",
    repro=pages_just_full,
    half="after",
    visible_to_reads=True,
)
def full_last_page_counts_one_more(_: Replacement, rows: int, size: int) -> int:
    """Count one page too many when the last page is full."""
    return rows // size + 1 if rows else 0


def five_pages(client: Client) -> None:
    customer_id = deposits(client, "1", "2", "3", "4", "5")
    for number in range(5):
        search = {"customerId": customer_id, "pageSize": 1, "pageNumber": number}
        client.call("findTransactions", search)


@defect(
    "third-page-slips",
    "findTransactions",
    kind=Kind.PAGING,
    patch_point="calypso_mock.api._search.page",
    repro=five_pages,
    half="after",
    visible_to_reads=True,
)
def third_page_slips(healthy: Replacement, rows: Any, payload: Any, *, page_base: int) -> Any:
    """Start every page from the third on one row too early."""
    body = healthy(rows, payload, page_base=page_base)
    if body["page"] - page_base < 2:
        return body
    slipped = healthy([*rows[:1], *rows], payload, page_base=page_base)
    return {**body, "result": slipped["result"]}
