"""Connections of aiohttp over which each request gets exactly its own response.

aiohttp takes whatever a server sends for responses: what comes after a response and goes beyond
it, or while a connection is idle, becomes the response to the next request. And it does not look
at an idle connection before it sends. `OneResponse` and `Connector` close such connections.

Parts of aiohttp are used that it does not document: `ResponseHandler` and what it overrides here,
and the connector's `_factory`, which makes connections of this class. Where that has another name
no connection is used a second time: everything works, but less well. Where one of the others moves,
clients are not made, or calls fail. tests/overlay/test_aiohttp.py then fails.
"""

from __future__ import annotations

import functools
import select
import time
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, final

import aiohttp
from aiohttp.client_proto import ResponseHandler

from calypso_pay._transport.http_clients import LIMITS

if TYPE_CHECKING:
    import asyncio
    import ssl
    from collections.abc import Callable

_EXPIRY = LIMITS.keepalive_expiry or 0.0
# The end of a head whose last line is empty. A head with bare line feeds can have another one: its
# connection is used once.
_END_OF_HEAD = b"\n\r\n"
_END_OF_CHUNKS = b"0\r\n\r\n"
_FIRST_FINAL = 200
_SWITCHING_PROTOCOLS = 101


def is_final(status: int) -> bool:
    """Return whether no other response to the same request follows one with this status."""
    return status >= _FIRST_FINAL or status == _SWITCHING_PROTOCOLS


class _Phase(Enum):
    HEAD = auto()
    COUNTED_BODY = auto()
    CHUNKED_BODY = auto()
    BODY_UNTIL_CLOSED = auto()
    COMPLETE = auto()


@final
class OneResponse(ResponseHandler):
    """A connection that hands on one response to each request, and is closed if more comes."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._used = False
        self._phase = _Phase.HEAD
        self._end_of_fed = b""
        self._missing = 0
        self._is_end_unsure = False
        self._idle_since = 0.0
        self._body: Any = None
        self._read_timer = _ReadTimer(loop, self._time_out)
        self._poll: Any = None

    def is_usable(self) -> bool:
        """Return whether a request may be sent: it is new, or idle, with nothing left to read."""
        if not self._used:
            return True
        expired = time.monotonic() - self._idle_since > _EXPIRY
        return not (expired or self.should_close or self._is_readable())

    @property
    def should_close(self) -> bool:
        """Whether it may not be used again; aiohttp asks when a response is complete."""
        return self._is_end_unsure or super().should_close

    def close(self) -> None:
        """Close it at once: nothing that would still be sent or received is of use."""
        if self.transport is not None:
            self.transport.abort()
        super().close()

    def set_response_params(
        self,
        *,
        read_timeout: float | None = None,
        **parameters: Any,  # noqa: ANN401 - aiohttp's
    ) -> None:
        """Prepare for the response to the next request; aiohttp calls this before it sends."""
        self._read_timer.timeout = read_timeout
        self._used = True
        self._phase = _Phase.HEAD
        self._end_of_fed = b""
        self._is_end_unsure = False
        super().set_response_params(**parameters)

    def start_timeout(self) -> None:
        """Wait for the response from now on; aiohttp calls this when the request was sent."""
        if self._phase is not _Phase.COMPLETE:
            self._read_timer.start()

    def data_received(self, data: bytes) -> None:
        """Hand on what belongs to the response; the event loop calls this."""
        # Before the first request aiohttp keeps what comes, and reads it as its response. Without
        # data it goes on with what it has.
        if not self._used or not data:
            super().data_received(data)
            return
        self._read_timer.restart()
        begin = self._receive_head(data) if self._is_in_head() else 0
        if begin < len(data):
            self._receive_body(data[begin:] if begin else data)

    def feed_data(self, data: Any, size: int = 0) -> None:  # noqa: ANN401 - aiohttp's
        """Take a response whose head is complete; aiohttp calls this."""
        if not self._is_in_head():
            # A second one, which followed within the same data.
            self.force_close()
            return
        message, body = data
        super().feed_data(data, size)
        if is_final(message.code):
            self._begin_body(message, body)

    def _is_in_head(self) -> bool:
        return self._phase is _Phase.HEAD

    def _receive_head(self, data: bytes) -> int:
        """Hand on one head after the other, and return where the body begins."""
        begin = 0
        while begin < len(data) and self._is_in_head():
            end = self._end_of_head(data, begin)
            piece = data[begin:end] if end >= 0 else data[begin:]
            begin += len(piece)
            self._end_of_fed = b"" if end >= 0 else (self._end_of_fed + piece)[-2:]
            super().data_received(piece)
            if end < 0 and not self._is_in_head():
                # The beginning of the body was in the same piece.
                self.force_close()
                self._phase = _Phase.BODY_UNTIL_CLOSED
        return begin

    def _end_of_head(self, data: bytes, begin: int) -> int:
        before = self._end_of_fed
        found = (before + data[begin : begin + 2]).find(_END_OF_HEAD) if before else -1
        if found >= 0:
            return begin + found + len(_END_OF_HEAD) - len(before)
        found = data.find(_END_OF_HEAD, begin)
        return found + len(_END_OF_HEAD) if found >= 0 else -1

    def _begin_body(self, message: Any, body: Any) -> None:  # noqa: ANN401 - aiohttp's
        self._body = body
        if body.is_eof():
            self._complete()
        elif message.chunked:
            self._phase = _Phase.CHUNKED_BODY
        elif "Content-Length" in message.headers:
            self._phase = _Phase.COUNTED_BODY
            self._missing = int(message.headers["Content-Length"])
        else:
            self._phase = _Phase.BODY_UNTIL_CLOSED

    def _receive_body(self, data: bytes) -> None:
        if self._phase is _Phase.COMPLETE:
            # Not part of the response: a second copy, or what a server sends before it hangs up.
            self.force_close()
            if self.transport is not None:
                self.transport.close()
            return
        if self._phase is _Phase.COUNTED_BODY:
            if len(data) > self._missing:
                self.force_close()
                data = data[: self._missing]
            self._missing -= len(data)
            if not self._missing:
                # Before the data is handed on: with it the connection becomes idle.
                self._complete()
        elif self._phase is _Phase.CHUNKED_BODY:
            # The beginning of a next response would stay in the parser unseen.
            self._is_end_unsure = not data.endswith(_END_OF_CHUNKS)
        super().data_received(data)
        if self._phase is _Phase.CHUNKED_BODY and self._body.is_eof():
            self._complete()

    def _complete(self) -> None:
        self._phase = _Phase.COMPLETE
        self._body = None
        self._read_timer.stop()
        self._idle_since = time.monotonic()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Let waiting end; the event loop calls this."""
        self._read_timer.cancel()
        if exc is not None and self._phase is _Phase.BODY_UNTIL_CLOSED:
            # aiohttp would take the body for complete.
            self.set_exception(aiohttp.ClientPayloadError("the connection was lost"), exc)
        super().connection_lost(exc)

    def set_exception(self, exc: BaseException, exc_cause: BaseException | None = None) -> None:
        """Let waiting for the response end, and reading its body, too; aiohttp calls this."""
        cause = () if exc_cause is None else (exc_cause,)
        # aiohttp does not end the reading of a body whose chunks are malformed.
        if self._body is not None and not self._body.is_eof():
            self._body.set_exception(exc, *cause)
        super().set_exception(exc, *cause)

    def _time_out(self) -> None:
        self.set_exception(aiohttp.SocketTimeoutError("Timeout on reading data from socket"))

    def _is_readable(self) -> bool:
        """Return whether something came or the peer hung up, which was not seen yet."""
        socket: Any = self.transport and self.transport.get_extra_info("socket")
        if socket is None or socket.fileno() < 0:
            return True
        if not hasattr(select, "poll"):
            return bool(select.select([socket.fileno()], [], [], 0)[0])
        if self._poll is None:
            self._poll = select.poll()
            self._poll.register(socket.fileno(), select.POLLIN)
        return bool(self._poll.poll(0))


