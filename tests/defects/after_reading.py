"""Reads whose responses contradict each other or the OpenAPI document."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import uuid
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from calypso_mock import _find
from calypso_mock._clock import iso
from calypso_mock._errors import not_found
from tests.defects.registry import Kind, defect
from tests.defects.scenes import SUBSCRIPTION, TRON, address, customer, deposit, deposits, later

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

    from tests.defects.registry import Replacement
    from tests.defects.talk import Talk

    Json = dict[str, Any]

_BTC = "BTC"
_SATOSHI = 100_000_000

# Keyed by the mock's state: each mock has its own entry, which is dropped with the mock.
_TOTALS: MutableMapping[Any, dict[object, int]] = WeakKeyDictionary()
_READS: MutableMapping[Any, dict[object, int]] = WeakKeyDictionary()


def _read_again(call: Any, what: str) -> int:
    """Return how often the account's data was read before, and count this read."""
    counts = _READS.setdefault(call.state, {})
    before = counts.get((call.account.id, what), 0)
    counts[call.account.id, what] = before + 1
    return before


def _each_row(shown: Json, change: Callable[[Json], Json]) -> Json:
    return {**shown, "result": [{**row, **change(row)} for row in shown["result"]]}


def two_customers_in_turn(talk: Talk) -> None:
    owners = [deposits(talk, "1", "2", "3"), deposits(talk, "4")]
    for owner in owners:
        talk.call("findTransactions", {"customerId": owner})


@defect(
    "totals-remembered-for-any-customer",
    "findTransactions",
    kind=Kind.PAGING,
    seam="calypso_mock._handlers.HANDLERS[findTransactions]",
    witness=two_customers_in_turn,
    half="after",
    by_reads=True,
)
def totals_remembered_for_any_customer(healthy: Replacement, call: Any) -> Any:
    """Cache the number of rows by the two filters only, and reuse it for other customers."""
    shown = healthy(call)
    filters = [call.payload.get(name) for name in ("currencyFilter", "transactionStateFilter")]
    key = call.account.id, json.dumps(filters, sort_keys=True)
    rows = _TOTALS.setdefault(call.state, {}).setdefault(key, shown["totalElements"])
    return {**shown, "total": _find.page_count(rows, shown["size"]), "totalElements": rows}


def newest_of_a_day_first(talk: Talk) -> None:
    search = {"customerId": deposits(talk, "1", "2"), "properties": "createdDate"}
    for direction in ("ASC", "DESC"):
        talk.call("findTransactions", {**search, "sort": direction})


@defect(
    "dates-sorted-by-the-day",
    "findTransactions",
    kind=Kind.SORT,
    seam="calypso_mock._find.sort_key",
    witness=newest_of_a_day_first,
    half="after",
    by_reads=True,
)
def dates_sorted_by_the_day(healthy: Replacement, row: Any, field: str) -> Any:
    """Sort by day only, and leave deposits of one day in the order of arrival."""
    has_field, value = healthy(row, field)
    return has_field, value.date() if field == "createdDate" else value


def equal_rows_over_pages(talk: Talk) -> None:
    owner = deposits(talk, *"123456")
    search = {"customerId": owner, "properties": "currency", "pageSize": 2}
    for number in range(3):
        talk.call("findTransactions", {**search, "pageNumber": number})


@defect(
    "ties-fall-anew-on-each-page",
    "findTransactions",
    kind=Kind.SORT,
    seam="calypso_mock._find.order",
    witness=equal_rows_over_pages,
    half="after",
    by_reads=True,
)
def ties_fall_anew_on_each_page(healthy: Replacement, rows: Any, payload: Any) -> Any:
    """Order ties differently on each page, as ORDER BY without a tie-breaker may do."""
    page = payload.get("pageNumber", 0)

    def chance(row: Any) -> bytes:
        return hashlib.sha256(f"{page} {row.id}".encode()).digest()

    return healthy(sorted(rows, key=chance), payload)


@defect(
    "pages-go-on-after-the-last-value",
    "findTransactions",
    kind=Kind.PAGING,
    seam="calypso_mock._find.page",
    witness=equal_rows_over_pages,
    half="after",
    by_reads=True,
)
def pages_go_on_after_the_last_value(
    healthy: Replacement, rows: Any, payload: Any, *, page_base: int
) -> Any:
    """Continue after the last value of the previous page, and skip other rows with that value."""
    shown = healthy(rows, payload, page_base=page_base)
    start = (shown["page"] - page_base) * shown["size"]
    if not 0 < start < len(rows):
        return shown
    fields = _find.order_fields(payload)
    seen = [_find.sort_key(rows[start - 1], field) for field in fields]
    pairs = zip(shown["result"], rows[start:], strict=False)
    new = [
        written
        for written, row in pairs
        if [_find.sort_key(row, field) for field in fields] != seen
    ]
    return {**shown, "result": new}


