"""The only module that speaks httpx: the signing hook, and the two drivers of the engine."""

from __future__ import annotations

import platform
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Generic, Self, TypeVar, final

import httpx

from calypso_pay._errors import ConfigurationError
from calypso_pay._exchange import Answer, Await, Failed, Interrupted, Report, Send, Sleep, Step
from calypso_pay._failures import forget_locals, passing
from calypso_pay._httpx_quirks import deadline, orphans, progress, surplus
from calypso_pay._place import GivenConnections, OwnConnections, Place, closed
from calypso_pay._secret import Secret, Uncopied
from calypso_pay._settings import check_key, check_secret, is_loopback
from calypso_pay._signing import Signer
from calypso_pay._text import without_secrets
from calypso_pay._version import __version__

if TYPE_CHECKING:
    import asyncio
    import ssl
    from collections.abc import AsyncGenerator, Generator, Iterator

    from calypso_pay._place import Connections

T = TypeVar("T")
C = TypeVar("C", httpx.Client, httpx.AsyncClient)

MAX_ANSWER = 16 * 1024 * 1024
# httpx keeps an idle connection for five seconds, as long as many servers do and longer than some.
# A server that closes one just as a request is sent over it leaves open whether that had an effect.
_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=1.0)
_LATE = "it had not come to its end at the deadline."

_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Content-Type": "application/json",
    "User-Agent": f"calypso-pay/{__version__} python/{platform.python_version()}",
}
# With a foreign transport plugged into httpx the type of an exception alone proves nothing: one
# reports a connection that broke after the request was read as ConnectTimeout. So these count
# only where nothing, or one of those trusted, is the cause.
_UNSENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)
# httpcore itself, and respx, which names itself as the cause of what a test lets it raise.
_TRUSTED = {"httpcore", "respx"}


@final
class KeySign(Uncopied, httpx.Auth):
    """Sign requests: the ``Key`` and ``Sign`` headers over the exact bytes of the body.

    Works with any httpx client, sync or async, and so with the bare generated ``Client``::

        Client(base_url="https://api.calypso.finance", httpx_args={"auth": KeySign(key, secret)})

    Source: documented (api-authentication page).

    Args:
        key: The public API key.
        secret: The secret key, used as its characters stand.

    Raises:
        ConfigurationError: One of them is empty or cannot be used.
    """

    requires_request_body = True

    def __init__(self, key: str | Secret, secret: str | Secret) -> None:
        # First of all, so that no traceback finds them among the local variables.
        pair = Secret.of(key), Secret.of(secret)
        del key, secret
        self._key = check_key(pair[0])
        self._signer = Signer(check_secret(pair[1]))

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign one request; httpx calls this."""
        self._sign(request, request.read())
        yield request

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Sign one request; httpx calls this."""
        self._sign(request, await request.aread())
        yield request

    def hide(self, text: str) -> str:
        """Return a text without the key and without signatures, such as an answer that quotes them.

        Args:
            text: Any text.
        """
        return without_secrets(text, str(self._key.reveal()))

    def _sign(self, request: httpx.Request, body: bytes) -> None:
        request.headers["Key"] = str(self._key.reveal())
        request.headers["Sign"] = self._signer.sign(body)

    def __repr__(self) -> str:
        return "KeySign(…)"


