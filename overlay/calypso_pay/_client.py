"""The two clients: what a merchant's program holds in its hand."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Generic, NoReturn, Self, TypeVar, final

from calypso_api.resources import AsyncRawResources, AsyncResources, RawResources, Resources
from calypso_pay import _settings
from calypso_pay._clock import Clock
from calypso_pay._engine import Core
from calypso_pay._options import Attempt
from calypso_pay._secret import Secret
from calypso_pay._transport import (
    AsyncTransport,
    KeySign,
    SyncTransport,
    async_client,
    sync_client,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from calypso_api import Operation, RawResponse
    from calypso_api._engine import Payload
    from calypso_pay._options import Attempt

T = TypeVar("T")
W = TypeVar("W", SyncTransport, AsyncTransport)


class _Shared(Generic[W]):
    """What both clients have in common: their options, and that they show no secret."""

    _core: Core
    _wire: W
    _base_url: str = ""

    def with_options(
        self,
        *,
        timeout: float | None = None,
        deadline: float | None = None,
        max_retries: int | None = None,
        account: str | None = None,
    ) -> Self:
        """Return a view of this client with other options.

        It shares the connections; closing it leaves them open. What is not given stays.

        Args:
            timeout: Seconds that each of connecting, sending and each wait for data may take.
            deadline: Seconds that all attempts and waits of one call may take together.
            max_retries: How often a call that may be repeated is repeated.
            account: Id of the merchant account that requests are for.

        Raises:
            ConfigurationError: An option is malformed.
        """
        old = self._core.options
        new = _settings.options(
            old.account if account is None else _settings.check_account(account),
            old.timeout if timeout is None else timeout,
            old.deadline if deadline is None else deadline,
            old.max_retries if max_retries is None else max_retries,
            old.on_attempt,
        )
        view = type(self).__new__(type(self))
        view._begin(Core(new, self._core.clock), self._wire.shared(), self._base_url)  # noqa: SLF001 - one of us
        return view

    def _begin(self, core: Core, wire: W, url: str) -> None:
        self._core = core
        self._wire = wire
        self._base_url = url

    def __repr__(self) -> str:
        # A traceback that shows local variables asks for it before the client is made, too.
        if not self._base_url:
            return f"<{type(self).__name__}, not made>"
        account = self._core.options.account
        return f"<{type(self).__name__} account={account!r} base_url={self._base_url!r}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} cannot be pickled or copied: make a new one")


class Calypso(_Shared[SyncTransport], Resources):
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
        timeout: Seconds that each of connecting, sending and each wait for data may take.
        deadline: Seconds that all attempts and waits of one call may take together.
        max_retries: How often a call is repeated that may be repeated: one that surely was not
            sent, and for operations that are safe to repeat also one that timed out, or got a
            5xx, a 429 or a broken answer.
        http_client: An `httpx.Client` of your own, for proxies, certificates or limits. Its
            defaults for headers, authentication and redirects are not used, and it is not closed.
        transport: An `httpx.BaseTransport`, for instance a mock's.
        clock: Returns the present time in seconds since 1970.
        on_attempt: Called with an `Attempt` after each attempt. What it raises is logged.

    Raises:
        ConfigurationError: A setting is missing or malformed; nothing was sent.
    """

    def __init__(  # noqa: PLR0913 - what a client can be told
        self,
        key: str | None = None,
        secret: str | None = None,
        account: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float = _settings.DEFAULT_TIMEOUT,
        deadline: float = _settings.DEFAULT_DEADLINE,
        max_retries: int = _settings.DEFAULT_MAX_RETRIES,
        http_client: httpx.Client | None = None,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.time,
        on_attempt: Callable[[Attempt], object] | None = None,
    ) -> None:
        # First of all, so that no traceback finds the secret among the local variables.
        wrapped = Secret(secret)
        del secret
        who = _settings.identity(key, wrapped, account)
        options = _settings.options(who.account, timeout, deadline, max_retries, on_attempt)
        url = _settings.base_url(base_url)
        wire = SyncTransport(
            sync_client(http_client, transport),
            base_url=url,
            auth=KeySign(who.key, who.secret),
            owned=http_client is None,
        )
        self._begin(Core(options, Clock(clock)), wire, url)

    @property
    def raw(self) -> RawResources:
        """The same resources, whose methods return a `RawResponse`: status, headers, bytes."""
        return RawResources(_RawEngine(self._core, self._wire))

    def close(self) -> None:
        """Close the connections, unless they are another client's or your own."""
        self._wire.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin(self, core: Core, wire: SyncTransport, url: str) -> None:
        super()._begin(core, wire, url)
        Resources.__init__(self, _Engine(core, wire))