@final
class _ReadTimer:
    """Calls a function when nothing came for too long.

    aiohttp's own starts a timer for each request; this one's runs on from one request to the next.

    Args:
        loop: The event loop.
        time_out: The function.

    Attributes:
        timeout: Seconds after which it is called; None for no limit.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, time_out: Callable[[], None]) -> None:
        self.timeout: float | None = None
        self._loop = loop
        self._time_out = time_out
        self._since: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Measure from now on."""
        self._since = self._loop.time()
        if self.timeout is None:
            return
        due = self._since + self.timeout
        if self._timer is not None and self._timer.when() > due:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = self._loop.call_at(due, self._check)

    def restart(self) -> None:
        """Measure from now on, if it is measured."""
        if self._since is not None:
            self._since = self._loop.time()

    def stop(self) -> None:
        """Measure no more."""
        self._since = None

    def cancel(self) -> None:
        """Measure no more, for good: otherwise the event loop keeps the connection until then."""
        self.stop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _check(self) -> None:
        self._timer = None
        if self._since is None or self.timeout is None:
            return
        if self._loop.time() < self._since + self.timeout:
            self._timer = self._loop.call_at(self._since + self.timeout, self._check)
        else:
            self._since = None
            self._time_out()


@final
class Connector(aiohttp.TCPConnector):
    """The connections of a session, each used for one request at a time.

    It sets no limit on their number, so that no request waits here.

    Args:
        certificates: What TLS connections are verified with.
        loop: The event loop that runs.
    """

    def __init__(self, certificates: ssl.SSLContext, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            ssl=certificates,
            limit=0,
            keepalive_timeout=_EXPIRY,
            # As httpx does it: with the system's resolver, each time.
            resolver=aiohttp.ThreadedResolver(),
            use_dns_cache=False,
        )
        self._factory: Any = functools.partial(OneResponse, loop=loop)

    async def connect(self, *request: Any, **options: Any) -> Any:  # noqa: ANN401 - aiohttp's
        """Return a connection for a request, new or clean."""
        while True:
            connection: Any = await super().connect(*request, **options)
            protocol: object = connection.protocol
            if not isinstance(protocol, OneResponse):
                connection.protocol.force_close()
            elif not protocol.is_usable():
                connection.close()
                continue
            return connection

    def __del__(self, *_: object) -> None:
        # aiohttp's would close connections of another process or of an event loop that is gone.
        # Those that were not closed are closed with their sockets.
        pass
