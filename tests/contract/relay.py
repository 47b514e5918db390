"""Forward HTTP requests to a server, one at a time and each with a timeout."""

from __future__ import annotations

import gzip
import http.client
import select
import socket
import sys
import threading
import time
import zlib
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from tests.contract.session import TIMEOUT
from tests.contract.wire import FAILED, STOPPED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# A connection that was idle for longer is not reused: the server may be about to close it.
_IDLE = 2.0
# Headers of one connection only; the encoding is negotiated here, since responses are read here.
_HOP_BY_HOP = frozenset(
    {"accept-encoding", "connection", "host", "keep-alive", "te", "transfer-encoding", "upgrade"}
)
# Headers that are set anew, or only by the gateway.
_REWRITTEN = frozenset(
    {
        "connection",
        "content-length",
        "keep-alive",
        "transfer-encoding",
        FAILED.lower(),
        STOPPED.lower(),
    }
)


class Request(NamedTuple):
    """A request to forward, with its full path."""

    method: str
    path: str
    headers: Sequence[tuple[str, str]]
    content: bytes


class HttpResponse(NamedTuple):
    """The response to a request."""

    status: int
    reason: str
    headers: Sequence[tuple[str, str]]
    content: bytes


class Connection:
    """A connection to a server, reopened when it was closed or idle.

    Args:
        url: The server's base URL.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.netloc.rpartition("@")[2]
        # Over TLS the server's certificate is verified, with the system's authorities.
        is_secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if is_secure else http.client.HTTPConnection
        self._connection = kind(self._host, timeout=TIMEOUT)
        self._used = 0.0

    def send(self, request: Request) -> HttpResponse:
        """Send a request, and return the server's response.

        Raises:
            OSError: The server cannot be reached, or its response is not complete in time.
            http.client.HTTPException: The response is not HTTP.
        """
        connection = self._connection
        if self._is_stale():
            connection.close()
        try:
            if connection.sock is None:
                connection.connect()
            with _done_within(TIMEOUT, connection.sock):
                connection.putrequest(
                    request.method, request.path, skip_host=True, skip_accept_encoding=True
                )
                connection.putheader("Host", self._host)
                connection.putheader("Accept-Encoding", "identity")
                for name, value in request.headers:
                    if name.lower() not in _HOP_BY_HOP:
                        connection.putheader(name, value.encode("latin-1"))
                connection.endheaders(request.content or None)
                with connection.getresponse() as response:
                    content = response.read()
        except BaseException:
            # The rest of this response may still arrive, and would be taken for the next one.
            connection.close()
            raise
        self._used = time.monotonic()
        headers = [each for each in response.getheaders() if each[0].lower() not in _REWRITTEN]
        return _decoded(HttpResponse(response.status, response.reason, headers, content))

    def close(self) -> None:
        """Close it; the next request opens a new one."""
        self._connection.close()

    def _is_stale(self) -> bool:
        used = self._connection.sock
        if used is None:
            return False
        # Unsolicited data means that the server closed the connection.
        return time.monotonic() - self._used > _IDLE or bool(select.select([used], [], [], 0)[0])


def server(handle: Callable[[Request], HttpResponse]) -> ThreadingHTTPServer:
    """Return a server on a free port of this machine that responds as a function decides."""
    return _Server(
        ("127.0.0.1", 0), type("Handler", (_Handler,), {"respond": staticmethod(handle)})
    )


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Ignore clients that disconnect."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*_)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # Head and body in one packet.
    wbufsize = -1
    respond: Callable[[Request], HttpResponse]

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._forward
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        pass

    def _forward(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        content = self.rfile.read(length)
        if len(content) < length:
            # The client was interrupted; a server would wait for the rest.
            self.close_connection = True
            return
        request = Request(self.command, self.path, self.headers.items(), content)
        response = self.respond(request)
        self.send_response_only(response.status, response.reason)
        for name, value in response.headers:
            self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(response.content)))
        self.end_headers()
        self.wfile.write(response.content)


@contextmanager
def _done_within(seconds: float, connection: socket.socket) -> Iterator[None]:
    """Close a connection whose response takes too long, even if data keeps arriving.

    Raises:
        TimeoutError: It was closed.
    """
    is_late = threading.Event()

    def cut() -> None:
        is_late.set()
        with suppress(OSError):
            # The plain socket: another thread is reading from the TLS one.
            socket.socket.shutdown(connection, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        # A response without a length that was cut off looks complete.
        if is_late.is_set():
            raise TimeoutError(f"the response was not complete after {seconds:g} s")


def _decoded(response: HttpResponse) -> HttpResponse:
    """Decompress a response that a server compressed unasked, to find the ids in it."""
    named = {name.lower(): value for name, value in response.headers}
    coding = named.get("content-encoding", "").strip().lower()
    try:
        if coding in {"gzip", "x-gzip"}:
            content = gzip.decompress(response.content)
        elif coding == "deflate":
            # Some servers send it without the zlib header.
            is_bare = response.content[:1] != b"\x78"
            content = zlib.decompress(
                response.content, -zlib.MAX_WBITS if is_bare else zlib.MAX_WBITS
            )
        else:
            return response
    except (OSError, EOFError, zlib.error):
        return response
    headers = [each for each in response.headers if each[0].lower() != "content-encoding"]
    return response._replace(headers=headers, content=content)
