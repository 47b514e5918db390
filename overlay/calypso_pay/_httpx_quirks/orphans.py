"""Give back the connection of a call that was broken off.

httpcore loses one when a task is cancelled just as a full pool hands it over, or while its answer
is being closed, and likewise when a signal handler raises in a thread. Without `release` its place
in the pool stays taken for ever.
"""

# ruff: noqa: SLF001 - all that is reached for is private

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any

from calypso_pay._httpx_quirks._pools import pools

# What happens where a private part is not what it was. Not more: what a signal handler raises
# meanwhile has to go on.
_NOT_FOUND = (AttributeError, KeyError, TypeError, ValueError)


def guard(client: object) -> None:
    """Let no signal handler leave the pool of a synchronous client locked for ever.

    The lock of httpcore is taken in a function of Python's, after which a handler may raise before
    it is known that it has to be given back. That of the standard library is taken at one stroke.
    """
    for pool in pools(client):
        if hasattr(pool, "_optional_thread_lock"):
            pool._optional_thread_lock = threading.Lock()


def release(client: object, mark: object, *, interrupted: bool) -> None:
    """Let go of the request with this mark, and of connections that no request holds.

    Args:
        client: A client of httpx.
        mark: What the request has as its extension ``timeout``.
        interrupted: Whether something else than the transport broke it off, at any point.
    """
    for pool in pools(client):
        with suppress(*_NOT_FOUND):
            with pool._optional_thread_lock:
                lost = _lost(pool, mark, interrupted=interrupted)
            pool._close_connections(lost)


async def arelease(client: object, mark: object, *, interrupted: bool) -> None:
    """Do as `release` does, for an asynchronous client."""
    for pool in pools(client):
        with suppress(*_NOT_FOUND):
            await pool._close_connections(_lost(pool, mark, interrupted=interrupted))


def _lost(pool: Any, mark: object, *, interrupted: bool) -> list[Any]:  # noqa: ANN401 - httpcore's
    """Take what is lost out of a pool, and return which of its connections are to be closed.

    After an interruption, idle ones are among them, too: a signal handler that raised may have left
    a lock of one taken, or what it knows of the last exchange wrong.
    """
    pool._requests[:] = [
        it for it in pool._requests if it.request.extensions.get("timeout") is not mark
    ]
    held = {id(request.connection) for request in pool._requests}
    free = [it for it in pool._connections if id(it) not in held]
    lost = [it for it in free if interrupted or not (it.is_idle() or it.is_closed())]
    if not lost:
        return []
    pool._connections[:] = [it for it in pool._connections if it not in lost]
    # Requests that wait for a place get it now.
    return [*lost, *pool._assign_requests_to_connections()]
