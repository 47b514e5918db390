"""What asynchronous drivers do with the event loop that runs.

It imports asyncio, which is slow to import, so nothing that synchronous programs use imports it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from calypso_pay._errors import ConfigurationError
from calypso_pay._exchange import AwaitListener, Interrupted, Sleep
from calypso_pay._scope import Scope

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable


def current_scope() -> Scope:
    """Return the current process and event loop.

    Raises:
        ConfigurationError: No event loop of asyncio is running.
    """
    try:
        return Scope.current(asyncio.get_running_loop())
    except RuntimeError:
        raise ConfigurationError(
            "AsyncCalypso works under asyncio, and no event loop of it is running. Under trio, "
            "call a Calypso in a thread: await trio.to_thread.run_sync(calypso.accounts.get)."
        ) from None


async def wait(step: Sleep | AwaitListener) -> Interrupted | None:
    """Wait before a retry, or for a listener."""
    try:
        await (asyncio.sleep(step.seconds) if isinstance(step, Sleep) else step.listener)
    except GeneratorExit:
        raise
    except BaseException as error:  # noqa: BLE001 - it goes on to the caller
        return Interrupted(error, unsent=True)
    return None


def close_with_loop(close: Callable[[], Awaitable[object]]) -> object:
    """Have a function awaited before the event loop that runs ends.

    Returns:
        Something to be kept until then.
    """
    # An event loop closes the asynchronous generators that began in it before it ends. This one
    # begins in its first step, and does not wait in it, so it can be stepped from here.
    closing = _closing(close)
    with suppress(StopIteration):
        closing.__anext__().send(None)
    return closing


async def _closing(close: Callable[[], Awaitable[object]]) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        await close()
