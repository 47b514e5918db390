"""The only module that speaks httpx: the signing hook, and the two drivers of the engine."""

from __future__ import annotations

import platform
import time
from typing import TYPE_CHECKING, Generic, NoReturn, Self, TypeVar, final

import httpx

from calypso_pay._errors import ConfigurationError
from calypso_pay._exchange import Answer, Failed, Report, Send, Sleep, Step
from calypso_pay._secret import Secret
from calypso_pay._settings import check_key, check_secret
from calypso_pay._signing import Signer
from calypso_pay._version import __version__

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

T = TypeVar("T")
C = TypeVar("C", httpx.Client, httpx.AsyncClient)

MAX_ANSWER = 16 * 1024 * 1024

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
class KeySign(httpx.Auth):
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

    def __init__(self, key: str, secret: str | Secret) -> None:
        # First of all, so that no traceback finds the secret among the local variables.
        wrapped = secret if isinstance(secret, Secret) else Secret(secret)
        del secret
        self._key = check_key(key)
        self._signer = Signer(check_secret(wrapped))

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
        request.headers["Key"] = self._key
        request.headers["Sign"] = self._signer.sign(body)

    def __repr__(self) -> str:
        return "KeySign(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("KeySign cannot be pickled or copied: it stands for a secret")


class _Wire(Generic[C]):
    """What both drivers share: how a request is made, and whose the connections are."""

    def __init__(self, client: C, *, base_url: str, auth: KeySign, owned: bool) -> None:
        self._client: C = client
        self._base_url = base_url
        self._auth = auth
        self._owned = owned

    def shared(self) -> Self:
        """Return a driver over the same connections that does not own them."""
        return type(self)(self._client, base_url=self._base_url, auth=self._auth, owned=False)

    def _request(self, step: Send) -> httpx.Request:
        # Built here and not by the client, so that defaults of a user's own client change nothing.
        return httpx.Request(
            step.method,
            self._base_url + step.path,
            headers=_HEADERS,
            content=step.body,
            extensions={"timeout": httpx.Timeout(step.timeout).as_dict()},
        )


@final
class SyncTransport(_Wire[httpx.Client]):
    """Drive the engine over an `httpx.Client`."""

    def run(self, flow: Generator[Step, Report, T]) -> T:
        """Do what the engine asks until it returns or raises."""
        report: Report = None
        while True:
            try:
                step = flow.send(report)
            except StopIteration as stop:
                result: T = stop.value
                return result
            report = self._send(step) if isinstance(step, Send) else _sleep(step)

    def close(self) -> None:
        """Close the connections, if they are our own."""
        if self._owned:
            self._client.close()

    def _send(self, step: Send) -> Answer | Failed:
        if self._client.is_closed:
            return _closed()
        request = self._request(step)
        try:
            response = self._client.send(
                request, auth=self._auth, stream=True, follow_redirects=False
            )
        except Exception as error:  # noqa: BLE001 - foreign transports raise foreign exceptions
            return _failed(_without_headers(error, request), self._base_url)
        reader = _Reader(response, step)
        try:
            if reader.wants_more:
                for chunk in response.iter_raw():
                    if not reader.take(chunk):
                        break
        except Exception as error:  # noqa: BLE001 - as above
            reader.broke_off(_without_headers(error, request))
        finally:
            response.close()
        return reader.answer()


