"""Let idle connections of an asynchronous client cost nothing, however many there are.

At the start and at the end of each request httpcore asks each idle connection whether the server
has closed it, by a system call, so that fifty calls at once cost several times as much each as one.
With `ask_only_when_used` only the connection that is about to be used is asked, just before the
request is sent. The request goes out in one piece, too.

httpcore also gives one idle connection to several requests at once; all but one of them look for
another again. `assign_once` gives each of them its own.

Without it everything works, and takes more time.
"""

# ruff: noqa: ASYNC109, SLF001 - httpcore passes timeouts on, and its parts are private

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, final

import httpcore

from calypso_pay._httpx_quirks._pools import pools

if TYPE_CHECKING:
    import ssl


def ask_only_when_used(client: object) -> None:
    """Put a layer under the connections of an asynchronous client of httpx."""
    for pool in pools(client):
        if hasattr(pool, "_network_backend"):
            pool._network_backend = _Backend(pool._network_backend)


def assign_once(client: object) -> None:
    """Let each pool of an asynchronous client over HTTP/1.1 give a connection to one request."""
    for pool in pools(client):
        if hasattr(pool, "_assign_requests_to_connections"):
            pool._assign_requests_to_connections = partial(_assign, pool)


def _assign(pool: Any) -> list[Any]:  # noqa: ANN401 - httpcore's
    """Give connections to the requests that wait for one, and return those that are to be closed.

    As many idle ones are kept as there may be connections, so that none is surplus.
    """
    closing = _without_expired(pool)
    waiting = [each for each in pool._requests if each.is_queued()]
    if not waiting:
        return closing
    taken = {id(each.connection) for each in pool._requests}
    idle = [it for it in pool._connections if it.is_available() and id(it) not in taken]
    for request in waiting:
        origin = request.request.url.origin
        connection = next((it for it in idle if it.can_handle_request(origin)), None)
        if connection is not None:
            idle.remove(connection)
        elif _has_place(pool, idle, closing):
            connection = pool.create_connection(origin)
            pool._connections.append(connection)
        else:
            break
        request.assign_to_connection(connection)
    return closing


def _has_place(pool: Any, idle: list[Any], closing: list[Any]) -> bool:  # noqa: ANN401 - likewise
    """Return whether there may be another connection, if need be in place of an idle one."""
    if len(pool._connections) >= pool._max_connections and idle:
        closing.append(idle.pop())
        pool._connections.remove(closing[-1])
    return bool(len(pool._connections) < pool._max_connections)


def _without_expired(pool: Any) -> list[Any]:  # noqa: ANN401 - likewise
    closing = []
    for connection in list(pool._connections):
        if connection.is_closed():
            pool._connections.remove(connection)
        elif connection.has_expired():
            pool._connections.remove(connection)
            closing.append(connection)
    return closing


@final
class _Backend(httpcore.AsyncNetworkBackend):
    def __init__(self, inner: httpcore.AsyncNetworkBackend) -> None:
        self._inner = inner

    async def connect_tcp(self, *where: Any, **how: Any) -> httpcore.AsyncNetworkStream:  # noqa: ANN401
        return _Stream(await self._inner.connect_tcp(*where, **how))

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


@final
class _Stream(httpcore.AsyncNetworkStream):
    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner
        self._unsent = b""
        self._is_used = False

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._unsent:
            await self._send(timeout)
        return await self._inner.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # Header, body and then nothing come one after the other.
        self._unsent += buffer
        if self._unsent and not buffer:
            await self._send(timeout)

    async def _send(self, timeout: float | None) -> None:
        data, self._unsent = self._unsent, b""
        if self._is_used and self._inner.get_extra_info("is_readable"):
            # The server closed it, or sent what nothing had asked for. Nothing was sent over it,
            # and httpcore takes another connection.
            raise httpcore.ConnectionNotAvailable
        self._is_used = True
        await self._inner.write(data, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return _Stream(await self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as httpcore has it
        return info != "is_readable" and self._inner.get_extra_info(info)
