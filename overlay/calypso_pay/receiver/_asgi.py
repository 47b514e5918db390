"""A receiver as an ASGI application, without a framework, with limits on size, time and number.

Any client can send requests to it, and these must not keep the vendor's deliveries out:

- A request without a well-formed signature gets its response before its body is read.
- Requests being read and verified and events being handled are limited separately.
- When too many are being read, the oldest one is ended: the vendor's deliveries arrive at once, so
  the oldest is most likely not one of them.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from calypso_pay._errors import ConfigurationError
from calypso_pay._secret import Secret
from calypso_pay._verification import is_signature
from calypso_pay.receiver._drivers import arun
from calypso_pay.receiver._flow import Delivery, process_event, verify
from calypso_pay.receiver._response import Response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping

    from calypso_pay.receiver._background import BackgroundTasks
    from calypso_pay.receiver._drivers import Threads
    from calypso_pay.receiver._flow import Config, VerifiedEvent

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

_log = logging.getLogger("calypso_pay.receiver")


class Limits(NamedTuple):
    """The limits of an application; see `Receiver.asgi`."""

    max_body: int
    max_concurrency: int
    read_timeout: float
    respond_within: float
    drain_within: float


class _DisconnectedError(Exception):
    """The client disconnected while it was sending, so there is no one to respond to."""


class _RejectedError(Exception):
    """The response is decided without the result of a handler."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Application:
    """An ASGI 3 application that receives deliveries.

    Made by ``Receiver.asgi``.

    Raises:
        ConfigurationError: A limit is not above zero.
    """

    def __init__(
        self, config: Config, tasks: BackgroundTasks, threads: Threads, limits: Limits
    ) -> None:
        if min(limits) <= 0:
            raise ConfigurationError("Each limit of a receiver has to be above zero.")
        self._config = config
        self._tasks = tasks
        self._threads = threads
        self._limits = limits
        # The time limits of the requests being read and verified, oldest first.
        self._verifying: dict[asyncio.Timeout, None] = {}
        self._handling = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Respond to one request, or take part in the lifespan protocol."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def aclose(self) -> None:
        """Wait for the running handlers, for at most `drain_within` seconds.

        Where the application is mounted, call this when the framework shuts down.
        """
        await self._tasks.drain(self._limits.drain_within)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self.aclose()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    async def _http(self, scope: Message, receive: Receive, send: Send) -> None:
        try:
            status = await self._process(scope, receive)
        except _DisconnectedError:
            return
        except _RejectedError as error:
            _log.warning("rejected a delivery: %s", error)
            status = error.status
        await _respond(status, send)

    async def _process(self, scope: Message, receive: Receive) -> int:
        """Process a request, and return the status to respond with."""
        if scope["method"] != "POST":
            raise _RejectedError(405, "not a POST")
        signatures = [value for name, value in scope["headers"] if name.lower() == b"sign"]
        if len(signatures) != 1 or not is_signature(signatures[0].decode("latin-1")):
            raise _RejectedError(401, "not exactly one Sign header with 128 hex digits")
        verified = await self._verify(scope, receive)
        if isinstance(verified, Response):
            return verified.status
        return await self._handle(verified)

    async def _verify(self, scope: Message, receive: Receive) -> VerifiedEvent | Response:
        async with self._verification_slot():
            body = await self._read_body(scope, receive)
            delivery = Delivery(Secret(body), Secret(list(scope["headers"])))
            del body
            return await arun(verify(self._config, delivery), self._threads)

    @asynccontextmanager
    async def _verification_slot(self) -> AsyncIterator[None]:
        """Limit the time of what is done inside, and end the oldest when there are too many."""
        try:
            async with asyncio.timeout(self._limits.read_timeout) as timeout:
                if len(self._verifying) >= self._limits.max_concurrency:
                    oldest = next(iter(self._verifying))
                    del self._verifying[oldest]
                    oldest.reschedule(asyncio.get_running_loop().time())
                self._verifying[timeout] = None
                try:
                    yield
                finally:
                    self._verifying.pop(timeout, None)
        except TimeoutError:
            raise _RejectedError(408, "too slow") from None

    async def _handle(self, verified: VerifiedEvent) -> int:
        if self._handling >= self._limits.max_concurrency:
            raise _RejectedError(503, "too many handlers are running")
        self._handling += 1
        # A task of its own: a started handler finishes, even if the client disconnects.
        flow = process_event(self._config, verified)
        task = self._tasks.start(self._config.arun(flow, self._threads))
        task.add_done_callback(self._handled)
        done, _ = await asyncio.wait({task}, timeout=self._limits.respond_within)
        if done:
            return task.result().status
        raise _RejectedError(503, "its handler is slow, and still running")

    def _handled(self, _: object) -> None:
        self._handling -= 1

    async def _read_body(self, scope: Message, receive: Receive) -> bytes:
        # The server rejects a malformed length; the bytes that arrive are counted anyway.
        lengths = [value for name, value in scope["headers"] if name.lower() == b"content-length"]
        if any(value.isdigit() and self._is_too_long(value) for value in lengths):
            raise _RejectedError(413, "too long")
        body, more = bytearray(), True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _DisconnectedError
            body += message.get("body", b"")
            if len(body) > self._limits.max_body:
                raise _RejectedError(413, "too long")
            more = message.get("more_body", False)
        return bytes(body)

    def _is_too_long(self, digits: bytes) -> bool:
        # `int` would be slow for very many digits, and then fail.
        return len(digits) > len(str(2**63)) or int(digits) > self._limits.max_body


async def _respond(status: int, send: Send) -> None:
    headers = [(b"content-length", b"0")]
    if status == 405:  # noqa: PLR2004 - method not allowed, which names those that are
        headers.append((b"allow", b"POST"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
