"""Give each waiting request a connection of its own.

httpcore gives one idle connection to several requests at once; all but one of them look for another
again. It also counts the idle ones for each of them, at the start and at the end of a request. With
`assign_once` thirty threads that share a client cost it a quarter less CPU a call.

Without it everything works, and takes more time.
"""

# ruff: noqa: SLF001 - httpcore's parts are private

from __future__ import annotations

from functools import partial
from typing import Any

from calypso_pay._httpx_quirks._pools import pools


def assign_once(client: object) -> None:
    """Let each pool of a client over HTTP/1.1 give a connection to one request."""
    for pool in pools(client):
        if hasattr(pool, "_assign_requests_to_connections"):
            pool._assign_requests_to_connections = partial(_assign, pool)


def _assign(pool: Any) -> list[Any]:  # noqa: ANN401 - httpcore's
    """Give connections to the requests that wait for one, and return those that are to be closed.

    As many idle ones are kept as there may be connections, so that none is surplus.
    """
    closing = _without_expired(pool)
    waiting = [each for each in pool._requests if each.is_queued()]
    if not waiting:
        return closing
    taken = {id(each.connection) for each in pool._requests}
    idle = [it for it in pool._connections if it.is_available() and id(it) not in taken]
    for request in waiting:
        origin = request.request.url.origin
        connection = next((it for it in idle if it.can_handle_request(origin)), None)
        if connection is not None:
            idle.remove(connection)
        elif _has_place(pool, idle, closing):
            connection = pool.create_connection(origin)
            pool._connections.append(connection)
        else:
            break
        request.assign_to_connection(connection)
    return closing


def _has_place(pool: Any, idle: list[Any], closing: list[Any]) -> bool:  # noqa: ANN401 - likewise
    """Return whether there may be another connection, if need be in place of an idle one."""
    if len(pool._connections) >= pool._max_connections and idle:
        closing.append(idle.pop())
        pool._connections.remove(closing[-1])
    return bool(len(pool._connections) < pool._max_connections)


def _without_expired(pool: Any) -> list[Any]:  # noqa: ANN401 - likewise
    closing = []
    for connection in list(pool._connections):
        if connection.is_closed():
            pool._connections.remove(connection)
        elif connection.has_expired():
            pool._connections.remove(connection)
            closing.append(connection)
    return closing
