"""Edge cases of signature, window and account that are wrongly accepted or rejected."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from calypso_mock._errors import ApiError
from calypso_mock.api import _checks, _search, _signing
from calypso_mock.state._records import KeyPair
from tests.contract.wire import Target, signature
from tests.defects.fixtures import (
    EVERY_OPERATION,
    REQUEST_ID,
    SUBSCRIPTION,
    customer,
    deposits,
    every_call,
)
from tests.defects.registry import Kind, defect

if TYPE_CHECKING:
    from tests.defects.client import Client
    from tests.defects.registry import Replacement

_OTHER_ID = "7d3f0d7e-52c9-4c53-9d0f-0a6d3a5c3f13"
_BUFFER = 8192
_MINUTE = 60_000


def calls_with_a_trailing_newline(client: Client) -> None:
    for operation_id, payload in every_call(client):
        client.send(operation_id, json.dumps(client.envelope(payload)).encode() + b"\n")


@defect(
    "sign-without-outer-space",
    *EVERY_OPERATION,
    kind=Kind.SIGNATURE,
    patch_point="calypso_mock.api._checks.check_sign",
    repro=calls_with_a_trailing_newline,
    half="after",
    visible_to_reads=True,
)
def sign_without_outer_space(
    healthy: Replacement, secret: str, body: bytes, sign: str | None
) -> None:
    """Verify the signature over the body without surrounding whitespace, not over all bytes."""
    healthy(secret, body.strip(), sign)


def calls_signed_with_another_secret(client: Client) -> None:
    other_client = client.with_new_account()
    for operation_id, payload in every_call(client):
        body = json.dumps(client.envelope(payload)).encode()
        client.send(operation_id, body, Sign=signature(other_client.target, body)["Sign"])


@defect(
    "any-secret-will-do",
    *EVERY_OPERATION,
    kind=Kind.SIGNATURE,
    patch_point="calypso_mock.api._core.run_operation",
    repro=calls_signed_with_another_secret,
    half="after",
)
def any_secret_will_do(healthy: Replacement, context: Any, operation: Any, request: Any) -> Any:
    """Accept a signature made with any known secret, whatever key it is sent with."""
    pair = context.state.keys.get(request.headers.get("key", ""))
    secrets = [known.secret for known in context.state.keys.values()]
    good = [_signing.signature(secret, request.body).decode() for secret in secrets]
    if pair is not None and request.headers.get("sign") in good:
        sign = _signing.signature(pair.secret, request.body).decode()
        request = replace(request, headers={**request.headers, "sign": sign})
    return healthy(context, operation, request)


def long_bodies(client: Client) -> None:
    customer_id = customer(client, description="x" * (_BUFFER // 2))
    client.call("createCustomer", {"description": "x" * _BUFFER})
    client.call("updateCustomer", {"id": customer_id, "description": "y" * _BUFFER})


@defect(
    "sign-over-the-first-buffer",
    "createCustomer",
    "updateCustomer",
    kind=Kind.SIGNATURE,
    patch_point="calypso_mock.api._checks.check_sign",
    repro=long_bodies,
    half="after",
)
def sign_over_the_first_buffer(
    healthy: Replacement, secret: str, body: bytes, sign: str | None
) -> None:
    """Verify the signature over the first 8 KiB only, and so reject longer bodies."""
    healthy(secret, body[:_BUFFER], sign)


def calls_with_timestamp_zero(client: Client) -> None:
    for operation_id, payload in every_call(client):
        client.call(operation_id, payload, timestamp=0)


@defect(
    "timestamp-zero-is-none",
    *EVERY_OPERATION,
    kind=Kind.WINDOW,
    patch_point="calypso_mock.api._checks.check_timestamp",
    repro=calls_with_timestamp_zero,
    half="after",
    visible_to_reads=True,
)
def timestamp_zero_is_none(healthy: Replacement, body: Any, clock: Any) -> None:
    """Treat a timestamp of 0 as missing, and skip the check."""
    if body.get("timestamp"):
        healthy(body, clock)


def calls_in_seconds(client: Client) -> None:
    for operation_id, payload in every_call(client):
        client.call(operation_id, payload, timestamp=client.now // 1000)


@defect(
    "timestamp-in-seconds-passes",
    *EVERY_OPERATION,
    kind=Kind.WINDOW,
    patch_point="calypso_mock.api._checks.check_timestamp",
    repro=calls_in_seconds,
    half="after",
    visible_to_reads=True,
)
def timestamp_in_seconds_passes(healthy: Replacement, body: Any, clock: Any) -> None:
    """Interpret a small timestamp as seconds."""
    timestamp = _checks.whole_number(body.get("timestamp"))
    if timestamp is not None and 0 < timestamp < clock.wire_ms() // 100:
        body = {**body, "timestamp": timestamp * 1000}
    healthy(body, clock)


def calls_a_little_off(client: Client) -> None:
    for operation_id, payload in every_call(client):
        for seconds in (185, -185):
            client.call(operation_id, payload, timestamp=client.now + seconds * 1000)


@defect(
    "window-in-whole-minutes",
    *EVERY_OPERATION,
    kind=Kind.WINDOW,
    patch_point="calypso_mock.api._checks.check_timestamp",
    repro=calls_a_little_off,
    half="after",
    visible_to_reads=True,
)
def window_in_whole_minutes(_: Replacement, body: Any, clock: Any) -> None:
    """Compare times in whole minutes, so that a difference of almost four minutes passes."""
    timestamp = _checks.whole_number(body.get("timestamp"))
    if timestamp is not None and abs(timestamp // _MINUTE - clock.wire_ms() // _MINUTE) > 3:
        raise ApiError("011")


def calls_with_a_subscription_s_keys(client: Client) -> None:
    made = client.call("createSubscription", {**SUBSCRIPTION, "requestId": _OTHER_ID})
    pair = Target("", made.at("publicKey"), made.at("secretKey"), client.target.account)
    for operation_id, payload in every_call(client):
        body = json.dumps(client.envelope(payload)).encode()
        client.send(operation_id, body, **signature(pair, body))


@defect(
    "subscription-keys-open-the-api",
    *EVERY_OPERATION,
    kind=Kind.ACCESS,
    patch_point="calypso_mock.api._checks.check_key",
    repro=calls_with_a_subscription_s_keys,
    half="after",
    visible_to_reads=True,
)
def subscription_keys_open_the_api(healthy: Replacement, state: Any, key: str | None) -> Any:
    """Accept the key pair of a subscription, made for webhooks, in requests to the API."""
    for account in state.accounts.values():
        for made in account.subscriptions.values():
            if made.public_key == key:
                return KeyPair(made.public_key, made.secret_key, [account.id])
    return healthy(state, key)


def searching_foreign_deposits(client: Client) -> None:
    customer_id = deposits(client, "1")
    client.with_new_account().call("findTransactions", {"customerId": customer_id})


@defect(
    "search-by-anyone-s-customer",
    "findTransactions",
    kind=Kind.ACCESS,
    patch_point="calypso_mock.api._handlers.HANDLERS[findTransactions]",
    repro=searching_foreign_deposits,
    half="after",
)
def search_by_anyone_s_customer(healthy: Replacement, call: Any) -> Any:
    """Search the deposits of a named customer in all accounts."""
    wanted = call.payload.get("customerId", "").lower()
    for account in call.state.accounts.values():
        if wanted in account.customers:
            base = call.context.options.page_base
            return _search.find(account.transactions.values(), call.payload, page_base=base)
    return healthy(call)


def changing_a_foreign_subscription(client: Client) -> None:
    client.call("createSubscription", SUBSCRIPTION)
    other_client = client.with_new_account()
    other_client.call("changeSubscription", {**SUBSCRIPTION, "url": "https://eve.example/hook"})
    other_client.call("deleteSubscription", {"requestId": REQUEST_ID})
    client.call("getSubscriptions")


@defect(
    "changes-reach-all-accounts",
    "changeSubscription",
    "getSubscriptions",
    kind=Kind.ACCESS,
    patch_point="calypso_mock.api._handlers.HANDLERS[changeSubscription]",
    repro=changing_a_foreign_subscription,
    half="after",
)
def changes_reach_all_accounts(healthy: Replacement, call: Any) -> Any:
    """Change a subscription of any account, and return its secret."""
    wanted = call.payload["requestId"].lower()
    candidates = (call.account, *call.state.accounts.values())
    owner = next((one for one in candidates if wanted in one.subscriptions), call.account)
    return healthy(replace(call, account=owner))
