"""The two clients: what a merchant's program holds in its hand."""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Self, TypeVar

from calypso_api.resources import AsyncRawResources, AsyncResources, RawResources, Resources
from calypso_pay import _settings
from calypso_pay._clock import Clock
from calypso_pay._engine import Core
from calypso_pay._options import Options
from calypso_pay._secret import Secret, Uncopied
from calypso_pay._transport import AsyncTransport, KeySign, SyncTransport, stays_in_process

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from calypso_api import Operation, RawResponse
    from calypso_api._drift import Drift
    from calypso_api._engine import Payload
    from calypso_pay._options import Attempt
    from calypso_pay.subscriptions import AsyncSubscriptions, Subscriptions
    from calypso_pay.transactions import AsyncTransactions, Transactions

T = TypeVar("T")
W = TypeVar("W", SyncTransport, AsyncTransport)
HttpClient = TypeVar("HttpClient", bound="httpx.Client | httpx.AsyncClient")
HttpTransport = TypeVar("HttpTransport", bound="httpx.BaseTransport | httpx.AsyncBaseTransport")


class _Shared(Uncopied, Generic[W, HttpClient, HttpTransport]):
    """What both clients have in common: their options, and that they show no secret."""

    _wires: type[W]
    _awaits: bool
    _core: Core
    _wire: W

    def __init__(  # noqa: PLR0913 - what a client can be told
        self,
        key: str | None = None,
        secret: str | None = None,
        account: str | None = None,
        *,
        base_url: str | None = None,
        allow_http: bool | None = None,
        timeout: float = _settings.DEFAULT_TIMEOUT,
        deadline: float = _settings.DEFAULT_DEADLINE,
        max_retries: int = _settings.DEFAULT_MAX_RETRIES,
        backoff: float = _settings.DEFAULT_BACKOFF,
        http_client: HttpClient | None = None,
        transport: HttpTransport | None = None,
        clock: Callable[[], float] = time.time,
        on_attempt: Callable[[Attempt], object] | None = None,
        on_drift: Callable[[Drift], object] | None = None,
        strict: bool = False,
    ) -> None:
        # First of all, so that no traceback finds them among the local variables.
        pair = Secret(key), Secret(secret)
        del key, secret
        identity = _settings.identity(key=pair[0], secret=pair[1], account=Secret(account))
        auth = KeySign(identity[0], identity[1])
        account = _settings.check_account(identity[2].reveal())
        told = Options(
            account, timeout, deadline, max_retries, backoff, on_attempt, on_drift, strict
        )
        if not self._awaits:
            _settings.check_listeners(on_attempt=on_attempt, on_drift=on_drift)
        core = Core(_settings.options(told), Clock(clock), auth.hide)
        plain = _settings.allow_http(allow_http) or stays_in_process(transport)
        url = _settings.base_url(base_url, allow_http=plain)
        self._begin(core, self._wires.over(http_client, transport, base_url=url, auth=auth))

    def with_options(
        self,
        *,
        timeout: float | None = None,
        deadline: float | None = None,
        max_retries: int | None = None,
        backoff: float | None = None,
        account: str | None = None,
    ) -> Self:
        """Return a view of this client with other options.

        It shares the connections; closing it leaves them open. What is not given stays.

        Args:
            timeout: Seconds that each of connecting, sending and each wait for data may take.
            deadline: Seconds that all attempts and waits of one call may take together.
            max_retries: How often a call that may be repeated is repeated.
            backoff: Bound of the first wait before a retry, in seconds; 0 for no waits at all.
            account: Id of the merchant account that requests are for.

        Raises:
            ConfigurationError: An option is malformed.
        """
        given: dict[str, Any] = {
            "timeout": timeout,
            "deadline": deadline,
            "max_retries": max_retries,
            "backoff": backoff,
            "account": account,
        }
        changes = {name: value for name, value in given.items() if value is not None}
        new = _settings.options(self._core.options._replace(**changes))
        view = type(self).__new__(type(self))
        view._begin(self._core._replace(options=new), self._wire.shared())  # noqa: SLF001 - one of us
        return view

    def _begin(self, core: Core, wire: W) -> None:
        self._core = core
        self._wire = wire

    def __repr__(self) -> str:
        # A traceback that shows local variables asks for it before the client is made, too.
        if not hasattr(self, "_wire"):
            return f"<{type(self).__name__}, not made>"
        account, url = self._core.options.account, self._wire.base_url
        return f"<{type(self).__name__} account={account!r} base_url={url!r}>"


