"""A TCP proxy on loopback that does something to each request on its way.

An action is a function of one `Exchange`: it reads as much of the request as it likes, may forward
it, and sends back what it likes. The mock behind the proxy always works normally.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Self

from tests.faults import message
from tests.faults.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Action = Callable[["Exchange"], None]
    Address = tuple[str, int]

PATIENCE = 30.0

# Linger for no time at all.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Exchange:
    """One request of a client and the response to it, for an action to work on."""

    def __init__(
        self, connection: socket.socket, upstream: Address, stop_listening: Callable[[], None]
    ) -> None:
        self._connection = connection
        self._upstream = upstream
        self._stop_listening = stop_listening

    def read(self) -> Message:
        """Read the whole request."""
        return message.read(self._connection)

    def read_some(self, size: int) -> None:
        """Read some bytes of the request only."""
        self._connection.recv(size)

    def carry_out(self, request: Message | None = None) -> Message:
        """Forward the request to the mock, and return its response."""
        request = request or self.read()
        with socket.create_connection(self._upstream, timeout=PATIENCE) as upstream:
            upstream.sendall(request.with_headers(connection="close").content)
            return message.read(upstream).with_headers(connection="")

    def skew(self, seconds: int) -> None:
        """Set how far the mock's clock is ahead."""
        body = json.dumps({"skew": seconds}).encode()
        head = f"POST /_mock/clock HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}"
        self.carry_out(Message(head.encode() + message.END_OF_HEAD, body))

    def send(self, content: bytes) -> None:
        """Send bytes to the client."""
        self._connection.sendall(content)

    def drip(self, content: Iterable[bytes], pause: float) -> None:
        """Send piece by piece, each after a pause, until the client disconnects."""
        for piece in content:
            time.sleep(pause)
            self.send(piece)

    def reset(self) -> None:
        """End the connection with RST, as a crashed process or a firewall does."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.close()

    def close(self) -> None:
        """End the connection in the ordinary way."""
        with contextlib.suppress(OSError):
            # A read in progress would otherwise keep the connection open.
            self._connection.shutdown(socket.SHUT_WR)
        self._connection.close()

    def refuse_connections(self) -> None:
        """Make the proxy refuse all connections from now on."""
        self._stop_listening()

    def wait_for_request(self) -> bool:
        """Wait until a request begins to arrive; return False if the client disconnects."""
        try:
            return bool(self._connection.recv(1, socket.MSG_PEEK))
        except OSError:
            return False

    def ignore(self) -> None:
        """Read what comes and send nothing, until the client gives up."""
        with contextlib.suppress(OSError):
            while self._connection.recv(message.CHUNK):
                pass

    @property
    def closed(self) -> bool:
        """Whether the connection is closed on this side."""
        return self._connection.fileno() == -1


def forward(exchange: Exchange) -> None:
    """Forward request and response unchanged."""
    exchange.send(exchange.carry_out().content)


class Proxy:
    """Listens on a port of its own, in front of a mock; a context manager.

    Args:
        upstream: The mock's address.
    """

    def __init__(self, upstream: Address) -> None:
        self._upstream = upstream
        self._script: deque[Action] = deque()
        self._then: Action = forward
        self._threads: list[threading.Thread] = []
        self._connections: list[socket.socket] = []
        self._fillers: list[socket.socket] = []
        self._listener = socket.socket()
        # Bound, so that no other program gets the port; until `listen`, connections are refused.
        self._listener.bind(("127.0.0.1", 0))
        self._idle = threading.Event()
        self.errors: list[Exception] = []

    @property
    def url(self) -> str:
        """The base URL for clients."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def play(self, script: Iterable[Action], then: Action = forward) -> None:
        """Set the actions for the next requests, in turn, and the action for all later ones."""
        self._script = deque(script)
        self._then = then

    def listen(self) -> None:
        """Accept connections, those that wait in a full backlog included."""
        if self._threads:
            return
        for filler in self._fillers:
            filler.close()
        self._listener.listen()
        self._start(self._accept)

    def fill_backlog(self) -> None:
        """Listen with a full backlog, so that every connection attempt has to wait."""
        self._listener.listen(0)
        while True:
            caller = socket.socket()
            self._fillers.append(caller)
            caller.settimeout(0.05)
            try:
                caller.connect(self._listener.getsockname())
            except TimeoutError:
                return

    def stop_listening(self) -> None:
        """Refuse all connections from now on."""
        self._listener.shutdown(socket.SHUT_RDWR)

    def wait_until_idle(self) -> None:
        """Wait until the current action has ended."""
        self._idle.wait(PATIENCE)

    def wait_for_actions(self) -> None:
        """Wait, after all clients have disconnected, until every action has ended."""
        deadline = time.monotonic() + PATIENCE
        for thread in self._threads[1:]:
            thread.join(max(0.0, deadline - time.monotonic()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in (self._listener, *self._connections, *self._fillers):
            with contextlib.suppress(OSError):
                # It wakes threads that block on the socket; closing alone does not.
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                connection.settimeout(PATIENCE)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._connections.append(connection)
                self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        exchange = Exchange(connection, self._upstream, self.stop_listening)
        # The action is chosen when a request begins to arrive: not every connection brings one.
        while not exchange.closed and exchange.wait_for_request():
            self._idle.clear()
            self._apply(self._script.popleft() if self._script else self._then, exchange)
            self._idle.set()
        connection.close()

    def _apply(self, action: Action, exchange: Exchange) -> None:
        try:
            action(exchange)
        except OSError:
            # The client has disconnected, as it does for most actions.
            exchange.close()
        except Exception as error:  # noqa: BLE001 - the cell that it happened in reports it
            self.errors.append(error)
            exchange.close()

    def _start(self, function: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=function, args=args, daemon=True)
        thread.start()
        self._threads.append(thread)
