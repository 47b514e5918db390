"""Give back the connection of a call that was cancelled.

httpcore loses one when a task is cancelled just as a full pool hands it over, or while its answer
is being closed. Without `release` its place in the pool stays taken for ever.
"""

# ruff: noqa: SLF001 - all that is reached for is private

from __future__ import annotations

from contextlib import suppress
from typing import Any

from calypso_pay._httpx_quirks._pools import pools


async def release(client: object, mark: object) -> None:
    """Let go of the request with this mark, and of connections that no request holds.

    Args:
        client: An asynchronous client of httpx.
        mark: What the request has as its extension ``trace``.
    """
    for pool in pools(client):
        with suppress(Exception):
            await _release(pool, mark)


async def _release(pool: Any, mark: object) -> None:  # noqa: ANN401 - httpcore's, not imported here
    pool._requests[:] = [
        it for it in pool._requests if it.request.extensions.get("trace") is not mark
    ]
    held = {id(request.connection) for request in pool._requests}
    lost = [
        it for it in pool._connections if not (id(it) in held or it.is_idle() or it.is_closed())
    ]
    if lost:
        pool._connections[:] = [it for it in pool._connections if it not in lost]
        # Whoever waits for a place gets it now.
        await pool._close_connections([*lost, *pool._assign_requests_to_connections()])
