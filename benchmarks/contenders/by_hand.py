"""What one writes around an HTTP library: the envelope, the signature, the JSON."""

from __future__ import annotations

import hmac
import json
import time
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from benchmarks import canned

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_encode = json.JSONEncoder(separators=(",", ":")).encode
_row = itemgetter(*canned.FIELDS)
_balance = itemgetter("currency", "amount")
_account = itemgetter("account", "name", "ownerId")
_OK = 200


def signed(
    secret: bytes, payload: dict[str, Any] | None, account: str = canned.ACCOUNT
) -> tuple[bytes, dict[str, str]]:
    """Return the body of a request and its headers."""
    envelope: dict[str, Any] = {"account": account, "timestamp": time.time_ns() // 1_000_000}
    if payload is not None:
        envelope["payload"] = payload
    body = _encode(envelope).encode()
    sign = hmac.digest(secret, body, "sha512").hex()
    return body, {"Key": canned.KEY, "Sign": sign, "Content-Type": "application/json"}


def decoded(status: int, content: bytes) -> Any:
    """Return the JSON of a response."""
    if status != _OK:
        raise RuntimeError(f"{status}: {content!r}")
    return json.loads(content)


def payload(rows: int) -> dict[str, Any]:
    """Return the payload of a search."""
    return {"customerId": canned.CUSTOMER, "pageNumber": 0, "pageSize": rows}


def read_account(account: Any) -> Any:
    """Read every field of an account."""
    return _account(account), list(map(_balance, account["balances"]))


def read_page(page: Any) -> Any:
    """Read every field of every record."""
    return list(map(_row, page["result"]))


def calls(post: Callable[[str, dict[str, Any] | None], Any]) -> tuple[Any, Any]:
    """Return the two calls, of a function that posts a payload to a path."""
    return (
        lambda: read_account(post(canned.ACCOUNT_PATH, None)),
        lambda rows: read_page(post(canned.FIND_PATH, payload(rows))),
    )


def async_calls(
    post: Callable[[str, dict[str, Any] | None], Awaitable[Any]],
) -> tuple[Any, Any]:
    """Return the same, to be awaited."""

    async def account() -> Any:
        return read_account(await post(canned.ACCOUNT_PATH, None))

    async def find(rows: int) -> Any:
        return read_page(await post(canned.FIND_PATH, payload(rows)))

    return account, find
