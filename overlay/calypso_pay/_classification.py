"""Classifying one attempt: a result, or one of our errors and whether a retry may help."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Generic, TypeVar, final

from calypso_api._json import load_json
from calypso_api._read import DecodeError, RowsError
from calypso_pay import _errors as errors
from calypso_pay import _messages
from calypso_pay._backoff import retry_after
from calypso_pay._errors import Outcome
from calypso_pay._exchange import HttpResponse, TransportFailure
from calypso_pay._origin import is_from_signal_handler
from calypso_pay._request import as_it_is
from calypso_pay._text import LONGEST, in_one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from calypso_api import Operation, RawResponse
    from calypso_api._drift import Drift

T = TypeVar("T")

_SUCCESS = range(200, 300)
_CLIENT_ERRORS = range(400, 500)
_SERVER_ERRORS = range(500, 1000)
_UNAUTHORIZED = 401
_FORBIDDEN = 403
_TOO_MANY_REQUESTS = 429
# Statuses that are clear by themselves, whatever the body is.
_SELF_EXPLANATORY = {_UNAUTHORIZED, _FORBIDDEN, _TOO_MANY_REQUESTS}
# A server or a proxy returns these for a request that it did not carry out. 302 and 303 are not
# among them: both are returned after a POST was carried out.
_NOT_CARRIED_OUT = {301, 307, 308}
# With these a server or a proxy gave up waiting: the request may have been carried out.
_TIMEOUTS = {408, 499}
_CLASSES: dict[str, type[errors.APIError]] = {
    "000": errors.ServerError,
    "001": errors.InvalidRequestError,
    "002": errors.AuthenticationError,
    "003": errors.AuthenticationError,
    "004": errors.NotFoundError,
    "011": errors.ClockSkewError,
}
_CLASSES_BY_STATUS = {
    _UNAUTHORIZED: errors.AuthenticationError,
    _FORBIDDEN: errors.PermissionDeniedError,
}
# Documented codes of requests that the server rejected.
_REJECTIONS = frozenset(_CLASSES) - {"000"} | {
    "006",
    "009",
    "010",
    "012",
    "014",
    "015",
    "016",
    "028",
}
_FIELD = r"(?P<field>payload(?:\.[^=\s]+)?|account|timestamp)=\[(?P<reason>[^\]]*)\]"


@final
class Assessment(Generic[T]):
    """The outcome of one attempt.

    Attributes:
        outcome: What is known of its effect.
        result: The typed response; None when it failed.
        error: What it failed with; None when it succeeded.
        is_transient: Whether the next attempt may succeed.
        retry_after: Seconds that the server asks to wait first.
    """

    __slots__ = ("error", "is_transient", "outcome", "result", "retry_after")

    def __init__(
        self,
        outcome: Outcome,
        *,
        result: RawResponse[T] | None = None,
        error: errors.CalypsoError | None = None,
        is_transient: bool = False,
        retry_after: float | None = None,
    ) -> None:
        self.outcome = outcome
        self.result = result
        self.error = error
        self.is_transient = is_transient
        self.retry_after = retry_after

    @property
    def response(self) -> RawResponse[Any] | None:
        """The response that was classified; None when none came."""
        return self.error.response if self.error else self.result


def classify_response(
    operation: Operation[T],
    came: HttpResponse | TransportFailure,
    now: float,
    hide: Callable[[str], str],
) -> Assessment[T]:
    """Classify the result of an attempt.

    Args:
        operation: The operation that was called.
        came: The response, or why there is none.
        now: Seconds since 1970, against which an absolute ``Retry-After`` is read.
        hide: Takes key and signatures out of a text.
    """
    assessment = _classify(operation, came, now)
    error = assessment.error
    if error is not None:
        # The server may quote what it was sent.
        error.args = (in_one_line(hide(str(error))),)
    if isinstance(error, errors.APIError):
        error.message = hide(error.message)[:LONGEST]
        error.error_code = error.error_code and hide(error.error_code)[:LONGEST]
        error.trace_id = error.trace_id and hide(error.trace_id)[:LONGEST]
    if isinstance(error, errors.InvalidRequestError) and error.reason is not None:
        error.reason = hide(error.reason)
    return assessment


def undocumented(result: RawResponse[Any], found: list[Drift]) -> Assessment[Any]:
    """Return the failure of a response with undocumented parts, for a strict client.

    Args:
        result: The response.
        found: Its undocumented parts.
    """
    response = HttpResponse(result.status, result.headers, result.content)
    parts = "; ".join(map(str, found))
    return _unexpected(response, f"it has what the API document does not know: {parts}.", None)


def _classify(
    operation: Operation[T], came: HttpResponse | TransportFailure, now: float
) -> Assessment[T]:
    if isinstance(came, TransportFailure):
        return _no_response(came)
    if came.flaw is not None:
        return _unreadable(came, came.flaw, came.cause, now)
    may_be_empty = operation.decode is None or operation.decode is as_it_is
    if may_be_empty and came.status in _SUCCESS and not came.content.strip():
        return _success(came, None)
    return _classify_large(operation, came) or _classify_body(operation, came, now)


def _no_response(failure: TransportFailure) -> Assessment[Any]:
    cause = failure.cause
    if isinstance(cause, errors.CalypsoError):
        return Assessment(Outcome.NOT_SENT, error=cause)
    detail = f"{type(cause).__name__}: {cause}".rstrip(": ")
    kind = errors.ConnectionFailedError if failure.unsent else errors.TransportError
    what = "could not be reached; check base_url" if failure.unsent else "sent no response"
    error = kind(f"{failure.server} {what} ({detail})", timed_out=failure.timed_out)
    error.__cause__ = cause
    outcome = Outcome.NOT_SENT if failure.unsent else Outcome.UNKNOWN
    return Assessment(outcome, error=error, is_transient=True)


def _classify_large(operation: Operation[T], response: HttpResponse) -> Assessment[T] | None:
    found = operation.read_large(response.content) if response.status in _SUCCESS else None
    # An object with an error code is an error, whatever else it has.
    if found is None or getattr(found, "error_code", None) is not None:
        return None
    return _success(response, found)


def _classify_body(operation: Operation[T], response: HttpResponse, now: float) -> Assessment[T]:
    try:
        data = load_json(response.content)
    except Exception as error:
        if not _is_decoding_error(error):
            raise
        return _unreadable(
            response, "its body is not JSON; is base_url the API's address?", error, now
        )
    if isinstance(data, dict) and data.get("errorCode") is not None:
        return _api_error(response, data, now)
    if response.status not in _SUCCESS:
        flaw = f"its body is not the vendor's error object{_vendor_message(data)}."
        return _unreadable(response, flaw, None, now)
    if operation.decode is None:
        return _success(response, None)
    try:
        return _success(response, operation.decode(data))
    except Exception as error:
        if not _is_decoding_error(error):
            raise
        # A retry would get the same response.
        return _unexpected(response, f"it does not match the API document: {error}.", error)


def _is_decoding_error(error: Exception) -> bool:
    """Return whether decoding a response raised this.

    Otherwise it is the caller's own, such as a time limit, whose class is not built in. An OSError
    is never a decoder's, which opens nothing.
    """
    if isinstance(error, DecodeError):
        return True
    is_plain = type(error).__module__ == "builtins" and not isinstance(error, OSError)
    return is_plain and not is_from_signal_handler(error)


def _success(response: HttpResponse, parsed: object) -> Assessment[Any]:
    return Assessment(Outcome.DONE, result=response.read_as(parsed))


def _unreadable(
    response: HttpResponse, flaw: str, cause: Exception | None, now: float
) -> Assessment[Any]:
    if response.status in _SELF_EXPLANATORY or response.status in _SERVER_ERRORS:
        return _api_error(response, {}, now)
    assessment = _unexpected(response, flaw, cause)
    assessment.is_transient = response.status in _SUCCESS
    # A non-JSON content type means that a proxy responded, such as with a login page, and not the
    # API: it does not prove that the API did anything.
    declared = response.headers.get("content-type") or "application/json"
    if assessment.outcome is Outcome.DONE and "json" not in declared.lower():
        assessment.outcome = Outcome.UNKNOWN
    return assessment


def _unexpected(response: HttpResponse, flaw: str, cause: Exception | None) -> Assessment[Any]:
    error = errors.UnexpectedResponseError(
        f"the response (status {response.status}) cannot be used: {flaw[:LONGEST]} Its bytes are "
        f"in error.response.content. {_messages.for_status(response.status)}".rstrip(),
        status=response.status,
        response=response.read_as(cause.partial if isinstance(cause, RowsError) else None),
        rows=cause.rows if isinstance(cause, RowsError) else (),
    )
    error.__cause__ = cause
    return Assessment(_outcome_of_status(response.status), error=error)


def _api_error(response: HttpResponse, data: dict[str, Any], now: float) -> Assessment[Any]:
    code, message, trace_id = (
        _text(data.get(name)) for name in ("errorCode", "message", "traceId")
    )
    kind = _class_of(response.status, code)
    wait = retry_after(response.headers.get("retry-after"), now)
    error = kind(
        _messages.rejection(response.status, code, message or "", trace_id),
        status=response.status,
        error_code=code,
        message=message or "",
        trace_id=trace_id,
        response=response.read_as(None),
        **_details(kind, message or "", wait),
    )
    outcome = Outcome.REFUSED if code in _REJECTIONS else _outcome_of_error(response.status, kind)
    return Assessment(
        outcome,
        error=error,
        is_transient=kind in {errors.ServerError, errors.RateLimitError},
        retry_after=wait,
    )


def _vendor_message(data: object) -> str:
    message = data.get("message") if isinstance(data, dict) else None
    return f"; its message: {message.rstrip('.')}" if isinstance(message, str) and message else ""


def _text(value: object) -> str | None:
    # Converting a deeply nested value would fail, and only texts and numbers are useful.
    if value is None:
        return None
    # More is kept than is shown, as a signature that is cut in two would not be recognised.
    return str(value)[: LONGEST + 1_000] if isinstance(value, str | int) else "?"


def _class_of(status: int, code: str | None) -> type[errors.APIError]:
    # 429 counts before the code: the vendor documents no code for it, so any may come with it.
    if status == _TOO_MANY_REQUESTS:
        return errors.RateLimitError
    if code in _REJECTIONS or code == "000":
        return _CLASSES.get(code or "", errors.APIError)
    if status in _SERVER_ERRORS:
        return errors.ServerError
    return _CLASSES_BY_STATUS.get(status, errors.APIError)


def _details(kind: type[errors.APIError], message: str, wait: float | None) -> Mapping[str, object]:
    if kind is errors.RateLimitError:
        return {"retry_after": wait}
    # The search takes time that grows with the square of the message's length.
    match = re.search(_FIELD, message[:LONGEST]) if kind is errors.InvalidRequestError else None
    return match.groupdict() if match else {}


def _outcome_of_error(status: int, kind: type[errors.APIError]) -> Outcome:
    # An error under a 2xx status, with an undocumented code, is neither a success nor a rejection.
    if kind is errors.ServerError or status in _SUCCESS:
        return Outcome.UNKNOWN
    return _outcome_of_status(status)


def _outcome_of_status(status: int) -> Outcome:
    if status in _SUCCESS:
        return Outcome.DONE
    is_rejected = status in _CLIENT_ERRORS and status not in _TIMEOUTS
    return Outcome.REFUSED if is_rejected or status in _NOT_CARRIED_OUT else Outcome.UNKNOWN
