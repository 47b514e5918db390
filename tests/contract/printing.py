"""Print what a run says, and go on where it cannot be printed: reports are still to be written.

A pipe may be closed at its other end, and a disk be full.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import TextIO

_LOST: set[str] = set()


def print_anything() -> None:
    """Let a character be printed that a stream cannot encode, such as half of a surrogate pair."""
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
    """Tell whether some of the output could not be written."""
    return "stdout" in _LOST


def _write(name: str, stream: TextIO | None, text: str) -> None:
    if name in _LOST or stream is None:
        # Python has no stream where the descriptor was closed before it began.
        _LOST.add(name)
        return
    try:
        stream.write(text)
        stream.flush()
    except (OSError, ValueError):
        _LOST.add(name)
        _empty(stream)


def _empty(stream: TextIO) -> None:
    """Let what the stream still holds go nowhere, or Python would complain of it at its end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        stream.flush()
