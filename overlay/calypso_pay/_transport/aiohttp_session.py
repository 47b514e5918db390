"""A session over the connections of aiohttp in one event loop, which sends what it is given, once.

aiohttp's own `ClientSession` is not used. It takes longer for a request than all else of a call,
and would send some methods a second time, with the first timestamp and signature, when a connection
is lost. Nor are there redirects, cookies, or headers of its own.
"""

from __future__ import annotations

import asyncio
import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, final

import aiohttp
from aiohttp.http_writer import StreamWriter

from calypso_pay._transport.aiohttp_connections import Connector, is_final
from calypso_pay._transport.http_clients import LIMITS

if TYPE_CHECKING:
    import ssl

    from yarl import URL

    from calypso_pay._exchange import SendRequest
    from calypso_pay._options import Timeouts
    from calypso_pay._transport.aiohttp_connections import OneResponse

# What fits into the buffers of a connection is sent at once, so that only a larger body can wait.
_PIECE = 65_536
_BUFFER = 4 * _PIECE
# As much as httpx reads of a head.
_LONGEST_FIELD = 100 * 1024


class PoolTimeoutError(Exception):
    """All connections were in use for as long as a request may wait for one."""


class Route(NamedTuple):
    """Where requests go.

    Attributes:
        url: Address of the server.
        proxy: Address of the proxy; None for none.
    """

    url: URL
    proxy: URL | None


@final
class Response:
    """A response whose head came.

    Attributes:
        status: HTTP status.
        headers: Names and values as they came.
        content: The body, to be read.
        writing: The task that sends a long request; None for others.

    Args:
        connection: What it comes over, a connection of aiohttp.
    """

    def __init__(self, connection: Any) -> None:  # noqa: ANN401 - aiohttp's
        self._connection = connection
        self.writing: asyncio.Task[None] | None = None
        self.status = 0
        self.headers: tuple[tuple[bytes, bytes], ...] = ()
        self.content: Any = None

    async def read_head(self, protocol: OneResponse) -> None:
        """Wait for the head of the response itself, after interim ones."""
        message: Any = None
        while message is None or not is_final(message.code):
            message, self.content = await protocol.read()
        self.status, self.headers = message.code, message.raw_headers

    def finish(self) -> None:
        """Give back the connection, or close it unless request and response are complete."""
        is_sent = self.writing is None or self.writing.done()
        if self.writing is not None:
            self.writing.cancel()
        if is_sent and self.content is not None and self.content.is_eof():
            self._connection.release()
        else:
            self._connection.close()

    def break_off(self) -> None:
        """Let reading end with an error."""
        if self.content is not None:
            self.content.set_exception(aiohttp.ClientConnectionError("Connection closed"))


