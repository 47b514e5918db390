"""Peers on loopback that answer in their own way, and one call to them, sync or async."""

from __future__ import annotations

import asyncio
import contextlib
import operator
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from calypso_pay import AsyncCalypso, Calypso

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

IDENTITY = {"key": "canary-of-a-key", "secret": "canary-of-a-secret", "account": "0xabc"}


@contextmanager
def peer(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """Listen on loopback, and do with every connection as told; what breaks it is its end."""
    over = threading.Event()
    threads = []

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(10)
            behave(connection)

    def listen() -> None:
        while not over.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = listener.accept()
                threads.append(threading.Thread(target=serve, args=(connection,)))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        threads.append(threading.Thread(target=listen))
        threads[0].start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            for thread in threads:
                thread.join(timeout=10)


def read_request(connection: socket.socket) -> bytes:
    """Read a request up to the end of its JSON body."""
    data = b""
    while not data.endswith(b"}") and (piece := connection.recv(65536)):
        data += piece
    return data


def answering(answer: bytes) -> Callable[[socket.socket], None]:
    """Answer each request with these bytes and hang up."""

    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(answer)

    return behave


def call(method: str, *args: Any, asynchronous: bool, **settings: Any) -> Any:
    """Make a client, call one of its methods by its dotted name, and close it."""
    settings = {**IDENTITY, "max_retries": 0, **settings}
    if not asynchronous:
        with Calypso(**settings) as client:
            return operator.attrgetter(method)(client)(*args)

    async def run() -> Any:
        async with AsyncCalypso(**settings) as client:
            return await operator.attrgetter(method)(client)(*args)

    return asyncio.run(run())
