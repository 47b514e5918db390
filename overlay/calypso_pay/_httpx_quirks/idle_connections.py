"""Let idle connections of an asynchronous client cost nothing, however many there are.

At the start and at the end of each request httpcore asks each idle connection whether the server
has closed it, by a system call, so that fifty calls at once cost several times as much each as one.
With `ask_only_when_used` only the connection that is about to be used is asked, just before the
request is sent. The request goes out in one piece, too. For synchronous clients `deadline` does so.

Without it everything works, and takes more time.
"""

# ruff: noqa: ASYNC109, SLF001 - httpcore passes timeouts on, and its parts are private

from __future__ import annotations

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
