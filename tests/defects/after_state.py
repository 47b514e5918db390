"""State that is lost or shared after a certain sequence of calls."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from calypso_mock.api import _handlers, _views
from calypso_mock.simulation import _payments
from tests.defects.fixtures import (
    REQUEST_ID,
    SUBSCRIPTION,
    address,
    advance_clock,
    customer,
    deposit,
    deposits,
)
from tests.defects.registry import Kind, defect

if TYPE_CHECKING:
    from tests.defects.client import Client
    from tests.defects.registry import Replacement

# Keyed by the transaction object, which belongs to one mock only.
_FIRST_READINGS: dict[Any, Any] = {}


def blocked_then_updated(client: Client) -> None:
    customer_id = customer(client)
    client.call("blockCustomer", {"customerId": customer_id})
    client.call("updateCustomer", {"id": customer_id, "description": "Pro"})


@defect(
    "update-unblocks",
    "updateCustomer",
    kind=Kind.STATE,
    patch_point="calypso_mock.api._handlers.HANDLERS[updateCustomer]",
    repro=blocked_then_updated,
    half="after",
)
def update_unblocks(healthy: Replacement, call: Any) -> Any:
    """Reset the blocking flag with every update."""
    _handlers.customer_of(call, "id").blocked = False
    return healthy(call)


def from_events_to_groups(client: Client) -> None:
    client.call("createSubscription", SUBSCRIPTION)
    groups = {"requestId": REQUEST_ID, "url": SUBSCRIPTION["url"]}
    client.call("changeSubscription", {**groups, "notificationServiceTypes": ["CUSTOMER_PURSE"]})
    client.call("getSubscriptions")


@defect(
    "change-keeps-the-list-left-out",
    "changeSubscription",
    "getSubscriptions",
    kind=Kind.STATE,
    patch_point="calypso_mock.api._handlers.HANDLERS[changeSubscription]",
    repro=from_events_to_groups,
    half="after",
)
def change_keeps_the_list_left_out(healthy: Replacement, call: Any) -> Any:
    """Merge a change into a subscription instead of replacing both lists."""
    found = _handlers.subscription_of(call)
    kept = {
        "notificationEventTypes": found.event_types,
        "notificationServiceTypes": found.service_types,
    }
    return healthy(replace(call, payload={**kept, **call.payload}))


def a_deposit_read_twice(client: Client) -> None:
    transaction_id = deposit(client, address(client, customer(client)), to="mem_pool")
    for _ in range(2):
        client.call("getTransaction", {"transactionId": transaction_id})
        client.control("deposit/advance", {"transactionId": transaction_id})


@defect(
    "first-reading-is-cached",
    "getTransaction",
    kind=Kind.STATE,
    patch_point="calypso_mock.api._handlers.HANDLERS[getTransaction]",
    repro=a_deposit_read_twice,
    half="after",
)
def first_reading_is_cached(healthy: Replacement, call: Any) -> Any:
    """Cache the first response for a transaction, and return it from then on."""
    body = healthy(call)
    found = call.account.transactions[call.payload["transactionId"].lower()]
    return _FIRST_READINGS.setdefault(found, body)


def a_token_at_a_shared_address(client: Client) -> None:
    addr = address(client, customer(client), "ETH")
    deposit(client, addr, currency="ETH")
    deposit(client, addr, "25.5", currency="USDT_BSC")
    client.call("getAccount")


@defect(
    "tokens-credited-as-their-coin",
    "getAccount",
    kind=Kind.STATE,
    patch_point="calypso_mock.simulation._deposits.enter",
    repro=a_token_at_a_shared_address,
    half="after",
)
def tokens_credited_as_their_coin(healthy: Replacement, transaction: Any, step: str) -> None:
    """Credit every currency that arrives at an Ethereum address as ETH."""
    purse = transaction.purse
    if step != "credited" or purse.family.version is not None:
        healthy(transaction, step)
        return
    transaction.step = step
    _payments.credit(purse.customer.account, purse.family.currencies[0], transaction.amount)


def two_addresses_in_two_months(client: Client) -> None:
    customer_id = customer(client)
    for _ in range(2):
        address(client, customer_id)
        advance_clock(client, days=30)
    client.call("getPurses", {"customerId": customer_id})


@defect(
    "next-purse-has-the-same-id",
    "getAddress",
    "getPurses",
    kind=Kind.IDS,
    patch_point="calypso_mock.state._purses.issue",
    repro=two_addresses_in_two_months,
    half="after",
    visible_to_reads=True,
)
def next_purse_has_the_same_id(
    healthy: Replacement, state: Any, customer: Any, family: Any, now: Any
) -> Any:
    """Reuse the purse id of an expired address for the next one."""
    made = healthy(state, customer, family, now)
    made.id = next(purse.id for purse in customer.purses if purse.family == family)
    return made


def two_equal_deposits(client: Client) -> None:
    customer_id = deposits(client, "1", "2", "1")
    client.call("findTransactions", {"customerId": customer_id})
    client.call("getAccount")


@defect(
    "equal-deposits-are-one",
    "findTransactions",
    kind=Kind.IDS,
    patch_point="calypso_mock.simulation._deposits._arrive",
    repro=two_equal_deposits,
    half="after",
)
def equal_deposits_are_one(healthy: Replacement, state: Any, purse: Any, **others: Any) -> Any:
    """Reuse the id of an earlier deposit of the same amount to the same address."""
    made = healthy(state, purse, **others)
    rows = purse.customer.account.transactions
    twins = (row for row in rows.values() if row is not made and _is_twin(row, made))
    twin = next(twins, None)
    if twin is not None:
        del rows[made.id]
        made.id = twin.id
        rows[twin.id] = made
    return made


def _is_twin(row: Any, made: Any) -> bool:
    same_place = row.purse is made.purse and row.currency == made.currency
    return same_place and bool(row.amount == made.amount)


def customers_of_two_accounts(client: Client) -> None:
    customer_id = customer(client, email="ada@shop.example")
    other_client = client.with_new_account()
    for _ in range(2):
        customer(other_client)
    other_client.call("updateCustomer", {"id": customer_id, "description": "Mine"})


@defect(
    "customers-of-two-accounts-share-ids",
    "createCustomer",
    "updateCustomer",
    kind=Kind.IDS,
    patch_point="calypso_mock.api._handlers.HANDLERS[createCustomer]",
    repro=customers_of_two_accounts,
    half="after",
)
def customers_of_two_accounts_share_ids(healthy: Replacement, call: Any) -> Any:
    """Number customers by account, so that two accounts have the same customer ids."""
    body = healthy(call)
    first, own = next(iter(call.state.accounts.values())), call.account.customers
    taken = [customer_id for customer_id in first.customers if customer_id not in own]
    if not taken:
        return body
    made = own.pop(body["id"])
    made.id = taken[-1]
    own[made.id] = made
    return _views.customer(made)
