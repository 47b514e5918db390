"""The course of one call, written once and without I/O.

`Core.flow` is a generator: it yields the next step (`SendRequest`, `Sleep`, `AwaitListener`), is
sent its result, and returns the typed response or raises one of our errors. A synchronous and an
asynchronous driver carry the steps out; neither decides anything.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, TypeVar, final

from calypso_pay import _errors as errors
from calypso_pay import _messages
from calypso_pay._backoff import delay
from calypso_pay._classification import Assessment, classify_response, undocumented
from calypso_pay._envelope import Envelope
from calypso_pay._errors import Outcome
from calypso_pay._exchange import (
    AwaitListener,
    HttpResponse,
    Interrupted,
    SendRequest,
    Sleep,
    Step,
    StepResult,
    TransportFailure,
)
from calypso_pay._frames import clear_frames
from calypso_pay._options import Attempt
from calypso_pay._origin import is_from_signal_handler

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Generator

    from calypso_api import Operation, RawResponse
    from calypso_api._engine import Payload
    from calypso_pay._clock import Clock
    from calypso_pay._options import Options

T = TypeVar("T")
N = TypeVar("N")

# Invalid input, or a currency that does not fit.
_ABOUT_CURRENCIES = {"001", "014", "015"}
_logger = logging.getLogger("calypso_pay")
# A listener that fails must not cost the caller the response to a call that succeeded.
_LISTENER_FAILED = "the listener for %s raised an exception"


@final
class Core:
    """Run calls with these options and this clock.

    Attributes:
        options: The options of the client.
        clock: Gives the timestamps of requests.
        hide: Takes key and signatures out of a text.
    """

    __slots__ = ("clock", "hide", "options")

    def __init__(self, options: Options, clock: Clock, hide: Callable[[str], str] = str) -> None:
        self.options = options
        self.clock = clock
        self.hide = hide

    def flow(
        self, operation: Operation[T], payload: Payload | None
    ) -> Generator[Step, StepResult, RawResponse[T]]:
        """Make a call: stamp, send, classify the response, and retry where that is allowed.

        Raises:
            CalypsoError: The call failed; its subclass names the kind of failure.
            TypeError, ValueError: The payload cannot be written as JSON; nothing was sent.
            BaseException: Whatever came through the transport and is not its own, such as a time
                limit of a job runner, with a note on it.
        """
        call = _Call(operation, payload, self)
        account = self.options.account if operation.account else None
        try:
            return (yield from self._attempts(call, Envelope(account, payload)))
        except (errors.CalypsoError, GeneratorExit):
            raise
        except BaseException as error:
            # Before the first attempt it is the payload that cannot be written.
            if call.is_begun:
                call.add_note(error)
                clear_frames(error, is_ours=False)
            raise

    def _attempts(
        self, call: _Call, envelope: Envelope
    ) -> Generator[Step, StepResult, RawResponse[Any]]:
        while True:
            result = yield call.send(envelope)
            assessment = call.evaluate(result)
            wait = call.wait(assessment)
            call.notify(assessment, wait)
            while call.listeners:
                call.raise_if_interrupted((yield AwaitListener(call.listeners.pop(0))))
            if assessment.result is not None:
                return assessment.result
            if wait is None:
                try:
                    raise call.final_error(assessment)
                finally:
                    # They lead to the error, and its traceback to them: a cycle.
                    del result, assessment
            if wait > 0:
                call.raise_if_interrupted((yield Sleep(wait)))


class _Call:
    """The state of one call: its attempts so far, and the worst outcome among them."""

    __slots__ = (
        *("attempts", "clock", "expires", "hide", "is_begun", "is_clock_corrected"),
        *("is_unclassified", "listeners", "offset", "operation", "options", "payload"),
        *("retries", "started", "worst"),
    )

    def __init__(self, operation: Operation[Any], payload: Payload | None, core: Core) -> None:
        self.operation = operation
        self.payload = payload
        self.options = core.options
        self.clock = core.clock
        self.hide = core.hide
        self.expires = time.monotonic() + self.options.deadline
        self.attempts = 0
        self.retries = 0
        self.worst = Outcome.NOT_SENT
        # Whether an attempt was made, and whether its result has not been classified yet.
        self.is_begun = self.is_unclassified = False
        self.is_clock_corrected = False
        self.offset: float | None = None
        self.started = 0.0
        self.listeners: list[Coroutine[None, None, None]] = []

    def send(self, envelope: Envelope) -> SendRequest:
        """Return the next attempt, with a timestamp of its own."""
        self.attempts += 1
        self.started = time.monotonic()
        request = SendRequest(
            self.operation.method,
            self.operation.path,
            envelope.stamped(self.clock.stamp()) if self.operation.body else b"",
            timeout=self.options.timeout.within(max(self.expires - self.started, 0.001)),
            expires=self.expires,
        )
        self.is_begun = self.is_unclassified = True
        return request

    def evaluate(self, result: StepResult) -> Assessment[Any]:
        """Classify an attempt, taking those before it into account."""
        self.is_unclassified = not getattr(result, "unsent", False)
        self.raise_if_interrupted(result)
        assert isinstance(result, (HttpResponse, TransportFailure))  # noqa: S101 - of `SendRequest`
        now = self.clock.stamp() / 1000
        assessment: Assessment[Any] = classify_response(self.operation, result, now, self.hide)
        if self._is_deleted_already(assessment):
            assessment = Assessment(Outcome.DONE, result=assessment.response)
        elif isinstance(assessment.error, errors.ClockSkewError):
            self._learn_offset(assessment.response)
        if self.options.on_drift or self.options.strict:
            assessment = self._check_drift(assessment)
        if assessment.error is not None:
            assessment.error.outcome = assessment.outcome
            # Before a listener sees it, also if other attempts follow.
            clear_frames(assessment.error, is_ours=True)
        self._count(assessment.outcome)
        self.is_unclassified = False
        return assessment

    def raise_if_interrupted(self, result: StepResult) -> None:
        """Raise the caller's own exception, if one interrupted the step."""
        if isinstance(result, Interrupted):
            if not result.unsent:
                self._count(Outcome.UNKNOWN)
            raise result.error

    def wait(self, assessment: Assessment[Any]) -> float | None:
        """Return the seconds until the next attempt, or None when there must not be one."""
        if self._may_correct_clock(assessment):
            self.is_clock_corrected = True
            wait = 0.0
        elif self._may_retry(assessment) and self.retries < self.options.max_retries:
            wait = delay(self.retries, assessment.retry_after, self.options.backoff)
            self.retries += 1
        else:
            return None
        return wait if time.monotonic() + wait < self.expires else None

    def notify(self, assessment: Assessment[Any], wait: float | None) -> None:
        """Notify the listener and log the attempt."""
        if self.options.on_attempt is None and not _logger.isEnabledFor(logging.DEBUG):
            return
        attempt = Attempt(
            operation=self.operation.name,
            number=self.attempts,
            outcome=assessment.outcome,
            seconds=time.monotonic() - self.started,
            status=assessment.response.status if assessment.response else None,
            error=assessment.error,
            retry_in=wait,
        )
        _log(attempt)
        self._call_listener(self.options.on_attempt, attempt)

    def final_error(self, assessment: Assessment[Any]) -> errors.CalypsoError:
        """Return the error that the call ends with."""
        error = assessment.error
        assert error is not None  # noqa: S101 - there is an error where there is no result
        if isinstance(error, errors.ClockSkewError):
            error.offset = self.offset
            error.args = (f"{error} {_messages.clock_skew(self.offset)}",)
        if isinstance(error, errors.APIError) and _is_about_currency(error):
            # Imported here: it costs start-up time, and few calls are rejected.
            from calypso_pay._currency import suggestion

            error.args = (f"{error} {suggestion(self.payload)}".rstrip(),)
        if isinstance(error, errors.ConnectionFailedError) and self.worst is not Outcome.NOT_SENT:
            # This attempt never left, but an earlier one did.
            cause = error.__cause__
            error = errors.TransportError(str(error), timed_out=error.timed_out)
            error.__cause__ = cause
        # A second time, for the frames that were still running the first time: they lead to it.
        clear_frames(error, is_ours=True)
        self._complete(error)
        if self.operation.retry == "safe" or self.worst is not Outcome.UNKNOWN:
            return error
        unknown = errors.OutcomeUnknownError(
            _messages.unknown_outcome(self.operation.name),
            response=error.response,
            status=error.response and error.response.status,
            error_code=getattr(error, "error_code", None),
            trace_id=getattr(error, "trace_id", None),
        )
        unknown.__cause__ = error
        return self._complete(unknown)

    def add_note(self, error: BaseException) -> None:
        """Add a note on what may have happened to the caller's own exception."""
        sent = self.is_unclassified or self.worst.rank >= Outcome.UNKNOWN.rank
        is_safe = self.operation.retry == "safe"
        note = _messages.interrupted(self.operation.name, sent=sent, is_safe=is_safe)
        # Whatever its class makes of notes, the exception itself has to go on.
        with suppress(Exception):
            error.add_note(note)

    def _count(self, outcome: Outcome) -> None:
        if outcome.rank > self.worst.rank:
            self.worst = outcome

    def _complete(self, error: errors.CalypsoError) -> errors.CalypsoError:
        error.operation = self.operation.name
        error.attempts = self.attempts
        error.outcome = self.worst
        error.args = (f"{self.operation.name}: {error}",)
        return error

    def _may_correct_clock(self, assessment: Assessment[Any]) -> bool:
        measured = isinstance(assessment.error, errors.ClockSkewError) and self.offset is not None
        return measured and not self.is_clock_corrected

    def _may_retry(self, assessment: Assessment[Any]) -> bool:
        harmless = self.operation.retry == "safe" or assessment.outcome is Outcome.NOT_SENT
        return assessment.is_transient and harmless

    def _is_deleted_already(self, assessment: Assessment[Any]) -> bool:
        # An earlier attempt may have deleted it, although its response was lost.
        return (
            isinstance(assessment.error, errors.NotFoundError)
            and self.operation.method == "DELETE"
            and self.worst.rank >= Outcome.UNKNOWN.rank
        )

    def _learn_offset(self, response: RawResponse[Any] | None) -> None:
        took = time.monotonic() - self.started
        self.offset = self.clock.learn(response and response.headers.get("date"), took=took)

    def _check_drift(self, assessment: Assessment[Any]) -> Assessment[Any]:
        # Imported here: it costs start-up time, and few clients ask for it.
        from calypso_api._drift import drift

        found = drift(self.operation, assessment.response) if assessment.response else []
        for each in found:
            self._call_listener(self.options.on_drift, each)
        if found and assessment.result and self.options.strict:
            return undocumented(assessment.result, found)
        return assessment

    def _call_listener(self, listener: Callable[[N], object] | None, event: N) -> None:
        if listener is None:
            return
        try:
            returned = listener(event)
        except Exception as error:
            if is_from_signal_handler(error):
                raise
            _logger.exception(_LISTENER_FAILED, type(event).__name__)
        else:
            if isawaitable(returned):
                self.listeners.append(_awaited(returned, event))


def _is_about_currency(error: errors.APIError) -> bool:
    field = getattr(error, "field", None) or "currency"
    return error.error_code in _ABOUT_CURRENCIES and "currency" in field.lower()


def _log(attempt: Attempt) -> None:
    _logger.debug(
        "%s, attempt %d: %s, %s, %.0f ms%s",
        attempt.operation,
        attempt.number,
        attempt.status or type(attempt.error).__name__,
        attempt.outcome,
        attempt.seconds * 1000,
        "" if attempt.retry_in is None else f", retry in {attempt.retry_in:.2f} s",
    )


async def _awaited(listener: Awaitable[object], event: object) -> None:
    try:
        await listener
    except Exception as error:
        if is_from_signal_handler(error):
            raise
        _logger.exception(_LISTENER_FAILED, type(event).__name__)
