"""A call ends at its deadline, whatever its peer does, and says rightly whether it was sent."""

from __future__ import annotations

import asyncio
import gc
import time
from contextlib import contextmanager
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
from calypso_pay._httpx_quirks.deadline import Until, keep
from tests.overlay.peers import IDENTITY, call, peer, read_request

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

DEADLINE = 0.5
# Far longer than the deadline is overshot, and far shorter than any of these peers would take.
AT_MOST = 2.5

both = pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])


@contextmanager
def in_time() -> Iterator[None]:
    started = time.monotonic()
    yield
    assert DEADLINE * 0.9 <= time.monotonic() - started < AT_MOST


def drip(connection: socket.socket, first: bytes) -> None:
    """Send something, and then a byte now and then for as long as anybody listens."""
    read_request(connection)
    connection.sendall(first)
    for _ in range(200):
        connection.sendall(b"x")
        time.sleep(0.05)


def drip_header(connection: socket.socket) -> None:
    drip(connection, b"HTTP/1.1 200 OK\r\nX-Slow: ")


def drip_status_line(connection: socket.socket) -> None:
    drip(connection, b"HTTP/1.1 200 ")


def drip_chunk_size(connection: socket.socket) -> None:
    drip(connection, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;")


def drip_body(connection: socket.socket) -> None:
    drip(connection, b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")


def flood_of_interim_answers(connection: socket.socket) -> None:
    read_request(connection)
    while True:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100)


def say_nothing(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


@both
@pytest.mark.parametrize("behave", [drip_header, drip_status_line, flood_of_interim_answers])
def test_a_peer_that_never_comes_to_the_body_does_not_hold_a_call_past_its_deadline(
    behave: Any, asynchronous: bool
) -> None:
    with peer(behave) as url, in_time(), pytest.raises(OutcomeUnknownError) as caught:
        call("customers.create", asynchronous=asynchronous, base_url=url, deadline=DEADLINE)

    cause = caught.value.__cause__
    assert type(cause) is TransportError
    assert cause.timed_out
    assert caught.value.outcome is Outcome.UNKNOWN


@both
@pytest.mark.parametrize("behave", [drip_body, drip_chunk_size])
def test_a_body_that_does_not_end_is_left_at_the_deadline(behave: Any, asynchronous: bool) -> None:
    with peer(behave) as url, in_time(), pytest.raises(UnexpectedResponseError) as caught:
        call("customers.create", asynchronous=asynchronous, base_url=url, deadline=DEADLINE)

    assert "had not come to its end at the deadline" in str(caught.value)
    assert caught.value.outcome is Outcome.DONE


# httpcore forgets the socket of an asynchronous TLS handshake that is broken off; it is closed when
# it is collected.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@both
def test_a_handshake_that_hangs_ends_at_the_deadline_and_nothing_was_sent(
    asynchronous: bool,
) -> None:
    with peer(say_nothing) as url:
        with in_time(), pytest.raises(ConnectionFailedError) as caught:
            call(
                "customers.create",
                asynchronous=asynchronous,
                base_url=url.replace("http:", "https:"),
                deadline=DEADLINE,
            )
        gc.collect()

    assert caught.value.timed_out
    assert caught.value.outcome is Outcome.NOT_SENT


@both
def test_a_second_call_over_the_same_connection_has_a_deadline_of_its_own(
    asynchronous: bool,
) -> None:
    body = b'{"account":"a","ownerId":"o","balances":[]}'

    def answer_once_and_drip(connection: socket.socket) -> None:
        read_request(connection)
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
        connection.sendall(head % len(body) + body)
        drip_header(connection)

    with peer(answer_once_and_drip) as url, in_time(), pytest.raises(TransportError) as caught:
        if asynchronous:
            asyncio.run(_twice(url))
        else:
            with Calypso(**IDENTITY, base_url=url, max_retries=0) as client:
                client.accounts.get()
                client.with_options(deadline=DEADLINE).accounts.get()

    assert caught.value.timed_out


async def _twice(url: str) -> None:
    async with AsyncCalypso(**IDENTITY, base_url=url, max_retries=0) as client:
        await client.accounts.get()
        await client.with_options(deadline=DEADLINE).accounts.get()


def test_an_asynchronous_client_of_ones_own_is_held_to_the_deadline_too() -> None:
    async def run(url: str) -> None:
        async with httpx.AsyncClient() as own:
            client = AsyncCalypso(
                **IDENTITY, base_url=url, http_client=own, deadline=DEADLINE, max_retries=0
            )
            await client.accounts.get()

    with peer(drip_header) as url, in_time(), pytest.raises(TransportError) as caught:
        asyncio.run(run(url))

    assert caught.value.timed_out


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
        keep(client)

        transports = [client._transport, *filter(None, client._mounts.values())]
        backends = [transport._pool._network_backend for transport in transports]  # type: ignore[attr-defined]
        assert len(backends) == 2
        assert {type(backend).__name__ for backend in backends} == {"_Kept"}


def test_a_client_without_what_is_reached_for_stays_as_it_is() -> None:
    keep(object())
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200))) as client:
        keep(client)
        assert client.get("http://one.invalid").status_code == 200


def test_each_step_of_a_connection_is_given_what_is_left() -> None:
    given: list[Any] = []

    class Backend:
        def step(self, *args: Any, timeout: float) -> Backend:
            given.append(timeout)
            return self

        connect_tcp = start_tls = write = read = step

    pool = httpcore.ConnectionPool(network_backend=Backend())  # type: ignore[arg-type]
    client = type("Client", (), {"_transport": type("Transport", (), {"_pool": pool})})
    keep(client)
    timeout = Until(30.0, time.monotonic() + 10)
    stream = pool._network_backend.connect_tcp(timeout=timeout).start_tls(timeout=timeout)  # type: ignore[call-arg]
    stream.write(b"", timeout=timeout)
    stream.read(1, timeout=timeout)
    stream.read(1, timeout=Until(3.0, time.monotonic() + 10))
    stream.read(1, timeout=30.0)

    assert all(9 < each <= 10 for each in given[:4])
    assert given[4:] == [3.0, 30.0]
