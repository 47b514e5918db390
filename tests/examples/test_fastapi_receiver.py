"""The example of a receiver runs as its README says, told by the mock over HTTP."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from calypso_mock import Mock, Server
from calypso_pay import Calypso

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "fastapi_receiver"


@contextmanager
def served(listener: socket.socket, environment: dict[str, str]) -> Iterator[httpx.Client]:
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "app:app", "--fd", str(listener.fileno())],
        cwd=EXAMPLE,
        env=environment,
        pass_fds=[listener.fileno()],
    )
    try:
        with httpx.Client(base_url=address(listener)) as client:
            # The socket listens already: the first call waits until the program answers.
            client.get("/credits", timeout=30).raise_for_status()
            yield client
    finally:
        process.terminate()
        process.wait(30)


def address(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def subscribe(url: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "subscribe.py", url],
        cwd=EXAMPLE,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.removeprefix("export CALYPSO_WEBHOOK_SECRETS=").strip()


def test_a_deposit_is_credited_once_though_deliveries_fail_and_are_repeated(
    tmp_path: Path,
) -> None:
    mock = Mock()
    mock.deliveries.disturb(duplicates=0.5, failures=0.3)
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        Server(mock) as server,
        Calypso(**mock.settings(base_url=server.url)) as calypso,
    ):
        settings = mock.settings(base_url=server.url)
        environment = {
            **os.environ,
            **{f"CALYPSO_{name.upper()}": str(value) for name, value in settings.items()},
            "DATABASE": str(tmp_path / "credits.sqlite3"),
        }
        secret = subscribe(f"{address(listener)}/webhooks/calypso", environment)
        with served(listener, {**environment, "CALYPSO_WEBHOOK_SECRETS": secret}) as shop:
            customer = calypso.customers.create()
            purse = calypso.addresses.get(customer_id=customer.id, currency="USDT_TRX")
            mock.simulate_deposit(address=purse.address, currency="USDT_TRX", amount="25.5000001")
            end = time.monotonic() + 30
            while mock.deliveries.pending and time.monotonic() < end:
                mock.deliveries.deliver_due()
                mock.clock.advance(hours=1)
            [credit] = shop.get("/credits").json()
            stranger = shop.post("/webhooks/calypso", content=b"{}")

    assert (credit["customer_id"], credit["amount"]) == (customer.id, "25.5000001")
    assert stranger.status_code == 401
    assert 200 in {attempt.status for attempt in mock.deliveries.log}
