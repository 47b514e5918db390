"""A merchant's programs, as separate processes, with a served mock as the vendor."""

from __future__ import annotations

import os
import runpy
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString

import httpx
import pytest

from calypso_mock import Mock, Sender, Server
from calypso_pay import Calypso

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.postgres import Server as PostgresServer

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PATIENCE = 60
CREDITED = "CUSTOMER_PURSE_TRANSLATION_TO_ACCOUNT_COMPLETED"
EVENT_TYPES = [
    "CUSTOMER_PURSE_MEM_POOL_FOUND",
    "CUSTOMER_PURSE_FUNDS_RECEIVED_FOR_PURSE",
    CREDITED,
]


class Merchant:
    """What a merchant has, and what happens at the vendor.

    Args:
        mock: The vendor.
        calypso: A client.
        listener: The socket of the merchant's web server.
        environment: The settings of the merchant's programs.
    """

    def __init__(
        self, mock: Mock, calypso: Calypso, listener: socket.socket, environment: dict[str, str]
    ) -> None:
        self.mock = mock
        self.calypso = calypso
        self.listener = listener
        self.environment = environment

    def deposit(self, amount: str) -> dict[str, str]:
        """Have a new customer pay, and return the amount by the customer's id."""
        customer = self.calypso.customers.create()
        purse = self.calypso.addresses.get(customer_id=customer.id, currency="USDT_TRX")
        self.mock.simulate_deposit(address=purse.address, currency="USDT_TRX", amount=amount)
        return {customer.id: amount}

    def disturbed_deposits(self) -> dict[str, str]:
        """Deliver deposits late, twice and in any order; return the amounts by customer."""
        self.mock.deliveries.disturb(duplicates=0.5, failures=0.3, reorder=True)
        paid = {}
        for amount in ("0.00000001", "25.5000001", "1000000"):
            paid |= self.deposit(amount)
        self.deliver_all()
        self.mock.deliveries.disturb()
        return paid

    def deliver_all(self) -> None:
        """Move the vendor's time until every delivery was accepted."""
        for _ in range(100):
            self.mock.deliveries.deliver_due()
            if not self.mock.deliveries.pending:
                return
            self.mock.clock.advance(hours=1)
        raise AssertionError(self.mock.deliveries.log[-10:])

    def credits(self) -> dict[str, str]:
        """Return what the web server says was credited to each customer."""
        host, port = self.listener.getsockname()
        # The socket listens already, so the first request waits until the server responds.
        response = httpx.get(f"http://{host}:{port}/credits", timeout=PATIENCE).raise_for_status()
        rows = response.json()
        found = {row["customer_id"]: row["amount"] for row in rows}
        assert len(found) == len(rows), rows
        return found


@contextmanager
def merchant(*, copies: int = 1) -> Iterator[Merchant]:
    """A merchant with a subscription; each delivery arrives in so many copies at once."""
    mock = Mock()
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        Server(mock, deliver=_deliver_in(copies)) as server,
        Calypso(**mock.settings(base_url=server.url)) as calypso,
    ):
        host, port = listener.getsockname()
        subscription = calypso.subscriptions.create(
            url=f"http://{host}:{port}/webhooks/calypso", notification_event_types=EVENT_TYPES
        )
        settings = mock.settings(base_url=server.url)
        environment = {f"CALYPSO_{name.upper()}": value for name, value in settings.items()}
        environment["CALYPSO_WEBHOOK_SECRETS"] = subscription.secret_key
        yield Merchant(mock, calypso, listener, {**os.environ, **environment})


def _deliver_in(copies: int) -> Callable[[str, Mapping[str, str], bytes], int]:
    send = Sender(timeout=PATIENCE)

    def deliver(url: str, headers: Mapping[str, str], body: bytes) -> int:
        with ThreadPoolExecutor(copies) as pool:
            # The highest status, so that it is sent again until all copies are accepted.
            return max(pool.map(lambda _: send(url, headers, body), range(copies)))

    return deliver


@contextmanager
def running(*command: str, folder: Path, shop: Merchant) -> Iterator[subprocess.Popen[bytes]]:
    """Run a module of Python in a folder, and end it with all its processes."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=shop.environment,
        pass_fds=[shop.listener.fileno()],
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def run_as_main(path: Path, settings: Mapping[str, str]) -> None:
    """Run a program that creates tables, in this process, which takes less time."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        names = runpy.run_path(str(path), run_name="__main__")
    names["engine"].dispose()
    names["calypso"].close()


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a program with all its processes."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def children_of(process: subprocess.Popen[bytes]) -> list[int]:
    """Return the processes that a program started."""
    text = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(pid) for pid in text.split()]


def wait_for(condition: Callable[[], Any], what: str) -> None:
    """Wait until a condition returns something true."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"no {what} in time"
        time.sleep(0.1)


def blocked(postgres: PostgresServer, database: str) -> bool:
    """Return whether a statement waits for a lock, as that of a handler for a locked table."""
    with postgres.connect() as connection:
        waiting = connection.execute(
            "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'",
            [database],
        )
        return waiting.fetchone() is not None


@contextmanager
def renamed(postgres: PostgresServer, database: str, table: str) -> Iterator[None]:
    """Let every handler that writes to a table fail."""
    with postgres.connect(database) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO gone")  # type: ignore[call-overload]
        yield
        connection.execute(f"ALTER TABLE gone RENAME TO {table}")  # type: ignore[call-overload]


def rows(postgres: PostgresServer, database: str, query: LiteralString) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    with postgres.connect(database) as connection:
        return connection.execute(query).fetchall()
