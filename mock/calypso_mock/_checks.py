"""Check a request in the order of the mock: JSON, key, signature, time, envelope, account.

The order is this project's choice; the vendor documents the codes only.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from calypso_mock import _contract, _json, _payloads
from calypso_mock._errors import ApiError, bad_request, invalid_field, not_found

if TYPE_CHECKING:
    from calypso_mock._clock import Clock
    from calypso_mock._contract import Operation
    from calypso_mock._exchange import Request
    from calypso_mock._state import Account, KeyPair, State
    from calypso_mock._world import Switches

MAX_BODY = 1024 * 1024
WINDOW_MS = 180_000

_JSON_TYPE = re.compile(r"(application|text)/([\w.+-]+\+)?json")
_ACCOUNT = re.compile(r"0x[0-9a-fA-F]{40}")


def read_body(request: Request) -> dict[str, Any]:
    """Read the body as a JSON object, or refuse it (001)."""
    check_content_type(request.headers.get("content-type"))
    if len(request.body) > MAX_BODY:
        raise bad_request(f"the body is larger than {MAX_BODY} bytes")
    try:
        body = _json.load(request.body)
    except _json.BadJsonError as error:
        raise bad_request(str(error)) from None
    if not isinstance(body, dict):
        raise bad_request("the body has to be a JSON object")
    return body


def check_content_type(content_type: str | None) -> None:
    """Refuse a body that is declared as something else than JSON (001).

    What the vendor does is unknown: a missing header and any JSON type pass.
    """
    media_type = (content_type or "application/json").partition(";")[0].strip().lower()
    if not _JSON_TYPE.fullmatch(media_type):
        raise bad_request("the content type has to be application/json")


def check_key(state: State, key: str | None) -> KeyPair:
    """Find the key pair that a request names, or refuse it (002)."""
    pair = state.keys.get(key or "")
    if pair is None:
        raise ApiError("002")
    return pair


def check_sign(secret: str, body: bytes, sign: str | None) -> None:
    """Refuse a signature that does not fit the raw bytes (003).

    Upper-case hex passes; what the vendor makes of it is unknown.
    """
    # Only ASCII letters change their case as bytes, and any header is comparable as bytes.
    given = (sign or "").encode(errors="backslashreplace").lower()
    if not hmac.compare_digest(given, signature(secret, body)):
        raise ApiError("003")


def signature(secret: str, body: bytes) -> bytes:
    """Sign bytes as the vendor documents it: lower-case hex of HMAC-SHA512."""
    return hmac.new(secret.encode(), body, hashlib.sha512).hexdigest().encode()


def check_timestamp(body: dict[str, Any], clock: Clock) -> None:
    """Refuse a timestamp more than three minutes from wire time (011).

    One that is no whole number is left to the document's schema.
    """
    timestamp = whole_number(body.get("timestamp"))
    if timestamp is not None and abs(timestamp - clock.wire_ms()) > WINDOW_MS:
        raise ApiError("011")


def whole_number(value: object) -> int | None:
    """Return what JSON Schema calls an integer, ``413.0`` included, or None."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return int(value) if value == int(value) else None


def check_envelope(operation: Operation, body: dict[str, Any], switches: Switches) -> None:
    """Refuse what the document's schema does not allow, naming every field (001)."""
    faults = _contract.request_faults(operation, body)
    if faults is not None:
        raise ApiError("001", faults)
    if switches.strict_account:
        check_account_form(body.get("account", ""))


def check_account_form(account: str) -> None:
    """Refuse an account id that is not ``0x`` and 40 hex digits, as one host documents it (001)."""
    if not _ACCOUNT.fullmatch(account):
        raise invalid_field("account", f"must match {_ACCOUNT.pattern}")


def check_parameters(operation: Operation, request: Request) -> None:
    """Refuse a path or a query that the document does not allow, naming every parameter (001)."""
    faults = _contract.parameter_faults(operation, request.path, request.query)
    if faults is not None:
        raise ApiError("001", faults)


def check_payload(operation: Operation, payload: dict[str, Any], switches: Switches) -> None:
    """Refuse what no schema can say of this operation's payload (001)."""
    check = _payloads.CHECKS.get(operation.id)
    if check is not None:
        check(payload, switches)


def check_account(state: State, pair: KeyPair, body: dict[str, Any]) -> Account:
    """Find the account that a request names among those its key sees, or refuse it (004).

    A request that names none is for the key's first account.
    """
    account = body.get("account", pair.accounts[0])
    if account not in pair.accounts:
        raise not_found()
    return state.accounts[account]
