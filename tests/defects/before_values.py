"""Values that are changed or truncated: decimals, times, the keys of subscriptions."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

from calypso_mock import _clock, _handlers, _views
from tests.defects.registry import Kind, defect
from tests.defects.scenes import SUBSCRIPTION, TRON, address, customer, deposit, later

if TYPE_CHECKING:
    from tests.defects.registry import Replacement
    from tests.defects.talk import Talk

_EIGHT_PLACES = Decimal("0.00000001")
_LONG = "12345678901234567.123456789012345678"


def a_long_amount(talk: Talk) -> None:
    owner = customer(talk)
    transaction_id = deposit(talk, address(talk, owner), _LONG)
    talk.call("getTransaction", {"transactionId": transaction_id})
    talk.call("findTransactions", {"customerId": owner})
    talk.call("getAccount")


@defect(
    "amounts-through-floats",
    "getTransaction",
    "findTransactions",
    kind=Kind.DECIMALS,
    seam="calypso_mock._views.transaction",
    witness=a_long_amount,
)
def amounts_through_floats(healthy: Replacement, transaction: Any) -> Any:
    """Round the amounts of deposits to the precision of a float, about 15 digits."""
    shown = healthy(transaction)
    return {**shown, "amount": Decimal(repr(float(shown["amount"])))}


@defect(
    "balances-of-eight-places",
    "getAccount",
    kind=Kind.DECIMALS,
    seam="calypso_mock._views.account",
    witness=a_long_amount,
)
def balances_of_eight_places(healthy: Replacement, account: Any) -> Any:
    """Round balances to eight decimal places, as bitcoin has."""
    shown = healthy(account)
    balances = [
        {**balance, "amount": Context(prec=200).quantize(balance["amount"], _EIGHT_PLACES)}
        if balance["amount"].as_tuple().exponent < -8
        else balance
        for balance in shown["balances"]
    ]
    return {**shown, "balances": balances}


def all_dates(talk: Talk) -> None:
    owner = customer(talk)
    transaction_id = deposit(talk, address(talk, owner))
    talk.call("createSubscription", SUBSCRIPTION)
    later(talk, hours=1)
    talk.call("getPurses", {"customerId": owner})
    talk.call("getTransaction", {"transactionId": transaction_id})
    talk.call("findTransactions", {"customerId": owner, "currencyFilter": {"equals": TRON}})
    talk.call("changeSubscription", SUBSCRIPTION)
    talk.call("getSubscriptions")


@defect(
    "times-without-zone",
    "getPurses",
    "getTransaction",
    "findTransactions",
    "getSubscriptions",
    "createSubscription",
    "changeSubscription",
    kind=Kind.TIMES,
    seam="calypso_mock._views.iso",
    witness=all_dates,
    by_reads=True,
)
def times_without_zone(healthy: Replacement, moment: Any) -> str:
    """Write times without a time zone."""
    return str(healthy(moment)).removesuffix("Z")


@defect(
    "transaction-dated-now",
    "getTransaction",
    kind=Kind.TIMES,
    seam="calypso_mock._handlers.HANDLERS[getTransaction]",
    witness=all_dates,
    by_reads=True,
)
def transaction_dated_now(healthy: Replacement, call: Any) -> Any:
    """Return the time of the request as a transaction's date when it is read by its id."""
    return {**healthy(call), "createdDate": _clock.iso(call.now)}


@defect(
    "change-renews-the-date",
    "changeSubscription",
    "getSubscriptions",
    kind=Kind.TIMES,
    seam="calypso_mock._handlers.HANDLERS[changeSubscription]",
    witness=all_dates,
)
def change_renews_the_date(healthy: Replacement, call: Any) -> Any:
    """Return the date of the last change as a subscription's creation date."""
    _handlers.subscription_of(call).created = call.now
    return healthy(call)


def keys_of_two(talk: Talk) -> None:
    other = {**SUBSCRIPTION, "requestId": "6c2f0d7e-52c9-4c53-9d0f-0a6d3a5c3f12"}
    talk.call("createSubscription", SUBSCRIPTION)
    talk.call("createSubscription", other)
    talk.call("changeSubscription", other)
    talk.call("getSubscriptions")


@defect(
    "change-renews-the-secret",
    "changeSubscription",
    "getSubscriptions",
    kind=Kind.SECRETS,
    seam="calypso_mock._handlers.HANDLERS[changeSubscription]",
    witness=keys_of_two,
)
def change_renews_the_secret(healthy: Replacement, call: Any) -> Any:
    """Replace a subscription's secret with every change."""
    derive, found = call.state.derive, _handlers.subscription_of(call)
    found.secret_key = derive.token("changed secret", derive.count("changed secret"))
    return healthy(call)


@defect(
    "secrets-masked-in-the-list",
    "getSubscriptions",
    kind=Kind.SECRETS,
    seam="calypso_mock._handlers.HANDLERS[getSubscriptions]",
    witness=keys_of_two,
    by_reads=True,
)
def secrets_masked_in_the_list(healthy: Replacement, call: Any) -> Any:
    """Return asterisks instead of secrets in the list."""
    shown = healthy(call)["subscriptions"]
    return {"subscriptions": [{**row, "secretKey": "*" * 32} for row in shown]}


@defect(
    "one-secret-for-an-account",
    "createSubscription",
    "getSubscriptions",
    kind=Kind.SECRETS,
    seam="calypso_mock._handlers.HANDLERS[createSubscription]",
    witness=keys_of_two,
)
def one_secret_for_an_account(healthy: Replacement, call: Any) -> Any:
    """Give all subscriptions of an account the same secret."""
    healthy(call)
    made = call.account.subscriptions[call.payload["requestId"].lower()]
    made.secret_key = call.state.derive.token("secret of all", call.account.id)
    return _views.subscription(made)
