"""Rules of expiry, blocking and shared addresses that break after a certain sequence of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calypso_mock import _addresses, _handlers, _purses, _views
from tests.defects.registry import Kind, defect
from tests.defects.scenes import address, customer, deposit, later

if TYPE_CHECKING:
    from tests.defects.registry import Replacement
    from tests.defects.talk import Talk


def a_deposit_of_a_blocked_customer(talk: Talk) -> None:
    where = address(talk, owner := customer(talk))
    talk.call("blockCustomer", {"customerId": owner})
    deposit(talk, where, "25.5")
    talk.call("getAccount")


@defect(
    "deposits-of-the-blocked-not-credited",
    "getAccount",
    kind=Kind.RULES,
    seam="calypso_mock._deposits.enter",
    witness=a_deposit_of_a_blocked_customer,
    half="after",
)
def deposits_of_the_blocked_not_credited(healthy: Replacement, transaction: Any, step: str) -> None:
    """Leave a blocked customer's deposits out of the balance, but mark them as translated."""
    if step == "credited" and transaction.purse.customer.blocked:
        transaction.step = step
    else:
        healthy(transaction, step)


def asking_again_and_again(talk: Talk) -> None:
    owner = customer(talk)
    for _ in range(3):
        address(talk, owner)
        later(talk, days=20)
    talk.call("getPurses", {"customerId": owner})


@defect(
    "asking-keeps-an-address-alive",
    "getAddress",
    "getPurses",
    kind=Kind.RULES,
    seam="calypso_mock._handlers.HANDLERS[getAddress]",
    witness=asking_again_and_again,
    half="after",
)
def asking_keeps_an_address_alive(healthy: Replacement, call: Any) -> Any:
    """Count the 30 days from the last request for an address instead of the first."""
    shown = healthy(call)
    for purse in _handlers.customer_of(call).purses:
        if purse.id == shown["id"]:
            purse.created = call.now
    return shown


def declined_then_unblocked(talk: Talk) -> None:
    owner = customer(talk)
    deposit(talk, address(talk, owner), to="declined")
    for operation_id in ("blockCustomer", "unblockCustomer"):
        talk.call(operation_id, {"customerId": owner})
    talk.call("getPurses", {"customerId": owner})
    address(talk, owner)


@defect(
    "unblocking-revives-declined-addresses",
    "getPurses",
    "getAddress",
    kind=Kind.RULES,
    seam="calypso_mock._handlers.set_blocked",
    witness=declined_then_unblocked,
    half="after",
)
def unblocking_revives_declined_addresses(
    healthy: Replacement, customer: Any, *, blocked: bool
) -> Any:
    """Reopen all addresses of a customer that is unblocked, even declined ones."""
    if customer.blocked and not blocked:
        for purse in customer.purses:
            purse.declined = False
    return healthy(customer, blocked=blocked)


def one_address_for_three(talk: Talk) -> None:
    owner = customer(talk)
    for currency in ("ETH", "USDT_BSC", "POL"):
        address(talk, owner, currency)
    talk.call("getPurses", {"customerId": owner})


@defect(
    "polygon-apart-from-ethereum",
    "getAddress",
    "getPurses",
    kind=Kind.RULES,
    seam="calypso_mock._handlers.HANDLERS[getAddress]",
    witness=one_address_for_three,
    half="after",
)
def polygon_apart_from_ethereum(healthy: Replacement, call: Any) -> Any:
    """Issue a separate address for POL, which should share the one for ETH."""
    if call.payload["currency"] != "POL":
        return healthy(call)
    customer = _handlers.customer_of(call)
    family = _addresses.BY_CURRENCY["POL"]._replace(name="POL", currencies=("POL", "USDT_MATIC"))
    purse = _purses.live_purse(customer, family, call.now)
    return _views.address(purse or _purses.issue(call.state, customer, family, call.now))
