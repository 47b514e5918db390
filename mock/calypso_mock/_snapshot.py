"""Show everything the mock knows, secrets left out."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from calypso_mock import _json, _views
from calypso_mock._clock import iso

if TYPE_CHECKING:
    from datetime import datetime

    from calypso_mock._letters import Attempt
    from calypso_mock._state import Account, Customer, TopUpRecord, Transaction
    from calypso_mock._world import World

    Json = dict[str, Any]


def snapshot(world: World) -> Json:
    """Copy the state into plain values, amounts as text; no key and no secret is in it."""
    with world.lock:
        now = world.clock.now()
        return {
            "now": iso(now),
            "wire": iso(world.clock.wire()),
            "switches": {
                "authStatus": world.switches.auth_status,
                "pageBase": world.switches.page_base,
            },
            "accounts": [_account(account, now) for account in world.state.accounts.values()],
        }


def attempt(attempt: Attempt) -> Json:
    """Write an attempt to deliver something; the URL is not told, since it may hold a token."""
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
    return {**_views.transaction(transaction), **where}


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