class _Wire(Generic[C]):
    """What both drivers share: how a request is made, and whose the connections are."""

    _client_class: type[C]
    _transport_class: type[httpx.BaseTransport | httpx.AsyncBaseTransport]

    def __init__(
        self, connections: Connections[C], *, base_url: str, auth: KeySign, owned: bool
    ) -> None:
        self.base_url = base_url
        self._connections: Connections[C] = connections
        self._auth = auth
        self._owned = owned

    @classmethod
    def over(cls, given: object, transport: object, *, base_url: str, auth: KeySign) -> Self:
        """Return a driver over the client that was given, or over one of its own.

        Raises:
            ConfigurationError: Client and transport were given, or something that is neither, or
                httpx cannot use the address or what the environment says of proxies and
                certificates.
        """
        if given is not None and transport is not None:
            raise ConfigurationError("Give http_client or transport, not both.")
        _check("http_client", given, cls._client_class)
        _check("transport", transport, cls._transport_class)
        with _as_configuration_error():
            httpx.URL(base_url)
        connections = cls._connect(given, transport, base_url)
        return cls(connections, base_url=base_url, auth=auth, owned=given is None)

    @property
    def _is_custom(self) -> bool:
        return isinstance(self._connections, GivenConnections)

    @classmethod
    def _connect(cls, given: object, transport: object, base_url: str) -> Connections[C]:
        if given is not None:
            return GivenConnections(given, "http_client", bound=True)  # type: ignore[arg-type]
        if transport is not None:
            client = cls._client_class(transport=transport)  # type: ignore[arg-type]
            bound = isinstance(transport, httpx.AsyncHTTPTransport)
            return GivenConnections(client, "transport", bound=bound)
        # Reading the certificates takes longer than all else, and every place can use the same.
        with _as_configuration_error():
            certificates = httpx.create_ssl_context()
        # A proxy elsewhere can't reach this machine, and would be shown key, signature and body.
        proxies = not is_loopback(httpx.URL(base_url).host)
        return OwnConnections(lambda: cls._make(certificates, proxies=proxies), cls._settle)

    @staticmethod
    def _settle(client: C) -> object:  # noqa: ARG004 - the asynchronous one needs it
        """Do what is needed at the place where a client is used, once."""
        return None

    @classmethod
    def _make(cls, certificates: ssl.SSLContext, *, proxies: bool) -> C:
        with _as_configuration_error():
            return cls._client_class(verify=certificates, trust_env=proxies, limits=_LIMITS)

    def shared(self, base_url: str) -> Self:
        """Return a driver over the same connections that does not own them.

        Raises:
            ConfigurationError: These connections do not lead there.
        """
        here, there = (is_loopback(httpx.URL(url).host) for url in (self.base_url, base_url))
        if here is not there and not self._is_custom:
            raise ConfigurationError(
                "base_url cannot be changed from this machine to another one or back: those "
                "connections may go through a proxy. Make a client of its own for it."
            )
        return type(self)(self._connections, base_url=base_url, auth=self._auth, owned=False)

    def _request(self, step: Send) -> httpx.Request:
        # Built here and not by the client, so that defaults of a user's own client change nothing.
        timeout = step.timeout._asdict().items()
        return httpx.Request(
            step.method,
            self.base_url + step.path,
            headers=_HEADERS,
            content=step.body,
            extensions={
                "timeout": {name: deadline.Until(it, step.expires) for name, it in timeout}
            },
        )

    def _passing(self, error: BaseException) -> BaseException | None:
        if isinstance(error, deadline.CarriedError):
            return error.error
        return passing(error, is_custom=self._is_custom)

    def _failed(
        self, client: C, error: BaseException, request: httpx.Request, *, connecting: bool = False
    ) -> Failed | Interrupted:
        interrupting = self._passing(error)
        if interrupting is not None and client.is_closed and isinstance(error, RuntimeError):
            return _unusable(closed())
        if interrupting is not None:
            return Interrupted(interrupting, unsent=False)
        failure = _without_headers(error, request, connecting=connecting)
        timed_out, unsent = isinstance(failure, httpx.TimeoutException), _surely_unsent(failure)
        proxy = None if self._is_custom else _proxy_for(request.url)
        through = f" through the proxy {proxy}, which the environment names," if proxy else ""
        server = f"{self.base_url}{through}"
        return Failed(server, failure, unsent=unsent, timed_out=timed_out)

    def _broke_off(
        self, error: BaseException, request: httpx.Request, reader: _Reader
    ) -> BaseException | None:
        """Take in that an answer ended before its end, or return what goes on to the caller."""
        interrupting = self._passing(error)
        if interrupting is None:
            reader.broke_off(_without_headers(error, request))
        return interrupting


