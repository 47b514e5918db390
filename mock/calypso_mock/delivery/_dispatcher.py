"""The dispatcher: take the attempts that are due, send them, and note the results.

In the calling thread, or in the background for as long as a mock is served.
"""

from __future__ import annotations

import math
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from calypso_mock._errors import MockError, NotSentError
from calypso_mock.delivery import _events, _queue
from calypso_mock.delivery._http_sender import Sender
from calypso_mock.delivery._queue import AttemptResult
from calypso_mock.state import _clock
from calypso_mock.state._fault_injection import FaultInjection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calypso_mock.api._context import Context
    from calypso_mock.delivery._http_sender import Deliver
    from calypso_mock.delivery._queue import StartedAttempt
    from calypso_mock.state._records import Attempt

_CHECK = 1.0
_LONGEST_ERROR = 300
# A clock's base may be anything, so business time is read again at least this often.
_LONGEST_NAP = 0.5
_GRACE = 2.0
_TICK = 0.02


class Deliveries:
    """The deliveries of a mock to its webhook subscriptions.

    Made by ``Mock``, as ``mock.deliveries``.

    Events are queued when they happen and sent on the vendor's schedule by business time. How
    depends on the mock: with ``deliver``, it sends at once, before the call that caused the event
    returns; a served mock sends in the background; any other sends nothing by itself, and
    ``deliver_due`` does. A function that sends gets the URL, the headers and the body, and returns
    the status of the response. 200 means delivered (documented); any other status, and any
    exception, is followed by a retry. A URL that ``Sender`` is not allowed to reach is not retried,
    and does not count as an error of the subscription.
    """

    def __init__(self, context: Context, deliver: Deliver | None) -> None:
        self._context = context
        self._deliver = deliver
        self._dispatcher = _Dispatcher(context)
        self._background: _BackgroundDispatcher | None = None
        context.dispatch_due = self._dispatch_due
        context.clock.watch(self._clock_moved)

    def __repr__(self) -> str:
        return f"<Deliveries made={len(self.log)} pending={len(self.pending)}>"

    @property
    def log(self) -> tuple[Attempt, ...]:
        """The attempts made, oldest first."""
        return self._log_from(0)

    @property
    def pending(self) -> tuple[Attempt, ...]:
        """The future attempts, the next first and those of blocked subscriptions last."""
        with self._context.lock:
            _events.emit_expired(self._context)
            return tuple(_queue.pending(self._context.state))

    @property
    def lost(self) -> tuple[Attempt, ...]:
        """What was lost by ``lose`` or ``disturb`` and never sent, the oldest event first."""
        with self._context.lock:
            return tuple(_queue.lost(self._context.state))

    def deliver_due(self, send: Deliver | None = None) -> tuple[Attempt, ...]:
        """Send everything that is due by business time, or wait until a served mock has sent it.

        Retries that fell due while business time was moved are made one after the other.

        Args:
            send: The function to send with; where absent, the mock's ``deliver``.

        Returns:
            The attempts made meanwhile.

        Raises:
            MockError: If there is no function to send with, if a served mock delivers already and
                ``send`` is given, or if a receiver calls it.
        """
        if self._dispatcher.is_sending:
            raise MockError("deliver_due cannot be called by a receiver")
        if self._background is not None and send is not None:
            raise MockError("this mock delivers in the background already")
        deliver = send or self._deliver
        if deliver is None and self._background is None:
            raise MockError("there is no receiver: pass send=, or make the mock with deliver=")
        before = len(self._context.state.attempts)
        while not self._dispatcher.is_idle():
            if self._background is None and deliver is not None:
                self._dispatcher.send_due(deliver)
            self._dispatcher.wait_for_change()
        return self._log_from(before)

    def deliver_with(self, send: Deliver) -> None:
        """Send at once from now on, before the call that caused an event returns.

        What is due already is sent at the next occasion. This is what ``Mock(deliver=...)`` does,
        for a mock that is made elsewhere, such as the pytest fixture's.

        Args:
            send: The function to send with.
        """
        self._deliver = send

    def resend(self, event_id: int, *, request_id: str | None = None) -> int:
        """Send an event once more, whether or not it was delivered, with a new retry schedule.

        Args:
            event_id: The id of the event.
            request_id: The subscription; where absent, all that got the event.

        Returns:
            The number of subscriptions that get it.

        Raises:
            MockError: If no such subscription has such an event, or one of them is blocked.
        """
        with self._context.lock:
            count = _queue.resend(
                self._context.state, event_id, request_id, self._context.clock.now()
            )
        self._dispatch_due()
        return count

    def unblock(self, request_id: str, *, account: str | None = None) -> int:
        """Unblock a subscription and send all that it held, as the vendor's UI does (documented).

        Args:
            request_id: The subscription.
            account: Its account; where absent, any account.

        Returns:
            The number of deliveries that are due now.

        Raises:
            MockError: If there is no such subscription.
        """
        with self._context.lock:
            count = _queue.unblock(
                self._context.state, request_id, account, self._context.clock.now()
            )
        self._dispatch_due()
        return count

    def lose(self, transaction_id: str, *, event_type: str | None = None) -> None:
        """Never send events of a deposit that were not sent yet; ``lost`` names them then.

        The mock remembers them: ``resend`` sends one all the same.

        Args:
            transaction_id: The id of the deposit.
            event_type: The type of one event; where absent, all events of the deposit.

        Raises:
            MockError: If there is no such deposit or event, or if it was sent already.
        """
        _events.change(self._context, transaction_id, event_type, lost=True)

    def alter(
        self,
        transaction_id: str,
        /,
        *,
        event_type: str | None = None,
        **fields: Any,  # noqa: ANN401 - any JSON
    ) -> None:
        """Send other data than a deposit's, correctly signed, in events that were not sent yet.

        Further calls add to it. A field that only some of the events have is altered in those.

        Args:
            transaction_id: The id of the deposit.
            event_type: The type of one event; where absent, all events of the deposit.
            fields: New values of fields of ``data`` by their JSON names, as in ``rows.alter``.

        Raises:
            MockError: If there is no such deposit, event or field, if it was sent already, or if
                the document does not allow the value.
        """
        _events.change(self._context, transaction_id, event_type, altered=fields)

    def delay(
        self, transaction_id: str, by: timedelta | float, *, event_type: str | None = None
    ) -> None:
        """Send events of a deposit that were not sent yet later than they happen.

        Args:
            transaction_id: The id of the deposit.
            by: How much later by business time, as a difference or in seconds.
            event_type: The type of one event; where absent, all events of the deposit.

        Raises:
            MockError: If there is no such deposit or event, if it was sent already, or if the
                delay is not longer than nothing.
        """
        delay = _clock.delay_of(by)
        _events.change(self._context, transaction_id, event_type, delay=delay)
        self._dispatch_due()

    def restore(self, transaction_id: str | None = None) -> None:
        """End ``lose``, ``alter`` and ``delay`` for events that were not sent yet.

        What is lost already stays lost.

        Args:
            transaction_id: The id of the deposit; where absent, all deposits.

        Raises:
            MockError: If there is no such deposit.
        """
        _events.restore(self._context, transaction_id)
        self._dispatch_due()

    def disturb(  # noqa: PLR0913 - all named and all optional
        self,
        *,
        duplicates: float = 0,
        reorder: bool = False,
        failures: float = 0,
        lose: float = 0,
        delay: float = 0,
        delay_by: timedelta | float = timedelta(hours=1),
    ) -> None:
        """Inject faults into deliveries, the same in every run with the mock's seed.

        Each call replaces the one before; a call without arguments ends it.

        Args:
            duplicates: The share of delivered events that are sent once more, from 0 to 1.
            reorder: Shuffle what happens from now on and falls due at one moment, such as the
                steps of a deposit that goes through several at once.
            failures: The share of attempts that fail before they reach the receiver.
            lose: The share of the events from now on that are never sent; ``lost`` names them.
            delay: The share of the events from now on that are sent later.
            delay_by: How much later by business time, as a difference or in seconds.

        Raises:
            MockError: If a share is not from 0 to 1, or a delay is not longer than nothing.
        """
        delay_by = _clock.delay_of(delay_by)
        chosen = FaultInjection(duplicates, reorder, failures, lose, delay, delay_by)
        with self._context.lock:
            self._context.fault_injection = chosen

    @contextmanager
    def in_background(self, send: Deliver | None = None) -> Iterator[None]:
        """Deliver in the background for as long as a ``with`` block lasts, as ``Server`` does.

        Args:
            send: The function to send with; where absent, the mock's ``deliver``, or else HTTP to
                this machine.

        Raises:
            MockError: If the mock delivers in the background already.
        """
        if self._background is not None:
            raise MockError("this mock delivers in the background already")
        deliver = send or self._deliver or Sender()
        self._background = _BackgroundDispatcher(self._dispatcher, deliver)
        self._background.start()
        try:
            yield
        finally:
            self._background.stop()
            self._background = None

    def _log_from(self, start: int) -> tuple[Attempt, ...]:
        with self._context.lock:
            return tuple(self._context.state.attempts[start:])

    def _clock_moved(self) -> None:
        _events.emit_expired(self._context)
        self._dispatch_due()

    def _dispatch_due(self) -> None:
        if self._background is not None:
            self._dispatcher.notify_if_due()
        elif self._deliver is not None and not self._dispatcher.is_sending:
            self._dispatcher.send_due(self._deliver)