def one_of_two_currencies(talk: Talk) -> None:
    where = address(talk, owner := customer(talk))
    for currency in ("TRX", TRON):
        deposit(talk, where, currency=currency)
    talk.call("findTransactions", {"customerId": owner, "currencyFilter": {"in": ["TRX", TRON]}})


@defect(
    "in-looks-at-the-first-only",
    "findTransactions",
    kind=Kind.FILTER,
    seam="calypso_mock._filters.is_in",
    witness=one_of_two_currencies,
    half="after",
    by_reads=True,
)
def in_looks_at_the_first_only(healthy: Replacement, value: str | None, given: Any) -> Any:
    """Compare only with the first value of an ``in`` list."""
    return healthy(value, {"in": given["in"][:1]} if "in" in given else given)


def confirmed_over_pages(talk: Talk) -> None:
    where = address(talk, owner := customer(talk))
    for step in ("credited", "mem_pool", "credited", "pending"):
        deposit(talk, where, to=step)
    confirmed = {"transactionStateFilter": {"equals": "CONFIRMED"}}
    search = {"customerId": owner, **confirmed, "pageSize": 1}
    for number in (0, 1):
        talk.call("findTransactions", {**search, "pageNumber": number})


@defect(
    "next-pages-forget-the-filters",
    "findTransactions",
    kind=Kind.FILTER,
    seam="calypso_mock._handlers.HANDLERS[findTransactions]",
    witness=confirmed_over_pages,
    half="after",
    by_reads=True,
)
def next_pages_forget_the_filters(healthy: Replacement, call: Any) -> Any:
    """Apply the filters to the count on every page, but to the rows on the first page only."""
    shown = healthy(call)
    if shown["page"] == call.world.switches.page_base:
        return shown
    kept = {name: value for name, value in call.payload.items() if not name.endswith("Filter")}
    return {**shown, "result": healthy(dataclasses.replace(call, payload=kept))["result"]}


def every_deposit_by_its_id(talk: Talk) -> None:
    where = address(talk, owner := customer(talk))
    ids = []
    for _ in range(3):
        ids.append(deposit(talk, where))
        later(talk, seconds=1)
    talk.call("findTransactions", {"customerId": owner})
    for transaction_id in ids:
        talk.call("getTransaction", {"transactionId": transaction_id})


@defect(
    "replica-lacks-the-newest",
    "getTransaction",
    kind=Kind.STATE,
    seam="calypso_mock._handlers.HANDLERS[getTransaction]",
    witness=every_deposit_by_its_id,
    half="after",
    by_reads=True,
)
def replica_lacks_the_newest(healthy: Replacement, call: Any) -> Any:
    """Return 004 for the newest deposit, as a lagging replica would, though searches find it."""
    newest = list(call.account.transactions)[-1:]
    if call.payload["transactionId"].lower() in newest:
        raise not_found()
    return healthy(call)


def bitcoin_both_ways(talk: Talk) -> None:
    where = address(talk, owner := customer(talk), _BTC)
    found = deposit(talk, where, "0.25", currency=_BTC)
    talk.call("findTransactions", {"customerId": owner})
    talk.call("getTransaction", {"transactionId": found})


@defect(
    "bitcoin-found-in-satoshi",
    "findTransactions",
    kind=Kind.DECIMALS,
    seam="calypso_mock._handlers.HANDLERS[findTransactions]",
    witness=bitcoin_both_ways,
    half="after",
    by_reads=True,
)
def bitcoin_found_in_satoshi(healthy: Replacement, call: Any) -> Any:
    """Return amounts of bitcoin in satoshi in searches, and in bitcoin elsewhere."""

    def scaled(row: Json) -> Json:
        return {"amount": row["amount"] * _SATOSHI} if row["currency"] == _BTC else {}

    return _each_row(healthy(call), scaled)


def confirmed_and_not_credited(talk: Talk) -> None:
    where = address(talk, owner := customer(talk))
    found = deposit(talk, where, to="confirmed")
    talk.call("findTransactions", {"customerId": owner})
    talk.call("getTransaction", {"transactionId": found})


@defect(
    "searches-take-confirmed-for-credited",
    "findTransactions",
    kind=Kind.STATE,
    seam="calypso_mock._handlers.HANDLERS[findTransactions]",
    witness=confirmed_and_not_credited,
    half="after",
    by_reads=True,
)
def searches_take_confirmed_for_credited(healthy: Replacement, call: Any) -> Any:
    """Mark confirmed deposits as translated to the account, in searches only."""

    def credited(row: Json) -> Json:
        return {"translationToAccountCompleted": row["transactionState"] == "CONFIRMED"}

    return _each_row(healthy(call), credited)


def purses_of_a_depositor(talk: Talk) -> None:
    talk.call("getPurses", {"customerId": deposits(talk, "1", "2")})


