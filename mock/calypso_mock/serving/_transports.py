"""Connect httpx to a mock without a socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from calypso_mock.api._http import decode_path

if TYPE_CHECKING:
    from calypso_mock.serving._protocols import RequestHandler


class Transport(httpx.BaseTransport):
    """An httpx transport that passes requests to a mock; made by ``Mock.transport``."""

    def __init__(self, mock: RequestHandler) -> None:
        self._mock = mock

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Respond to one request."""
        return _respond(self._mock, request, request.read())


class AsyncTransport(httpx.AsyncBaseTransport):
    """The same for ``httpx.AsyncClient``; made by ``Mock.async_transport``."""

    def __init__(self, mock: RequestHandler) -> None:
        self._mock = mock

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Respond to one request."""
        return _respond(self._mock, request, await request.aread())


def _respond(mock: RequestHandler, request: httpx.Request, body: bytes) -> httpx.Response:
    headers = request.headers.multi_items()
    raw_path, _, query = request.url.raw_path.partition(b"?")
    path = decode_path(raw_path)
    response = mock.handle(request.method, path, headers, body, query=query.decode("latin-1"))
    return httpx.Response(response.status, headers=dict(response.headers), content=response.body)