class AsyncCalypso(_Shared[AsyncTransport], AsyncResources):
    """The asynchronous client of the Calypso Pay API; in all else like `Calypso`.

    Example::

        async with AsyncCalypso() as calypso:
            account = await calypso.accounts.get()

    Args:
        key: The public API key; else ``CALYPSO_KEY`` from the environment.
        secret: The secret key; else ``CALYPSO_SECRET``.
        account: Id of the merchant account that requests are for; else ``CALYPSO_ACCOUNT``.
        base_url: Where the API is; else ``CALYPSO_BASE_URL``, else https://api.calypso.finance.
        timeout: Seconds that each of connecting, sending and each wait for data may take.
        deadline: Seconds that all attempts and waits of one call may take together.
        max_retries: How often a call that may be repeated is repeated, as for `Calypso`.
        http_client: An `httpx.AsyncClient` of your own, which is not closed.
        transport: An `httpx.AsyncBaseTransport`, for instance a mock's.
        clock: Returns the present time in seconds since 1970.
        on_attempt: Called with an `Attempt` after each attempt. What it raises is logged.

    Raises:
        ConfigurationError: A setting is missing or malformed; nothing was sent.
    """

    def __init__(  # noqa: PLR0913 - what a client can be told
        self,
        key: str | None = None,
        secret: str | None = None,
        account: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float = _settings.DEFAULT_TIMEOUT,
        deadline: float = _settings.DEFAULT_DEADLINE,
        max_retries: int = _settings.DEFAULT_MAX_RETRIES,
        http_client: httpx.AsyncClient | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.time,
        on_attempt: Callable[[Attempt], object] | None = None,
    ) -> None:
        wrapped = Secret(secret)
        del secret
        who = _settings.identity(key, wrapped, account)
        options = _settings.options(who.account, timeout, deadline, max_retries, on_attempt)
        url = _settings.base_url(base_url)
        wire = AsyncTransport(
            async_client(http_client, transport),
            base_url=url,
            auth=KeySign(who.key, who.secret),
            owned=http_client is None,
        )
        self._begin(Core(options, Clock(clock)), wire, url)

    @property
    def raw(self) -> AsyncRawResources:
        """The same resources, whose methods return a `RawResponse`: status, headers, bytes."""
        return AsyncRawResources(_AsyncRawEngine(self._core, self._wire))

    async def aclose(self) -> None:
        """Close the connections, unless they are another client's or your own."""
        await self._wire.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _begin(self, core: Core, wire: AsyncTransport, url: str) -> None:
        super()._begin(core, wire, url)
        AsyncResources.__init__(self, _AsyncEngine(core, wire))


@final
class _RawEngine:
    def __init__(self, core: Core, wire: SyncTransport) -> None:
        self._core = core
        self._wire = wire

    def call(self, operation: Operation[T], payload: Payload | None, /) -> RawResponse[T]:
        return self._wire.run(self._core.flow(operation, payload))


@final
class _Engine:
    def __init__(self, core: Core, wire: SyncTransport) -> None:
        self._core = core
        self._wire = wire

    def call(self, operation: Operation[T], payload: Payload | None, /) -> T:
        return self._wire.run(self._core.flow(operation, payload)).parsed


@final
class _AsyncRawEngine:
    def __init__(self, core: Core, wire: AsyncTransport) -> None:
        self._core = core
        self._wire = wire

    async def call(self, operation: Operation[T], payload: Payload | None, /) -> RawResponse[T]:
        return await self._wire.run(self._core.flow(operation, payload))


@final
class _AsyncEngine:
    def __init__(self, core: Core, wire: AsyncTransport) -> None:
        self._core = core
        self._wire = wire

    async def call(self, operation: Operation[T], payload: Payload | None, /) -> T:
        return (await self._wire.run(self._core.flow(operation, payload))).parsed