class Calypso(_Shared[SyncTransport, "httpx.Client", "httpx.BaseTransport"], Resources):
    """A client of the Calypso Pay API.

    Its resources are attributes: `accounts`, `customers`, `addresses`, `purses`, `transactions`,
    `subscriptions`. Close it, or use it as a context manager, to close its connections. It may be
    used from several threads.

    Example::

        with Calypso() as calypso:  # CALYPSO_KEY, CALYPSO_SECRET, CALYPSO_ACCOUNT
            customer = calypso.customers.create(email="ada@shop.example")
            address = calypso.addresses.get(customer_id=customer.id, currency="USDT_TRX")

    Args:
        key: The public API key; else ``CALYPSO_KEY`` from the environment.
        secret: The secret key; else ``CALYPSO_SECRET``.
        account: Id of the merchant account that requests are for; else ``CALYPSO_ACCOUNT``.
        base_url: Where the API is; else ``CALYPSO_BASE_URL``, else https://api.calypso.finance.
            An ``/api/v1`` at its end is left out.
        allow_http: Allow plain http to another machine, where all can read and change what is
            sent; else ``CALYPSO_ALLOW_HTTP=1``. To this machine, and over an in-process transport,
            it is always allowed.
        timeout: Seconds that each of connecting, sending and each wait for data may take.
        deadline: Seconds that all attempts and waits of one call may take together, however slowly
            a peer sends. Only looking up a host's name is not bounded, as the system does that,
            and each address of a host is tried for as long.
        max_retries: How often a call is repeated that may be repeated: one that surely was not
            sent, and for operations that are safe to repeat also one that timed out, or got a
            5xx, a 429 or a broken answer.
        backoff: Bound of the first wait before a retry, in seconds; it doubles each time. 0 for no
            waits at all, not even those that the server asks for: for tests.
        http_client: An `httpx.Client` of your own, for proxies, certificates or limits. Its
            defaults for headers, authentication and redirects are not used, and it is not closed.
            The deadline is looser with it: until the body begins each wait for data has what was
            left when the attempt began, so a peer that drips its header can draw a call out.
        transport: An `httpx.BaseTransport`, for instance a mock's. If it is one of the network,
            the deadline is as loose as with a client of your own.
        clock: Returns the present time in seconds since 1970.
        on_attempt: Called with an `Attempt` after each attempt. What it raises is logged.
        on_drift: Called with a `Drift` for each field, enum value and status of an answer that the
            API document does not know. What it raises is logged.
        strict: Raise `UnexpectedResponseError` for a successful answer with such a thing in it: for
            tests against a live API. An error stays the error that it is.

    Raises:
        ConfigurationError: A setting is missing or malformed; nothing was sent.
    """

    _wires = SyncTransport
    _awaits = False

    @property
    def raw(self) -> RawResources:
        """The same resources, whose methods return a `RawResponse`: status, headers, bytes."""
        return RawResources(_RawEngine(self._core, self._wire))

    @cached_property
    def transactions(self) -> Transactions:
        """The methods of this tag and the helpers over them, imported when they are first used."""
        from calypso_pay.transactions import Transactions

        return Transactions(self._engine)

    @cached_property
    def subscriptions(self) -> Subscriptions:
        """The methods of this tag and the helpers over them, imported when they are first used."""
        from calypso_pay.subscriptions import Subscriptions

        return Subscriptions(self._engine)

    def close(self) -> None:
        """Close the connections, unless they are another client's or your own."""
        self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self, core: Core, wire: SyncTransport) -> None:
        super()._begin(core, wire)
        Resources.__init__(self, _Engine(_RawEngine(core, wire)))


