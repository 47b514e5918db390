"""Start programs, kill processes of theirs at any time, and leave none behind."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Mapping, Sequence

# A program that takes longer to start counts as hung.
PATIENCE = 60.0
_TICK = 0.02
# Runs a command, and ends it with all its child processes when the storm ends, even by kill -9.
_SUPERVISED = '"$@" & read -r _; kill -KILL 0'


class Programs:
    """Programs that run for as long as a ``with`` block lasts, and start again when they end.

    Args:
        commands: Their commands; ``{port}`` in them becomes the port to serve on.
        folder: Where to run them.
        log: The file for what they write.
    """

    def __init__(self, commands: Sequence[Sequence[str]], *, folder: Path, log: Path) -> None:
        self._commands = commands
        self._folder = folder
        self._environment: Mapping[str, str] = {}
        self._log = log
        self._lock = threading.Lock()
        self._supervisors: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        # Bound but not listening, it keeps the port from others while the program is down.
        self._reserved = socket.socket()
        self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reserved.bind(("127.0.0.1", 0))
        self.port: int = self._reserved.getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            for supervisor in self._supervisors:
                _end(supervisor)
            self._supervisors = []
        self._reserved.close()

    def start(self, environment: Mapping[str, str], prepare: Iterable[Sequence[str]] = ()) -> None:
        """Start them, and wait until one responds to HTTP.

        Args:
            environment: Their environment variables.
            prepare: Commands to run before.

        Raises:
            TimeoutError: None does in time.
            CalledProcessError: A command to run before failed.
        """
        self._environment = environment
        with self._log.open("ab") as log:
            for command in prepare:
                subprocess.run(
                    command,
                    cwd=self._folder,
                    env=environment,
                    stdout=log,
                    stderr=log,
                    check=True,
                    timeout=PATIENCE,
                )
        self._supervisors = [self._start(command) for command in self._commands]
        end = time.monotonic() + PATIENCE
        while not self.responds():
            if time.monotonic() > end:
                raise TimeoutError(f"nothing is served:\n{self.log_tail()}")
            time.sleep(_TICK)

    def responds(self) -> bool:
        """Return whether there is a response to HTTP."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection), contextlib.suppress(OSError):
            connection.request("GET", "/")
            # Any response will do.
            connection.getresponse().close()
            return True
        return False

    def listens(self) -> bool:
        """Return whether the port accepts connections."""
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill_one(self, chance: random.Random) -> bool:
        """Kill a process without children, by ``kill -9``, and return whether there was one."""
        self.revive()
        with self._lock:
            children = _children()
            leaves = sorted(
                pid for each in self._supervisors for pid in _leaves(each.pid, children)
            )
        if not leaves:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(chance.choice(leaves), signal.SIGKILL)
        return True

    def revive(self) -> None:
        """Start the programs again that have ended."""
        with self._lock:
            children = _children()
            for number, supervisor in enumerate(self._supervisors):
                if not children.get(supervisor.pid):
                    _end(supervisor)
                    self._supervisors[number] = self._start(self._commands[number])

    def log_tail(self, lines: int = 30) -> str:
        """Return the last lines that the programs wrote."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:])

    def _start(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        words = [word.replace("{port}", str(self.port)) for word in command]
        with self._log.open("ab") as log:
            supervisor = subprocess.Popen(
                ["/bin/sh", "-c", _SUPERVISED, "sh", *words],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        # Until its child runs it looks as if the command had ended, which it may do at once.
        for _ in range(50):
            if _children().get(supervisor.pid):
                break
            time.sleep(_TICK)
        return supervisor


def _end(supervisor: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        supervisor.communicate(timeout=PATIENCE)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(supervisor.pid, signal.SIGKILL)


def _children() -> dict[int, list[int]]:
    """Return the running child processes of each process."""
    found: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The name in brackets may contain spaces and brackets.
            state, parent, *_ = stat.read_text().rpartition(")")[2].split()
            if state != "Z":
                found.setdefault(int(parent), []).append(int(stat.parent.name))
    return found


def _leaves(root: int, children: Mapping[int, list[int]]) -> list[int]:
    below = [pid for child in children.get(root, []) for pid in (child, *_leaves(child, children))]
    return [pid for pid in below if not children.get(pid)]
