"""Values that are changed or truncated: decimals, times, the keys of subscriptions."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

from calypso_mock.api import _handlers, _views
from calypso_mock.state import _dates
from tests.defects.fixtures import SUBSCRIPTION, TRON, address, advance_clock, customer, deposit
from tests.defects.registry import Kind, defect

if TYPE_CHECKING:
    from tests.defects.client import Client
    from tests.defects.registry import Replacement

_EIGHT_PLACES = Decimal("0.00000001")
_LONG = "12345678901234567.123456789012345678"


def a_long_amount(client: Client) -> None:
    customer_id = customer(client)
    transaction_id = deposit(client, address(client, customer_id), _LONG)
    client.call("getTransaction", {"transactionId": transaction_id})
    client.call("findTransactions", {"customerId": customer_id})
    client.call("getAccount")


@defect(
    "amounts-through-floats",
    "getTransaction",
    "findTransactions",
    kind=Kind.DECIMALS,
    patch_point="calypso_mock.api._views.transaction",
    repro=a_long_amount,
)
def amounts_through_floats(healthy: Replacement, transaction: Any) -> Any:
    """Round the amounts of deposits to the precision of a float, about 15 digits."""
    body = healthy(transaction)
    return {**body, "amount": Decimal(repr(float(body["amount"])))}


@defect(
    "balances-of-eight-places",
    "getAccount",
    kind=Kind.DECIMALS,
    patch_point="calypso_mock.api._views.account",
    repro=a_long_amount,
)
def balances_of_eight_places(healthy: Replacement, account: Any) -> Any:
    """Round balances to eight decimal places, as bitcoin has."""
    body = healthy(account)
    balances = [
        {**balance, "amount": Context(prec=200).quantize(balance["amount"], _EIGHT_PLACES)}
        if balance["amount"].as_tuple().exponent < -8
        else balance
        for balance in body["balances"]
    ]
    return {**body, "balances": balances}


def all_dates(client: Client) -> None:
    customer_id = customer(client)
    transaction_id = deposit(client, address(client, customer_id))
    client.call("createSubscription", SUBSCRIPTION)
    advance_clock(client, hours=1)
    client.call("getPurses", {"customerId": customer_id})
    client.call("getTransaction", {"transactionId": transaction_id})
    client.call("findTransactions", {"customerId": customer_id, "currencyFilter": {"equals": TRON}})
    client.call("changeSubscription", SUBSCRIPTION)
    client.call("getSubscriptions")


@defect(
    "times-without-zone",
    "getPurses",
    "getTransaction",
    "findTransactions",
    "getSubscriptions",
    "createSubscription",
    "changeSubscription",
    kind=Kind.TIMES,
    patch_point="calypso_mock.api._views.iso",
    repro=all_dates,
    visible_to_reads=True,
)
def times_without_zone(healthy: Replacement, moment: Any) -> str:
    """Write times without a time zone."""
    return str(healthy(moment)).removesuffix("Z")


@defect(
    "transaction-dated-now",
    "getTransaction",
    kind=Kind.TIMES,
    patch_point="calypso_mock.api._handlers.HANDLERS[getTransaction]",
    repro=all_dates,
    visible_to_reads=True,
)
def transaction_dated_now(healthy: Replacement, call: Any) -> Any:
    """Return the time of the request as a transaction's date when it is read by its id."""
    return {**healthy(call), "createdDate": _dates.iso(call.now)}


@defect(
    "change-renews-the-date",
    "changeSubscription",
    "getSubscriptions",
    kind=Kind.TIMES,
    patch_point="calypso_mock.api._handlers.HANDLERS[changeSubscription]",
    repro=all_dates,
)
def change_renews_the_date(healthy: Replacement, call: Any) -> Any:
    """Return the date of the last change as a subscription's creation date."""
    _handlers.subscription_of(call).created = call.now
    return healthy(call)


def keys_of_two_subscriptions(client: Client) -> None:
    other = {**SUBSCRIPTION, "requestId": "6c2f0d7e-52c9-4c53-9d0f-0a6d3a5c3f12"}
    client.call("createSubscription", SUBSCRIPTION)
    client.call("createSubscription", other)
    client.call("changeSubscription", other)
    client.call("getSubscriptions")


@defect(
    "change-renews-the-secret",
    "changeSubscription",
    "getSubscriptions",
    kind=Kind.SECRETS,
    patch_point="calypso_mock.api._handlers.HANDLERS[changeSubscription]",
    repro=keys_of_two_subscriptions,
)
def change_renews_the_secret(healthy: Replacement, call: Any) -> Any:
    """Replace a subscription's secret with every change."""
    derive, found = call.state.ids, _handlers.subscription_of(call)
    found.secret_key = derive.token("changed secret", derive.count("changed secret"))
    return healthy(call)


@defect(
    "secrets-masked-in-the-list",
    "getSubscriptions",
    kind=Kind.SECRETS,
    patch_point="calypso_mock.api._handlers.HANDLERS[getSubscriptions]",
    repro=keys_of_two_subscriptions,
    visible_to_reads=True,
)
def secrets_masked_in_the_list(healthy: Replacement, call: Any) -> Any:
    """Return asterisks instead of secrets in the list."""
    body = healthy(call)["subscriptions"]
    return {"subscriptions": [{**row, "secretKey": "*" * 32} for row in body]}


@defect(
    "one-secret-for-an-account",
    "createSubscription",
    "getSubscriptions",
    kind=Kind.SECRETS,
    patch_point="calypso_mock.api._handlers.HANDLERS[createSubscription]",
    repro=keys_of_two_subscriptions,
)
def one_secret_for_an_account(healthy: Replacement, call: Any) -> Any:
    """Give all subscriptions of an account the same secret."""
    healthy(call)
    made = call.account.subscriptions[call.payload["requestId"].lower()]
    made.secret_key = call.state.ids.token("secret of all", call.account.id)
    return _views.subscription(made)
