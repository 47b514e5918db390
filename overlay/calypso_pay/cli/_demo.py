"""`calypso demo`: a deposit on its way from address to balance, told as it happens.

Everything it shows came back over HTTP on loopback, through the client that merchants use. Only
what the outside world would do (somebody pays, a month passes) is asked of the mock directly.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import click

from calypso_mock import Mock, Server
from calypso_pay import Calypso

if TYPE_CHECKING:
    from calypso_api.models import Customer


AMOUNT = Decimal("125.500000000000000001")


def play() -> None:
    """Play the whole story against a mock of its own."""
    mock = Mock()
    with Server(mock) as server, Calypso(**mock.settings(base_url=server.url)) as calypso:
        _title(f"A mock of the Calypso Pay API listens on {server.url}.")
        click.echo("Each call below is signed, goes there over HTTP, and its answer is checked.")
        customer = _take_on_a_customer(calypso)
        _receive_a_deposit(calypso, mock, customer)
        _let_a_month_pass(calypso, mock, customer)
    click.echo("\nThe same client talks to the real API: set CALYPSO_KEY, CALYPSO_SECRET and")
    click.echo("CALYPSO_ACCOUNT. To try your own code on the mock first: make mock")


def _take_on_a_customer(calypso: Calypso) -> Customer:
    _title("A customer signs up.")
    _call('customers.create(email="ada@shop.example", external_id="user-1815")')
    customer = calypso.customers.create(email="ada@shop.example", external_id="user-1815")
    _result(f"customer {customer.id}")
    return customer


def _receive_a_deposit(calypso: Calypso, mock: Mock, customer: Customer) -> None:
    _title("She gets a deposit address, and pays.")
    before = _balance(calypso, "USDT_TRX")
    _call('addresses.get(customer_id=customer.id, currency="USDT_TRX")')
    address = calypso.addresses.get(customer_id=customer.id, currency="USDT_TRX").address
    _result(f"address {address}")
    click.echo(f"  (somebody sends {AMOUNT} USDT there)")
    deposit = mock.simulate_deposit(
        address=address, currency="USDT_TRX", amount=AMOUNT, to="mem_pool"
    )
    _call("transactions.find(customer_id=customer.id), while it moves on")
    _show_transaction(calypso, customer)
    for _ in range(3):
        deposit.advance()
        _show_transaction(calypso, customer)
    _call("accounts.get()")
    after = _balance(calypso, "USDT_TRX")
    _result(f"balance {before} -> {after} USDT_TRX, exact to the last digit")
    if after - before != AMOUNT:
        raise click.ClickException("The balance did not grow by what was paid.")


def _let_a_month_pass(calypso: Calypso, mock: Mock, customer: Customer) -> None:
    _title("She asks for a Bitcoin address too, and never uses it. A month passes.")
    _call('addresses.get(customer_id=customer.id, currency="BTC")')
    unused = calypso.addresses.get(customer_id=customer.id, currency="BTC")
    _result(f"address {unused.address}")
    click.echo("  (the mock's clock moves on by 30 days)")
    mock.clock.advance(days=30)
    _call("purses.list(customer.id)")
    for purse in calypso.purses.list(customer.id):
        _result(f"{purse.status!s:15} {purse.address}")


def _show_transaction(calypso: Calypso, customer: Customer) -> None:
    for found in calypso.transactions.find(customer_id=customer.id).result:
        credited = "credited" if found.translation_to_account_completed else "not credited yet"
        _result(
            f"{found.amount} {found.currency}  {found.transaction_state:24} "
            f"{found.compliance_state:11} {credited}"
        )


def _balance(calypso: Calypso, currency: str) -> Decimal:
    balances = calypso.accounts.get().balances
    return next((held.amount for held in balances if held.currency == currency), Decimal(0))


def _title(text: str) -> None:
    click.secho(f"\n{text}", bold=True)


def _call(text: str) -> None:
    click.secho(f"  calypso.{text}", fg="cyan")


def _result(text: str) -> None:
    click.echo(f"    {text}")
