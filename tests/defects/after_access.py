"""Edge cases of signature, window and account that are wrongly accepted or rejected."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from calypso_mock import _checks, _find
from calypso_mock._errors import ApiError
from calypso_mock._state import KeyPair
from tests.contract.wire import Target, signature
from tests.defects.registry import Kind, defect
from tests.defects.scenes import (
    EVERY_OPERATION,
    REQUEST_ID,
    SUBSCRIPTION,
    customer,
    deposits,
    every_call,
)

if TYPE_CHECKING:
    from tests.defects.registry import Replacement
    from tests.defects.talk import Talk

_OTHER_ID = "7d3f0d7e-52c9-4c53-9d0f-0a6d3a5c3f13"
_BUFFER = 8192
_MINUTE = 60_000


def calls_with_a_last_newline(talk: Talk) -> None:
    for operation_id, payload in every_call(talk):
        talk.send(operation_id, json.dumps(talk.envelope(payload)).encode() + b"\n")


@defect(
    "sign-without-outer-space",
    *EVERY_OPERATION,
    kind=Kind.SIGNATURE,
    seam="calypso_mock._checks.check_sign",
    witness=calls_with_a_last_newline,
    half="after",
    by_reads=True,
)
def sign_without_outer_space(
    healthy: Replacement, secret: str, body: bytes, sign: str | None
) -> None:
    """Verify the signature over the body without surrounding whitespace, not over all bytes."""
    healthy(secret, body.strip(), sign)


def calls_under_another_s_secret(talk: Talk) -> None:
    stranger = talk.stranger()
    for operation_id, payload in every_call(talk):
        body = json.dumps(talk.envelope(payload)).encode()
        talk.send(operation_id, body, Sign=signature(stranger.target, body)["Sign"])


@defect(
    "any-secret-will-do",
    *EVERY_OPERATION,
    kind=Kind.SIGNATURE,
    seam="calypso_mock._core.carry_out",
    witness=calls_under_another_s_secret,
    half="after",
)
def any_secret_will_do(healthy: Replacement, world: Any, operation: Any, request: Any) -> Any:
    """Accept a signature made with any known secret, whatever key it is sent with."""
    pair = world.state.keys.get(request.headers.get("key", ""))
    secrets = [known.secret for known in world.state.keys.values()]
    good = [_checks.signature(secret, request.body).decode() for secret in secrets]
    if pair is not None and request.headers.get("sign") in good:
        sign = _checks.signature(pair.secret, request.body).decode()
        request = replace(request, headers={**request.headers, "sign": sign})
    return healthy(world, operation, request)


def long_bodies(talk: Talk) -> None:
    owner = customer(talk, description="x" * (_BUFFER // 2))
    talk.call("createCustomer", {"description": "x" * _BUFFER})
    talk.call("updateCustomer", {"id": owner, "description": "y" * _BUFFER})


@defect(
    "sign-over-the-first-buffer",
    "createCustomer",
    "updateCustomer",
    kind=Kind.SIGNATURE,
    seam="calypso_mock._checks.check_sign",
    witness=long_bodies,
    half="after",
)
def sign_over_the_first_buffer(
    healthy: Replacement, secret: str, body: bytes, sign: str | None
) -> None:
    """Verify the signature over the first 8 KiB only, and so reject longer bodies."""
    healthy(secret, body[:_BUFFER], sign)


def calls_from_1970(talk: Talk) -> None:
    for operation_id, payload in every_call(talk):
        talk.call(operation_id, payload, timestamp=0)


@defect(
    "timestamp-zero-is-none",
    *EVERY_OPERATION,
    kind=Kind.WINDOW,
    seam="calypso_mock._checks.check_timestamp",
    witness=calls_from_1970,
    half="after",
    by_reads=True,
)
def timestamp_zero_is_none(healthy: Replacement, body: Any, clock: Any) -> None:
    """Treat a timestamp of 0 as missing, and skip the check."""
    if body.get("timestamp"):
        healthy(body, clock)


def calls_in_seconds(talk: Talk) -> None:
    for operation_id, payload in every_call(talk):
        talk.call(operation_id, payload, timestamp=talk.now // 1000)


@defect(
    "timestamp-in-seconds-passes",
    *EVERY_OPERATION,
    kind=Kind.WINDOW,
    seam="calypso_mock._checks.check_timestamp",
    witness=calls_in_seconds,
    half="after",
    by_reads=True,
)
def timestamp_in_seconds_passes(healthy: Replacement, body: Any, clock: Any) -> None:
    """Interpret a small timestamp as seconds."""
    timestamp = _checks.whole_number(body.get("timestamp"))
    if timestamp is not None and 0 < timestamp < clock.wire_ms() // 100:
        body = {**body, "timestamp": timestamp * 1000}
    healthy(body, clock)


def calls_a_little_off(talk: Talk) -> None:
    for operation_id, payload in every_call(talk):
        for seconds in (185, -185):
            talk.call(operation_id, payload, timestamp=talk.now + seconds * 1000)


@defect(
    "window-in-whole-minutes",
    *EVERY_OPERATION,
    kind=Kind.WINDOW,
    seam="calypso_mock._checks.check_timestamp",
    witness=calls_a_little_off,
    half="after",
    by_reads=True,
)
def window_in_whole_minutes(_: Replacement, body: Any, clock: Any) -> None:
    """Compare times in whole minutes, so that a difference of almost four minutes passes."""
    timestamp = _checks.whole_number(body.get("timestamp"))
    if timestamp is not None and abs(timestamp // _MINUTE - clock.wire_ms() // _MINUTE) > 3:
        raise ApiError("011")


def calls_with_a_subscription_s_keys(talk: Talk) -> None:
    made = talk.call("createSubscription", {**SUBSCRIPTION, "requestId": _OTHER_ID})
    pair = Target("", made.at("publicKey"), made.at("secretKey"), talk.target.account)
    for operation_id, payload in every_call(talk):
        body = json.dumps(talk.envelope(payload)).encode()
        talk.send(operation_id, body, **signature(pair, body))


@defect(
    "subscription-keys-open-the-api",
    *EVERY_OPERATION,
    kind=Kind.ACCESS,
    seam="calypso_mock._checks.check_key",
    witness=calls_with_a_subscription_s_keys,
    half="after",
    by_reads=True,
)
def subscription_keys_open_the_api(healthy: Replacement, state: Any, key: str | None) -> Any:
    """Accept the key pair of a subscription, made for webhooks, in requests to the API."""
    for account in state.accounts.values():
        for made in account.subscriptions.values():
            if made.public_key == key:
                return KeyPair(made.public_key, made.secret_key, [account.id])
    return healthy(state, key)


def searching_another_s_deposits(talk: Talk) -> None:
    owner = deposits(talk, "1")
    talk.stranger().call("findTransactions", {"customerId": owner})


@defect(
    "search-by-anyone-s-customer",
    "findTransactions",
    kind=Kind.ACCESS,
    seam="calypso_mock._handlers.HANDLERS[findTransactions]",
    witness=searching_another_s_deposits,
    half="after",
)
def search_by_anyone_s_customer(healthy: Replacement, call: Any) -> Any:
    """Search the deposits of a named customer in all accounts."""
    wanted = call.payload.get("customerId", "").lower()
    for account in call.state.accounts.values():
        if wanted in account.customers:
            base = call.world.switches.page_base
            return _find.find(account.transactions.values(), call.payload, page_base=base)
    return healthy(call)


def changing_another_s(talk: Talk) -> None:
    talk.call("createSubscription", SUBSCRIPTION)
    stranger = talk.stranger()
    stranger.call("changeSubscription", {**SUBSCRIPTION, "url": "https://eve.example/hook"})
    stranger.call("deleteSubscription", {"requestId": REQUEST_ID})
    talk.call("getSubscriptions")


@defect(
    "changes-reach-all-accounts",
    "changeSubscription",
    "getSubscriptions",
    kind=Kind.ACCESS,
    seam="calypso_mock._handlers.HANDLERS[changeSubscription]",
    witness=changing_another_s,
    half="after",
)
def changes_reach_all_accounts(healthy: Replacement, call: Any) -> Any:
    """Change a subscription of any account, and return its secret."""
    wanted = call.payload["requestId"].lower()
    everyone = (call.account, *call.state.accounts.values())
    owner = next((one for one in everyone if wanted in one.subscriptions), call.account)
    return healthy(replace(call, account=owner))
