"""The receiver: handlers, and what is needed to call each once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from inspect import isasyncgenfunction, isgeneratorfunction
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, overload

from calypso_api.models import NotificationEventType
from calypso_pay._errors import ConfigurationError
from calypso_pay._secret import Secret
from calypso_pay._signed import is_a_function, looked_up
from calypso_pay.receiver._driving import Running, Threads, arun, is_async, run
from calypso_pay.receiver._flow import Delivery, Handler, Parts, deal_with
from calypso_pay.receiver._memory import MemoryStore
from calypso_pay.receiver._order import DepositEvent, is_of_a_deposit
from calypso_pay.webhooks import EVENT_TYPES, Event, UnknownEvent

if TYPE_CHECKING:
    from collections.abc import Callable

    from calypso_api.models import Transaction
    from calypso_pay import AsyncCalypso, Calypso
    from calypso_pay.receiver._answer import Response
    from calypso_pay.receiver._asgi import Application
    from calypso_pay.receiver._store import AsyncStore, Store
    from calypso_pay.webhooks import HeadersLike, SecretLike

_KINDS = {*EVENT_TYPES.values(), UnknownEvent}
# As many as an application handles at once by default.
_MOST = 64

E = TypeVar("E", bound=Event)
D = TypeVar("D", bound=DepositEvent)
R = TypeVar("R")


class Receiver:
    """Receives deliveries: verifies each, and calls its handler once and in order.

    An event is handed to its handler until the handler returns: when it raises, or the process
    dies, the vendor is made to send the event again. So a handler sees an event a second time after
    it failed, or when the store could not be told that it succeeded, and only then. Events of one
    transaction are handled one at a time.

    Example::

        receiver = Receiver(os.environ["CALYPSO_WEBHOOK_SECRET"])

        @receiver.on(PurseFundsReceivedEvent)
        def received(event: PurseFundsReceivedEvent) -> None: ...

        app = Starlette(routes=[Route("/calypso", receiver.asgi())])

    Args:
        secret: The `secret_key` of the subscription; or several, or a look-up by the ``Key``
            header, as for `calypso_pay.webhooks.verify`.
        store: Remembers what is done; in this process's memory where absent.
        client: Reads transactions for the handlers that want them, as the vendor advises for final
            states (documented).
        lease: Seconds that a handler may take. An event whose handler neither returned nor raised
            by then, as when its process died, may be handled again.

    Raises:
        ConfigurationError: The secret is empty, or no secret at all.
    """

    def __init__(
        self,
        secret: SecretLike,
        *,
        store: Store | AsyncStore | None = None,
        client: Calypso | AsyncCalypso | None = None,
        lease: float = 300,
    ) -> None:
        held = Secret(secret)
        # So that no traceback finds the secret among the local variables.
        del secret
        _check(held)
        self._handlers: dict[type | str, Handler] = {}
        # An empty store may well be false.
        kept = MemoryStore() if store is None else store
        self._parts = Parts(held, kept, client, lease, self._handlers)
        self._running = Running()
        self._threads = Threads(_MOST)

    def __repr__(self) -> str:
        names = sorted(map(_name, self._handlers))
        return f"<Receiver of {', '.join(names).replace('object', 'all others') or 'nothing'}>"

    @overload
    def on(
        self, kind: type[D], *, refetch: Literal[True]
    ) -> Callable[[Callable[[D, Transaction], R]], Callable[[D, Transaction], R]]: ...

    @overload
    def on(
        self, kind: type[E], *, refetch: Literal[False] = False
    ) -> Callable[[Callable[[E], R]], Callable[[E], R]]: ...

    @overload
    def on(
        self, kind: str, *, refetch: bool = False
    ) -> Callable[[Callable[..., R]], Callable[..., R]]: ...

    def on(
        self, kind: type[Any] | str, *, refetch: bool = False
    ) -> Callable[[Callable[..., R]], Callable[..., R]]:
        """Register a handler for a class of events, as a decorator or by a call.

        A handler is a function or a coroutine function. In an event loop a plain function runs in
        a thread. Keep it short: the vendor waits for the answer, for an unknown time.

        Args:
            kind: A class of events from `calypso_pay.webhooks`, or the documented name of one, such
                as ``"INVOICE_PAID"``; `UnknownEvent` for all that have neither class nor handler.
            refetch: Read the transaction from the API first, and hand it on as second argument.
                When that fails the event comes again.

        Raises:
            ConfigurationError: It is no event, or has a handler already; or the transaction shall
                be read and there is no client, or no transaction.
        """
        kind = _kind(kind)
        is_deposit = isinstance(kind, type) and is_of_a_deposit(kind)
        if refetch and not (self._parts.client and is_deposit):
            raise ConfigurationError(
                "To read transactions again, a receiver needs a client, and events of deposits."
            )
        return self._register(kind, refetch=refetch)

    def default(self, handler: Callable[[Event], R]) -> Callable[[Event], R]:
        """Register a handler for all events that have none; as a decorator or by a call.

        Without it they are answered 200 and nothing more; but those of top-ups, and those of no
        known type that may be about money, 500, so that they are not lost.

        Args:
            handler: A function or a coroutine function.

        Raises:
            ConfigurationError: There is one already, or this one yields.
        """
        return self._register(object, refetch=False)(handler)

    def handle(self, body: bytes | str, headers: HeadersLike) -> Response:
        """Deal with one delivery, in this thread.

        Args:
            body: The body as it came, before anything decoded it.
            headers: The headers of the request: a mapping, or pairs.

        Returns:
            What to answer. Nothing that comes from outside, and no handler, makes it raise.

        Raises:
            ConfigurationError: A handler, the store or the client has to be awaited.
        """
        delivery = Delivery(Secret(body), Secret(headers))
        del body, headers
        if any(map(is_async, self._calls())):
            raise ConfigurationError("Some of this receiver has to be awaited: use ahandle().")
        return run(deal_with(self._parts, delivery))

    async def ahandle(self, body: bytes | str, headers: HeadersLike) -> Response:
        """Deal with one delivery, in this event loop, which is asyncio's.

        Plain handlers, a plain client and a plain store are called in threads. What was begun goes
        on when this is cancelled; `aclose` waits for it.

        Args:
            body: The body as it came, before anything decoded it.
            headers: The headers of the request: a mapping, or pairs.

        Returns:
            What to answer. Nothing that comes from outside, and no handler, makes it raise.
        """
        delivery = Delivery(Secret(body), Secret(headers))
        del body, headers
        flow = deal_with(self._parts, delivery)
        # A task of its own: it must neither be given up half-way, nor be begun twice.
        return await asyncio.shield(self._running.begin(arun(flow, self._threads)))

    async def aclose(self, within: float = 30) -> None:
        """Wait for what was begun, before the program ends.

        Args:
            within: Seconds after which that is given up, which an error in the log tells.
        """
        await self._running.end(within)

    def asgi(
        self,
        *,
        max_body: int = 1_048_576,
        max_concurrency: int = 64,
        read_timeout: float = 10,
        answer_within: float = 20,
        drain_within: float = 30,
    ) -> Application:
        """Return an ASGI application, without a framework, to be mounted in one or served alone.

        It looks at no path: where it is mounted is where it answers. When its server tells it to
        shut down it waits for what was begun, as `aclose` does; a framework that it is mounted in
        does not tell it, so call `aclose` there.

        Args:
            max_body: Largest body that is read, in bytes; more is answered with 413.
            max_concurrency: How many verified deliveries are handled at once; more are answered
                with 503, and the vendor sends them again. As many others are read and verified
                meanwhile; where there are more, the one that takes longest is answered 408.
            read_timeout: Seconds that a body may take to arrive and to be verified; then 408 is
                answered.
            answer_within: Seconds after which 503 is answered while the handler goes on. When the
                vendor sends the event again, the answer tells how that ended.
            drain_within: Seconds that a shutdown waits for handlers.

        Raises:
            ConfigurationError: A limit is not above zero.
        """
        from calypso_pay.receiver._asgi import Application, Limits

        limits = Limits(max_body, max_concurrency, read_timeout, answer_within, drain_within)
        threads = Threads(max_concurrency)
        return Application(self._parts, self._running, threads, limits)

    def _register(
        self, kind: type | str, *, refetch: bool
    ) -> Callable[[Callable[..., R]], Callable[..., R]]:
        def register(handler: Callable[..., R]) -> Callable[..., R]:
            if isgeneratorfunction(handler) or isasyncgenfunction(handler):
                raise ConfigurationError("A handler has to return: one that yields never runs.")
            if kind in self._handlers:
                # Of two handlers one could fail, and be called again together with the other.
                raise ConfigurationError(f"{_name(kind)} has a handler: call both from one.")
            self._handlers[kind] = Handler(handler, refetch)
            return handler

        return register

    def _calls(self) -> list[Callable[..., Any]]:
        calls: list[Callable[..., Any]] = [known.function for known in self._handlers.values()]
        calls.append(self._parts.store.claim)
        if self._parts.client is not None:
            calls.append(self._parts.client.transactions.get)
        if is_a_function(self._parts.secret):
            calls.append(looked_up(self._parts.secret))
        return calls


def _kind(given: object) -> type | str:
    """Return the class that events of a kind have; where they have none, their documented name."""
    if isinstance(given, str) and NotificationEventType(given).is_known:
        return EVENT_TYPES.get(given, given)
    if given in _KINDS:
        return cast("type", given)
    name = given.__name__ if isinstance(given, type) else repr(given)
    raise ConfigurationError(
        f"{name} is no event: give a class of calypso_pay.webhooks, such as "
        f"PurseFundsReceivedEvent, or one of the documented names: {', '.join(EVENT_TYPES)}, … "
        "For all that have no handler, use receiver.default."
    )


def _name(kind: type | str) -> str:
    return kind if isinstance(kind, str) else kind.__name__


def _check(secret: Secret) -> None:
    # A look-up may be filled later; for the rest, a program that can't verify had better not start.
    if not secret.reveal() and not isinstance(secret.reveal(), Mapping):
        raise ConfigurationError("A receiver needs the secret key of its subscription.")
