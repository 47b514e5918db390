"""A receiver as an ASGI application, without a framework and with bounds on what it takes in.

Anyone can send requests to it, and these must not keep the vendor's deliveries out. What has no
signature is answered before it is read. What is read and verified, and what is handled, have places
of their own; where those of the first are taken, the one that takes longest loses its place, for
the vendor's deliveries come at once.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from calypso_pay._errors import ConfigurationError
from calypso_pay._secret import Secret
from calypso_pay._signed import is_a_signature
from calypso_pay.receiver._answer import Response
from calypso_pay.receiver._driving import arun
from calypso_pay.receiver._flow import Delivery, hand_on, verified

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping

    from calypso_pay.receiver._driving import Running, Threads
    from calypso_pay.receiver._flow import Parts
    from calypso_pay.webhooks import Event

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

_log = logging.getLogger("calypso_pay.receiver")


class Limits(NamedTuple):
    """What an application takes in, and for how long."""

    max_body: int
    max_concurrency: int
    read_timeout: float
    answer_within: float
    drain_within: float


class _GoneError(Exception):
    """The caller hung up before all had arrived; nobody waits for an answer."""


class _RefusedError(Exception):
    """A request that is answered before a handler has it."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Application:
    """An ASGI 3 application that answers deliveries.

    Made by ``Receiver.asgi``.

    Raises:
        ConfigurationError: A limit is not above zero.
    """

    def __init__(self, parts: Parts, running: Running, threads: Threads, limits: Limits) -> None:
        if min(limits) <= 0:
            raise ConfigurationError("The limits of a receiver are numbers above zero.")
        self._parts = parts
        self._running = running
        self._threads = threads
        self._limits = limits
        # In the order in which they came.
        self._unverified: dict[asyncio.Timeout, None] = {}
        self._busy = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or go through the lifespan protocol."""
        if scope["type"] == "http":
            await self._respond(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def aclose(self) -> None:
        """Wait for the handlers that were begun, no longer than `drain_within`.

        Where the application is mounted, call this when the framework shuts down.
        """
        await self._running.end(self._limits.drain_within)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self.aclose()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    async def _respond(self, scope: Message, receive: Receive, send: Send) -> None:
        try:
            status = await self._status(scope, receive)
        except _GoneError:
            return
        except _RefusedError as error:
            _log.warning("refused a delivery: %s", error)
            status = error.status
        await _answer(status, send)

    async def _status(self, scope: Message, receive: Receive) -> int:
        if scope["method"] != "POST":
            raise _RefusedError(405, "not a POST")
        signatures = [value for name, value in scope["headers"] if name.lower() == b"sign"]
        if len(signatures) != 1 or not is_a_signature(signatures[0].decode("latin-1")):
            raise _RefusedError(401, "it has not one Sign header with 128 hex digits")
        event = await self._event(scope, receive)
        return event.status if isinstance(event, Response) else await self._handle(event)

    async def _event(self, scope: Message, receive: Receive) -> Event | Response:
        async with self._place_of_the_unverified():
            body = await self._body(scope, receive)
            delivery = Delivery(Secret(body), Secret(list(scope["headers"])))
            del body
            return await arun(verified(self._parts, delivery), self._threads)

    @asynccontextmanager
    async def _place_of_the_unverified(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._limits.read_timeout) as place:
                if len(self._unverified) >= self._limits.max_concurrency:
                    slowest = next(iter(self._unverified))
                    del self._unverified[slowest]
                    slowest.reschedule(asyncio.get_running_loop().time())
                self._unverified[place] = None
                try:
                    yield
                finally:
                    self._unverified.pop(place, None)
        except TimeoutError:
            raise _RefusedError(408, "too slow") from None

    async def _handle(self, event: Event) -> int:
        if self._busy >= self._limits.max_concurrency:
            raise _RefusedError(503, "too many at once")
        self._busy += 1
        # A task of its own: what was begun is finished, even if the caller hangs up.
        task = self._running.begin(arun(hand_on(self._parts, event), self._threads))
        task.add_done_callback(self._end)
        done, _ = await asyncio.wait({task}, timeout=self._limits.answer_within)
        if done:
            return task.result().status
        raise _RefusedError(503, "its handler takes long, and goes on")

    def _end(self, _: object) -> None:
        self._busy -= 1

    async def _body(self, scope: Message, receive: Receive) -> bytes:
        # A length that is no number is the server's to refuse; what really comes is counted anyway.
        lengths = [value for name, value in scope["headers"] if name.lower() == b"content-length"]
        if any(value.isdigit() and self._is_too_long(value) for value in lengths):
            raise _RefusedError(413, "too long")
        body, more = bytearray(), True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _GoneError
            body += message.get("body", b"")
            if len(body) > self._limits.max_body:
                raise _RefusedError(413, "too long")
            more = message.get("more_body", False)
        return bytes(body)

    def _is_too_long(self, digits: bytes) -> bool:
        # Not as a number of any length, which takes long to read, and then fails.
        return len(digits) > len(str(2**63)) or int(digits) > self._limits.max_body


async def _answer(status: int, send: Send) -> None:
    headers = [(b"content-length", b"0")]
    if status == 405:  # noqa: PLR2004 - method not allowed, which names those that are
        headers.append((b"allow", b"POST"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
