"""The mock over real HTTP on this machine."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

from calypso_mock import Clock, Mock, MockError, Server
from tests.mock.rows import mock_error

if TYPE_CHECKING:
    from collections.abc import Iterator

CREATE = "/api/v1/customer-purse/customer/create"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
PATIENCE = 30


class Wire:
    """Calls a served mock over one connection, signing on its own."""

    def __init__(self, mock: Mock, url: str) -> None:
        self.mock = mock
        self.settings = mock.settings(base_url=url)
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)

    def call(self, path: str, payload: Any = None, method: str = "POST") -> tuple[int, Any]:
        body = {"account": self.settings["account"], "timestamp": self.mock.clock.wire_ms()}
        if payload is not None:
            body["payload"] = payload
        return self.send(method, path, json.dumps(body).encode())

    def send(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        secret = self.settings["secret"].encode()
        headers = {
            "Key": self.settings["key"],
            "Sign": hmac.new(secret, body, hashlib.sha512).hexdigest(),
            "Content-Type": "application/json",
        }
        self.connection.request(method, path, body, headers)
        self.response = self.connection.getresponse()
        content = self.response.read()
        return self.response.status, json.loads(content) if content else None


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Mock, str]]:
    """A mock whose clock is frozen at noon, served on a free port, and its URL."""
    mock = Mock(clock=Clock(lambda: NOON))
    with Server(mock) as server:
        yield mock, server.url


@pytest.fixture
def wire(served: tuple[Mock, str]) -> Iterator[Wire]:
    """A connection to the served mock, which begins anew."""
    mock, url = served
    mock.reset()
    wire = Wire(mock, url)
    yield wire
    wire.connection.close()


def test_a_whole_story_over_http(wire: Wire) -> None:
    """Customer, address, deposit, balance, subscription, all over one kept connection."""
    _, customer = wire.call(CREATE, {"email": "zoë@shop.example"})
    wanted = {"customerId": customer["id"], "currency": "USDT_TRX"}
    _, address = wire.call("/api/v1/customer-purse/address/get", wanted)
    deposit = {"address": address["address"], "currency": "USDT_TRX", "amount": "7.25"}
    made, _ = wire.send("POST", "/_mock/deposit", json.dumps(deposit).encode())
    _, account = wire.call("/api/v1/account")
    request_id = "510b52e6-4f5f-4d0c-931b-41584249e9ab"
    subscription = {
        "requestId": request_id,
        "url": "https://shop.example",
        "notificationServiceTypes": ["CUSTOMER_PURSE"],
    }
    wire.call("/api/v1/subscription/webhook/create", subscription)
    gone = wire.call("/api/v1/subscription/webhook", {"requestId": request_id}, method="DELETE")

    assert made == 200
    assert account["balances"] == [{"currency": "USDT_TRX", "amount": 7.25}]
    assert gone == (200, None)


def test_the_date_header_is_the_mocks_own_and_the_only_one(wire: Wire) -> None:
    """It follows the wire clock, not the server's; and no Server header gives anything away."""
    wire.mock.clock.skew(-86400 * 365)
    wire.call("/api/v1/account")

    (date,) = wire.response.headers.get_all("date")
    assert parsedate_to_datetime(date) == NOON - timedelta(days=365)
    assert wire.response.headers.get("server") is None


