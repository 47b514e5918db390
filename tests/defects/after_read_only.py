"""Reads whose responses contradict each other or the OpenAPI document."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import uuid
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from calypso_mock._errors import not_found
from calypso_mock.api import _search
from calypso_mock.state._dates import iso
from tests.defects.fixtures import (
    SUBSCRIPTION,
    TRON,
    address,
    advance_clock,
    customer,
    deposit,
    deposits,
)
from tests.defects.registry import Kind, defect

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

    from tests.defects.client import Client
    from tests.defects.registry import Replacement

    Json = dict[str, Any]

_BTC = "BTC"
_SATOSHI = 100_000_000

# Keyed by the mock's state: each mock has its own entry, which is dropped with the mock.
_TOTALS: MutableMapping[Any, dict[object, int]] = WeakKeyDictionary()
_READS: MutableMapping[Any, dict[object, int]] = WeakKeyDictionary()


def _count_read(call: Any, what: str) -> int:
    """Return how often the account's data was read before, and count this read."""
    counts = _READS.setdefault(call.state, {})
    before = counts.get((call.account.id, what), 0)
    counts[call.account.id, what] = before + 1
    return before


def _change_rows(body: Json, change: Callable[[Json], Json]) -> Json:
    return {**body, "result": [{**row, **change(row)} for row in body["result"]]}


def two_customers_in_turn(client: Client) -> None:
    customer_ids = [deposits(client, "1", "2", "3"), deposits(client, "4")]
    for customer_id in customer_ids:
        client.call("findTransactions", {"customerId": customer_id})


@defect(
    "totals-remembered-for-any-customer",
    "findTransactions",
    kind=Kind.PAGING,
    patch_point="calypso_mock.api._handlers.HANDLERS[findTransactions]",
    repro=two_customers_in_turn,
    half="after",
    visible_to_reads=True,
)
def totals_remembered_for_any_customer(healthy: Replacement, call: Any) -> Any:
    """Cache the number of rows by the two filters only, and reuse it for other customers."""
    body = healthy(call)
    filters = [call.payload.get(name) for name in ("currencyFilter", "transactionStateFilter")]
    key = call.account.id, json.dumps(filters, sort_keys=True)
    rows = _TOTALS.setdefault(call.state, {}).setdefault(key, body["totalElements"])
    return {**body, "total": _search.page_count(rows, body["size"]), "totalElements": rows}


def newest_of_a_day_first(client: Client) -> None:
    search = {"customerId": deposits(client, "1", "2"), "properties": "createdDate"}
    for direction in ("ASC", "DESC"):
        client.call("findTransactions", {**search, "sort": direction})


@defect(
    "dates-sorted-by-the-day",
    "findTransactions",
    kind=Kind.SORT,
    patch_point="calypso_mock.api._search.sort_key",
    repro=newest_of_a_day_first,
    half="after",
    visible_to_reads=True,
)
def dates_sorted_by_the_day(healthy: Replacement, row: Any, field: str) -> Any:
    """Sort by day only, and leave deposits of one day in the order of arrival."""
    has_field, value = healthy(row, field)
    return has_field, value.date() if field == "createdDate" else value


def equal_rows_over_pages(client: Client) -> None:
    customer_id = deposits(client, *"123456")
    search = {"customerId": customer_id, "properties": "currency", "pageSize": 2}
    for number in range(3):
        client.call("findTransactions", {**search, "pageNumber": number})


@defect(
    "ties-fall-anew-on-each-page",
    "findTransactions",
    kind=Kind.SORT,
    patch_point="calypso_mock.api._search.order",
    repro=equal_rows_over_pages,
    half="after",
    visible_to_reads=True,
)
def ties_fall_anew_on_each_page(healthy: Replacement, rows: Any, payload: Any) -> Any:
    """Order ties differently on each page, as ORDER BY without a tie-breaker may do."""
    page = payload.get("pageNumber", 0)

    def pseudo_random(row: Any) -> bytes:
        return hashlib.sha256(f"{page} {row.id}".encode()).digest()

    return healthy(sorted(rows, key=pseudo_random), payload)


@defect(
    "pages-go-on-after-the-last-value",
    "findTransactions",
    kind=Kind.PAGING,
    patch_point="calypso_mock.api._search.page",
    repro=equal_rows_over_pages,
    half="after",
    visible_to_reads=True,
)
def pages_go_on_after_the_last_value(
    healthy: Replacement, rows: Any, payload: Any, *, page_base: int
) -> Any:
    """Continue after the last value of the previous page, and skip other rows with that value."""
    body = healthy(rows, payload, page_base=page_base)
    start = (body["page"] - page_base) * body["size"]
    if not 0 < start < len(rows):
        return body
    fields = _search.order_fields(payload)
    seen = [_search.sort_key(rows[start - 1], field) for field in fields]
    pairs = zip(body["result"], rows[start:], strict=False)
    new = [
        written
        for written, row in pairs
        if [_search.sort_key(row, field) for field in fields] != seen
    ]
    return {**body, "result": new}


