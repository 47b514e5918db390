"""Pass HTTP requests on to a server, one at a time and each within a limit of time."""

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

from tests.contract.session import PATIENCE
from tests.contract.wire import FAILED, STOPPED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# A connection that was idle for longer is not used again: it may be about to be closed.
_IDLE = 2.0
# They belong to one connection; the encoding is asked for here, since responses are read here.
_HOP_BY_HOP = frozenset(
    {"accept-encoding", "connection", "host", "keep-alive", "te", "transfer-encoding", "upgrade"}
)
# Said anew, or by nobody but the gateway.
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
    """A request on its way; the path is the whole one."""

    method: str
    path: str
    headers: Sequence[tuple[str, str]]
    content: bytes


class Reply(NamedTuple):
    """What is given back for it."""

    status: int
    reason: str
    headers: Sequence[tuple[str, str]]
    content: bytes


class Connection:
    """A connection to a server, opened anew where it was closed or idle.

    Args:
        url: The server's base URL.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.netloc.rpartition("@")[2]
        # Over TLS the server's certificate is verified, with the system's authorities.
        is_secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if is_secure else http.client.HTTPConnection
        self._connection = kind(self._host, timeout=PATIENCE)
        self._used = 0.0

    def send(self, request: Request) -> Reply:
        """Send a request, and return what the server says.

        Raises:
            OSError: It cannot be reached, or its response is not whole in time.
            http.client.HTTPException: What it says is no HTTP.
        """
        connection = self._connection
        if self._is_stale():
            connection.close()
        try:
            if connection.sock is None:
                connection.connect()
            with _done_within(PATIENCE, connection.sock):
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
            # Half of a response may still be on its way, and would be taken for the next one.
            connection.close()
            raise
        self._used = time.monotonic()
        headers = [each for each in response.getheaders() if each[0].lower() not in _REWRITTEN]
        return _decoded(Reply(response.status, response.reason, headers, content))

    def close(self) -> None:
        """Close it; the next request opens another."""
        self._connection.close()

    def _is_stale(self) -> bool:
        used = self._connection.sock
        if used is None:
            return False
        # What comes without having been asked for is the end of the connection.
        return time.monotonic() - self._used > _IDLE or bool(select.select([used], [], [], 0)[0])


def server(answer: Callable[[Request], Reply]) -> ThreadingHTTPServer:
    """Return a server on a free port of this machine, whose requests a function answers."""
    return _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"answer": staticmethod(answer)}))


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that went away."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*_)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # Head and body in one packet.
    wbufsize = -1
    answer: Callable[[Request], Reply]

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._pass_on
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        pass

    def _pass_on(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        content = self.rfile.read(length)
        if len(content) < length:
            # Who sent it was interrupted; a server would wait for the rest.
            self.close_connection = True
            return
        request = Request(self.command, self.path, self.headers.items(), content)
        reply = self.answer(request)
        self.send_response_only(reply.status, reply.reason)
        for name, value in reply.headers:
            self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(reply.content)))
        self.end_headers()
        self.wfile.write(reply.content)


@contextmanager
def _done_within(seconds: float, connection: socket.socket) -> Iterator[None]:
    """Cut a connection off whose response takes too long, however steadily it comes.

    Raises:
        TimeoutError: It was cut off.
    """
    is_late = threading.Event()

    def cut() -> None:
        is_late.set()
        with suppress(OSError):
            # Past TLS, which another thread is reading from.
            socket.socket.shutdown(connection, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        # The end of a response without a length looks the same as one that was cut off.
        if is_late.is_set():
            raise TimeoutError(f"the response was not complete after {seconds:g} s")


def _decoded(reply: Reply) -> Reply:
    """Return a response that a server packed unasked as it is meant: ids have to be found in it."""
    named = {name.lower(): value for name, value in reply.headers}
    coding = named.get("content-encoding", "").strip().lower()
    try:
        if coding in {"gzip", "x-gzip"}:
            content = gzip.decompress(reply.content)
        elif coding == "deflate":
            # Some send it without the zlib header that belongs to it.
            is_bare = reply.content[:1] != b"\x78"
            content = zlib.decompress(reply.content, -zlib.MAX_WBITS if is_bare else zlib.MAX_WBITS)
        else:
            return reply
    except (OSError, EOFError, zlib.error):
        return reply
    headers = [each for each in reply.headers if each[0].lower() != "content-encoding"]
    return reply._replace(headers=headers, content=content)
