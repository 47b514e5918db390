"""Wrap a mock as an ASGI application, without a framework."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from calypso_mock.api._checks import MAX_BODY
from calypso_mock.api._http import decode_path

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from calypso_mock.api._http import Response
    from calypso_mock.serving._protocols import RequestHandler

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

_log = logging.getLogger("calypso_mock")
# The headers that the mock reads; a request has twice as many.
_READ = frozenset({b"content-type", b"host", b"key", b"origin", b"sign"})


class Application:
    """An ASGI 3 application that passes requests to a mock.

    Made by ``Mock.asgi``.
    """

    def __init__(self, mock: RequestHandler) -> None:
        self._mock = mock

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Respond to one request, or go through the lifespan protocol."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            body = await _read(receive)
            if body is not None:
                await _send_response(self._handle(scope, body), send)
        else:
            raise ValueError(f"the mock does not support {scope['type']}")

    def _handle(self, scope: Message, body: bytes) -> Response:
        client, raw_path = scope.get("client"), scope.get("raw_path")
        path = scope["path"] if raw_path is None else decode_path(raw_path)
        headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in scope["headers"]
            if name in _READ
        ]
        query = scope.get("query_string", b"").decode("latin-1")
        # A caller without an address is not a caller within the process.
        address = client[0] if client else ""
        try:
            return self._mock.handle(
                scope["method"], path, headers, body, client=address, query=query
            )
        except Exception:
            # The server's own log is off, since it also reports callers that hang up.
            _log.exception("the mock failed at %s %r", scope["method"], path)
            raise


async def _read(receive: Receive) -> bytes | None:
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        # What exceeds the limit is read but not kept: enough is left to be rejected by its size.
        chunks.append(chunk[: MAX_BODY + 1 - size])
        size += len(chunks[-1])
        if not message.get("more_body"):
            return b"".join(chunks)


async def _send_response(response: Response, send: Send) -> None:
    headers = [(name.encode(), value.encode("latin-1")) for name, value in response.headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
