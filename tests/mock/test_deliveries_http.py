"""A served mock delivers over HTTP in the background, whatever the receivers are like."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from calypso_mock import Mock, MockError, Sender, Server
from calypso_mock.delivery import _dispatcher
from tests.mock.receiving import STEPS, Receiver, deposit, listening, send_status, signed, subscribe
from tests.mock.rows import NO_ERROR, mock_error, outcomes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from http.server import BaseHTTPRequestHandler

    from conftest import Api

# Seconds after which a test fails; nothing that works takes so long.
PATIENCE = 30
HEADERS = {"Content-Type": "application/json", "Key": "k", "Sign": "s"}


def until(condition: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.005)


@contextmanager
def raw(parts: Iterable[bytes], *, pause: float = 0) -> Iterator[str]:
    """Respond to every connection with these parts, a pause after each, and leave it open."""
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                held.append(connection)
                threading.Thread(target=talk, args=(connection,), daemon=True).start()

        def talk(connection: socket.socket) -> None:
            connection.recv(65536)
            for part in parts:
                try:
                    connection.sendall(part)
                except OSError:
                    return
                time.sleep(pause)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/hook"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
    for connection in held:
        connection.close()


def test_a_deposit_arrives_over_http(connect: type[Api]) -> None:
    """By POST to path and query, signed, in order; and nothing runs on when the server ends."""
    receiver = Receiver()

    def handle(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        receiver(handler.path, dict(handler.headers), body)
        send_status(handler)

    mock, others = Mock(), set(threading.enumerate())
    with listening(handle) as url, Server(mock):
        before = set(threading.enumerate())
        held = subscribe(api := connect(mock), url=f"{url}/hook?shop=1")
        deposit(api)
        made = mock.deliveries.deliver_due()
        until(lambda: set(threading.enumerate()) <= before)

    assert receiver.types == STEPS
    assert len(mock.deliveries.log) == 4
    assert set(made) <= set(mock.deliveries.log)
    for path, headers, body in receiver.received:
        assert path == "/hook?shop=1"
        assert headers["Content-Type"] == "application/json"
        assert headers["Key"] == held["publicKey"]
        assert headers["Sign"] == signed(held["secretKey"], body)
    left = set(threading.enumerate()) - others
    assert not [thread.name for thread in left if thread.name.startswith("calypso")]


def test_a_slow_receiver_delays_neither_the_api_nor_others(connect: type[Api]) -> None:
    """It never responds, and another delivery does not wait for it. It ends with the server."""
    good = Receiver()
    with raw([]) as slow, listening(lambda handler, body: _take(good, handler, body)) as url:
        mock = Mock()
        with Server(mock, deliver=Sender(timeout=2 * PATIENCE)) as server:
            subscribe(api := connect(mock), url=slow)
            subscribe(api, url=url)
            deposit(api)
            connection = http.client.HTTPConnection("127.0.0.1", server._port, timeout=PATIENCE)
            connection.request("GET", "/_mock/state")
            assert connection.getresponse().status == 200
            connection.close()
            until(lambda: good.types == STEPS)
            with pytest.raises(MockError, match="in the background already"):
                mock.deliveries.deliver_due(good)
        until(lambda: [made for made in mock.deliveries.log if made.status is None])

    cut = next(made for made in mock.deliveries.log if made.status is None)
    assert (cut.event_type, cut.number) == (STEPS[0], 1)
    assert cut.next_due is not None


def _take(receiver: Receiver, handler: BaseHTTPRequestHandler, body: bytes) -> None:
    send_status(handler, receiver(handler.path, dict(handler.headers), body))


def test_retries_are_made_when_business_time_is_moved_over_http(connect: type[Api]) -> None:
    """In the background: the response of the control endpoint does not wait for them."""
    receiver = Receiver(503)
    mock = Mock()
    with listening(lambda handler, body: _take(receiver, handler, body)) as url, Server(mock):
        subscribe(api := connect(mock), url=url)
        deposit(api, "mem_pool")
        mock.deliveries.deliver_due()
        api.control("POST", "clock", {"advance": {"days": 4}})
        mock.deliveries.deliver_due()

    assert [made.number for made in mock.deliveries.log] == list(range(1, 20))
    assert {made.status for made in mock.deliveries.log} == {503}


def test_retries_follow_real_time_too(connect: type[Api]) -> None:
    """Without a call of the mock, when 30 seconds of business time are over, and not before."""
    receiver = Receiver(503)
    mock = Mock()
    with listening(lambda handler, body: _take(receiver, handler, body)) as url, Server(mock):
        subscribe(api := connect(mock), url=url)
        deposit(api, "mem_pool")
        mock.deliveries.deliver_due()
        mock.clock.advance(seconds=29.8)
        until(lambda: len(receiver.received) == 2)
        mock.deliveries.deliver_due()

    first, second = mock.deliveries.log
    assert (second.due - first.due).total_seconds() == 30
    assert second.sent >= second.due


def test_a_server_uses_the_receiver_of_its_mock(connect: type[Api]) -> None:
    """No socket is opened then, so its URL may be any."""
    receiver = Receiver()
    mock = Mock(deliver=receiver)
    with Server(mock):
        subscribe(api := connect(mock), url="https://shop.example/hook")
        deposit(api)
        mock.deliveries.deliver_due()

    assert receiver.types == STEPS


def test_a_mock_is_served_once_at_a_time() -> None:
    """And once more after that."""
    mock = Mock()
    with Server(mock):
        with pytest.raises(MockError, match="in the background already"):
            Server(mock).__enter__()
        with Server(Mock()):
            pass
    with Server(mock):
        pass


def test_a_server_that_cannot_listen_delivers_nothing() -> None:
    """Its mock can be served elsewhere."""
    mock = Mock()
    with Server(Mock()) as taken, pytest.raises(MockError, match="cannot listen"):
        Server(mock, port=taken._port).__enter__()
    with Server(mock):
        pass


def test_other_machines_are_never_delivered_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless ``allow_remote`` is set; not even their names are looked up."""
    urls = [
        "http://shop.example/hook",
        "https://192.0.2.1/",
        "http://127.0.0.1.nip.example/",
        "http://localhost.example/",
        "http://127.0.0.1@192.0.2.1/",
        "http://0.0.0.0/",
        "http://[::ffff:192.0.2.1]/",
    ]
    asked: list[Any] = []

    def fail(*given: Any, **_: Any) -> None:
        asked.append(given)
        raise OSError("no network in this test")

    monkeypatch.setattr(socket, "create_connection", fail)
    monkeypatch.setattr(socket, "getaddrinfo", fail)

    errors = {url: mock_error(lambda url=url: Sender()(url, HEADERS, b"{}")) for url in urls}
    assert errors == dict.fromkeys(
        urls, "not sent: only addresses of this machine are delivered to"
    )
    assert asked == []
    assert outcomes(urls, lambda url: Sender(allow_remote=True)(url, HEADERS, b"{}")) == {
        url: {"OSError": "no network in this test"} for url in urls
    }
    assert len(asked) == len(urls)


