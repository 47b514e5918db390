"""Connections of an asynchronous client that cost little, however many of them there are.

httpcore reads and writes over anyio, and at the start and at the end of each request it asks each
idle connection, by a system call, whether the server has closed it. So fifty calls at once cost
several times as much each as one. With `use_asyncio` the event loop notes what comes, only the
connection that is about to be used is asked, and a request is written in one piece.

Without it everything works, and takes more time.
"""

# ruff: noqa: ASYNC109 - httpcore passes timeouts on

from __future__ import annotations

import asyncio
import select
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, final

import httpcore

from calypso_pay._httpx_quirks._pools import pools

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

# What is kept of a response before it is read; then the server has to wait.
_MOST = 256 * 1024
# Seconds after which the next address of a host is tried, too.
_NEXT_ADDRESS = 0.25


def use_asyncio(client: object) -> None:
    """Let an asynchronous client of httpx connect by the event loop itself."""
    for pool in pools(client):
        if hasattr(pool, "_network_backend"):
            pool._network_backend = _Backend()  # noqa: SLF001 - as the package explains


@final
class _Backend(httpcore.AsyncNetworkBackend):
    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *_: object, **__: object
    ) -> httpcore.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        # That of uvloop does not know it.
        is_plain = isinstance(loop, asyncio.BaseEventLoop)
        options = {"happy_eyeballs_delay": _NEXT_ADDRESS} if is_plain else {}
        with _as_connecting():
            async with asyncio.timeout(timeout):
                _, stream = await loop.create_connection(_Stream, host, port, **options)  # type: ignore[call-overload]
        return stream  # type: ignore[no-any-return]

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@final
class _Stream(asyncio.Protocol, httpcore.AsyncNetworkStream):
    """A connection: a protocol of the event loop, and a stream of httpcore."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._received = bytearray()
        self._unsent = b""
        self._error: Exception | None = None
        # Whether the server has closed it, takes no more for now, or was sent something.
        self._is_closed = self._is_full = self._is_used = False
        self._change: asyncio.Future[None] | None = None

    # What the event loop calls.

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 - of any event loop
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if len(self._received) > _MOST:
            self._transport.pause_reading()
        self._notify()

    def eof_received(self) -> None:
        self._is_closed = True
        self._notify()

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_closed, self._error = True, exc
        self._notify()

    def pause_writing(self) -> None:
        self._is_full = True

    def resume_writing(self) -> None:
        self._is_full = False
        self._notify()

    def _notify(self) -> None:
        if self._change is not None and not self._change.done():
            self._change.set_result(None)

    # What httpcore calls.

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        await self._send(timeout)
        while not (self._received or self._is_closed):
            await self._changed(timeout, httpcore.ReadTimeout)
        if self._error is not None and not self._received:
            raise httpcore.ReadError(self._error) from self._error
        data = bytes(self._received[:max_bytes])
        del self._received[:max_bytes]
        if not self._is_closed:
            self._transport.resume_reading()
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # Header, body and then nothing come one after the other.
        self._unsent += buffer
        if not buffer:
            await self._send(timeout)

    async def _send(self, timeout: float | None) -> None:
        data, self._unsent = self._unsent, b""
        if not data:
            return
        if self._is_used and self._is_stale():
            # Nothing was sent, and httpcore takes another connection.
            raise httpcore.ConnectionNotAvailable
        self._is_used = True
        if not self._is_closed:
            self._transport.write(data)
        while self._is_full and not self._is_closed:
            await self._changed(timeout, httpcore.WriteTimeout)

    async def _changed(self, timeout: float | None, late: type[Exception]) -> None:
        loop = asyncio.get_running_loop()
        change = self._change = loop.create_future()
        timer = None if timeout is None else loop.call_later(timeout, _expire, change, late)
        try:
            await change
        finally:
            self._change = None
            if timer is not None:
                timer.cancel()

    def _is_stale(self) -> bool:
        """Return whether the server closed it, or sent what nothing had asked for."""
        return self._is_noted() or _is_readable(self._transport.get_extra_info("socket").fileno())

    def _is_noted(self) -> bool:
        return self._is_closed or bool(self._received)

    async def aclose(self) -> None:
        self._transport.abort()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        stream = _Stream()
        with _as_connecting():
            async with asyncio.timeout(timeout):
                transport = await asyncio.get_running_loop().start_tls(
                    self._transport, stream, ssl_context, server_hostname=server_hostname
                )
        stream.connection_made(transport)
        return stream

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as httpcore has it
        if info == "is_readable":
            return self._is_noted()
        names = {"client_addr": "sockname", "server_addr": "peername"}
        return self._transport.get_extra_info(names.get(info, info))


@contextmanager
def _as_connecting() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise httpcore.ConnectTimeout(error) from error
    except OSError as error:
        raise httpcore.ConnectError(error) from error


def _expire(change: asyncio.Future[None], late: type[Exception]) -> None:
    if not change.done():
        change.set_exception(late())


def _is_readable(descriptor: int) -> bool:
    if not hasattr(select, "poll"):
        return bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
