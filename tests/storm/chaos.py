"""What happens while deliveries are made: crashes, and clients that send half of a request."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Self

from tests.storm.chance import chance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests import postgres
    from tests.storm.processes import Programs
    from tests.storm.sender import CountingSender


class Chaos:
    """Kills processes and crashes the database, at seeded numbers of deliveries.

    Args:
        counts: How often to ``kill`` a process by ``kill -9``, to ``restart`` the database after a
            crash, and to ``cut`` all its connections.
        seed: Decides when.
        last: The number of the last delivery at which something may happen.
        sender: Counts the deliveries.
        programs: Whose processes are killed.
        database: The server.

    Attributes:
        happened: What was done, and how often.
        findings: What is wrong with the storm itself.
    """

    def __init__(  # noqa: PLR0913 - all named
        self,
        counts: Mapping[str, int],
        *,
        seed: int,
        last: int,
        sender: CountingSender,
        programs: Programs,
        database: postgres.Server | None,
    ) -> None:
        self._chance = chance(seed, "chaos")
        self._actions = sorted(
            (self._chance.randint(last // 20, last), action)
            for action, count in counts.items()
            for _ in range(count)
        )
        self._sender = sender
        self._programs = programs
        self._database = database
        self._stopped = threading.Event()
        self.happened: Counter[str] = Counter()
        self.findings: list[str] = []
        self._thread = threading.Thread(target=self._run, name="chaos")
        self._reviver = threading.Thread(target=self._revive, name="reviver")

    def __enter__(self) -> Self:
        self._thread.start()
        self._reviver.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._sender.stop()
        self._thread.join()
        self._stopped.set()
        self._reviver.join()

    def _run(self) -> None:
        try:
            for count, action in self._actions:
                if not self._sender.wait_for(count):
                    self.findings.append(f"there was no {action} after {count} deliveries")
                    return
                self._do(action)
        except Exception as error:  # noqa: BLE001 - it has to end as a failure of the storm
            self.findings.append(f"the storm itself failed: {error!r}")

    def _do(self, action: str) -> None:
        if action == "kill":
            time.sleep(self._chance.random() / 100)
            if not self._programs.kill_one(self._chance):
                self.findings.append("there was no process to kill")
            self.happened["kill -9 from outside"] += 1
        elif self._database is None:
            raise ValueError("this program has no database server")
        elif action == "restart":
            self._database.restart("immediate")
            self.happened["crashes of PostgreSQL"] += 1
        else:
            self.happened["connections cut"] += self._database.cut_connections()

    def _revive(self) -> None:
        while not self._stopped.wait(0.2):
            self._programs.revive()


class HalfSentRequests:
    """Another client, which sends half of its requests, one after the other."""

    def __init__(self, port: int, seed: int) -> None:
        self._port = port
        self._chance = chance(seed, "half-sent")
        self._stopped = threading.Event()
        self.count = 0
        self._thread = threading.Thread(target=self._run, name="half-sent")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        request = (
            b"POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Type: application/json\r\n"
            b"Key: public\r\nSign: " + b"0" * 128 + b"\r\nContent-Length: 600\r\n\r\n{"
        )
        while not self._stopped.wait(0.05):
            with contextlib.suppress(OSError), socket.socket() as client:
                client.settimeout(1)
                client.connect(("127.0.0.1", self._port))
                client.sendall(request[: self._chance.randint(1, len(request))])
                self.count += 1
                self._stopped.wait(self._chance.random() / 10)
                if self._chance.random() < 0.5:
                    # Close it with a reset.
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