def one_of_two_currencies(client: Client) -> None:
    addr = address(client, customer_id := customer(client))
    for currency in ("TRX", TRON):
        deposit(client, addr, currency=currency)
    client.call(
        "findTransactions", {"customerId": customer_id, "currencyFilter": {"in": ["TRX", TRON]}}
    )


@defect(
    "in-looks-at-the-first-only",
    "findTransactions",
    kind=Kind.FILTER,
    patch_point="calypso_mock.api._filters.is_in",
    repro=one_of_two_currencies,
    half="after",
    visible_to_reads=True,
)
def in_looks_at_the_first_only(healthy: Replacement, value: str | None, given: Any) -> Any:
    """Compare only with the first value of an ``in`` list."""
    return healthy(value, {"in": given["in"][:1]} if "in" in given else given)


def confirmed_over_pages(client: Client) -> None:
    addr = address(client, customer_id := customer(client))
    for step in ("credited", "mem_pool", "credited", "pending"):
        deposit(client, addr, to=step)
    confirmed = {"transactionStateFilter": {"equals": "CONFIRMED"}}
    search = {"customerId": customer_id, **confirmed, "pageSize": 1}
    for number in (0, 1):
        client.call("findTransactions", {**search, "pageNumber": number})


@defect(
    "next-pages-forget-the-filters",
    "findTransactions",
    kind=Kind.FILTER,
    patch_point="calypso_mock.api._handlers.HANDLERS[findTransactions]",
    repro=confirmed_over_pages,
    half="after",
    visible_to_reads=True,
)
def next_pages_forget_the_filters(healthy: Replacement, call: Any) -> Any:
    """Apply the filters to the count on every page, but to the rows on the first page only."""
    body = healthy(call)
    if body["page"] == call.context.options.page_base:
        return body
    kept = {name: value for name, value in call.payload.items() if not name.endswith("Filter")}
    return {**body, "result": healthy(dataclasses.replace(call, payload=kept))["result"]}


def every_deposit_by_its_id(client: Client) -> None:
    addr = address(client, customer_id := customer(client))
    ids = []
    for _ in range(3):
        ids.append(deposit(client, addr))
        advance_clock(client, seconds=1)
    client.call("findTransactions", {"customerId": customer_id})
    for transaction_id in ids:
        client.call("getTransaction", {"transactionId": transaction_id})


@defect(
    "replica-lacks-the-newest",
    "getTransaction",
    kind=Kind.STATE,
    patch_point="calypso_mock.api._handlers.HANDLERS[getTransaction]",
    repro=every_deposit_by_its_id,
    half="after",
    visible_to_reads=True,
)
def replica_lacks_the_newest(healthy: Replacement, call: Any) -> Any:
    """Return 004 for the newest deposit, as a lagging replica would, though searches find it."""
    newest = list(call.account.transactions)[-1:]
    if call.payload["transactionId"].lower() in newest:
        raise not_found()
    return healthy(call)


def bitcoin_by_search_and_by_id(client: Client) -> None:
    addr = address(client, customer_id := customer(client), _BTC)
    found = deposit(client, addr, "0.25", currency=_BTC)
    client.call("findTransactions", {"customerId": customer_id})
    client.call("getTransaction", {"transactionId": found})


@defect(
    "bitcoin-found-in-satoshi",
    "findTransactions",
    kind=Kind.DECIMALS,
    patch_point="calypso_mock.api._handlers.HANDLERS[findTransactions]",
    repro=bitcoin_by_search_and_by_id,
    half="after",
    visible_to_reads=True,
)
def bitcoin_found_in_satoshi(healthy: Replacement, call: Any) -> Any:
    """Return amounts of bitcoin in satoshi in searches, and in bitcoin elsewhere."""

    def scaled(row: Json) -> Json:
        return {"amount": row["amount"] * _SATOSHI} if row["currency"] == _BTC else {}

    return _change_rows(healthy(call), scaled)


def confirmed_and_not_credited(client: Client) -> None:
    addr = address(client, customer_id := customer(client))
    found = deposit(client, addr, to="confirmed")
    client.call("findTransactions", {"customerId": customer_id})
    client.call("getTransaction", {"transactionId": found})


@defect(
    "searches-take-confirmed-for-credited",
    "findTransactions",
    kind=Kind.STATE,
    patch_point="calypso_mock.api._handlers.HANDLERS[findTransactions]",
    repro=confirmed_and_not_credited,
    half="after",
    visible_to_reads=True,
)
def searches_take_confirmed_for_credited(healthy: Replacement, call: Any) -> Any:
    """Mark confirmed deposits as translated to the account, in searches only."""

    def credited(row: Json) -> Json:
        return {"translationToAccountCompleted": row["transactionState"] == "CONFIRMED"}

    return _change_rows(healthy(call), credited)


def purses_of_a_depositor(client: Client) -> None:
    client.call("getPurses", {"customerId": deposits(client, "1", "2")})


