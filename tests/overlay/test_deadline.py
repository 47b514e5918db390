"""A call ends at its deadline, whatever its peer does, with the right outcome."""

from __future__ import annotations

import asyncio
import gc
import select
import threading
import time
from inspect import signature
from typing import TYPE_CHECKING, Any

import httpcore
import httpx
import pytest

from calypso_pay import (
    AsyncCalypso,
    Calypso,
    ConnectionFailedError,
    Outcome,
    OutcomeUnknownError,
    TransportError,
    UnexpectedResponseError,
)
from calypso_pay._httpx_quirks.deadline import Deadline, _Bounded, enforce_deadline
from calypso_pay._transport.aiohttp_session import Session
from tests.overlay.clocks import Stopped
from tests.overlay.peers import IDENTITY, PATIENCE, call, peer, read_request

if TYPE_CHECKING:
    import socket

DEADLINE = 25.0
# While a peer sends the clock passes the deadline in steps shorter than the timeout, and stops
# there: nothing but the deadline of that very call can end it.
TIMEOUT = 20.0
STEP, STEPS = 6.0, 6
SETTINGS: dict[str, Any] = {"deadline": DEADLINE, "timeout": TIMEOUT, "max_retries": 0}

# No exception that ends a step is the caller's.
NOT_THE_CALLERS = lambda _: None  # noqa: E731 - a name for it

both = pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])


class Slow:
    """A peer that begins to respond, and does not end while the client is connected.

    In the end it gives up, so that a call which nothing else ends fails its test.

    Attributes:
        clock: What deadlines are measured by.
        arrived: Set when the header of a response has come to the client.
        left: Whether the client hung up while the peer was still sending.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = Stopped(monkeypatch)
        self.arrived = threading.Event()
        self.left = False
        send = httpx.Client.send

        def send_and_note(*args: Any, **kwargs: Any) -> httpx.Response:
            response = send(*args, **kwargs)
            self.arrived.set()
            return response

        def noting(asend: Any) -> Any:
            async def asend_and_note(*args: Any, **kwargs: Any) -> Any:
                response = await asend(*args, **kwargs)
                self.arrived.set()
                return response

            return asend_and_note

        monkeypatch.setattr(httpx.Client, "send", send_and_note)
        for kind in (httpx.AsyncClient, Session):
            monkeypatch.setattr(kind, "send", noting(kind.send))

    def header(self, connection: socket.socket) -> None:
        read_request(connection)
        self._drip(connection, b"HTTP/1.1 200 OK\r\nX-Slow: ")

    def status_line(self, connection: socket.socket) -> None:
        read_request(connection)
        self._drip(connection, b"HTTP/1.1 200 ")

    def interim_responses(self, connection: socket.socket) -> None:
        """Send so many that no read ever waits."""
        read_request(connection)
        self._send(connection, b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100, every=0.0)

    def body(self, connection: socket.socket) -> None:
        self._respond(connection, b"Content-Length: 1000000\r\n\r\n")

    def chunk_size(self, connection: socket.socket) -> None:
        self._respond(connection, b"Transfer-Encoding: chunked\r\n\r\n5;")

    def handshake(self, connection: socket.socket) -> None:
        """Send a record of TLS that has 16,383 bytes."""
        connection.recv(65536)
        self._drip(connection, b"\x16\x03\x03\x3f\xff")

    def _respond(self, connection: socket.socket, fields: bytes) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + fields)
        assert self.arrived.wait(PATIENCE)
        self._drip(connection, b"")

    def _drip(self, connection: socket.socket, first: bytes) -> None:
        self._send(connection, first, b"x", every=0.02)

    def _send(self, connection: socket.socket, first: bytes, piece: bytes, *, every: float) -> None:
        connection.sendall(first)
        gives_up = time.perf_counter() + PATIENCE
        steps = iter([STEP] * STEPS)
        try:
            while time.perf_counter() < gives_up:
                connection.sendall(piece)
                self.clock.move(next(steps, 0.0))
                hung_up, _, _ = select.select([connection], [], [], every)
                if hung_up and not connection.recv(65536):
                    raise ConnectionResetError
        except OSError:
            self.left = True


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    return Slow(monkeypatch)


@both
@pytest.mark.parametrize("what", ["header", "status_line", "interim_responses"])
def test_a_peer_that_never_comes_to_the_body_does_not_hold_a_call_past_its_deadline(
    slow: Slow, what: str, asynchronous: bool
) -> None:
    with peer(getattr(slow, what)) as url, pytest.raises(OutcomeUnknownError) as caught:
        call("customers.create", asynchronous=asynchronous, base_url=url, **SETTINGS)

    cause = caught.value.__cause__
    assert type(cause) is TransportError
    assert cause.timed_out
    assert caught.value.outcome is Outcome.UNKNOWN
    assert slow.left


@both
@pytest.mark.parametrize("what", ["body", "chunk_size"])
def test_a_body_that_does_not_end_is_left_at_the_deadline(
    slow: Slow, what: str, asynchronous: bool
) -> None:
    with peer(getattr(slow, what)) as url, pytest.raises(UnexpectedResponseError) as caught:
        call("customers.create", asynchronous=asynchronous, base_url=url, **SETTINGS)

    assert "had not come to its end at the deadline" in str(caught.value)
    assert caught.value.outcome is Outcome.DONE
    assert slow.left


# httpcore forgets the socket of an asynchronous TLS handshake that is broken off; it is closed when
# it is collected.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@both
def test_a_handshake_that_hangs_ends_at_the_deadline_and_nothing_was_sent(
    slow: Slow, asynchronous: bool
) -> None:
    """Python times a synchronous handshake by the real clock, so that this one has to be short."""
    with peer(slow.handshake) as url:
        with pytest.raises(ConnectionFailedError) as caught:
            call(
                "customers.create",
                asynchronous=asynchronous,
                base_url=url.replace("http:", "https:"),
                deadline=DEADLINE if asynchronous else 0.2,
                timeout=60 * PATIENCE,
            )
        gc.collect()

    assert caught.value.timed_out
    assert caught.value.outcome is Outcome.NOT_SENT
    assert slow.left


@both
def test_a_second_call_over_the_same_connection_has_a_deadline_of_its_own(
    slow: Slow, asynchronous: bool
) -> None:
    """The first call's is later than the clock ever gets."""
    body = b'{"account":"a","ownerId":"o","balances":[]}'

    def answer_once_and_drip(connection: socket.socket) -> None:
        read_request(connection)
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
        connection.sendall(head % len(body) + body)
        slow.header(connection)

    with peer(answer_once_and_drip) as url, pytest.raises(TransportError) as caught:
        if asynchronous:
            asyncio.run(_twice(url))
        else:
            with Calypso(**IDENTITY, base_url=url, max_retries=0) as client:
                client.accounts.get()
                client.with_options(deadline=DEADLINE, timeout=TIMEOUT).accounts.get()

    assert caught.value.timed_out
    assert slow.left


