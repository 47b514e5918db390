"""What calls return, as a user's editor sees it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, assert_type
from uuid import uuid4

from calypso_pay import UNSET, AsyncCalypso, Calypso
from calypso_pay.models import (
    Account,
    Balance,
    ComplianceState,
    Customer,
    DepositAddress,
    NotificationEventType,
    Purse,
    PurseStatus,
    SortDirection,
    StringFilter,
    Subscription,
    SubscriptionList,
    Transaction,
    TransactionPage,
    TransactionState,
    TransactionStateFilter,
)
from calypso_pay.reconcile import (
    AsyncReconciliation,
    Booking,
    Difference,
    Reconciliation,
    Report,
    reconcile,
)

if TYPE_CHECKING:
    from calypso_pay.inbox import AsyncInbox, Inbox


def accounts(calypso: Calypso) -> None:
    account = calypso.accounts.get()
    assert_type(account, Account)
    assert_type(account.balances, list[Balance])
    for balance in account.balances:
        assert_type(balance.currency, str)
        assert_type(balance.amount, Decimal)
        assert_type(balance.amount + 1, Decimal)
    assert_type(sum((balance.amount for balance in account.balances), Decimal()), Decimal)


def customers(calypso: Calypso) -> None:
    created = calypso.customers.create(
        email="ada@shop.example", description="first", external_id="1"
    )
    assert_type(created, Customer)
    assert_type(created.id, str)
    assert_type(calypso.customers.create(), Customer)
    assert_type(calypso.customers.create(email=UNSET), Customer)
    assert_type(calypso.customers.update(created.id, email="eve@shop.example"), Customer)
    assert_type(calypso.customers.update(id=created.id), Customer)
    assert_type(calypso.customers.block(created.id), Customer)
    assert_type(calypso.customers.unblock(customer_id=created.id), Customer)


def customers_of_users(calypso: Calypso, inbox: Inbox, other: AsyncInbox) -> None:
    get_or_create = calypso.customers.get_or_create
    assert_type(get_or_create(external_id="1", store=inbox), Customer)
    assert_type(get_or_create(external_id=uuid4(), store=inbox, email="ada@a.example"), Customer)
    get_or_create(external_id="1", store=other)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    get_or_create(external_id=1, store=inbox)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    get_or_create(external_id="1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def reconciliation(calypso: Calypso, other: AsyncCalypso, inbox: Inbox) -> None:
    run = reconcile(calypso, customers=["1", uuid4()], ledger=lambda customer: [], memory=inbox)
    assert_type(run, Reconciliation)
    assert_type(list(run), list[Difference])
    assert_type(run.report(), Report)
    assert_type(run.report().summary.totals["BTC"].missing.amount, Decimal)
    assert_type(reconcile(other, customers=[], ledger=bookings), AsyncReconciliation)
    reconcile(calypso, customers=[], ledger=bookings)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue]
    reconcile(other, customers=[], ledger=bookings, memory=inbox)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    reconcile(calypso, customers=[], ledger=inbox, concurrency=2)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]


async def bookings(customer: str) -> list[Booking]:
    return [Booking(customer, Decimal(1), "BTC")]


def what_may_be_none(customer: Customer) -> str:
    """A comparison with None, or a truth test, narrows the type to the value."""
    assert_type(customer.email, str | None)
    if customer.blocked is not None:
        assert_type(customer.blocked, bool)
    if customer.email is None:
        return ""
    assert_type(customer.email, str)
    return customer.external_id or customer.email


def a_found_value(account: Account) -> str:
    if name := account.name:
        assert_type(name, str)
        return name
    return account.owner_id or "nameless"


def nothing_is_unset(customer: Customer) -> bool:
    Customer("1", email=UNSET)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    return customer.email is UNSET  # type: ignore[comparison-overlap]


def mistakes(customer: Customer, page: TransactionPage) -> None:
    customer.email.upper()  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
    page.total_elements + 1  # type: ignore[operator]  # pyright: ignore[reportOptionalOperand, reportUnusedExpression]


def addresses_and_purses(calypso: Calypso) -> None:
    given = calypso.addresses.get(customer_id="1", currency="USDT_TRX")
    assert_type(given, DepositAddress)
    assert_type(given.address, str)
    purses = calypso.purses.list("1")
    assert_type(purses, list[Purse])
    if purses[0].status is not None:
        assert_type(purses[0].status, PurseStatus)
        assert_type(purses[0].status.is_known, bool)


def transactions(calypso: Calypso) -> None:
    page = calypso.transactions.find(
        customer_id="1",
        currency_filter=StringFilter(in_=["BTC"], does_not_contain="USD"),
        transaction_state_filter=TransactionStateFilter(
            equals="CONFIRMED", in_=[TransactionState.CONFIRMED, "NEW"]
        ),
        page_number=1,
        page_size=20,
        sort=SortDirection.DESC,
        properties="createdDate",
    )
    assert_type(page, TransactionPage)
    assert_type(calypso.transactions.find(sort="ASC"), TransactionPage)
    assert_type(page.total_elements, int | None)
    for found in page.result:
        assert_type(found, Transaction)
        assert_type(found.amount, Decimal)
        assert_type(found.created_date, datetime | None)
        assert_type(found.transaction_state, TransactionState)
        assert_type(found.compliance_state, ComplianceState | None)
        assert_type(found.translation_to_account_completed, bool | None)
    assert_type(calypso.transactions.get("1"), Transaction)


def states_are_strings(found: Transaction) -> str:
    if found.transaction_state == TransactionState.CONFIRMED:
        return found.transaction_state
    return found.transaction_state.upper()


def subscriptions(calypso: Calypso) -> None:
    made = calypso.subscriptions.create(
        request_id="1",
        url="https://shop.example/hook",
        notification_event_types=[NotificationEventType.CUSTOMER_PURSE_EXPIRED, "NEW"],
    )
    assert_type(made, Subscription)
    assert_type(made.secret_key, str)
    assert_type(made.blocked_by_error_count, bool | int | None)
    assert_type(calypso.subscriptions.update(request_id="1", url="https://x"), Subscription)
    assert_type(calypso.subscriptions.list(), SubscriptionList)
    assert_type(calypso.subscriptions.list().subscriptions, list[Subscription])
    calypso.subscriptions.delete("1")
