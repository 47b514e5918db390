"""The examples of receivers run as in their READMEs, with deliveries of the mock over HTTP."""

from __future__ import annotations

import runpy
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import httpx
import pytest

from calypso_mock import Mock, Sender, Server
from calypso_pay import Calypso
from tests.postgres import find

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PATIENCE = 60


def prepare_fastapi() -> None:
    names = runpy.run_path(str(EXAMPLES / "fastapi_receiver" / "tables.py"), run_name="__main__")
    names["engine"].dispose()


def prepare_flask() -> None:
    names = runpy.run_path(str(EXAMPLES / "flask_receiver" / "wsgi.py"))
    for command in ("create-tables", "daily"):
        done = names["app"].test_cli_runner().invoke(args=[command])
        assert (done.exit_code, done.output) == (0, ""), done.output
    names["engine"].dispose()
    names["calypso"].close()


class Example(NamedTuple):
    folder: str
    prepare: Callable[[], None]
    command: str


FASTAPI = Example("fastapi_receiver", prepare_fastapi, "uvicorn app:app --fd {fd}")
FLASK = Example(
    "flask_receiver",
    prepare_flask,
    "gunicorn --preload --workers 2 --threads 4 --no-control-socket --bind fd://{fd} wsgi:app",
)


@pytest.fixture(params=[(FASTAPI, "sqlite"), (FLASK, "postgresql")], ids=["fastapi", "flask"])
def example(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Example:
    """Each example in turn, with the setting of an empty database."""
    example, kind = request.param
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    if kind == "postgresql" and find() is not None:
        url = request.getfixturevalue("postgres_url")
    monkeypatch.setenv("DATABASE_URL", url)
    return cast("Example", example)


@contextmanager
def served(example: Example, listener: socket.socket) -> Iterator[httpx.Client]:
    example.prepare()
    process = subprocess.Popen(
        [sys.executable, "-m", *example.command.format(fd=listener.fileno()).split()],
        cwd=EXAMPLES / example.folder,
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


def subscribe(url: str, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Run the program that creates the subscription, and make the setting that it prints."""
    monkeypatch.setattr(sys, "argv", ["subscribe.py", url])
    runpy.run_path(str(EXAMPLES / "fastapi_receiver" / "subscribe.py"), run_name="__main__")
    name, _, secret = capsys.readouterr().out.removeprefix("export ").strip().partition("=")
    monkeypatch.setenv(name, secret)


def test_a_deposit_is_credited_once_though_its_deliveries_fail_and_come_twice_at_once(
    example: Example, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
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
        subscribe(f"{address(listener)}/webhooks/calypso", monkeypatch, capsys)
        with served(example, listener) as shop:
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
