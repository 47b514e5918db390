"""The only module that speaks httpx: the signing hook, and the two drivers of the engine."""

from __future__ import annotations

import platform
import time
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, Self, TypeVar, final

import httpx

from calypso_pay._errors import ConfigurationError
from calypso_pay._exchange import Answer, Failed, Report, Send, Sleep, Step
from calypso_pay._httpx_quirks import deadline, orphans, progress, surplus
from calypso_pay._secret import Secret, Uncopied
from calypso_pay._settings import check_key, check_secret
from calypso_pay._signing import Signer
from calypso_pay._version import __version__

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator, Generator

T = TypeVar("T")
C = TypeVar("C", httpx.Client, httpx.AsyncClient)

MAX_ANSWER = 16 * 1024 * 1024
_LATE = "it had not come to its end at the deadline."

_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "Content-Type": "application/json",
    "User-Agent": f"calypso-pay/{__version__} python/{platform.python_version()}",
}
# With a foreign transport plugged into httpx the type of an exception alone proves nothing: one
# reports a connection that broke after the request was read as ConnectTimeout. So these count
# only where nothing, or httpcore itself, is the cause.
_UNSENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


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

    def _sign(self, request: httpx.Request, body: bytes) -> None:
        request.headers["Key"] = str(self._key.reveal())
        request.headers["Sign"] = self._signer.sign(body)

    def __repr__(self) -> str:
        return "KeySign(…)"


class _Wire(Generic[C]):
    """What both drivers share: how a request is made, and whose the connections are."""

    _client_class: type[C]
    _transport_class: type[httpx.BaseTransport | httpx.AsyncBaseTransport]

    def __init__(self, client: C, *, base_url: str, auth: KeySign, owned: bool) -> None:
        self.base_url = base_url
        self._client: C = client
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
        owned = given is None
        try:
            httpx.URL(base_url)
            client = cls._client_class(transport=transport) if owned else given  # type: ignore[arg-type]
        except Exception as error:
            raise ConfigurationError(
                "httpx cannot use base_url, or what the environment says of proxies and "
                f"certificates (HTTPS_PROXY, SSL_CERT_FILE, …): {type(error).__name__}: {error}"
            ) from error
        if isinstance(client, httpx.Client) and owned and transport is None:
            deadline.keep(client)
        return cls(client, base_url=base_url, auth=auth, owned=owned)  # type: ignore[arg-type]

    def shared(self) -> Self:
        """Return a driver over the same connections that does not own them."""
        return type(self)(self._client, base_url=self.base_url, auth=self._auth, owned=False)

    def _request(self, step: Send) -> httpx.Request:
        # Built here and not by the client, so that defaults of a user's own client change nothing.
        phases = ("connect", "read", "write", "pool")
        timeout = deadline.Until(step.timeout, step.expires)
        return httpx.Request(
            step.method,
            self.base_url + step.path,
            headers=_HEADERS,
            content=step.body,
            extensions={"timeout": dict.fromkeys(phases, timeout)},
        )

    def _failed(
        self, error: Exception, request: httpx.Request, *, connecting: bool = False
    ) -> Failed:
        error = _without_headers(error, request, connecting=connecting)
        timed_out = isinstance(error, httpx.TimeoutException)
        return Failed(self.base_url, error, unsent=_surely_unsent(error), timed_out=timed_out)


@final
class SyncTransport(_Wire[httpx.Client]):
    """Drive the engine over an `httpx.Client`."""

    _client_class = httpx.Client
    _transport_class = httpx.BaseTransport

    def run(self, flow: Generator[Step, Report, T]) -> T:
        """Do what the engine asks until it returns or raises."""
        report: Report = None
        try:
            while True:
                report = self._do(flow.send(report))
        except StopIteration as stop:
            result: T = stop.value
            return result

    def close(self) -> None:
        """Close the connections, if they are our own."""
        if self._owned:
            self._client.close()

    def _do(self, step: Step) -> Report:
        if isinstance(step, Sleep):
            time.sleep(step.seconds)
            return None
        if self._client.is_closed:
            return _closed()
        try:
            return self._exchange(step, self._request(step))
        except BaseException as error:
            _forget_headers(error)
            raise

    def _exchange(self, step: Send, request: httpx.Request) -> Answer | Failed:
        try:
            response = self._client.send(
                request, auth=self._auth, stream=True, follow_redirects=False
            )
        except Exception as error:  # noqa: BLE001 - foreign transports raise foreign exceptions
            return self._failed(error, request)
        reader = _Reader(response, step)
        try:
            if reader.wants_more():
                # Not by `iter_raw`, which would give the connection back at once.
                for chunk in response.stream:  # type: ignore[union-attr]
                    if not reader.take(chunk):
                        break
                surplus.shut(response)
        except Exception as error:  # noqa: BLE001 - as above
            reader.broke_off(_without_headers(error, request))
        finally:
            with suppress(Exception):
                response.close()
        return reader.answer()


