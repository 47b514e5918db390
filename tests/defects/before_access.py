"""Requests that should be rejected: wrong signature, timestamp, key or account."""

from __future__ import annotations

import hmac
import json
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from calypso_mock.api import _checks, _signing, _views
from tests.contract.wire import signature
from tests.defects.fixtures import EVERY_OPERATION, address, customer, deposit, every_call
from tests.defects.registry import Kind, defect

if TYPE_CHECKING:
    from tests.defects.client import Client
    from tests.defects.registry import Replacement

_FIVE_MINUTES = 300_000


def unsigned_calls(client: Client) -> None:
    for operation_id, payload in every_call(client):
        client.send(operation_id, json.dumps(client.envelope(payload)).encode(), Sign=None)


@defect(
    "no-sign-passes",
    *EVERY_OPERATION,
    kind=Kind.SIGNATURE,
    patch_point="calypso_mock.api._checks.check_sign",
    repro=unsigned_calls,
    visible_to_reads=True,
)
def no_sign_passes(healthy: Replacement, secret: str, body: bytes, sign: str | None) -> None:
    """Check the signature only if the request has one."""
    if sign is not None:
        healthy(secret, body, sign)


def half_signed_calls(client: Client) -> None:
    for operation_id, payload in every_call(client):
        body = json.dumps(client.envelope(payload)).encode()
        sign = signature(client.target, body)["Sign"]
        client.send(operation_id, body, Sign=sign[:64] + "0" * 64)


@defect(
    "half-a-sign-is-enough",
    *EVERY_OPERATION,
    kind=Kind.SIGNATURE,
    patch_point="calypso_mock.api._checks.check_sign",
    repro=half_signed_calls,
    visible_to_reads=True,
)
def half_a_sign_is_enough(healthy: Replacement, secret: str, body: bytes, sign: str | None) -> None:
    """Compare only the first half of a signature of the right length."""
    expected = _signing.signature(secret, body).decode()
    half = (sign or "").lower()
    if len(half) != len(expected) or not hmac.compare_digest(half[:64], expected[:64]):
        healthy(secret, body, sign)


def forged_deletions(client: Client) -> None:
    for operation_id, payload in every_call(client):
        body = json.dumps(client.envelope(payload)).encode()
        client.send(operation_id, body, Sign="0" * 128)


@defect(
    "deletion-needs-no-sign",
    "deleteSubscription",
    kind=Kind.SIGNATURE,
    patch_point="calypso_mock.api._core.run_operation",
    repro=forged_deletions,
)
def deletion_needs_no_sign(healthy: Replacement, context: Any, operation: Any, request: Any) -> Any:
    """Accept any signature for a deletion, as if a DELETE had no body to sign."""
    pair = context.state.keys.get(request.headers.get("key", ""))
    if operation.id == "deleteSubscription" and pair is not None:
        sign = _signing.signature(pair.secret, request.body).decode()
        request = replace(request, headers={**request.headers, "sign": sign})
    return healthy(context, operation, request)


def calls_with_wrong_time(client: Client, seconds: float) -> None:
    for operation_id, payload in every_call(client):
        client.call(operation_id, payload, timestamp=client.now + seconds * 1000)


@defect(
    "window-open-to-the-future",
    *EVERY_OPERATION,
    kind=Kind.WINDOW,
    patch_point="calypso_mock.api._checks.check_timestamp",
    repro=lambda client: calls_with_wrong_time(client, 200),
    visible_to_reads=True,
)
def window_open_to_the_future(healthy: Replacement, body: Any, clock: Any) -> None:
    """Reject old timestamps, but accept any timestamp in the future."""
    timestamp = _checks.whole_number(body.get("timestamp"))
    if timestamp is None or timestamp < clock.wire_ms():
        healthy(body, clock)


@defect(
    "window-of-five-minutes",
    *EVERY_OPERATION,
    kind=Kind.WINDOW,
    patch_point="calypso_mock.api._checks.check_timestamp",
    repro=lambda client: calls_with_wrong_time(client, -185),
    visible_to_reads=True,
)
def window_of_five_minutes(healthy: Replacement, body: Any, clock: Any) -> None:
    """Accept timestamps that are up to five minutes off instead of three."""
    timestamp = _checks.whole_number(body.get("timestamp"))
    if timestamp is None or abs(timestamp - clock.wire_ms()) > _FIVE_MINUTES:
        healthy(body, clock)


@defect(
    "timestamp-with-point-never-stale",
    *EVERY_OPERATION,
    kind=Kind.WINDOW,
    patch_point="calypso_mock.api._checks.check_timestamp",
    repro=lambda client: calls_with_wrong_time(client, -86400.0),
    visible_to_reads=True,
)
def timestamp_with_point_never_stale(healthy: Replacement, body: Any, clock: Any) -> None:
    """Skip the window check if the timestamp has a decimal point."""
    if not isinstance(body.get("timestamp"), Decimal):
        healthy(body, clock)


def calls_for_another_account(client: Client) -> None:
    other_client = client.with_new_account()
    for operation_id, payload in every_call(client):
        other_client.call(operation_id, payload, account=client.target.account)


@defect(
    "any-key-for-any-account",
    *EVERY_OPERATION,
    kind=Kind.ACCESS,
    patch_point="calypso_mock.api._checks.check_account",
    repro=calls_for_another_account,
)
def any_key_for_any_account(healthy: Replacement, state: Any, pair: Any, body: Any) -> Any:
    """Let any known key call any known account."""
    return state.accounts.get(body["account"]) or healthy(state, pair, body)


def a_transaction_of_another_account(client: Client) -> None:
    transaction_id = deposit(client, address(client, customer(client)))
    client.with_new_account().call("getTransaction", {"transactionId": transaction_id})


@defect(
    "transactions-of-all-accounts",
    "getTransaction",
    kind=Kind.ACCESS,
    patch_point="calypso_mock.api._handlers.HANDLERS[getTransaction]",
    repro=a_transaction_of_another_account,
)
def transactions_of_all_accounts(healthy: Replacement, call: Any) -> Any:
    """Return a transaction to every account that sends its id."""
    found = call.state.transaction(call.payload["transactionId"].lower())
    return healthy(call) if found is None else _views.transaction(found)


def updating_a_foreign_customer(client: Client) -> None:
    customer_id = customer(client)
    client.with_new_account().call(
        "updateCustomer", {"id": customer_id, "email": "eve@shop.example"}
    )


@defect(
    "update-reaches-all-accounts",
    "updateCustomer",
    kind=Kind.ACCESS,
    patch_point="calypso_mock.api._handlers.customer_of",
    repro=updating_a_foreign_customer,
)
def update_reaches_all_accounts(healthy: Replacement, call: Any, field: str = "customerId") -> Any:
    """Look up the customer to update in all accounts."""
    wanted = call.payload[field].lower()
    candidates = (account.customers.get(wanted) for account in call.state.accounts.values())
    found = next(filter(None, candidates), None) if field == "id" else None
    return found or healthy(call, field)
