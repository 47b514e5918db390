"""A proxy between a test and the mock that changes responses: any defect can be simulated."""

from __future__ import annotations

import http.client
import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.contract.wire import Target


class CutError(Exception):
    """Raised by a defect to send no response, and close the connection."""


@dataclass(frozen=True)
class MockResponse:
    """A response of the mock.

    Attributes:
        status: Its HTTP status.
        content_type: Its media type.
        content: Its bytes.
        allow: The value of its Allow header.
        path: The request's path.
        asked: The request's bytes.
    """

    status: int
    content_type: str
    content: bytes
    allow: str | None = None
    path: str = ""
    asked: bytes = b""


@contextmanager
def tampered(
    target: Target,
    defect: Callable[[MockResponse], MockResponse],
    *,
    controls: bool = True,
    dead: threading.Event | None = None,
) -> Iterator[Target]:
    """Put a defect in front of a mock; control endpoints are forwarded unchanged, or not found.

    Args:
        target: The mock.
        defect: Changes responses, or raises `CutError`.
        controls: Whether control endpoints are available.
        dead: Once it is set, there are no more responses.
    """
    facts = {"upstream": target, "defect": staticmethod(defect), "controls": controls}
    facts["dead"] = dead or threading.Event()
    handler = type("Handler", (_Handler,), facts)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield replace(target, base_url=f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one packet, and no wait between packets: an acknowledgement takes 40 ms.
    wbufsize = -1
    disable_nagle_algorithm = True
    upstream: Target
    controls: bool
    dead: threading.Event
    defect: Callable[[MockResponse], MockResponse]

    def setup(self) -> None:
        """Keep one connection to the mock for each of the client's."""
        super().setup()
        self._mock = http.client.HTTPConnection(urlsplit(self.upstream.base_url).netloc)

    def finish(self) -> None:
        """Close both."""
        self._mock.close()
        super().finish()

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._forward
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        pass

    def _forward(self) -> None:
        if self.dead.is_set():
            self.close_connection = True
            return
        if self.path.startswith("/_mock/"):
            response = self._ask() if self.controls else MockResponse(404, "text/plain", b"")
        else:
            try:
                response = self.defect(self._ask())
            except CutError:
                self.close_connection = True
                return
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        if response.allow:
            self.send_header("Allow", response.allow)
        self.send_header("Content-Length", str(len(response.content)))
        self.end_headers()
        self.wfile.write(response.content)

    def _ask(self) -> MockResponse:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._mock.request(self.command, self.path, body, dict(self.headers))
        response = self._mock.getresponse()
        kind = response.headers.get("Content-Type", "application/json")
        allow = response.headers.get("Allow")
        return MockResponse(response.status, kind, response.read(), allow, self.path, body)
