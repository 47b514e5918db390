"""Every operation works through the client, sync and async, in process and over HTTP."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from calypso_api.models import (
    ComplianceState,
    NotificationEventType,
    PurseStatus,
    StringFilter,
    TransactionState,
    TransactionStateFilter,
)
from calypso_pay import (
    AuthenticationError,
    InvalidRequestError,
    NotFoundError,
    Outcome,
    RawResponse,
)

if TYPE_CHECKING:
    from calypso_pay import Attempt

EXACT = Decimal("12345678901234567890.123456789012345678")


def test_a_new_account_has_no_balance(guise: Any) -> None:
    account = guise.call("accounts.get")

    assert account.account == guise.settings["account"]
    assert account.balances == []


def test_a_customer_is_created_changed_blocked_and_unblocked(guise: Any) -> None:
    created = guise.call("customers.create", email="ada@shop.example", external_id="user-1815")
    changed = guise.call("customers.update", created.id, description="Grüße 🎈")
    blocked = guise.call("customers.block", created.id)
    unblocked = guise.call("customers.unblock", customer_id=created.id)

    assert (created.email, created.external_id, created.blocked) == (
        "ada@shop.example",
        "user-1815",
        False,
    )
    assert (changed.id, changed.email, changed.description) == (
        created.id,
        "ada@shop.example",
        "Grüße 🎈",
    )
    assert blocked.blocked is True
    assert unblocked.blocked is False


def test_a_customer_has_one_address_for_all_currencies_of_a_format(guise: Any) -> None:
    customer = guise.call("customers.create")
    ether, dollars, tron = (
        guise.call("addresses.get", customer_id=customer.id, currency=currency).address
        for currency in ("ETH", "USDT_BSC", "USDT_TRX")
    )

    assert ether == dollars
    assert tron != ether


def test_a_deposit_is_found_in_each_of_its_states_and_then_credited_exactly(guise: Any) -> None:
    customer = guise.call("customers.create")
    address = guise.call("addresses.get", customer_id=customer.id, currency="USDT_TRX").address
    deposit = guise.mock.simulate_deposit(
        address=address, currency="USDT_TRX", amount=EXACT, to="mem_pool"
    )
    seen = []
    for step in ("pending", "confirmed", "credited", None):
        found = guise.call("transactions.get", deposit.transaction_id)
        balances = guise.call("accounts.get").balances
        seen.append((found.transaction_state, found.compliance_state, len(balances)))
        if step:
            deposit.advance(step)

    assert seen == [
        (TransactionState.MEM_POOL_FOUND, ComplianceState.UNCHECKED, 0),
        (TransactionState.PENDING_COMPLIANCE_CHECK, ComplianceState.IN_PROGRESS, 0),
        (TransactionState.CONFIRMED, ComplianceState.CHECKED, 0),
        (TransactionState.CONFIRMED, ComplianceState.CHECKED, 1),
    ]
    assert found.amount == EXACT
    assert found.translation_to_account_completed is True
    assert balances[0].amount == EXACT


def test_transactions_are_filtered_sorted_and_paged(guise: Any) -> None:
    customer = guise.call("customers.create")
    for amount, currency in (("3", "USDT_TRX"), ("1", "TRX"), ("2", "USDT_TRX")):
        address = guise.call("addresses.get", customer_id=customer.id, currency=currency).address
        guise.mock.simulate_deposit(address=address, currency=currency, amount=amount)

    page = guise.call(
        "transactions.find",
        customer_id=customer.id,
        currency_filter=StringFilter(contains="usdt"),
        transaction_state_filter=TransactionStateFilter(in_=["CONFIRMED"]),
        sort="ASC",
        properties="amount",
        page_size=1,
        page_number=1,
    )

    assert [str(found.amount) for found in page.result] == ["3"]
    assert (page.page, page.size, page.total, page.total_elements) == (1, 1, 2, 2)


def test_an_unused_address_expires_when_a_month_has_passed(guise: Any) -> None:
    customer = guise.call("customers.create")
    guise.call("addresses.get", customer_id=customer.id, currency="BTC")
    guise.mock.clock.advance(days=30)

    (purse,) = guise.call("purses.list", customer.id)

    assert purse.status is PurseStatus.ARCHIVED


def test_a_subscription_is_created_changed_listed_and_deleted(guise: Any) -> None:
    request_id = str(uuid.uuid4())
    created = guise.call(
        "subscriptions.create",
        request_id=request_id,
        url="https://shop.example/hook",
        notification_event_types=["CUSTOMER_PURSE_EXPIRED"],
    )
    changed = guise.call(
        "subscriptions.update",
        request_id=request_id,
        url="https://shop.example/other",
        notification_event_types=[NotificationEventType.CUSTOMER_PURSE_FUNDS_RECEIVED_FOR_PURSE],
    )
    listed = guise.call("subscriptions.list").subscriptions
    deleted = guise.call("subscriptions.delete", request_id)

    assert created.request_id == request_id
    assert changed.secret_key == created.secret_key
    assert [subscription.url for subscription in listed] == ["https://shop.example/other"]
    assert created.secret_key not in repr(listed)
    assert deleted is None
    assert guise.call("subscriptions.list").subscriptions == []


def test_the_whole_response_is_available(guise: Any) -> None:
    response = guise.call("raw.customers.create", email="ada@shop.example")

    assert isinstance(response, RawResponse)
    assert response.status == 200
    assert response.headers["content-type"] == "application/json"
    assert response.parsed.id.encode() in response.content
    assert guise.call("raw.subscriptions.list").parsed.subscriptions == []


def test_a_wrong_secret_is_reported(guise: Any) -> None:
    unknown = guise.make(secret="0" * 32)

    with pytest.raises(AuthenticationError, match="003 Wrong sign") as caught:
        guise.call("accounts.get", on=unknown)

    assert caught.value.outcome is Outcome.REFUSED


def test_bad_input_is_reported_with_field_and_reason(guise: Any) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        guise.call("customers.block", "not-an-id")

    assert caught.value.field == "payload.customerId"
    assert caught.value.reason


def test_what_belongs_to_another_account_is_not_found(guise: Any) -> None:
    customer = guise.call("customers.create")
    other = guise.make(**guise.mock.settings(guise.mock.add_account(), base_url=guise.url))

    with pytest.raises(NotFoundError):
        guise.call("customers.block", customer.id, on=other)


def test_a_clock_that_is_wrong_is_corrected_without_a_retry(guise: Any) -> None:
    """The first call is corrected once; the next one goes through at once."""
    seen = {}
    for seconds in (-86_400, -200, 200, 86_400):
        attempts: list[Attempt] = []
        client = guise.make(max_retries=0, on_attempt=attempts.append)
        guise.mock.reset()
        guise.mock.clock.skew(seconds)
        guise.call("customers.create", on=client)
        guise.call("customers.create", on=client)
        seen[seconds] = [attempt.number for attempt in attempts]

    assert seen == {seconds: [1, 2, 1] for seconds in seen}


def test_a_view_has_options_of_its_own_and_shares_what_was_learnt(guise: Any) -> None:
    attempts: list[int] = []
    client = guise.make(on_attempt=lambda attempt: attempts.append(attempt.number))
    unknown = guise.make().with_options(account=guise.mock.add_account())
    guise.mock.clock.skew(3600)
    view = client.with_options(timeout=5, max_retries=0)

    guise.call("accounts.get", on=client)
    guise.call("accounts.get", on=view)

    assert attempts == [1, 2, 1]
    with pytest.raises(NotFoundError):
        guise.call("accounts.get", on=unknown)
