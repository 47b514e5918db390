"""Whatever comes back, a call ends with what it returns or with exactly one of our errors."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calypso_api.models import Customer
from calypso_pay import (
    APIError,
    CalypsoError,
    ConfigurationError,
    ConnectionFailedError,
    Outcome,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitError,
    TransportError,
    UnexpectedResponseError,
)
from tests.overlay.peers import PATIENCE, Caller, call, peer, responding
from tests.properties import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

OK = b'{"id":"3fa85f64-5717-4562-b3fc-2c963f66afa6"}'
WRONG = b'{"errorCode":"001","message":"payload.email=[bad]","traceId":"t"}'
HOSTILE_JSON = [
    b"[" * 100_000,
    b'{"id":' * 5_000,
    b'{"id":' + b"9" * 5_000 + b"}",
    b'{"id":1e999999999}',
    b'{"errorCode":' + b"[" * 900 + b"]" * 900 + b"}",
    b'{"errorCode":{"a":1},"message":["x"],"traceId":2e3}',
    b'{"errorCode":"001","message":' + b'"' + b"payload." * 20_000 + b'"}',
    b'{"errorCode":"\\ud800","message":"\\ud800"}',
    b'{"id":null}',
    b'{"id":"a","blocked":"perhaps"}',
    b"\xff\xfe{",
    b"<html>",
    b"",
    b"null",
    OK,
    WRONG,
]

REFUSED = (ConfigurationError, ConnectionFailedError)

both = pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])


class Scripted:
    """One peer, and one client of it, for all tests of this module."""

    def __init__(self, *, asynchronous: bool) -> None:
        self._response = b""
        self._hung_up = threading.Event()
        self._stack = ExitStack()
        url = self._stack.enter_context(peer(self._behave))
        self._caller = self._stack.enter_context(Caller(asynchronous=asynchronous, base_url=url))

    def create(self, response: bytes) -> Any:
        """Create a customer, and get these bytes as the response."""
        self._response = response
        self._hung_up.clear()
        try:
            return self._caller.call("customers.create")
        finally:
            # Until then the client may take the connection for one that it can use again.
            assert self._hung_up.wait(PATIENCE)

    def _behave(self, connection: socket.socket) -> None:
        try:
            responding(self._response)(connection)
            connection.close()
        finally:
            self._hung_up.set()

    def close(self) -> None:
        self._stack.close()


@pytest.fixture(scope="module", params=[False, True], ids=["sync", "async"])
def scripted(request: pytest.FixtureRequest) -> Iterator[Scripted]:
    scripted = Scripted(asynchronous=request.param)
    yield scripted
    scripted.close()


def lines(*names: str) -> st.SearchStrategy[bytes]:
    name = st.sampled_from([each.encode() for each in names])
    value = st.binary(max_size=40) | st.sampled_from([b"gzip", b"chunked", b"3", b"-1", b"9" * 30])
    return st.builds(lambda n, v: n + b": " + v + b"\r\n", name, value)


HEADERS = st.lists(
    lines("Content-Length", "Content-Encoding", "Transfer-Encoding", "Date", "Retry-After", "\xff"),
    max_size=3,
).map(b"".join)
STATUS = st.integers(100, 999).map(lambda status: b"HTTP/1.1 %d X\r\n" % status)
BODIES = st.binary(max_size=80) | st.sampled_from(HOSTILE_JSON)
RESPONSES = (
    st.binary(max_size=80)
    | st.builds(lambda *parts: b"".join(parts), STATUS, HEADERS, st.just(b"\r\n"), BODIES)
    | st.builds(
        lambda status, body: status + b"Content-Length: %d\r\n\r\n" % len(body) + body,
        STATUS,
        BODIES,
    )
)


def is_customer(body: bytes) -> bool:
    """Return whether a body has all that a customer needs; random bytes rarely do."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return False
    if not isinstance(found, dict) or found.get("errorCode") is not None:
        return False
    return isinstance(found.get("id"), str | int) and not isinstance(found["id"], bool)


def check(error: CalypsoError, expected_attempts: int = 1) -> None:
    """Check what every error has."""
    assert error.operation == "createCustomer"
    assert error.attempts == expected_attempts
    assert isinstance(error.outcome, Outcome)
    assert str(error).startswith("createCustomer: ")
    assert "canary" not in str(error)
    assert error.response is not None or isinstance(error, TransportError | OutcomeUnknownError)
    if isinstance(error, APIError | UnexpectedResponseError):
        assert error.response is not None
        assert error.status == error.response.status
    if isinstance(error, APIError):
        assert isinstance(error.message, str)
        assert isinstance(error.error_code, str | None)
        assert isinstance(error.trace_id, str | None)
    if isinstance(error, OutcomeUnknownError):
        assert error.outcome is Outcome.UNKNOWN
        assert isinstance(error.__cause__, CalypsoError)


@examples(60)
@given(response=RESPONSES)
def test_any_bytes_over_a_real_connection(scripted: Scripted, response: bytes) -> None:
    try:
        result = scripted.create(response)
    except CalypsoError as error:
        check(error)
    else:
        assert type(result) is Customer