@final
class SyncTransport(_Wire[httpx.Client]):
    """Drive the engine over an `httpx.Client`."""

    _client_class = httpx.Client
    _transport_class = httpx.BaseTransport

    def run(self, flow: Generator[Step, Report, T]) -> T:
        """Do what the engine asks until it returns or raises."""
        # A report is handed on and not kept: a traceback would show the answer in it.
        reports: list[Report] = [None]
        while True:
            try:
                step = flow.send(reports.pop())
            except StopIteration as stop:
                result: T = stop.value
                return result
            reports.append(self._report(step))

    def close(self) -> None:
        """Close the connections of this process, if they are our own."""
        client = self._connections.pop(Place.here()) if self._owned else None
        if client is not None:
            client.close()

    @classmethod
    def _make(cls, certificates: ssl.SSLContext, *, proxies: bool) -> httpx.Client:
        client = super()._make(certificates, proxies=proxies)
        deadline.keep(client, _of_caller)
        orphans.guard(client)
        return client

    def _report(self, step: Step) -> Report:
        try:
            return _emptied(self._do(step))
        except BaseException as error:  # noqa: BLE001 - it goes on to the caller
            return _emptied(Interrupted(error, unsent=False))

    def _do(self, step: Step) -> Report:
        if isinstance(step, Sleep):
            try:
                time.sleep(step.seconds)
            except BaseException as error:  # noqa: BLE001 - it goes on to the caller
                return Interrupted(error, unsent=True)
            return None
        if isinstance(step, Await):
            step.listening.close()
            return None
        try:
            client = self._connections.at(Place.here())
        except ConfigurationError as error:
            return _unusable(error)
        request, report = self._request(step), None
        try:
            report = self._exchange(client, step, request)
        finally:
            if not _is_whole(report):
                mark = request.extensions["timeout"]
                orphans.release(client, mark, interrupted=_is_anywhere(report))
        return report

    def _exchange(
        self, client: httpx.Client, step: Send, request: httpx.Request
    ) -> Answer | Failed | Interrupted:
        try:
            response = client.send(request, auth=self._auth, stream=True, follow_redirects=False)
        except BaseException as error:  # noqa: BLE001 - what is not the transport's goes on
            return self._failed(client, error, request)
        reader, interrupting = _Reader(response, step), None
        try:
            if reader.wants_more():
                # Not by `iter_raw`, which would give the connection back at once.
                for chunk in response.stream:  # type: ignore[union-attr]
                    if not reader.take(chunk):
                        break
                surplus.shut(response)
        except BaseException as error:  # noqa: BLE001 - likewise
            interrupting = self._broke_off(error, request, reader)
        try:
            response.close()
        except BaseException as error:  # noqa: BLE001 - likewise
            interrupting = interrupting or self._passing(error)
        return Interrupted(interrupting, unsent=False) if interrupting else reader.answer()