@final
class Session:
    """What sends requests in one event loop; it begins when it is first used there.

    Args:
        certificates: What TLS connections are verified with.
    """

    def __init__(self, certificates: ssl.SSLContext) -> None:
        self._certificates = certificates
        self._connector: Connector | None = None
        self._responses: set[Response] = set()
        self._slots = asyncio.Semaphore(LIMITS.max_connections or 1)
        self._routes: dict[Route, aiohttp.ClientRequest] = {}

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        return self._connector is not None and self._connector.closed

    def begin(self) -> None:
        """Make the session in the event loop that runs."""
        self._connector = Connector(self._certificates, asyncio.get_running_loop())

    async def close(self) -> None:
        """Close all connections; a response that is being read breaks off."""
        for response in list(self._responses):
            response.break_off()
        if self._connector is not None:
            await self._connector.close()

    async def send(self, step: SendRequest, route: Route, head: bytes) -> Response:
        """Send a request, and return the response when its head came; then call `finish`.

        Args:
            step: The attempt.
            route: Where it goes.
            head: The head of the request, without the empty line at its end.

        Raises:
            PoolTimeoutError: All connections were in use for too long.
            RuntimeError: The session is closed.
        """
        await self._acquire_slot(step.timeout.pool)
        response = None
        try:
            connection = await self._connect(route, step.timeout)
            response = Response(connection)
            self._responses.add(response)
            protocol = connection.protocol
            protocol.set_response_params(
                read_until_eof=True,
                auto_decompress=False,
                read_timeout=step.timeout.read,
                read_bufsize=_BUFFER,
                max_line_size=_LONGEST_FIELD,
                max_field_size=_LONGEST_FIELD,
            )
            head += self._for_proxy(route)
            response.writing = _write(protocol, head + b"\r\n\r\n", step)
            await response.read_head(protocol)
        except BaseException:
            self._slots.release()
            if response is not None:
                self._responses.discard(response)
                response.finish()
            raise
        return response

    def finish(self, response: Response) -> None:
        """Release the slot of a request; its connection is closed if it was not read whole."""
        self._slots.release()
        self._responses.discard(response)
        response.finish()

    async def _acquire_slot(self, seconds: float) -> None:
        if not self._slots.locked():
            await self._slots.acquire()
            return
        try:
            async with asyncio.timeout(seconds):
                await self._slots.acquire()
        except TimeoutError:
            raise PoolTimeoutError from None

    async def _connect(self, route: Route, timeout: Timeouts) -> Any:  # noqa: ANN401, ASYNC109 - aiohttp's
        assert self._connector is not None  # noqa: S101 - `begin` is called first
        if self._connector.closed:
            raise RuntimeError("the session is closed")
        request = self._routes.get(route)
        if request is None:
            loop = asyncio.get_running_loop()
            request = aiohttp.ClientRequest("POST", route.url, proxy=route.proxy, loop=loop)
            self._routes[route] = request
        limits = _timeout(timeout, tunnels=route.proxy is not None)
        try:
            return await self._connector.connect(request, traces=[], timeout=limits)
        except TimeoutError as error:
            raise aiohttp.ConnectionTimeoutError(str(error)) from error

    def _for_proxy(self, route: Route) -> bytes:
        """Return the header for a proxy that passes requests on; a tunnel has got it before."""
        if route.proxy is None or route.url.scheme == "https":
            return b""
        # aiohttp puts it here when it connects.
        value = self._routes[route].headers.get("Proxy-Authorization")
        return f"\r\nProxy-Authorization: {value}".encode() if value else b""


def _write(protocol: OneResponse, head: bytes, step: SendRequest) -> asyncio.Task[None] | None:
    """Send a request at once, or begin with it and return the task that goes on."""
    if protocol.transport is None:
        raise aiohttp.ServerDisconnectedError
    if len(step.body) > _PIECE:
        writing = _write_pieces(protocol, head + step.body, step.timeout.write)
        return asyncio.get_running_loop().create_task(writing)
    protocol.transport.write(head + step.body)
    protocol.start_timeout()
    return None


async def _write_pieces(protocol: OneResponse, data: bytes, seconds: float) -> None:
    """Send a long request in pieces, each of which has to be taken in time."""
    writer = StreamWriter(protocol, asyncio.get_running_loop())
    try:
        for begin in range(0, len(data), _PIECE):
            async with asyncio.timeout(seconds):
                await writer.write(data[begin : begin + _PIECE])
    except Exception as error:  # noqa: BLE001 - what waits for the response raises it
        protocol.set_exception(error)
    else:
        protocol.start_timeout()


@lru_cache(maxsize=16)
def _timeout(timeout: Timeouts, *, tunnels: bool) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        # aiohttp waits for a proxy to open a tunnel without any other limit.
        connect=2 * timeout.connect + timeout.read if tunnels else None,
        sock_connect=timeout.connect,
        ceil_threshold=math.inf,
    )


# While one of these runs, nothing of the request has left this machine.
CONNECTING = (Connector.connect.__code__, Session._acquire_slot.__code__)  # noqa: SLF001 - from here
