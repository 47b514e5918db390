"""Write records as the JSON of the API."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from calypso_mock._json import FrozenObject
from calypso_mock.state._dates import iso

if TYPE_CHECKING:
    from calypso_mock.state._records import (
        Account,
        Customer,
        Purse,
        Step,
        Subscription,
        Transaction,
    )

    Json = dict[str, Any]

# The pairs of states that the vendor's guides name (documented).
STATES: dict[Step, tuple[str, str]] = {
    "mem_pool": ("MEM_POOL_FOUND", "UNCHECKED"),
    "pending": ("PENDING_COMPLIANCE_CHECK", "IN_PROGRESS"),
    "confirmed": ("CONFIRMED", "CHECKED"),
    "credited": ("CONFIRMED", "CHECKED"),
    "declined": ("DECLINED", "DECLINE"),
}
# As many as the pages hold that are read again and again; a million rows would need much memory.
_KEPT_ROWS = 1_000


def account(account: Account) -> Json:
    """Write an account with its balances."""
    name = {} if account.name is None else {"name": account.name}
    balances = [
        {"currency": currency, "amount": amount} for currency, amount in account.balances.items()
    ]
    return {"account": account.id, **name, "ownerId": account.owner_id, "balances": balances}


def customer(customer: Customer) -> Json:
    """Write a customer; fields that the merchant never set are left out."""
    return {"id": customer.id, **customer.fields, "blocked": customer.blocked}


def address(purse: Purse) -> Json:
    """Write a purse as the response to a request for an address."""
    return {"id": purse.id, "address": purse.address}


def purse(purse: Purse, now: datetime) -> Json:
    """Write a purse with its status."""
    return {
        "id": purse.id,
        "address": purse.address,
        "status": purse.status(now),
        "createdDate": iso(purse.created),
    }


def transaction(transaction: Transaction) -> Json:
    """Write a deposit as the API shows it, with the fields that a test has altered."""
    if transaction.row_faults.altered:
        shown = deposit(transaction) | altered(transaction)
        return {name: value for name, value in shown.items() if value is not None}
    rows = transaction.purse.customer.account.rows
    row = rows.get(transaction)
    if row is None:
        if len(rows) >= _KEPT_ROWS:
            rows.clear()
        row = rows[transaction] = FrozenObject(deposit(transaction))
    return row


def altered(transaction: Transaction) -> Json:
    """Write the altered fields of a row; None for a field that is left out."""
    return {
        name: iso(value) if isinstance(value, datetime) else value
        for name, value in transaction.row_faults.altered.items()
    }


def deposit(transaction: Transaction) -> Json:
    """Write a deposit as it is."""
    state, compliance = STATES[transaction.step]
    known_hash = {} if transaction.hash is None else {"transactionHash": transaction.hash}
    return {
        "id": transaction.id,
        "amount": transaction.amount,
        "addressFrom": transaction.sender,
        "currency": transaction.currency,
        **known_hash,
        "transactionState": state,
        "complianceState": compliance,
        "translationToAccountCompleted": transaction.step == "credited",
        "createdDate": iso(transaction.created),
    }


def subscription(subscription: Subscription) -> Json:
    """Write a subscription with its keys."""
    return {
        "requestId": subscription.request_id,
        "notificationEventTypes": list(subscription.event_types),
        "notificationServiceTypes": list(subscription.service_types),
        "url": subscription.url,
        "publicKey": subscription.public_key,
        "secretKey": subscription.secret_key,
        "createdDate": iso(subscription.created),
        "blockedByErrorCount": subscription.queue.blocked,
    }
