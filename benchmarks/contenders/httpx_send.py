"""httpx with the cheapest way to send: a request of one's own, with a ready URL and headers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from benchmarks.contenders.by_hand import async_calls, calls, decoded, signed

if TYPE_CHECKING:
    from benchmarks.canned import Target


def sync(target: Target) -> tuple[Any, Any]:
    """Return the two calls."""
    client, request = httpx.Client(transport=target.transport), _maker(target)

    def post(path: str, payload: dict[str, Any] | None) -> Any:
        response = client.send(request(path, payload))
        return decoded(response.status_code, response.content)

    return calls(post)


def asynchronous(target: Target) -> tuple[Any, Any]:
    """Return the two calls, to be awaited."""
    client, request = httpx.AsyncClient(), _maker(target)

    async def post(path: str, payload: dict[str, Any] | None) -> Any:
        response = await client.send(request(path, payload))
        return decoded(response.status_code, response.content)

    return async_calls(post)


def _maker(target: Target) -> Any:
    secret, urls = target.secret.encode(), dict[str, httpx.URL]()
    extensions = {"timeout": httpx.Timeout(5.0).as_dict()}

    def request(path: str, payload: dict[str, Any] | None) -> httpx.Request:
        body, headers = signed(secret, payload)
        url = urls.get(path) or urls.setdefault(path, httpx.URL(target.url + path))
        return httpx.Request("POST", url, headers=headers, content=body, extensions=extensions)

    return request
