"""Sums, small digits, dates and keys that are wrong in one case only."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any

from calypso_mock.api import _views
from calypso_mock.state import _dates
from tests.defects.fixtures import (
    REQUEST_ID,
    SUBSCRIPTION,
    TRON,
    address,
    advance_clock,
    customer,
    deposit,
)
from tests.defects.registry import Kind, defect

if TYPE_CHECKING:
    from tests.defects.client import Client
    from tests.defects.registry import Replacement

_OTHER_ID = "7d3f0d7e-52c9-4c53-9d0f-0a6d3a5c3f13"


def a_sum_of_many_digits(client: Client) -> None:
    addr = address(client, customer(client))
    for amount in ("98765432101234567890", "0.123456789012345678"):
        deposit(client, addr, amount)
        client.call("getAccount")


@defect(
    "sums-of-28-digits",
    "getAccount",
    kind=Kind.DECIMALS,
    patch_point="calypso_mock.state._money.add",
    repro=a_sum_of_many_digits,
    half="after",
)
def sums_of_28_digits(_: Replacement, left: Decimal, right: Decimal) -> Decimal:
    """Add amounts with a precision of 28 digits, the default of decimal contexts."""
    return Context(prec=28).add(left, right)


def a_tenth_and_two_tenths(client: Client) -> None:
    addr = address(client, customer(client))
    for amount in ("0.1", "0.2"):
        deposit(client, addr, amount, currency="USDC_TRX")
        client.call("getAccount")


@defect(
    "sums-through-floats",
    "getAccount",
    kind=Kind.DECIMALS,
    patch_point="calypso_mock.state._money.add",
    repro=a_tenth_and_two_tenths,
    half="after",
)
def sums_through_floats(_: Replacement, left: Decimal, right: Decimal) -> Decimal:
    """Add amounts as floats, so that 0.1 and 0.2 make 0.30000000000000004."""
    return Decimal(repr(float(left) + float(right)))


def a_round_and_a_tiny_amount(client: Client) -> None:
    addr = address(client, customer_id := customer(client))
    for amount in ("1000", "0.000000000000000001"):
        transaction_id = deposit(client, addr, amount)
        client.call("getTransaction", {"transactionId": transaction_id})
    client.call("findTransactions", {"customerId": customer_id})


@defect(
    "exponents-on-the-wire",
    "getTransaction",
    "findTransactions",
    kind=Kind.DECIMALS,
    patch_point="calypso_mock._json.decimal_text",
    repro=a_round_and_a_tiny_amount,
    half="after",
)
def exponents_on_the_wire(_: Replacement, number: Decimal) -> str:
    """Write 1000 as 1E+3, as a normalized decimal does."""
    return str(Context(prec=200).normalize(number))


def a_deposit_between_two_seconds(client: Client) -> None:
    addr = address(client, customer_id := customer(client))
    client.control("clock", {"advance": 0.25})
    client.call("getTransaction", {"transactionId": deposit(client, addr)})
    client.call("findTransactions", {"customerId": customer_id, "currencyFilter": {"equals": TRON}})


@defect(
    "search-drops-milliseconds",
    "findTransactions",
    kind=Kind.TIMES,
    patch_point="calypso_mock.api._handlers.HANDLERS[findTransactions]",
    repro=a_deposit_between_two_seconds,
    half="after",
    visible_to_reads=True,
)
def search_drops_milliseconds(healthy: Replacement, call: Any) -> Any:
    """Truncate dates to seconds in searches, but not when reading a transaction by its id."""
    body = healthy(call)
    rows = [{**row, "createdDate": f"{row['createdDate'][:-5]}.000Z"} for row in body["result"]]
    return {**body, "result": rows}


def a_deposit_that_takes_a_day(client: Client) -> None:
    addr = address(client, customer_id := customer(client))
    transaction_id = deposit(client, addr, to="pending")
    for _ in range(2):
        advance_clock(client, hours=12)
        client.control("deposit/advance", {"transactionId": transaction_id})
        client.call("getTransaction", {"transactionId": transaction_id})
    client.call("findTransactions", {"customerId": customer_id})


@defect(
    "transaction-dated-by-its-last-step",
    "getTransaction",
    "findTransactions",
    kind=Kind.TIMES,
    patch_point="calypso_mock.simulation._deposits.advance",
    repro=a_deposit_that_takes_a_day,
    half="after",
)
def transaction_dated_by_its_last_step(
    healthy: Replacement, context: Any, transaction_id: str, to: Any
) -> Any:
    """Update a transaction's date with every step."""
    transaction = context.state.transaction(transaction_id)
    transaction.created = _dates.to_millisecond(context.clock.now())
    return healthy(context, transaction_id, to)


def one_request_id_in_two_accounts(client: Client) -> None:
    other_client = client.with_new_account()
    for caller in (client, other_client):
        caller.call("createSubscription", SUBSCRIPTION)
        caller.call("getSubscriptions")


@defect(
    "same-request-id-same-keys",
    "createSubscription",
    "getSubscriptions",
    kind=Kind.SECRETS,
    patch_point="calypso_mock.api._handlers.HANDLERS[createSubscription]",
    repro=one_request_id_in_two_accounts,
    half="after",
)
def same_request_id_same_keys(healthy: Replacement, call: Any) -> Any:
    """Reuse the keys of another account's subscription with the same request id."""
    healthy(call)
    wanted = call.payload["requestId"].lower()
    made = call.account.subscriptions[wanted]
    for account in call.state.accounts.values():
        twin = account.subscriptions.get(wanted, made)
        if twin is not made:
            made.public_key, made.secret_key = twin.public_key, twin.secret_key
    return _views.subscription(made)


def the_first_of_two_deleted(client: Client) -> None:
    other = {**SUBSCRIPTION, "requestId": _OTHER_ID}
    for payload in (SUBSCRIPTION, other):
        client.call("createSubscription", payload)
    client.call("deleteSubscription", {"requestId": REQUEST_ID})
    client.call("getSubscriptions")
    client.call("changeSubscription", other)


@defect(
    "deletion-moves-secrets-up",
    "getSubscriptions",
    "changeSubscription",
    kind=Kind.SECRETS,
    patch_point="calypso_mock.api._handlers.HANDLERS[deleteSubscription]",
    repro=the_first_of_two_deleted,
    half="after",
)
def deletion_moves_secrets_up(healthy: Replacement, call: Any) -> None:
    """Keep secrets in a list by position, and delete the last one with any subscription."""
    secrets = [known.secret_key for known in call.account.subscriptions.values()]
    healthy(call)
    for known, secret in zip(call.account.subscriptions.values(), secrets, strict=False):
        known.secret_key = secret
