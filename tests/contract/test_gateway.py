"""What goes through the gateway is paced, counted, sent again where that is asked for, and kept."""

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
from tests.contract import document, relay, running
from tests.contract.gateway import Gateway, Plan
from tests.contract.pace import Pace, wait_for
from tests.contract.relay import Reply
from tests.contract.session import Session, StoppedError, UnreachableError
from tests.contract.wire import Signed, Target
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


class Seen(NamedTuple):
    """A request as it arrived."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    content: bytes


class Said(NamedTuple):
    """What a server says, as bytes or what JSON is made of; without a status it says nothing."""

    status: int = 200
    body: object = ACCOUNT
    headers: tuple[tuple[str, str], ...] = ()


Script = Callable[[Seen], Said]


@contextmanager
def server(script: Script, context: ssl.SSLContext | None = None) -> Iterator[Target]:
    """Serve what a function says."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def __getattr__(self, name: str) -> Callable[[], None]:
            if name.startswith("do_"):
                return self._answer
            raise AttributeError(name)

        def _answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            said = script(Seen(self.command, self.path, self.headers.items(), content))
            if not said.status:
                self.close_connection = True
                return
            body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
            self.send_response(said.status)
            for name, value in (*said.headers, ("Content-Length", str(len(body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass

    served = Quiet(("127.0.0.1", 0), Handler)
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
def through(script: Script, plan: Plan = READING) -> Iterator[tuple[Session, Gateway, list[Seen]]]:
    """Open a session to a server through a gateway, and note what arrives."""
    seen: list[Seen] = []

    def noting(request: Seen) -> Said:
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
    """Wait for nothing, and note how long it would have been."""
    noted: list[float] = []
    monkeypatch.setattr(Gateway, "_wait", lambda _, seconds: noted.append(seconds))
    return noted


def test_requests_go_one_after_the_other_not_faster_than_the_rate() -> None:
    time = [0.0]

    def wait(seconds: float) -> None:
        time[0] += seconds

    pace = Pace(4, wait, lambda: time[0])
    sent = []
    for _ in range(9):
        pace.step()
        sent.append(time[0])

    assert sent == [number / 4 for number in range(9)]


def test_time_that_passed_without_a_request_is_not_made_up_for() -> None:
    time = [0.0]
    noted: list[float] = []
    pace = Pace(4, noted.append, lambda: time[0])
    for now in (0.0, 100.0, 100.0):
        time[0] = now
        pace.step()

    assert noted == [0.25]


def test_a_server_that_asks_to_wait_is_asked_again_later_and_more_slowly(
    waits: list[float],
) -> None:
    """The same bytes are sent; the one who sent them sees the last response alone."""
    script = iter([Said(429, {}, (("Retry-After", "7"),)), Said(503, {}, (("retry-after", "2"),))])
    with through(lambda _: next(script, Said()), Plan(100, 4, {})) as (session, opened, seen):
        answer = session.call("getAccount")
        session.call("getAccount")

    assert answer.json() == ACCOUNT
    assert seen[0] == seen[1] == seen[2]
    assert [wait for wait in waits if wait >= 2] == [7.0, 2.0]
    # Twice half as slow again.
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
    assert wait_for(Reply(status, "", list(headers.items()), b"")) == wait


def test_longer_than_a_signature_is_good_for_nothing_waits(waits: list[float]) -> None:
    """The run ends, and says which rate the server would have put up with."""
    script = iter([Said(), Said(429, {}, (("Retry-After", "150"),))])
    with through(lambda _: next(script)) as (session, opened, _):
        session.call("getAccount")
        with pytest.raises(StoppedError, match=r"asks to wait 150 s.* RATE=0\.013 would have"):
            session.call("getAccount")
        # Nor is anything sent after that.
        with pytest.raises(StoppedError):
            session.call("getAccount")
        stopped = opened.stopped

    assert stopped is not None
    assert len(opened.exchanges) == 2


def test_an_absurd_wait_ends_the_run_without_an_absurd_rate(waits: list[float]) -> None:
    said = Said(429, {}, (("Retry-After", "9" * 400),))
    with (
        through(lambda _: said) as (session, _, _),
        pytest.raises(StoppedError, match="asks to wait more than a day") as stop,
    ):
        session.call("getAccount")

    assert "RATE" not in str(stop.value)
    assert waits == []


def test_who_asks_for_no_wait_and_rejects_again_is_asked_ever_more_slowly(
    waits: list[float],
) -> None:
    """Seconds, not forever: then the run ends."""
    said = Said(429, {}, (("Retry-After", "0"),))
    with (
        through(lambda _: said) as (session, opened, _),
        pytest.raises(StoppedError, match="answered 429 to 12 attempts in a row"),
    ):
        session.call("getAccount")

    assert waits == sorted(set(waits))
    assert 20 < sum(waits) < 100
    assert len(opened.exchanges) == len(waits) == 12


def test_a_server_that_asked_to_wait_is_asked_faster_again_but_never_forgotten() -> None:
    """Never slower than once in 10 s, step by step back to the rate, and not beyond."""
    pace, unlimited = (Pace(rate, lambda _: None) for rate in (4, 0))
    for _ in range(99):
        pace.slow_down()
        unlimited.slow_down()
    slowest = pace.interval
    for _ in range(10):
        pace.recover()
    faster = pace.interval
    for _ in range(990):
        pace.recover()

    assert (slowest, faster, pace.interval) == (10.0, 10.0 / 1.5, 0.25)
    assert unlimited.interval == 0.0


def test_what_was_asked_before_is_paced_and_counted(waits: list[float]) -> None:
    with (
        server(lambda _: Said()) as target,
        Gateway([target], Plan(2, 0.01, {}), asked=1) as opened,
        closing(Session(opened.target)) as session,
    ):
        session.call("getAccount")
        with pytest.raises(StoppedError, match="the 2 requests it announced"):
            session.call("getAccount")

    assert waits[0] > 90


@contextmanager
def dripping(head: bytes) -> Iterator[Target]:
    """Serve responses that never end, though something comes all the time."""
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n" + head)
            with suppress(OSError):
                while not ended.wait(0.02):
                    self.wfile.write(b" ")

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
def test_a_response_that_drips_is_none(head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its head, with a length, and without one: the timeout is for the whole of it."""
    monkeypatch.setattr(relay, "PATIENCE", 0.3)
    with (
        dripping(head) as target,
        Gateway([target], READING) as opened,
        closing(Session(opened.target)) as session,
        pytest.raises(UnreachableError, match="not complete after"),
    ):
        session.call("getAccount")

    assert len(opened.exchanges) == 1


def test_a_request_that_is_cut_off_is_not_passed_on() -> None:
    """As by Ctrl-C between head and body: the server would wait for the rest, and so would we."""
    with through(lambda _: Said()) as (session, opened, seen):
        host = urlsplit(opened.target.base_url)
        with socket.create_connection((host.hostname, host.port)) as half:
            half.sendall(b"POST /api/v1/account HTTP/1.1\r\nContent-Length: 20\r\n\r\n{")
            half.shutdown(socket.SHUT_WR)
            assert half.recv(1) == b""
        session.call("getAccount")

    assert len(seen) == len(opened.exchanges) == 1


def test_a_second_ctrl_c_ends_cleaning_up_and_names_what_is_left(
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = "11111111-2222-4333-8444-555555555555"
    is_made = threading.Event()

    def interrupted(request: Seen) -> Said:
        payload = json.loads(request.content).get("payload")
        if payload:
            is_made.set()
            return Said(body=payload)
        if is_made.is_set():
            os.kill(os.getpid(), signal.SIGINT)
            threading.Event().wait(1)
        return Said(body=NOTHING)

    with through(interrupted, WRITING) as (session, _, _):
        session.call("createSubscription", {"requestId": name, "url": "https://a.example"})
    output = capsys.readouterr().out

    assert "It was ended by SIGINT." in output
    assert f"NOT removed: the subscriptions {name}." in output


def test_no_more_is_sent_than_was_announced() -> None:
    with through(lambda _: Said(), Plan(3, 0, {})) as (session, _, seen):
        for _ in range(3):
            session.call("getAccount")
        with pytest.raises(StoppedError, match="the 3 requests it announced"):
            session.call("getAccount")

    assert len(seen) == 3


def test_no_more_is_made_than_was_announced() -> None:
    def make(request: Seen) -> Said:
        is_list = request.path == document.places()["getSubscriptions"][1]
        return Said(body=NOTHING if is_list else {"id": str(len(request.content))})

    with through(make, Plan(100, 0, {**MANY, "customers": 2})) as (session, _, _):
        for _ in range(2):
            session.call("createCustomer", {})
        with pytest.raises(StoppedError, match="the 2 customers it announced"):
            session.call("createCustomer", {})


def test_a_read_that_is_cut_off_is_sent_again_and_a_write_is_not() -> None:
    cut = iter([Said(0), Said(), Said(body=NOTHING), Said(0)])
    with through(lambda _: next(cut), WRITING) as (session, opened, seen):
        assert session.call("getAccount").status == 200
        with pytest.raises(UnreachableError, match="RemoteDisconnected") as error:
            session.call("createCustomer", {})

    assert len(seen) == 4
    assert error.value.exchange is session.exchanges[-1]
    assert (error.value.exchange.label, error.value.exchange.status) == ("createCustomer", 0)
    assert opened.exchanges[-1].status == 0


def test_bytes_and_headers_go_through_as_they_are() -> None:
    """Those of the connection aside: a signature is about bytes, and headers are tested, too."""
    content = b'{"a" :\r\n "\xc3\xa9\\u0000"}\n'
    with through(lambda _: Said(418, [], (("X-Two", "1"), ("X-Two", "2")))) as (session, _, seen):
        connection = http.client.HTTPConnection(urlsplit(session.target.base_url).netloc)
        with closing(connection):
            connection.putrequest("GET", "/nothing/here?a=%00&b", skip_accept_encoding=True)
            for name, value in (("Sign", "é"), ("sign", " x\xa0"), ("Key", "")):
                connection.putheader(name, value.encode("latin-1"))
            connection.putheader("Content-Length", str(len(content)))
            connection.endheaders(content)
            answer = connection.getresponse()
            answer.read()

    (request,) = seen
    assert request[:2] == ("GET", "/nothing/here?a=%00&b")
    assert request.content == content
    assert [each for each in request.headers if each[0].lower() in {"sign", "key"}] == [
        ("Sign", "é"),
        ("sign", "x\xa0"),
        ("Key", ""),
    ]
    assert (answer.status, answer.headers.get_all("X-Two")) == (418, ["1", "2"])


def test_a_server_is_only_believed_with_a_certificate_that_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with server(lambda _: Said(), context) as target:
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
def test_what_a_response_lists_is_found_in_it_packed_or_not(
    packed: Callable[[bytes], bytes],
) -> None:
    """Though it is asked for as it is, a server may pack it; what it lists is left alone."""
    name = "11111111-2222-4333-8444-555555555555"
    listed = packed(json.dumps({"subscriptions": [], "requestId": name}).encode())
    coding = "gzip" if packed is gzip.compress else "deflate"
    said = Said(body=listed, headers=(("Content-Encoding", coding),))
    with through(lambda _: said, WRITING) as (session, _, seen):
        session.call("getSubscriptions")
        answer = session.call("deleteSubscription", {"requestId": name})

    assert (answer.status, answer.code) == (404, "004")
    assert len(seen) == 1
    assert dict(seen[0].headers)["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("packed", [gzip.compress, zlib.compress], ids=["gzip", "deflate"])
def test_a_packed_response_is_passed_on_as_it_is_meant(packed: Callable[[bytes], bytes]) -> None:
    coding = "gzip" if packed is gzip.compress else "deflate"
    content = packed(json.dumps(ACCOUNT).encode())
    said = Said(body=content, headers=(("Content-Encoding", coding), ("X-Other", "1")))
    with through(lambda _: said) as (session, _, _):
        answer = session.call("getAccount")

    assert answer.json() == ACCOUNT
    assert "content-encoding" not in answer.headers
    assert answer.headers["x-other"] == "1"


def test_no_proxy_stands_between_schemathesis_and_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "elsewhere.example")
    with server(lambda _: Said(418)) as target:
        asked = f"import requests; print(requests.get({target.base_url!r}).status_code)"
        environment = running._environment(target, mock=False)
        done = subprocess.run(
            [sys.executable, "-c", asked], env=environment, capture_output=True, check=True
        )

    assert done.stdout == b"418\n"


def test_a_request_without_a_response_is_a_failure_that_schemathesis_can_read() -> None:
    with through(lambda _: Said(0)) as (session, _, _):
        request = requests.Request("GET", session.target.base_url + "/a", auth=Signed(TARGET))
        with requests.Session() as client, pytest.raises(requests.ConnectionError) as error:
            client.send(request.prepare())

    assert "RemoteDisconnected" in " ".join(get_request_error_extras(error.value))


def test_what_was_made_behind_an_error_is_counted_and_removed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A server may make a thing and say that it did not; a customer of an id twice is named."""
    name, listed = "0c1d2e3f-4a5b-4c6d-8e7f-901234567890", list[str]()
    rejected = {"traceId": "t", "errorCode": "001", "message": "no"}
    calls = {place: each for each, place in document.places().items()}
    customers = iter([Said(500, {}), Said(body={"id": "same-id"}), Said(body={"id": "same-id"})])

    def lying(request: Seen) -> Said:
        match calls[request.method, request.path]:
            case "createSubscription":
                listed.append(name)
                return Said(400, rejected)
            case "deleteSubscription":
                listed.clear()
            case "createCustomer":
                return next(customers)
        return Said(body={"subscriptions": [{"requestId": each} for each in listed]})

    with through(lying, Plan(100, 0, {**MANY, "customers": 3})) as (session, _, _):
        session.call("createSubscription", {"requestId": name, "url": "https://a.example"})
        for _ in range(3):
            session.call("createCustomer", {})
        with pytest.raises(StoppedError, match="the 3 customers it announced"):
            session.call("createCustomer", {})
    output = capsys.readouterr().out

    assert listed == []
    assert "Left there: customers (at most 3), which" in output
    assert "ids that it had used before, which were left alone from then on: same-id." in output


def test_a_request_that_kills_the_server_is_on_record() -> None:
    with through(lambda _: Said(0)) as (session, opened, _):
        with pytest.raises(UnreachableError):
            session.call("getAccount")

        assert [each.label for each in opened.exchanges] == ["getAccount"] * 2
        assert [each.sent for each in opened.exchanges] == [session.exchanges[0].sent] * 2


def test_what_cannot_be_removed_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """A server may refuse to delete, and it may be gone."""
    made: list[str] = []

    def keep(request: Seen) -> Said:
        payload: Any = json.loads(request.content).get("payload", {})
        if request.path == document.places()["getSubscriptions"][1]:
            rows_ = [{"requestId": each} for each in made]
            is_list = request.method == document.places()["getSubscriptions"][0]
            return Said(body={"subscriptions": rows_}) if is_list else Said(500, {})
        made.append(payload["requestId"])
        return Said(body=payload)

    asked = {"requestId": "11111111-2222-4333-8444-555555555555", "url": "https://a.example"}
    with through(keep, WRITING) as (session, _, _):
        session.call("createSubscription", asked)

    assert f"NOT removed: the subscriptions {asked['requestId']}." in capsys.readouterr().out


def test_a_healthy_server_in_a_hostile_world_has_no_findings(
    mock: Target,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    waits: list[float],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every fourth request is one too many, some are cut off: a whole run that only reads."""
    monkeypatch.chdir(tmp_path)
    count = iter(range(1_000_000))
    upstream = http.client.HTTPConnection(urlsplit(mock.base_url).netloc)
    lock = threading.Lock()
    rejected: list[int] = []

    def limited(request: Seen) -> Said:
        if request.path.startswith("/_mock/"):
            return Said(404)
        number = next(count)
        if number % 4 == 3:
            rejected.append(number)
            return Said(429, {}, (("Retry-After", "1"),))
        if number % 40 == 20:
            return Said(0)
        with lock:
            upstream.request(request.method, request.path, request.content, dict(request.headers))
            answer = upstream.getresponse()
            return Said(answer.status, answer.read(), (("Content-Type", "application/json"),))

    with closing(upstream), server(limited) as target:
        for name, value in {**mock.write(), "CALYPSO_BASE_URL": target.base_url}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("RATE", "0")
        code = command.main(["--target", target.base_url, "--only", "account"])
    output = capsys.readouterr().out

    assert code == command.NOTHING_FOUND, output
    assert len(rejected) == waits.count(1.0) > 0
