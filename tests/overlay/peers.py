"""Peers on loopback that respond in their own way, and one call to them, sync or async."""

from __future__ import annotations

import asyncio
import contextlib
import operator
import re
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from calypso_pay import AsyncCalypso, Calypso

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

IDENTITY = {"key": "canary-of-a-key", "secret": "canary-of-a-secret", "account": "0xabc"}

# Seconds after which what should have happened long ago is taken not to happen at all.
PATIENCE = 30.0


@contextmanager
def peer(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """Listen on loopback, and handle each connection with the given function; an error ends it."""
    over = threading.Event()
    threads = []

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(PATIENCE)
            behave(connection)

    def listen() -> None:
        while True:
            connection, _ = listener.accept()
            if over.is_set():
                connection.close()
                return
            threads.append(threading.Thread(target=serve, args=(connection,)))
            threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
        threads.append(threading.Thread(target=listen))
        threads[0].start()
        try:
            yield f"http://127.0.0.1:{address[1]}"
        finally:
            over.set()
            # Nothing else wakes a thread that accepts.
            socket.create_connection(address).close()
            for thread in threads:
                thread.join(PATIENCE)


def read_request(connection: socket.socket) -> bytes:
    """Read a request up to the end of its JSON body."""
    data = b""
    while not data.endswith(b"}") and (piece := connection.recv(65536)):
        data += piece
    return data


def read_response(connection: socket.socket) -> bytes:
    """Read a response with a `Content-Length`."""
    data = b""
    while not _is_whole(data) and (piece := connection.recv(65536)):
        data += piece
    return data


def _is_whole(response: bytes) -> bool:
    head, end, body = response.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    return bool(end and length and len(body) >= int(length[1]))


class Caller:
    """A client that makes one call after another, sync or async."""

    def __init__(self, *, asynchronous: bool, **settings: Any) -> None:
        kind: Any = AsyncCalypso if asynchronous else Calypso
        self._client = kind(**{**IDENTITY, "max_retries": 0, **settings})
        self._runner = asyncio.Runner() if asynchronous else None

    def call(self, method: str, *args: Any) -> Any:
        """Call a method by its dotted name."""
        result = operator.attrgetter(method)(self._client)(*args)
        return self._runner.run(result) if self._runner else result

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._runner is None:
            self._client.close()
            return
        with self._runner as runner:
            runner.run(self._client.aclose())


def responding(response: bytes) -> Callable[[socket.socket], None]:
    """Respond to each request with these bytes and hang up."""

    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(response)

    return behave


def call(method: str, *args: Any, asynchronous: bool, **settings: Any) -> Any:
    """Make a client, call one of its methods by its dotted name, and close it."""
    with Caller(asynchronous=asynchronous, **settings) as caller:
        return caller.call(method, *args)