class _Dispatcher:
    """Takes attempts from a mock's queue, sends them, and passes the results back.

    The lock is never held while an attempt is in flight: a receiver may call the mock.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._thread = threading.local()
        self.changed = threading.Condition(context.lock)

    @property
    def is_sending(self) -> bool:
        """Whether this thread is within a delivery."""
        return getattr(self._thread, "sending", False)

    def take(self) -> StartedAttempt | None:
        """Start the attempt that is due next, or return None if none is due now."""
        context = self._context
        with context.lock:
            now = _events.emit_expired(context)
            return _queue.take(context.state, context.fault_injection, now)

    def send(self, started: StartedAttempt, deliver: Deliver) -> None:
        """Make an attempt and note its result."""
        context = self._context
        result = AttemptResult(error="interrupted")
        self._thread.sending = True
        try:
            result = _send(started, deliver)
        finally:
            self._thread.sending = False
            with self.changed:
                _queue.finish(started, result, context.fault_injection, context.clock.now())
                self.changed.notify_all()

    def send_due(self, deliver: Deliver) -> None:
        """Make the attempts that are due, but none to a subscription with one in flight."""
        while (started := self.take()) is not None:
            self.send(started, deliver)

    def is_idle(self) -> bool:
        """Return whether nothing is due and nothing is in flight."""
        with self._context.lock:
            _events.emit_expired(self._context)
            return self.seconds_left() > 0 and not _queue.is_in_flight(self._context.state)

    def seconds_left(self) -> float:
        """Return the business time that is left until an attempt can be made."""
        with self._context.lock:
            due = _queue.next_due(self._context.state)
            return math.inf if due is None else (due - self._context.clock.now()).total_seconds()

    def notify_if_due(self) -> None:
        """Wake the threads that wait for something to be due, if something is."""
        with self._context.lock:
            due = _queue.next_due(self._context.state)
            if due is not None and due <= self._context.clock.now():
                self.changed.notify_all()

    def wait_for_change(self) -> None:
        """Wait for a moment while an attempt is in flight or due."""
        with self.changed:
            if not self.is_idle():
                self.changed.wait(_CHECK)


class _BackgroundDispatcher:
    """Sends what falls due from a thread of its own.

    Attempts to one subscription are made one after another, those to several at the same time.
    """

    def __init__(self, dispatcher: _Dispatcher, deliver: Deliver) -> None:
        self._dispatcher = dispatcher
        self._deliver = deliver
        self._stopping = False
        self._in_flight: set[threading.Thread] = set()
        self._thread = threading.Thread(target=self._run, name="calypso-dispatcher", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Start no more attempts, and abort those that are in flight as far as possible."""
        with self._dispatcher.changed:
            self._stopping = True
            self._dispatcher.changed.notify_all()
        self._thread.join()
        until = time.monotonic() + _GRACE
        while self._in_flight and time.monotonic() < until:
            # More than once, since an attempt that has just begun may not be connected yet.
            if isinstance(self._deliver, Sender):
                self._deliver.abort()
            time.sleep(_TICK)

    def _run(self) -> None:
        while (started := self._wait_for_due()) is not None:
            # A thread each: a slow receiver must not keep the others waiting.
            thread = threading.Thread(
                target=self._send, args=(started,), name="calypso-delivery", daemon=True
            )
            self._in_flight.add(thread)
            thread.start()

    def _wait_for_due(self) -> StartedAttempt | None:
        with self._dispatcher.changed:
            while not self._stopping:
                started = self._dispatcher.take()
                if started is not None:
                    return started
                nap = min(max(self._dispatcher.seconds_left(), 0), _LONGEST_NAP)
                self._dispatcher.changed.wait(nap)
        return None

    def _send(self, started: StartedAttempt) -> None:
        try:
            self._dispatcher.send(started, self._deliver)
        finally:
            self._in_flight.discard(threading.current_thread())


def _send(started: StartedAttempt, deliver: Deliver) -> AttemptResult:
    if started.fails:
        return AttemptResult(error="failed on request")
    try:
        status: object = deliver(started.url, started.headers(), started.body)
    except NotSentError as error:
        return AttemptResult(error=str(error), is_final=True)
    except Exception as error:  # noqa: BLE001 - a receiver may fail in any way
        return AttemptResult(error=f"{type(error).__name__}: {error}"[:_LONGEST_ERROR])
    if not isinstance(status, int):
        return AttemptResult(error="the receiver gave no status")
    return AttemptResult(int(status))
