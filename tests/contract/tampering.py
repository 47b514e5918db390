"""Stand between a test and the mock, and spoil answers on their way: a defect of one's choice."""

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
    """What a defect raises so that no response comes, and the connection is closed."""


@dataclass(frozen=True)
class Answer:
    """An answer on its way.

    Attributes:
        status: Its HTTP status.
        content_type: Its media type.
        content: Its bytes.
        allow: The methods that it names.
        path: The path that was asked.
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
    defect: Callable[[Answer], Answer],
    *,
    controls: bool = True,
    dead: threading.Event | None = None,
) -> Iterator[Target]:
    """Put a defect in front of a mock; control endpoints go through unharmed, or not at all.

    Args:
        target: The mock.
        defect: Spoils answers, or raises `CutError`.
        controls: Whether control endpoints are there.
        dead: Once it is set, nothing is answered any more.
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
    # Head and body in one packet, or each answer waits 40 ms for an acknowledgement.
    wbufsize = -1
    upstream: Target
    controls: bool
    dead: threading.Event
    defect: Callable[[Answer], Answer]

    def setup(self) -> None:
        """Keep one connection to the mock for each that the client keeps."""
        super().setup()
        self._mock = http.client.HTTPConnection(urlsplit(self.upstream.base_url).netloc)

    def finish(self) -> None:
        """Close both."""
        self._mock.close()
        super().finish()

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._pass_on
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        pass

    def _pass_on(self) -> None:
        if self.dead.is_set():
            self.close_connection = True
            return
        if self.path.startswith("/_mock/"):
            answer = self._ask() if self.controls else Answer(404, "text/plain", b"")
        else:
            try:
                answer = self.defect(self._ask())
            except CutError:
                self.close_connection = True
                return
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        if answer.allow:
            self.send_header("Allow", answer.allow)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def _ask(self) -> Answer:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._mock.request(self.command, self.path, body, dict(self.headers))
        response = self._mock.getresponse()
        kind = response.headers.get("Content-Type", "application/json")
        allow = response.headers.get("Allow")
        return Answer(response.status, kind, response.read(), allow, self.path, body)
