"""Process a delivery: verify it, claim its event, run the handler.

Nothing here does I/O. Each function is a generator that yields the calls to make; `_drivers` makes
them and sends back what they return.
"""

from __future__ import annotations

import logging
from asyncio import CancelledError
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from calypso_pay._errors import ConfigurationError, Reason, WebhookVerificationError
from calypso_pay._secret import Secret
from calypso_pay._verification import (
    content_of,
    is_callable,
    pairs,
    public_key,
    secret_lookup,
    unwrap,
)
from calypso_pay.receiver._drivers import Call, Flow, arun, arun_in_thread, is_async
from calypso_pay.receiver._memory import MemoryStore
from calypso_pay.receiver._money import may_be_money
from calypso_pay.receiver._order import contradicts, is_duplicate, is_late, task_of
from calypso_pay.receiver._response import Response, Result
from calypso_pay.receiver._store import Claim, ClaimStatus, Task, UnavailableError
from calypso_pay.receiver._stored import StoredEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from calypso_pay import AsyncCalypso, Calypso
    from calypso_pay.receiver._drivers import Threads
    from calypso_pay.receiver._store import AsyncStore, AsyncStoringStore, Store, StoringStore
    from calypso_pay.webhooks import Event

T = TypeVar("T")

log = logging.getLogger("calypso_pay.receiver")


class Handler(NamedTuple):
    """A user's function.

    Attributes:
        function: The function.
        refetch: Whether it takes the transaction as the API has it now.
        takes_connection: Whether it takes the connection of the claim.
    """

    function: Callable[..., Any]
    refetch: bool = False
    takes_connection: bool = False


class Config(NamedTuple):
    """What a receiver was made with, and its handlers."""

    secret: Secret
    store: Store | AsyncStore
    client: Calypso | AsyncCalypso | None
    lease: float
    handlers: Mapping[type | str, Handler]
    enqueue: Handler | None = None

    async def arun(self, flow: Flow[T], threads: Threads) -> T:
        """Run a flow in this event loop, in one thread if the store blocks."""
        blocks = type(self.store) is not MemoryStore and not is_async(self.store.claim)
        return await (arun_in_thread if blocks else arun)(flow, threads)


class Delivery(NamedTuple):
    """The body and headers of a delivery, wrapped: anyone who sees both can send them again."""

    body: Secret
    headers: Secret


class VerifiedEvent(NamedTuple):
    """A verified event, and the bytes that it was read from."""

    event: Event
    body: Secret

    def content(self) -> bytes:
        """Return the bytes."""
        return cast("bytes", self.body.reveal())


def process(config: Config, delivery: Delivery) -> Flow[Response]:
    """Verify a delivery and process its event."""
    verified = yield from verify(config, delivery)
    if isinstance(verified, Response):
        return verified
    return (yield from process_event(config, verified))


def verify(config: Config, delivery: Delivery) -> Flow[VerifiedEvent | Response]:
    """Return the event of a delivery, or the response that rejects it."""
    # Read once: they may be an iterator.
    delivery = delivery._replace(headers=pairs(delivery.headers))
    try:
        secret = config.secret
        if is_callable(secret):
            # A call of its own, so that the function may be a coroutine function.
            key = public_key(delivery.headers)
            secret = Secret({key: (yield Call(secret_lookup(secret), (key,)))})
        event: Event = yield Call(unwrap, (delivery.body, delivery.headers, secret), blocks=False)
        return VerifiedEvent(event, content_of(delivery.body))
    except WebhookVerificationError as error:
        unreadable = error.reason == Reason.MALFORMED_BODY
        # The vendor signed an unreadable body, so an event is lost unless the cause is fixed.
        log.log(logging.ERROR if unreadable else logging.WARNING, "rejected a delivery: %s", error)
        return Response(Result.UNREADABLE if unreadable else Result.UNVERIFIED, error.reason)
    except (Exception, SystemExit):
        log.exception("could not verify a delivery")
        return Response(Result.UNAVAILABLE)


def process_event(config: Config, verified: VerifiedEvent) -> Flow[Response]:
    """Handle a verified event, or store it for a worker."""
    event, task = verified.event, task_of(verified.event, verified.content())
    if config.enqueue is None:
        result = yield from Handling(config, event, task).run()
    else:
        result = yield from store_first(config, event, task)
    log.debug("%s: %s", _name(event), result)
    return Response(result)


def handle_stored(config: Config, stored: StoredEvent) -> Flow[Response]:
    """Handle an event that was stored before."""
    try:
        event = stored.read()
    except WebhookVerificationError as error:
        # Counted, so that it is visible.
        log.exception("the stored event %s can't be read", stored.key)
        claim = Claim(ClaimStatus.BUSY)
        yield _store_call(config, config.store.fail, _task_of(stored), claim, error)
        return Response(Result.UNREADABLE, Reason.MALFORMED_BODY)
    task = task_of(event, stored.body)
    result = yield from Handling(config, event, task, needs_handler=True).run()
    log.debug("%s: %s", _name(event), result)
    return Response(result)


