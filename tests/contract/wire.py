"""Speak to the API as the vendor's pages describe it: the envelope, the signature, the settings."""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from requests import ConnectionError as NoConnectionError
from requests.auth import AuthBase
from urllib3.exceptions import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests import PreparedRequest, Response

# What a run's own gateway says in place of a response: that none came, or that the run has to end.
FAILED, STOPPED = "X-Contract-Failed", "X-Contract-Stopped"
# Where the gateway is asked whether an id is one that the run may not change: 200 if so, else 404.
LISTED = "/_gateway/listed/"

_NAMES = ("base_url", "key", "secret", "account")
_REAL_URL = "CONTRACT_REAL_URL"
_INT64 = 2**63


@dataclass(frozen=True)
class Target:
    """An API to test, and who calls it.

    Attributes:
        base_url: Where requests go: to the API, or to the run's own gateway to it.
        key: Public API key.
        secret: Secret key.
        account: Id of the account that requests are for.
        real_url: Where the API is, if requests go to a gateway.
    """

    base_url: str
    key: str
    secret: str = field(repr=False)
    account: str
    real_url: str | None = None

    @property
    def shown(self) -> str:
        """Where the API is, as people know it."""
        return self.real_url or self.base_url

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read the variables that ``calypso mock`` prints.

        Raises:
            KeyError: If one is missing. Without credentials nothing may run.
        """
        named = {name: environment[_variable(name)] for name in _NAMES}
        return cls(**named, real_url=environment.get(_REAL_URL))

    def write(self) -> dict[str, str]:
        """Return the variables that ``read`` reads."""
        real = {} if self.real_url is None else {_REAL_URL: self.real_url}
        return {_variable(name): getattr(self, name) for name in _NAMES} | real


class Signed(AuthBase):
    """Signs whatever bytes go out: a body that is no JSON has to earn 400, and not 401."""

    def __init__(self, target: Target) -> None:
        self._target = target

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else body
        request.headers.update(signature(self._target, content))
        request.register_hook("response", _heed)
        return request


def _heed(response: Response, **_: object) -> None:
    """Raise what the gateway says in place of a response."""
    if STOPPED in response.headers or FAILED in response.headers:
        response.close()
    if STOPPED in response.headers:
        raise KeyboardInterrupt(response.headers[STOPPED])
    if FAILED in response.headers:
        # As requests raises it: schemathesis reads the exception within.
        reason = ProtocolError("Connection aborted.", OSError(response.headers[FAILED]))
        raise NoConnectionError(reason, request=response.request)


def signature(target: Target, content: bytes) -> dict[str, str]:
    """Return the headers that prove who sent these bytes."""
    sign = hmac.new(target.secret.encode(), content, hashlib.sha512).hexdigest()
    return {"Key": target.key, "Sign": sign}


def now() -> int:
    """Return the present time in milliseconds."""
    return time.time_ns() // 1_000_000


def refresh(body: dict[str, Any], account: str) -> None:
    """Put account and time of now in place of valid ones; what is invalid has to stay so."""
    if is_int64(body.get("timestamp")):
        body["timestamp"] = now()
    if isinstance(body.get("account"), str) and body["account"]:
        body["account"] = account


def is_int64(value: object) -> bool:
    """Tell whether JSON Schema takes a value for an int64, as it does with ``413.0``."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -_INT64 <= value < _INT64 and value == int(value)


def _variable(name: str) -> str:
    return f"CALYPSO_{name.upper()}"
