"""`calypso demo`: follow a deposit from address to balance, step by step.

Everything it shows went over HTTP on loopback: the calls through the client that merchants use,
the webhooks to the receiver that they use. Only what happens outside (the customer pays, a month
passes) is done by calling the mock directly.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import click

from calypso_mock import Mock, Server
from calypso_pay import Calypso
from calypso_pay.cli._shop import Shop

if TYPE_CHECKING:
    from calypso_api.models import Customer

AMOUNT = Decimal("125.500000000000000001")
EVENT_TYPES = [
    "CUSTOMER_PURSE_MEM_POOL_FOUND",
    "CUSTOMER_PURSE_PENDING_COMPLIANCE",
    "CUSTOMER_PURSE_FUNDS_RECEIVED_FOR_PURSE",
    "CUSTOMER_PURSE_TRANSLATION_TO_ACCOUNT_COMPLETED",
    "CUSTOMER_PURSE_EXPIRED",
]


class Context(NamedTuple):
    """The merchant's client and shop, and the mock that they use."""

    calypso: Calypso
    shop: Shop
    mock: Mock


def run() -> None:
    """Run the demo against a mock of its own."""
    mock = Mock()
    with (
        Shop() as shop,
        Server(mock) as server,
        Calypso(**mock.settings(base_url=server.url)) as calypso,
    ):
        context = Context(calypso, shop, mock)
        _title(f"A mock of the Calypso Pay API listens on {server.url}.")
        click.echo(
            "Each call below is signed and sent to it over HTTP, and each response is checked."
        )
        _subscribe(context)
        customer = _create_customer(context)
        _receive_deposit(context, customer)
        _redeliver_webhook(context)
        _expire_address(context, customer)
    click.echo("\nTo call the real API with the same client, set CALYPSO_KEY, CALYPSO_SECRET and")
    click.echo("CALYPSO_ACCOUNT. To run your own code against the mock: make mock, or calypso mock")


def _subscribe(context: Context) -> None:
    _title("The shop subscribes to webhooks about deposits.")
    _call(f'subscriptions.create(url="{context.shop.url}", …)')
    made = context.calypso.subscriptions.create(
        url=context.shop.url, notification_event_types=EVENT_TYPES
    )
    context.shop.secrets[made.public_key] = made.secret_key
    _result(f"subscription {made.request_id}; the shop stores its secret key")


def _create_customer(context: Context) -> Customer:
    _title("A customer signs up.")
    _call('customers.create(email="ada@shop.example", external_id="user-1815")')
    customer = context.calypso.customers.create(email="ada@shop.example", external_id="user-1815")
    _result(f"customer {customer.id}")
    return customer


def _receive_deposit(context: Context, customer: Customer) -> None:
    _title("The customer gets a deposit address and pays.")
    before = _balance(context.calypso, "USDT_TRX")
    _call('addresses.get(customer_id=customer.id, currency="USDT_TRX")')
    address = context.calypso.addresses.get(customer_id=customer.id, currency="USDT_TRX").address
    _result(f"address {address}")
    click.echo(f"  (the customer sends {AMOUNT} USDT to this address)")
    deposit = context.mock.simulate_deposit(
        address=address, currency="USDT_TRX", amount=AMOUNT, to="mem_pool"
    )
    _call("transactions.find(customer_id=customer.id), repeated while the state changes")
    _show_transaction(context, customer)
    for _ in range(3):
        deposit.advance()
        _show_transaction(context, customer)
    _call("accounts.get()")
    after = _balance(context.calypso, "USDT_TRX")
    _result(f"balance {before} -> {after} USDT_TRX, exact to the last digit")
    if after - before != AMOUNT:
        raise click.ClickException("The balance did not grow by the amount of the deposit.")


def _redeliver_webhook(context: Context) -> None:
    _title("The first of these webhooks is delivered a second time, as can happen.")
    click.echo("  (the mock delivers it again)")
    context.mock.deliveries.resend(int(context.shop.events[0].id))
    context.mock.deliveries.deliver_due()
    status = context.mock.deliveries.log[-1].status
    _result(f"the shop returns {status}, so the webhook is not delivered a third time,")
    _result("and does not call its handler: it has handled this event already")
    if context.shop.new_events():
        raise click.ClickException("An event was handled twice.")


def _expire_address(context: Context, customer: Customer) -> None:
    _title("The customer gets a Bitcoin address too, and does not use it for a month.")
    _call('addresses.get(customer_id=customer.id, currency="BTC")')
    unused = context.calypso.addresses.get(customer_id=customer.id, currency="BTC")
    _result(f"address {unused.address}")
    click.echo("  (the mock's clock advances by 30 days)")
    context.mock.clock.advance(days=30)
    _call("purses.list(customer.id)")
    for purse in context.calypso.purses.list(customer.id):
        _result(f"{purse.status!s:15} {purse.address}")
    _show_webhooks(context)


def _show_transaction(context: Context, customer: Customer) -> None:
    for found in context.calypso.transactions.find(customer_id=customer.id).result:
        credited = "credited" if found.is_credited else "not credited yet"
        _result(
            f"{found.amount} {found.currency}  {found.transaction_state:24} "
            f"{found.compliance_state:11} {credited}"
        )
    _show_webhooks(context)


def _show_webhooks(context: Context) -> None:
    # Webhooks arrive asynchronously: wait until all that are due have been delivered.
    context.mock.deliveries.deliver_due()
    if failed := {attempt.status for attempt in context.mock.deliveries.log} - {200}:
        raise click.ClickException(f"The shop returned {failed} to a webhook.")
    for event in context.shop.new_events():
        click.secho(f"      webhook {type(event).__name__}, signature verified", fg="green")


def _balance(calypso: Calypso, currency: str) -> Decimal:
    balances = calypso.accounts.get().balances
    return next((held.amount for held in balances if held.currency == currency), Decimal(0))


def _title(text: str) -> None:
    click.secho(f"\n{text}", bold=True)


def _call(text: str) -> None:
    click.secho(f"  calypso.{text}", fg="cyan")


def _result(text: str) -> None:
    click.echo(f"    {text}")
