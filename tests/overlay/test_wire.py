"""What goes over a connection: the exact bytes of requests, and which connections are used."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import socket
import ssl
import struct
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpcore
import httpx
import pytest
import trustme

from calypso_mock import Mock, Server
from calypso_pay import AsyncCalypso, Calypso, ConnectionFailedError, __version__
from calypso_pay._exchange import SendRequest
from calypso_pay._httpx_quirks import sniffio_search
from calypso_pay._httpx_quirks.deadline import _Bounded
from calypso_pay._httpx_quirks.idle_connections import _Backend, ask_only_when_used
from calypso_pay._httpx_quirks.quick_sockets import quick
from calypso_pay._options import Timeouts
from calypso_pay._transport import http_clients
from calypso_pay._transport.requests import make_request
from tests.overlay.peers import IDENTITY, PATIENCE, Caller, call, peer, read_request
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CUSTOMER = b'{"id":"2f3c1c57-5a3b-4d0c-9a3e-0a7a1d6f2b11"}'
both = pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])


def response(body: bytes, *headers: bytes) -> bytes:
    head = b"".join(b"\r\n" + each for each in (b"Content-Length: %d" % len(body), *headers))
    return b"HTTP/1.1 200 OK" + head + b"\r\n\r\n" + body


def serving(*responses: bytes, pieces: list[bytes]) -> Callable[[socket.socket], None]:
    """Respond with each in turn over one connection, and keep what comes in one piece."""

    def behave(connection: socket.socket) -> None:
        for each in responses:
            pieces.append(connection.recv(65536))
            connection.sendall(each)

    return behave


@both
def test_a_request_is_these_bytes_in_one_piece(asynchronous: bool) -> None:
    pieces: list[bytes] = []
    serve = serving(response(CUSTOMER), response(CUSTOMER), pieces=pieces)
    with (
        peer(serve) as url,
        Caller(asynchronous=asynchronous, base_url=f"{url}/base", clock=lambda: 1.0) as client,
    ):
        client.call("customers.create")
        client.call("request", "/api/v1/other?page=1", {"name": "é"})

    host, version = url.removeprefix("http://"), sys.version.partition(" ")[0]
    paths = ["/api/v1/customer-purse/customer/create", "/api/v1/other?page=1"]
    payloads = ["{}", '{"name":"é"}']
    expected = []
    for path, payload in zip(paths, payloads, strict=True):
        body = f'{{"account":"0xabc","timestamp":1000,"payload":{payload}}}'.encode()
        sign = hmac.digest(IDENTITY["secret"].encode(), body, hashlib.sha512).hex()
        lines = [
            f"POST /base{path} HTTP/1.1",
            f"Host: {host}",
            "Accept: application/json",
            "Accept-Encoding: identity",
            "Content-Type: application/json",
            f"User-Agent: calypso-pay/{__version__} python/{version}",
            f"Content-Length: {len(body)}",
            f"Key: {IDENTITY['key']}",
            f"Sign: {sign}",
        ]
        expected.append("\r\n".join([*lines, "", ""]).encode() + body)
    assert pieces == expected


ADDRESSES = [
    *("https://api.calypso.finance", "https://api.calypso.finance:443", "http://localhost:80"),
    *("http://localhost:8080/base/path", "https://[2001:db8::1]", "https://[2001:db8::1]:8443/v1"),
    *("https://bücher.example", "https://host.example./a%20b", "HTTPS://Host.Example"),
]
PATHS = ["/api/v1/account", "/api/v1/find?a=b&a=c%20d", "/api/v1/ключ"]


@rows("method, body", [("POST", b"{}"), ("POST", b""), ("DELETE", b"{1}"), ("GET", b"")])
def test_a_request_is_the_one_that_httpx_makes_itself(method: str, body: bytes) -> None:
    """Also the second time, when what is common to all of them is remembered."""
    for url in [address + path for address in ADDRESSES for path in PATHS] * 2:
        own = make_request(SendRequest(method, "", body, Timeouts(1, 2, 3, 4), 5.0), url, {})
        names = ("accept", "accept-encoding", "content-type", "user-agent")
        headers = {name.title(): own.headers[name] for name in names}
        made = httpx.Request(method, url, headers=headers, content=body)

        assert (own.method, str(own.url)) == (made.method, str(made.url))
        assert own.headers.raw == made.headers.raw, url
        assert own.read() == body


@both
def test_a_cookie_of_the_server_is_neither_kept_nor_sent(asynchronous: bool) -> None:
    pieces: list[bytes] = []
    sets = response(CUSTOMER, b"Set-Cookie: session=1; Path=/")
    with (
        peer(serving(sets, sets, pieces=pieces)) as url,
        Caller(asynchronous=asynchronous, base_url=url) as client,
    ):
        client.call("customers.create")
        client.call("customers.create")

    assert len(pieces) == 2
    assert not [piece for piece in pieces if b"cookie" in piece.lower()]


@pytest.mark.over_httpx
@both
def test_httpx_does_not_look_for_cookies(
    asynchronous: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks the client for them by its public property: else our own client saves nothing."""
    searches: list[object] = []

    def search(_: object, found: object) -> None:
        searches.append(found)

    monkeypatch.setattr(http_clients._NoCookies, "extract_cookies", search)
    monkeypatch.setattr(httpx.Cookies, "extract_cookies", pytest.fail)
    with peer(serving(response(CUSTOMER), pieces=[])) as url:
        call("customers.create", asynchronous=asynchronous, base_url=url)

    assert [type(found) for found in searches] == [httpx.Response]


