"""Let schemathesis sign its requests, with the current time and the account of the settings."""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from typing import TYPE_CHECKING, Any

import schemathesis
from requests.auth import AuthBase

if TYPE_CHECKING:
    from requests import PreparedRequest

KEY, SECRET, ACCOUNT = (os.environ[f"CALYPSO_{name}"] for name in ("KEY", "SECRET", "ACCOUNT"))


class Sign(AuthBase):
    """Signs the bytes of each request, valid or not."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Add both headers."""
        content = request.body or b""
        if not isinstance(content, bytes):
            content = str(content).encode()
        sign = hmac.new(SECRET.encode(), content, hashlib.sha512).hexdigest()
        request.headers.update({"Key": KEY, "Sign": sign})
        return request


schemathesis.auth.set_from_requests(Sign())  # type: ignore[attr-defined]


@schemathesis.hook
def before_call(_: schemathesis.HookContext, case: schemathesis.Case[Any], __: object) -> None:
    """Replace a generated timestamp or account if it is valid; invalid ones must stay invalid."""
    if isinstance(case.body, dict):
        case.body = dict(case.body)
        stamp = case.body.get("timestamp")
        if isinstance(stamp, int) and not isinstance(stamp, bool) and abs(stamp) < 2**63:
            case.body["timestamp"] = time.time_ns() // 1_000_000
        if isinstance(case.body.get("account"), str) and case.body["account"]:
            case.body["account"] = ACCOUNT