def test_what_may_not_be_sent_blocks_nothing(connect: type[Api]) -> None:
    """A subscription to a real shop's URL is not a failing receiver; there is no retry."""
    mock = Mock(deliver=Sender())
    subscribe(api := connect(mock), url="https://shop.example/hook")
    address = api.address("USDT_TRX")
    for _ in range(102):
        deposit(api, "mem_pool", address=address)

    assert api.ok("getSubscriptions")["subscriptions"][0]["blockedByErrorCount"] is False
    assert len(mock.deliveries.log) == 102
    assert mock.deliveries.log[0].error == (
        "not sent: only addresses of this machine are delivered to"
    )
    assert mock.deliveries.pending == ()


def test_an_event_is_sent_at_once(connect: type[Api], monkeypatch: pytest.MonkeyPatch) -> None:
    """The dispatcher does not have to read the clock to notice it."""
    monkeypatch.setattr(_dispatcher, "_LONGEST_NAP", 2 * PATIENCE)
    receiver = Receiver()
    mock = Mock(deliver=receiver)
    with Server(mock):
        subscribe(api := connect(mock))
        address = api.address("USDT_TRX")
        for number in range(1, 11):
            deposit(api, "mem_pool", address=address)
            until(lambda: len(receiver.received) == number)  # noqa: B023 - called in this turn


