"""How many requests the mock handles over HTTP while a bare application handles one.

The bare application returns as many bytes, under the same server. Both take turns in each round.
"""

from __future__ import annotations

import itertools
import json
import multiprocessing
import socket
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks import canned
from benchmarks.contenders import by_hand
from calypso_mock import Mock, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection

_ROUNDS = 7
_PAGE_SIZES = (1, 20, 100)
_CREATE_PATH = "/api/v1/customer-purse/customer/create"
_ADDRESS_PATH = "/api/v1/customer-purse/address/get"


class _Bare(Mock):
    """Returns as many bytes as the query of a request names."""

    def asgi(self) -> Any:
        async def respond(scope: Any, receive: Any, send: Any) -> None:
            while (await receive()).get("more_body"):
                pass
            size = scope["query_string"]
            headers = [(b"content-type", b"application/json"), (b"content-length", size)]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": bytes(int(size))})

        return respond


def _serve(made: type[Mock], pipe: Connection) -> None:
    mock = made()
    with Server(mock) as server:
        pipe.send((server.url, mock.settings()))
        for address, deposits in iter(pipe.recv, None):
            for _ in range(deposits):
                mock.simulate_deposit(address=address, currency="USDT_TRX", amount=canned.EXACT)
            pipe.send(None)


class _Served:
    """A mock in a process of its own, and a connection to it."""

    def __init__(self, made: type[Mock]) -> None:
        self._pipe, other = multiprocessing.Pipe()
        multiprocessing.Process(target=_serve, args=(made, other), daemon=True).start()
        url, self._settings = self._pipe.recv()
        self._socket = socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])))

    def deposit(self, address: str, deposits: int) -> None:
        """Let an address get so many deposits."""
        self._pipe.send((address, deposits))
        self._pipe.recv()

    def request(self, path: str, **payload: object) -> bytes:
        """Return a signed request, ready to be sent."""
        settings = self._settings
        body, headers = by_hand.signed(settings["secret"].encode(), payload, settings["account"])
        headers |= {"Host": "mock", "Key": settings["key"], "Content-Length": str(len(body))}
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {headers[name]}" for name in headers), "\r\n"]
        return "\r\n".join(lines).encode() + body

    def send(self, request: bytes) -> bytes:
        """Send a request, and return the body of its response."""
        self._socket.sendall(request)
        head, _, body = self._socket.recv(65536).partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"{head!r} {body!r}")
        size = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        while len(body) < size:
            body += self._socket.recv(65536)
        return body

    def seconds(self, requests: Sequence[bytes]) -> float:
        """Return how long some requests take."""
        start = time.perf_counter()
        for request in requests:
            self.send(request)
        return time.perf_counter() - start


def rates(calls: int) -> Iterator[list[float]]:
    """Return the size of pages, and the rates of four kinds of calls, each a median of rounds.

    Args:
        calls: Calls of each kind in a round.
    """
    mock, bare = _Served(Mock), _Served(_Bare)
    customer = json.loads(mock.send(mock.request(_CREATE_PATH)))["id"]
    address = mock.request(_ADDRESS_PATH, customerId=customer, currency="USDT_TRX")
    shown = 0
    for size in _PAGE_SIZES:
        deposits = (_ROUNDS + 1) * calls * size
        mock.deposit(json.loads(mock.send(address))["address"], deposits)
        unseen = itertools.count(-(-shown // size))
        find = partial(mock.request, canned.FIND_PATH, pageSize=size)
        kinds: list[Callable[[], bytes]] = [
            partial(mock.request, canned.ACCOUNT_PATH),
            partial(mock.request, _CREATE_PATH),
            partial(find, pageNumber=0),
            partial(_next_page, find, unseen),
        ]
        yield [size, *(_median(mock, bare, kind, calls) for kind in kinds)]
        shown += deposits


def _next_page(find: Callable[..., bytes], numbers: Iterator[int]) -> bytes:
    return find(pageNumber=next(numbers))


def _median(mock: _Served, bare: _Served, make: Callable[[], bytes], calls: int) -> float:
    from statistics import median

    found = []
    for _ in range(_ROUNDS):
        requests = [make() for _ in range(calls)]
        as_many = [bare.request(f"/?{len(mock.send(requests[0]))}")] * (calls - 1)
        found.append(bare.seconds(as_many) / mock.seconds(requests[1:]))
    return median(found)
