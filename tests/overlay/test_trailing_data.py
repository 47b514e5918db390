"""Data that follows a response is never taken for the response to another call."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import ssl
from typing import TYPE_CHECKING, Any

import httpcore
import httpx
import pytest
import trustme

from calypso_pay import AsyncCalypso, Calypso
from calypso_pay._httpx_quirks import trailing_data
from tests.overlay.peers import IDENTITY, peer, read_request

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

both = pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])


def response_for(owner: str) -> bytes:
    body = b'{"account":"a","ownerId":"%s","balances":[]}' % owner.encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def responding(owners: list[str], more: Callable[[bytes], bytes]) -> Callable[..., None]:
    """Return a peer that responds to each request with its own owner, and then with more."""

    def behave(connection: socket.socket) -> None:
        while owners and read_request(connection):
            response = response_for(owners.pop(0))
            connection.sendall(response + more(response))

    return behave


def owners_of_two_calls(url: str, *, asynchronous: bool) -> list[str]:
    if not asynchronous:
        with Calypso(**IDENTITY, base_url=url, max_retries=0) as client:
            return [client.accounts.get().owner_id for _ in range(2)]

    async def run() -> list[str]:
        async with AsyncCalypso(**IDENTITY, base_url=url, max_retries=0) as client:
            return [(await client.accounts.get()).owner_id for _ in range(2)]

    return asyncio.run(run())


@both
@pytest.mark.parametrize("more", [lambda first: first, lambda _: b"more"], ids=["copy", "other"])
def test_the_next_call_is_given_its_own_response(
    asynchronous: bool, more: Callable[[bytes], bytes]
) -> None:
    with peer(responding(["first", "second"], more)) as url:
        assert owners_of_two_calls(url, asynchronous=asynchronous) == ["first", "second"]


@both
def test_it_is_not_given_to_a_thread_that_looked_at_the_connection_before(
    asynchronous: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pool can look at a connection while a call goes over it, and hand it out afterwards."""
    kind = httpcore.AsyncHTTP11Connection if asynchronous else httpcore.HTTP11Connection
    monkeypatch.setattr(kind, "has_expired", lambda _: False)
    with peer(responding(["first", "second"], lambda _: response_for("other"))) as url:
        assert owners_of_two_calls(url, asynchronous=asynchronous) == ["first", "second"]


class Records:
    """A server's side of TLS over a connection, which sends several records in one piece."""

    def __init__(self, connection: Any, context: ssl.SSLContext) -> None:
        self._connection = connection
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._do(self.tls.do_handshake)
        self._flush()

    def recv(self, size: int) -> bytes:
        found: bytes = self._do(self.tls.read, size)
        return found

    def sendall(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.tls.write(piece)
        self._flush()

    def close_notify(self) -> None:
        """Let the next piece end with it."""
        with contextlib.suppress(ssl.SSLWantReadError):
            self.tls.unwrap()

    def _do(self, function: Any, *args: Any) -> Any:
        while True:
            try:
                return function(*args)
            except ssl.SSLWantReadError:
                self._flush()
                data = self._connection.recv(65536)
                if not data:
                    raise ConnectionResetError from None
                self._incoming.write(data)

    def _flush(self) -> None:
        if self._outgoing.pending:
            self._connection.sendall(self._outgoing.read())


def second_record(connection: Records, response: bytes) -> None:
    connection.sendall(response, response_for("other"))


def half_a_record(connection: Records, response: bytes) -> None:
    connection.sendall(response, b"x")


def close_notify(connection: Records, response: bytes) -> None:
    connection.tls.write(response)
    connection.close_notify()
    connection.sendall()


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Of a server that clients trust by any of these names."""
    authority, file = trustme.CA(), tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(file)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1", "api.example").configure_cert(made)
    return made


@both
@pytest.mark.parametrize("through_tls", [False, True], ids=["direct", "within TLS"])
@pytest.mark.parametrize("respond", [second_record, half_a_record, close_notify])
def test_what_follows_in_another_record_of_tls_ends_the_connection(
    respond: Callable[[Records, bytes], None],
    through_tls: bool,
    asynchronous: bool,
    context: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It came with the response, is encrypted still, and no socket shows it."""
    owners = ["first", "second"]

    def behave(connection: Any) -> None:
        connection = Records(connection, context)
        if through_tls:
            assert connection.recv(65536).startswith(b"CONNECT api.example:443 ")
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            connection = Records(connection, context)
        while owners and read_request(connection):
            respond(connection, response_for(owners.pop(0)))

    with peer(behave) as address:
        url = address.replace("http:", "https:")
        if through_tls:
            monkeypatch.setenv("HTTPS_PROXY", url)
            url = "https://api.example"
        assert owners_of_two_calls(url, asynchronous=asynchronous) == ["first", "second"]


@both
@pytest.mark.parametrize("size", [65_536, 131_072])
def test_what_follows_a_response_of_just_the_size_that_is_read_ends_the_connection(
    size: int, asynchronous: bool
) -> None:
    """An event loop reads more at once than httpcore asks for."""
    head, owners = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", ["first", "second"]
    length = size - len(head % size)

    def behave(connection: socket.socket) -> None:
        while owners and read_request(connection):
            body = response_for(owners.pop(0)).partition(b"\r\n\r\n")[2].ljust(length)
            connection.sendall(head % length + body + response_for("other"))

    with peer(behave) as url:
        assert owners_of_two_calls(url, asynchronous=asynchronous) == ["first", "second"]


@pytest.mark.over_httpx
@both
def test_what_a_signal_handler_raises_meanwhile_goes_on_to_the_caller(
    asynchronous: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class SoftTimeLimitExceeded(Exception):  # noqa: N818 - as it is called elsewhere
        pass

    def handle(*_: object) -> None:
        raise SoftTimeLimitExceeded

    def interrupted(_: object) -> tuple[bytes, bool]:
        signal.raise_signal(signal.SIGUSR1)
        return b"", False

    with peer(responding(["first", "second"], lambda _: b"")) as url:
        monkeypatch.setattr(trailing_data, "has_unread", interrupted)
        before = signal.signal(signal.SIGUSR1, handle)
        try:
            with pytest.raises(SoftTimeLimitExceeded):
                owners_of_two_calls(url, asynchronous=asynchronous)
        finally:
            signal.signal(signal.SIGUSR1, before)


@both
@pytest.mark.parametrize(("extra", "left"), [(b"", False), (b"more", True)])
def test_what_is_reached_for_is_where_it_was(asynchronous: bool, extra: bytes, left: bool) -> None:
    """It is private: it fails here, not in silence, when httpx moves it."""

    async def run(url: str) -> bool:
        async with (
            httpx.AsyncClient() as client,
            client.stream("POST", url, content=b"{}") as response,
        ):
            [_ async for _ in response.stream]  # type: ignore[union-attr]
            return bool(trailing_data._h11_state(response).trailing_data[0])

    with peer(responding(["one"], lambda _: extra)) as url:
        if asynchronous:
            assert asyncio.run(run(url)) is left
        else:
            with httpx.Client() as client, client.stream("POST", url, content=b"{}") as response:
                assert list(response.stream)  # type: ignore[arg-type]
                assert bool(trailing_data._h11_state(response).trailing_data[0]) is left


def test_a_response_without_what_is_reached_for_stays_as_it_is() -> None:
    trailing_data.close_if_trailing_data(httpx.Response(200))
    trailing_data.close_if_trailing_data(object())
