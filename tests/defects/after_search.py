"""Searches that go wrong only for combined conditions, late pages, long amounts or one state."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from calypso_mock import _find, _views
from tests.defects.registry import Kind, defect
from tests.defects.scenes import TRON, address, customer, deposit, deposits

if TYPE_CHECKING:
    from tests.defects.registry import Replacement
    from tests.defects.talk import Talk


def two_conditions(talk: Talk) -> None:
    owner = deposits(talk, "1")
    for other in ({"notIn": [TRON]}, {"doesNotContain": "usdt"}, {"specified": False}):
        search = {"customerId": owner, "currencyFilter": {"equals": TRON, **other}}
        talk.call("findTransactions", search)


@defect(
    "equals-silences-the-others",
    "findTransactions",
    kind=Kind.FILTER,
    seam="calypso_mock._filters.passes",
    witness=two_conditions,
    half="after",
    by_reads=True,
)
def equals_silences_the_others(healthy: Replacement, value: str | None, given: Any) -> Any:
    """Ignore the other conditions of a filter that has ``equals``."""
    return value == given["equals"] if "equals" in given else healthy(value, given)


def parts_with_an_underscore(talk: Talk) -> None:
    where = address(talk, owner := customer(talk))
    deposit(talk, where, currency="TRX")
    deposit(talk, where)
    for member in ("contains", "doesNotContain"):
        for part in ("_", "USDT_", "T_X"):
            search = {"customerId": owner, "currencyFilter": {member: part}}
            talk.call("findTransactions", search)


@defect(
    "underscore-is-a-wildcard",
    "findTransactions",
    kind=Kind.FILTER,
    seam="calypso_mock._filters._within",
    witness=parts_with_an_underscore,
    half="after",
    by_reads=True,
)
def underscore_is_a_wildcard(_: Replacement, part: str, value: str | None) -> bool:
    """Pass the text to SQL LIKE unescaped, so that _ and % are wildcards."""
    pattern = re.escape(part).replace("_", ".").replace("%", ".*")
    return value is not None and re.search(pattern, value, re.IGNORECASE) is not None


def rows_that_lack_a_field(talk: Talk) -> None:
    owner = deposits(talk, "1")
    for name in ("currencyFilter", "transactionStateFilter"):
        for flag in (True, False):
            talk.call("findTransactions", {"customerId": owner, name: {"specified": flag}})


@defect(
    "specified-false-says-nothing",
    "findTransactions",
    kind=Kind.FILTER,
    seam="calypso_mock._filters.specified",
    witness=rows_that_lack_a_field,
    half="after",
    by_reads=True,
)
def specified_false_says_nothing(healthy: Replacement, value: str | None, given: Any) -> Any:
    """Treat ``specified: false`` as no condition."""
    return not given.get("specified") or healthy(value, given)


def a_closed_address(talk: Talk) -> None:
    owner = customer(talk)
    deposit(talk, where := address(talk, owner))
    deposit(talk, where, "2", to="declined")
    deposit(talk, address(talk, owner), "3")
    talk.call("findTransactions", {"customerId": owner})


@defect(
    "closed-addresses-not-searched",
    "findTransactions",
    kind=Kind.FILTER,
    seam="calypso_mock._find.of_customer",
    witness=a_closed_address,
    half="after",
    by_reads=True,
)
def closed_addresses_not_searched(healthy: Replacement, row: Any, payload: Any) -> Any:
    """Leave deposits to closed addresses out of a search by customer."""
    return healthy(row, payload) and not ("customerId" in payload and row.purse.declined)


def all_pages_in_order(talk: Talk) -> None:
    owner = deposits(talk, "3", "1", "4", "2")
    for number in (0, 1):
        search = {"customerId": owner, "properties": "amount", "pageSize": 2}
        talk.call("findTransactions", {**search, "pageNumber": number})


@defect(
    "sorted-within-the-page",
    "findTransactions",
    kind=Kind.SORT,
    seam="calypso_mock._find.find",
    witness=all_pages_in_order,
    half="after",
    by_reads=True,
)
def sorted_within_the_page(
    healthy: Replacement, transactions: Any, payload: Any, *, page_base: int
) -> Any:
    """Take the page first, and sort only its rows."""
    shown = healthy(transactions, payload, page_base=page_base)
    rows = [row for row in transactions if _find.matches(row, payload)]
    start = (shown["page"] - page_base) * shown["size"]
    cut = _find.order(rows[start : start + shown["size"]], payload)
    return {**shown, "result": list(map(_views.transaction, cut))}


def two_fields_downwards(talk: Talk) -> None:
    search = {"customerId": deposits(talk, "1", "2", "1"), "sort": "DESC"}
    for fields in ("amount", "amount,createdDate"):
        talk.call("findTransactions", {**search, "properties": fields})


@defect(
    "direction-of-the-last-field-only",
    "findTransactions",
    kind=Kind.SORT,
    seam="calypso_mock._find.order",
    witness=two_fields_downwards,
    half="after",
    by_reads=True,
)
def direction_of_the_last_field_only(healthy: Replacement, rows: Any, payload: Any) -> Any:
    """Apply the direction to the last of several fields only, as ORDER BY a, b DESC does."""
    *earlier, last = _find.order_fields(payload)
    by_last = healthy(rows, {**payload, "properties": last})
    return sorted(by_last, key=lambda row: [_find.sort_key(row, field) for field in earlier])


def amounts_almost_equal(talk: Talk) -> None:
    owner = deposits(talk, "1.000000000000000002", "1.000000000000000001")
    for direction in ("ASC", "DESC"):
        search = {"customerId": owner, "properties": "amount", "sort": direction}
        talk.call("findTransactions", search)


@defect(
    "long-amounts-tie",
    "findTransactions",
    kind=Kind.SORT,
    seam="calypso_mock._find.sort_key",
    witness=amounts_almost_equal,
    half="after",
    by_reads=True,
)
def long_amounts_tie(healthy: Replacement, row: Any, field: str) -> Any:
    """Compare amounts as floats, which lose the eighteenth digit."""
    has_field, value = healthy(row, field)
    return has_field, float(value) if field == "amount" else value


def pages_just_full(talk: Talk) -> None:
    owner = deposits(talk, "1", "2", "3", "4")
    for size in (3, 4, 2):
        talk.call("findTransactions", {"customerId": owner, "pageSize": size})


@defect(
    "full-last-page-counts-one-more",
    "findTransactions",
    kind=Kind.PAGING,
    seam="calypso_mock._find.page_count",
    witness=pages_just_full,
    half="after",
    by_reads=True,
)
def full_last_page_counts_one_more(_: Replacement, rows: int, size: int) -> int:
    """Count one page too many when the last page is full."""
    return rows // size + 1 if rows else 0


def five_pages(talk: Talk) -> None:
    owner = deposits(talk, "1", "2", "3", "4", "5")
    for number in range(5):
        search = {"customerId": owner, "pageSize": 1, "pageNumber": number}
        talk.call("findTransactions", search)


@defect(
    "third-page-slips",
    "findTransactions",
    kind=Kind.PAGING,
    seam="calypso_mock._find.page",
    witness=five_pages,
    half="after",
    by_reads=True,
)
def third_page_slips(healthy: Replacement, rows: Any, payload: Any, *, page_base: int) -> Any:
    """Start every page from the third on one row too early."""
    shown = healthy(rows, payload, page_base=page_base)
    if shown["page"] - page_base < 2:
        return shown
    slipped = healthy([*rows[:1], *rows], payload, page_base=page_base)
    return {**shown, "result": slipped["result"]}
