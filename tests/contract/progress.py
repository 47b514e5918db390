"""Show the progress of a run at a terminal, in a line that is updated each second."""

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
# Go to the start of the line, and clear it.
_CLEAR = "\r\x1b[K"


class Progress:
    """Prints lines, and below them the progress of the run, if the output is a terminal.

    Args:
        describe: Returns the progress, as one line.
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

    def print_line(self, text: str) -> None:
        """Print a permanent line."""
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
        """Return how many requests are in the report so far."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._place)
                lines = file.read().splitlines(keepends=True)
        except OSError:
            # It does not exist yet, or was removed.
            return self._requests
        for line in lines:
            if not line.endswith(b"\n"):
                break
            self._place += len(line)
            finished = json.loads(line).get("ScenarioFinished")
            if finished:
                self._requests += len(finished["recorder"].get("interactions", {}))
        return self._requests
