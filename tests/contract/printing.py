"""Print a run's output, and continue if it cannot be printed: reports still have to be written.

The other end of a pipe may be closed, or a disk full.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import TextIO

_LOST: set[str] = set()


def print_anything() -> None:
    """Escape characters that a stream cannot encode, such as half of a surrogate pair."""
    _LOST.clear()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def out(text: str) -> None:
    """Write to standard output, at once."""
    _write("stdout", sys.stdout, text)


def err(text: str) -> None:
    """Write to standard error, at once."""
    _write("stderr", sys.stderr, text)


def is_lost() -> bool:
    """Return whether some of the output could not be written."""
    return "stdout" in _LOST


def _write(name: str, stream: TextIO | None, text: str) -> None:
    if name in _LOST or stream is None:
        # Python has no stream if the descriptor was closed before it started.
        _LOST.add(name)
        return
    try:
        stream.write(text)
        stream.flush()
    except (OSError, ValueError):
        _LOST.add(name)
        _empty(stream)


def _empty(stream: TextIO) -> None:
    """Discard the stream's buffer, or Python would report an error at exit."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        stream.flush()
