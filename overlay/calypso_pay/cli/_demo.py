"""`calypso demo`: a deposit on its way from address to balance, told as it happens.

Everything it shows went over HTTP on loopback: the calls through the client that merchants use,
the webhooks into the receiver that they use. Only what the outside world would do (somebody pays, a
month passes) is asked of the mock directly.
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


class Cast(NamedTuple):
    """Who plays: the merchant's client and shop, and the mock as everybody else."""

    calypso: Calypso
    shop: Shop
    mock: Mock


def play() -> None:
    """Play the whole story against a mock of its own."""
    mock = Mock()
    with (
        Shop() as shop,
        Server(mock) as server,
        Calypso(**mock.settings(base_url=server.url)) as calypso,
    ):
        cast = Cast(calypso, shop, mock)
        _title(f"A mock of the Calypso Pay API listens on {server.url}.")
        click.echo("Each call below is signed, goes there over HTTP, and its answer is checked.")
        _subscribe(cast)
        customer = _take_on_a_customer(cast)
        _receive_a_deposit(cast, customer)
        _repeat_a_webhook(cast)
        _let_a_month_pass(cast, customer)
    click.echo("\nThe same client talks to the real API: set CALYPSO_KEY, CALYPSO_SECRET and")
    click.echo("CALYPSO_ACCOUNT. To try your own code on the mock first: make mock")


def _subscribe(cast: Cast) -> None:
    _title("The shop wants to be told of deposits.")
    _call(f'subscriptions.create(url="{cast.shop.url}", …)')
    made = cast.calypso.subscriptions.create(
        url=cast.shop.url, notification_event_types=EVENT_TYPES
    )
    cast.shop.secrets[made.public_key] = made.secret_key
    _result(f"subscription {made.request_id}; the shop knows its secret")


def _take_on_a_customer(cast: Cast) -> Customer:
    _title("A customer signs up.")
    _call('customers.create(email="ada@shop.example", external_id="user-1815")')
    customer = cast.calypso.customers.create(email="ada@shop.example", external_id="user-1815")
    _result(f"customer {customer.id}")
    return customer


def _receive_a_deposit(cast: Cast, customer: Customer) -> None:
    _title("She gets a deposit address, and pays.")
    before = _balance(cast.calypso, "USDT_TRX")
    _call('addresses.get(customer_id=customer.id, currency="USDT_TRX")')
    address = cast.calypso.addresses.get(customer_id=customer.id, currency="USDT_TRX").address
    _result(f"address {address}")
    click.echo(f"  (somebody sends {AMOUNT} USDT there)")
    deposit = cast.mock.simulate_deposit(
        address=address, currency="USDT_TRX", amount=AMOUNT, to="mem_pool"
    )
    _call("transactions.find(customer_id=customer.id), while it moves on")
    _show_transaction(cast, customer)
    for _ in range(3):
        deposit.advance()
        _show_transaction(cast, customer)
    _call("accounts.get()")
    after = _balance(cast.calypso, "USDT_TRX")
    _result(f"balance {before} -> {after} USDT_TRX, exact to the last digit")
    if after - before != AMOUNT:
        raise click.ClickException("The balance did not grow by what was paid.")


def _repeat_a_webhook(cast: Cast) -> None:
    _title("One of those webhooks comes a second time, as webhooks do.")
    click.echo("  (the mock sends the first one again)")
    cast.mock.deliveries.resend(int(cast.shop.events[0].id))
    cast.mock.deliveries.deliver_due()
    answer = cast.mock.deliveries.log[-1].status
    _result(f"the shop answers {answer}, so that it is not sent a third time,")
    _result("and calls no handler, for it knows the event")
    if cast.shop.news():
        raise click.ClickException("An event was handled twice.")


def _let_a_month_pass(cast: Cast, customer: Customer) -> None:
    _title("She asks for a Bitcoin address too, and never uses it. A month passes.")
    _call('addresses.get(customer_id=customer.id, currency="BTC")')
    unused = cast.calypso.addresses.get(customer_id=customer.id, currency="BTC")
    _result(f"address {unused.address}")
    click.echo("  (the mock's clock moves on by 30 days)")
    cast.mock.clock.advance(days=30)
    _call("purses.list(customer.id)")
    for purse in cast.calypso.purses.list(customer.id):
        _result(f"{purse.status!s:15} {purse.address}")
    _show_webhooks(cast)


def _show_transaction(cast: Cast, customer: Customer) -> None:
    for found in cast.calypso.transactions.find(customer_id=customer.id).result:
        credited = "credited" if found.is_credited else "not credited yet"
        _result(
            f"{found.amount} {found.currency}  {found.transaction_state:24} "
            f"{found.compliance_state:11} {credited}"
        )
    _show_webhooks(cast)


def _show_webhooks(cast: Cast) -> None:
    # A webhook arrives whenever it likes: wait until all that is due has been sent.
    cast.mock.deliveries.deliver_due()
    if refused := {attempt.status for attempt in cast.mock.deliveries.log} - {200}:
        raise click.ClickException(f"The shop answered {refused} to a webhook.")
    for event in cast.shop.news():
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
