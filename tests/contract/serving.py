"""Serve a mock in a separate process, as a user of the command does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from tests.contract.wire import Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COMMAND = (sys.executable, "-m", "calypso_pay.cli", "mock")

_SETTING = re.compile(r"export (CALYPSO_\w+)=(\S+)\n")
_PATIENCE = 60.0


@contextmanager
def mock(*options: str, command: Sequence[str] = COMMAND) -> Iterator[Target]:
    """Serve a fresh mock on a free port; its log, one line per request, goes to a file.

    Args:
        options: Options of the command, such as ``--page-base``.
        command: The command that serves it.
    """
    with (
        tempfile.TemporaryFile("w+") as log,
        _process([*command, "--port", "0", *options], log) as process,
    ):
        yield _introduction(process, log)


@contextmanager
def _process(command: list[str], log: IO[str]) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        command,
        stdout=log,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        # Ctrl-C at a terminal is for the run, which has to end before its mock.
        process_group=0,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _introduction(process: subprocess.Popen[str], log: IO[str]) -> Target:
    until = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < until:
        # pread, because seeking would move the position at which the mock writes.
        text = os.pread(log.fileno(), 10_000, 0).decode()
        if "Ctrl-C" in text:
            return Target.read(dict(_SETTING.findall(text)))
        time.sleep(0.02)
    raise RuntimeError(f"the mock did not start: {os.pread(log.fileno(), 10_000, 0).decode()}")
