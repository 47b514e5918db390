"""Write records as the JSON of the API."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from calypso_mock import _json
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
# Rows as objects, as many as the pages hold that are read again and again. The text of a row, which
# is smaller, is kept for each deposit.
_KEPT_ROWS = 1_000
# Holds the place of the members that a row's step decides; they follow each other. No other text
# can contain them or the gap: JSON escapes quotes and NUL.
_GAP = "\0"
# Where the date is in what follows them.
_DATE = slice(len(',"createdDate":"'), -len('"}'))
_DECIDED = {
    step: f'"transactionState":"{state}","complianceState":"{compliance}",'
    f'"translationToAccountCompleted":{"true" if step == "credited" else "false"}'
    for step, (state, compliance) in STATES.items()
}


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
        row = rows[transaction] = _row(transaction)
    return row


def _row(transaction: Transaction) -> Json:
    if transaction.text is None:
        return FrozenObject(deposit(transaction))
    start, _, end = transaction.text.partition(_GAP)
    row = FrozenObject(_deposit(transaction, end[_DATE]))
    row.text = f"{start}{_DECIDED[transaction.step]}{end}"
    return row


def write(transaction: Transaction) -> None:
    """Write the row of a deposit that arrives, once for all responses that will show it."""
    text = _json.dump(deposit(transaction)).decode()
    transaction.text = text.replace(_DECIDED[transaction.step], _GAP, 1)


def altered(transaction: Transaction) -> Json:
    """Write the altered fields of a row; None for a field that is left out."""
    return {
        name: iso(value) if isinstance(value, datetime) else value
        for name, value in transaction.row_faults.altered.items()
    }


def deposit(transaction: Transaction) -> Json:
    """Write a deposit as it is."""
    return _deposit(transaction, iso(transaction.created))


def _deposit(transaction: Transaction, created: str) -> Json:
    state, compliance = STATES[transaction.step]
    row = {
        "id": transaction.id,
        "amount": transaction.amount,
        "addressFrom": transaction.sender,
        "currency": transaction.currency,
        "transactionHash": transaction.hash,
        "transactionState": state,
        "complianceState": compliance,
        "translationToAccountCompleted": transaction.step == "credited",
        "createdDate": created,
    }
    if transaction.hash is None:
        del row["transactionHash"]
    return row


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
