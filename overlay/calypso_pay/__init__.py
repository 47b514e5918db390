"""The Calypso Pay API for Python: signed calls, exact money, errors with a clear outcome.

Unofficial; not affiliated with Calypso Pay.
"""

from typing import TYPE_CHECKING

from calypso_api import UNSET, RawResponse, Unset
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
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    TransportError,
    UnexpectedResponseError,
    WebhookVerificationError,
)
from calypso_pay._options import Attempt
from calypso_pay._version import __version__

if TYPE_CHECKING:
    from calypso_api import DecodeError, RowsError
    from calypso_api._drift import Drift
    from calypso_api._model import to_jsonable
    from calypso_pay import models, receiver, reconcile, webhooks
    from calypso_pay._transport.auth import KeySign
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
    "DecodeError",
    "Drift",
    "InvalidRequestError",
    "KeySign",
    "NotFoundError",
    "Outcome",
    "OutcomeUnknownError",
    "PagingWarning",
    "PermissionDeniedError",
    "RateLimitError",
    "RawResponse",
    "RowsError",
    "ServerError",
    "TransportError",
    "UnexpectedResponseError",
    "Unset",
    "WaitError",
    "WebhookVerificationError",
    "__version__",
    "models",
    "receiver",
    "reconcile",
    "to_jsonable",
    "webhooks",
]

# These cost start-up time, and are imported on first use.
_LAZY = {
    "DecodeError": "calypso_api",
    "Drift": "calypso_api._drift",
    "KeySign": "calypso_pay._transport.auth",
    "PagingWarning": "calypso_pay.transactions",
    "RowsError": "calypso_api",
    "WaitError": "calypso_pay.transactions",
    "to_jsonable": "calypso_api._model",
}
_SUBMODULES = ("models", "receiver", "reconcile", "webhooks")


# Hidden from type checkers, which would accept any name otherwise.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        from importlib import import_module

        if name in _SUBMODULES:
            return import_module(f"{__name__}.{name}")
        if name in _LAZY:
            return getattr(import_module(_LAZY[name]), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
