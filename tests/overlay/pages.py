"""Servers that return pages of transactions, correctly or not, and a way to iterate over them."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Self

import httpx

from calypso_pay import AsyncCalypso, Calypso

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from calypso_mock import Mock

MODES = ("sync", "async")
SETTINGS = {"key": "k", "secret": "s", "account": "0xabc", "base_url": "https://pages.invalid"}


def row(name: str, **changes: Any) -> dict[str, Any]:
    """Return a transaction with a given id, as JSON."""
    return {
        "id": name,
        "amount": 1,
        "addressFrom": "sender",
        "currency": "BTC",
        "transactionState": "CONFIRMED",
        "complianceState": "CHECKED",
        "translationToAccountCompleted": True,
        "createdDate": "2026-01-01T00:00:00.000Z",
        **changes,
    }


def rejection(code: str, status: int = 400, message: str = "rejected") -> httpx.Response:
    return httpx.Response(status, json={"errorCode": code, "message": message, "traceId": "t"})


class Pages:
    """A server that counts its pages from a base and returns rows with the ids in a list.

    A subclass overrides what is wrong with it.
    """

    def __init__(self, *names: str, base: int = 0) -> None:
        self.names = list(names)
        self.base = base
        self.requested: list[int] = []
        self.searches: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        payload = json.loads(request.content)["payload"]
        number, size = payload["pageNumber"], payload["pageSize"]
        self.requested.append(number)
        self.searches.append(payload)
        return self.respond(number, size)

    def respond(self, number: int, size: int) -> httpx.Response:
        if number < self.base:
            return self.before_the_first(size)
        return self.page(number, size, self.rows(number - self.base, size))

    def before_the_first(self, size: int) -> httpx.Response:
        return rejection("001", message="payload.pageNumber=[must be at least 1]")

    def rows(self, place: int, size: int) -> Sequence[str]:
        return self.names[place * size : (place + 1) * size]

    def page(self, number: int, size: int, names: Sequence[str]) -> httpx.Response:
        page = {
            "result": [row(name) for name in names],
            "page": number,
            "size": size,
            "total": self.total(size),
            "totalElements": self.total_elements(),
        }
        return httpx.Response(200, json=page)

    def total(self, size: int) -> int:
        return -(-len(self.names) // size)

    def total_elements(self) -> int:
        return len(self.names)


def mocked(mock: Mock, before: Callable[[], object]) -> Callable[[httpx.Request], httpx.Response]:
    """Return a server that calls a function before each request, then passes it to a mock."""

    def respond(request: httpx.Request) -> httpx.Response:
        before()
        headers = request.headers.multi_items()
        response = mock.handle(request.method, request.url.path, headers, request.content)
        return httpx.Response(
            response.status, headers=dict(response.headers), content=response.body
        )

    return respond


class Walker:
    """A client, sync or async, and its iterators over transactions.

    Each step runs to its end, so a test sees the same with both clients.
    """

    def __init__(
        self, mode: str, server: Callable[[httpx.Request], httpx.Response], **settings: Any
    ) -> None:
        self._runner = asyncio.Runner() if mode == "async" else None
        options = {**SETTINGS, "max_retries": 0, **settings}
        transport = httpx.MockTransport(server)
        self.client: Any = (
            Calypso(**options, transport=transport)
            if self._runner is None
            else AsyncCalypso(**options, transport=transport)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._runner is None:
            self.client.close()
        else:
            self._runner.run(self.client.aclose())
            self._runner.close()

    def begin(self, **arguments: Any) -> Any:
        """Return an iterator."""
        return self.client.transactions.iter(**arguments)

    def step(self, steps: Any) -> str | None:
        """Return the id of the next transaction, or None at the end."""
        found = next(steps, None) if self._runner is None else self.run(anext(steps, None))
        return None if found is None else found.id

    def rest(self, steps: Any) -> list[str]:
        """Return the ids of all transactions that are left."""
        return list(iter(lambda: self.step(steps), None))

    def run(self, result: Any) -> Any:
        """Return the result of a call."""
        return result if self._runner is None else self._runner.run(_awaited(result))


async def _awaited(result: Any) -> Any:
    return await result


def walk(
    mode: str, server: Callable[[httpx.Request], httpx.Response], **arguments: Any
) -> list[str]:
    """Return the ids of all transactions, from the first one or from a cursor on."""
    with Walker(mode, server) as walker:
        return walker.rest(walker.begin(**arguments))
