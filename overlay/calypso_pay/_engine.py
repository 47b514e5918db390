"""The course of one call, written once and without I/O.

`Core.flow` is a generator: it yields what has to be done (`Send`, `Sleep`), is sent what came of
it, and returns the typed answer or raises one of our errors. A synchronous and an asynchronous
driver run it; neither decides anything.
"""

from __future__ import annotations

import logging
import time
import traceback
from typing import TYPE_CHECKING, Any, TypeVar, final

from calypso_api import RawResponse
from calypso_pay import _advice
from calypso_pay._backoff import delay
from calypso_pay._envelope import Envelope
from calypso_pay._errors import (
    CalypsoError,
    ClockSkewError,
    ConnectionFailedError,
    NotFoundError,
    Outcome,
    OutcomeUnknownError,
    TransportError,
)
from calypso_pay._exchange import Answer, Failed, Report, Send, Sleep, Step
from calypso_pay._options import Attempt, Options
from calypso_pay._verdict import Verdict, judge

if TYPE_CHECKING:
    from collections.abc import Generator

    from calypso_api import Operation
    from calypso_api._engine import Payload
    from calypso_pay._clock import Clock

T = TypeVar("T")

_logger = logging.getLogger("calypso_pay")


@final
class Core:
    """Run calls with these options and this clock."""

    __slots__ = ("clock", "options")

    def __init__(self, options: Options, clock: Clock) -> None:
        self.options = options
        self.clock = clock

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
            verdict = call.weigh(report)
            if verdict.reply is not None:
                return verdict.reply
            wait = call.wait(verdict)
            if wait is None:
                raise call.failure(verdict)
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
        self.asked = 0.0
        self.started = 0.0

    def send(self, envelope: Envelope) -> Send:
        """Return the next attempt, with a timestamp of its own."""
        self.attempts += 1
        self.started = time.monotonic()
        self.asked = self.clock.now()
        return Send(
            self.operation.method,
            self.operation.path,
            envelope.stamped(self.clock.stamp()),
            timeout=min(self.options.timeout, max(self.expires - self.started, 0.001)),
            expires=self.expires,
        )

    def weigh(self, report: Report) -> Verdict[Any]:
        """Judge an attempt in the light of those before it."""
        assert isinstance(report, Answer | Failed)  # noqa: S101 - what drivers report after Send
        verdict: Verdict[Any] = judge(self.operation, report, self.clock.stamp() / 1000)
        if self._is_deleted_already(verdict):
            verdict = _deleted(verdict)
        elif isinstance(verdict.error, ClockSkewError) and type(report) is Answer:
            self._measure(report)
        self.worst = max(self.worst, verdict.outcome, key=lambda outcome: outcome.rank)
        if verdict.reply is not None:
            self._observe(verdict, None)
        return verdict

    def wait(self, verdict: Verdict[Any]) -> float | None:
        """Return the seconds until the next attempt, or None when there must not be one."""
        wait = self._wait(verdict)
        if wait is not None and time.monotonic() + wait >= self.expires:
            wait = None
        self._observe(verdict, wait)
        return wait

    def failure(self, verdict: Verdict[Any]) -> CalypsoError:
        """Return the error that the call ends with."""
        error = verdict.error
        assert error is not None  # noqa: S101 - only called for a verdict without a reply
        if isinstance(error, ClockSkewError):
            error.offset = self.offset
            error.args = (f"{error} {_advice.clock_skew(self.offset)}",)
        if isinstance(error, ConnectionFailedError) and self.worst is not Outcome.NOT_SENT:
            error = self._but_an_earlier_attempt_left(error)
        _forget_locals(error)
        self._complete(error)
        if self.operation.retry == "safe" or self.worst is not Outcome.UNKNOWN:
            return error
        unknown = OutcomeUnknownError(
            _advice.unknown_outcome(self.operation.name), response=error.response
        )
        unknown.__cause__ = error
        return self._complete(unknown)

    def _complete(self, error: CalypsoError) -> CalypsoError:
        error.operation = self.operation.name
        error.attempts = self.attempts
        error.outcome = self.worst
        error.args = (f"{self.operation.name}: {error}",)
        return error

    def _but_an_earlier_attempt_left(self, error: ConnectionFailedError) -> CalypsoError:
        other = TransportError(str(error), timed_out=error.timed_out)
        other.__cause__ = error.__cause__
        return other

    def _wait(self, verdict: Verdict[Any]) -> float | None:
        if (
            isinstance(verdict.error, ClockSkewError)
            and not self.corrected
            and self.offset is not None
        ):
            self.corrected = True
            return 0.0
        if not self._may_repeat(verdict) or self.retries >= self.options.max_retries:
            return None
        self.retries += 1
        return delay(self.retries - 1, verdict.retry_after)

    def _may_repeat(self, verdict: Verdict[Any]) -> bool:
        if not verdict.passing:
            return False
        return self.operation.retry == "safe" or verdict.outcome is Outcome.NOT_SENT

    def _is_deleted_already(self, verdict: Verdict[Any]) -> bool:
        # An earlier attempt may have deleted it without our hearing of it.
        return (
            isinstance(verdict.error, NotFoundError)
            and self.operation.method == "DELETE"
            and self.worst.rank >= Outcome.UNKNOWN.rank
        )

    def _measure(self, answer: Answer) -> None:
        self.offset = self.clock.learn(
            answer.headers.get("date"), asked=self.asked, answered=self.clock.now()
        )

    def _observe(self, verdict: Verdict[Any], wait: float | None) -> None:
        if self.options.on_attempt is None:
            return
        response = verdict.reply or (verdict.error and verdict.error.response)
        attempt = Attempt(
            operation=self.operation.name,
            number=self.attempts,
            outcome=verdict.outcome,
            seconds=time.monotonic() - self.started,
            status=response.status if response else None,
            error=verdict.error,
            retry_in=wait,
        )
        try:
            self.options.on_attempt(attempt)
        except Exception:
            # A listener that fails must not cost the caller the answer to a call that succeeded.
            _logger.exception("on_attempt raised an exception")


def _deleted(verdict: Verdict[Any]) -> Verdict[Any]:
    answer = verdict.error.response if verdict.error else None
    assert answer is not None  # noqa: S101 - an APIError always keeps its answer
    reply = RawResponse(answer.status, answer.headers, answer.content, None)
    return Verdict(Outcome.DONE, reply=reply)


def _forget_locals(error: BaseException) -> None:
    """Clear the local variables of finished frames: they hold headers, and answers with secrets."""
    link: BaseException | None = error
    while link is not None:
        traceback.clear_frames(link.__traceback__)
        link = link.__cause__ or link.__context__
