"""The example of a receiver runs as in its README, with deliveries of the mock over HTTP."""

from __future__ import annotations

import os
import runpy
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from calypso_mock import Mock, Sender, Server
from calypso_pay import Calypso

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "fastapi_receiver"
PATIENCE = 30


@contextmanager
def served(listener: socket.socket, environment: dict[str, str]) -> Iterator[httpx.Client]:
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "app:app", "--fd", str(listener.fileno())],
        cwd=EXAMPLE,
        env=environment,
        pass_fds=[listener.fileno()],
    )
    try:
        with httpx.Client(base_url=address(listener), timeout=PATIENCE) as client:
            # The socket listens already: the first request waits until the program responds.
            client.get("/credits").raise_for_status()
            yield client
    finally:
        process.terminate()
        process.wait(PATIENCE)


def address(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_deposit_is_credited_once_though_deliveries_fail_and_are_retried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mock = Mock()
    mock.deliveries.disturb(duplicates=0.5, failures=0.3)
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        Server(mock, deliver=Sender(timeout=PATIENCE)) as server,
        Calypso(**mock.settings(base_url=server.url)) as calypso,
    ):
        for name, value in mock.settings(base_url=server.url).items():
            monkeypatch.setenv(f"CALYPSO_{name.upper()}", value)
        monkeypatch.setattr(sys, "argv", ["subscribe.py", f"{address(listener)}/webhooks/calypso"])
        runpy.run_path(str(EXAMPLE / "subscribe.py"), run_name="__main__")
        name, _, secret = capsys.readouterr().out.removeprefix("export ").strip().partition("=")
        environment = {**os.environ, name: secret, "DATABASE": str(tmp_path / "credits.sqlite3")}
        with served(listener, environment) as shop:
            customer = calypso.customers.create()
            purse = calypso.addresses.get(customer_id=customer.id, currency="USDT_TRX")
            mock.simulate_deposit(address=purse.address, currency="USDT_TRX", amount="25.5000001")
            # The schedule of retries ends within four days.
            for _ in range(100):
                mock.deliveries.deliver_due()
                mock.clock.advance(hours=1)
            [credit] = shop.get("/credits").json()
            unsigned = shop.post("/webhooks/calypso", content=b"{}")

    assert mock.deliveries.pending == ()
    assert (credit["customer_id"], credit["amount"]) == (customer.id, "25.5000001")
    assert unsigned.status_code == 401
    assert 200 in {attempt.status for attempt in mock.deliveries.log}