def test_a_body_does_not_wait_for_its_head(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection sends its packets as they come, the body not after the head's receipt."""
    accepted = []
    accept = socket.socket.accept

    def watched(listener: socket.socket) -> tuple[socket.socket, Any]:
        accepted.append(accept(listener))
        return accepted[-1]

    monkeypatch.setattr(socket.socket, "accept", watched)
    assert wire.call("/api/v1/account")[0] == 200

    [(connection, _)] = accepted
    assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_body_beyond_the_limit_is_rejected_and_the_connection_lives(wire: Wire) -> None:
    """Read, but not kept; the next request on the same connection is served as usual."""
    status = wire.send("POST", CREATE, b'{"account":"' + b"x" * 5_000_000)

    assert status[0] == 400
    assert status[1]["message"] == "Bad request: the body is larger than 1048576 bytes"
    assert wire.call("/api/v1/account")[0] == 200


def test_a_caller_that_hangs_up_does_no_harm(wire: Wire) -> None:
    """Half a request is not a request."""
    parts = urlsplit(wire.settings["base_url"])
    for _ in range(3):
        with socket.create_connection((parts.hostname, parts.port)) as caller:
            caller.sendall(
                b"POST " + CREATE.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"
            )

    assert wire.call(CREATE, {})[0] == 200
    assert len(wire.mock.state()["accounts"][0]["customers"]) == 1


def test_headers_of_any_bytes_get_a_response(wire: Wire) -> None:
    """A key is ASCII."""
    parts = urlsplit(wire.settings["base_url"])
    with socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE) as caller:
        caller.sendall(
            b"POST /api/v1/account HTTP/1.1\r\nHost: \xff\r\nKey: \xc3\xa9\xff\r\n"
            b"Sign: \xff\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
        )
        response = b"".join(iter(lambda: caller.recv(65536), b""))

    assert response.startswith(b"HTTP/1.1 401 ")
    assert b'"errorCode":"002"' in response


def test_control_endpoints_check_the_host_over_http(wire: Wire) -> None:
    """A name that resolves to this machine is not a name of this machine."""
    connection = wire.connection
    statuses = []
    for host in ("evil.example", urlsplit(wire.settings["base_url"]).netloc):
        connection.request("GET", "/_mock/state", headers={"Host": host})
        response = connection.getresponse()
        response.read()
        statuses.append(response.status)

    assert statuses == [403, 200]


def test_a_forwarded_address_is_not_believed(wire: Wire) -> None:
    """A header can't make a caller another, in either direction."""
    wire.connection.request("GET", "/_mock/state", headers={"X-Forwarded-For": "8.8.8.8"})
    response = wire.connection.getresponse()
    response.read()

    assert response.status == 200


def test_many_threads_lose_no_customer(wire: Wire) -> None:
    """32 callers at once, each on its own connection: every id once, every customer there."""

    def create(number: int) -> list[str]:
        own = Wire(wire.mock, wire.settings["base_url"])
        try:
            return [own.call(CREATE, {"externalId": f"{number}"})[1]["id"] for _ in range(5)]
        finally:
            own.connection.close()

    with ThreadPoolExecutor(32) as pool:
        made = [customer for batch in pool.map(create, range(32)) for customer in batch]

    known = [customer["id"] for customer in wire.mock.state()["accounts"][0]["customers"]]
    assert len(set(made)) == 160
    assert sorted(made) == sorted(known)


def test_many_threads_in_one_process_lose_nothing(connect: Any) -> None:
    """Straight into the core: customers, deposits and the balance add up."""
    mock = Mock()
    address = connect(mock).address("BTC")
    barrier = threading.Barrier(32)

    def work(_: int) -> str:
        api = connect(mock)
        barrier.wait()
        for _ in range(5):
            customer = api.customer()
            mock.simulate_deposit(address=address, currency="BTC", amount="0.1")
            api.rejected("getTransaction", {"transactionId": customer})
        return api.address("ETH", customer)

    with ThreadPoolExecutor(32) as pool:
        addresses = list(pool.map(work, range(32)))

    account = mock.state()["accounts"][0]
    assert len(account["customers"]) == 161
    assert len({row["id"] for row in account["transactions"]}) == 160
    assert account["balances"] == [{"currency": "BTC", "amount": "16.0"}]
    assert len(set(addresses)) == 32


def test_a_server_frees_its_port_and_its_thread() -> None:
    """After the block nothing listens, nothing runs, and the port is free."""
    # An address of this machine on which no other process takes ports.
    host, mock, before = "127.0.0.3", Mock(), set(threading.enumerate())
    with Server(mock, host=host) as server:
        port = urlsplit(server.url).port
        idle = socket.create_connection((host, port))
        idle.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(100)

    idle.close()
    assert set(threading.enumerate()) <= before
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((host, port), timeout=PATIENCE)
    with Server(mock, host=host, port=port) as again:
        assert again.url == f"http://{host}:{port}"


