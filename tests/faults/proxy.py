"""A TCP proxy on loopback that treats each request on its way as a fault says.

A fault is a function of one `Visit`: it reads what it likes of the request, may pass it on, and
sends back what it likes. The mock behind it is never part of the fault.
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

    Fault = Callable[["Visit"], None]
    Address = tuple[str, int]

PATIENCE = 30.0

# Linger for no time at all.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Visit:
    """One request of a client, as a fault sees it."""

    def __init__(
        self, connection: socket.socket, upstream: Address, shut: Callable[[], None]
    ) -> None:
        self._connection = connection
        self._upstream = upstream
        self._shut = shut

    def read(self) -> Message:
        """Read the request to its end."""
        return message.read(self._connection)

    def read_some(self, size: int) -> None:
        """Read some bytes of the request only."""
        self._connection.recv(size)

    def carry_out(self, request: Message | None = None) -> Message:
        """Have the mock answer the request, and return its answer."""
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
        """Send piece by piece, each after a pause, until the client is gone."""
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

    def shut_the_door(self) -> None:
        """Refuse all connections from now on."""
        self._shut()

    def wait_for_client(self) -> bool:
        """Wait until a request begins to arrive; False when the client is gone."""
        try:
            return bool(self._connection.recv(1, socket.MSG_PEEK))
        except OSError:
            return False

    def swallow(self) -> None:
        """Take what comes and say nothing, until the client gives up."""
        with contextlib.suppress(OSError):
            while self._connection.recv(message.CHUNK):
                pass

    @property
    def over(self) -> bool:
        """Whether the connection is closed on this side."""
        return self._connection.fileno() == -1


def pass_on(visit: Visit) -> None:
    """Do no harm."""
    visit.send(visit.carry_out().content)


class Proxy:
    """Listens on a port of its own, in front of a mock; a context manager.

    Args:
        upstream: Where the mock listens.
    """

    def __init__(self, upstream: Address) -> None:
        self._upstream = upstream
        self._script: deque[Fault] = deque()
        self._then: Fault = pass_on
        self._threads: list[threading.Thread] = []
        self._connections: list[socket.socket] = []
        self._fillers: list[socket.socket] = []
        self._listener = socket.socket()
        # Bound, and so nobody else's; while nobody listens, connecting is refused.
        self._listener.bind(("127.0.0.1", 0))
        self._rested = threading.Event()
        self.errors: list[Exception] = []

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def play(self, script: Iterable[Fault], then: Fault = pass_on) -> None:
        """Treat the next requests by a script, one fault each, and all after it by another."""
        self._script = deque(script)
        self._then = then

    def open(self) -> None:
        """Listen, or if the queue of callers was filled, make room in it."""
        if self._threads:
            return
        for filler in self._fillers:
            filler.close()
        self._listener.listen()
        self._start(self._accept)

    def fill(self) -> None:
        """Listen, but let the queue of callers be full: whoever connects, waits."""
        self._listener.listen(0)
        while True:
            caller = socket.socket()
            self._fillers.append(caller)
            caller.settimeout(0.05)
            try:
                caller.connect(self._listener.getsockname())
            except TimeoutError:
                return

    def shut(self) -> None:
        """Refuse whoever connects from now on."""
        self._listener.shutdown(socket.SHUT_RDWR)

    def rest(self) -> None:
        """Wait until the present fault has done what it does."""
        self._rested.wait(PATIENCE)

    def settle(self) -> None:
        """Wait, after all clients have gone, until every fault has done what it does."""
        until = time.monotonic() + PATIENCE
        for thread in self._threads[1:]:
            thread.join(max(0.0, until - time.monotonic()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in (self._listener, *self._connections, *self._fillers):
            with contextlib.suppress(OSError):
                # It wakes whoever waits for it; closing alone does not.
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
        visit = Visit(connection, self._upstream, self.shut)
        # Picked when a request begins to arrive: not every connection brings one.
        while not visit.over and visit.wait_for_client():
            self._rested.clear()
            self._treat(visit, self._script.popleft() if self._script else self._then)
            self._rested.set()
        connection.close()

    def _treat(self, visit: Visit, fault: Fault) -> None:
        try:
            fault(visit)
        except OSError:
            # The client has gone, which most faults make it do.
            visit.close()
        except Exception as error:  # noqa: BLE001 - told by the cell that it happened in
            self.errors.append(error)
            visit.close()

    def _start(self, function: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=function, args=args, daemon=True)
        thread.start()
        self._threads.append(thread)
