"""State that is lost or shared, and wrong rules of expiry and blocking."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from calypso_mock.api import _handlers, _views
from calypso_mock.simulation import _payments
from calypso_mock.state import _records
from tests.defects.fixtures import SUBSCRIPTION, address, advance_clock, customer, deposit
from tests.defects.registry import Kind, defect

if TYPE_CHECKING:
    from tests.defects.client import Client
    from tests.defects.registry import Replacement


def one_field_updated(client: Client) -> None:
    customer_id = customer(client, email="ada@shop.example", externalId="user-1815")
    client.call("updateCustomer", {"id": customer_id, "description": "Pro"})


@defect(
    "update-forgets-the-unsaid",
    "updateCustomer",
    kind=Kind.STATE,
    patch_point="calypso_mock.api._handlers.HANDLERS[updateCustomer]",
    repro=one_field_updated,
)
def update_forgets_the_unsaid(healthy: Replacement, call: Any) -> Any:
    """Clear the fields that an update leaves out."""
    _handlers.customer_of(call, "id").fields.clear()
    return healthy(call)


def a_changed_subscription(client: Client) -> None:
    client.call("createSubscription", SUBSCRIPTION)
    client.call("changeSubscription", {**SUBSCRIPTION, "url": "https://shop.example/other"})
    client.call("getSubscriptions")


@defect(
    "changes-not-kept",
    "changeSubscription",
    "getSubscriptions",
    kind=Kind.STATE,
    patch_point="calypso_mock.api._handlers.HANDLERS[changeSubscription]",
    repro=a_changed_subscription,
)
def changes_not_kept(healthy: Replacement, call: Any) -> Any:
    """Return the changed subscription, but keep the old one."""
    kept = replace(_handlers.subscription_of(call))
    body = healthy(call)
    call.account.subscriptions[call.payload["requestId"].lower()] = kept
    return body


def unblocked_then_updated(client: Client) -> None:
    customer_id = customer(client)
    for operation_id in ("blockCustomer", "unblockCustomer"):
        client.call(operation_id, {"customerId": customer_id})
    client.call("updateCustomer", {"id": customer_id, "description": "Pro"})


@defect(
    "unblocking-not-kept",
    "unblockCustomer",
    kind=Kind.STATE,
    patch_point="calypso_mock.api._handlers.HANDLERS[unblockCustomer]",
    repro=unblocked_then_updated,
)
def unblocking_not_kept(_: Replacement, call: Any) -> Any:
    """Return a customer as unblocked, but keep it blocked."""
    return {**_views.customer(_handlers.customer_of(call)), "blocked": False}


def deleted_in_capitals(client: Client) -> None:
    client.call("createSubscription", SUBSCRIPTION)
    client.call("deleteSubscription", {"requestId": SUBSCRIPTION["requestId"].upper()})
    client.call("getSubscriptions")


@defect(
    "deletion-minds-case",
    "deleteSubscription",
    kind=Kind.STATE,
    patch_point="calypso_mock.api._handlers.HANDLERS[deleteSubscription]",
    repro=deleted_in_capitals,
)
def deletion_minds_case(_: Replacement, call: Any) -> None:
    """Accept an id in upper case, but delete nothing since ids are stored in lower case."""
    _handlers.subscription_of(call)
    call.account.subscriptions.pop(call.payload["requestId"], None)


def a_balance_before_and_after_credit(client: Client) -> None:
    addr = address(client, customer(client))
    transaction_id = deposit(client, addr, "25.5", to="confirmed")
    client.call("getAccount")
    client.control("deposit/advance", {"transactionId": transaction_id})
    client.call("getAccount")


@defect(
    "balance-grows-when-confirmed",
    "getAccount",
    kind=Kind.STATE,
    patch_point="calypso_mock.simulation._deposits.enter",
    repro=a_balance_before_and_after_credit,
)
def balance_grows_when_confirmed(healthy: Replacement, transaction: Any, step: str) -> None:
    """Add a deposit to the balance when it is confirmed, before it is credited."""
    if step == "credited":
        transaction.step = step
        return
    healthy(transaction, step)
    if step == "confirmed":
        account = transaction.purse.customer.account
        _payments.credit(account, transaction.currency, transaction.amount)


def addresses_of_two_customers(client: Client) -> None:
    for _ in range(2):
        customer_id = customer(client)
        address(client, customer_id, "BTC")
        client.call("getPurses", {"customerId": customer_id})


@defect(
    "address-of-another-customer",
    "getAddress",
    "getPurses",
    kind=Kind.IDS,
    patch_point="calypso_mock.state._purses.issue",
    repro=addresses_of_two_customers,
)
def address_of_another_customer(
    healthy: Replacement, state: Any, customer: Any, family: Any, now: Any
) -> Any:
    """Issue an address that another customer of the account already has."""
    made = healthy(state, customer, family, now)
    others = (other for other in state.purses() if other.customer is not customer)
    taken = next((other for other in others if other.family == family), None)
    if taken is not None and taken.customer.account is customer.account:
        made.address = taken.address
    return made


def two_customers_without_fields(client: Client) -> None:
    for _ in range(2):
        customer(client, email="ada@shop.example")
        customer(client)


@defect(
    "bare-customers-are-one",
    "createCustomer",
    kind=Kind.IDS,
    patch_point="calypso_mock.api._handlers.HANDLERS[createCustomer]",
    repro=two_customers_without_fields,
)
def bare_customers_are_one(healthy: Replacement, call: Any) -> Any:
    """Return the same customer for every creation without fields."""
    if not _handlers.customer_fields(call):
        for known in call.account.customers.values():
            if not known.fields:
                return _views.customer(known)
    return healthy(call)


def a_month_later(client: Client) -> None:
    customer_id = customer(client)
    for _ in range(2):
        address(client, customer_id)
        advance_clock(client, days=30)
    client.call("getPurses", {"customerId": customer_id})


@defect(
    "expired-address-shown-again",
    "getAddress",
    kind=Kind.RULES,
    patch_point="calypso_mock.state._records.Customer.live_purse",
    repro=a_month_later,
)
def expired_address_shown_again(healthy: Replacement, customer: Any, family: Any, now: Any) -> Any:
    """Return an expired address instead of a new one."""
    expired = (
        purse for purse in customer.purses if purse.family == family and purse.is_expired(now)
    )
    return healthy(customer, family, now) or next(expired, None)


def a_month_after_a_deposit(client: Client) -> None:
    customer_id = customer(client)
    deposit(client, address(client, customer_id))
    advance_clock(client, days=31)
    client.call("getPurses", {"customerId": customer_id})
    address(client, customer_id)


@defect(
    "deposits-do-not-keep-alive",
    "getPurses",
    "getAddress",
    kind=Kind.RULES,
    patch_point="calypso_mock.state._records.Purse.is_expired",
    repro=a_month_after_a_deposit,
)
def deposits_do_not_keep_alive(_: Replacement, purse: Any, now: Any) -> Any:
    """Expire an address after 30 days even if it has received deposits."""
    return now - purse.created >= _records.PURSE_LIFETIME


def blocked_twice(client: Client) -> None:
    customer_id = customer(client)
    for _ in range(2):
        client.call("blockCustomer", {"customerId": customer_id})


@defect(
    "blocking-twice-unblocks",
    "blockCustomer",
    kind=Kind.RULES,
    patch_point="calypso_mock.api._handlers.HANDLERS[blockCustomer]",
    repro=blocked_twice,
)
def blocking_twice_unblocks(_: Replacement, call: Any) -> Any:
    """Toggle the blocking flag instead of setting it."""
    found = _handlers.customer_of(call)
    return _handlers.set_blocked(found, blocked=not found.blocked)