def test_a_taken_port_is_an_error(wire: Wire) -> None:
    """By number and host."""
    port = urlsplit(wire.settings["base_url"]).port

    with (
        pytest.raises(MockError, match=f"cannot listen on port {port} of 127.0.0.1"),
        Server(Mock(), port=port),
    ):
        pass
    with pytest.raises(MockError, match="from 0 to 65535"), Server(Mock(), port=70000):
        pass


def test_other_machines_are_let_in_on_purpose_only() -> None:
    """A mock has simple keys and shows everything: it stays on this machine."""
    hosts = ["0.0.0.0", "::", "192.168.1.5", "example.com", ""]  # noqa: S104 - to be rejected
    errors = {host: mock_error(lambda host=host: Server(Mock(), host=host)) for host in hosts}

    assert [host for host in hosts if "allow_remote=True" not in errors[host]] == []
    assert all(Server(Mock(), host=host, allow_remote=True) for host in hosts)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2"])
def test_every_name_of_this_machine_will_do(host: str) -> None:
    """The URL has the port."""
    with Server(Mock(), host=host) as server:
        assert server.url.startswith(f"http://{host}:")
        assert httpx.get(f"{server.url}/_mock/state", timeout=PATIENCE).status_code == 200


FOREGROUND = """
import calypso_mock
calypso_mock.run(
    calypso_mock.Mock(),
    on_ready=lambda url: print(url, flush=True),
    on_request=lambda exchange: print(exchange, flush=True),
)
print("bye", flush=True)
"""


# A signal at each of the first lines that the waiting server runs, in our code or in the library's.
AT_ANY_LINE = """
import signal, sys
import calypso_mock

def at_line(number):
    lines = iter(range(number))
    def trace(frame, event, argument):
        if event == "line" and next(lines, None) is None:
            sys.settrace(None)
            signal.raise_signal(signal.SIGTERM)
        return trace
    def begin(url):
        sys.settrace(trace)
        sys._getframe(1).f_trace = trace
    return begin

for number in range(8):
    calypso_mock.run(calypso_mock.Mock(), on_ready=at_line(number))
print("bye", flush=True)
"""


# Requests that never end.
HALVES = [b"", b"POST /api", b"POST /api HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"]


def test_a_signal_stops_the_foreground_server_at_whatever_line_it_comes() -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-W", "error", "-c", AT_ANY_LINE]
    done = subprocess.run(
        command, capture_output=True, text=True, env=env, check=False, timeout=5 * PATIENCE
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "bye\n", "")


@pytest.mark.parametrize(
    ("number", "open_requests"), [(signal.SIGINT, []), (signal.SIGTERM, HALVES)]
)
def test_the_foreground_server_stops_cleanly(
    number: signal.Signals, open_requests: list[bytes]
) -> None:
    """Ctrl-C or SIGTERM: every request logged, exit code 0, no traceback, with open connections."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": "utf-8"}
    with (
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", FOREGROUND],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=env,
        ) as process,
        ExitStack() as talking,
    ):
        assert process.stdout is not None
        url = urlsplit(process.stdout.readline().strip())
        for start in open_requests:
            caller = socket.create_connection((url.hostname, url.port), timeout=PATIENCE)
            talking.enter_context(caller).sendall(start)
        with httpx.Client(base_url=url.geturl(), timeout=PATIENCE) as client:
            client.post("/api/v1/account", content=b"{}")
            client.get("/_mock/state")
            process.send_signal(number)
            out, err = process.communicate(timeout=PATIENCE)

    assert (process.returncode, err) == (0, "")
    lines = out.splitlines()
    assert re.fullmatch(r"POST /api/v1/account 401 002 Invalid api key · \d+\.\d ms", lines[0])
    assert re.fullmatch(r"GET /_mock/state 200 · \d+\.\d ms", lines[1])
    assert lines[2:] == ["bye"]
