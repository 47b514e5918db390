"""What one attempt comes to: a result, or one of our errors and what may be done about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from calypso_api._json import load_json
from calypso_api._read import DecodeError, RowsError
from calypso_pay import _advice
from calypso_pay import _errors as errors
from calypso_pay._backoff import retry_after
from calypso_pay._errors import Outcome
from calypso_pay._exchange import Answer, Failed
from calypso_pay._failures import of_a_signal
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
# Statuses that say enough by themselves, whatever the body is.
_TELLING = {_UNAUTHORIZED, _FORBIDDEN, _TOO_MANY_REQUESTS}
# A request that a proxy or a server says it never took up. 302 and 303 are not among them: both
# are what a server answers after it did what a POST asked.
_NEVER_TAKEN_UP = {301, 307, 308}
# These two say that somebody gave up waiting, and nothing of what became of the request.
_GAVE_UP_WAITING = {408, 499}
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
# Documented codes that mean the server looked at the request and would not carry it out.
_REFUSALS = frozenset(_CLASSES) - {"000"} | {"006", "009", "010", "012", "014", "015", "016", "028"}
_FIELD = re.compile(r"(?P<field>payload(?:\.[^=\s]+)?|account|timestamp)=\[(?P<reason>[^\]]*)\]")


class Verdict(NamedTuple, Generic[T]):
    """The outcome of one attempt.

    Attributes:
        outcome: What is known of its effect.
        reply: The typed answer; None when it failed.
        error: What it failed with; None when it did not.
        passing: Whether the failure may be gone at the next attempt.
        retry_after: Seconds that the server asks to wait first.
    """

    outcome: Outcome
    reply: RawResponse[T] | None = None
    error: errors.CalypsoError | None = None
    passing: bool = False
    retry_after: float | None = None

    @property
    def response(self) -> RawResponse[Any] | None:
        """The answer that it rests on; None when none came."""
        return self.error.response if self.error else self.reply


def judge(
    operation: Operation[T], report: Answer | Failed, now: float, hide: Callable[[str], str]
) -> Verdict[T]:
    """Tell what an attempt came to.

    Args:
        operation: The operation that was called.
        report: What the transport reported.
        now: Seconds since 1970, against which an absolute ``Retry-After`` is read.
        hide: Takes key and signatures out of a text.
    """
    verdict = _judge(operation, report, now)
    error = verdict.error
    if error is not None:
        # The server may quote what it was sent.
        error.args = (in_one_line(hide(str(error))),)
    if isinstance(error, errors.APIError):
        error.message = hide(error.message)[:LONGEST]
        error.error_code = error.error_code and hide(error.error_code)[:LONGEST]
        error.trace_id = error.trace_id and hide(error.trace_id)[:LONGEST]
    if isinstance(error, errors.InvalidRequestError) and error.reason is not None:
        error.reason = hide(error.reason)
    return verdict


def _judge(operation: Operation[T], report: Answer | Failed, now: float) -> Verdict[T]:
    if isinstance(report, Failed):
        return _unanswered(report)
    if report.flaw is not None:
        return _unreadable(report, report.flaw, report.cause, now)
    may_be_empty = operation.decode is None or operation.decode is as_it_is
    if may_be_empty and report.status in _SUCCESS and not report.content.strip():
        return _done(report, None)
    return _judge_body(operation, report, now)


def _unanswered(report: Failed) -> Verdict[Any]:
    if isinstance(report.cause, errors.CalypsoError):
        return Verdict(Outcome.NOT_SENT, error=report.cause)
    detail = f"{type(report.cause).__name__}: {report.cause}".rstrip(": ")
    kind = errors.ConnectionFailedError if report.unsent else errors.TransportError
    what = "could not be reached; check base_url" if report.unsent else "gave no answer"
    outcome = Outcome.NOT_SENT if report.unsent else Outcome.UNKNOWN
    error = kind(f"{report.server} {what} ({detail})", timed_out=report.timed_out)
    error.__cause__ = report.cause
    return Verdict(outcome, error=error, passing=True)


def _judge_body(operation: Operation[T], answer: Answer, now: float) -> Verdict[T]:
    try:
        data = load_json(answer.content)
    except Exception as error:
        if not _is_of_reading(error):
            raise
        return _unreadable(
            answer, "its body is not JSON; is base_url the API's address?", error, now
        )
    if isinstance(data, dict) and data.get("errorCode") is not None:
        return _refused(answer, data, now)
    if answer.status not in _SUCCESS:
        return _unreadable(
            answer, f"its body is not the vendor's error object{_said(data)}.", None, now
        )
    if operation.decode is None:
        return _done(answer, None)
    try:
        return _done(answer, operation.decode(data))
    except Exception as error:
        if not _is_of_reading(error):
            raise
        # The same answer would come again, so this is not passing.
        return _unexpected(answer, f"it is not what the API document says: {error}.", error)


def _is_of_reading(error: Exception) -> bool:
    """Tell whether reading an answer raised this, and not something that came up meanwhile.

    Such as a time limit, whose class no reader knows. No OSError is theirs, for they open nothing.
    """
    if isinstance(error, DecodeError):
        return True
    is_plain = type(error).__module__ == "builtins" and not isinstance(error, OSError)
    return is_plain and not of_a_signal(error)


def _done(answer: Answer, parsed: Any) -> Verdict[Any]:  # noqa: ANN401 - what the operation decodes
    return Verdict(Outcome.DONE, reply=answer.read_as(parsed))


def departed(reply: RawResponse[Any], found: list[Drift]) -> Verdict[Any]:
    """Return what a strict client makes of an answer with something in it that is new."""
    answer = Answer(reply.status, reply.headers, reply.content)
    told = "; ".join(map(str, found))
    return _unexpected(answer, f"it has what the API document does not know: {told}.", None)


def _unreadable(answer: Answer, flaw: str, cause: Exception | None, now: float) -> Verdict[Any]:
    if answer.status in _TELLING or answer.status in _SERVER_ERRORS:
        return _refused(answer, {}, now)
    verdict = _unexpected(answer, flaw, cause)._replace(passing=answer.status in _SUCCESS)
    # What declares itself to be no JSON, such as a login page, comes from whoever stands in
    # between, and does not prove that the API did anything.
    declared = answer.headers.get("content-type") or "application/json"
    if verdict.outcome is Outcome.DONE and "json" not in declared.lower():
        return verdict._replace(outcome=Outcome.UNKNOWN)
    return verdict


def _unexpected(answer: Answer, flaw: str, cause: Exception | None) -> Verdict[Any]:
    error = errors.UnexpectedResponseError(
        f"the answer (status {answer.status}) cannot be used: {flaw[:LONGEST]} Its bytes are in "
        f"error.response.content. {_advice.for_status(answer.status)}".rstrip(),
        status=answer.status,
        response=answer.read_as(cause.partial if isinstance(cause, RowsError) else None),
        rows=cause.rows if isinstance(cause, RowsError) else (),
    )
    error.__cause__ = cause
    return Verdict(_outcome_of_status(answer.status), error=error)


def _refused(answer: Answer, data: dict[str, Any], now: float) -> Verdict[Any]:
    code, message, trace_id = (
        _text(data.get(name)) for name in ("errorCode", "message", "traceId")
    )
    kind = _class_of(answer.status, code)
    wait = retry_after(answer.headers.get("retry-after"), now)
    error = kind(
        _advice.refusal(answer.status, code, message or "", trace_id),
        status=answer.status,
        error_code=code,
        message=message or "",
        trace_id=trace_id,
        response=answer.read_as(None),
        **_details(kind, message or "", wait),
    )
    outcome = Outcome.REFUSED if code in _REFUSALS else _outcome_of_error(answer.status, kind)
    return Verdict(
        outcome,
        error=error,
        passing=kind in {errors.ServerError, errors.RateLimitError},
        retry_after=wait,
    )


def _said(data: object) -> str:
    message = data.get("message") if isinstance(data, dict) else None
    return f"; it says: {message.rstrip('.')}" if isinstance(message, str) and message else ""


def _text(value: object) -> str | None:
    # Writing out what nests deep would fail, and what is no text says nothing.
    if value is None:
        return None
    # A signature that is cut in two would not be known as one: more is kept than is shown.
    return str(value)[: LONGEST + 1_000] if isinstance(value, str | int) else "?"


def _class_of(status: int, code: str | None) -> type[errors.APIError]:
    # 429 goes before the code: the vendor documents none for it, so any may come with it.
    if status == _TOO_MANY_REQUESTS:
        return errors.RateLimitError
    if code in _REFUSALS or code == "000":
        return _CLASSES.get(code or "", errors.APIError)
    if status in _SERVER_ERRORS:
        return errors.ServerError
    return _CLASSES_BY_STATUS.get(status, errors.APIError)


def _details(kind: type[errors.APIError], message: str, wait: float | None) -> Mapping[str, object]:
    if kind is errors.RateLimitError:
        return {"retry_after": wait}
    # Looking through a message takes time that grows with the square of its length.
    match = _FIELD.search(message[:LONGEST]) if kind is errors.InvalidRequestError else None
    return match.groupdict() if match else {}


def _outcome_of_error(status: int, kind: type[errors.APIError]) -> Outcome:
    # An error under a 2xx status, with a code that is not documented, says neither yes nor no.
    if kind is errors.ServerError or status in _SUCCESS:
        return Outcome.UNKNOWN
    return _outcome_of_status(status)


def _outcome_of_status(status: int) -> Outcome:
    if status in _SUCCESS:
        return Outcome.DONE
    refused = status in _CLIENT_ERRORS and status not in _GAVE_UP_WAITING
    return Outcome.REFUSED if refused or status in _NEVER_TAKEN_UP else Outcome.UNKNOWN
