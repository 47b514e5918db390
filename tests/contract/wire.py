"""The API's wire format as the vendor describes it: envelope and signature; and the settings."""

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

# Headers of a run's gateway in place of a response: there was none, or the run has to end.
FAILED, STOPPED = "X-Contract-Failed", "X-Contract-Stopped"
# The gateway's path to ask whether the run must not change an id: 200 if so, else 404.
LISTED = "/_gateway/listed/"

_NAMES = ("base_url", "key", "secret", "account")
_REAL_URL = "CONTRACT_REAL_URL"
_INT64 = 2**63


@dataclass(frozen=True)
class Target:
    """An API to test, and the account that calls it.

    Attributes:
        base_url: Where requests go: to the API, or to the run's own gateway to it.
        key: Public API key.
        secret: Secret key.
        account: Id of the account.
        real_url: The API's URL, if requests go to a gateway.
    """

    base_url: str
    key: str
    secret: str = field(repr=False)
    account: str
    real_url: str | None = None

    @property
    def shown(self) -> str:
        """The API's URL, as shown to users."""
        return self.real_url or self.base_url

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read the variables that ``calypso mock`` prints.

        Raises:
            KeyError: One is missing. Nothing may run without credentials.
        """
        named = {name: environment[_variable(name)] for name in _NAMES}
        return cls(**named, real_url=environment.get(_REAL_URL))

    def write(self) -> dict[str, str]:
        """Return the variables that ``read`` reads."""
        real = {} if self.real_url is None else {_REAL_URL: self.real_url}
        return {_variable(name): getattr(self, name) for name in _NAMES} | real


class Signer(AuthBase):
    """Signs the sent bytes, even if they are not JSON: the error has to be 400, not 401."""

    def __init__(self, target: Target) -> None:
        self._target = target

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else body
        request.headers.update(signature(self._target, content))
        request.register_hook("response", _raise_gateway_error)
        return request


def _raise_gateway_error(response: Response, **_: object) -> None:
    """Raise the error that the gateway reports in place of a response."""
    if STOPPED in response.headers or FAILED in response.headers:
        response.close()
    if STOPPED in response.headers:
        raise KeyboardInterrupt(response.headers[STOPPED])
    if FAILED in response.headers:
        # As requests raises it: schemathesis reads the inner exception.
        reason = ProtocolError("Connection aborted.", OSError(response.headers[FAILED]))
        raise NoConnectionError(reason, request=response.request)


def signature(target: Target, content: bytes) -> dict[str, str]:
    """Return the headers that sign these bytes."""
    sign = hmac.new(target.secret.encode(), content, hashlib.sha512).hexdigest()
    return {"Key": target.key, "Sign": sign}


def now() -> int:
    """Return the current time in milliseconds."""
    return time.time_ns() // 1_000_000


def refresh(body: dict[str, Any], account: str) -> None:
    """Replace a valid account and timestamp by current ones; invalid values stay invalid."""
    if is_int64(body.get("timestamp")):
        body["timestamp"] = now()
    if isinstance(body.get("account"), str) and body["account"]:
        body["account"] = account


def is_int64(value: object) -> bool:
    """Return whether a value is an int64 for JSON Schema, as ``413.0`` is, too."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -_INT64 <= value < _INT64 and value == int(value)


def _variable(name: str) -> str:
    return f"CALYPSO_{name.upper()}"
