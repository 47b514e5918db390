"""Say at a terminal how far a run is, on a line that is written anew each second."""

from __future__ import annotations

import json
import sys
import threading
from typing import TYPE_CHECKING, Self

from tests.contract import printing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SECONDS = 1.0
# To the start of the line, and what is on it away.
_CLEAR = "\r\x1b[K"


class Progress:
    """What is printed, and below it how far the run is; where no terminal is, only the former.

    Args:
        describe: Says how far the run is, in a line.
    """

    def __init__(self, describe: Callable[[], str]) -> None:
        self._describe = describe
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._draw_on, daemon=True)
        self._is_terminal = sys.stdout is not None and sys.stdout.isatty()

    def __enter__(self) -> Self:
        if self._is_terminal:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._is_terminal:
            self._thread.join()

    def say(self, text: str) -> None:
        """Print a line that stays."""
        with self._lock:
            printing.out(f"{_CLEAR if self._is_terminal else ''}{text}\n")

    def _draw_on(self) -> None:
        while not self._ended.wait(_SECONDS):
            with self._lock:
                printing.out(f"{_CLEAR}{self._describe()}")
        with self._lock:
            printing.out(_CLEAR)


class Events:
    """Counts the requests in a report of schemathesis that is still being written.

    Args:
        path: The report, in which each line is an event.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._place = 0
        self._requests = 0

    def requests(self) -> int:
        """Return how many requests were reported so far."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._place)
                lines = file.read().splitlines(keepends=True)
        except OSError:
            # It is not there yet, or no longer.
            return self._requests
        for line in lines:
            if not line.endswith(b"\n"):
                break
            self._place += len(line)
            finished = json.loads(line).get("ScenarioFinished")
            if finished:
                self._requests += len(finished["recorder"].get("interactions", {}))
        return self._requests
