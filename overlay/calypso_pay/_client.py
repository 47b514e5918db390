"""The two clients, `Calypso` and `AsyncCalypso`."""

from __future__ import annotations

import time
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeVar

from calypso_api import UNSET
from calypso_api.resources import AsyncRawResources, AsyncResources, RawResources, Resources
from calypso_pay import _options, _request
from calypso_pay._client_engines import AsyncEngine, Engine
from calypso_pay._secret import Secret, Uncopyable

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from calypso_api import RawResponse, Unset
    from calypso_api._drift import Drift
    from calypso_pay._options import Attempt
    from calypso_pay._request import JsonObject, Retry
    from calypso_pay.customers import AsyncCustomers, Customers
    from calypso_pay.subscriptions import AsyncSubscriptions, Subscriptions
    from calypso_pay.transactions import AsyncTransactions, Transactions

E = TypeVar("E", Engine, AsyncEngine)
HttpClient = TypeVar("HttpClient", bound="httpx.Client | httpx.AsyncClient")
HttpTransport = TypeVar(
    "HttpTransport", bound="httpx.BaseTransport | httpx.AsyncBaseTransport | Literal['aiohttp']"
)


class _Client(Uncopyable, Generic[E, HttpClient, HttpTransport]):
    """The options of both clients. All that a client holds is its engine."""

    _engine: E
    _engine_class: type[E]
    _awaits_listeners: bool

    def __init__(  # noqa: PLR0913 - the options of a client
        self,
        *,
        key: str | None = None,
        secret: str | None = None,
        account: str | None = None,
        base_url: str | None = None,
        allow_http: bool | None = None,
        timeout: float | httpx.Timeout = _options.DEFAULT_TIMEOUT,
        deadline: float = _options.DEFAULT_DEADLINE,
        max_retries: int = _options.DEFAULT_MAX_RETRIES,
        backoff: float = _options.DEFAULT_BACKOFF,
        http_client: HttpClient | None = None,
        transport: HttpTransport | None = None,
        clock: Callable[[], float] = time.time,
        on_attempt: Callable[[Attempt], object] | None = None,
        on_drift: Callable[[Drift], object] | None = None,
        strict: bool = False,
    ) -> None:
        # Wrapped first of all, so that no traceback shows them among the local variables.
        pair = Secret(key), Secret(secret)
        del key, secret
        # Imported here: they take most of the start-up time, and only clients need them.
        from calypso_pay import _settings
        from calypso_pay._clock import Clock
        from calypso_pay._engine import Core
        from calypso_pay._transport.auth import KeySign
        from calypso_pay._transport.http_clients import is_in_process

        identity = _settings.identity(key=pair[0], secret=pair[1], account=Secret(account))
        auth = KeySign(identity[0], identity[1])
        options = _options.Options(
            _settings.check_account(identity[2].reveal()),
            _settings.timeouts(timeout),
            deadline,
            max_retries,
            backoff,
            on_attempt,
            on_drift,
            strict,
            _settings.allow_http(allow_http) or is_in_process(transport),
        )
        _settings.check_transport(transport, asynchronous=self._awaits_listeners)
        _settings.check_function("clock", clock)
        options = _settings.check_options(options, awaits_listeners=self._awaits_listeners)
        url = _settings.base_url(
            _settings.default_base_url() if base_url is None else base_url,
            allow_http=options.allow_http,
        )
        core = Core(options, Clock(clock), auth.hide)
        connect = self._engine_class.connect
        self._engine = connect(core, http_client, transport, base_url=url, auth=auth)

    def with_options(  # noqa: PLR0913 - the options of a client
        self,
        *,
        account: str | Unset = UNSET,
        base_url: str | Unset = UNSET,
        allow_http: bool | Unset = UNSET,
        timeout: float | httpx.Timeout | Unset = UNSET,
        deadline: float | Unset = UNSET,
        max_retries: int | Unset = UNSET,
        backoff: float | Unset = UNSET,
        clock: Callable[[], float] | Unset = UNSET,
        on_attempt: Callable[[Attempt], object] | Unset | None = UNSET,
        on_drift: Callable[[Drift], object] | Unset | None = UNSET,
        strict: bool | Unset = UNSET,
    ) -> Self:
        """Return a view of this client with other options; what is not given stays.

        It shares the connections, and closing it leaves them open. So `http_client` and
        `transport`, which make them, are not among the options, and neither are key and secret.

        Args:
            account: Id of the merchant account that requests are for.
            base_url: Where the API is.
            allow_http: Whether plain http to another machine is allowed.
            timeout: Seconds that each of connecting, sending and each wait for data may take, or an
                `httpx.Timeout`.
            deadline: Seconds that all attempts and waits of one call may take together.
            max_retries: Maximum number of retries of a call.
            backoff: Bound of the first wait before a retry, in seconds; 0 for no waits at all.
            clock: Returns the present time in seconds since 1970.
            on_attempt: Called with an `Attempt` after each attempt; None for no listener.
            on_drift: Called with a `Drift` for what the API document does not know; None for no
                listener.
            strict: Whether a successful response with such a thing in it is an error.

        Raises:
            ConfigurationError: An option is malformed, or the connections do not lead to that
                address.
        """
        # Likewise.
        from calypso_pay import _settings
        from calypso_pay._clock import Clock
        from calypso_pay._engine import Core

        given: dict[str, Any] = {
            "account": account,
            "timeout": timeout if timeout is UNSET else _settings.timeouts(timeout),
            "deadline": deadline,
            "max_retries": max_retries,
            "backoff": backoff,
            "on_attempt": on_attempt,
            "on_drift": on_drift,
            "strict": strict,
            "allow_http": allow_http,
        }
        changes = {name: value for name, value in given.items() if value is not UNSET}
        core = self._engine.raw.core
        options = _settings.check_options(
            core.options._replace(**changes), awaits_listeners=self._awaits_listeners
        )
        if clock is not UNSET:
            _settings.check_function("clock", clock)
        core = Core(options, core.clock if clock is UNSET else Clock(clock), core.hide)
        url = self._engine.raw.driver.base_url if base_url is UNSET else base_url
        url = _settings.base_url(url, allow_http=options.allow_http)
        return self._from_engine(self._engine.view(core, url))

    @classmethod
    def _from_engine(cls, engine: E) -> Self:
        client = cls.__new__(cls)
        client._engine = engine  # noqa: SLF001 - of this class
        return client

    def __repr__(self) -> str:
        if not hasattr(self, "_engine"):
            # `__init__` failed, and a traceback shows its local variables.
            return object.__repr__(self)
        raw = self._engine.raw
        account, url = raw.core.options.account, raw.driver.base_url
        return f"<{type(self).__name__} account={account!r} base_url={url!r}>"


