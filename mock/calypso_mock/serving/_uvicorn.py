"""A server of uvicorn that stops at once."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    import socket

_TICK = 0.01


class PromptServer(uvicorn.Server):
    """Stops as soon as no request is open.

    uvicorn itself checks only every tenth of a second whether to stop, and then sleeps for another
    tenth: together most of the time of a test that serves a mock.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Stop serving; called from another thread than the server's."""
        if self.started:
            self.servers[0].get_loop().call_soon_threadsafe(self._stopping.set)

    async def main_loop(self) -> None:
        """Serve until `stop`."""
        await self._stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, and give open requests the configured time."""
        await self._stop_accepting()
        for listener in (*self.servers, *(sockets or ())):
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        # A connection without a request is gone one turn later.
        await asyncio.sleep(0)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 - no event for it
                    await asyncio.sleep(_TICK)
        for task in self.server_state.tasks:
            task.cancel()

    async def _stop_accepting(self) -> None:
        """Accept no more connections, and wait for those that are half accepted.

        asyncio makes a connection in two more turns. One that is made after the listener closed
        fails, or is not in the server's state when its connections are shut down.
        """
        loop = asyncio.get_running_loop()
        # The loop of Windows has no readers, and makes a connection at once.
        with contextlib.suppress(NotImplementedError):
            for listening in [each for server in self.servers for each in server.sockets]:
                loop.remove_reader(listening.fileno())
        for _ in range(2):
            await asyncio.sleep(0)