@final
class AsyncTransport(_Wire[httpx.AsyncClient]):
    """Drive the engine over an `httpx.AsyncClient`."""

    _client_class = httpx.AsyncClient
    _transport_class = httpx.AsyncBaseTransport

    async def run(self, flow: Generator[Step, Report, T]) -> T:
        """Do what the engine asks until it returns or raises."""
        # A report is handed on and not kept: a traceback would show the answer in it.
        reports: list[Report] = [None]
        while True:
            try:
                step = flow.send(reports.pop())
            except StopIteration as stop:
                result: T = stop.value
                return result
            reports.append(await self._report(step))

    async def close(self) -> None:
        """Close the connections of this event loop, if they are our own.

        Those of other event loops are closed when these end.
        """
        client = self._connections.pop(_here()) if self._owned else None
        if client is not None:
            await client.aclose()

    @staticmethod
    def _settle(client: httpx.AsyncClient) -> object:
        # An event loop closes the asynchronous generators that began in it before it ends. It
        # begins in its first step, and does not wait in it, so nothing has to wait for it here.
        last = _close_at_the_end(client)
        with suppress(StopIteration):
            last.__anext__().send(None)
        return last

    async def _report(self, step: Step) -> Report:
        try:
            return _emptied(await self._do(step))
        except GeneratorExit:
            raise
        except BaseException as error:  # noqa: BLE001 - it goes on to the caller
            return _emptied(Interrupted(error, unsent=False))

    async def _do(self, step: Step) -> Report:
        if not isinstance(step, Send):
            try:
                await (_sleep(step) if isinstance(step, Sleep) else step.listening)
            except GeneratorExit:
                raise
            except BaseException as error:  # noqa: BLE001 - it goes on to the caller
                return Interrupted(error, unsent=True)
            return None
        try:
            client = self._connections.at(_here())
        except ConfigurationError as error:
            return _unusable(error)
        request, seen = self._request(step), progress.Progress()
        request.extensions["trace"] = seen
        report = None
        try:
            report = await self._exchange(client, step, request, seen)
        finally:
            if not _is_whole(report):
                mark = request.extensions["timeout"]
                await orphans.arelease(client, mark, interrupted=_is_anywhere(report))
        return report

    async def _exchange(
        self,
        client: httpx.AsyncClient,
        step: Send,
        request: httpx.Request,
        seen: progress.Progress,
    ) -> Answer | Failed | Interrupted:
        try:
            async with _until(step):
                response = await client.send(
                    request, auth=self._auth, stream=True, follow_redirects=False
                )
        except GeneratorExit:
            raise
        except BaseException as error:  # noqa: BLE001 - what is not the transport's goes on
            return self._failed(client, error, request, connecting=seen.connecting)
        reader, interrupting = _Reader(response, step), None
        try:
            if reader.wants_more():
                async with _until(step):
                    async for chunk in response.stream:  # type: ignore[union-attr]
                        if not reader.take(chunk):
                            break
                    await surplus.ashut(response)
        except GeneratorExit:
            raise
        except BaseException as error:  # noqa: BLE001 - likewise
            interrupting = self._broke_off(error, request, reader)
        try:
            await response.aclose()
        except GeneratorExit:
            raise
        except BaseException as error:  # noqa: BLE001 - likewise
            interrupting = interrupting or self._passing(error)
        return Interrupted(interrupting, unsent=False) if interrupting else reader.answer()


class _Reader:
    """Take in the body of an answer: no more than the cap, no longer than the deadline."""

    def __init__(self, response: httpx.Response, step: Send) -> None:
        self._response = response
        self._expires = step.expires
        self._content = bytearray()
        self._flaw: str | None = None
        self._cause: Exception | None = None

    def wants_more(self) -> bool:
        """Tell whether there is a body to read."""
        encoding = self._response.headers.get("content-encoding", "").strip().lower()
        if encoding not in {"", "identity"}:
            self._flaw = f"its body is encoded as {encoding}, which was not asked for."
        elif self._response.is_stream_consumed:
            # A transport for tests may hand over a response that was read already.
            self.take(self._response.content)
        return self._flaw is None and not self._response.is_stream_consumed

    def take(self, chunk: bytes) -> bool:
        """Add a piece, and tell whether to go on."""
        if len(self._content) + len(chunk) > MAX_ANSWER:
            self._flaw = f"it is larger than {MAX_ANSWER // 1024 // 1024} MiB."
        elif time.monotonic() > self._expires:
            self._flaw = _LATE
        else:
            self._content += chunk
        return self._flaw is None

    def broke_off(self, cause: Exception) -> None:
        """Note that the answer ended before its end."""
        late = time.monotonic() > self._expires
        self._flaw = _LATE if late else f"it broke off ({type(cause).__name__})."
        self._cause = cause

    def answer(self) -> Answer:
        """Return what was read."""
        status, content = self._response.status_code, bytes(self._content)
        return Answer(status, self._response.headers, content, self._flaw, self._cause)


def _of_caller(error: BaseException) -> BaseException | None:
    return passing(error, is_custom=False)


def stays_in_process(transport: object) -> bool:
    """Tell whether this is a transport that is not httpx's own way to the network."""
    network = httpx.HTTPTransport | httpx.AsyncHTTPTransport | None
    return not isinstance(transport, network)


