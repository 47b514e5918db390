"""`AsyncCalypso(transport="aiohttp")` keeps every promise that is kept over httpx.

`pytest --over-aiohttp` runs all other tests of the client over it, too.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import re
import socket
import struct
import subprocess
import sys
import threading
import traceback
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
import pytest
from aiohttp.client_proto import ResponseHandler

from calypso_mock import Mock, Server
from calypso_pay import (
    AsyncCalypso,
    Calypso,
    CalypsoError,
    ConfigurationError,
    ConnectionFailedError,
    Outcome,
    OutcomeUnknownError,
    TransportError,
    UnexpectedResponseError,
)
from calypso_pay._transport import aiohttp_failures
from calypso_pay._transport.aiohttp_connections import Connector, OneResponse
from calypso_pay._transport.failures import failure
from tests.overlay.peers import IDENTITY, PATIENCE, peer, read_request
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ACCOUNT = b'{"account":"a","ownerId":"o","balances":[]}'


def respond(body: bytes, fields: bytes = b"") -> bytes:
    head = b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n" % (fields, len(body))
    return head + body


def make(url: str, **settings: Any) -> AsyncCalypso:
    return AsyncCalypso(
        **{**IDENTITY, "max_retries": 0, "transport": "aiohttp", "base_url": url, **settings}
    )


def run(url: str, *calls: Callable[[AsyncCalypso], Any], **settings: Any) -> list[Any]:
    """Make some calls, one after the other, with one client; an error is a result."""

    async def make_calls() -> list[Any]:
        results: list[Any] = []
        async with make(url, **settings) as client:
            for each in calls:
                try:
                    results.append(await each(client))
                except CalypsoError as error:
                    results.append(error)
        return results

    return asyncio.run(make_calls())


def get_account(client: AsyncCalypso) -> Any:
    return client.accounts.get()


# How it is chosen


@pytest.mark.parametrize("name", ["requests", "", "AIOHTTP", "httpx"])
@pytest.mark.parametrize("client", [Calypso, AsyncCalypso])
def test_an_unknown_name_is_rejected_with_those_that_exist(client: Any, name: str) -> None:
    with pytest.raises(ConfigurationError, match='for AsyncCalypso "aiohttp", not'):
        client(**IDENTITY, transport=name)


def test_the_synchronous_client_names_the_one_that_takes_it() -> None:
    with pytest.raises(ConfigurationError, match="is for AsyncCalypso only"):
        Calypso(**IDENTITY, transport="aiohttp")  # type: ignore[arg-type]


def test_it_does_not_go_together_with_a_client_of_ones_own() -> None:
    with pytest.raises(ConfigurationError, match="not both"):
        AsyncCalypso(**IDENTITY, transport="aiohttp", http_client=object())  # type: ignore[arg-type]


def test_without_the_extra_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(sys.modules):
        if name.startswith("calypso_pay._transport.aiohttp_"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "aiohttp", None)

    with pytest.raises(ConfigurationError, match=re.escape('pip install "calypso-pay[aiohttp]"')):
        AsyncCalypso(**IDENTITY, transport="aiohttp")
    assert AsyncCalypso(**IDENTITY, transport=httpx.AsyncHTTPTransport())


def test_a_proxy_of_another_kind_is_rejected_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://user:word@proxy.invalid:1080")
    monkeypatch.setenv("NO_PROXY", "")
    with pytest.raises(ConfigurationError, match="not socks5://…; leave out transport") as caught:
        make("https://one.invalid")

    assert "word" not in str(caught.value)


def test_plain_http_to_another_machine_has_to_be_allowed() -> None:
    with pytest.raises(ConfigurationError, match="plain http"):
        make("http://one.invalid")


# What is sent


def test_both_transports_send_the_same_request() -> None:
    """Byte for byte but for the order of headers."""
    seen: list[tuple[bytes, set[bytes], bytes]] = []

    def behave(connection: socket.socket) -> None:
        head, _, body = read_request(connection).partition(b"\r\n\r\n")
        line, *fields = head.split(b"\r\n")
        assert len(fields) == len(set(fields))
        seen.append((line, set(fields), body))
        connection.sendall(respond(ACCOUNT, b"Connection: close\r\n"))

    path = "/api/v1/a%2Fb%41/{x}'é?q=1&r=%20a+b;\"<>|^`"
    paths = ["/api/v1/account", path.replace("é", "~"), "/api/v1/x?e="]
    methods = ["POST", "DELETE", "PUT", "PATCH", "GET"]
    calls = [
        lambda client, path=path, method=method: client.request(path, {}, method=method)
        for path in paths
        for method in methods
    ]
    with peer(behave) as url:
        for transport in ("aiohttp", None):
            base = f"{url}/gateway"
            run(base, get_account, *calls, clock=lambda: 1.0, transport=transport)

    half = len(seen) // 2
    assert half == 16
    assert seen[:half] == seen[half:]


def test_a_cookie_is_not_sent_back() -> None:
    requests: list[bytes] = []

    def behave(connection: socket.socket) -> None:
        while request := read_request(connection):
            requests.append(request)
            connection.sendall(respond(ACCOUNT, b"Set-Cookie: a=b; Path=/\r\n"))

    with peer(behave) as url:
        run(url, get_account, get_account)

    assert len(requests) == 2
    assert not any(b"cookie" in request.lower() for request in requests)


def test_an_ipv6_address_is_reached() -> None:
    mock = Mock()
    try:
        server = Server(mock, host="::1")
    except OSError:
        pytest.skip("no IPv6 here")
    with server:
        url = f"http://[::1]:{server.url.rpartition(':')[2]}"
        (found,) = run(url, get_account, **{**mock.settings(), "base_url": url})

    assert found.account == mock.settings()["account"]


# A session of aiohttp repeats some methods by itself when a reused connection was lost.


def dropping(requests: list[bytes]) -> Callable[[socket.socket], None]:
    """Return a peer that responds to the first request of each connection, and reads a second."""

    def behave(connection: socket.socket) -> None:
        requests.append(read_request(connection))
        connection.sendall(respond(ACCOUNT))
        if request := read_request(connection):
            requests.append(request)

    return behave


def delete(client: AsyncCalypso) -> Any:
    return client.subscriptions.delete(request_id="320a5b0d-9e01-439f-8a0f-c5a46a93bd9a")


def signatures(requests: list[bytes]) -> list[bytes]:
    return [
        found[1] for found in (re.search(rb"(?i)\r\nsign: (\w+)", it) for it in requests) if found
    ]


@pytest.mark.parametrize("method", ["DELETE", "PUT", "GET", "POST"])
def test_a_request_whose_connection_is_lost_is_sent_once(method: str) -> None:
    requests: list[bytes] = []
    with peer(dropping(requests)) as url:
        _, error = run(url, get_account, lambda client: client.request("/api/x", method=method))

    assert isinstance(error, OutcomeUnknownError)
    assert [request.split()[0].decode() for request in requests] == ["POST", method]


def test_a_retry_of_ours_has_a_stamp_and_a_signature_of_its_own() -> None:
    requests: list[bytes] = []
    times = iter(range(1, 100))
    with peer(dropping(requests)) as url:
        _, deleted = run(
            url, get_account, delete, max_retries=1, backoff=0, clock=lambda: next(times)
        )

    assert deleted is None
    _, lost, retried = (json.loads(it.partition(b"\r\n\r\n")[2]) for it in requests)
    assert lost.pop("timestamp") < retried.pop("timestamp")
    assert lost == retried
    assert len(set(signatures(requests))) == 3


# What each failure proves

KEY: Any = type("Key", (), {"host": "h", "port": 1, "ssl": True})()
INFO: Any = type("Info", (), {"real_url": "u"})()
REFUSED = ConnectionRefusedError(111, "refused")
UNSENT = {
    "refused": aiohttp.ClientConnectorError(KEY, REFUSED),
    "no such host": aiohttp.ClientConnectorDNSError(KEY, OSError(-2, "no name")),
    "certificate": aiohttp.ClientConnectorCertificateError(KEY, OSError(1, "bad")),
    "no proxy": aiohttp.ClientProxyConnectionError(KEY, REFUSED),
    "no tunnel": aiohttp.ClientHttpProxyError(INFO, (), status=407),
    "connecting takes too long": aiohttp.ConnectionTimeoutError("late"),
    "address": aiohttp.InvalidURL("x"),
}
UNKNOWN = {
    "hung up": aiohttp.ServerDisconnectedError(),
    "reset": aiohttp.ClientOSError(104, "reset"),
    "reset while it is sent": aiohttp.ClientConnectionResetError("reset"),
    "no response in time": aiohttp.SocketTimeoutError("late"),
    "some timeout": aiohttp.ServerTimeoutError("late"),
    "not HTTP": aiohttp.ClientResponseError(INFO, (), status=400, message="canary"),
    "half a body": aiohttp.ClientPayloadError("canary"),
    "some error": aiohttp.ClientConnectionError("canary"),
    "any error": aiohttp.ClientError("canary"),
    "the system's": ConnectionResetError(104, "reset"),
}


@rows(
    "error, unsent",
    [(it, True) for it in UNSENT.values()] + [(it, False) for it in UNKNOWN.values()],
)
def test_only_what_aiohttp_raises_before_it_sends_proves_that_nothing_was_sent(
    error: Exception, unsent: bool
) -> None:
    found = failure("server", aiohttp_failures.as_httpx(error))

    assert found.unsent is unsent
    assert "canary" not in str(found.cause)


def test_every_exception_of_aiohttp_is_taken_for_unknown_unless_it_is_listed() -> None:
    """A new subclass of a listed one is raised while connecting, too, or this fails."""
    listed = (
        aiohttp.ClientConnectorError,
        aiohttp.ConnectionTimeoutError,
        aiohttp.ClientHttpProxyError,
        aiohttp.InvalidURL,
    )
    names = vars(aiohttp.client_exceptions)
    kinds = {name: kind for name, kind in names.items() if isinstance(kind, type)}
    unsent = {name for name, kind in kinds.items() if issubclass(kind, listed)}

    assert unsent <= {
        *("ClientConnectorError", "ClientConnectorDNSError", "ClientConnectorSSLError"),
        *("ClientConnectorCertificateError", "ClientProxyConnectionError", "ClientSSLError"),
        *("ClientHttpProxyError", "ConnectionTimeoutError", "UnixClientConnectorError"),
        *("InvalidURL", "InvalidUrlClientError", "InvalidUrlRedirectClientError"),
        *("NonHttpUrlClientError", "NonHttpUrlRedirectClientError"),
    }


@pytest.mark.parametrize("status", [407, 502])
def test_a_proxy_that_opens_no_tunnel_saw_nothing_of_the_request(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []

    def refuse(connection: socket.socket) -> None:
        seen.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % status)

    with peer(refuse) as url:
        monkeypatch.setenv("HTTPS_PROXY", url.replace("//", "//user:word@"))
        monkeypatch.setenv("NO_PROXY", "")
        (error,) = run("https://one.invalid", get_account)

    assert isinstance(error, ConnectionFailedError)
    assert f"through the proxy {url}" in str(error)
    assert seen[0].startswith(b"CONNECT one.invalid:443 ")
    assert b"Proxy-Authorization: Basic" in seen[0]
    assert not any(word in seen[0].lower() for word in (b"sign:", b"key:", b"canary"))


def test_a_proxy_that_never_opens_a_tunnel_times_out_and_nothing_was_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def say_nothing(connection: socket.socket) -> None:
        while connection.recv(65536):
            pass

    with peer(say_nothing) as url:
        monkeypatch.setenv("HTTPS_PROXY", url)
        monkeypatch.setenv("NO_PROXY", "")
        (error,) = run("https://one.invalid", get_account, timeout=0.1, deadline=PATIENCE)

    assert isinstance(error, ConnectionFailedError)
    assert error.timed_out


def test_a_tunnel_of_a_proxy_is_used(tls: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    authority, context = tls
    asked: list[bytes] = []

    def be_both(connection: socket.socket) -> None:
        asked.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with context.wrap_socket(connection, server_side=True) as secured:
            while request := read_request(secured):
                asked.append(request)
                secured.sendall(respond(ACCOUNT))

    monkeypatch.setenv("SSL_CERT_FILE", authority)
    monkeypatch.setenv("NO_PROXY", "")
    with peer(be_both) as url:
        monkeypatch.setenv("HTTPS_PROXY", url)
        results = run("https://one.invalid", get_account, get_account)

    assert [result.owner_id for result in results] == ["o", "o"]
    assert len(asked) == 3
    assert b"sign" not in asked[0].lower()


def test_a_proxy_that_passes_plain_http_on_gets_the_whole_address_and_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    requests: list[bytes] = []

    def pass_on(connection: socket.socket) -> None:
        while request := read_request(connection):
            requests.append(request)
            connection.sendall(respond(ACCOUNT))

    monkeypatch.setenv("NO_PROXY", "")
    with peer(pass_on) as url:
        monkeypatch.setenv("HTTP_PROXY", url.replace("//", "//user:word@"))
        for transport in ("aiohttp", None):
            run(
                "http://one.invalid:8600/gateway",
                get_account,
                get_account,
                allow_http=True,
                transport=transport,
            )

    lines = {request.partition(b"\r\n")[0] for request in requests}
    assert lines == {b"POST http://one.invalid:8600/gateway/api/v1/account HTTP/1.1"}
    assert [it.count(b"Proxy-Authorization: Basic dXNlcjp3b3Jk\r\n") for it in requests] == [1] * 4


@pytest.mark.parametrize("trusted", [True, False])
def test_a_certificate_is_verified_as_over_httpx(
    trusted: bool, tls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, context = tls
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", authority)

    def behave(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            for _ in range(2):
                read_request(secured)
                secured.sendall(respond(ACCOUNT))

    with peer(behave) as url:
        results = run(
            url.replace("http://127.0.0.1", "https://localhost"), get_account, get_account
        )

    if trusted:
        assert [result.owner_id for result in results] == ["o", "o"]
    else:
        assert {type(result) for result in results} == {ConnectionFailedError}
        assert "CERTIFICATE_VERIFY_FAILED" in str(results[0])


# Responses that break off


@pytest.mark.parametrize("chunks", [b"zz\r\n", b"1\r\nfar more\r\n", b"0\r\nno field\r\n\r\n"])
def test_a_body_in_malformed_chunks_breaks_off_at_once(chunks: bytes) -> None:
    """By itself aiohttp would wait for the rest, of which no more can be read."""

    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
        connection.recv(1)

    with peer(behave) as url:
        (error,) = run(url, get_account, deadline=PATIENCE)

    assert isinstance(error, UnexpectedResponseError)
    assert "it broke off (RemoteProtocolError)" in str(error)


def test_a_body_without_length_whose_connection_is_lost_is_not_complete() -> None:
    received = threading.Event()

    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + ACCOUNT)
        received.wait(PATIENCE)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    begin = OneResponse._receive_body

    def receive(self: OneResponse, data: bytes) -> None:
        begin(self, data)
        received.set()

    with peer(behave) as url, pytest.MonkeyPatch.context() as patch:
        patch.setattr(OneResponse, "_receive_body", receive)
        (error,) = run(url, get_account)

    assert isinstance(error, UnexpectedResponseError)
    assert "it broke off (RemoteProtocolError)" in str(error)


# Connections


def counting(connections: list[socket.socket]) -> Callable[[socket.socket], None]:
    def behave(connection: socket.socket) -> None:
        connections.append(connection)
        while read_request(connection):
            connection.sendall(respond(ACCOUNT))

    return behave


def test_with_the_private_factory_a_connection_is_used_again() -> None:
    """It is private: it fails here, not in silence, when aiohttp moves it."""
    connections: list[socket.socket] = []
    with peer(counting(connections)) as url:
        run(url, *[get_account] * 5)

    assert len(connections) == 1


def test_without_the_private_factory_no_connection_is_used_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begin = Connector.__init__

    def without_factory(self: Any, certificates: Any, loop: Any) -> None:
        begin(self, certificates, loop)
        self._factory = lambda: ResponseHandler(loop)

    monkeypatch.setattr(Connector, "__init__", without_factory)
    connections: list[socket.socket] = []
    with peer(counting(connections)) as url:
        results = run(url, *[get_account] * 3)

    assert [result.owner_id for result in results] == ["o"] * 3
    assert len(connections) == 3


def test_a_hundred_calls_at_once_have_a_connection_each_and_others_wait_for_one() -> None:
    begun: list[socket.socket] = []
    all_begun, release = threading.Event(), threading.Event()

    def behave(connection: socket.socket) -> None:
        while read_request(connection):
            begun.append(connection)
            if len(begun) == 100:
                all_begun.set()
            assert release.wait(PATIENCE)
            connection.sendall(respond(ACCOUNT))

    async def call(url: str) -> list[Any]:
        async with make(url) as client:
            calls = [asyncio.create_task(client.accounts.get()) for _ in range(100)]
            await asyncio.to_thread(all_begun.wait, PATIENCE)
            impatient = client.with_options(timeout=0.01)
            with pytest.raises(ConnectionFailedError, match="PoolTimeout") as caught:
                await impatient.accounts.get()
            assert (caught.value.timed_out, caught.value.outcome) == (True, Outcome.NOT_SENT)
            cancelled = asyncio.create_task(client.accounts.get())
            await asyncio.sleep(0)
            cancelled.cancel()
            more = [asyncio.create_task(client.accounts.get()) for _ in range(20)]
            release.set()
            return await asyncio.gather(*calls, *more)

    with peer(behave) as url:
        assert len(asyncio.run(call(url))) == 120
    assert len(begun) == 120
    assert len(set(begun)) == 100


def closed_while_idle(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(respond(ACCOUNT))


def test_what_happened_while_the_event_loop_stood_still_is_seen_before_anything_is_sent() -> None:
    """As in a function that was frozen: the peer hung up, and no event loop was there to see it."""
    hung_up = threading.Semaphore(0)

    def behave(connection: socket.socket) -> None:
        closed_while_idle(connection)
        connection.shutdown(socket.SHUT_RDWR)
        hung_up.release()

    with peer(behave) as url, asyncio.Runner() as runner:
        client = make(url)
        for _ in range(3):
            assert runner.run(client.accounts.get()).owner_id == "o"
            assert hung_up.acquire(timeout=PATIENCE)
        runner.run(client.aclose())


class _Transport:
    """Where a connection writes to, and what it is closed with."""

    closed = False

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, _: str, default: Any = None) -> Any:
        return default


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
WHOLE = {
    "counted": HEAD + b"abcde",
    "interim first": INTERIM + INTERIM + HEAD + b"abcde",
    "chunked": CHUNKED + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
}
MORE = {
    "nothing": b"",
    "a copy": HEAD + b"other",
    "the beginning of a copy": HEAD[:20],
    "a line": b"\r\n",
    "something else": b"more",
}


def received(pieces: list[bytes]) -> tuple[bytes, bool]:
    """Return the body that a connection hands on, and whether it would be used again."""

    async def read() -> tuple[bytes, bool]:
        protocol = OneResponse(asyncio.get_running_loop())
        transport: Any = _Transport()
        protocol.connection_made(transport)
        protocol.set_response_params(read_until_eof=True)
        for piece in pieces:
            if not transport.closed:
                protocol.data_received(piece)
        message, body = await protocol.read()
        while message.code < 200:
            message, body = await protocol.read()
        content = await body.read()
        assert len(protocol) == 0
        return content, not (protocol.should_close or transport.closed)

    return asyncio.run(read())


@rows(
    "whole, more",
    {f"{first}, {second}": (WHOLE[first], MORE[second]) for first in WHOLE for second in MORE},
)
def test_a_response_ends_where_it_ends_wherever_the_data_is_cut(whole: bytes, more: bytes) -> None:
    """And if more comes the connection is not used again."""
    data = whole + more
    for cut in range(1, len(data)):
        content, is_clean = received([data[:cut], data[cut:]])
        assert content == b"abcde", cut
        assert not (more and is_clean), cut
    for pieces in ([data], [data[i : i + 1] for i in range(len(data))]):
        content, is_clean = received(pieces)
        assert content == b"abcde"
        # What ends with a piece of its own may be too little to know.
        assert is_clean is not bool(more) or (whole == WHOLE["chunked"] and not more)


def test_a_head_with_bare_line_feeds_is_read_and_its_connection_used_once() -> None:
    assert received([HEAD.replace(b"\r", b"") + b"abcde"]) == (b"abcde", False)


# Event loops, processes, the end


def test_a_client_that_is_closed_while_a_body_is_read_does_not_hang() -> None:
    begun = threading.Event()

    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(HEAD + b"abc")
        begun.set()
        connection.recv(65536)

    async def call(url: str) -> Any:
        client = make(url)
        task = asyncio.create_task(client.accounts.get())
        await asyncio.to_thread(begun.wait, PATIENCE)
        await asyncio.sleep(0.05)
        await client.aclose()
        async with asyncio.timeout(PATIENCE):
            return (await asyncio.gather(task, return_exceptions=True))[0]

    with peer(behave) as url:
        assert isinstance(asyncio.run(call(url)), CalypsoError)


PROGRAM = """
import asyncio, gc, os, sys
from calypso_pay import AsyncCalypso

