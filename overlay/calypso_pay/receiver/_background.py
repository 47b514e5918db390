"""Tasks that finish even when the request that started them is cancelled."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")

_log = logging.getLogger("calypso_pay.receiver")


class BackgroundTasks:
    """The deliveries being processed, in tasks that the caller cannot cancel."""

    def __init__(self) -> None:
        # Event loops keep weak references only: without this one a task could disappear.
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start a task."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def drain(self, within: float) -> None:
        """Wait until all tasks of this event loop are done, for at most so many seconds."""
        loop = asyncio.get_running_loop()
        pending = {task for task in self._tasks if task.get_loop() is loop}
        if pending:
            _, pending = await asyncio.wait(pending, timeout=within)
        if pending:
            _log.error("%d deliveries were not finished within %g seconds", len(pending), within)
