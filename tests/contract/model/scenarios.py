"""Scenarios that random walks reach too rarely, compared with the same model."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from tests.contract.model import facts
from tests.contract.model.checker import REQUEST_IDS
from tests.contract.model.samples import INVALID_REQUESTS, ODD_TEXTS, with_customer
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
    from tests.contract.suite import Context

    Json = dict[str, Any]


@check("each customer keeps its own fields", "writes")
def customers(context: Context) -> None:
    """Every subset of fields, odd texts, partial updates, and updates to the same value."""
    merchants = make_merchants(context)
    for merchant in merchants:
        made = [merchant.create_customer(fields) for fields in _subsets("first")]
        for customer, fields in zip(made, reversed(list(_subsets("second"))), strict=True):
            merchant.update_customer(customer, fields)
            merchant.update_customer(customer, fields)
        for text in ODD_TEXTS:
            odd = merchant.create_customer(dict.fromkeys(facts.CUSTOMER_FIELDS, text))
            merchant.update_customer(odd, {"description": "plain"})
            merchant.update_customer(odd, {"description": text, "email": f"{text}!"})
    for merchant in merchants:
        for customer in merchant.account.customers:
            merchant.update_customer(customer, {})


@check("a block lasts until it is lifted, and does not affect addresses", "writes")
def blocks(context: Context) -> None:
    """With any fields, and however often the customer is blocked and unblocked."""
    for merchant in make_merchants(context):
        made = [merchant.create_customer(fields) for fields in _subsets("first")]
        for number, customer in enumerate(made):
            merchant.address(customer, "ETH")
            for blocked in (True, True, False, False, True, number % 2 == 0):
                merchant.set_blocked(customer, blocked=blocked)
            merchant.update_customer(customer, {"description": "after the block"})
            merchant.address(customer, "USDT_BSC")
            merchant.address(customer, "BTC")
            merchant.check_purses(customer)
        for customer in made:
            merchant.update_customer(customer, {})


@check("currencies of a family share an address, customers do not", "writes")
def addresses(context: Context) -> None:
    """Every currency twice, in both accounts."""
    for merchant in make_merchants(context):
        made = [merchant.create_customer({}) for _ in range(3)]
        for _ in range(2):
            for currency in facts.CURRENCIES:
                for customer in made:
                    merchant.address(customer, currency)
        for customer in made:
            merchant.check_purses(customer)


@check("a subscription keeps its keys, which no other one has", "writes")
def subscriptions(context: Context) -> None:
    """Created, changed, listed, deleted and created again, with the same ids in both accounts."""
    merchants = make_merchants(context)
    for number, request_id in enumerate(REQUEST_IDS):
        for merchant in merchants:
            merchant.subscribe(subscription_request(request_id, number))
            merchant.check_subscriptions()
    _change_subscriptions(merchants)
    first = merchants[0]
    for request_id in REQUEST_IDS[:3]:
        first.unsubscribe(request_id)
        first.unsubscribe(request_id)
        first.change_subscription(subscription_request(request_id, 1))
        for merchant in merchants:
            merchant.check_subscriptions()
    first.subscribe(subscription_request(REQUEST_IDS[0], 2))
    for merchant in merchants:
        merchant.check_subscriptions()
        for request_id in REQUEST_IDS:
            merchant.unsubscribe(request_id)


def _change_subscriptions(merchants: list[Merchant]) -> None:
    for number, (before, after) in enumerate(product(range(4), repeat=2)):
        for merchant in merchants:
            request_id = REQUEST_IDS[number % len(REQUEST_IDS)]
            merchant.change_subscription(subscription_request(request_id, before))
            merchant.change_subscription(subscription_request(request_id, after))
            merchant.subscribe(subscription_request(request_id, number))
            merchant.check_subscriptions()


@check("one account cannot reach the objects of another", "second account", "writes")
def foreign_objects(context: Context) -> None:
    """Nor change them: each account reads its own objects afterwards."""
    check_isolation(make_merchants(context))


@check("accounts made by the mock cannot reach each other's objects either", "mock")
def foreign_objects_of_mock(context: Context) -> None:
    """Also deposits, and requests for the other account with the own key."""
    merchants = make_merchants(context)
    for merchant in merchants:
        make_deposits(merchant, 2, 5)
    check_isolation(merchants)
    for merchant, other in (merchants, reversed(merchants)):
        for deposit in other.account.own_deposits():
            merchant.expect_rejection("getTransaction", {"transactionId": deposit.id}, "004")
        merchant.call_as_foreign_account(other.account.target.account)
    check_everything(merchants)


@check("ids are case-insensitive", "mock")
def id_case(context: Context) -> None:
    """A UUID is the same in capitals (RFC 9562)."""
    merchants = make_merchants(context)
    for merchant in merchants:
        customer = merchant.create_customer({"email": "ada@shop.example"})
        deposit = merchant.deposit(customer, "ETH", "1", "credited")
        merchant.subscribe(subscription_request(REQUEST_IDS[0], 0))
        merchant.use_uppercase_ids(customer, deposit, REQUEST_IDS[0])
    check_everything(merchants)


@check("requests with unknown fields are granted", "mock")
def unknown_fields(context: Context) -> None:
    """The document leaves requests open."""
    odd: Json = {"unknown": {"a": [1, None]}, "total": 1.5, "blocked": True}
    for merchant in make_merchants(context):
        customer = merchant.create_customer({"email": "ada@shop.example"})
        merchant.update_customer(customer, {}, odd)
        shown = customer.shown(merchant.checker.state)
        merchant.call("unblockCustomer", {"customerId": customer.id, **odd}, shown)
        merchant.call("getPurses", {"customerId": customer.id, **odd}, [])
        merchant.find(odd)
        merchant.subscribe(
            {**subscription_request(REQUEST_IDS[0], 0), "url": 'https://ü.example/?q="&r=#s', **odd}
        )
        merchant.check_subscriptions()
        merchant.unsubscribe(REQUEST_IDS[0])


@check("invalid input is rejected, and changes nothing", "mock")
def rejections(context: Context) -> None:
    """With 001, the documented code for bad input."""
    merchants = make_merchants(context)
    for merchant in merchants:
        customer = merchant.create_customer({"email": "ada@shop.example"})
        merchant.address(customer, "ETH")
        merchant.subscribe(subscription_request(REQUEST_IDS[0], 0))
        for operation, payload in INVALID_REQUESTS:
            merchant.expect_rejection(operation, with_customer(payload, customer), "001")
    check_everything(merchants)


def check_isolation(merchants: list[Merchant]) -> None:
    """Let each account try to reach the objects of the others."""
    for merchant in merchants:
        customer = merchant.create_customer({"email": "mine@shop.example"})
        merchant.address(customer, "ETH")
    first = merchants[0]
    first.subscribe(subscription_request(REQUEST_IDS[0], 0))
    for merchant in merchants:
        others = [other.account for other in merchants if other is not merchant]
        for account in others:
            for customer in account.customers:
                merchant.expect_not_found(customer.id)
        merchant.expect_not_found(REQUEST_IDS[4])
    for other in merchants[1:]:
        other.expect_not_found(REQUEST_IDS[0])
    check_everything(merchants)
    first.unsubscribe(REQUEST_IDS[0])


def _subsets(word: str) -> Iterator[dict[str, str]]:
    names = facts.CUSTOMER_FIELDS
    for number in range(2 ** len(names)):
        chosen = [name for position, name in enumerate(names) if number >> position & 1]
        yield {name: f"{word} {name}" for name in chosen}
