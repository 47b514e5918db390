"""Defects that reads alone reveal, on an account with deposits, addresses and balances."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from calypso_mock.api import _handlers, _search, _views
from tests.defects.fixtures import TRON, address, customer, deposit, deposits
from tests.defects.registry import Kind, defect

if TYPE_CHECKING:
    from tests.defects.client import Client
    from tests.defects.registry import Replacement

_CALLS = count()


def the_first_of_two(client: Client) -> None:
    addr = address(client, customer(client))
    first, _ = deposit(client, addr), deposit(client, addr, "2")
    client.call("getTransaction", {"transactionId": first})


@defect(
    "get-shows-the-newest",
    "getTransaction",
    kind=Kind.IDS,
    patch_point="calypso_mock.api._handlers.HANDLERS[getTransaction]",
    repro=the_first_of_two,
    visible_to_reads=True,
)
def get_shows_the_newest(healthy: Replacement, call: Any) -> Any:
    """Check that the transaction exists, but return the account's newest one."""
    healthy(call)
    return _views.transaction(list(call.account.transactions.values())[-1])


@defect(
    "get-names-the-receiver",
    "getTransaction",
    kind=Kind.IDS,
    patch_point="calypso_mock.api._handlers.HANDLERS[getTransaction]",
    repro=the_first_of_two,
    visible_to_reads=True,
)
def get_names_the_receiver(healthy: Replacement, call: Any) -> Any:
    """Return the receiving address as the sending address."""
    return {**healthy(call), "addressFrom": _handlers.transaction_of(call).purse.address}


def by_amount(client: Client) -> None:
    search = {"customerId": deposits(client, "2", "1", "3"), "properties": "amount"}
    client.call("findTransactions", search)


@defect(
    "always-by-date",
    "findTransactions",
    kind=Kind.SORT,
    patch_point="calypso_mock.api._search.order_fields",
    repro=by_amount,
    visible_to_reads=True,
)
def always_by_date(healthy: Replacement, payload: Any) -> Any:
    """Validate the sort fields, but always sort by date."""
    healthy(payload)
    return [_search.DEFAULT_ORDER]


def by_currency(client: Client) -> None:
    addr = address(client, customer_id := customer(client))
    for currency in ("USDC_TRX", TRON, "USDC_TRX", TRON, "USDC_TRX"):
        deposit(client, addr, currency=currency)
    client.call("findTransactions", {"customerId": customer_id, "properties": "currency"})


@defect(
    "currency-sorted-by-hash",
    "findTransactions",
    kind=Kind.SORT,
    patch_point="calypso_mock.api._search.sort_key",
    repro=by_currency,
    visible_to_reads=True,
)
def currency_sorted_by_hash(healthy: Replacement, row: Any, field: str) -> Any:
    """Sort by transaction hash when sorting by currency is requested."""
    return healthy(row, "transactionHash" if field == "currency" else field)


def excluded_currencies(client: Client) -> None:
    search = {"customerId": deposits(client, "1"), "currencyFilter": {"notIn": [TRON, "BTC"]}}
    client.call("findTransactions", search)


@defect(
    "not-in-lets-all-through",
    "findTransactions",
    kind=Kind.FILTER,
    patch_point="calypso_mock.api._filters.not_in",
    repro=excluded_currencies,
    visible_to_reads=True,
)
def not_in_lets_all_through(_: Replacement, value: str | None, given: Any) -> bool:
    """Ignore the condition ``notIn``."""
    return True


def three_pages(client: Client) -> None:
    customer_id = deposits(client, "1", "2", "3", "4", "5")
    for number in range(3):
        search = {"customerId": customer_id, "pageSize": 2, "pageNumber": number}
        client.call("findTransactions", search)


@defect(
    "every-page-is-the-first",
    "findTransactions",
    kind=Kind.PAGING,
    patch_point="calypso_mock.api._search.page",
    repro=three_pages,
    visible_to_reads=True,
)
def every_page_is_the_first(
    healthy: Replacement, rows: Any, payload: Any, *, page_base: int
) -> Any:
    """Return the rows of the first page whatever page number is requested."""
    first = {**payload, "pageNumber": page_base}
    body = healthy(rows, first, page_base=page_base)
    return {**body, "page": _search.page_number(payload, page_base)}


@defect(
    "size-is-always-twenty",
    "findTransactions",
    kind=Kind.PAGING,
    patch_point="calypso_mock.api._search.page",
    repro=three_pages,
    visible_to_reads=True,
)
def size_is_always_twenty(healthy: Replacement, rows: Any, payload: Any, *, page_base: int) -> Any:
    """Ignore the requested page size and always use the default."""
    usual = {**payload, "pageSize": _search.DEFAULT_PAGE_SIZE}
    return healthy(rows, usual, page_base=page_base)


