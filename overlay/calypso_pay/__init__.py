"""The Calypso Pay API for Python: signed calls, exact money, errors that say what happened.

Unofficial; not affiliated with Calypso Pay.
"""

from calypso_api import UNSET, RawResponse
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
)
from calypso_pay._options import Attempt
from calypso_pay._transport import KeySign
from calypso_pay._version import __version__

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
    "InvalidRequestError",
    "KeySign",
    "NotFoundError",
    "Outcome",
    "OutcomeUnknownError",
    "RateLimitError",
    "RawResponse",
    "ServerError",
    "TransportError",
    "UnexpectedResponseError",
    "__version__",
]
