"""Give back the connection of a call that was interrupted.

httpcore leaks one when a task is cancelled just as a full pool hands it over, or while its response
is being closed, and likewise when a signal handler raises in a thread. Without `evict_leaked` its
place in the pool stays taken for ever.
"""

# ruff: noqa: SLF001 - everything used here is private

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any

from calypso_pay._httpx_quirks._pools import pools

# What is raised where a private part is not what it was. No more than that: what a signal handler
# raises meanwhile has to go on to the caller.
_NOT_FOUND = (AttributeError, KeyError, TypeError, ValueError)


def replace_lock(client: object) -> None:
    """Let no signal handler leave the pool of a synchronous client locked for ever.

    httpcore takes its lock in a Python function, after which a handler may raise before the lock
    is known to be held. The lock of the standard library is taken in one step.
    """
    for pool in pools(client):
        if hasattr(pool, "_optional_thread_lock"):
            pool._optional_thread_lock = threading.Lock()


def evict_leaked(client: object, mark: object, *, interrupted: bool) -> None:
    """Drop the request with this mark from the pool, and connections that no request holds.

    Args:
        client: A client of httpx.
        mark: The value of the request's extension ``timeout``.
        interrupted: Whether something else than the transport interrupted it, at any line.
    """
    for pool in pools(client):
        with suppress(*_NOT_FOUND):
            with pool._optional_thread_lock:
                leaked = _leaked(pool, mark, interrupted=interrupted)
            pool._close_connections(leaked)


async def aevict_leaked(client: object, mark: object, *, interrupted: bool) -> None:
    """Do as `evict_leaked` does, for an asynchronous client."""
    for pool in pools(client):
        with suppress(*_NOT_FOUND):
            await pool._close_connections(_leaked(pool, mark, interrupted=interrupted))


def _leaked(pool: Any, mark: object, *, interrupted: bool) -> list[Any]:  # noqa: ANN401 - httpcore's
    """Take leaked connections out of a pool, and return those that have to be closed.

    After an interruption they include idle ones, too: a signal handler that raised may have left a
    lock of one taken, or its state after the last exchange wrong.
    """
    pool._requests[:] = [
        it for it in pool._requests if it.request.extensions.get("timeout") is not mark
    ]
    held = {id(request.connection) for request in pool._requests}
    free = [it for it in pool._connections if id(it) not in held]
    leaked = [it for it in free if interrupted or not (it.is_idle() or it.is_closed())]
    if not leaked:
        return []
    pool._connections[:] = [it for it in pool._connections if it not in leaked]
    # Requests that wait for a connection get one now.
    return [*leaked, *pool._assign_requests_to_connections()]