@final
class AsyncTransport(_Wire[httpx.AsyncClient]):
    """Drive the engine over an `httpx.AsyncClient`."""

    _client_class = httpx.AsyncClient
    _transport_class = httpx.AsyncBaseTransport

    async def run(self, flow: Generator[Step, Report, T]) -> T:
        """Do what the engine asks until it returns or raises."""
        report: Report = None
        try:
            while True:
                report = await self._do(flow.send(report))
        except StopIteration as stop:
            result: T = stop.value
            return result

    async def close(self) -> None:
        """Close the connections, if they are our own."""
        if self._owned:
            await self._client.aclose()

    async def _do(self, step: Step) -> Report:
        if isinstance(step, Sleep):
            await _sleep(step)
            return None
        if self._client.is_closed:
            return _closed()
        request, seen = self._request(step), progress.Progress()
        request.extensions["trace"] = seen
        whole = False
        try:
            report = await self._exchange(step, request, seen)
            whole = isinstance(report, Answer) and not report.flaw
        except BaseException as error:
            _forget_headers(error)
            raise
        finally:
            if not whole:
                await orphans.release(self._client, seen)
        return report

    async def _exchange(
        self, step: Send, request: httpx.Request, seen: progress.Progress
    ) -> Answer | Failed:
        try:
            async with _until(step):
                response = await self._client.send(
                    request, auth=self._auth, stream=True, follow_redirects=False
                )
        except Exception as error:  # noqa: BLE001 - foreign transports raise foreign exceptions
            return self._failed(error, request, connecting=seen.connecting)
        reader = _Reader(response, step)
        try:
            if reader.wants_more():
                async with _until(step):
                    async for chunk in response.stream:  # type: ignore[union-attr]
                        if not reader.take(chunk):
                            break
                    await surplus.ashut(response)
        except Exception as error:  # noqa: BLE001 - as above
            reader.broke_off(_without_headers(error, request))
        finally:
            with suppress(Exception):
                await response.aclose()
        return reader.answer()


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
        headers = {name.lower(): value for name, value in self._response.headers.items()}
        status, content = self._response.status_code, bytes(self._content)
        return Answer(status, headers, content, self._flaw, self._cause)


def stays_in_process(transport: object) -> bool:
    """Tell whether this is a transport that is not httpx's own way to the network."""
    network = httpx.HTTPTransport | httpx.AsyncHTTPTransport | None
    return not isinstance(transport, network)


def _check(name: str, value: object, wanted: type) -> None:
    if value is not None and not isinstance(value, wanted):
        kind = type(value).__name__
        raise ConfigurationError(f"{name} has to be an httpx.{wanted.__name__}, not a {kind}.")


def _closed() -> Failed:
    error = ConfigurationError("The client is closed: make a new one.")
    return Failed("", error, unsent=True, timed_out=False)


def _surely_unsent(error: Exception) -> bool:
    cause = error.__cause__
    known = cause is None or type(cause).__module__.partition(".")[0] == "httpcore"
    return known and isinstance(error, _UNSENT)


def _without_headers(
    error: Exception, request: httpx.Request, *, connecting: bool = False
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


def _forget_headers(error: BaseException | None) -> None:
    """Clear the frames that a cancelled call left: those that were sending hold the headers."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__context__


# Imported there and not above: it would double the start-up time of those who never call it.
def _until(step: Send) -> asyncio.Timeout:
    import asyncio

    return asyncio.timeout(step.expires - time.monotonic())


async def _sleep(step: Sleep) -> None:
    import asyncio

    await asyncio.sleep(step.seconds)