def test_a_redirect_is_not_followed() -> None:
    """It is a response other than 200."""
    asked: list[str] = []

    def handle(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        asked.append(handler.path)
        send_status(handler, 307, Location="/elsewhere")

    with listening(handle) as url:
        assert Sender()(f"{url}/hook", HEADERS, b"{}") == 307
    assert asked == ["/hook"]


def test_a_huge_response_is_not_read() -> None:
    """Its status is all that counts; the rest of it never comes."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n"

    with raw([head + b"x" * 100_000]) as url:
        assert Sender(timeout=PATIENCE)(url, HEADERS, b"{}") == 200


def _drip(head: bytes, rest: bytes) -> list[bytes]:
    """Split a response into bytes that keep coming for longer than the timeout."""
    return [bytes([byte]) for byte in head + rest * 3_000]


@pytest.mark.parametrize(
    "parts",
    [
        _drip(b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n", b"x"),
        _drip(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"x"),
        _drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        [],
    ],
    ids=["body", "body to the end of the connection", "head", "nothing"],
)
def test_a_receiver_that_drips_is_given_up_in_time(
    monkeypatch: pytest.MonkeyPatch, parts: list[bytes]
) -> None:
    """The timeout is for the whole exchange, whatever trickles in."""
    started: list[float] = []

    class Timer(threading.Timer):
        def __init__(self, interval: float, *given: Any) -> None:
            started.append(interval)
            super().__init__(interval, *given)

    monkeypatch.setattr(threading, "Timer", Timer)
    drip = iter(parts)
    with raw(drip, pause=0.01) as url:
        with pytest.raises(TimeoutError):
            Sender(timeout=0.1)(url, HEADERS, b"{}")
        more = next(drip, None)

    assert started == [0.1]
    assert more is not None or not parts


def test_what_is_no_http_is_a_failure(connect: type[Api]) -> None:
    """The log has the error, and a retry follows."""

    def attempt(response: bytes) -> tuple[int | None, str, bool]:
        mock = Mock(deliver=Sender(timeout=PATIENCE))
        with raw([response]) as url:
            subscribe(api := connect(mock), url=url)
            deposit(api, "mem_pool")
        made = mock.deliveries.log[0]
        return made.status, str(made.error).partition(":")[0], made.next_due is None

    rows = {
        "another protocol": (b"SSH-2.0\r\n", "BadStatusLine"),
        "zeros": (b"\0" * 100_000, "LineTooLong"),
        "no status": (b"HTTP/1.1 abc\r\n\r\n", "BadStatusLine"),
    }
    assert outcomes({name: response for name, (response, _) in rows.items()}, attempt) == {
        name: (None, error, False) for name, (_, error) in rows.items()
    }


def test_a_url_that_cannot_be_asked_for_is_a_failure(connect: type[Api]) -> None:
    """And the error does not quote it, since it may contain a token."""

    def errors(path: str) -> bool:
        mock = Mock(deliver=Sender(timeout=PATIENCE))
        subscribe(api := connect(mock), url=f"http://127.0.0.1{path}")
        deposit(api, "mem_pool")
        return "a b" in str(mock.deliveries.log[0].error or "a b")

    paths = ["/a b", "/a\tb", "/\u00e9", "/a\x7fb", "/?q=\u00e9", ":99999/", ":port/"]
    assert outcomes(dict(zip(paths, paths, strict=True)), errors) == dict.fromkeys(paths, False)


def test_a_refused_connection_is_a_failure(connect: type[Api]) -> None:
    """No process listens there."""
    mock = Mock(deliver=Sender())
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        subscribe(api := connect(mock), url=f"http://127.0.0.1:{silent.getsockname()[1]}")
        deposit(api, "mem_pool")

    assert "ConnectionRefusedError" in json.dumps(mock.deliveries.log[0].error)


def test_a_timeout_is_above_zero() -> None:
    """A bad value is rejected at once."""
    wrong = [0, -1, float("nan")]
    assert NO_ERROR not in {
        mock_error(lambda value=value: Sender(timeout=value)) for value in wrong
    }
