"""Check a request in the order of the mock: JSON, key, signature, time, envelope, account.

The order is this project's choice; the vendor documents the codes only.
"""

from __future__ import annotations

import hmac
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from calypso_mock import _json
from calypso_mock._errors import ApiError, bad_request, invalid_field, not_found
from calypso_mock.api import _contract, _search
from calypso_mock.api._signing import signature
from calypso_mock.state import _addresses

if TYPE_CHECKING:
    from collections.abc import Callable

    from calypso_mock.api._context import Options
    from calypso_mock.api._contract import Operation
    from calypso_mock.api._http import Request
    from calypso_mock.state._clock import Clock
    from calypso_mock.state._mock_state import MockState
    from calypso_mock.state._records import Account, KeyPair

    PayloadCheck = Callable[[dict[str, Any], Options], None]

MAX_BODY = 1024 * 1024
WINDOW_MS = 180_000

_JSON_TYPE = re.compile(r"(application|text)/([\w.+-]+\+)?json")
_ACCOUNT = re.compile(r"0x[0-9a-fA-F]{40}")


def read_body(request: Request) -> dict[str, Any]:
    """Read the body as a JSON object, or reject it (001)."""
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
    """Reject a body that is declared as something else than JSON (001).

    The vendor's behaviour is unknown: a missing header and any JSON type pass.
    """
    media_type = (content_type or "application/json").partition(";")[0].strip().lower()
    if not _JSON_TYPE.fullmatch(media_type):
        raise bad_request("the content type has to be application/json")


def check_key(state: MockState, key: str | None) -> KeyPair:
    """Return the key pair that a request names, or reject the request (002)."""
    pair = state.keys.get(key or "")
    if pair is None:
        raise ApiError("002")
    return pair


def check_sign(secret: str, body: bytes, sign: str | None) -> None:
    """Reject a signature that does not match the raw bytes (003).

    Upper-case hex passes; how the vendor treats it is unknown.
    """
    # As bytes, any header is comparable, and only ASCII changes its case.
    given = (sign or "").encode(errors="backslashreplace").lower()
    if not hmac.compare_digest(given, signature(secret, body)):
        raise ApiError("003")


def check_timestamp(body: dict[str, Any], clock: Clock) -> None:
    """Reject a timestamp more than three minutes from wire time (011).

    One that is not a whole number is left to the document's schema.
    """
    timestamp = whole_number(body.get("timestamp"))
    if timestamp is not None and abs(timestamp - clock.wire_ms()) > WINDOW_MS:
        raise ApiError("011")


def whole_number(value: object) -> int | None:
    """Return what JSON Schema calls an integer, ``413.0`` included, or None."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return int(value) if value == int(value) else None


def check_envelope(operation: Operation, body: dict[str, Any], options: Options) -> None:
    """Reject what the document's schema does not allow, naming every field (001)."""
    error = _contract.request_error(operation, body)
    if error is not None:
        raise ApiError("001", error)
    if options.strict_account:
        check_account_form(body.get("account", ""))


def check_account_form(account: str) -> None:
    """Reject an account id that is not ``0x`` and 40 hex digits, as one host documents it (001)."""
    if not _ACCOUNT.fullmatch(account):
        raise invalid_field("account", f"must match {_ACCOUNT.pattern}")


def check_parameters(operation: Operation, request: Request) -> None:
    """Reject a path or a query that the document does not allow, naming every parameter (001)."""
    error = _contract.parameter_error(operation, request.path, request.query)
    if error is not None:
        raise ApiError("001", error)


def check_payload(operation: Operation, payload: dict[str, Any], options: Options) -> None:
    """Reject what the schema of this operation's payload cannot express (001)."""
    check = PAYLOAD_CHECKS.get(operation.id)
    if check is not None:
        check(payload, options)


def check_account(state: MockState, pair: KeyPair, body: dict[str, Any]) -> Account:
    """Return the account that a request names, if its key may use it; else reject it (004).

    A request that names no account is for the key's first one.
    """
    account = body.get("account", pair.accounts[0])
    if account not in pair.accounts:
        raise not_found()
    return state.accounts[account]


def check_currency(payload: dict[str, Any], _: Options) -> None:
    """Reject a currency that no address exists for."""
    if _addresses.family_of(payload["currency"]) is None:
        raise invalid_field("payload.currency", "is not a currency that is known here")


def check_search(payload: dict[str, Any], options: Options) -> None:
    """Reject an order by an unknown field, and a page before the first."""
    _search.order_fields(payload)
    if _search.page_number(payload, options.page_base) < options.page_base:
        raise invalid_field("payload.pageNumber", f"must be at least {options.page_base}")


def check_subscription(payload: dict[str, Any], _: Options) -> None:
    """Reject a subscription to no events, or one that nothing can be sent to.

    That one of the two lists is required was documented until 2023; the rule for the URL is
    inferred.
    """
    if not payload.get("notificationEventTypes") and not payload.get("notificationServiceTypes"):
        raise invalid_field(
            "payload.notificationEventTypes",
            "must name something unless notificationServiceTypes does",
        )
    if not is_web_address(payload["url"]):
        raise invalid_field("payload.url", "must be an http or https address")


def is_web_address(url: str) -> bool:
    """Return whether deliveries can be posted to a URL."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


PAYLOAD_CHECKS: dict[str, PayloadCheck] = {
    "getAddress": check_currency,
    "findTransactions": check_search,
    "createSubscription": check_subscription,
    "changeSubscription": check_subscription,
}