@defect(
    "purses-joined-with-their-deposits",
    "getPurses",
    kind=Kind.IDS,
    seam="calypso_mock._handlers.HANDLERS[getPurses]",
    witness=purses_of_a_depositor,
    half="after",
    by_reads=True,
)
def purses_joined_with_their_deposits(healthy: Replacement, call: Any) -> Any:
    """List a purse once for each deposit to it, as an SQL join does."""
    owner = call.account.customers.get(call.payload["customerId"].lower())
    rows = []
    for written, purse in zip(healthy(call), owner.purses, strict=True):
        arrived = sum(row.purse is purse for row in call.account.transactions.values())
        rows += [written] * max(1, arrived)
    return rows


def purses_after_a_decline(talk: Talk) -> None:
    where = address(talk, owner := customer(talk))
    deposit(talk, where, to="declined")
    talk.call("findTransactions", {"customerId": owner})
    talk.call("getPurses", {"customerId": owner})


@defect(
    "declined-purses-listed-as-open",
    "getPurses",
    kind=Kind.RULES,
    seam="calypso_mock._handlers.HANDLERS[getPurses]",
    witness=purses_after_a_decline,
    half="after",
    by_reads=True,
)
def declined_purses_listed_as_open(healthy: Replacement, call: Any) -> Any:
    """List a purse as open though a declined deposit has closed it."""
    opened = {"DECLINED": "PENDING_PAYMENT"}
    return [
        {**written, "status": opened.get(written["status"], written["status"])}
        for written in healthy(call)
    ]


def purses_twice(talk: Talk) -> None:
    owner = deposits(talk, "1")
    for _ in range(2):
        talk.call("getPurses", {"customerId": owner})


@defect(
    "purse-ids-made-by-reading",
    "getPurses",
    kind=Kind.IDS,
    seam="calypso_mock._handlers.HANDLERS[getPurses]",
    witness=purses_twice,
    half="after",
    by_reads=True,
)
def purse_ids_made_by_reading(healthy: Replacement, call: Any) -> Any:
    """Generate new ids of purses whenever they are listed."""
    times = _read_again(call, "purses")
    return [
        {**written, "id": str(uuid.uuid5(uuid.UUID(written["id"]), str(times)))}
        for written in healthy(call)
    ]


def balances_thrice(talk: Talk) -> None:
    deposits(talk, "1", "2")
    for _ in range(3):
        talk.call("getAccount")


@defect(
    "balances-of-two-replicas",
    "getAccount",
    kind=Kind.STATE,
    seam="calypso_mock._handlers.HANDLERS[getAccount]",
    witness=balances_thrice,
    half="after",
    by_reads=True,
)
def balances_of_two_replicas(healthy: Replacement, call: Any) -> Any:
    """Read balances from two replicas in turn, one of which lags one deposit behind."""
    shown = healthy(call)
    credited = [row for row in call.account.transactions.values() if row.step == "credited"]
    if not _read_again(call, "account") % 2 or not credited:
        return shown
    last = credited[-1]
    lagging = [
        {**entry, "amount": entry["amount"] - last.amount * (entry["currency"] == last.currency)}
        for entry in shown["balances"]
    ]
    return {**shown, "balances": lagging}


def subscriptions_later(talk: Talk) -> None:
    talk.call("createSubscription", SUBSCRIPTION)
    later(talk, seconds=1)
    talk.call("getSubscriptions")


@defect(
    "subscriptions-dated-when-listed",
    "getSubscriptions",
    kind=Kind.TIMES,
    seam="calypso_mock._handlers.HANDLERS[getSubscriptions]",
    witness=subscriptions_later,
    half="after",
    by_reads=True,
)
def subscriptions_dated_when_listed(healthy: Replacement, call: Any) -> Any:
    """Return the time of the request as a subscription's creation date."""
    shown = healthy(call)["subscriptions"]
    return {"subscriptions": [{**written, "createdDate": iso(call.now)} for written in shown]}


def an_afternoon_s_deposits(talk: Talk) -> None:
    where = address(talk, owner := customer(talk))
    later(talk, hours=2)
    found = deposit(talk, where)
    talk.call("findTransactions", {"customerId": owner})
    talk.call("getTransaction", {"transactionId": found})


@defect(
    "searches-have-a-clock-of-twelve-hours",
    "findTransactions",
    kind=Kind.TIMES,
    seam="calypso_mock._handlers.HANDLERS[findTransactions]",
    witness=an_afternoon_s_deposits,
    half="after",
    by_reads=True,
)
def searches_have_a_clock_of_twelve_hours(healthy: Replacement, call: Any) -> Any:
    """Write hours from 01 to 12 in searches, without AM or PM."""

    def halved(row: Json) -> Json:
        day, _, time = row["createdDate"].partition("T")
        hour = int(time[:2]) % 12 or 12
        return {"createdDate": f"{day}T{hour:02}{time[2:]}"}

    return _each_row(healthy(call), halved)