@final
class AsyncTransport(_Wire[httpx.AsyncClient]):
    """Drive the engine over an `httpx.AsyncClient`."""

    async def run(self, flow: Generator[Step, Report, T]) -> T:
        """Do what the engine asks until it returns or raises."""
        report: Report = None
        while True:
            try:
                step = flow.send(report)
            except StopIteration as stop:
                result: T = stop.value
                return result
            report = await (self._send(step) if isinstance(step, Send) else _async_sleep(step))

    async def close(self) -> None:
        """Close the connections, if they are our own."""
        if self._owned:
            await self._client.aclose()

    async def _send(self, step: Send) -> Answer | Failed:
        if self._client.is_closed:
            return _closed()
        request = self._request(step)
        try:
            response = await self._client.send(
                request, auth=self._auth, stream=True, follow_redirects=False
            )
        except Exception as error:  # noqa: BLE001 - foreign transports raise foreign exceptions
            return _failed(_without_headers(error, request), self._base_url)
        reader = _Reader(response, step)
        try:
            if reader.wants_more:
                async for chunk in response.aiter_raw():
                    if not reader.take(chunk):
                        break
        except Exception as error:  # noqa: BLE001 - as above
            reader.broke_off(_without_headers(error, request))
        finally:
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
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in {"", "identity"}:
            self._flaw = f"its body is encoded as {encoding}, which was not asked for."
        elif response.is_stream_consumed:
            # A transport for tests may hand over a response that was read already.
            self.take(response.content)
        self.wants_more = self._flaw is None and not response.is_stream_consumed

    def take(self, chunk: bytes) -> bool:
        """Add a piece, and tell whether to go on."""
        if len(self._content) + len(chunk) > MAX_ANSWER:
            self._flaw = f"it is larger than {MAX_ANSWER // 1024 // 1024} MiB."
        elif time.monotonic() > self._expires:
            self._flaw = "it had not come to its end at the deadline."
        else:
            self._content += chunk
        return self._flaw is None

    def broke_off(self, cause: Exception) -> None:
        """Note that the answer ended before its end."""
        self._flaw = f"it broke off ({type(cause).__name__})."
        self._cause = cause

    def answer(self) -> Answer:
        """Return what was read."""
        headers = {name.lower(): value for name, value in self._response.headers.items()}
        return Answer(
            self._response.status_code, headers, bytes(self._content), self._flaw, self._cause
        )


def sync_client(given: object, transport: object) -> httpx.Client:
    """Return the client that was given, or one over the given transport, or an ordinary one.

    Raises:
        ConfigurationError: Both were given, or something that is neither.
    """
    _check(given, httpx.Client, transport, httpx.BaseTransport)
    return given if isinstance(given, httpx.Client) else httpx.Client(transport=transport)  # type: ignore[arg-type]


def async_client(given: object, transport: object) -> httpx.AsyncClient:
    """Do for asynchronous clients what `sync_client` does."""
    _check(given, httpx.AsyncClient, transport, httpx.AsyncBaseTransport)
    if isinstance(given, httpx.AsyncClient):
        return given
    return httpx.AsyncClient(transport=transport)  # type: ignore[arg-type]


def _check(client: object, client_class: type, transport: object, transport_class: type) -> None:
    if client is not None and transport is not None:
        raise ConfigurationError("Give http_client or transport, not both.")
    given = (("http_client", client, client_class), ("transport", transport, transport_class))
    for name, value, wanted in given:
        if value is not None and not isinstance(value, wanted):
            kind = type(value).__name__
            raise ConfigurationError(f"{name} has to be an httpx.{wanted.__name__}, not a {kind}.")


def _closed() -> Failed:
    error = ConfigurationError("The client is closed: make a new one.")
    return Failed("", error, unsent=True, timed_out=False)


def _failed(error: httpx.TransportError, server: str) -> Failed:
    timed_out = isinstance(error, httpx.TimeoutException)
    return Failed(server, error, unsent=_surely_unsent(error), timed_out=timed_out)


def _surely_unsent(error: Exception) -> bool:
    cause = error.__cause__
    known = cause is None or type(cause).__module__.partition(".")[0] == "httpcore"
    return known and isinstance(error, _UNSENT)


def _without_headers(error: Exception, request: httpx.Request) -> httpx.TransportError:
    """Take the request out of an exception, for its headers hold key and signature."""
    if not isinstance(error, httpx.TransportError):
        # What its attributes and its text hold is unknown, so only its name and place are kept.
        foreign, error = error, httpx.TransportError(f"{type(error).__name__} from the transport")
        error.__traceback__ = foreign.__traceback__
    error.request = httpx.Request(request.method, request.url)
    return error


def _sleep(step: Sleep) -> Report:
    time.sleep(step.seconds)
    return None


async def _async_sleep(step: Sleep) -> Report:
    # Imported here: it would double the start-up time of those who never call it.
    import asyncio

    await asyncio.sleep(step.seconds)
    return None
