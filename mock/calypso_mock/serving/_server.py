"""Serve a mock over HTTP on this machine."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
import time
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Self

from calypso_mock import _extras
from calypso_mock._errors import MockError
from calypso_mock._loopback import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calypso_mock.api._http import Exchange
    from calypso_mock.delivery._http_sender import Deliver
    from calypso_mock.serving._protocols import ServedMock
    from calypso_mock.serving._uvicorn import PromptServer

_PORTS = 65536
_TICK = 0.01
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Server:
    """Serves a mock from a thread for as long as a ``with`` block lasts.

    Args:
        mock: The mock to serve, a ``Mock``.
        host: The address to listen on.
        port: The port; 0 lets the system choose one.
        allow_remote: Listen on an address that other machines can reach. The control endpoints
            stay closed to them.
        deliver: The function to send webhook events with, such as ``Sender(timeout=1)``; where
            absent, the mock's ``deliver``, or else a ``Sender()``.

    Raises:
        MockError: If the host is not this machine's own and ``allow_remote`` is not set; on
            entering, if the port is not available.
    """

    def __init__(
        self,
        mock: ServedMock,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        allow_remote: bool = False,
        deliver: Deliver | None = None,
    ) -> None:
        if not allow_remote and not is_loopback(host):
            raise MockError(
                f"{host} can be reached from other machines; pass allow_remote=True if you mean it"
            )
        self._mock = mock
        self._host = host
        self._deliver = deliver
        self._port = port

    def __repr__(self) -> str:
        return f"<Server {self.url}>"

    @property
    def url(self) -> str:
        """Where the mock is served, such as ``http://127.0.0.1:8000``."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            stack.enter_context(self._mock.deliveries.in_background(self._deliver))
            listener = _listen(self._host, self._port)
            self._port = listener.getsockname()[1]
            self._server = _uvicorn(self._mock)
            self._thread = threading.Thread(
                target=self._server.run, args=([listener],), name="calypso-mock", daemon=True
            )
            self._thread.start()
            while not self._server.started and self._thread.is_alive():
                time.sleep(_TICK)
            self._delivering = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._delivering.close()
        self._server.stop()
        self._thread.join()


def run(  # noqa: PLR0913 - a command line's options, all named
    mock: ServedMock,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    allow_remote: bool = False,
    deliver: Deliver | None = None,
    on_ready: Callable[[str], None] | None = None,
    on_request: Callable[[Exchange], None] | None = None,
) -> None:
    """Serve a mock until Ctrl-C or SIGTERM, then free the port and return.

    Args:
        mock: The mock to serve, a ``Mock``.
        host: The address to listen on.
        port: The port; 0 lets the system choose one.
        allow_remote: As for ``Server``.
        deliver: As for ``Server``.
        on_ready: Called with the URL once the mock is served.
        on_request: Called after every response.

    Raises:
        MockError: As ``Server`` does.
    """
    if on_request is not None:
        mock.observe(on_request)
    with (
        _stopped_by_signals() as stop,
        Server(mock, host, port, allow_remote=allow_remote, deliver=deliver) as server,
    ):
        if on_ready is not None:
            on_ready(server.url)
        _wait_for(stop)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    if port not in range(_PORTS):
        raise MockError(f"a port is a number from 0 to {_PORTS - 1}")
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise MockError(f"cannot listen on port {port} of {host}: {error}") from error
    # Accepted sockets inherit it. Without it, head and body of a response are 40 ms apart.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _uvicorn(mock: ServedMock) -> PromptServer:
    uvicorn = _extras.need("uvicorn")
    from calypso_mock.serving._uvicorn import PromptServer

    return PromptServer(
        uvicorn.Config(
            mock.asgi(),
            # One implementation everywhere, whatever else is installed.
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            # The application logs failed responses; a caller that is still sending when the server
            # stops is not an error.
            log_level="critical",
            access_log=False,
            # The mock's own Date header follows its wire clock.
            date_header=False,
            server_header=False,
            # A forged X-Forwarded-For must not turn a caller into another.
            proxy_headers=False,
            timeout_keep_alive=60,
            timeout_graceful_shutdown=1,
        )
    )


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[SimpleQueue[None]]:
    # Not an event: a handler that runs while the main thread holds its lock would wait for ever.
    stop: SimpleQueue[None] = SimpleQueue()
    before = {number: signal.signal(number, lambda *_: stop.put(None)) for number in _STOP_SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait_for(stop: SimpleQueue[None]) -> None:
    while True:
        # With a timeout, since a wait without one does not notice Ctrl-C on Windows.
        with contextlib.suppress(Empty):
            stop.get(timeout=1)
            return