class AsyncCalypso(
    _Shared[AsyncTransport, "httpx.AsyncClient", "httpx.AsyncBaseTransport"], AsyncResources
):
    """The asynchronous client of the Calypso Pay API; in all else like `Calypso`.

    Example::

        async with AsyncCalypso() as calypso:
            account = await calypso.accounts.get()

    Args:
        key: The public API key; else ``CALYPSO_KEY`` from the environment.
        secret: The secret key; else ``CALYPSO_SECRET``.
        account: Id of the merchant account that requests are for; else ``CALYPSO_ACCOUNT``.
        base_url: Where the API is; else ``CALYPSO_BASE_URL``, else https://api.calypso.finance.
            An ``/api/v1`` at its end is left out.
        allow_http: Allow plain http to another machine, where all can read and change what is
            sent; else ``CALYPSO_ALLOW_HTTP=1``. To this machine, and over an in-process transport,
            it is always allowed.
        timeout: Seconds that each of connecting, sending and each wait for data may take.
        deadline: Seconds that all attempts and waits of one call may take together.
        max_retries: How often a call that may be repeated is repeated, as for `Calypso`.
        backoff: Bound of the first wait before a retry, in seconds, as for `Calypso`.
        http_client: An `httpx.AsyncClient` of your own, which is not closed.
        transport: An `httpx.AsyncBaseTransport`, for instance a mock's.
        clock: Returns the present time in seconds since 1970.
        on_attempt: Called with an `Attempt` after each attempt, and awaited if that is possible.
            What it raises is logged.
        on_drift: Called with a `Drift` for each field, enum value and status of an answer that the
            API document does not know, and awaited if that is possible. What it raises is logged.
        strict: Raise `UnexpectedResponseError` for a successful answer with such a thing in it: for
            tests against a live API. An error stays the error that it is.

    Raises:
        ConfigurationError: A setting is missing or malformed; nothing was sent.
    """

    _wires = AsyncTransport
    _awaits = True

    @property
    def raw(self) -> AsyncRawResources:
        """The same resources, whose methods return a `RawResponse`: status, headers, bytes."""
        return AsyncRawResources(_AsyncRawEngine(self._core, self._wire))

    @cached_property
    def transactions(self) -> AsyncTransactions:
        """The methods of this tag and the helpers over them, imported when they are first used."""
        from calypso_pay.transactions import AsyncTransactions

        return AsyncTransactions(self._engine)

    @cached_property
    def subscriptions(self) -> AsyncSubscriptions:
        """The methods of this tag and the helpers over them, imported when they are first used."""
        from calypso_pay.subscriptions import AsyncSubscriptions

        return AsyncSubscriptions(self._engine)

    async def aclose(self) -> None:
        """Close the connections, unless they are another client's or your own."""
        await self._wire.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _begin(self, core: Core, wire: AsyncTransport) -> None:
        super()._begin(core, wire)
        AsyncResources.__init__(self, _AsyncEngine(_AsyncRawEngine(core, wire)))


class _RawEngine(NamedTuple):
    core: Core
    wire: SyncTransport

    def call(self, operation: Operation[T], payload: Payload | None, /) -> RawResponse[T]:
        return self.wire.run(self.core.flow(operation, payload))


class _Engine(NamedTuple):
    raw: _RawEngine

    def call(self, operation: Operation[T], payload: Payload | None, /) -> T:
        return self.raw.call(operation, payload).parsed


class _AsyncRawEngine(NamedTuple):
    core: Core
    wire: AsyncTransport

    async def call(self, operation: Operation[T], payload: Payload | None, /) -> RawResponse[T]:
        return await self.wire.run(self.core.flow(operation, payload))


class _AsyncEngine(NamedTuple):
    raw: _AsyncRawEngine

    async def call(self, operation: Operation[T], payload: Payload | None, /) -> T:
        return (await self.raw.call(operation, payload)).parsed