calypso = AsyncCalypso(transport="aiohttp", max_retries=0)

async def call():
    assert (await calypso.customers.create(email="a@shop.example")).email == "a@shop.example"

def never_closed():  # an event loop that nobody ends
    loop = asyncio.new_event_loop()
    loop.run_until_complete(call())
    return loop

if sys.argv[1] == "asyncio.run":
    for _ in range(3):
        asyncio.run(call())
elif sys.argv[1] == "closed loops":
    for _ in range(3):
        never_closed().close()
        gc.collect()
elif sys.argv[1] == "fork":
    with asyncio.Runner() as runner:
        runner.run(call())
        if not os.fork():
            asyncio.run(call())
            gc.collect()
            os._exit(0)  # as multiprocessing does: leaving would end the parent's event loop
        os.wait()
        for _ in range(3):
            runner.run(call())
print("done")
"""


@pytest.mark.parametrize("how", ["asyncio.run", "closed loops", "fork"])
def test_nothing_is_left_open_and_nothing_is_printed(how: str) -> None:
    mock = Mock()
    with Server(mock) as server:
        settings = {
            f"CALYPSO_{k.upper()}": str(v) for k, v in mock.settings(base_url=server.url).items()
        }
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, how],
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    assert (done.stdout, done.stderr) == ("done\n", "")


def test_a_client_that_is_dropped_closes_its_connections_with_the_loop() -> None:
    connections: list[socket.socket] = []
    ended = threading.Event()

    def behave(connection: socket.socket) -> None:
        counting(connections)(connection)
        ended.set()

    async def call(url: str) -> None:
        await make(url).accounts.get()
        gc.collect()

    with peer(behave) as url:
        asyncio.run(call(url))
        assert ended.wait(PATIENCE)


# Secrets and interruptions


def chain(error: BaseException) -> Iterator[BaseException]:
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__ or link.__context__


def hang_up(connection: socket.socket) -> None:
    read_request(connection)


def say_something_else(connection: socket.socket) -> None:
    request = read_request(connection)
    connection.sendall(b"SSH " + request[:500] + b"\r\n\r\n")


def break_off(connection: socket.socket) -> None:
    read_request(connection)
    connection.sendall(HEAD + b"abc")


@pytest.mark.parametrize("behave", [hang_up, say_something_else, break_off])
def test_no_error_and_no_frame_shows_key_or_signature(
    behave: Callable[[socket.socket], None],
) -> None:
    with peer(behave) as url:
        (error,) = run(url, lambda client: client.customers.create())

    assert isinstance(error, CalypsoError)
    for each in chain(error):
        assert "aiohttp" not in type(each).__module__
        frames = [frame for frame, _ in traceback.walk_tb(each.__traceback__)]
        shown = [repr(value) for frame in frames for value in frame.f_locals.values()]
        # The frames of this test are the caller's.
        inside = [it for it in shown if "test_aiohttp" not in it]
        text = "".join([*inside, repr(each), str(each), repr(vars(each))])
        assert IDENTITY["key"] not in text
        assert IDENTITY["secret"] not in text
        assert not re.search("[0-9a-f]{128}", text)


class _LimitError(Exception):
    """As a job runner's time limit."""


