"""What is not the transport's passes through a call to the caller: at once, once, unchanged."""

from __future__ import annotations

import asyncio
import dis
import itertools
import os
import re
import signal
import ssl
import sys
import threading
import time
import traceback
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import pytest_socket
import respx
from billiard.exceptions import SoftTimeLimitExceeded
from hypothesis import settings
from rq.timeouts import JobTimeoutException, UnixSignalDeathPenalty

from calypso_mock import Mock, Server
from calypso_pay import (
    AsyncCalypso,
    Calypso,
    CalypsoError,
    ConnectionFailedError,
    Outcome,
    TransportError,
)
from calypso_pay._httpx_quirks.leaked_connections import replace_lock
from calypso_pay._origin import callers_exception
from tests.overlay.peers import IDENTITY, call, peer, read_request

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

SETTINGS = settings.get_profile(settings.get_current_profile_name())
ACCOUNT = {"account": "a", "ownerId": "o", "balances": []}
BEGUN = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"

both = pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])


@contextmanager
def handling(handler: Callable[..., None]) -> Iterator[None]:
    """Handle SIGUSR1, which the peers below send to this process."""
    before = signal.signal(signal.SIGUSR1, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGUSR1, before)


def interrupting(first: bytes) -> Callable[[socket.socket], None]:
    """Read a request, respond with these bytes and no more, and send a signal meanwhile."""

    def behave(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(first)
        while not _main_thread_reads():
            time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGUSR1)
        while connection.recv(65536):
            pass

    return behave


def _main_thread_reads() -> bool:
    """Whether it waits for the peer: anywhere else httpcore may drop the cause of an exception."""
    frame = sys._current_frames()[threading.main_thread().ident or 0]
    place = Path(frame.f_code.co_filename).parts
    return frame.f_code.co_name == "read" and not {"httpcore", "quick_sockets.py"}.isdisjoint(place)


def raising(error: BaseException) -> Callable[..., None]:
    def handler(*_: object) -> None:
        own = "local of a handler"  # noqa: F841 - it is looked for in the frame
        raise error

    return handler


LIMITS = [
    JobTimeoutException("Task exceeded maximum timeout value (1 seconds)"),
    SoftTimeLimitExceeded("soft"),
    KeyboardInterrupt("ctrl-c"),
    SystemExit(3),
    TimeoutError("of the caller's"),
    ConnectionResetError(104, "of the caller's"),
    httpx.ReadError("of the caller's"),
    ssl.SSLError(1, "of the caller's"),
]