@both
@given(status=st.integers(100, 999), body=BODIES)
def test_every_status_with_every_body(asynchronous: bool, status: int, body: bytes) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=body))
    error: CalypsoError | None = None
    try:
        call("customers.create", asynchronous=asynchronous, transport=transport)
    except CalypsoError as caught:
        error = caught
        check(error)

    assert (error is None) == (200 <= status < 300 and is_customer(body))
    if error is not None:
        assert error.response is not None
        assert error.response.content == body
        assert (error.outcome is Outcome.DONE) <= (200 <= status < 300)


NAMED: list[tuple[bytes, type[CalypsoError], Outcome]] = [
    (b"", OutcomeUnknownError, Outcome.UNKNOWN),
    (b"HELLO\r\n\r\n", OutcomeUnknownError, Outcome.UNKNOWN),
    (b"HTTP/1.1 20", OutcomeUnknownError, Outcome.UNKNOWN),
    (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000, OutcomeUnknownError, Outcome.UNKNOWN),
    (b"HTTP/1.1 100 Continue\r\n\r\n", OutcomeUnknownError, Outcome.UNKNOWN),
    (b"HTTP/1.1 101 Switching\r\n\r\n", OutcomeUnknownError, Outcome.UNKNOWN),
    (b"HTTP/1.1 520 X\r\n\r\n<html>", OutcomeUnknownError, Outcome.UNKNOWN),
    (b"HTTP/1.1 999 X\r\n\r\n", OutcomeUnknownError, Outcome.UNKNOWN),
    (b"HTTP/1.1 429 X\r\nRetry-After: \xff\xfe\r\n\r\n", RateLimitError, Outcome.REFUSED),
    (b"HTTP/1.1 403 \xff\xfe\r\nX: \xff\xfe\r\n\r\n", PermissionDeniedError, Outcome.REFUSED),
    (b"HTTP/1.1 404 X\r\n\r\n<html>", UnexpectedResponseError, Outcome.REFUSED),
    (b"HTTP/1.1 200 X\r\nContent-Length: 9\r\n\r\n{", UnexpectedResponseError, Outcome.DONE),
    (
        b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        UnexpectedResponseError,
        Outcome.DONE,
    ),
    (
        b"HTTP/1.1 200 X\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b" " * 1_000_000),
        UnexpectedResponseError,
        Outcome.DONE,
    ),
]


def test_a_known_way_to_respond_badly_ends_with_its_error(scripted: Scripted) -> None:
    def end(response: bytes) -> tuple[type, Outcome | None]:
        try:
            result = scripted.create(response)
        except CalypsoError as error:
            check(error)
            return type(error), error.outcome
        return type(result), None

    ends = {response[:60]: end(response) for response, _, _ in NAMED}

    assert ends == {response[:60]: (kind, outcome) for response, kind, outcome in NAMED}
    assert len(ends) == len(NAMED)


@pytest.fixture
def no_name_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no host's name be known."""

    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", fail)


@both
@pytest.mark.usefixtures("no_name_server")
def test_a_host_that_no_name_server_knows_was_never_reached(asynchronous: bool) -> None:
    with pytest.raises(ConnectionFailedError, match="could not be reached") as caught:
        call("customers.create", asynchronous=asynchronous, base_url="https://unknown.invalid")

    assert caught.value.outcome is Outcome.NOT_SENT


@both
def test_a_peer_that_speaks_no_tls_was_sent_nothing(asynchronous: bool) -> None:
    def hang_up(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with peer(hang_up) as url, pytest.raises(ConnectionFailedError) as caught:
        call(
            "customers.create",
            asynchronous=asynchronous,
            base_url=url.replace("http:", "https:"),
        )

    assert caught.value.outcome is Outcome.NOT_SENT


class Unclosable(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that fails when it is closed."""

    def __iter__(self) -> Iterator[bytes]:
        yield OK

    async def __aiter__(self) -> Any:
        yield OK

    def close(self) -> None:
        raise OSError("closing")

    async def aclose(self) -> None:
        raise OSError("closing")


@both
def test_a_response_that_cannot_be_closed_is_a_response_all_the_same(asynchronous: bool) -> None:
    """It came whole, so that its caller shall have it."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Unclosable()))

    found = call("customers.create", asynchronous=asynchronous, transport=transport)

    assert found.id in OK.decode()


@pytest.mark.usefixtures("no_name_server")
def test_an_address_that_httpx_rejects_is_a_wrong_setting_or_a_host_not_reached() -> None:
    ends = {}
    for url in ("https://exa mple.invalid", "https://[1::2::3]", "https://-"):
        with pytest.raises(CalypsoError) as caught:
            call("customers.create", asynchronous=False, base_url=url)
        ends[url] = type(caught.value)

    assert {url: kind for url, kind in ends.items() if kind not in REFUSED} == {}


@both
def test_a_response_that_is_left_unread_may_fail_to_close(asynchronous: bool) -> None:
    headers = {"Content-Encoding": "gzip"}
    transport = httpx.MockTransport(
        lambda _: httpx.Response(200, headers=headers, stream=Unclosable())
    )
    with pytest.raises(UnexpectedResponseError, match="encoded as gzip"):
        call("customers.create", asynchronous=asynchronous, transport=transport)
