"""The `Receiver`: it registers handlers and processes deliveries."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, overload

from calypso_api.models import NotificationEventType
from calypso_pay._errors import ConfigurationError
from calypso_pay._secret import Secret
from calypso_pay._verification import is_callable, secret_lookup
from calypso_pay.receiver._background import BackgroundTasks
from calypso_pay.receiver._drivers import Threads, is_async, run
from calypso_pay.receiver._flow import (
    Config,
    Delivery,
    Handler,
    handle_key,
    process,
    storing,
    sweep,
)
from calypso_pay.receiver._functions import check_function
from calypso_pay.receiver._memory import MemoryStore
from calypso_pay.receiver._order import DepositEvent, is_deposit_event
from calypso_pay.webhooks import EVENT_TYPES, Event, UnknownEvent

if TYPE_CHECKING:
    from collections.abc import Callable

    from calypso_pay import AsyncCalypso, Calypso
    from calypso_pay.receiver._asgi import Application
    from calypso_pay.receiver._functions import OnDeposit, OnEvent
    from calypso_pay.receiver._response import Response
    from calypso_pay.receiver._store import AsyncStore, Store
    from calypso_pay.webhooks import HeadersLike, SecretLike

_EVENT_CLASSES = {*EVENT_TYPES.values(), UnknownEvent}
# The same as the default `max_concurrency` of an application.
_MAX_THREADS = 64

E = TypeVar("E", bound=Event)
D = TypeVar("D", bound=DepositEvent)
F = TypeVar("F", bound="Callable[..., Any]")
R = TypeVar("R")


class Receiver:
    """Receives webhooks: verifies each delivery and calls the event's handler once, in order.

    A handler gets an event until it returns: when it raises, or the process dies, the response
    makes the vendor deliver the event again. So a handler gets an event a second time only after it
    failed, or after the store failed to record that it succeeded. Events of one transaction are
    handled one at a time.

    A handler with a parameter named ``connection`` gets the transaction of the store's database in
    which the event becomes done: what it writes there is committed together with that, or not at
    all. `calypso_pay.inbox` is such a store.

    Example::

        receiver = Receiver(os.environ["CALYPSO_WEBHOOK_SECRET"])

        @receiver.on(PurseFundsReceivedEvent)
        def received(event: PurseFundsReceivedEvent) -> None: ...

        app = Starlette(routes=[Route("/calypso", receiver.asgi())])

    Args:
        secret: The `secret_key` of the subscription; or several, or a look-up by the ``Key``
            header, as for `calypso_pay.webhooks.verify`.
        store: Remembers which events are done; by default a `MemoryStore`.
        client: Reads transactions for handlers registered with `refetch=True`, as the vendor
            advises for final states (documented).
        lease: Seconds that a handler may take. If it neither returned nor raised by then, for
            example because its process died, the event may be handled again. An inbox notices the
            end of a process at once.
        enqueue: Store first: a delivery is verified, stored and responded to with 200, and a worker
            handles it later with `handle_stored`. This function passes it to your queue. It gets
            the `StoredEvent`; if it has a parameter named ``connection``, it is called in the
            transaction that stores the event, for a queue in the same database, and both are
            committed together. Otherwise it is called after the commit; what gets lost there, or
            in the queue, is found by `sweep`. Needs a store that keeps whole events, such as an
            inbox.

    Raises:
        ConfigurationError: The secret is empty or missing, or `enqueue` does not fit the store.
    """

    def __init__(
        self,
        secret: SecretLike,
        *,
        store: Store | AsyncStore | None = None,
        client: Calypso | AsyncCalypso | None = None,
        lease: float = 300,
        enqueue: Callable[..., Any] | None = None,
    ) -> None:
        wrapped = Secret(secret)
        # So that no traceback shows the secret among the local variables.
        del secret
        _check_given(wrapped)
        self._handlers: dict[type | str, Handler] = {}
        # An empty store may be falsy.
        store = MemoryStore() if store is None else store
        queue = None
        if enqueue is not None:
            storing(store)
            queue = Handler(enqueue, takes_connection=check_function(enqueue, 1, store))
        self._config = Config(wrapped, store, client, lease, self._handlers, queue)
        self._tasks = BackgroundTasks()
        self._threads = Threads(_MAX_THREADS)

    def __repr__(self) -> str:
        names = sorted(map(_name, self._handlers))
        return f"<Receiver of {', '.join(names).replace('object', 'all others') or 'nothing'}>"

    @overload
    def on(self, kind: type[D], *, refetch: Literal[True]) -> OnDeposit[D]: ...

    @overload
    def on(self, kind: type[E], *, refetch: Literal[False] = False) -> OnEvent[E]: ...

    @overload
    def on(
        self, kind: str, *, refetch: bool = False
    ) -> Callable[[Callable[..., R]], Callable[..., R]]: ...

    def on(self, kind: type[Any] | str, *, refetch: bool = False) -> Any:
        """Register a handler for a class of events, as a decorator or by a call.

        A handler is a function or a coroutine function. In an event loop a plain function runs in
        a thread. Keep it short: the vendor waits for the response, for an unknown time.

        It gets the event; then the transaction, with `refetch`; and by name the ``connection``, if
        it has such a parameter.

        Args:
            kind: A class of events from `calypso_pay.webhooks`, or the documented name of an event
                type, such as ``"INVOICE_PAID"``; `UnknownEvent` for all types that have neither a
                class nor a handler.
            refetch: Read the transaction from the API first, and pass it as second argument. When
                that fails the vendor delivers the event again.

        Raises:
            ConfigurationError: It is not an event, or it has a handler already; or `refetch` is
                set, and the receiver has no client or the event has no transaction; or the handler
                takes other arguments than these.
        """
        kind = _resolve_kind(kind)
        is_deposit = isinstance(kind, type) and is_deposit_event(kind)
        if refetch and not (self._config.client and is_deposit):
            raise ConfigurationError(
                "refetch=True needs a client, and works only for events of deposits."
            )
        return self._register(kind, refetch=refetch)

    def default(self, handler: F) -> F:
        """Register a handler for all events without one, as a decorator or by a call.

        Without a default handler, the response to such an event is 200. For an event of a top-up,
        or one of unknown type that may be about money, it is 500, so that the event is not lost.

        Args:
            handler: A function or a coroutine function; it gets the event, and the ``connection``
                if it has such a parameter.

        Raises:
            ConfigurationError: There is a default handler already, or this one is a generator
                function or takes other arguments.
        """
        self._register(object, refetch=False)(handler)
        return handler

    def handle(self, body: bytes | str, headers: HeadersLike) -> Response:
        """Process one delivery, in this thread.

        Args:
            body: The raw body of the request, before anything decoded it.
            headers: The headers of the request: a mapping, or pairs.

        Returns:
            The response to send. No request and no exception of a handler makes this raise.

        Raises:
            ConfigurationError: A handler, the store, the client or the look-up of secrets is
                asynchronous.
        """
        delivery = Delivery(Secret(body), Secret(headers))
        del body, headers
        self._check_sync("ahandle()")
        return run(process(self._config, delivery))

    async def ahandle(self, body: bytes | str, headers: HeadersLike) -> Response:
        """Process one delivery, in this event loop, which is asyncio's.

        Synchronous handlers, a synchronous client and a synchronous store are called in threads.
        Cancelling this does not stop the processing; `aclose` waits for it.

        Args:
            body: The raw body of the request, before anything decoded it.
            headers: The headers of the request: a mapping, or pairs.

        Returns:
            The response to send. No request and no exception of a handler makes this raise.
        """
        delivery = Delivery(Secret(body), Secret(headers))
        del body, headers
        flow = process(self._config, delivery)
        # A task of its own, so that the caller can't cancel it halfway.
        return await asyncio.shield(self._tasks.start(self._config.arun(flow, self._threads)))

    def handle_stored(self, key: str) -> Response:
        """Handle an event that was stored first, in this thread: call this in a worker.

        Args:
            key: The `StoredEvent.key` that `enqueue` got.

        Returns:
            The response, for its `status`: 200 if the event is done or needs no handler, or is
            parked. Let the queue retry the job after any other status.

        Raises:
            ConfigurationError: The store keeps no events, or something here is asynchronous.
            LookupError: The store has no such event.
            Exception: What the database raises when the event can't be read from it.
        """
        self._check_sync("ahandle_stored()")
        return run(handle_key(self._config, key))

    async def ahandle_stored(self, key: str) -> Response:
        """Handle an event that was stored first, in this event loop: call this in a worker.

        Args:
            key: The `StoredEvent.key` that `enqueue` got.

        Returns:
            The response, as of `handle_stored`.

        Raises:
            ConfigurationError: The store keeps no events.
            LookupError: The store has no such event.
            Exception: What the database raises when the event can't be read from it.
        """
        flow = handle_key(self._config, key)
        return await asyncio.shield(self._tasks.start(self._config.arun(flow, self._threads)))

    def sweep(self, *, older_than: float = 300, limit: int = 1000) -> int:
        """Enqueue or handle stored events that no one is about to handle; call this regularly.

        These are events that were stored and got lost on their way to a worker, and events whose
        handler failed. Without `enqueue` they are handled here, one after the other.

        Args:
            older_than: Seconds since an event was queued last, or became due after a failure: an
                inbox waits a minute, doubled with each failure, up to 17 hours. More than the
                longest wait of your queue before it retries a job.
            limit: How many events at most.

        Returns:
            How many were enqueued or handled.

        Raises:
            ConfigurationError: The store keeps no events, or something here is asynchronous.
            Exception: What the database raises when the events can't be listed.
        """
        self._check_sync("asweep()")
        return run(sweep(self._config, older_than, limit))

    async def asweep(self, *, older_than: float = 300, limit: int = 1000) -> int:
        """Enqueue or handle stored events that no one is about to handle; see `sweep`.

        Args:
            older_than: Seconds since an event was queued last, or became due after a failure.
            limit: How many events at most.

        Returns:
            How many were enqueued or handled.

        Raises:
            ConfigurationError: The store keeps no events.
            Exception: What the database raises when the events can't be listed.
        """
        flow = sweep(self._config, older_than, limit)
        return await asyncio.shield(self._tasks.start(self._config.arun(flow, self._threads)))

    async def aclose(self, within: float = 30) -> None:
        """Wait for the deliveries being processed, before the program ends.

        Args:
            within: Seconds to wait at most. What is unfinished by then is logged as an error.
        """
        await self._tasks.drain(within)

    def asgi(
        self,
        *,
        max_body: int = 1_048_576,
        max_concurrency: int = 64,
        read_timeout: float = 10,
        respond_within: float = 20,
        drain_within: float = 30,
    ) -> Application:
        """Return an ASGI application, to be mounted in a framework or served alone.

        It responds on every path, so the path is where it is mounted. On a shutdown by its server
        it waits for the deliveries being processed, as `aclose` does. A framework that mounts it
        does not pass the shutdown on, so call `aclose` there.

        Args:
            max_body: Largest body that is read, in bytes; the response to a longer one is 413.
            max_concurrency: How many verified deliveries are handled at once; the response to more
                is 503, and the vendor delivers them again. As many requests can be read and
                verified at the same time; with more, the oldest one gets 408.
            read_timeout: Seconds that a body may take to arrive and to be verified; then the
                response is 408.
            respond_within: Seconds after which the response is 503 while the handler still runs.
                When the vendor delivers the event again, the response is the handler's result.
            drain_within: Seconds that a shutdown waits for handlers.

        Raises:
            ConfigurationError: A limit is not above zero.
        """
        from calypso_pay.receiver._asgi import Application, Limits

        limits = Limits(max_body, max_concurrency, read_timeout, respond_within, drain_within)
        threads = Threads(max_concurrency)
        return Application(self._config, self._tasks, threads, limits)

    def _register(
        self, kind: type | str, *, refetch: bool
    ) -> Callable[[Callable[..., R]], Callable[..., R]]:
        def register(handler: Callable[..., R]) -> Callable[..., R]:
            takes_connection = check_function(handler, 2 if refetch else 1, self._config.store)
            if kind in self._handlers:
                # If one of two handlers failed, a retry would call both.
                raise ConfigurationError(
                    f"{_name(kind)} has a handler already: call both functions from one handler."
                )
            self._handlers[kind] = Handler(handler, refetch, takes_connection)
            return handler

        return register

    def _check_sync(self, other: str) -> None:
        if any(map(is_async, self._functions())):
            raise ConfigurationError(
                "A handler, the store, the client, enqueue or the look-up of secrets is "
                f"asynchronous: use {other}."
            )

    def _functions(self) -> list[Callable[..., Any]]:
        """Return all functions that processing a delivery may call."""
        config = self._config
        functions: list[Callable[..., Any]] = [each.function for each in self._handlers.values()]
        functions.append(config.store.claim)
        if config.enqueue is not None:
            functions.append(config.enqueue.function)
        if config.client is not None:
            functions.append(config.client.transactions.get)
        if is_callable(config.secret):
            functions.append(secret_lookup(config.secret))
        return functions


def _resolve_kind(kind: object) -> type | str:
    """Return the class for an event type; its documented name where it has no class."""
    if isinstance(kind, str) and NotificationEventType(kind).is_known:
        return EVENT_TYPES.get(kind, kind)
    if kind in _EVENT_CLASSES:
        return cast("type", kind)
    name = kind.__name__ if isinstance(kind, type) else repr(kind)
    raise ConfigurationError(
        f"{name} is not an event: pass a class of calypso_pay.webhooks, such as "
        f"PurseFundsReceivedEvent, or one of the documented names: {', '.join(EVENT_TYPES)}, … "
        "For all events without a handler, use receiver.default."
    )


def _name(kind: type | str) -> str:
    return kind if isinstance(kind, str) else kind.__name__


def _check_given(secret: Secret) -> None:
    # A mapping may be filled later. Without any other secret nothing could ever be verified.
    if not secret.reveal() and not isinstance(secret.reveal(), Mapping):
        raise ConfigurationError("A receiver needs the secret key of its subscription.")
