"""A receiver as an ASGI application, without a framework and with bounds on what it takes in."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, NamedTuple

from calypso_pay._errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from calypso_pay.receiver._answer import Answer

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Handle = Callable[[bytes, list[tuple[bytes, bytes]]], Awaitable[Answer]]

_log = logging.getLogger("calypso_pay.receiver")


class Limits(NamedTuple):
    """What an application takes in, and for how long."""

    max_body: int
    max_concurrency: int
    read_timeout: float
    answer_within: float


class _GoneError(Exception):
    """The caller hung up before all had arrived; nobody waits for an answer."""


class _RefusedError(Exception):
    """A request that is answered before anything of it is verified."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Application:
    """An ASGI 3 application that answers deliveries.

    Made by ``Receiver.asgi``.

    Raises:
        ConfigurationError: A limit is not above zero.
    """

    def __init__(self, handle: Handle, limits: Limits) -> None:
        if min(limits) <= 0:
            raise ConfigurationError("The limits of a receiver are numbers above zero.")
        self._handle = handle
        self._limits = limits
        self._busy = 0
        # Event loops keep weak references only: without this one a handler could vanish.
        self._tasks: set[asyncio.Task[int]] = set()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or go through the lifespan protocol."""
        if scope["type"] == "http":
            await self._respond(scope, receive, send)
        elif scope["type"] == "lifespan":
            await _live(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

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
        if self._busy >= self._limits.max_concurrency:
            raise _RefusedError(503, "too many at once")
        self._busy += 1
        try:
            body = await self._body(scope, receive)
        except BaseException:
            self._busy -= 1
            raise
        # A task of its own: what was begun is finished, even if the caller hangs up.
        task = asyncio.ensure_future(self._finish(body, list(scope["headers"])))
        self._tasks.add(task)
        task.add_done_callback(self._end)
        return await self._patiently(task)

    async def _body(self, scope: Message, receive: Receive) -> bytes:
        # A length that is no number is the server's to refuse; what really comes is counted anyway.
        lengths = [value for name, value in scope["headers"] if name.lower() == b"content-length"]
        if any(value.isdigit() and self._is_too_long(value) for value in lengths):
            raise _RefusedError(413, "too long")
        try:
            async with asyncio.timeout(self._limits.read_timeout):
                return await self._read(receive)
        except TimeoutError:
            raise _RefusedError(408, "too slow") from None

    def _is_too_long(self, digits: bytes) -> bool:
        # Not as a number of any length, which takes long to read, and then fails.
        return len(digits) > len(str(2**63)) or int(digits) > self._limits.max_body

    async def _read(self, receive: Receive) -> bytes:
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

    async def _finish(self, body: bytes, headers: list[tuple[bytes, bytes]]) -> int:
        return (await self._handle(body, headers)).status

    async def _patiently(self, task: asyncio.Task[int]) -> int:
        done, _ = await asyncio.wait({task}, timeout=self._limits.answer_within)
        if done:
            return task.result()
        raise _RefusedError(503, "its handler takes long, and goes on")

    def _end(self, task: asyncio.Task[int]) -> None:
        self._tasks.discard(task)
        self._busy -= 1


async def _answer(status: int, send: Send) -> None:
    headers = [(b"content-length", b"0")]
    if status == 405:  # noqa: PLR2004 - method not allowed, which names those that are
        headers.append((b"allow", b"POST"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
