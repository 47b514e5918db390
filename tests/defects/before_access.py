"""Requests that should be rejected: wrong signature, timestamp, key or account."""

from __future__ import annotations

import hmac
import json
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from calypso_mock import _checks, _views
from tests.contract.wire import signature
from tests.defects.registry import Kind, defect
from tests.defects.scenes import EVERY_OPERATION, address, customer, deposit, every_call

if TYPE_CHECKING:
    from tests.defects.registry import Replacement
    from tests.defects.talk import Talk

_FIVE_MINUTES = 300_000


def unsigned_calls(talk: Talk) -> None:
    for operation_id, payload in every_call(talk):
        talk.send(operation_id, json.dumps(talk.envelope(payload)).encode(), Sign=None)


@defect(
    "no-sign-passes",
    *EVERY_OPERATION,
    kind=Kind.SIGNATURE,
    seam="calypso_mock._checks.check_sign",
    witness=unsigned_calls,
    by_reads=True,
)
def no_sign_passes(healthy: Replacement, secret: str, body: bytes, sign: str | None) -> None:
    """Check the signature only if the request has one."""
    if sign is not None:
        healthy(secret, body, sign)


def half_signed_calls(talk: Talk) -> None:
    for operation_id, payload in every_call(talk):
        body = json.dumps(talk.envelope(payload)).encode()
        sign = signature(talk.target, body)["Sign"]
        talk.send(operation_id, body, Sign=sign[:64] + "0" * 64)


@defect(
    "half-a-sign-is-enough",
    *EVERY_OPERATION,
    kind=Kind.SIGNATURE,
    seam="calypso_mock._checks.check_sign",
    witness=half_signed_calls,
    by_reads=True,
)
def half_a_sign_is_enough(healthy: Replacement, secret: str, body: bytes, sign: str | None) -> None:
    """Compare only the first half of a signature of the right length."""
    expected = _checks.signature(secret, body).decode()
    half = (sign or "").lower()
    if len(half) != len(expected) or not hmac.compare_digest(half[:64], expected[:64]):
        healthy(secret, body, sign)


def forged_deletions(talk: Talk) -> None:
    for operation_id, payload in every_call(talk):
        body = json.dumps(talk.envelope(payload)).encode()
        talk.send(operation_id, body, Sign="0" * 128)


@defect(
    "deletion-needs-no-sign",
    "deleteSubscription",
    kind=Kind.SIGNATURE,
    seam="calypso_mock._core.carry_out",
    witness=forged_deletions,
)
def deletion_needs_no_sign(healthy: Replacement, world: Any, operation: Any, request: Any) -> Any:
    """Accept any signature for a deletion, as if a DELETE had no body to sign."""
    pair = world.state.keys.get(request.headers.get("key", ""))
    if operation.id == "deleteSubscription" and pair is not None:
        sign = _checks.signature(pair.secret, request.body).decode()
        request = replace(request, headers={**request.headers, "sign": sign})
    return healthy(world, operation, request)


def calls_off_time(talk: Talk, seconds: float) -> None:
    for operation_id, payload in every_call(talk):
        talk.call(operation_id, payload, timestamp=talk.now + seconds * 1000)


@defect(
    "window-open-to-the-future",
    *EVERY_OPERATION,
    kind=Kind.WINDOW,
    seam="calypso_mock._checks.check_timestamp",
    witness=lambda talk: calls_off_time(talk, 200),
    by_reads=True,
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
    seam="calypso_mock._checks.check_timestamp",
    witness=lambda talk: calls_off_time(talk, -185),
    by_reads=True,
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
    seam="calypso_mock._checks.check_timestamp",
    witness=lambda talk: calls_off_time(talk, -86400.0),
    by_reads=True,
)
def timestamp_with_point_never_stale(healthy: Replacement, body: Any, clock: Any) -> None:
    """Skip the window check if the timestamp has a decimal point."""
    if not isinstance(body.get("timestamp"), Decimal):
        healthy(body, clock)


def calls_for_another(talk: Talk) -> None:
    stranger = talk.stranger()
    for operation_id, payload in every_call(talk):
        stranger.call(operation_id, payload, account=talk.target.account)


@defect(
    "any-key-for-any-account",
    *EVERY_OPERATION,
    kind=Kind.ACCESS,
    seam="calypso_mock._checks.check_account",
    witness=calls_for_another,
)
def any_key_for_any_account(healthy: Replacement, state: Any, pair: Any, body: Any) -> Any:
    """Let any known key call any known account."""
    return state.accounts.get(body["account"]) or healthy(state, pair, body)


def another_s_transaction(talk: Talk) -> None:
    transaction_id = deposit(talk, address(talk, customer(talk)))
    talk.stranger().call("getTransaction", {"transactionId": transaction_id})


@defect(
    "transactions-of-all-accounts",
    "getTransaction",
    kind=Kind.ACCESS,
    seam="calypso_mock._handlers.HANDLERS[getTransaction]",
    witness=another_s_transaction,
)
def transactions_of_all_accounts(healthy: Replacement, call: Any) -> Any:
    """Return a transaction to every account that sends its id."""
    found = call.state.transaction(call.payload["transactionId"].lower())
    return healthy(call) if found is None else _views.transaction(found)


def updating_another_s(talk: Talk) -> None:
    owner = customer(talk)
    talk.stranger().call("updateCustomer", {"id": owner, "email": "eve@shop.example"})


@defect(
    "update-reaches-all-accounts",
    "updateCustomer",
    kind=Kind.ACCESS,
    seam="calypso_mock._handlers.customer_of",
    witness=updating_another_s,
)
def update_reaches_all_accounts(healthy: Replacement, call: Any, field: str = "customerId") -> Any:
    """Look up the customer to update in all accounts."""
    wanted = call.payload[field].lower()
    everyone = (account.customers.get(wanted) for account in call.state.accounts.values())
    found = next(filter(None, everyone), None) if field == "id" else None
    return found or healthy(call, field)
