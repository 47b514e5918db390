"""The receiver: handlers, and what is needed to call each once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from calypso_pay._errors import ConfigurationError
from calypso_pay._secret import Secret
from calypso_pay.receiver._answer import Answer
from calypso_pay.receiver._driving import arun, is_async, run
from calypso_pay.receiver._flow import Handler, Parts, deal_with
from calypso_pay.receiver._memory import MemoryStore
from calypso_pay.receiver._order import DepositEvent, is_of_a_deposit
from calypso_pay.webhooks import Event

if TYPE_CHECKING:
    from collections.abc import Callable

    from calypso_api.models import Transaction
    from calypso_pay import AsyncCalypso, Calypso
    from calypso_pay.receiver._asgi import Application
    from calypso_pay.receiver._store import AsyncStore, Store
    from calypso_pay.webhooks import HeadersLike, SecretLike

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
        self._handlers: dict[type, Handler] = {}
        # An empty store may well be false.
        kept = MemoryStore() if store is None else store
        self._parts = Parts(held, kept, client, lease, self._handlers)

    def __repr__(self) -> str:
        names = sorted(kind.__name__ for kind in self._handlers)
        return f"<Receiver of {', '.join(names).replace('object', 'all others') or 'nothing'}>"

    @overload
    def on(
        self, kind: type[D], *, reread: Literal[True]
    ) -> Callable[[Callable[[D, Transaction], R]], Callable[[D, Transaction], R]]: ...

    @overload
    def on(
        self, kind: type[E], *, reread: Literal[False] = False
    ) -> Callable[[Callable[[E], R]], Callable[[E], R]]: ...

    def on(
        self, kind: type[Any], *, reread: bool = False
    ) -> Callable[[Callable[..., R]], Callable[..., R]]:
        """Register a handler for a class of events, as a decorator or by a call.

        A handler is a function or a coroutine function. In an event loop a plain function runs in
        a thread. Keep it short: the vendor waits for the answer, for an unknown time.

        Args:
            kind: A class of events from `calypso_pay.webhooks`; `UnknownEvent` for those that have
                none.
            reread: Read the transaction from the API first, and hand it on as second argument. When
                that fails the event comes again.

        Raises:
            ConfigurationError: The class has a handler already; or the transaction shall be read
                and there is no client, or no transaction.
        """
        if reread and not (self._parts.client and is_of_a_deposit(kind)):
            raise ConfigurationError(
                "To read transactions again, a receiver needs a client, and events of deposits."
            )
        return self._register(kind, reread=reread)

    def default(self, handler: Callable[[Event], R]) -> Callable[[Event], R]:
        """Register a handler for all events that have none; as a decorator or by a call.

        Without it they are answered 200 and nothing more.

        Args:
            handler: A function or a coroutine function.

        Raises:
            ConfigurationError: There is one already.
        """
        return self._register(object, reread=False)(handler)

    def handle(self, body: bytes | str, headers: HeadersLike) -> Answer:
        """Deal with one delivery, in this thread.

        Args:
            body: The body as it came, before anything decoded it.
            headers: The headers of the request: a mapping, or pairs.

        Returns:
            What to answer. Nothing that comes from outside, and no handler, makes it raise.

        Raises:
            ConfigurationError: A handler, the store or the client has to be awaited.
        """
        if any(map(is_async, self._calls())):
            raise ConfigurationError("Some of this receiver has to be awaited: use ahandle().")
        return Answer(run(deal_with(self._parts, body, headers)))

    async def ahandle(self, body: bytes | str, headers: HeadersLike) -> Answer:
        """Deal with one delivery, in this event loop, which is asyncio's.

        Plain handlers, a plain client and a plain store are called in threads.

        Args:
            body: The body as it came, before anything decoded it.
            headers: The headers of the request: a mapping, or pairs.

        Returns:
            What to answer. Nothing that comes from outside, and no handler, makes it raise.
        """
        return Answer(await arun(deal_with(self._parts, body, headers)))

    def asgi(
        self,
        *,
        max_body: int = 1_048_576,
        max_concurrency: int = 64,
        read_timeout: float = 10,
        answer_within: float = 20,
    ) -> Application:
        """Return an ASGI application, without a framework, to be mounted in one or served alone.

        It looks at no path: where it is mounted is where it answers.

        Args:
            max_body: Largest body that is read, in bytes; more is answered with 413.
            max_concurrency: How many deliveries are read and handled at once; more are answered
                with 503, and the vendor sends them again.
            read_timeout: Seconds that a body may take to arrive; then 408 is answered.
            answer_within: Seconds after which 503 is answered while the handler goes on. When the
                vendor sends the event again, the answer tells how that ended.

        Raises:
            ConfigurationError: A limit is not above zero.
        """
        from calypso_pay.receiver._asgi import Application, Limits

        return Application(
            self.ahandle, Limits(max_body, max_concurrency, read_timeout, answer_within)
        )

    def _register(
        self, kind: type, *, reread: bool
    ) -> Callable[[Callable[..., R]], Callable[..., R]]:
        def register(handler: Callable[..., R]) -> Callable[..., R]:
            if kind in self._handlers:
                # Of two handlers one could fail, and be called again together with the other.
                raise ConfigurationError(f"{kind.__name__} has a handler: call both from one.")
            self._handlers[kind] = Handler(handler, reread)
            return handler

        return register

    def _calls(self) -> list[Callable[..., Any]]:
        calls: list[Callable[..., Any]] = [known.function for known in self._handlers.values()]
        calls.append(self._parts.store.claim)
        if self._parts.client is not None:
            calls.append(self._parts.client.transactions.get)
        return calls


def _check(secret: Secret) -> None:
    # A look-up may be filled later; for the rest, a program that can't verify had better not start.
    if not secret.reveal() and not isinstance(secret.reveal(), Mapping):
        raise ConfigurationError("A receiver needs the secret key of its subscription.")