@pytest.mark.parametrize(
    "place",
    [
        "calypso_pay._transport.aiohttp_session:_connect",
        "calypso_pay._transport.aiohttp_session:read_head",
        "aiohttp.client_proto:data_received",
        "calypso_pay._transport.aiohttp_connections:_receive_head",
        "calypso_pay._transport.aiohttp_driver:read",
    ],
)
def test_what_a_signal_handler_raises_ends_the_call_unchanged(place: str) -> None:
    """Also where aiohttp or the event loop wraps it."""
    import signal

    from tests.overlay.test_interruptions import handling, raising

    error, armed = _LimitError("late"), [False]

    def trace(frame: Any, *_: object) -> None:
        here = f"{frame.f_globals.get('__name__')}:{frame.f_code.co_name}"
        if armed[0] and here == place:
            armed[0] = False
            signal.raise_signal(signal.SIGUSR1)

    async def call(url: str) -> None:
        async with make(url, max_retries=2) as client:
            await client.accounts.get()
            armed[0] = True
            sys.settrace(trace)
            try:
                with pytest.raises(_LimitError) as caught:
                    await client.accounts.get()
            finally:
                sys.settrace(None)
            assert caught.value is error
            assert "getAccount was interrupted" in error.__notes__[0]
            assert (await client.accounts.get()).owner_id == "o"

    with peer(counting([])) as url, handling(raising(error)):
        asyncio.run(call(url))


