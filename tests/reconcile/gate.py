"""Have a reconciliation wait for bookings, not for time: no test depends on a clock."""

from __future__ import annotations

import time
from pathlib import Path

# Shorter waits are those between second looks, before which everything was booked.
_SHORTEST = 1.0
_TICK = 0.01


class Gate:
    """A file that a process makes to wait, and another one removes to let it go on.

    Args:
        path: The file.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)

    def __str__(self) -> str:
        return str(self._path)

    def sleep(self, seconds: float) -> None:
        """Wait until all deposits are booked that arrived so far."""
        if seconds < _SHORTEST:
            time.sleep(seconds)
            return
        self._path.touch()
        while self._path.exists():
            time.sleep(_TICK)

    def is_waited_for(self) -> bool:
        """Return whether a process waits."""
        return self._path.exists()

    def open(self) -> None:
        """Let it go on."""
        self._path.unlink()
