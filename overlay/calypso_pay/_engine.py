"""The course of one call, written once and without I/O.

`Core.flow` is a generator: it yields what has to be done (`Send`, `Sleep`), is sent what came of
it, and returns the typed answer or raises one of our errors. A synchronous and an asynchronous
driver run it; neither decides anything.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from calypso_pay import _advice
from calypso_pay import _errors as errors
from calypso_pay._backoff import delay
from calypso_pay._envelope import Envelope
from calypso_pay._errors import Outcome
from calypso_pay._exchange import Answer, Await, Failed, Interrupted, Report, Send, Sleep, Step
from calypso_pay._failures import forget_locals, of_a_signal
from calypso_pay._options import Attempt
from calypso_pay._verdict import Verdict, departed, judge

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Generator

    from calypso_api import Operation, RawResponse
    from calypso_api._engine import Payload
    from calypso_pay._clock import Clock
    from calypso_pay._options import Options

T = TypeVar("T")
N = TypeVar("N")

# The input is wrong, or a currency does not fit.
_ABOUT_CURRENCIES = {"001", "014", "015"}
_logger = logging.getLogger("calypso_pay")
# It must not cost the caller the answer to a call that succeeded.
_LISTENER_FAILED = "the listener for %s raised an exception"


class Core(NamedTuple):
    """Run calls with these options and this clock.

    Attributes:
        options: What the client was told about its calls.
        clock: What requests are stamped by.
        hide: Takes key and signatures out of a text.
    """

    options: Options
    clock: Clock
    hide: Callable[[str], str] = str

    def flow(
        self, operation: Operation[T], payload: Payload | None
    ) -> Generator[Step, Report, RawResponse[T]]:
        """Go through a call: stamp, send, judge, and where it is allowed, again.

        Raises:
            CalypsoError: The call failed; which subclass says how.
            TypeError, ValueError: The payload cannot be written as JSON; nothing was sent.
            BaseException: Whatever came through the transport and is not its own, such as a time
                limit of a job runner, with a note on it.
        """
        call = _Call(operation, payload, self)
        account = self.options.account if operation.account else None
        try:
            return (yield from self._course(call, Envelope(account, payload)))
        except (errors.CalypsoError, GeneratorExit):
            raise
        except BaseException as error:
            # Else it is the payload that cannot be sent.
            if call.reported:
                call.annotate(error)
                forget_locals(error, is_ours=False)
            raise

    def _course(self, call: _Call, envelope: Envelope) -> Generator[Step, Report, RawResponse[Any]]:
        while True:
            report = yield call.send(envelope)
            call.reported = True
            if isinstance(report, Interrupted):
                raise call.interrupted(report)
            call.unjudged = not (isinstance(report, Failed) and report.unsent)
            assert isinstance(report, Answer | Failed)  # noqa: S101 - what drivers report after Send
            verdict = call.weigh(report)
            wait = call.wait(verdict)
            call.observe(verdict, wait)
            while call.listening:
                report = yield Await(call.listening.pop(0))
                if isinstance(report, Interrupted):
                    raise call.interrupted(report)
            if verdict.reply is not None:
                return verdict.reply
            if wait is None:
                try:
                    raise call.failure(verdict)
                finally:
                    # They lead to the error, and its traceback to them: a cycle.
                    del report, verdict
            if wait > 0:
                report = yield Sleep(wait)
                if isinstance(report, Interrupted):
                    raise call.interrupted(report)


class _Call:
    """What one call has come to so far."""

    def __init__(self, operation: Operation[Any], payload: Payload | None, core: Core) -> None:
        self.operation = operation
        self.payload = payload
        self.options, self.clock, self.hide = core
        self.expires = time.monotonic() + self.options.deadline
        self.attempts = 0
        self.retries = 0
        self.worst = Outcome.NOT_SENT
        self.reported = self.unjudged = False
        self.corrected = False
        self.offset: float | None = None
        self.started = 0.0
        self.listening: list[Coroutine[None, None, None]] = []

    def send(self, envelope: Envelope) -> Send:
        """Return the next attempt, with a timestamp of its own."""
        self.attempts += 1
        self.started = time.monotonic()
        return Send(
            self.operation.method,
            self.operation.path,
            envelope.stamped(self.clock.stamp()) if self.operation.body else b"",
            timeout=self.options.timeout.within(max(self.expires - self.started, 0.001)),
            expires=self.expires,
        )

    def weigh(self, report: Answer | Failed) -> Verdict[Any]:
        """Judge an attempt in the light of those before it."""
        verdict: Verdict[Any] = judge(self.operation, report, self.clock.stamp() / 1000, self.hide)
        if self._is_deleted_already(verdict):
            verdict = Verdict(Outcome.DONE, reply=verdict.response)
        elif isinstance(verdict.error, errors.ClockSkewError):
            self._measure(verdict.response)
        if self.options.on_drift or self.options.strict:
            verdict = self._compare(verdict)
        if verdict.error is not None:
            verdict.error.outcome = verdict.outcome
            # Before a listener sees it, also if other attempts follow.
            forget_locals(verdict.error, is_ours=True)
        self.worst = max(self.worst, verdict.outcome, key=lambda outcome: outcome.rank)
        self.unjudged = False
        return verdict

    def wait(self, verdict: Verdict[Any]) -> float | None:
        """Return the seconds until the next attempt, or None when there must not be one."""
        if self._may_be_corrected(verdict):
            self.corrected = True
            wait = 0.0
        elif self._may_repeat(verdict) and self.retries < self.options.max_retries:
            wait = delay(self.retries, verdict.retry_after, self.options.backoff)
            self.retries += 1
        else:
            return None
        return wait if time.monotonic() + wait < self.expires else None

    def observe(self, verdict: Verdict[Any], wait: float | None) -> None:
        """Tell of an attempt whoever listens, and the log."""
        if self.options.on_attempt is None and not _logger.isEnabledFor(logging.DEBUG):
            return
        attempt = Attempt(
            operation=self.operation.name,
            number=self.attempts,
            outcome=verdict.outcome,
            seconds=time.monotonic() - self.started,
            status=verdict.response.status if verdict.response else None,
            error=verdict.error,
            retry_in=wait,
        )
        _log(attempt)
        self._tell(self.options.on_attempt, attempt)

    def failure(self, verdict: Verdict[Any]) -> errors.CalypsoError:
        """Return the error that the call ends with."""
        error = verdict.error
        assert error is not None  # noqa: S101 - only called for a verdict without a reply
        if isinstance(error, errors.ClockSkewError):
            error.offset = self.offset
            error.args = (f"{error} {_advice.clock_skew(self.offset)}",)
        if isinstance(error, errors.APIError) and _is_about_currency(error):
            # Imported here: it costs start-up time, and few calls are rejected.
            from calypso_pay._currency import meant

            error.args = (f"{error} {meant(self.payload)}".rstrip(),)
        if isinstance(error, errors.ConnectionFailedError) and self.worst is not Outcome.NOT_SENT:
            # This attempt never left, but an earlier one did.
            cause = error.__cause__
            error = errors.TransportError(str(error), timed_out=error.timed_out)
            error.__cause__ = cause
        # Again, for the frames that still ran when it was looked at: they lead to it.
        forget_locals(error, is_ours=True)
        self._complete(error)
        if self.operation.retry == "safe" or self.worst is not Outcome.UNKNOWN:
            return error
        unknown = errors.OutcomeUnknownError(
            _advice.unknown_outcome(self.operation.name),
            response=error.response,
            status=error.response and error.response.status,
            error_code=getattr(error, "error_code", None),
            trace_id=getattr(error, "trace_id", None),
        )
        unknown.__cause__ = error
        return self._complete(unknown)

    def interrupted(self, report: Interrupted) -> BaseException:
        """Return the caller's own exception."""
        if not report.unsent:
            self.worst = max(self.worst, Outcome.UNKNOWN, key=lambda outcome: outcome.rank)
        return report.error

    def annotate(self, error: BaseException) -> None:
        """Note on the caller's own exception what may have happened."""
        sent = self.unjudged or self.worst.rank >= Outcome.UNKNOWN.rank
        is_safe = self.operation.retry == "safe"
        note = _advice.interrupted(self.operation.name, sent=sent, is_safe=is_safe)
        # Whatever its class makes of notes, the exception itself has to go on.
        with suppress(Exception):
            error.add_note(note)

    def _complete(self, error: errors.CalypsoError) -> errors.CalypsoError:
        error.operation = self.operation.name
        error.attempts = self.attempts
        error.outcome = self.worst
        error.args = (f"{self.operation.name}: {error}",)
        return error

    def _may_be_corrected(self, verdict: Verdict[Any]) -> bool:
        measured = isinstance(verdict.error, errors.ClockSkewError) and self.offset is not None
        return measured and not self.corrected

    def _may_repeat(self, verdict: Verdict[Any]) -> bool:
        harmless = self.operation.retry == "safe" or verdict.outcome is Outcome.NOT_SENT
        return verdict.passing and harmless

    def _is_deleted_already(self, verdict: Verdict[Any]) -> bool:
        # An earlier attempt may have deleted it without our hearing of it.
        return (
            isinstance(verdict.error, errors.NotFoundError)
            and self.operation.method == "DELETE"
            and self.worst.rank >= Outcome.UNKNOWN.rank
        )

    def _measure(self, answer: RawResponse[Any] | None) -> None:
        took = time.monotonic() - self.started
        self.offset = self.clock.learn(answer and answer.headers.get("date"), took=took)

    def _compare(self, verdict: Verdict[Any]) -> Verdict[Any]:
        # Imported here: it costs start-up time, and few listen.
        from calypso_api._drift import drift

        found = drift(self.operation, verdict.response) if verdict.response else []
        for each in found:
            self._tell(self.options.on_drift, each)
        if found and verdict.reply and self.options.strict:
            return departed(verdict.reply, found)
        return verdict

    def _tell(self, listener: Callable[[N], object] | None, news: N) -> None:
        if listener is None:
            return
        try:
            listening = listener(news)
        except Exception as error:
            if of_a_signal(error):
                raise
            _logger.exception(_LISTENER_FAILED, type(news).__name__)
        else:
            if isawaitable(listening):
                self.listening.append(_listened(listening, news))


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
        "" if attempt.retry_in is None else f", again in {attempt.retry_in:.2f} s",
    )


async def _listened(listening: Awaitable[object], news: object) -> None:
    try:
        await listening
    except Exception as error:
        if of_a_signal(error):
            raise
        _logger.exception(_LISTENER_FAILED, type(news).__name__)
