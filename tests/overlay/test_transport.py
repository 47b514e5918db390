"""What goes over the transport, and what becomes of whatever comes back or fails."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import pickle
import socket
import threading
import traceback
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from calypso_pay import (
    AsyncCalypso,
    AuthenticationError,
    Calypso,
    CalypsoError,
    ConfigurationError,
    ConnectionFailedError,
    Outcome,
    OutcomeUnknownError,
    TransportError,
    UnexpectedResponseError,
)
from calypso_pay._transport.body import MAX_RESPONSE
from tests.overlay.clocks import Stopped, without_sleep
from tests.overlay.peers import PATIENCE, Caller, peer, read_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calypso_pay import Attempt

KEY = "canary-of-a-key"
SECRET = "canary-of-a-secret"
CUSTOMER = {"id": "3fa85f64-5717-4562-b3fc-2c963f66afa6"}


class Chunks(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that comes in pieces, and may break."""

    def __init__(self, *pieces: bytes | Exception) -> None:
        self.pieces = pieces
        self.given = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            self.given += len(piece)
            yield piece

    async def __aiter__(self) -> Any:
        for piece in self:
            yield piece


class FakeTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport that responds with what a function returns, unread, or raises."""

    def __init__(self, respond: Callable[[httpx.Request], httpx.Response]) -> None:
        self.respond = respond
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.respond(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


def create(transport: FakeTransport, *, asynchronous: bool, **options: Any) -> Any:
    """Call an operation that must not be retried."""
    settings: dict[str, Any] = {"max_retries": 0, **options, "transport": transport}
    if not asynchronous:
        with Calypso(key=KEY, secret=SECRET, account="0xabc", **settings) as client:
            return client.customers.create()

    async def call() -> object:
        async with AsyncCalypso(key=KEY, secret=SECRET, account="0xabc", **settings) as client:
            return await client.customers.create()

    return asyncio.run(call())


def failing(error: Exception) -> FakeTransport:
    def respond(_: httpx.Request) -> httpx.Response:
        raise error

    return FakeTransport(respond)


both = pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])


@both
def test_a_request_carries_what_the_vendor_documents_and_names_its_sender(
    asynchronous: bool,
) -> None:
    transport = FakeTransport(lambda _: httpx.Response(200, json=CUSTOMER))
    create(transport, asynchronous=asynchronous, clock=lambda: 1.0)

    (request,) = transport.requests
    assert request.method == "POST"
    assert request.content == b'{"account":"0xabc","timestamp":1000,"payload":{}}'
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Accept-Encoding"] == "identity"
    assert request.headers["User-Agent"].startswith("calypso-pay/")
    assert {"key", "sign"} <= set(request.headers)


@both
def test_every_attempt_has_a_timestamp_and_a_signature_of_its_own(asynchronous: bool) -> None:
    responses = iter([httpx.ConnectError("no"), httpx.ConnectError("no"), None])
    times = iter([1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0, 5.0, 5.0])

    def respond(_: httpx.Request) -> httpx.Response:
        error = next(responses)
        if error:
            raise error
        return httpx.Response(200, json=CUSTOMER)

    transport = FakeTransport(respond)
    create(
        transport, asynchronous=asynchronous, max_retries=2, backoff=0, clock=lambda: next(times)
    )

    assert len({request.headers["Sign"] for request in transport.requests}) == 3
    assert len({request.content for request in transport.requests}) == 3


@both
def test_a_driver_waits_before_a_retry_for_as_long_as_it_is_asked_to(
    asynchronous: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept = without_sleep(monkeypatch)
    attempts: list[Attempt] = []
    with pytest.raises(ConnectionFailedError):
        create(
            failing(httpx.ConnectError("no")),
            asynchronous=asynchronous,
            max_retries=2,
            on_attempt=attempts.append,
        )

    assert [*slept, None] == [attempt.retry_in for attempt in attempts]
    assert len(slept) == 2


@both
def test_a_response_larger_than_the_cap_is_not_read_to_its_end(asynchronous: bool) -> None:
    body = Chunks(*[b" " * 1024 * 1024] * 100)

    with pytest.raises(UnexpectedResponseError, match="larger than 16 MiB") as caught:
        create(FakeTransport(lambda _: httpx.Response(200, stream=body)), asynchronous=asynchronous)

    assert caught.value.outcome is Outcome.DONE
    assert body.given <= MAX_RESPONSE + 1024 * 1024


@both
def test_an_encoding_that_was_not_asked_for_is_rejected_undecoded(asynchronous: bool) -> None:
    bomb = gzip.compress(b" " * 10_000_000)
    headers = {"Content-Encoding": "gzip"}

    with pytest.raises(UnexpectedResponseError, match="encoded as gzip"):
        create(
            FakeTransport(lambda _: httpx.Response(200, headers=headers, stream=Chunks(bomb))),
            asynchronous=asynchronous,
        )


@both
def test_a_response_that_breaks_off_after_a_success_has_the_outcome_done(
    asynchronous: bool,
) -> None:
    body = Chunks(b'{"id":', httpx.ReadError("reset"))

    with pytest.raises(UnexpectedResponseError, match="broke off") as caught:
        create(FakeTransport(lambda _: httpx.Response(200, stream=body)), asynchronous=asynchronous)

    assert caught.value.outcome is Outcome.DONE
    assert caught.value.response is not None
    assert caught.value.response.content == b'{"id":'


@both
def test_a_response_that_drips_past_the_deadline_is_left(
    asynchronous: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Stopped(monkeypatch)

    class Dripping(Chunks):
        def __iter__(self) -> Iterator[bytes]:
            for piece in super().__iter__():
                clock.move(1.0)
                yield piece

    body = Dripping(*[b" "] * 1_000)

    with pytest.raises(UnexpectedResponseError, match="deadline"):
        create(
            FakeTransport(lambda _: httpx.Response(200, stream=body)),
            asynchronous=asynchronous,
            deadline=5.0,
        )

    assert body.given == 6


@both
def test_a_redirect_is_not_followed_even_by_a_client_of_ones_own(asynchronous: bool) -> None:
    away = httpx.Response(307, headers={"Location": "http://elsewhere.invalid/"})
    transport = FakeTransport(lambda _: away)

    async def call() -> object:
        async with httpx.AsyncClient(transport=transport, follow_redirects=True) as own:
            client = AsyncCalypso(key=KEY, secret=SECRET, account="0xabc", http_client=own)
            return await client.customers.create()

    with pytest.raises(UnexpectedResponseError, match="base_url") as caught:
        if asynchronous:
            asyncio.run(call())
        else:
            with httpx.Client(transport=transport, follow_redirects=True) as own:
                Calypso(key=KEY, secret=SECRET, account="0xabc", http_client=own).customers.create()

    assert caught.value.outcome is Outcome.REFUSED
    assert len(transport.requests) == 1


def test_a_client_of_ones_own_changes_nothing_of_a_request_and_stays_open() -> None:
    transport = FakeTransport(lambda _: httpx.Response(200, json=CUSTOMER))
    own = httpx.Client(
        transport=transport,
        base_url="http://elsewhere.invalid",
        headers={"Sign": "mine", "Content-Type": "text/plain"},
        auth=("user", "password"),
        params={"a": "b"},
    )
    with Calypso(
        key=KEY, secret=SECRET, account="0xabc", base_url="https://one.invalid", http_client=own
    ) as client:
        client.customers.create()

    (request,) = transport.requests
    assert str(request.url) == "https://one.invalid/api/v1/customer-purse/customer/create"
    assert request.headers["Content-Type"] == "application/json"
    assert "Authorization" not in request.headers
    assert not own.is_closed
    own.close()


CASES: list[tuple[Exception, type[CalypsoError], Outcome]] = [
    (httpx.ConnectError("refused"), ConnectionFailedError, Outcome.NOT_SENT),
    (httpx.ConnectTimeout("slow"), ConnectionFailedError, Outcome.NOT_SENT),
    (httpx.PoolTimeout("full"), ConnectionFailedError, Outcome.NOT_SENT),
    (httpx.ReadTimeout("slow"), OutcomeUnknownError, Outcome.UNKNOWN),
    (httpx.WriteTimeout("slow"), OutcomeUnknownError, Outcome.UNKNOWN),
    (httpx.WriteError("reset"), OutcomeUnknownError, Outcome.UNKNOWN),
    (httpx.RemoteProtocolError("junk"), OutcomeUnknownError, Outcome.UNKNOWN),
    (OSError("whatever a transport may raise"), OutcomeUnknownError, Outcome.UNKNOWN),
]


@both
def test_no_failure_of_a_transport_escapes(asynchronous: bool) -> None:
    ends: list[object] = []
    for error, _, _ in CASES:
        try:
            ends.append(create(failing(error), asynchronous=asynchronous))
        except Exception as caught:  # noqa: BLE001 - what escapes is the question
            ends.append(caught)

    ends = [
        (repr(error), type(end), getattr(end, "outcome", None), getattr(end, "attempts", None))
        for (error, _, _), end in zip(CASES, ends, strict=True)
    ]
    assert ends == [(repr(error), kind, outcome, 1) for error, kind, outcome in CASES]


def test_a_connect_error_that_hides_another_librarys_exception_proves_nothing() -> None:
    """Transports of other libraries report a connection lost after sending as a connect error."""
    error = httpx.ConnectTimeout("lost")
    error.__cause__ = OSError("server disconnected")

    with pytest.raises(OutcomeUnknownError):
        create(failing(error), asynchronous=False)


@pytest.mark.parametrize("make", [Calypso, AsyncCalypso])
def test_a_closed_client_reports_it(make: Any) -> None:
    client = make(key=KEY, secret=SECRET, account="0xabc", base_url="http://127.0.0.1:1")

    async def call_after_closing() -> None:
        await client.aclose()
        await client.accounts.get()

    with pytest.raises(ConfigurationError, match="closed"):
        if make is AsyncCalypso:
            asyncio.run(call_after_closing())
        else:
            client.close()
            client.accounts.get()


def test_closing_a_view_leaves_its_client_open() -> None:
    transport = FakeTransport(lambda _: httpx.Response(200, json=CUSTOMER))
    with Calypso(key=KEY, secret=SECRET, account="0xabc", transport=transport) as client:
        with client.with_options(max_retries=0) as view:
            view.customers.create()
        client.customers.create()

    assert len(transport.requests) == 2


def test_a_real_connection_that_is_refused_was_never_sent() -> None:
    # Bound, so that no other program has the port, and deaf.
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{deaf.getsockname()[1]}"
        with (
            Calypso(
                key=KEY, secret=SECRET, account="0xabc", base_url=f"http://{where}", max_retries=0
            ) as client,
            pytest.raises(ConnectionFailedError, match=f"{where} could not be reached") as caught,
        ):
            client.customers.create()

    assert caught.value.outcome is Outcome.NOT_SENT


def read_and_hang_up(connection: socket.socket) -> None:
    read_request(connection)


def test_a_real_peer_that_reads_and_hangs_up_leaves_the_outcome_unknown() -> None:
    with (
        peer(read_and_hang_up) as url,
        Calypso(key=KEY, secret=SECRET, account="0xabc", base_url=url) as client,
        pytest.raises(OutcomeUnknownError) as caught,
    ):
        client.customers.create()

    assert type(caught.value.__cause__) is TransportError
    assert caught.value.attempts == 1


def test_a_real_peer_that_reads_and_never_responds_times_out() -> None:
    waiting = threading.Event()

    def read_and_wait(connection: socket.socket) -> None:
        read_request(connection)
        waiting.wait(PATIENCE)

    with (
        peer(read_and_wait) as url,
        Calypso(key=KEY, secret=SECRET, account="0xabc", base_url=url, timeout=0.2) as client,
    ):
        with pytest.raises(OutcomeUnknownError) as caught:
            client.customers.create()
        waiting.set()

    assert isinstance(caught.value.__cause__, TransportError)
    assert caught.value.__cause__.timed_out


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def shown(error: BaseException) -> str:
    """Return all that a careless logger could print of an exception and its causes."""
    report = traceback.TracebackException.from_exception(error, capture_locals=True)
    requests = [link.request for link in chain(error) if isinstance(link, httpx.RequestError)]
    headers = [request.headers.raw for request in requests]
    return "".join(report.format()) + repr([vars(link) for link in chain(error)]) + repr(headers)


def careless(request: httpx.Request) -> httpx.Response:
    """Fail the way other libraries do: with the headers among the local variables."""
    headers = dict(request.headers)
    raise httpx.ReadTimeout(f"slow after {len(headers)} headers")


def careless_and_foreign(request: httpx.Request) -> httpx.Response:
    """Fail with an exception that is not httpx's, and whose text has the headers."""
    raise OSError(dict(request.headers))


