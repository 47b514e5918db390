"""Arguments that type checkers reject."""

# ruff: noqa: B018 - to read an attribute is all that some mistakes do

from __future__ import annotations

from decimal import Decimal

from calypso_pay import UNSET, Calypso
from calypso_pay.models import Balance, StringFilter, SubscriptionPayload, TransactionStateFilter


def none_where_nothing_may_be_null(calypso: Calypso) -> None:
    calypso.customers.create(email=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    calypso.customers.block(None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    calypso.transactions.find(sort=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    StringFilter(equals=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def required_arguments_are_missing(calypso: Calypso) -> None:
    calypso.addresses.get(customer_id="1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    calypso.customers.update(email="ada@shop.example")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    calypso.customers.update(UNSET)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    calypso.purses.list()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    calypso.subscriptions.create(request_id="1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    SubscriptionPayload(url="https://x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def arguments_have_to_be_named(calypso: Calypso) -> None:
    """Two arguments that could be confused can't be positional."""
    calypso.customers.create("ada@shop.example")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    calypso.customers.update("1", "ada@shop.example")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    calypso.addresses.get("1", "BTC")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    calypso.transactions.find("1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def unknown_names(calypso: Calypso) -> None:
    calypso.customers.create(externalId="1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    calypso.customers.delete("1")  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    calypso.invoices  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    calypso.accounts.get("0xabc")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def other_types(calypso: Calypso) -> None:
    calypso.customers.block(1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    calypso.customers.create(external_id=1815)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    calypso.customers.create(email=b"ada@shop.example")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    calypso.transactions.find(page_size="20")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    calypso.transactions.find(page_size=20.0)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    calypso.transactions.find(currency_filter=["BTC", 1])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    calypso.transactions.find(currency_filter=TransactionStateFilter())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    calypso.transactions.find(transaction_state_filter={"in": ["CONFIRMED"]})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    StringFilter(in_="BTC")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def money_is_not_a_float(balance: Balance) -> None:
    Balance(currency="BTC", amount=Decimal("0.1"))
    Balance(currency="BTC", amount=0.1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    balance.amount = 0.1  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    balance.amount * 0.1  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]
    balance.amount + 0.1  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression]


def money_does_not_become_a_float_by_itself(balance: Balance) -> float:
    return balance.amount  # type: ignore[return-value]  # pyright: ignore[reportReturnType]
