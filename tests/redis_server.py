"""A Redis server of one's own, from the system's packages, for as long as a block lasts."""

from __future__ import annotations

import shutil
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.postgres import identity, make_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

MISSING = "redis-server is not installed (apt-get install redis-server)."
PATIENCE = 60.0


def is_installed() -> bool:
    """Return whether there is one."""
    return shutil.which("redis-server") is not None


class Server:
    """A server that listens on a socket in a folder of its own, and keeps nothing when it ends.

    Attributes:
        url: Its URL, for Celery.
    """

    def __init__(self) -> None:
        self._identity = identity()
        self._folder = make_folder(self._identity)
        self._socket = self._folder / "redis.sock"
        self.url = f"redis+socket://{self._socket}"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run it."""
        process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", str(self._socket), "--save", ""],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            **self._identity,
        )
        try:
            end = time.monotonic() + PATIENCE
            while not self._socket.exists():
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError("Redis did not start.")
                time.sleep(0.01)
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE)

    def close(self) -> None:
        """Remove its folder."""
        shutil.rmtree(self._folder)