def handle_key(config: Config, key: str) -> Flow[Response]:
    """Handle the stored event with this key."""
    stored: StoredEvent = yield Call(storing(config.store).get, (key,))
    return (yield from handle_stored(config, stored))


def store_first(config: Config, event: Event, task: Task) -> Flow[Result]:
    """Store an event, and enqueue it for a worker."""
    try:
        claim: Claim = yield Call(storing(config.store).put, (task,))
        if claim.status != ClaimStatus.ACQUIRED:
            return Result.DUPLICATE if claim.status == ClaimStatus.DONE else Result.BUSY
        yield from enqueue(config, StoredEvent.of(task), task, claim)
    except (Exception, SystemExit):
        log.exception("%s could not be stored", _name(event))
        return Result.UNAVAILABLE
    return Result.STORED


def enqueue(config: Config, stored: StoredEvent, task: Task, claim: Claim) -> Flow[None]:
    """Pass an event to the queue, and commit the transaction in which it was stored.

    A function that takes the connection enqueues in that transaction: both happen or neither. One
    without is called after the commit. When that fails, the event is stored all the same, and a
    sweep enqueues it.
    """
    function, _, takes_connection = cast("Handler", config.enqueue)
    try:
        if takes_connection:
            yield Call(partial(function, connection=claim.connection), (stored,))
        yield _store_call(config, config.store.complete, task, claim)
    except GeneratorExit:
        raise
    except BaseException:
        yield _store_call(config, config.store.release, task, claim)
        raise
    if not takes_connection:
        try:
            yield Call(function, (stored,))
        except (Exception, SystemExit):
            log.exception("event %s is stored but was not enqueued: sweep() will", stored.event)


def sweep(config: Config, older_than: float, limit: int) -> Flow[int]:
    """Enqueue stored events again, or handle them; return how many."""
    due: list[StoredEvent] = yield Call(storing(config.store).due, (older_than, limit))
    count = 0
    for stored in due:
        try:
            count += yield from _sweep_one(config, stored)
        except (Exception, SystemExit):
            log.exception("the stored event %s could not be swept", stored.key)
    return count


def _sweep_one(config: Config, stored: StoredEvent) -> Flow[bool]:
    task = _task_of(stored)
    # Moves it to the end of those that are due, whatever becomes of it.
    claim: Claim = yield Call(storing(config.store).requeue, (stored,))
    if claim.status != ClaimStatus.ACQUIRED:
        return False
    if config.enqueue is None:
        yield _store_call(config, config.store.complete, task, claim)
        yield from handle_stored(config, stored)
    else:
        yield from enqueue(config, stored, task, claim)
    return True


def _task_of(stored: StoredEvent) -> Task:
    try:
        return task_of(stored.read(), stored.body)
    except WebhookVerificationError:
        names = (stored.subscription, stored.event, stored.transaction, stored.step)
        return Task(*names, event_type=stored.event_type, body=stored.body)


def storing(store: object) -> StoringStore | AsyncStoringStore:
    """Return a store that keeps whole events.

    Raises:
        ConfigurationError: It does not.
    """
    if not all(hasattr(store, name) for name in ("put", "get", "due", "requeue")):
        raise ConfigurationError(
            f"A {type(store).__name__} does not keep whole events: use calypso_pay.inbox."
        )
    return cast("StoringStore | AsyncStoringStore", store)


class _FailedError(Exception):
    """An event was not handled; `__cause__` is the reason."""

    def __init__(self, result: Result, explanation: str) -> None:
        super().__init__(explanation)
        self.result = result


