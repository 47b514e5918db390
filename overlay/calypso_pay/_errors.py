"""The errors that a call can end with, and what each means for the call's effect.

CalypsoError
├── ConfigurationError            a setting is missing or malformed; nothing was sent
├── TransportError                no readable response, and nothing can have been done twice
│   └── ConnectionFailedError     no attempt left this machine
├── OutcomeUnknownError           an unsafe operation may or may not have been carried out
├── APIError                      the server rejected the call, with a code
│   ├── AuthenticationError       002, 003, 401
│   ├── PermissionDeniedError     403
│   ├── ClockSkewError            011, after the one correction
│   ├── InvalidRequestError       001
│   ├── NotFoundError             004
│   ├── RateLimitError            429
│   └── ServerError               000, 5xx, of a safe operation
├── UnexpectedResponseError       a response that does not match the document
├── WaitError                     what `transactions.wait_for` waits for did not happen
└── WebhookVerificationError      a webhook event that is not genuine, or not readable
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calypso_api import RawResponse


class Outcome(StrEnum):
    """What is known of a call's effect on the server.

    Of several attempts the worst counts; the members are ordered from best to worst.
    """

    NOT_SENT = "not_sent"
    """No attempt reached the server: nothing happened."""
    REFUSED = "refused"
    """The server rejected the request: nothing happened."""
    UNKNOWN = "unknown"
    """The request may have been carried out."""
    DONE = "done"
    """The server carried the request out. Of an error: its response could not be used."""

    @property
    def rank(self) -> int:
        """Return the position in the order from best (0) to worst."""
        return _BEST_TO_WORST.index(self)


_BEST_TO_WORST = tuple(Outcome)

# They may hold secrets.
_LEFT_BEHIND = frozenset({"response", "rows"})


def _rebuild(kind: type[CalypsoError], args: tuple[object, ...], state: dict[str, Any]) -> object:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class CalypsoError(Exception):
    """The root of all errors of this package.

    Attributes:
        outcome: What is known of the call's effect on the server; `unknown` until it is known.
        operation: The operation's id in the API document, such as ``createCustomer``; None where
            no operation was called.
        attempts: How often the call was tried.
        response: The last response, if there was one: status, headers, bytes. It may hold secrets,
            so a pickled or copied error leaves it behind.
    """

    outcome: Outcome = Outcome.UNKNOWN
    operation: str | None = None
    attempts: int = 0
    response: RawResponse[Any] | None = None

    def __init__(self, text: str, /, **facts: object) -> None:
        super().__init__(text)
        for name, fact in facts.items():
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no attribute {name!r}")
            setattr(self, name, fact)

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions rebuild themselves from `args` alone, which would lose everything else.
        state = {name: fact for name, fact in self.__dict__.items() if name not in _LEFT_BEHIND}
        return _rebuild, (type(self), self.args, state)


class ConfigurationError(CalypsoError):
    """A setting is missing or malformed, or a client is used after it was closed.

    Nothing was sent. The message names the setting and how to give it.
    """

    outcome = Outcome.NOT_SENT


class TransportError(CalypsoError):
    """No readable response was received, and nothing can have been done twice.

    Either the operation is safe to retry, or no attempt can have reached the server. The
    transport's own exception is the cause.

    Attributes:
        timed_out: Whether the last attempt ran out of time.
    """

    timed_out: bool = False


class ConnectionFailedError(TransportError):
    """No attempt left this machine: no connection to the server could be made."""


class OutcomeUnknownError(CalypsoError):
    """An operation that must not be retried may or may not have been carried out.

    The cause is the error of the last attempt. Find out what happened before calling again; the
    message explains how. It is not an `APIError`, even after a 5xx: code that creates again after
    an `APIError`, since that is a rejection, must not catch it.

    Attributes:
        status: HTTP status of the last response; None when none came.
        error_code: The vendor's three digits; None when the response had none.
        trace_id: Id to give to the vendor's support; None when the response had none.
    """

    status: int | None = None
    error_code: str | None = None
    trace_id: str | None = None


class APIError(CalypsoError):
    """The server returned an error; codes without a class of their own are raised as this one.

    Source: documented (errors page); the meaning of statuses beside 400 and 500 is inferred.

    Attributes:
        status: HTTP status of the response.
        error_code: The vendor's three digits, such as ``"004"``; None when the response had none.
        message: The vendor's message.
        trace_id: Id to give to the vendor's support; None when the response had none.
    """

    status: int = 0
    error_code: str | None = None
    message: str = ""
    trace_id: str | None = None


class AuthenticationError(APIError):
    """The key or the signature was not accepted: code 002 or 003, or status 401."""


class PermissionDeniedError(APIError):
    """The key may not do this, or something in front of the API rejected it: status 403."""


class ClockSkewError(APIError):
    """The timestamp was rejected (code 011), even after it was corrected once.

    Attributes:
        offset: Seconds that the server's clock is ahead of this machine's, as measured from the
            response's Date header; None when there was no such header.
    """

    offset: float | None = None


class InvalidRequestError(APIError):
    """The input was rejected (code 001).

    Attributes:
        field: The field that the message names, such as ``payload.currency``; None if none.
        reason: The reason that the message gives for it; None if none.
    """

    field: str | None = None
    reason: str | None = None


class NotFoundError(APIError):
    """The object does not exist in this account (code 004)."""


class RateLimitError(APIError):
    """Too many requests (status 429).

    Attributes:
        retry_after: Seconds that the server asks to wait; None when it does not ask.
    """

    retry_after: float | None = None


class ServerError(APIError):
    """The server failed (code 000 or a 5xx status) while it carried out a safe operation."""


class UnexpectedResponseError(CalypsoError):
    """The response does not match the API document; `response` holds it.

    After a 2xx status the outcome is ``done``: the server did what was asked. The exception is a
    body with a content type other than JSON that cannot be read, such as a proxy's login page: then
    the outcome is ``unknown``, and an unsafe operation raises `OutcomeUnknownError`.

    Attributes:
        status: HTTP status of the response.
        rows: The rows that could not be read, as decoded from JSON. They may hold secrets: no repr
            shows them, and a pickled or copied error leaves them behind.
    """

    status: int = 0
    rows: Sequence[Any] = ()

    @property
    def partial(self) -> Any:  # noqa: ANN401 - what the operation returns
        """What could be read where some rows of a list could not: the list, or its page.

        None where nothing could be read, and in a pickled or copied error.
        """
        return self.response.parsed if self.response else None


class Reason(StrEnum):
    """Why a webhook event was rejected."""

    MISSING_SIGNATURE = "missing_signature"
    """There is no ``Sign`` header, or the headers could not be read."""
    REPEATED_HEADER = "repeated_header"
    """``Sign`` or ``Key`` came more than once."""
    MALFORMED_SIGNATURE = "malformed_signature"
    """``Sign`` is not 128 hexadecimal digits."""
    UNKNOWN_KEY = "unknown_key"
    """The look-up has no secret for the ``Key`` header, or for a request without one."""
    NO_MATCH = "no_match"
    """The body was not signed with any of the secrets, or was changed on its way."""
    MALFORMED_BODY = "malformed_body"
    """The body is correctly signed but not a webhook event, or it is neither bytes nor text."""


class WebhookVerificationError(CalypsoError):
    """The request was not signed as webhook events are, or its event cannot be read.

    The message explains what to do about it and shows nothing of the request.

    Attributes:
        reason: Why it was rejected.
    """

    reason: Reason = Reason.NO_MATCH