@defect(
    "purses-joined-with-their-deposits",
    "getPurses",
    kind=Kind.IDS,
    patch_point="calypso_mock.api._handlers.HANDLERS[getPurses]",
    repro=purses_of_a_depositor,
    half="after",
    visible_to_reads=True,
)
def purses_joined_with_their_deposits(healthy: Replacement, call: Any) -> Any:
    """List a purse once for each deposit to it, as an SQL join does."""
    owner = call.account.customers.get(call.payload["customerId"].lower())
    rows = []
    for written, purse in zip(healthy(call), owner.purses, strict=True):
        arrived = sum(row.purse is purse for row in call.account.transactions.values())
        rows += [written] * max(1, arrived)
    return rows


def purses_after_a_decline(client: Client) -> None:
    addr = address(client, customer_id := customer(client))
    deposit(client, addr, to="declined")
    client.call("findTransactions", {"customerId": customer_id})
    client.call("getPurses", {"customerId": customer_id})


@defect(
    "declined-purses-listed-as-open",
    "getPurses",
    kind=Kind.RULES,
    patch_point="calypso_mock.api._handlers.HANDLERS[getPurses]",
    repro=purses_after_a_decline,
    half="after",
    visible_to_reads=True,
)
def declined_purses_listed_as_open(healthy: Replacement, call: Any) -> Any:
    """List a purse as open though a declined deposit has closed it."""
    opened = {"DECLINED": "PENDING_PAYMENT"}
    return [
        {**written, "status": opened.get(written["status"], written["status"])}
        for written in healthy(call)
    ]


def purses_listed_twice(client: Client) -> None:
    customer_id = deposits(client, "1")
    for _ in range(2):
        client.call("getPurses", {"customerId": customer_id})


@defect(
    "purse-ids-made-by-reading",
    "getPurses",
    kind=Kind.IDS,
    patch_point="calypso_mock.api._handlers.HANDLERS[getPurses]",
    repro=purses_listed_twice,
    half="after",
    visible_to_reads=True,
)
def purse_ids_made_by_reading(healthy: Replacement, call: Any) -> Any:
    """Generate new ids of purses whenever they are listed."""
    times = _count_read(call, "purses")
    return [
        {**written, "id": str(uuid.uuid5(uuid.UUID(written["id"]), str(times)))}
        for written in healthy(call)
    ]


def balances_read_three_times(client: Client) -> None:
    deposits(client, "1", "2")
    for _ in range(3):
        client.call("getAccount")


@defect(
    "balances-of-two-replicas",
    "getAccount",
    kind=Kind.STATE,
    patch_point="calypso_mock.api._handlers.HANDLERS[getAccount]",
    repro=balances_read_three_times,
    half="after",
    visible_to_reads=True,
)
def balances_of_two_replicas(healthy: Replacement, call: Any) -> Any:
    """Read balances from two replicas in turn, one of which lags one deposit behind."""
    body = healthy(call)
    credited = [row for row in call.account.transactions.values() if row.step == "credited"]
    if not _count_read(call, "account") % 2 or not credited:
        return body
    last = credited[-1]
    lagging = [
        {**entry, "amount": entry["amount"] - last.amount * (entry["currency"] == last.currency)}
        for entry in body["balances"]
    ]
    return {**body, "balances": lagging}


def subscriptions_a_second_later(client: Client) -> None:
    client.call("createSubscription", SUBSCRIPTION)
    advance_clock(client, seconds=1)
    client.call("getSubscriptions")


@defect(
    "subscriptions-dated-when-listed",
    "getSubscriptions",
    kind=Kind.TIMES,
    patch_point="calypso_mock.api._handlers.HANDLERS[getSubscriptions]",
    repro=subscriptions_a_second_later,
    half="after",
    visible_to_reads=True,
)
def subscriptions_dated_when_listed(healthy: Replacement, call: Any) -> Any:
    """Return the time of the request as a subscription's creation date."""
    body = healthy(call)["subscriptions"]
    return {"subscriptions": [{**written, "createdDate": iso(call.now)} for written in body]}


def an_afternoon_s_deposits(client: Client) -> None:
    addr = address(client, customer_id := customer(client))
    advance_clock(client, hours=2)
    found = deposit(client, addr)
    client.call("findTransactions", {"customerId": customer_id})
    client.call("getTransaction", {"transactionId": found})


@defect(
    "searches-have-a-clock-of-twelve-hours",
    "findTransactions",
    kind=Kind.TIMES,
    patch_point="calypso_mock.api._handlers.HANDLERS[findTransactions]",
    repro=an_afternoon_s_deposits,
    half="after",
    visible_to_reads=True,
)
def searches_have_a_clock_of_twelve_hours(healthy: Replacement, call: Any) -> Any:
    """Write hours from 01 to 12 in searches, without AM or PM."""

    def halved(row: Json) -> Json:
        day, _, time = row["createdDate"].partition("T")
        hour = int(time[:2]) % 12 or 12
        return {"createdDate": f"{day}T{hour:02}{time[2:]}"}

    return _change_rows(healthy(call), halved)
