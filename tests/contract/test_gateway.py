"""The gateway limits the rate of requests, counts, retries and records them."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import pytest
import requests
import trustme
from schemathesis.core.errors import get_request_error_extras

from tests.contract import __main__ as command
from tests.contract import document, running
from tests.contract.gateway import Gateway, Plan
from tests.contract.rate_limiter import RateLimiter, requested_wait
from tests.contract.relay import HttpResponse
from tests.contract.session import Session, StoppedError, UnreachableError
from tests.contract.wire import Signer, Target
from tests.rows import rows

if TYPE_CHECKING:
    from pathlib import Path

MANY = {"customers": 9, "addresses": 9, "subscriptions": 9}
TARGET = Target("http://127.0.0.1:9", "key", "secret", "0xaccount")
READING = Plan(100, 0, {})
WRITING = Plan(100, 0, MANY)
ACCOUNT = {
    "account": "0xaccount",
    "ownerId": "53ee5d44-0560-4222-a35c-b599c4b91ec0",
    "balances": [],
}
NOTHING = {"subscriptions": []}


class SeenRequest(NamedTuple):
    """A request as it arrived."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    content: bytes


class ServerResponse(NamedTuple):
    """A response, with bytes or a value to be sent as JSON; status 0 closes the connection."""

    status: int = 200
    body: object = ACCOUNT
    headers: tuple[tuple[str, str], ...] = ()


