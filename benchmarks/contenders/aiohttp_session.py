"""aiohttp, with a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp

from benchmarks.contenders.by_hand import async_calls, decoded, signed

if TYPE_CHECKING:
    from benchmarks.canned import Target


def asynchronous(target: Target) -> tuple[Any, Any]:
    """Return the two calls; it is called within the event loop."""
    session, url, secret = aiohttp.ClientSession(), target.url, target.secret.encode()

    async def post(path: str, payload: dict[str, Any] | None) -> Any:
        body, headers = signed(secret, payload)
        async with session.post(url + path, data=body, headers=headers) as response:
            return decoded(response.status, await response.read())

    return async_calls(post)
