"""The examples of receivers run as in their READMEs, with deliveries of the mock over HTTP."""

from __future__ import annotations

import os
import runpy
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest

from calypso_mock import Mock, Sender, Server
from calypso_pay import Calypso
from tests.postgres import find

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PATIENCE = 60


class Example(NamedTuple):
    folder: str
    create_tables: tuple[str, ...]
    serve: tuple[str, ...]


FASTAPI = Example("fastapi_receiver", ("tables.py",), ("uvicorn", "app:app", "--fd"))
FLASK = Example(
    "flask_receiver",
    ("-m", "flask", "create-tables"),
    ("gunicorn", "--workers", "2", "--threads", "4", "--no-control-socket", "wsgi:app", "--bind"),
)


@pytest.fixture(params=[(FASTAPI, "sqlite"), (FLASK, "postgresql")], ids=["fastapi", "flask"])
def example_and_url(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Example, str]:
    example, kind = request.param
    if kind == "sqlite" or find() is None:
        return example, f"sqlite:///{tmp_path / 'shop.db'}"
    return example, request.getfixturevalue("postgres_url")


@contextmanager
def served(
    example: Example, listener: socket.socket, environment: dict[str, str]
) -> Iterator[httpx.Client]:
    folder = EXAMPLES / example.folder
    create = [sys.executable, *example.create_tables]
    subprocess.run(create, cwd=folder, env=environment, check=True, timeout=PATIENCE)
    number = str(listener.fileno())
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", *example.serve),
            f"fd://{number}" if example is FLASK else number,
        ],
        cwd=folder,
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


class Twice:
    """Sends each delivery in two copies at the same time."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.statuses: set[int] = set()
        self._pool = pool
        self._send = Sender(timeout=PATIENCE)

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        statuses = set(self._pool.map(lambda _: self._send(url, headers, body), range(2)))
        self.statuses |= statuses
        # The worse one, so that a lost copy comes again.
        return max(statuses)


def subscribe(url: str, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> tuple[str, str]:
    """Run the program that creates the subscription; return the setting that it prints."""
    monkeypatch.setattr(sys, "argv", ["subscribe.py", url])
    runpy.run_path(str(EXAMPLES / FASTAPI.folder / "subscribe.py"), run_name="__main__")
    name, _, secret = capsys.readouterr().out.removeprefix("export ").strip().partition("=")
    return name, secret


def test_a_deposit_is_credited_once_though_its_deliveries_fail_and_come_twice_at_once(
    example_and_url: tuple[Example, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    example, url = example_and_url
    mock = Mock()
    mock.deliveries.disturb(duplicates=0.5, failures=0.3)
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        ThreadPoolExecutor(2) as pool,
        Server(mock, deliver=(send := Twice(pool))) as server,
        Calypso(**mock.settings(base_url=server.url)) as calypso,
    ):
        for name, value in mock.settings(base_url=server.url).items():
            monkeypatch.setenv(f"CALYPSO_{name.upper()}", value)
        name, secret = subscribe(f"{address(listener)}/webhooks/calypso", monkeypatch, capsys)
        environment = {**os.environ, name: secret, "DATABASE_URL": url}
        with served(example, listener, environment) as shop:
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
    # No handler fails: one copy is handled, and the other is a duplicate or finds it busy.
    assert {200} <= send.statuses <= {200, 503}
