"""The process and event loop that run now: what is made in one may not be used in another.

Nothing here takes a lock: another thread may hold it at the moment of a fork, and in the child no
thread would release it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import asyncio


class _Process:
    """A process. The id alone is not enough: a grandchild may get that of a dead ancestor."""


_current_process = _Process()


def _after_fork() -> None:
    global _current_process  # noqa: PLW0603 - a forked child is another process
    _current_process = _Process()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class Scope(NamedTuple):
    """Where a connection may be used.

    Attributes:
        pid: The id of the process, for those that fork without Python's knowledge.
        process: The process.
        loop: The event loop; None for synchronous connections.
    """

    pid: int
    process: object
    loop: asyncio.AbstractEventLoop | None = None

    @classmethod
    def current(cls, loop: asyncio.AbstractEventLoop | None = None) -> Scope:
        """Return the current process, with one of its event loops."""
        return cls(os.getpid(), _current_process, loop)

    def is_in_process_of(self, other: Scope) -> bool:
        """Return whether both are in the same process."""
        return (self.pid, self.process) == (other.pid, other.process)
