"""httpx, as one writes it by hand: the reference of all ratios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from benchmarks.contenders.by_hand import async_calls, calls, decoded, signed

if TYPE_CHECKING:
    from benchmarks.canned import Target


def sync(target: Target) -> tuple[Any, Any]:
    """Return the two calls."""
    client, secret = httpx.Client(base_url=target.url, transport=target.transport), _secret(target)

    def post(path: str, payload: dict[str, Any] | None) -> Any:
        body, headers = signed(secret, payload)
        response = client.post(path, content=body, headers=headers)
        return decoded(response.status_code, response.content)

    return calls(post)


def asynchronous(target: Target) -> tuple[Any, Any]:
    """Return the two calls, with `httpx.AsyncClient` at its default limits."""
    client, secret = httpx.AsyncClient(base_url=target.url), _secret(target)

    async def post(path: str, payload: dict[str, Any] | None) -> Any:
        body, headers = signed(secret, payload)
        response = await client.post(path, content=body, headers=headers)
        return decoded(response.status_code, response.content)

    return async_calls(post)


def _secret(target: Target) -> bytes:
    return bytes(target.secret, "ascii")
