"""Servers that cache by request body: a body that was checked once is not checked again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from calypso_mock._errors import ApiError
from tests.contract.wire import signature
from tests.defects.fixtures import EVERY_OPERATION, every_call
from tests.defects.registry import Kind, defect

if TYPE_CHECKING:
    from calypso_mock.api._http import Request, Response
    from tests.defects.client import Client
    from tests.defects.registry import Replacement

_ACCEPTED: set[bytes] = set()
_REJECTED: set[bytes] = set()
_RESPONSES: dict[tuple[str, bytes], Response] = {}


def calls_forged_afterwards(client: Client) -> None:
    """Resend each accepted request with the last digit of the signature changed."""
    for operation_id, payload in every_call(client):
        body = json.dumps(client.envelope(payload)).encode()
        sign = signature(client.target, body)["Sign"]
        client.send(operation_id, body)
        client.send(operation_id, body, Sign=sign[:-1] + ("1" if sign[-1] == "0" else "0"))


def calls_forged_before(client: Client) -> None:
    """Resend each rejected request with the right signature."""
    for operation_id, payload in every_call(client):
        body = json.dumps(client.envelope(payload)).encode()
        client.send(operation_id, body, Sign="0" * 128)
        client.send(operation_id, body)


def calls_of_another_key(client: Client) -> None:
    """Resend each accepted request with an unknown key."""
    for operation_id, payload in every_call(client):
        body = json.dumps(client.envelope(payload)).encode()
        client.send(operation_id, body)
        client.send(operation_id, body, Key="0" * 32)


@defect(
    "accepted-bytes-pass-with-any-sign",
    *EVERY_OPERATION,
    kind=Kind.SIGNATURE,
    patch_point="calypso_mock.api._checks.check_sign",
    repro=calls_forged_afterwards,
)
def accepted_bytes_pass(healthy: Replacement, secret: str, body: bytes, sign: str | None) -> None:
    """Skip the signature check for bytes that once had a valid signature."""
    if body not in _ACCEPTED:
        healthy(secret, body, sign)
        _ACCEPTED.add(body)


@defect(
    "refused-bytes-stay-refused",
    *EVERY_OPERATION,
    kind=Kind.SIGNATURE,
    patch_point="calypso_mock.api._checks.check_sign",
    repro=calls_forged_before,
)
def refused_bytes_stay(healthy: Replacement, secret: str, body: bytes, sign: str | None) -> None:
    """Reject a valid signature over bytes that once had an invalid one."""
    if body in _REJECTED:
        raise ApiError("003")
    try:
        healthy(secret, body, sign)
    except ApiError:
        _REJECTED.add(body)
        raise


@defect(
    "responses-cached-by-body",
    *EVERY_OPERATION,
    kind=Kind.SIGNATURE,
    patch_point="calypso_mock.api._core.respond",
    repro=calls_of_another_key,
)
def responses_cached(healthy: Replacement, context: object, request: Request) -> Response:
    """Return the cached response of a success for the same bytes, whatever the key."""
    kept = request.path, request.body
    if kept not in _RESPONSES:
        response: Response = healthy(context, request)
        if response.status >= 400:
            return response
        _RESPONSES[kept] = response
    return _RESPONSES[kept]