class Handling:
    """Handles one event: claims it, runs its handler, and completes it or records the failure.

    Args:
        config: The receiver's configuration.
        event: The event.
        task: What the store remembers of it.
        needs_handler: Whether it is an error that no handler is registered for it.
    """

    def __init__(
        self, config: Config, event: Event, task: Task, *, needs_handler: bool = False
    ) -> None:
        self._needs_handler = needs_handler
        self._config = config
        self._event = event
        self._task = task
        self._claim = Claim(ClaimStatus.BUSY)

    def run(self) -> Flow[Result]:
        """Handle the event."""
        rejected = yield from self._acquire()
        if rejected is not None:
            return rejected
        try:
            return (yield from self._handle())
        except GeneratorExit:
            # The driver is gone, so nothing can be called any more. The claim ends by itself.
            raise
        except _FailedError as error:
            cause = error.__cause__ or error
            if error.result == Result.UNAVAILABLE:
                cause = UnavailableError(f"{error}: {type(cause).__name__}: {cause}")
            log.error("%s: %s", _name(self._event), error, exc_info=error.__cause__)  # noqa: TRY400 - the cause has the details
            yield from self._settle(self._config.store.fail, cause)
            return error.result
        except (KeyboardInterrupt, CancelledError):
            # The task is cancelled or the process is ending: the event has to come again.
            yield from self._settle(self._config.store.release)
            raise
        except BaseException as error:
            # A time limit of a job, for instance; it must not be swallowed, and counts.
            yield from self._settle(self._config.store.fail, error)
            raise

    def _acquire(self) -> Flow[Result | None]:
        """Claim the event; return the result if it is not to be handled now."""
        config = self._config
        try:
            self._claim = yield _store_call(config, config.store.claim, self._task, config.lease)
        except Exception:
            log.exception("%s could not be claimed", _name(self._event))
            return Result.UNAVAILABLE
        if self._claim.status == ClaimStatus.PARKED:
            log.error("%s is parked: its handler failed too often", _name(self._event))
        return _NOT_ACQUIRED.get(self._claim.status)

    def _handle(self) -> Flow[Result]:
        """Run the handler, unless the transaction is past this event, and complete the event."""
        handler, result = self._decide()
        transaction: tuple[object, ...] = ()
        if handler is not None and handler.refetch:
            transaction = yield from self._refetch()
            if self._claim.connection is not None:
                if (rejected := (yield from self._acquire())) is not None:
                    return rejected
                handler, result = self._decide()
        if handler is not None:
            yield from self._call(handler, transaction)
        try:
            yield _store_call(self._config, self._config.store.complete, self._task, self._claim)
        except (Exception, SystemExit) as error:
            raise _FailedError(
                Result.UNAVAILABLE, "could not be completed, and will be handled again"
            ) from error
        return result

    def _decide(self) -> tuple[Handler | None, Result]:
        """Return the handler to call, or None with the result."""
        step, done = self._task.step, self._claim.steps
        if is_duplicate(step, done):
            return None, Result.DUPLICATE
        if is_late(step, done):
            return None, Result.LATE
        if contradicts(step, done):
            log.warning("%s contradicts an earlier event of its transaction", _name(self._event))
        # Looked up after the claim: one registered meanwhile must not lose its event.
        handler = _find_handler(self._config, self._event)
        if handler is None and (self._needs_handler or may_be_money(self._event)):
            raise self._no_handler()
        return handler, Result.IGNORED if handler is None else Result.HANDLED

    def _no_handler(self) -> _FailedError:
        kind = type(self._event).__name__
        if self._needs_handler:
            # The process that stored it may know the handler, and this worker not import it.
            explanation = (
                f"was stored and has no handler here: register one for {kind}, or "
                "receiver.default for events that you ignore"
            )
        else:
            explanation = (
                f"may be about money and has no handler: register one for {kind}; until then the "
                "vendor delivers it again for days, and too many errors block the subscription"
            )
        return _FailedError(Result.FAILED, explanation)

    def _call(self, handler: Handler, transaction: tuple[object, ...]) -> Flow[None]:
        function = handler.function
        if handler.takes_connection:
            function = partial(function, connection=self._claim.connection)
        try:
            yield Call(function, (self._event, *transaction))
        except (Exception, SystemExit) as error:
            raise _FailedError(Result.FAILED, "its handler failed") from error

    def _refetch(self) -> Flow[tuple[object, ...]]:
        """Read the transaction from the API."""
        config = self._config
        if self._claim.connection is not None:
            # The API may be slow, and the database should not wait for it with a transaction open.
            yield from self._settle(config.store.release)
        try:
            if config.client is None or self._task.transaction is None:
                raise ValueError("the event has no transaction id")  # noqa: TRY301 - one path
            return ((yield Call(config.client.transactions.get, (self._task.transaction,))),)
        except Exception as error:
            raise _FailedError(Result.UNAVAILABLE, "could not read its transaction") from error

    def _settle(self, method: Callable[..., Any], *args: object) -> Flow[None]:
        """Give the claim up."""
        try:
            yield _store_call(self._config, method, self._task, self._claim, *args)
        except Exception:
            log.exception(
                "%s: its failure could not be stored, or its claim released", _name(self._event)
            )


_NOT_ACQUIRED = {
    ClaimStatus.DONE: Result.DUPLICATE,
    ClaimStatus.BUSY: Result.BUSY,
    ClaimStatus.PARKED: Result.PARKED,
}


def _find_handler(config: Config, event: Event) -> Handler | None:
    kinds: tuple[type | str, ...] = (type(event), object)
    if event.event_type is not None:
        kinds = (str(event.event_type), *kinds)
    return next((config.handlers[kind] for kind in kinds if kind in config.handlers), None)


def _store_call(config: Config, method: Callable[..., Any], *args: object) -> Call:
    return Call(method, args, blocks=type(config.store) is not MemoryStore)


def _name(event: Event) -> str:
    return f"{type(event).__name__} {event.id} of {event.request_id!r}"
