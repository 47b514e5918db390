"""Show the whole state of a mock, without secrets."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from calypso_mock import _json
from calypso_mock.api import _views
from calypso_mock.state._dates import iso
from calypso_mock.state._records import FOREVER

if TYPE_CHECKING:
    from datetime import datetime

    from calypso_mock.api._context import Context
    from calypso_mock.state._records import (
        Account,
        Attempt,
        Customer,
        EventFaults,
        TopUpRecord,
        Transaction,
    )

    Json = dict[str, Any]


def snapshot(context: Context) -> Json:
    """Copy the state into plain values, amounts as text; it contains no key and no secret."""
    with context.lock:
        now = context.clock.now()
        return {
            "now": iso(now),
            "wire": iso(context.clock.wire()),
            "switches": {
                "authStatus": context.options.auth_status,
                "pageBase": context.options.page_base,
            },
            "accounts": [_account(account, now) for account in context.state.accounts.values()],
        }


def attempt(attempt: Attempt) -> Json:
    """Write an attempt to deliver an event, without the URL, which may contain a token."""
    shown = {
        "account": attempt.account,
        "requestId": attempt.request_id,
        "eventId": attempt.event_id,
        "eventType": attempt.event_type,
        "attempt": attempt.number,
        "due": _moment(attempt.due),
        "sent": _moment(attempt.sent),
        "status": attempt.status,
        "error": attempt.error,
        "nextDue": _moment(attempt.next_due),
        "transactionId": attempt.transaction_id,
    }
    return {name: value for name, value in shown.items() if value is not None}


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)


def _account(account: Account, now: datetime) -> Json:
    shown: Json = _plain(
        {
            **_views.account(account),
            "customers": [_customer(customer, now) for customer in account.customers.values()],
            "transactions": list(map(_transaction, account.transactions.values())),
            "topUps": list(map(_top_up, account.top_ups.values())),
            "subscriptions": list(map(_views.subscription, account.subscriptions.values())),
        }
    )
    for subscription in shown["subscriptions"]:
        del subscription["publicKey"], subscription["secretKey"]
    return shown


def _customer(customer: Customer, now: datetime) -> Json:
    purses = [_views.purse(purse, now) for purse in customer.purses]
    return {**_views.customer(customer), "purses": purses}


def _transaction(transaction: Transaction) -> Json:
    where = {"step": transaction.step, "purseId": transaction.purse.id}
    faults = {"row": row_faults(transaction), "events": event_faults(transaction)}
    shown = {name: each for name, each in faults.items() if each}
    return {**_views.deposit(transaction), **where, **shown}


def row_faults(transaction: Transaction) -> Json:
    """Write how the row that the API shows of a deposit differs from it."""
    faults = transaction.row_faults
    shown: Json = {}
    if faults.hidden_until is not None:
        is_lost = faults.hidden_until == FOREVER
        shown |= {"lost": True} if is_lost else {"delayedUntil": iso(faults.hidden_until)}
        shown["findOnly"] = faults.find_only
    if faults.altered:
        shown["altered"] = _plain(_views.altered(transaction))
    return shown


def event_faults(transaction: Transaction) -> Json:
    """Write how events of a deposit are sent, by type."""
    return {kind: _event_faults(each) for kind, each in transaction.event_faults.items()}


def _event_faults(faults: EventFaults) -> Json:
    shown = {
        "lost": faults.lost,
        "delay": seconds(faults.delay),
        "altered": dict(faults.altered),
    }
    return {name: _plain(value) for name, value in shown.items() if value}


def seconds(difference: timedelta) -> Decimal:
    """Write a difference in time exactly."""
    return Decimal(difference // timedelta(microseconds=1)).scaleb(-6).normalize()


def _top_up(top_up: TopUpRecord) -> Json:
    return {
        "topUpId": top_up.id,
        "step": top_up.step,
        "amount": top_up.amount,
        "currency": top_up.currency,
        "senderAddress": top_up.sender,
        "transactionHash": top_up.hash,
        "createdDate": iso(top_up.created),
    }


def _plain(value: object) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, Decimal):
        return _json.decimal_text(value)
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
