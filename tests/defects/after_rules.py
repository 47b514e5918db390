"""Rules of expiry, blocking and shared addresses that break after a certain sequence of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calypso_mock.api import _handlers, _views
from calypso_mock.state import _addresses, _purses
from tests.defects.fixtures import address, advance_clock, customer, deposit
from tests.defects.registry import Kind, defect

if TYPE_CHECKING:
    from tests.defects.client import Client
    from tests.defects.registry import Replacement


def a_deposit_of_a_blocked_customer(client: Client) -> None:
    addr = address(client, customer_id := customer(client))
    client.call("blockCustomer", {"customerId": customer_id})
    deposit(client, addr, "25.5")
    client.call("getAccount")


@defect(
    "deposits-of-the-blocked-not-credited",
    "getAccount",
    kind=Kind.RULES,
    patch_point="calypso_mock.simulation._deposits.enter",
    repro=a_deposit_of_a_blocked_customer,
    half="after",
)
def deposits_of_the_blocked_not_credited(healthy: Replacement, transaction: Any, step: str) -> None:
    """Leave a blocked customer's deposits out of the balance, but mark them as translated."""
    if step == "credited" and transaction.purse.customer.blocked:
        transaction.step = step
    else:
        healthy(transaction, step)


def an_address_requested_three_times(client: Client) -> None:
    customer_id = customer(client)
    for _ in range(3):
        address(client, customer_id)
        advance_clock(client, days=20)
    client.call("getPurses", {"customerId": customer_id})


@defect(
    "asking-keeps-an-address-alive",
    "getAddress",
    "getPurses",
    kind=Kind.RULES,
    patch_point="calypso_mock.api._handlers.HANDLERS[getAddress]",
    repro=an_address_requested_three_times,
    half="after",
)
def asking_keeps_an_address_alive(healthy: Replacement, call: Any) -> Any:
    """Count the 30 days from the last request for an address instead of the first."""
    body = healthy(call)
    for purse in _handlers.customer_of(call).purses:
        if purse.id == body["id"]:
            purse.created = call.now
    return body


def declined_then_unblocked(client: Client) -> None:
    customer_id = customer(client)
    deposit(client, address(client, customer_id), to="declined")
    for operation_id in ("blockCustomer", "unblockCustomer"):
        client.call(operation_id, {"customerId": customer_id})
    client.call("getPurses", {"customerId": customer_id})
    address(client, customer_id)


@defect(
    "unblocking-revives-declined-addresses",
    "getPurses",
    "getAddress",
    kind=Kind.RULES,
    patch_point="calypso_mock.api._handlers.set_blocked",
    repro=declined_then_unblocked,
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


def one_address_for_three(client: Client) -> None:
    customer_id = customer(client)
    for currency in ("ETH", "USDT_BSC", "POL"):
        address(client, customer_id, currency)
    client.call("getPurses", {"customerId": customer_id})


@defect(
    "polygon-apart-from-ethereum",
    "getAddress",
    "getPurses",
    kind=Kind.RULES,
    patch_point="calypso_mock.api._handlers.HANDLERS[getAddress]",
    repro=one_address_for_three,
    half="after",
)
def polygon_apart_from_ethereum(healthy: Replacement, call: Any) -> Any:
    """Issue a separate address for POL, which should share the one for ETH."""
    if call.payload["currency"] != "POL":
        return healthy(call)
    customer = _handlers.customer_of(call)
    family = _addresses.BY_CURRENCY["POL"]._replace(name="POL", currencies=("POL", "USDT_MATIC"))
    purse = customer.live_purse(family, call.now)
    return _views.address(purse or _purses.issue(call.state, customer, family, call.now))
