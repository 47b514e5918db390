"""A session of aiohttp for one event loop, which sends exactly what it is given."""

from __future__ import annotations

import asyncio
import math
from functools import lru_cache
from typing import TYPE_CHECKING, final

import aiohttp

from calypso_pay._transport.aiohttp_connections import Connector
from calypso_pay._transport.aiohttp_failures import send_once
from calypso_pay._transport.http_clients import LIMITS
from calypso_pay._transport.requests import HEADERS

if TYPE_CHECKING:
    import ssl

    from aiohttp.abc import AbstractStreamWriter
    from yarl import URL

    from calypso_pay._exchange import SendRequest
    from calypso_pay._options import Timeouts

# What fits into the buffers of a connection is sent at once, so that only a larger body can wait.
_PIECE = 65_536
_BUFFER = 4 * _PIECE
# As much as httpx reads of a head.
_LONGEST_FIELD = 100 * 1024


class PoolTimeoutError(Exception):
    """All connections were in use for as long as a request may wait for one."""


@final
class Session:
    """What sends requests in one event loop; it begins when it is first used there.

    Args:
        certificates: What TLS connections are verified with.
    """

    def __init__(self, certificates: ssl.SSLContext) -> None:
        self._certificates = certificates
        self._session: aiohttp.ClientSession | None = None
        self._responses: set[aiohttp.ClientResponse] = set()
        self._places = asyncio.Semaphore(LIMITS.max_connections or 1)

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        return self._session is not None and self._session.closed

    def begin(self) -> None:
        """Make the session in the event loop that runs."""
        loop = asyncio.get_running_loop()
        self._session = aiohttp.ClientSession(
            connector=Connector(self._certificates, loop),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=HEADERS,
            auto_decompress=False,
            middlewares=(send_once,),
            read_bufsize=_BUFFER,
            max_line_size=_LONGEST_FIELD,
            max_field_size=_LONGEST_FIELD,
        )

    async def close(self) -> None:
        """Close all connections; a response that is being read breaks off."""
        for response in list(self._responses):
            response.close()
        if self._session is not None:
            await self._session.close()

    async def send(
        self, step: SendRequest, url: URL, proxy: URL | None, headers: dict[str, str]
    ) -> aiohttp.ClientResponse:
        """Send a request, and return the response when its head came; then call `finish`."""
        assert self._session is not None  # noqa: S101 - `begin` is called first
        await self._take_place(step.timeout.pool)
        try:
            response = await self._session.request(
                step.method,
                url,
                headers=headers,
                data=_body(step),
                allow_redirects=False,
                proxy=proxy,
                timeout=_timeout(step.timeout, tunnels=proxy is not None),
            )
        except BaseException:
            self._places.release()
            raise
        self._responses.add(response)
        return response

    def finish(self, response: aiohttp.ClientResponse) -> None:
        """Give the place of a request back; its connection is closed if it was not read whole."""
        self._places.release()
        self._responses.discard(response)
        if not response.closed:
            response.close()

    async def _take_place(self, seconds: float) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        try:
            async with asyncio.timeout(seconds):
                await self._places.acquire()
        except TimeoutError:
            raise PoolTimeoutError from None

    def __del__(self) -> None:
        # What was not closed belongs to an event loop or a process that is gone.
        if self._session is not None:
            self._session.detach()


@final
class _LongBody(aiohttp.Payload):
    """A body of many pieces, each of which has to be sent in time."""

    def __init__(self, value: bytes, seconds: float) -> None:
        super().__init__(value)
        self._size = len(value)
        self._seconds = seconds

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return str(self._value, encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        for begin in range(0, len(self._value), _PIECE):
            async with asyncio.timeout(self._seconds):
                await writer.write(self._value[begin : begin + _PIECE])


def _body(step: SendRequest) -> aiohttp.Payload | bytes | None:
    if len(step.body) > _PIECE:
        return _LongBody(step.body, step.timeout.write)
    return step.body or None


@lru_cache(maxsize=16)
def _timeout(timeout: Timeouts, *, tunnels: bool) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        # aiohttp waits for a proxy to open a tunnel without any other limit.
        connect=2 * timeout.connect + timeout.read if tunnels else None,
        sock_connect=timeout.connect,
        sock_read=timeout.read,
        ceil_threshold=math.inf,
    )


# While one of these runs, nothing of the request has left this machine.
CONNECTING = (Connector.connect.__code__, Session._take_place.__code__)  # noqa: SLF001 - from here
