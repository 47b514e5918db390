"""The Calypso Pay API for Python: signed calls, exact money, errors that say what happened.

Unofficial; not affiliated with Calypso Pay.
"""

from typing import TYPE_CHECKING

from calypso_api import UNSET, RawResponse
from calypso_api._drift import Drift
from calypso_pay._client import AsyncCalypso, Calypso
from calypso_pay._errors import (
    APIError,
    AuthenticationError,
    CalypsoError,
    ClockSkewError,
    ConfigurationError,
    ConnectionFailedError,
    InvalidRequestError,
    NotFoundError,
    Outcome,
    OutcomeUnknownError,
    RateLimitError,
    ServerError,
    TransportError,
    UnexpectedResponseError,
    WebhookVerificationError,
)
from calypso_pay._options import Attempt
from calypso_pay._transport import KeySign
from calypso_pay._version import __version__

if TYPE_CHECKING:
    from calypso_pay.transactions import PagingWarning, WaitError

__all__ = [
    "UNSET",
    "APIError",
    "AsyncCalypso",
    "Attempt",
    "AuthenticationError",
    "Calypso",
    "CalypsoError",
    "ClockSkewError",
    "ConfigurationError",
    "ConnectionFailedError",
    "Drift",
    "InvalidRequestError",
    "KeySign",
    "NotFoundError",
    "Outcome",
    "OutcomeUnknownError",
    "PagingWarning",
    "RateLimitError",
    "RawResponse",
    "ServerError",
    "TransportError",
    "UnexpectedResponseError",
    "WaitError",
    "WebhookVerificationError",
    "__version__",
]

# Of the helpers over transactions, which are imported when they are first used.
_LATER = ("PagingWarning", "WaitError")


def __getattr__(name: str) -> object:
    if name in _LATER:
        from calypso_pay import transactions

        return getattr(transactions, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *_LATER]