def test_a_cancelled_call_is_cancelled_with_a_note_and_its_connection_closed() -> None:
    closed, begun = threading.Event(), threading.Event()

    def say_nothing(connection: socket.socket) -> None:
        read_request(connection)
        begun.set()
        if not connection.recv(65536):
            closed.set()

    async def call(url: str) -> BaseException | None:
        async with make(url) as client:
            task = asyncio.create_task(client.customers.create())
            await asyncio.to_thread(begun.wait, PATIENCE)
            task.cancel()
            try:
                await task
            except asyncio.CancelledError as error:
                return error
        return None

    with peer(say_nothing) as url:
        error = asyncio.run(call(url))
        assert closed.wait(PATIENCE)
    assert error is not None
    assert "createCustomer was interrupted, and may have been carried out" in error.__notes__[0]


def test_a_closed_connection_is_not_kept_until_its_timeout() -> None:
    def responses() -> list[OneResponse]:
        return [each for each in gc.get_objects() if isinstance(each, OneResponse)]

    async def call(client: Any) -> list[OneResponse]:
        await client.accounts.get()
        await client.aclose()
        await asyncio.sleep(0)
        gc.collect()
        return [each for each in responses() if each not in before]

    # Those of other tests may be kept by what failed there.
    before = responses()
    with peer(counting([])) as url:
        assert run(url, call) == [[]]


def test_a_wait_for_data_is_measured_from_the_last_data_on() -> None:
    """A timeout is one of the read, and the next call over the connection has its own."""

    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(respond(ACCOUNT))
        read_request(connection)
        connection.recv(65536)

    # The peer hangs up long before, which is no timeout.
    long = 10 * PATIENCE
    with peer(behave) as url:
        _, error = run(
            url,
            get_account,
            lambda client: client.with_options(timeout=0.1).accounts.get(),
            timeout=long,
            deadline=long,
        )

    assert type(error) is TransportError
    assert error.timed_out