@both
def test_a_connection_that_the_server_closed_is_not_used_again(asynchronous: bool) -> None:
    """Even if the event loop had no time to see it, and the call must not be repeated."""
    closed = threading.Event()

    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(response(CUSTOMER))
        connection.close()
        closed.set()

    async def calls(client: AsyncCalypso) -> None:
        async with client:
            for _ in range(3):
                closed.clear()
                await client.customers.create()
                # It blocks the event loop.
                assert closed.wait(30)

    with peer(behave) as url:
        if asynchronous:
            asyncio.run(calls(AsyncCalypso(**IDENTITY, base_url=url, max_retries=0)))
            return
        with Calypso(**IDENTITY, base_url=url, max_retries=0) as client:
            for _ in range(3):
                closed.clear()
                client.customers.create()
                assert closed.wait(30)


@both
def test_nothing_is_sent_over_a_connection_that_was_closed_unnoticed(asynchronous: bool) -> None:
    """Then httpcore takes another one."""
    closed = threading.Event()

    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(CUSTOMER)
        connection.close()
        closed.set()

    def exchange(port: int) -> None:
        stream: Any = _Bounded(httpcore.SyncBackend(), lambda _: None).connect_tcp(
            host="127.0.0.1", port=port, timeout=30.0
        )
        stream.write(b"{}")
        stream.write(b"")
        assert stream.read(65536) == CUSTOMER
        assert closed.wait(30)
        stream.write(b"{}")
        with pytest.raises(httpcore.ConnectionNotAvailable):
            stream.write(b"")
        stream.close()

    async def aexchange(port: int) -> None:
        stream = await _Backend(httpcore.AnyIOBackend()).connect_tcp("127.0.0.1", port)
        await stream.write(b"{}")
        await stream.write(b"")
        assert await stream.read(65536) == CUSTOMER
        # It blocks the event loop.
        assert closed.wait(30)
        await stream.write(b"{}")
        with pytest.raises(httpcore.ConnectionNotAvailable):
            await stream.write(b"")
        await stream.aclose()

    with peer(behave) as url:
        port = int(url.rpartition(":")[2])
        if asynchronous:
            asyncio.run(aexchange(port))
        else:
            exchange(port)


@both
def test_a_response_larger_than_what_is_kept_of_it_comes_whole(asynchronous: bool) -> None:
    text = "x" * 3_000_000
    with peer(serving(response(f'"{text}"'.encode()), pieces=[])) as url:
        assert call("request", "/api/v1/x", asynchronous=asynchronous, base_url=url) == text


MAPPED = """
import ctypes
from calypso_pay._transport.body import Body

class Info(ctypes.Structure):
    names = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
    _fields_ = [(name, ctypes.c_size_t) for name in names.split()]

try:
    mallinfo = ctypes.CDLL(None).mallinfo2
except AttributeError:
    print("none")
else:
    mallinfo.restype = Info
    kept = []
    for _ in range(2):
        before = mallinfo().hblks
        kept.append(bytes(1_500_000))  # not freed, which would have the same effect
        print(mallinfo().hblks - before)
        body = Body(expires=float("inf"))
        body.add(b"x" * 200_000)
        body.content()
"""