@pytest.mark.parametrize("error", LIMITS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("first", [b"", BEGUN], ids=["before the response", "in the body"])
def test_what_a_signal_handler_raises_ends_the_call_unchanged(
    error: BaseException, first: bytes
) -> None:
    """In a safe operation, too, which after a failure of the transport would be retried."""
    cause = error.__cause__ = ValueError("its own cause")
    args = error.args
    requests: list[bytes] = []

    def behave(connection: socket.socket) -> None:
        requests.append(b"")
        interrupting(first)(connection)

    with (
        peer(behave) as url,
        handling(raising(error)),
        Calypso(**IDENTITY, base_url=url, backoff=0) as client,
        pytest.raises(type(error)) as caught,
    ):
        client.customers.block("1")

    assert caught.value is error
    assert (error.args, error.__cause__) == (args, cause)
    assert "blockCustomer was interrupted, and may have been carried out" in error.__notes__[0]
    assert len(requests) == 1
    error.__notes__.clear()
    error.__traceback__ = None


def test_frames_that_held_the_signature_are_empty_and_the_handlers_is_not() -> None:
    error = JobTimeoutException("late")
    with (
        peer(interrupting(b"")) as url,
        handling(raising(error)),
        pytest.raises(JobTimeoutException),
    ):
        call("customers.create", asynchronous=False, base_url=url)

    report = traceback.TracebackException.from_exception(error, capture_locals=True)
    shown = {str(frame.locals) for frame in report.stack if "peers.py" not in frame.filename}
    assert any("local of a handler" in each for each in shown)
    assert [each for each in shown if IDENTITY["key"] in each or "'Sign'" in each] == []


def test_the_time_limit_of_rq_is_kept() -> None:
    """RQ's own timer, around a call to a peer that never responds."""

    def say_nothing(connection: socket.socket) -> None:
        while connection.recv(65536):
            pass

    with (
        peer(say_nothing) as url,
        pytest.raises(JobTimeoutException),
        UnixSignalDeathPenalty(1, JobTimeoutException),
    ):
        call("accounts.get", asynchronous=False, base_url=url, max_retries=2)


def test_interrupted_calls_leave_no_place_of_the_pool_taken() -> None:
    """However far they have come: as many calls as the pool has places go through afterwards."""
    own = httpx.Client(limits=httpx.Limits(max_connections=2))
    pool: Any = own._transport._pool  # type: ignore[attr-defined]
    # In that of httpcore it may be taken by an interruption, for ever, as `replace_lock` explains.
    replace_lock(own)
    mock = Mock()
    with Server(mock) as server, own:
        client = Calypso(**mock.settings(base_url=server.url), http_client=own, timeout=30)
        for lines in range(1, 400, 3):
            with pytest.raises(_Stop):
                _stopped_after(lines, client.accounts.get)
            assert all(kept.is_idle() or kept.is_closed() for kept in pool.connections)
            assert pool._requests == []
            assert client.accounts.get().account


TRACED = frozenset({"calypso_api", "calypso_pay", "h11", "httpcore", "httpx", "json", "urllib"})


def test_wherever_in_a_call_a_limit_comes_it_reaches_the_caller_and_the_next_call_goes_on() -> None:
    """Its note states whether the request may have been carried out; no frame shows a signature.

    The signal comes after each of the lines that a call runs, here after some of them.
    """
    mock, error = Mock(), SoftTimeLimitExceeded("soft")
    notes: dict[str, list[str]] = {}
    places: dict[str, str] = {}
    step = 3 if SETTINGS.max_examples > 100 else 11
    with (
        Server(mock) as server,
        Calypso(**mock.settings(base_url=server.url)) as client,
        handling(raising(error)),
    ):
        client.customers.create()
        for lines in range(1, 100_000, step):
            with interrupted_after(lines, TRACED), suppress(SoftTimeLimitExceeded):
                apart(lambda number=str(lines): client.customers.create(external_id=number))
                break
            client.customers.create()
            notes[str(lines)] = error.__dict__.pop("__notes__", [])
            places[str(lines)] = [
                f.f_code.co_name for f, _ in traceback.walk_tb(error.__traceback__)
            ][-3]
            shown = "".join(local_variables(error))
            assert str(mock.settings()["key"]) not in shown, lines
            assert not re.search("[0-9a-f]{128}", shown), lines
            error.__traceback__ = error.__context__ = None

    customers = mock.state()["accounts"][0]["customers"]
    made = [each["externalId"] for each in customers if each.get("externalId") in notes]
    assert len(made) == len(set(made)) > 10
    # After the last step of a call all that is left is to return, and it is too late for a note.
    unnoted = [places[each] for each in made if not notes[each]]
    assert set(unnoted) <= {"call", "create", "parsed", "run"}


def local_variables(error: BaseException) -> Iterator[str]:
    """Go through what a reporter of errors would send of frames that are not the test's."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    for frame in frames:
        for value in frame.f_locals.values() if frame.f_code.co_filename != __file__ else ():
            # Something half-made may have no repr.
            with suppress(AttributeError):
                yield repr(value)


@contextmanager
def interrupted_after(lines: int, roots: frozenset[str]) -> Iterator[None]:
    """Send SIGUSR1 to this process when so many lines of these packages have run."""
    left = lines

    def trace(frame: Any, event: str, _: object) -> Any:
        nonlocal left
        if frame.f_globals.get("__name__", "").partition(".")[0] not in roots:
            return None
        if event == "line":
            left -= 1
            if left <= 0 and not leaves_a_with(frame):
                sys.settrace(None)
                signal.raise_signal(signal.SIGUSR1)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


def leaves_a_with(frame: Any) -> bool:
    """Return whether the line is the end of a `with`, before it calls ``__exit__``.

    The interpreter looks for signals after calls and at loops, so none is handled there: only a
    tracer can raise there, and nothing would give back what the block holds.
    """
    code = dis.get_instructions(frame.f_code)
    ahead = itertools.dropwhile(lambda each: each.offset < frame.f_lasti, code)
    first = [(each.opname, each.argval) for each in itertools.islice(ahead, 3)]
    return first == [("LOAD_CONST", None)] * 3


class _Stop(BaseException):
    """Raised anywhere in the HTTP libraries, as by a signal handler."""


def _stopped_after(lines: int, function: Callable[[], object]) -> None:
    """Call a function, and raise when this many lines of the HTTP libraries have run."""
    left = lines

    def trace(frame: Any, event: str, _: object) -> Any:
        nonlocal left
        root = frame.f_globals.get("__name__", "").partition(".")[0]
        if root not in {"httpx", "httpcore", "h11"}:
            return None if event == "call" else trace
        if event == "line":
            left -= 1
            if left <= 0 and not leaves_a_with(frame):
                raise _Stop
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        apart(function)
        left = 0
    finally:
        sys.settrace(before)
    raise _Stop


def apart(function: Callable[[], object]) -> None:
    """Call a function in a generator, which has an exception state of its own.

    What is raised on the last line of an `except` block leaves the exception of that block behind
    as the one that is being handled, and later tests would find it as the context of theirs.
    """

    def body() -> Iterator[object]:
        yield function()

    next(body())


def failing(error: BaseException) -> httpx.MockTransport:
    def handler(_: httpx.Request) -> httpx.Response:
        raise error

    return httpx.MockTransport(handler)


@both
@pytest.mark.parametrize(
    "error",
    [AssertionError("in a test"), RuntimeError("a bug"), KeyError("a bug"), SystemExit(1)],
    ids=lambda error: type(error).__name__,
)
def test_an_exception_of_the_users_own_transport_is_raised_once(
    error: BaseException, asynchronous: bool
) -> None:
    with pytest.raises(type(error)) as caught:
        call("accounts.get", asynchronous=asynchronous, transport=failing(error), max_retries=2)

    assert caught.value is error
    assert len(error.__notes__) == 1
    error.__notes__.clear()


@both
@pytest.mark.parametrize("error", [OSError("a disk"), httpx.ReadError("a socket")])
def test_what_a_transport_of_ones_own_raises_as_transports_do_is_its_failure(
    error: Exception, asynchronous: bool
) -> None:
    with pytest.raises(TransportError) as caught:
        call("accounts.get", asynchronous=asynchronous, transport=failing(error), backoff=0)

    assert caught.value.outcome is Outcome.UNKNOWN


def test_a_bug_in_a_hook_of_a_client_of_ones_own_is_seen() -> None:
    def hook(_: httpx.Request) -> None:
        raise ZeroDivisionError

    own = httpx.Client(event_hooks={"request": [hook]})
    with own, Calypso(**IDENTITY, http_client=own) as client, pytest.raises(ZeroDivisionError):
        client.accounts.get()


@pytest.mark.over_httpx
@both
def test_a_request_that_respx_does_not_know_fails_the_test(asynchronous: bool) -> None:
    with respx.mock, pytest.raises(AssertionError, match="not mocked"):
        call("accounts.get", asynchronous=asynchronous, base_url="https://one.example")


@pytest.mark.over_httpx
@both
def test_a_connection_that_respx_refuses_was_not_made(asynchronous: bool) -> None:
    """As in production."""
    with respx.mock as router:
        router.route().mock(side_effect=httpx.ConnectError)
        with pytest.raises(ConnectionFailedError) as caught:
            call("customers.create", asynchronous=asynchronous, base_url="https://one.example")

    assert caught.value.outcome is Outcome.NOT_SENT


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_a_socket_that_pytest_socket_blocks_fails_the_test() -> None:
    try:
        pytest_socket.disable_socket()
        with pytest.raises(pytest_socket.SocketBlockedError):
            call("accounts.get", asynchronous=False, base_url="http://127.0.0.1:9")
    finally:
        pytest_socket.enable_socket()


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
def test_a_host_that_pytest_socket_blocks_fails_the_test_of_the_asynchronous_client_too() -> None:
    """Although anyio puts the exception into a group."""
    try:
        pytest_socket.socket_allow_hosts(["10.0.0.1"])
        with pytest.raises(pytest_socket.SocketConnectBlockedError):
            call("accounts.get", asynchronous=True, base_url="http://127.0.0.1:9")
    finally:
        pytest_socket._remove_restrictions()


@both
def test_a_limit_in_a_listener_ends_the_call(asynchronous: bool) -> None:
    error = JobTimeoutException("late")

    def listen(_: object) -> None:
        signal.raise_signal(signal.SIGUSR1)

    with handling(raising(error)), pytest.raises(JobTimeoutException) as caught:
        call(
            "accounts.get",
            asynchronous=asynchronous,
            transport=httpx.MockTransport(lambda _: httpx.Response(200, json=ACCOUNT)),
            on_attempt=listen,
        )

    assert caught.value is error


@both
@pytest.mark.parametrize("name", ["load_json", "_read_account", "from_dict"])
def test_a_limit_while_a_response_is_read_ends_the_call(asynchronous: bool, name: str) -> None:
    """It is not taken for a response that cannot be read."""
    error = JobTimeoutException("late")

    def trace(frame: Any, *_: object) -> None:
        if frame.f_code.co_name == name:
            sys.settrace(None)
            signal.raise_signal(signal.SIGUSR1)

    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=ACCOUNT))
    with handling(raising(error)), pytest.raises(JobTimeoutException) as caught:
        sys.settrace(trace)
        try:
            call("accounts.get", asynchronous=asynchronous, transport=transport)
        finally:
            sys.settrace(None)

    assert caught.value is error
    assert "getAccount was interrupted" in error.__notes__[0]


def test_a_cancelled_task_is_cancelled() -> None:
    def say_nothing(connection: socket.socket) -> None:
        while connection.recv(65536):
            pass

    async def run(url: str) -> asyncio.Task[Any]:
        async with AsyncCalypso(**IDENTITY, base_url=url) as client:
            task = asyncio.create_task(client.accounts.get())
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
            return task

    with peer(say_nothing) as url:
        assert asyncio.run(run(url)).cancelled()


def test_a_failing_call_leaves_what_the_caller_is_handling_alone() -> None:
    """Its local variables stay for Sentry and `pytest -l`, and its generators stay open."""

    def rows() -> Iterator[int]:
        yield 1
        yield 2

    def fail(found: Iterator[int]) -> None:
        mine = next(found)  # noqa: F841 - it is looked for in the frame
        raise LookupError

    found = rows()
    with pytest.raises(ConnectionFailedError) as caught:
        try:
            fail(found)
        except LookupError as error:
            handled = error
            call("accounts.get", asynchronous=False, base_url="http://127.0.0.1:9")

    assert isinstance(caught.value, CalypsoError)
    assert handled.__traceback__ is not None
    assert handled.__traceback__.tb_next is not None
    assert handled.__traceback__.tb_next.tb_frame.f_locals["mine"] == 1
    assert next(found) == 2


def test_what_the_library_for_socks_raises_is_a_failure_of_the_transport() -> None:
    kind = type("ProtocolError", (Exception,), {"__module__": "socksio.exceptions"})

    assert callers_exception(kind("Malformed reply"), is_custom=False) is None
