"""Scenarios of deposits, compared with the model: states, addresses, searches."""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING, Any

from tests.contract.model import facts
from tests.contract.model.checker import REQUEST_IDS
from tests.contract.model.samples import AMOUNTS, CURRENCY_FILTERS, STATE_FILTERS
from tests.contract.model.scenario_helpers import (
    check_everything,
    make_deposits,
    make_merchants,
    subscription_request,
)
from tests.contract.suite import check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.model.merchant import Merchant
    from tests.contract.model.objects import Customer
    from tests.contract.suite import Context

    Json = dict[str, Any]


@check("each deposit is shown correctly in every state, on every path to it", "mock")
def deposits(context: Context) -> None:
    """At once and step by step; balances grow only by credited deposits."""
    merchants = make_merchants(context)
    for merchant in merchants:
        customer = merchant.create_customer({"email": "ada@shop.example"})
        amounts = cycle(AMOUNTS)
        for path in _paths("mem_pool", ()):
            for start in range(len(path)):
                _go(merchant, customer, path[start:], next(amounts))
        for amount in AMOUNTS:
            merchant.deposit(customer, "USDT", amount, "credited")
    check_everything(merchants)


@check("deposits of a blocked customer are credited like any others", "mock")
def blocked_deposits(context: Context) -> None:
    """Blocking does not stop deposits, neither later ones nor those in progress."""
    merchants = make_merchants(context)
    for merchant in merchants:
        customer = merchant.create_customer({})
        merchant.set_blocked(customer, blocked=True)
        merchant.deposit(customer, "BTC", "0.5", "credited")
        waiting = merchant.deposit(customer, "BTC", "0.25", "pending")
        merchant.set_blocked(customer, blocked=False)
        merchant.set_blocked(customer, blocked=True)
        merchant.move_on(waiting, "credited")
    check_everything(merchants)


@check("every search finds the right rows, in order, on all pages", "mock")
def searches(context: Context) -> None:
    """Seven customers with sixty deposits; every filter condition and every order."""
    merchant, *others = make_merchants(context)
    made = make_deposits(merchant, 7, 60)
    for other in others:
        make_deposits(other, 2, 6)
    for currency in CURRENCY_FILTERS:
        merchant.find({"currencyFilter": currency, "pageSize": 100})
    for state in STATE_FILTERS:
        merchant.find({"transactionStateFilter": state, "pageSize": 100})
    for number, currency in enumerate(CURRENCY_FILTERS):
        state = STATE_FILTERS[number % len(STATE_FILTERS)]
        filters = {"currencyFilter": currency, "transactionStateFilter": state}
        merchant.walk({**filters, "customerId": made[number % 7].id, "pageSize": 3})
    for order in _orders():
        merchant.find({**order, "pageSize": 100})
        merchant.walk({**order, "pageSize": 9})
    for other in others:
        other.walk({"pageSize": 2})


@check("pages of every size add up to all rows", "mock")
def pages(context: Context) -> None:
    """Sizes from one row to more than there are, up to the last page and beyond."""
    for merchant, count in zip(make_merchants(context), (110, 24), strict=True):
        made = make_deposits(merchant, 3, count)
        for size in (1, 2, 5, 8, 12, 13, 23, 24, 25, 55, 100, 111, 112, 113, 2**31 - 1):
            merchant.walk({"pageSize": size})
            merchant.walk({"pageSize": size, "customerId": made[0].id})
        merchant.walk({})
        merchant.find({"pageNumber": 2**31 - 1})
        merchant.expect_rejection(
            "findTransactions", {"pageNumber": merchant.checker.state.page_base - 1}, "001"
        )
        for customer in made:
            merchant.find({"customerId": customer.id})


@check("an unused address expires after thirty days, a used one does not", "mock")
def expiry(context: Context) -> None:
    """To the hour; a new one replaces it, and the old ones remain in the list."""
    merchants = make_merchants(context)
    for merchant in merchants:
        checker = merchant.checker
        idle, busy, closed = (merchant.create_customer({}) for _ in range(3))
        for currency in ("ETH", "USDT_TRX", "BTC"):
            for customer in (idle, busy, closed):
                merchant.address(customer, currency)
        merchant.deposit(busy, "ETH", "1", "mem_pool")
        merchant.deposit(busy, "USDT_TRX", "2", "credited")
        merchant.deposit(closed, "ETH", "3", "declined")
        for by in ({"days": 29, "hours": 23}, {"hours": 1}, {"days": 1}, {"days": 29}, {"days": 1}):
            checker.advance(**by)
            for customer in (idle, busy, closed):
                _check_addresses(merchant, customer)
            merchant.deposit(busy, "USDT_BSC", "0.5", "confirmed")
            merchant.address(merchant.create_customer({}), "LTC")
        merchant.subscribe(subscription_request(REQUEST_IDS[0], 1))
    check_everything(merchants)


@check("a declined deposit closes its address, and no other", "mock")
def declines(context: Context) -> None:
    """The customer gets a new one; deposits in progress to the old one continue."""
    merchants = make_merchants(context)
    for merchant in merchants:
        customer, neighbour = merchant.create_customer({}), merchant.create_customer({})
        waiting = merchant.deposit(customer, "ETH", "1", "mem_pool")
        bad = merchant.deposit(customer, "USDT_BSC", "2", "pending")
        merchant.deposit(neighbour, "ETH", "3", "confirmed")
        merchant.move_on(bad, "declined")
        merchant.expect_no_deposit(customer.purses[0], "ETH")
        merchant.move_on(waiting, "credited")
        for each in (customer, neighbour):
            merchant.address(each, "POL")
            merchant.deposit(each, "ETH", "4", "credited")
            merchant.check_purses(each)
    check_everything(merchants)


def _paths(step: str, before: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield (*before, step)
    for following in facts.NEXT[step]:
        yield from _paths(following, (*before, step))


def _go(merchant: Merchant, customer: Customer, path: tuple[str, ...], amount: str) -> None:
    first, *others = path
    deposit = merchant.deposit(customer, "USDT_TRX", amount, first)
    for step in others:
        merchant.check_account()
        merchant.move_on(deposit, step)
    merchant.check_account()


def _orders() -> Iterator[Json]:
    for direction in ("ASC", "DESC"):
        yield {"sort": direction}
        for name in facts.SORTABLE:
            yield {"sort": direction, "properties": name}
        for names in ("currency,amount", "transactionState, addressFrom,id", "amount,createdDate"):
            yield {"sort": direction, "properties": names}
    yield {"properties": "amount"}


def _check_addresses(merchant: Merchant, customer: Customer) -> None:
    merchant.check_purses(customer)
    for purse in customer.purses:
        if not purse.is_active(merchant.checker.state):
            merchant.expect_no_deposit(purse, facts.FAMILIES[purse.family][0])
    for currency in ("ETH", "USDT_TRX", "USDT_BSC"):
        merchant.address(customer, currency)
    merchant.check_purses(customer)
