"""The course of one call, written once and without I/O.

`Core.flow` is a generator: it yields what has to be done (`Send`, `Sleep`), is sent what came of
it, and returns the typed answer or raises one of our errors. A synchronous and an asynchronous
driver run it; neither decides anything.
"""

from __future__ import annotations

import logging
import time
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from calypso_pay import _advice
from calypso_pay import _errors as errors
from calypso_pay._backoff import delay
from calypso_pay._envelope import Envelope
from calypso_pay._errors import Outcome
from calypso_pay._exchange import Answer, Failed, Report, Send, Sleep, Step
from calypso_pay._options import Attempt
from calypso_pay._verdict import Verdict, departed, judge

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import TracebackType

    from calypso_api import Operation, RawResponse
    from calypso_api._engine import Payload
    from calypso_pay._clock import Clock
    from calypso_pay._options import Options

T = TypeVar("T")
N = TypeVar("N")

_logger = logging.getLogger("calypso_pay")


class Core(NamedTuple):
    """Run calls with these options and this clock."""

    options: Options
    clock: Clock

    def flow(
        self, operation: Operation[T], payload: Payload | None
    ) -> Generator[Step, Report, RawResponse[T]]:
        """Go through a call: stamp, send, judge, and where it is allowed, again.

        Raises:
            CalypsoError: The call failed; which subclass says how.
            TypeError, ValueError: The payload cannot be written as JSON; nothing was sent.
        """
        call = _Call(operation, self.options, self.clock)
        envelope = Envelope(self.options.account, payload)
        while True:
            report = yield call.send(envelope)
            assert isinstance(report, Answer | Failed)  # noqa: S101 - what drivers report after Send
            verdict = call.weigh(report)
            wait = call.wait(verdict)
            call.observe(verdict, wait)
            if verdict.reply is not None:
                return verdict.reply
            if wait is None:
                try:
                    raise call.failure(verdict)
                finally:
                    # They lead to the error, and its traceback to them: a cycle.
                    del report, verdict
            if wait > 0:
                yield Sleep(wait)


class _Call:
    """What one call has come to so far."""

    def __init__(self, operation: Operation[Any], options: Options, clock: Clock) -> None:
        self.operation = operation
        self.options = options
        self.clock = clock
        self.expires = time.monotonic() + options.deadline
        self.attempts = 0
        self.retries = 0
        self.worst = Outcome.NOT_SENT
        self.corrected = False
        self.offset: float | None = None
        self.started = 0.0

    def send(self, envelope: Envelope) -> Send:
        """Return the next attempt, with a timestamp of its own."""
        self.attempts += 1
        self.started = time.monotonic()
        return Send(
            self.operation.method,
            self.operation.path,
            envelope.stamped(self.clock.stamp()),
            timeout=min(self.options.timeout, max(self.expires - self.started, 0.001)),
            expires=self.expires,
        )

    def weigh(self, report: Answer | Failed) -> Verdict[Any]:
        """Judge an attempt in the light of those before it."""
        verdict: Verdict[Any] = judge(self.operation, report, self.clock.stamp() / 1000)
        if self._is_deleted_already(verdict):
            verdict = Verdict(Outcome.DONE, reply=verdict.response)
        elif isinstance(verdict.error, errors.ClockSkewError):
            self._measure(verdict.response)
        if self.options.on_drift or self.options.strict:
            verdict = self._compare(verdict)
        self.worst = max(self.worst, verdict.outcome, key=lambda outcome: outcome.rank)
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
        _tell(self.options.on_attempt, attempt)

    def failure(self, verdict: Verdict[Any]) -> errors.CalypsoError:
        """Return the error that the call ends with."""
        error = verdict.error
        assert error is not None  # noqa: S101 - only called for a verdict without a reply
        if isinstance(error, errors.ClockSkewError):
            error.offset = self.offset
            error.args = (f"{error} {_advice.clock_skew(self.offset)}",)
        if isinstance(error, errors.ConnectionFailedError) and self.worst is not Outcome.NOT_SENT:
            # This attempt never left, but an earlier one did.
            cause = error.__cause__
            error = errors.TransportError(str(error), timed_out=error.timed_out)
            error.__cause__ = cause
        _forget_locals(error)
        self._complete(error)
        if self.operation.retry == "safe" or self.worst is not Outcome.UNKNOWN:
            return error
        unknown = errors.OutcomeUnknownError(
            _advice.unknown_outcome(self.operation.name), response=error.response
        )
        unknown.__cause__ = error
        return self._complete(unknown)

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
            _tell(self.options.on_drift, each)
        if found and verdict.reply and self.options.strict:
            return departed(verdict.reply, found)
        return verdict


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


def _tell(listener: Callable[[N], object] | None, news: N) -> None:
    if listener is None:
        return
    try:
        listener(news)
    except Exception:
        # A listener that fails must not cost the caller the answer to a call that succeeded.
        _logger.exception("the listener for %s raised an exception", type(news).__name__)


def _forget_locals(error: BaseException) -> None:
    """Clear the local variables of finished frames: they hold headers, and answers with secrets."""
    link: BaseException | None = error
    while link is not None:
        traceback.clear_frames(link.__traceback__)
        _forget_callers(link.__traceback__)
        link = link.__cause__ or link.__context__


def _forget_callers(found: TracebackType | None) -> None:
    # Frames that no traceback shows keep their local variables, too: here what leads to the error.
    frame = found.tb_frame if found else None
    # The first that still runs cannot be cleared, and those before it run as well.
    with suppress(RuntimeError):
        while frame := frame and frame.f_back:
            frame.clear()