class RawCalypso(RawResources):
    """The methods of `Calypso`, returning whole responses: status, headers, bytes and result.

    Args:
        engine: Carries out the operations.
    """

    def request(
        self,
        path: str,
        payload: JsonObject | None = None,
        *,
        method: str = "POST",
        retry: Retry = "unsafe",
        account: bool = True,
    ) -> RawResponse[Any]:
        """Like `Calypso.request`, with the whole response."""
        operation = _request.operation(path, method=method, retry=retry, account=account)
        return self._engine.call(operation, _request.payload(payload))


class AsyncRawCalypso(AsyncRawResources):
    """The methods of `AsyncCalypso`, returning whole responses: status, headers, bytes and result.

    Args:
        engine: Carries out the operations.
    """

    async def request(
        self,
        path: str,
        payload: JsonObject | None = None,
        *,
        method: str = "POST",
        retry: Retry = "unsafe",
        account: bool = True,
    ) -> RawResponse[Any]:
        """Like `AsyncCalypso.request`, with the whole response."""
        operation = _request.operation(path, method=method, retry=retry, account=account)
        return await self._engine.call(operation, _request.payload(payload))


class Calypso(  # type: ignore[misc]  # its `_engine` is narrower than that of `Resources`
    _Client[Engine, "httpx.Client", "httpx.BaseTransport"], Resources
):
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
        base_url: Where the API is; else ``CALYPSO_BASE_URL``, else `calypso_api.SERVERS[0]`.
            An ``/api/v1`` at its end is left out.
        allow_http: Allow plain http to another machine, where others can read and change what
            is sent; else ``CALYPSO_ALLOW_HTTP=1``. To this machine, and over an in-process
            transport, it is always allowed.
        timeout: Seconds that each of connecting, sending and each wait for data may take; or an
            `httpx.Timeout` with a value for each.
        deadline: Seconds that all attempts and waits of one call may take together, however slowly
            a server sends. The look-up of the host's name is not bounded, as the system does it,
            and each address of the host is tried for as long.
        max_retries: Maximum number of retries of a call. A request that was surely not sent is
            retried for every operation. After a timeout, a 5xx, a 429 or an incomplete response,
            only an operation that is safe to retry is.
        backoff: Bound of the first wait before a retry, in seconds; it doubles each time. 0 for no
            waits at all, not even those that the server asks for: for tests.
        http_client: An `httpx.Client` of your own, for proxies, certificates or limits. Its
            defaults for headers, authentication and redirects are not used, and it is not closed.
            The deadline is less strict with it: a server that sends its headers slowly can exceed
            it.
        transport: An `httpx.BaseTransport`, for instance a mock's. With a network
            transport the deadline is as with a client of your own.
        clock: Returns the present time in seconds since 1970.
        on_attempt: Called with an `Attempt` after each attempt. What it raises is logged.
        on_drift: Called with a `Drift` for each field, enum value and status of a response that the
            API document does not know. What it raises is logged.
        strict: Raise `UnexpectedResponseError` for a successful response with such a thing in it,
            for tests against a live API. Other errors are raised as usual.

    Raises:
        ConfigurationError: A setting is missing or malformed; nothing was sent.
    """

    _engine_class = Engine
    _awaits_listeners = False

    @property
    def raw(self) -> RawCalypso:
        """The same methods, which return a `RawResponse`: status, headers, bytes."""
        return RawCalypso(self._engine.raw)

    def request(
        self,
        path: str,
        payload: JsonObject | None = None,
        *,
        method: str = "POST",
        retry: Retry = "unsafe",
        account: bool = True,
    ) -> Any:  # noqa: ANN401 - any JSON
        """Call an operation of the vendor's API that has no method here.

        It is signed, stamped and retried, and its errors and outcomes are like those of every call.

        Args:
            path: Path of the operation, such as ``/api/v1/invoice``; never a whole address, for
                key and signature would go there.
            payload: What the envelope carries: plain JSON values, with `Decimal` for numbers that
                have a fraction. None for an operation that has none.
            method: HTTP method. The envelope is sent with each of them.
            retry: ``"safe"`` when the operation may be carried out twice: then it is retried also
                after a timeout or a 5xx. Otherwise such a call ends in `OutcomeUnknownError`.
            account: Whether the envelope names the merchant account. The vendor's rates and
                ``user/current`` need one that does not (documented).

        Returns:
            The decoded JSON, in which numbers with a fraction are `Decimal`; None for an empty
            response.

        Raises:
            APIError: The server rejects the call; its subclass shows the reason.
            TransportError: No readable response was received, and nothing was done twice.
            OutcomeUnknownError: It may or may not have been carried out: find out before you call
                again.
            UnexpectedResponseError: The response is not JSON, or an error without the vendor's
                code.
            TypeError: The payload holds a float, or something else that JSON has no exact form for.
            ValueError: The path, the method or `retry` is malformed, or the payload holds a number
                or a text that JSON cannot express.
        """
        return self.raw.request(path, payload, method=method, retry=retry, account=account).parsed

    @cached_property
    def customers(self) -> Customers:
        """The methods of this tag and the helper over them, imported when they are first used."""
        from calypso_pay.customers import Customers

        return Customers(self._engine, self._engine.raw.core.options)

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
        self._engine.raw.driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncCalypso(  # type: ignore[misc]  # likewise
    _Client[AsyncEngine, "httpx.AsyncClient", "httpx.AsyncBaseTransport | Literal['aiohttp']"],
    AsyncResources,
):
    """The asynchronous client of the Calypso Pay API; in all else like `Calypso`.

    Example::

        async with AsyncCalypso() as calypso:
            account = await calypso.accounts.get()

    Args:
        key: The public API key; else ``CALYPSO_KEY`` from the environment.
        secret: The secret key; else ``CALYPSO_SECRET``.
        account: Id of the merchant account that requests are for; else ``CALYPSO_ACCOUNT``.
        base_url: Where the API is; else ``CALYPSO_BASE_URL``, else `calypso_api.SERVERS[0]`.
            An ``/api/v1`` at its end is left out.
        allow_http: Allow plain http to another machine, where others can read and change what
            is sent; else ``CALYPSO_ALLOW_HTTP=1``. To this machine, and over an in-process
            transport, it is always allowed.
        timeout: Seconds that each of connecting, sending and each wait for data may take; or an
            `httpx.Timeout` with a value for each.
        deadline: Seconds that all attempts and waits of one call may take together.
        max_retries: Maximum number of retries of a call, as for `Calypso`.
        backoff: Bound of the first wait before a retry, in seconds, as for `Calypso`.
        http_client: An `httpx.AsyncClient` of your own, which is not closed.
        transport: ``"aiohttp"`` to send over aiohttp (extra ``aiohttp``), which takes much less
            processor time for many calls at once; or an `httpx.AsyncBaseTransport`, for instance a
            mock's.
        clock: Returns the present time in seconds since 1970.
        on_attempt: Called with an `Attempt` after each attempt, and awaited if that is possible.
            What it raises is logged.
        on_drift: Called with a `Drift` for each field, enum value and status of a response that the
            API document does not know, and awaited if that is possible. What it raises is logged.
        strict: Raise `UnexpectedResponseError` for a successful response with such a thing in it,
            for tests against a live API. Other errors are raised as usual.

    Raises:
        ConfigurationError: A setting is missing or malformed; nothing was sent.
    """

    _engine_class = AsyncEngine
    _awaits_listeners = True

    @property
    def raw(self) -> AsyncRawCalypso:
        """The same methods, which return a `RawResponse`: status, headers, bytes."""
        return AsyncRawCalypso(self._engine.raw)

    async def request(
        self,
        path: str,
        payload: JsonObject | None = None,
        *,
        method: str = "POST",
        retry: Retry = "unsafe",
        account: bool = True,
    ) -> Any:  # noqa: ANN401 - any JSON
        """Call an operation of the vendor's API that has no method here, as `Calypso.request` does.

        Args:
            path: Path of the operation, such as ``/api/v1/invoice``; never a whole address.
            payload: What the envelope carries: plain JSON values, with `Decimal` for numbers that
                have a fraction. None for an operation that has none.
            method: HTTP method. The envelope is sent with each of them.
            retry: ``"safe"`` when the operation may be carried out twice.
            account: Whether the envelope names the merchant account.

        Returns:
            The decoded JSON, in which numbers with a fraction are `Decimal`; None for an empty
            response.

        Raises:
            APIError: The server rejects the call; its subclass shows the reason.
            TransportError: No readable response was received, and nothing was done twice.
            OutcomeUnknownError: It may or may not have been carried out: find out before you call
                again.
            UnexpectedResponseError: The response is not JSON, or an error without the vendor's
                code.
            TypeError: The payload holds a float, or something else that JSON has no exact form for.
            ValueError: The path, the method or `retry` is malformed, or the payload holds a number
                or a text that JSON cannot express.
        """
        raw = self.raw
        return (
            await raw.request(path, payload, method=method, retry=retry, account=account)
        ).parsed

    @cached_property
    def customers(self) -> AsyncCustomers:
        """The methods of this tag and the helper over them, imported when they are first used."""
        from calypso_pay.customers import AsyncCustomers

        return AsyncCustomers(self._engine, self._engine.raw.core.options)

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
        await self._engine.raw.driver.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
