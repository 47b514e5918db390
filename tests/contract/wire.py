"""Speak to the API as the vendor's pages describe it: the envelope, the signature, the settings."""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from requests.auth import AuthBase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests import PreparedRequest

_NAMES = ("base_url", "key", "secret", "account")
_INT64 = 2**63


@dataclass(frozen=True)
class Target:
    """An API to test, and who calls it.

    Attributes:
        base_url: Where it answers.
        key: Public API key.
        secret: Secret key.
        account: Id of the account that requests are for.
    """

    base_url: str
    key: str
    secret: str = field(repr=False)
    account: str

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Read the variables that ``calypso mock`` prints.

        Raises:
            KeyError: If one is missing. Without credentials nothing may run.
        """
        return cls(*(environment[_variable(name)] for name in _NAMES))

    def write(self) -> dict[str, str]:
        """Return the variables that ``read`` reads."""
        return {_variable(name): getattr(self, name) for name in _NAMES}


class Signed(AuthBase):
    """Signs whatever bytes go out: a body that is no JSON has to earn 400, and not 401."""

    def __init__(self, target: Target) -> None:
        self._target = target

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else body
        request.headers.update(signature(self._target, content))
        return request


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