async def _twice(url: str) -> None:
    async with AsyncCalypso(**IDENTITY, base_url=url, max_retries=0) as client:
        await client.accounts.get()
        await client.with_options(deadline=DEADLINE, timeout=TIMEOUT).accounts.get()


def test_an_asynchronous_client_of_ones_own_is_held_to_the_deadline_too(slow: Slow) -> None:
    async def run(url: str) -> None:
        async with httpx.AsyncClient() as own:
            client = AsyncCalypso(**IDENTITY, base_url=url, http_client=own, **SETTINGS)
            await client.accounts.get()

    with peer(slow.header) as url, pytest.raises(TransportError) as caught:
        asyncio.run(run(url))

    assert caught.value.timed_out
    assert slow.left


def test_a_synchronous_client_of_ones_own_is_not_touched() -> None:
    with httpx.Client() as own, httpx.Client() as other:
        Calypso(**IDENTITY, http_client=own)

        backends = [type(client._transport._pool._network_backend) for client in (own, other)]  # type: ignore[attr-defined]
        assert backends[0] is backends[1]


def test_every_way_to_the_network_is_kept_that_httpx_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is reached for is private: it fails here, not in silence, when httpx moves it."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    with httpx.Client() as client:
        enforce_deadline(client, NOT_THE_CALLERS)

        transports = [client._transport, *filter(None, client._mounts.values())]
        backends = [transport._pool._network_backend for transport in transports]  # type: ignore[attr-defined]
        assert len(backends) == 2
        assert {type(backend).__name__ for backend in backends} == {"_Bounded"}


def test_a_client_without_what_is_reached_for_stays_as_it_is() -> None:
    enforce_deadline(object(), NOT_THE_CALLERS)
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200))) as client:
        enforce_deadline(client, NOT_THE_CALLERS)
        assert client.get("http://one.invalid").status_code == 200


def test_each_step_of_a_connection_is_given_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Stopped(monkeypatch)
    given: list[Any] = []

    class Backend:
        def step(self, *args: Any, timeout: float) -> Backend:
            given.append(timeout)
            clock.move(1.0)
            return self

        connect_tcp = start_tls = write = read = step

    pool = httpcore.ConnectionPool(network_backend=Backend())  # type: ignore[arg-type]
    client = type("Client", (), {"_transport": type("Transport", (), {"_pool": pool})})
    enforce_deadline(client, NOT_THE_CALLERS)
    timeout = Deadline(30.0, clock.now + 10)
    stream = pool._network_backend.connect_tcp(timeout=timeout).start_tls(None, timeout=timeout)  # type: ignore[arg-type, call-arg]
    stream.write(b"header", timeout=timeout)
    stream.write(b"", timeout=timeout)
    stream.read(1, timeout=timeout)
    stream.read(1, timeout=Deadline(3.0, clock.now + 10))
    stream.read(1, timeout=30.0)

    assert given == pytest.approx([10.0, 9.0, 8.0, 7.0, 3.0, 30.0])


def test_a_silent_socks_proxy_does_not_hold_a_call() -> None:
    """Httpcore gives no timeout to what it exchanges with one."""
    given: list[float | None] = []

    class Backend:
        def step(self, *args: Any, timeout: float | None) -> Backend:
            given.append(timeout)
            return self

        connect_tcp = write = read = step

    stream: Any = _Bounded(Backend(), NOT_THE_CALLERS).connect_tcp(timeout=7.0)
    stream.write(b"greeting")
    stream.read(max_bytes=1)

    assert given == [7.0, 7.0, 7.0]


@pytest.mark.parametrize("name", ["read", "write", "start_tls"])
def test_a_step_has_the_parameters_of_httpcores_own(name: str) -> None:
    """Proxies are why: httpcore passes them by position in a tunnel, and by name to SOCKS."""
    own, wanted = (
        list(signature(getattr(kind, name)).parameters)
        for kind in (_Bounded, httpcore.NetworkStream)
    )

    assert own == wanted