def rejecting(request: httpx.Request) -> httpx.Response:
    return httpx.Response(401, json={"errorCode": "003", "message": "Wrong sign"})


@both
@pytest.mark.parametrize("respond", [careless, careless_and_foreign, rejecting])
def test_no_error_shows_key_secret_or_signature(
    asynchronous: bool,
    respond: Callable[[httpx.Request], httpx.Response],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    transport = FakeTransport(respond)
    with pytest.raises((AuthenticationError, OutcomeUnknownError)) as caught:
        create(transport, asynchronous=asynchronous)

    text = shown(caught.value) + caplog.text
    assert SECRET not in text
    assert KEY not in text
    assert transport.requests[-1].headers["Sign"] not in text


@both
def test_a_response_that_cannot_be_read_does_not_show_the_secret_that_it_holds(
    asynchronous: bool,
) -> None:
    """Not in text, nor among the local variables of a traceback; its bytes are kept on purpose."""
    broken = FakeTransport(
        lambda _: httpx.Response(200, json={"secretKey": "canary-of-a-subscription"})
    )
    with pytest.raises(UnexpectedResponseError) as caught:
        create(broken, asynchronous=asynchronous)

    text = shown(caught.value)
    assert "canary-of-a-subscription" not in text
    assert caught.value.response is not None
    assert b"canary-of-a-subscription" in caught.value.response.content


def test_errors_can_be_pickled_with_all_that_they_know() -> None:
    """A worker's error reaches the process that started it, without the bytes of the response."""
    with pytest.raises(AuthenticationError) as caught:
        create(FakeTransport(rejecting), asynchronous=False)
    copy = pickle.loads(pickle.dumps(caught.value))

    assert type(copy) is AuthenticationError
    assert str(copy) == str(caught.value)
    assert (copy.status, copy.error_code, copy.outcome) == (401, "003", Outcome.REFUSED)
    assert copy.response is None


@both
def test_only_a_connection_idle_for_less_than_a_second_is_used_again(
    asynchronous: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No server closes one so soon, and so none just as a request is sent."""
    clock, connections = Stopped(monkeypatch), []
    body = json.dumps(CUSTOMER).encode()
    response = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)

    def behave(connection: socket.socket) -> None:
        connections.append(connection)
        while read_request(connection):
            connection.sendall(response)

    with (
        peer(behave) as url,
        Caller(asynchronous=asynchronous, base_url=url, clock=lambda: 0.0) as caller,
    ):
        for idle in (0, 0.9, 1.1, 0.9):
            clock.move(idle)
            caller.call("customers.create")

    assert len(connections) == 2