@defect(
    "later-pages-begin-a-row-late",
    "findTransactions",
    kind=Kind.PAGING,
    patch_point="calypso_mock.api._search.page",
    repro=three_pages,
    visible_to_reads=True,
)
def later_pages_begin_a_row_late(
    healthy: Replacement, rows: Any, payload: Any, *, page_base: int
) -> Any:
    """Skip the first row of every page but the first."""
    body = healthy(rows, payload, page_base=page_base)
    if body["page"] == page_base:
        return body
    return {**body, "result": healthy(rows[1:], payload, page_base=page_base)["result"]}


@defect(
    "page-always-says-the-first",
    "findTransactions",
    kind=Kind.PAGING,
    patch_point="calypso_mock.api._search.page",
    repro=three_pages,
    visible_to_reads=True,
)
def page_always_says_the_first(
    healthy: Replacement, rows: Any, payload: Any, *, page_base: int
) -> Any:
    """Return the right rows, but always the number of the first page."""
    return {**healthy(rows, payload, page_base=page_base), "page": page_base}


def one_of_two_states(client: Client) -> None:
    addr = address(client, customer(client))
    deposit(client, addr, to="pending")
    deposit(client, addr)
    client.call("findTransactions", {"transactionStateFilter": {"equals": "CONFIRMED"}})


@defect(
    "elements-counted-before-the-filters",
    "findTransactions",
    kind=Kind.PAGING,
    patch_point="calypso_mock.api._handlers.HANDLERS[findTransactions]",
    repro=one_of_two_states,
    visible_to_reads=True,
)
def elements_counted_before_the_filters(healthy: Replacement, call: Any) -> Any:
    """Count all deposits in ``totalElements``, even those that the filters exclude."""
    return {**healthy(call), "totalElements": len(call.account.transactions)}


def deposits_in_each_state(client: Client) -> None:
    customer_id = customer(client)
    for step in ("mem_pool", "pending", "credited", "declined"):
        made = deposit(client, address(client, customer_id), "2", to=step)
        client.call("getTransaction", {"transactionId": made})
    client.call("findTransactions", {"customerId": customer_id})
    client.call("getPurses", {"customerId": customer_id})


@defect(
    "declined-amounts-are-negative",
    "getTransaction",
    "findTransactions",
    kind=Kind.DECIMALS,
    patch_point="calypso_mock.api._views.transaction",
    repro=deposits_in_each_state,
    visible_to_reads=True,
)
def declined_amounts_are_negative(healthy: Replacement, transaction: Any) -> Any:
    """Return a negative amount for a declined deposit."""
    body = healthy(transaction)
    return {**body, "amount": -body["amount"]} if transaction.step == "declined" else body


@defect(
    "pending-counts-as-translated",
    "getTransaction",
    "findTransactions",
    kind=Kind.STATE,
    patch_point="calypso_mock.api._views.transaction",
    repro=deposits_in_each_state,
    visible_to_reads=True,
)
def pending_counts_as_translated(healthy: Replacement, transaction: Any) -> Any:
    """Mark a deposit as translated to the account while it is still being checked."""
    body = healthy(transaction)
    early = transaction.step == "pending"
    return {**body, "translationToAccountCompleted": True} if early else body


@defect(
    "no-purses-ever",
    "getPurses",
    kind=Kind.STATE,
    patch_point="calypso_mock.api._handlers.HANDLERS[getPurses]",
    repro=deposits_in_each_state,
    visible_to_reads=True,
)
def no_purses_ever(healthy: Replacement, call: Any) -> Any:
    """Return an empty list of purses for a customer that has some."""
    healthy(call)
    return []


@defect(
    "declined-purses-left-out",
    "getPurses",
    kind=Kind.STATE,
    patch_point="calypso_mock.api._handlers.HANDLERS[getPurses]",
    repro=deposits_in_each_state,
    visible_to_reads=True,
)
def declined_purses_left_out(healthy: Replacement, call: Any) -> Any:
    """Leave out purses that a declined deposit has closed."""
    return [purse for purse in healthy(call) if purse["status"] != "DECLINED"]


def an_account_read_twice(client: Client) -> None:
    deposits(client, "1")
    for _ in range(2):
        client.call("getAccount")


@defect(
    "every-other-balance-is-old",
    "getAccount",
    kind=Kind.STATE,
    patch_point="calypso_mock.api._views.account",
    repro=an_account_read_twice,
    visible_to_reads=True,
)
def every_other_balance_is_old(healthy: Replacement, account: Any) -> Any:
    """Read balances from two databases in turn, one of which lacks the last change."""
    body = healthy(account)
    if next(_CALLS) % 2:
        return body
    *others, last = body["balances"]
    return {**body, "balances": [*others, {**last, "amount": last["amount"] / 2}]}