def _proxy_for(url: httpx.URL) -> str | None:
    """Return the proxy that the environment names for an address, without its password."""
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    found = proxies.get(url.scheme) or proxies.get("all")
    if not found or is_loopback(url.host) or proxy_bypass(url.host):
        return None
    proxy = httpx.URL(found if "://" in found else f"http://{found}")
    return str(proxy.copy_with(userinfo=b""))


@contextmanager
def _as_configuration_error() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise ConfigurationError(
            "httpx cannot use base_url, or what the environment says of proxies and certificates "
            f"(HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE, …): {type(error).__name__}: {error}"
        ) from error


def _check(name: str, value: object, wanted: type) -> None:
    if value is None or isinstance(value, wanted):
        return
    kind = type(value)
    given = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
    clients = name == "http_client"
    sync = httpx.Client if clients else httpx.BaseTransport
    other = httpx.AsyncClient if clients else httpx.AsyncBaseTransport
    advice = (
        f"Calypso takes an httpx.{sync.__name__}, AsyncCalypso an httpx.{other.__name__}."
        if isinstance(value, sync | other)
        else "calypso-pay works with httpx 0.27 and 0.28. "
        f"Make the {'client' if clients else name} with httpx."
    )
    raise ConfigurationError(
        f"{name} has to be an httpx.{wanted.__name__}, which {given} is not: {advice}"
    )


def _unusable(error: ConfigurationError) -> Failed:
    return Failed("", error, unsent=True, timed_out=False)


def _surely_unsent(error: Exception) -> bool:
    cause = error.__cause__
    known = cause is None or type(cause).__module__.partition(".")[0] in _TRUSTED
    return known and isinstance(error, _UNSENT)


def _without_headers(
    error: BaseException, request: httpx.Request, *, connecting: bool = False
) -> httpx.TransportError:
    """Take the request out of an exception, for its headers hold key and signature."""
    foreign = error
    if isinstance(error, TimeoutError):
        late = httpx.ConnectTimeout if connecting else httpx.ReadTimeout
        error = late("the deadline of the call is over")
    elif not isinstance(error, httpx.TransportError):
        # What its attributes and its text hold is unknown, so only its name and place are kept.
        error = httpx.TransportError(f"{type(error).__name__} from the transport")
    elif isinstance(error, httpx.ProtocolError):
        # After the colon it quotes what came, which may be a secret; its causes do so too.
        error = type(error)(str(error).partition(":")[0])
    error.__traceback__ = foreign.__traceback__
    error.request = httpx.Request(request.method, request.url)
    return error


def _is_whole(report: Report) -> bool:
    return isinstance(report, Answer) and not report.flaw


def _is_anywhere(report: Report) -> bool:
    """Tell whether what broke a call off may have come at any point; a cancelling does not."""
    is_cancelled = isinstance(report, Interrupted) and "Cancelled" in type(report.error).__name__
    return not (is_cancelled or isinstance(report, Answer | Failed))


def _emptied(report: Report) -> Report:
    """Empty the frames that an exception of the caller's left: those that were sending."""
    if isinstance(report, Interrupted):
        forget_locals(report.error, is_ours=False)
    return report


# Imported there and not above: it would double the start-up time of those who never call it.
def _until(step: Send) -> asyncio.Timeout:
    import asyncio

    return asyncio.timeout(step.expires - time.monotonic())


async def _close_at_the_end(client: httpx.AsyncClient) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        await client.aclose()


def _here() -> Place:
    import asyncio

    try:
        return Place.here(asyncio.get_running_loop())
    except RuntimeError:
        raise ConfigurationError(
            "AsyncCalypso works under asyncio, and no event loop of it is running. Under trio, "
            "call a Calypso in a thread: await trio.to_thread.run_sync(calypso.accounts.get)."
        ) from None


async def _sleep(step: Sleep) -> None:
    import asyncio

    await asyncio.sleep(step.seconds)
