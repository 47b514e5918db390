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
from tests.mock.receiving import STEPS, Receiver, deposit, listening, reply, signed, subscribe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.server import BaseHTTPRequestHandler

    from conftest import Api

SOON = 2.0
HEADERS = {"Content-Type": "application/json", "Key": "k", "Sign": "s"}


def until(condition: Any) -> None:
    end = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.005)


@contextmanager
def raw(answer: bytes, *, drip: float | None = None) -> Iterator[str]:
    """Answer every connection with these bytes, at once or byte by byte, and leave it open."""
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
            for part in [answer] if drip is None else [bytes([byte]) for byte in answer]:
                try:
                    connection.sendall(part)
                except OSError:
                    return
                time.sleep(drip or 0)

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

    def answer(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        receiver(handler.path, dict(handler.headers), body)
        reply(handler)

    mock = Mock()
    with listening(answer) as url, Server(mock):
        before = threading.active_count()
        held = subscribe(api := connect(mock), url=f"{url}/hook?shop=1")
        deposit(api)
        made = mock.deliveries.deliver_due()
        until(lambda: threading.active_count() <= before)

    assert receiver.types == STEPS
    assert len(mock.deliveries.log) == 4
    assert set(made) <= set(mock.deliveries.log)
    for path, headers, body in receiver.came:
        assert path == "/hook?shop=1"
        assert headers["Content-Type"] == "application/json"
        assert headers["Key"] == held["publicKey"]
        assert headers["Sign"] == signed(held["secretKey"], body)
    assert not [t.name for t in threading.enumerate() if t.name.startswith("calypso")]


def test_a_slow_receiver_delays_neither_the_api_nor_others(connect: type[Api]) -> None:
    """And ends with the server."""
    good = Receiver()
    with raw(b"") as slow, listening(lambda handler, body: _take(good, handler, body)) as url:
        mock = Mock()
        with Server(mock) as server:
            subscribe(api := connect(mock), url=slow)
            subscribe(api, url=url)
            started = time.monotonic()
            deposit(api)
            connection = http.client.HTTPConnection("127.0.0.1", server._port, timeout=SOON)
            connection.request("GET", "/_mock/state")
            assert connection.getresponse().status == 200
            connection.close()
            until(lambda: good.types == STEPS)
            assert time.monotonic() - started < SOON
            with pytest.raises(MockError, match="in the background already"):
                mock.deliveries.deliver_due(good)
            stopping = time.monotonic()
        assert time.monotonic() - stopping < SOON

    cut = next(made for made in mock.deliveries.log if made.status is None)
    assert (cut.event_type, cut.number) == (STEPS[0], 1)
    assert cut.next_due is not None


def _take(receiver: Receiver, handler: BaseHTTPRequestHandler, body: bytes) -> None:
    reply(handler, receiver(handler.path, dict(handler.headers), body))


def test_retries_are_made_when_business_time_is_moved_over_http(connect: type[Api]) -> None:
    """In the background: the answer to the control endpoint does not wait for them."""
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
    """Nobody calls the mock; 30 seconds of business time are nearly over."""
    receiver = Receiver(503)
    mock = Mock()
    with listening(lambda handler, body: _take(receiver, handler, body)) as url, Server(mock):
        subscribe(api := connect(mock), url=url)
        deposit(api, "mem_pool")
        mock.deliveries.deliver_due()
        mock.clock.advance(seconds=29.8)
        assert len(receiver.came) == 1
        until(lambda: len(receiver.came) == 2)


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
    """And again after that."""
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


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/hook",
        "https://192.0.2.1/",
        "http://127.0.0.1.nip.example/",
        "http://localhost.example/",
        "http://127.0.0.1@192.0.2.1/",
        "http://0.0.0.0/",
        "http://[::ffff:192.0.2.1]/",
    ],
)
def test_other_machines_are_never_delivered_to(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Unless told otherwise; not even their names are looked up."""
    asked: list[Any] = []

    def refuse(*given: Any, **_: Any) -> None:
        asked.append(given)
        raise OSError("no network in this test")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    with pytest.raises(MockError, match="only addresses of this machine"):
        Sender()(url, HEADERS, b"{}")
    assert asked == []
    with pytest.raises(OSError, match="no network"):
        Sender(allow_remote=True)(url, HEADERS, b"{}")
    assert asked


def test_what_may_not_be_sent_blocks_nothing(connect: type[Api]) -> None:
    """A subscription to a real shop's URL is no receiver that fails; there is no other attempt."""
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


def test_an_event_is_sent_at_once(connect: type[Api]) -> None:
    """The courier does not have to look at the clock to notice it."""
    receiver = Receiver()
    mock = Mock(deliver=receiver)
    with Server(mock):
        subscribe(api := connect(mock))
        address = api.address("USDT_TRX")
        started = time.monotonic()
        for number in range(1, 11):
            deposit(api, "mem_pool", address=address)
            until(lambda: len(receiver.came) == number)  # noqa: B023 - called in this turn
        assert time.monotonic() - started < 1.5


def test_a_redirect_is_not_followed() -> None:
    """It is an answer other than 200."""
    asked: list[str] = []

    def answer(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        asked.append(handler.path)
        reply(handler, 307, Location="/elsewhere")

    with listening(answer) as url:
        assert Sender()(f"{url}/hook", HEADERS, b"{}") == 307
    assert asked == ["/hook"]


def test_a_huge_answer_is_not_read() -> None:
    """Its status is all that counts."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n"
    started = time.monotonic()

    with raw(head + b"x" * 100_000) as url:
        assert Sender()(url, HEADERS, b"{}") == 200
    assert time.monotonic() - started < SOON


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n" + b"x" * 40,
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 400,
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50,
        b"",
    ],
)
def test_a_receiver_that_drips_is_given_up_in_time(answer: bytes) -> None:
    """The time-out is for the whole exchange, whatever trickles in."""
    started = time.monotonic()

    with raw(answer, drip=0.02) as url, pytest.raises(TimeoutError):
        Sender(timeout=0.2)(url, HEADERS, b"{}")
    assert 0.1 < time.monotonic() - started < SOON


@pytest.mark.parametrize("answer", [b"SSH-2.0\r\n", b"\0" * 100_000, b"HTTP/1.1 abc\r\n\r\n"])
def test_what_is_no_http_is_a_failure(connect: type[Api], answer: bytes) -> None:
    """Written down, and followed by another attempt."""
    mock = Mock(deliver=Sender(timeout=0.3))
    with raw(answer) as url:
        subscribe(api := connect(mock), url=url)
        deposit(api, "mem_pool")

    made = mock.deliveries.log[0]
    assert (made.status, made.error is None) == (None, False)
    assert made.next_due is not None


@pytest.mark.parametrize(
    "path", ["/a b", "/a\tb", "/\u00e9", "/a\x7fb", "/?q=\u00e9", ":99999/", ":port/"]
)
def test_a_url_that_cannot_be_asked_for_is_a_failure(connect: type[Api], path: str) -> None:
    """And its text is not told, since it may hold a token."""
    mock = Mock(deliver=Sender(timeout=0.3))
    subscribe(api := connect(mock), url=f"http://127.0.0.1{path}")
    deposit(api, "mem_pool")

    assert mock.deliveries.log[0].error
    assert "a b" not in mock.deliveries.log[0].error


def test_a_refused_connection_is_a_failure(connect: type[Api]) -> None:
    """Nobody listens there."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    mock = Mock(deliver=Sender())
    subscribe(api := connect(mock), url=f"http://127.0.0.1:{port}")
    deposit(api, "mem_pool")

    assert "ConnectionRefusedError" in json.dumps(mock.deliveries.log[0].error)


@pytest.mark.parametrize("timeout", [0, -1, float("nan")])
def test_a_timeout_is_above_zero(timeout: float) -> None:
    """What makes no sense is refused at once."""
    with pytest.raises(MockError):
        Sender(timeout=timeout)
