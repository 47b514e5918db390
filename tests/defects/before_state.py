"""State that is lost or shared, and wrong rules of expiry and blocking."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from calypso_mock import _deposits, _handlers, _purses, _views
from tests.defects.registry import Kind, defect
from tests.defects.scenes import SUBSCRIPTION, address, customer, deposit, later

if TYPE_CHECKING:
    from tests.defects.registry import Replacement
    from tests.defects.talk import Talk


def one_field_updated(talk: Talk) -> None:
    owner = customer(talk, email="ada@shop.example", externalId="user-1815")
    talk.call("updateCustomer", {"id": owner, "description": "Pro"})


@defect(
    "update-forgets-the-unsaid",
    "updateCustomer",
    kind=Kind.STATE,
    seam="calypso_mock._handlers.HANDLERS[updateCustomer]",
    witness=one_field_updated,
)
def update_forgets_the_unsaid(healthy: Replacement, call: Any) -> Any:
    """Clear the fields that an update leaves out."""
    _handlers.customer_of(call, "id").fields.clear()
    return healthy(call)


def a_changed_subscription(talk: Talk) -> None:
    talk.call("createSubscription", SUBSCRIPTION)
    talk.call("changeSubscription", {**SUBSCRIPTION, "url": "https://shop.example/other"})
    talk.call("getSubscriptions")


@defect(
    "changes-not-kept",
    "changeSubscription",
    "getSubscriptions",
    kind=Kind.STATE,
    seam="calypso_mock._handlers.HANDLERS[changeSubscription]",
    witness=a_changed_subscription,
)
def changes_not_kept(healthy: Replacement, call: Any) -> Any:
    """Return the changed subscription, but keep the old one."""
    kept = replace(_handlers.subscription_of(call))
    shown = healthy(call)
    call.account.subscriptions[call.payload["requestId"].lower()] = kept
    return shown


def unblocked_then_updated(talk: Talk) -> None:
    owner = customer(talk)
    for operation_id in ("blockCustomer", "unblockCustomer"):
        talk.call(operation_id, {"customerId": owner})
    talk.call("updateCustomer", {"id": owner, "description": "Pro"})


@defect(
    "unblocking-not-kept",
    "unblockCustomer",
    kind=Kind.STATE,
    seam="calypso_mock._handlers.HANDLERS[unblockCustomer]",
    witness=unblocked_then_updated,
)
def unblocking_not_kept(_: Replacement, call: Any) -> Any:
    """Return a customer as unblocked, but keep it blocked."""
    return {**_views.customer(_handlers.customer_of(call)), "blocked": False}


def deleted_in_capitals(talk: Talk) -> None:
    talk.call("createSubscription", SUBSCRIPTION)
    talk.call("deleteSubscription", {"requestId": SUBSCRIPTION["requestId"].upper()})
    talk.call("getSubscriptions")


@defect(
    "deletion-minds-case",
    "deleteSubscription",
    kind=Kind.STATE,
    seam="calypso_mock._handlers.HANDLERS[deleteSubscription]",
    witness=deleted_in_capitals,
)
def deletion_minds_case(_: Replacement, call: Any) -> None:
    """Accept an id in upper case, but delete nothing since ids are stored in lower case."""
    _handlers.subscription_of(call)
    call.account.subscriptions.pop(call.payload["requestId"], None)


def a_balance_on_its_way(talk: Talk) -> None:
    where = address(talk, customer(talk))
    transaction_id = deposit(talk, where, "25.5", to="confirmed")
    talk.call("getAccount")
    talk.control("deposit/advance", {"transactionId": transaction_id})
    talk.call("getAccount")


@defect(
    "balance-grows-when-confirmed",
    "getAccount",
    kind=Kind.STATE,
    seam="calypso_mock._deposits.enter",
    witness=a_balance_on_its_way,
)
def balance_grows_when_confirmed(healthy: Replacement, transaction: Any, step: str) -> None:
    """Add a deposit to the balance when it is confirmed, before it is credited."""
    if step == "credited":
        transaction.step = step
        return
    healthy(transaction, step)
    if step == "confirmed":
        account = transaction.purse.customer.account
        _deposits.credit(account, transaction.currency, transaction.amount)


def addresses_of_two(talk: Talk) -> None:
    for _ in range(2):
        owner = customer(talk)
        address(talk, owner, "BTC")
        talk.call("getPurses", {"customerId": owner})


@defect(
    "address-of-another-customer",
    "getAddress",
    "getPurses",
    kind=Kind.IDS,
    seam="calypso_mock._purses.issue",
    witness=addresses_of_two,
)
def address_of_another_customer(
    healthy: Replacement, state: Any, customer: Any, family: Any, now: Any
) -> Any:
    """Issue an address that another customer of the account already has."""
    made = healthy(state, customer, family, now)
    others = (other for other in state.purses.values() if other.customer is not customer)
    taken = next((other for other in others if other.family == family), None)
    if taken is not None and taken.customer.account is customer.account:
        made.address = taken.address
    return made


def two_bare_customers(talk: Talk) -> None:
    for _ in range(2):
        customer(talk, email="ada@shop.example")
        customer(talk)


@defect(
    "bare-customers-are-one",
    "createCustomer",
    kind=Kind.IDS,
    seam="calypso_mock._handlers.HANDLERS[createCustomer]",
    witness=two_bare_customers,
)
def bare_customers_are_one(healthy: Replacement, call: Any) -> Any:
    """Return the same customer for every creation without fields."""
    if not _handlers.said(call.payload):
        for known in call.account.customers.values():
            if not known.fields:
                return _views.customer(known)
    return healthy(call)


def a_month_later(talk: Talk) -> None:
    owner = customer(talk)
    for _ in range(2):
        address(talk, owner)
        later(talk, days=30)
    talk.call("getPurses", {"customerId": owner})


@defect(
    "expired-address-shown-again",
    "getAddress",
    kind=Kind.RULES,
    seam="calypso_mock._purses.live_purse",
    witness=a_month_later,
)
def expired_address_shown_again(healthy: Replacement, customer: Any, family: Any, now: Any) -> Any:
    """Return an expired address instead of a new one."""
    expired = (
        purse
        for purse in customer.purses
        if purse.family == family and _purses.is_expired(purse, now)
    )
    return healthy(customer, family, now) or next(expired, None)


def a_month_after_a_deposit(talk: Talk) -> None:
    owner = customer(talk)
    deposit(talk, address(talk, owner))
    later(talk, days=31)
    talk.call("getPurses", {"customerId": owner})
    address(talk, owner)


@defect(
    "deposits-do-not-keep-alive",
    "getPurses",
    "getAddress",
    kind=Kind.RULES,
    seam="calypso_mock._purses.is_expired",
    witness=a_month_after_a_deposit,
)
def deposits_do_not_keep_alive(_: Replacement, purse: Any, now: Any) -> Any:
    """Expire an address after 30 days even if it has received deposits."""
    return now - purse.created >= _purses.LIFETIME


def blocked_twice(talk: Talk) -> None:
    owner = customer(talk)
    for _ in range(2):
        talk.call("blockCustomer", {"customerId": owner})


@defect(
    "blocking-twice-unblocks",
    "blockCustomer",
    kind=Kind.RULES,
    seam="calypso_mock._handlers.HANDLERS[blockCustomer]",
    witness=blocked_twice,
)
def blocking_twice_unblocks(_: Replacement, call: Any) -> Any:
    """Toggle the blocking flag instead of setting it."""
    found = _handlers.customer_of(call)
    return _handlers.set_blocked(found, blocked=not found.blocked)