@pytest.mark.parametrize("fixed", [False, True])
def test_glibc_keeps_the_memory_of_large_responses_unless_the_environment_says_otherwise(
    fixed: bool,
) -> None:
    """As docs/deployment.md states. A block that is mapped by itself goes back when it is freed."""
    variables = {"MALLOC_TRIM_THRESHOLD_": "131072"} if fixed else {}
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MALLOC_")} | variables
    done = subprocess.run(
        [sys.executable, "-c", MAPPED], env=environment, capture_output=True, text=True, check=True
    )
    if done.stdout == "none\n":
        pytest.skip("not glibc, or before 2.33")

    assert done.stdout.split() == (["1", "1"] if fixed else ["1", "0"])


@pytest.mark.over_httpx
@both
def test_calls_at_once_have_each_a_connection_of_its_own(
    asynchronous: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more than the limit, and none is given to two calls, of which one would look again."""
    handled: list[object] = []
    kind: Any = httpcore.AsyncHTTPConnection if asynchronous else httpcore.HTTPConnection
    name = "handle_async_request" if asynchronous else "handle_request"
    handle = getattr(kind, name)

    def count(self: object, request: httpcore.Request) -> Any:
        handled.append(self)
        return handle(self, request)

    async def acalls(client: AsyncCalypso) -> None:
        async with client:
            for _ in range(3):
                await asyncio.gather(*(client.accounts.get() for _ in range(20)))

    def calls(client: Calypso) -> None:
        with client, ThreadPoolExecutor(20) as threads:
            for _ in range(3):
                list(threads.map(lambda _: client.accounts.get(), range(20)))

    monkeypatch.setattr(kind, name, count)
    for most in (3, 100):
        limits = httpx.Limits(max_connections=most, max_keepalive_connections=most)
        monkeypatch.setattr(http_clients, "LIMITS", limits)
        handled.clear()
        with Server(Mock()) as server:
            settings = Mock().settings(base_url=server.url)
            if asynchronous:
                asyncio.run(acalls(AsyncCalypso(**settings)))
            else:
                calls(Calypso(**settings))

        assert len(handled) == 60
        used = len({id(each) for each in handled})
        # Threads need not be at work all at once.
        assert used == min(most, 20) if asynchronous else used <= min(most, 20)


STEPS: list[tuple[bool, list[tuple[str, Any, float]]]] = [
    (False, [("read", 1, 0.01)]),
    (True, [("write", b"x", 30.0), ("read", 1, 30.0)]),
    (True, [("write", b"x", 30.0), ("read", 1, 30.0), ("write", b"x", 30.0)]),
    (False, [("write", b"x" * 100_000_000, 0.01)]),
]


@rows("resets, steps", STEPS)
def test_a_quick_socket_fails_as_a_stream_of_httpcore_does(
    resets: bool, steps: list[tuple[str, Any, float]]
) -> None:
    """The peer resets the connection after one byte, or neither reads nor closes it."""

    def failures(wrap: Callable[[Any], Any]) -> list[tuple[str, str]]:
        over = threading.Event()

        def behave(connection: socket.socket) -> None:
            if resets:
                connection.recv(1)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                over.wait(PATIENCE)

        found = []
        with peer(behave) as url:
            port = int(url.rpartition(":")[2])
            stream = httpcore.SyncBackend().connect_tcp("127.0.0.1", port, timeout=30.0)
            wire = wrap(stream)
            for name, what, timeout in steps:
                try:
                    getattr(wire, name)(what, timeout)
                except (httpcore.NetworkError, httpcore.TimeoutException) as error:
                    found.append((type(error).__name__, repr(error.__cause__)))
            over.set()
            stream.close()
        return found

    assert failures(quick) == failures(lambda stream: stream)
    assert failures(quick)


def test_nothing_is_sent_in_the_clear_when_another_thread_closes_tls_meanwhile() -> None:
    """A socket of Python's TLS goes on without TLS for as long as it is being closed."""
    ours, theirs = socket.socketpair()
    context = ssl.create_default_context()
    tls = context.wrap_socket(ours, server_hostname="localhost", do_handshake_on_connect=False)
    with tls, theirs:
        theirs.setblocking(False)
        wire = quick(type("SyncStream", (), {"_sock": tls})())
        tls._sslobj = None  # type: ignore[attr-defined]

        with pytest.raises(httpcore.WriteError):
            wire.write(b"signed", 30.0)
        with pytest.raises(httpcore.ReadError):
            wire.read(1, 30.0)
        with pytest.raises(BlockingIOError):
            theirs.recv(1)


def test_every_way_to_the_network_asks_only_the_connection_that_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is reached for is private: it fails here, not in silence, when httpx moves it."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    client = httpx.AsyncClient()
    ask_only_when_used(client)

    transports = [client._transport, *filter(None, client._mounts.values())]
    backends = [transport._pool._network_backend for transport in transports]  # type: ignore[attr-defined]
    assert [type(backend).__name__ for backend in backends] == ["_Backend", "_Backend"]


@pytest.fixture
def secured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server with a certificate that clients trust."""
    authority, file = trustme.CA(), tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(file)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["h2", "http/1.1"])
    authority.issue_cert("localhost").configure_cert(context)

    def behave(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as inside:
            while read_request(inside):
                name = str(inside.selected_alpn_protocol())
                inside.sendall(response(f'{{"id":"1","protocol":"{name}"}}'.encode()))

    with peer(behave) as url:
        yield url.replace("http://127.0.0.1", "https://localhost")


@both
def test_a_server_with_a_trusted_certificate_is_called(secured: str, asynchronous: bool) -> None:
    """Also by a view of a client for plain http, whose certificates are read only then."""
    found = call("request", "/api/v1/x", asynchronous=asynchronous, base_url=secured)
    assert found["protocol"] == "http/1.1"

    plain = {**IDENTITY, "base_url": "http://localhost:1"}
    if asynchronous:
        view = AsyncCalypso(**plain).with_options(base_url=secured)
        found = asyncio.run(view.request("/api/v1/x"))
    else:
        with Calypso(**plain) as client:
            found = client.with_options(base_url=secured).request("/api/v1/x")
    assert found["protocol"] == "http/1.1"


@both
def test_a_server_with_another_certificate_is_sent_nothing(
    secured: str, asynchronous: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    monkeypatch.setenv("SSL_CERT_FILE", str(other))

    with pytest.raises(ConnectionFailedError, match="CERTIFICATE_VERIFY_FAILED"):
        call("customers.create", asynchronous=asynchronous, base_url=secured)


def test_clients_of_one_process_share_the_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those over plain http or a transport of the user's read none, and trust nobody."""
    made: list[ssl.SSLContext] = []
    create = httpx.create_ssl_context

    def count() -> ssl.SSLContext:
        made.append(create())
        return made[-1]

    monkeypatch.setattr(httpx, "create_ssl_context", count)
    http_clients._context.cache_clear()
    for _ in range(100):
        Calypso(**IDENTITY, base_url="http://localhost:1").close()
        Calypso(**IDENTITY, transport=httpx.MockTransport(pytest.fail)).close()
        AsyncCalypso(**IDENTITY, base_url="http://localhost:1")
    assert made == []
    assert http_clients.certificates("http://localhost").cert_store_stats()["x509"] == 0

    for _ in range(100):
        Calypso(**IDENTITY).close()
        AsyncCalypso(**IDENTITY)
    assert len(made) == 1


def test_certificates_that_were_replaced_are_read_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "authority.pem"
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    found = []
    for authority in (trustme.CA(), trustme.CA()):
        authority.cert_pem.write_to_path(file)
        found.append(http_clients.certificates("https://one.example"))

    assert found[0].get_ca_certs() != found[1].get_ca_certs()


def test_a_missing_package_is_searched_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sniffio_search, "_NAME", "no_such_package_at_all")
    sniffio_search.remember_if_missing()
    try:
        assert sys.modules["no_such_package_at_all"] is None
    finally:
        del sys.modules["no_such_package_at_all"]

    monkeypatch.setattr(sniffio_search, "_NAME", "json")
    sniffio_search.remember_if_missing()
    assert sys.modules["json"] is not None