Script = Callable[[SeenRequest], ServerResponse]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    script: Script

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._respond
        raise AttributeError(name)

    def _respond(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = SeenRequest(self.command, self.path, self.headers.items(), content)
        scripted = self.script(request)
        if not scripted.status:
            self.close_connection = True
            return
        body = scripted.body
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(scripted.status)
        for name, value in (*scripted.headers, ("Content-Length", str(len(content)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        pass


@contextmanager
def server(script: Script, context: ssl.SSLContext | None = None) -> Iterator[Target]:
    """Serve the responses of a function."""
    handler = type("Handler", (_Handler,), {"script": staticmethod(script)})
    served = _Server(("127.0.0.1", 0), handler)
    if context:
        served.socket = context.wrap_socket(served.socket, server_side=True)
    thread = threading.Thread(target=served.serve_forever, args=(0.01,))
    thread.start()
    scheme = "https" if context else "http"
    try:
        yield Target(f"{scheme}://127.0.0.1:{served.server_port}", "key", "secret", "0xaccount")
    finally:
        served.shutdown()
        thread.join()
        served.server_close()


@contextmanager
def through(
    script: Script, plan: Plan = READING
) -> Iterator[tuple[Session, Gateway, list[SeenRequest]]]:
    """Open a session to a server through a gateway, and record what arrives."""
    seen: list[SeenRequest] = []

    def noting(request: SeenRequest) -> ServerResponse:
        seen.append(request)
        return script(request)

    with (
        server(noting) as target,
        Gateway([target], plan) as opened,
        closing(Session(opened.target)) as session,
    ):
        yield session, opened, seen


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Do not wait, and record how long it would have been."""
    noted: list[float] = []
    monkeypatch.setattr(Gateway, "_wait", lambda _, seconds: noted.append(seconds))
    return noted


def test_requests_are_not_sent_faster_than_the_rate() -> None:
    time = [0.0]

    def wait(seconds: float) -> None:
        time[0] += seconds

    limiter = RateLimiter(4, wait, lambda: time[0])
    sent = []
    for _ in range(9):
        limiter.wait_for_turn()
        sent.append(time[0])

    assert sent == [number / 4 for number in range(9)]


def test_idle_time_does_not_allow_faster_requests_later() -> None:
    time = [0.0]
    noted: list[float] = []
    limiter = RateLimiter(4, noted.append, lambda: time[0])
    for now in (0.0, 100.0, 100.0):
        time[0] = now
        limiter.wait_for_turn()

    assert noted == [0.25]


def test_when_a_server_asks_to_wait_the_request_is_retried_and_the_rate_lowered(
    waits: list[float],
) -> None:
    """The same bytes are sent; the client gets only the last response."""
    script = iter(
        [
            ServerResponse(429, {}, (("Retry-After", "7"),)),
            ServerResponse(503, {}, (("retry-after", "2"),)),
        ]
    )
    with through(lambda _: next(script, ServerResponse()), Plan(100, 4, {})) as (
        session,
        opened,
        seen,
    ):
        response = session.call("getAccount")
        session.call("getAccount")

    assert response.json() == ACCOUNT
    assert seen[0] == seen[1] == seen[2]
    assert [wait for wait in waits if wait >= 2] == [7.0, 2.0]
    # The interval has grown twice by a half.
    assert 0.25 * 1.5 < max(wait for wait in waits if wait < 2) <= 0.25 * 1.5**2
    assert [each.status for each in opened.exchanges] == [429, 503, 200, 200]


@rows(
    "status, headers, wait",
    [
        (429, {}, 1.0),
        (429, {"Retry-After": "0"}, 0.0),
        (429, {"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        (429, {"Retry-After": "soon"}, 1.0),
        (429, {"Retry-After": ""}, 1.0),
        (429, {"Retry-After": "-5"}, 1.0),
        (429, {"Retry-After": "nan"}, 1.0),
        (429, {"Retry-After": "inf"}, 1.0),
        (429, {"Retry-After": "\u0663"}, 1.0),
        (429, {"Retry-After": "1.5"}, 1.5),
        (429, {"Retry-After": "9" * 400}, 172_800.0),
        (429, {"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}, 172_800.0),
        (429, {"Retry-After": "Fri, 31 Dec 9999 23:59:59 -2359"}, 172_800.0),
        (429, {"Retry-After": "Mon, 01 Jan 2026 00:00:00 +99999999999999"}, 1.0),
        (503, {"Retry-After": "5"}, 5.0),
        (503, {}, None),
        (500, {"Retry-After": "5"}, None),
        (200, {"Retry-After": "5"}, None),
    ],
)
def test_how_long_a_response_asks_to_wait(
    status: int, headers: dict[str, str], wait: float | None
) -> None:
    assert requested_wait(HttpResponse(status, "", list(headers.items()), b"")) == wait


def test_a_wait_longer_than_a_signature_is_valid_ends_the_run(waits: list[float]) -> None:
    """The message names the rate that the server would have accepted."""
    script = iter([ServerResponse(), ServerResponse(429, {}, (("Retry-After", "150"),))])
    with through(lambda _: next(script)) as (session, opened, _):
        session.call("getAccount")
        with pytest.raises(StoppedError, match=r"asked to wait 150 s.* RATE=0\.013 would have"):
            session.call("getAccount")
        # Nothing is sent after that.
        with pytest.raises(StoppedError):
            session.call("getAccount")
        stopped = opened.stopped

    assert stopped is not None
    assert len(opened.exchanges) == 2


def test_an_absurd_wait_ends_the_run_without_an_absurd_rate(waits: list[float]) -> None:
    scripted = ServerResponse(429, {}, (("Retry-After", "9" * 400),))
    with (
        through(lambda _: scripted) as (session, _, _),
        pytest.raises(StoppedError, match="asked to wait more than a day") as stop,
    ):
        session.call("getAccount")

    assert "RATE" not in str(stop.value)
    assert waits == []


def test_a_server_that_rejects_again_after_no_wait_gets_ever_longer_waits(
    waits: list[float],
) -> None:
    """Not forever: the run ends after some attempts."""
    scripted = ServerResponse(429, {}, (("Retry-After", "0"),))
    with (
        through(lambda _: scripted) as (session, opened, _),
        pytest.raises(StoppedError, match="returned 429 to 12 attempts in a row"),
    ):
        session.call("getAccount")

    assert waits == sorted(set(waits))
    assert 20 < sum(waits) < 100
    assert len(opened.exchanges) == len(waits) == 12


def test_the_rate_recovers_after_waits() -> None:
    """Never slower than one request in 10 s, step by step back to the rate, and not beyond."""
    limiter, unlimited = (RateLimiter(rate, lambda _: None) for rate in (4, 0))
    for _ in range(99):
        limiter.slow_down()
        unlimited.slow_down()
    slowest = limiter.interval
    for _ in range(10):
        limiter.recover()
    faster = limiter.interval
    for _ in range(990):
        limiter.recover()

    assert (slowest, faster, limiter.interval) == (10.0, 10.0 / 1.5, 0.25)
    assert unlimited.interval == 0.0


def test_earlier_requests_count_for_the_rate_and_the_limit(waits: list[float]) -> None:
    with (
        server(lambda _: ServerResponse()) as target,
        Gateway([target], Plan(2, 0.01, {}), asked=1) as opened,
        closing(Session(opened.target)) as session,
    ):
        session.call("getAccount")
        with pytest.raises(StoppedError, match="the 2 requests it announced"):
            session.call("getAccount")

    assert waits[0] > 90


# Not without end, so that a test of what does not time out fails.
_DROPS = 1_000


@contextmanager
def dripping(head: bytes, drops: threading.Semaphore) -> Iterator[Target]:
    """Serve responses that never end, though data keeps arriving; count the data."""
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n" + head)
            with suppress(OSError):
                for _ in range(_DROPS):
                    self.wfile.write(b" ")
                    drops.release()
                    if ended.wait(0.02):
                        return

        def log_message(self, *_: object) -> None:
            pass

    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=served.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield Target(f"http://127.0.0.1:{served.server_port}", "key", "secret", "0xaccount")
    finally:
        ended.set()
        served.shutdown()
        thread.join()
        served.server_close()


@pytest.mark.parametrize("head", [b"X: ", b"Content-Length: 99999\r\n\r\n", b"\r\n"])
def test_a_response_that_never_ends_times_out(head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its head, with a length, and without one: the timeout is for the whole response."""
    drops = threading.Semaphore(0)

    class Timer(threading.Timer):
        """One that is over once some data has arrived, however long that takes."""

        def run(self) -> None:
            for _ in range(5):
                drops.acquire()
            self.function()

    monkeypatch.setattr(threading, "Timer", Timer)
    with (
        dripping(head, drops) as target,
        Gateway([target], READING) as opened,
        closing(Session(opened.target)) as session,
        pytest.raises(UnreachableError, match="not complete after"),
    ):
        session.call("getAccount")

    assert len(opened.exchanges) == 1


def test_a_request_that_is_cut_off_is_not_forwarded() -> None:
    """For example by Ctrl-C between head and body: the server would wait for the rest."""
    with through(lambda _: ServerResponse()) as (session, opened, seen):
        host = urlsplit(opened.target.base_url)
        with socket.create_connection((host.hostname, host.port)) as half:
            half.sendall(b"POST /api/v1/account HTTP/1.1\r\nContent-Length: 20\r\n\r\n{")
            half.shutdown(socket.SHUT_WR)
            assert half.recv(1) == b""
        session.call("getAccount")

    assert len(seen) == len(opened.exchanges) == 1


def test_a_second_ctrl_c_ends_cleaning_up_and_names_what_remains(
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = "11111111-2222-4333-8444-555555555555"
    is_made = threading.Event()

    def interrupted(request: SeenRequest) -> ServerResponse:
        payload = json.loads(request.content).get("payload")
        if payload:
            is_made.set()
            return ServerResponse(body=payload)
        if is_made.is_set():
            os.kill(os.getpid(), signal.SIGINT)
            threading.Event().wait(1)
        return ServerResponse(body=NOTHING)

    with through(interrupted, WRITING) as (session, _, _):
        session.call("createSubscription", {"requestId": name, "url": "https://a.example"})
    output = capsys.readouterr().out

    assert "It was stopped by SIGINT." in output
    assert f"NOT removed: the subscriptions {name}." in output


def test_no_more_requests_are_sent_than_were_announced() -> None:
    with through(lambda _: ServerResponse(), Plan(3, 0, {})) as (session, _, seen):
        for _ in range(3):
            session.call("getAccount")
        with pytest.raises(StoppedError, match="the 3 requests it announced"):
            session.call("getAccount")

    assert len(seen) == 3


def test_no_more_objects_are_created_than_were_announced() -> None:
    def make(request: SeenRequest) -> ServerResponse:
        is_list = request.path == document.routes()["getSubscriptions"][1]
        return ServerResponse(body=NOTHING if is_list else {"id": str(len(request.content))})

    with through(make, Plan(100, 0, {**MANY, "customers": 2})) as (session, _, _):
        for _ in range(2):
            session.call("createCustomer", {})
        with pytest.raises(StoppedError, match="the 2 customers it announced"):
            session.call("createCustomer", {})


def test_a_read_that_is_cut_off_is_retried_and_a_write_is_not() -> None:
    cut = iter(
        [ServerResponse(0), ServerResponse(), ServerResponse(body=NOTHING), ServerResponse(0)]
    )
    with through(lambda _: next(cut), WRITING) as (session, opened, seen):
        assert session.call("getAccount").status == 200
        with pytest.raises(UnreachableError, match="RemoteDisconnected") as error:
            session.call("createCustomer", {})

    assert len(seen) == 4
    assert error.value.exchange is session.exchanges[-1]
    assert (error.value.exchange.label, error.value.exchange.status) == ("createCustomer", 0)
    assert opened.exchanges[-1].status == 0


def test_bytes_and_headers_are_forwarded_unchanged() -> None:
    """Except those of the connection: bytes are signed, and headers are tested, too."""
    content = b'{"a" :\r\n "\xc3\xa9\\u0000"}\n'
    with through(lambda _: ServerResponse(418, [], (("X-Two", "1"), ("X-Two", "2")))) as (
        session,
        _,
        seen,
    ):
        connection = http.client.HTTPConnection(urlsplit(session.target.base_url).netloc)
        with closing(connection):
            connection.putrequest("GET", "/nothing/here?a=%00&b", skip_accept_encoding=True)
            for name, value in (("Sign", "é"), ("sign", " x\xa0"), ("Key", "")):
                connection.putheader(name, value.encode("latin-1"))
            connection.putheader("Content-Length", str(len(content)))
            connection.endheaders(content)
            response = connection.getresponse()
            response.read()

    (request,) = seen
    assert request[:2] == ("GET", "/nothing/here?a=%00&b")
    assert request.content == content
    assert [each for each in request.headers if each[0].lower() in {"sign", "key"}] == [
        ("Sign", "é"),
        ("sign", "x\xa0"),
        ("Key", ""),
    ]
    assert (response.status, response.headers.get_all("X-Two")) == (418, ["1", "2"])


def test_a_server_needs_a_trusted_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with server(lambda _: ServerResponse(), context) as target:
        with (
            Gateway([target], READING) as opened,
            closing(Session(opened.target)) as session,
            pytest.raises(UnreachableError, match="CERTIFICATE_VERIFY_FAILED"),
        ):
            session.call("getAccount")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        with Gateway([target], READING) as opened, closing(Session(opened.target)) as session:
            assert session.call("getAccount").status == 200


@pytest.mark.parametrize("packed", [gzip.compress, zlib.compress], ids=["gzip", "deflate"])
def test_ids_in_a_compressed_response_are_found(
    packed: Callable[[bytes], bytes],
) -> None:
    """A server may compress it unasked; the objects in it are not changed."""
    name = "11111111-2222-4333-8444-555555555555"
    listed = packed(json.dumps({"subscriptions": [], "requestId": name}).encode())
    coding = "gzip" if packed is gzip.compress else "deflate"
    scripted = ServerResponse(body=listed, headers=(("Content-Encoding", coding),))
    with through(lambda _: scripted, WRITING) as (session, _, seen):
        session.call("getSubscriptions")
        response = session.call("deleteSubscription", {"requestId": name})

    assert (response.status, response.code) == (404, "004")
    assert len(seen) == 1
    assert dict(seen[0].headers)["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("packed", [gzip.compress, zlib.compress], ids=["gzip", "deflate"])
def test_a_compressed_response_is_forwarded_uncompressed(packed: Callable[[bytes], bytes]) -> None:
    coding = "gzip" if packed is gzip.compress else "deflate"
    content = packed(json.dumps(ACCOUNT).encode())
    scripted = ServerResponse(
        body=content, headers=(("Content-Encoding", coding), ("X-Other", "1"))
    )
    with through(lambda _: scripted) as (session, _, _):
        response = session.call("getAccount")

    assert response.json() == ACCOUNT
    assert "content-encoding" not in response.headers
    assert response.headers["x-other"] == "1"


def test_schemathesis_uses_no_proxy_to_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "elsewhere.example")
    with server(lambda _: ServerResponse(418)) as target:
        asked = f"import requests; print(requests.get({target.base_url!r}).status_code)"
        environment = running._environment(target, mock=False)
        done = subprocess.run(
            [sys.executable, "-c", asked], env=environment, capture_output=True, check=True
        )

    assert done.stdout == b"418\n"


def test_a_request_without_a_response_is_a_failure_that_schemathesis_can_read() -> None:
    with through(lambda _: ServerResponse(0)) as (session, _, _):
        request = requests.Request("GET", session.target.base_url + "/a", auth=Signer(TARGET))
        with requests.Session() as client, pytest.raises(requests.ConnectionError) as error:
            client.send(request.prepare())

    assert "RemoteDisconnected" in " ".join(get_request_error_extras(error.value))


def test_objects_created_despite_an_error_are_counted_and_removed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A server may create an object and return an error; a customer with a reused id is named."""
    name, listed = "0c1d2e3f-4a5b-4c6d-8e7f-901234567890", list[str]()
    rejected = {"traceId": "t", "errorCode": "001", "message": "no"}
    calls = {place: each for each, place in document.routes().items()}
    customers = iter(
        [
            ServerResponse(500, {}),
            ServerResponse(body={"id": "same-id"}),
            ServerResponse(body={"id": "same-id"}),
        ]
    )

    def lying(request: SeenRequest) -> ServerResponse:
        match calls[request.method, request.path]:
            case "createSubscription":
                listed.append(name)
                return ServerResponse(400, rejected)
            case "deleteSubscription":
                listed.clear()
            case "createCustomer":
                return next(customers)
        return ServerResponse(body={"subscriptions": [{"requestId": each} for each in listed]})

    with through(lying, Plan(100, 0, {**MANY, "customers": 3})) as (session, _, _):
        session.call("createSubscription", {"requestId": name, "url": "https://a.example"})
        for _ in range(3):
            session.call("createCustomer", {})
        with pytest.raises(StoppedError, match="the 3 customers it announced"):
            session.call("createCustomer", {})
    output = capsys.readouterr().out

    assert listed == []
    assert "Left there: customers (at most 3), which" in output
    assert "ids that it had used before; they were not changed any more: same-id." in output


def test_a_request_that_kills_the_server_is_recorded() -> None:
    with through(lambda _: ServerResponse(0)) as (session, opened, _):
        with pytest.raises(UnreachableError):
            session.call("getAccount")

        assert [each.label for each in opened.exchanges] == ["getAccount"] * 2
        assert [each.sent for each in opened.exchanges] == [session.exchanges[0].sent] * 2


def test_what_cannot_be_removed_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """A server may reject the deletion, or no longer respond."""
    made: list[str] = []

    def keep(request: SeenRequest) -> ServerResponse:
        payload: Any = json.loads(request.content).get("payload", {})
        if request.path == document.routes()["getSubscriptions"][1]:
            rows_ = [{"requestId": each} for each in made]
            is_list = request.method == document.routes()["getSubscriptions"][0]
            return (
                ServerResponse(body={"subscriptions": rows_})
                if is_list
                else ServerResponse(500, {})
            )
        made.append(payload["requestId"])
        return ServerResponse(body=payload)

    asked = {"requestId": "11111111-2222-4333-8444-555555555555", "url": "https://a.example"}
    with through(keep, WRITING) as (session, _, _):
        session.call("createSubscription", asked)

    assert f"NOT removed: the subscriptions {asked['requestId']}." in capsys.readouterr().out


def test_a_correct_server_with_rate_limit_and_lost_connections_has_no_findings(
    mock: Target,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    waits: list[float],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every fourth request is rejected with 429, some are cut off, in a read-only run."""
    monkeypatch.chdir(tmp_path)
    count = iter(range(1_000_000))
    upstream = http.client.HTTPConnection(urlsplit(mock.base_url).netloc)
    lock = threading.Lock()
    rejected: list[int] = []

    def limited(request: SeenRequest) -> ServerResponse:
        if request.path.startswith("/_mock/"):
            return ServerResponse(404)
        number = next(count)
        if number % 4 == 3:
            rejected.append(number)
            return ServerResponse(429, {}, (("Retry-After", "1"),))
        if number % 40 == 20:
            return ServerResponse(0)
        with lock:
            upstream.request(request.method, request.path, request.content, dict(request.headers))
            response = upstream.getresponse()
            return ServerResponse(
                response.status, response.read(), (("Content-Type", "application/json"),)
            )

    with closing(upstream), server(limited) as target:
        for name, value in {**mock.write(), "CALYPSO_BASE_URL": target.base_url}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("RATE", "0")
        code = command.main(["--target", target.base_url, "--only", "account"])
    output = capsys.readouterr().out

    assert code == command.NOTHING_FOUND, output
    assert len(rejected) == waits.count(1.0) > 0
