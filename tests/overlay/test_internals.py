"""What `_httpx_quirks` reaches for in httpx, httpcore and h11 is where it was.

Where a part has moved the client works on silently without its workaround. These tests fail.
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
import socket
import tomllib
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpcore
import httpx
import pytest
from packaging.requirements import Requirement

from calypso_pay._httpx_quirks import connect_trace, deadline, quick_sockets
from calypso_pay._transport import http_clients
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = ", ".join(f"{name} {metadata.version(name)}" for name in ("httpx", "httpcore", "h11"))

RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + b"more"
MARK = dict.fromkeys(("connect", "read", "write", "pool"), 30.0)
GUISES = ("sync", "async")

POOL = "client._transport._pool"
RESPONDING = "response.stream._stream._httpcore_stream._stream._connection"
# Names and places in a sequence or mapping, from a client that waits for the end of a response.
PARTS = [
    ("_pools", "client._mounts.0._pool"),
    ("_pools", POOL),
    ("deadline", f"{POOL}._network_backend"),
    ("deadline", "client._mounts.0._pool._network_backend"),
    ("idle_connections", f"{POOL}._network_backend"),
    ("assignment", f"{POOL}._assign_requests_to_connections"),
    ("assignment", f"{POOL}._max_connections"),
    ("assignment", f"{POOL}._requests.0.request.url.origin"),
    ("idle_connections", "client._mounts.0._pool._network_backend"),
    ("leaked_connections", f"{POOL}._optional_thread_lock.__enter__"),
    ("leaked_connections", f"{POOL}._requests.0.connection"),
    ("leaked_connections", f"{POOL}._requests.0.request.extensions.timeout"),
    ("leaked_connections", f"{POOL}._connections.0"),
    ("trailing_data", f"{RESPONDING}._h11_state.trailing_data.0"),
]
# Those that are called, with the number of arguments.
CALLED = [
    ("leaked_connections", f"{POOL}._close_connections", 1),
    ("leaked_connections", f"{POOL}._assign_requests_to_connections", 0),
    ("assignment", f"{POOL}._connections.0.is_available", 0),
    ("assignment", f"{POOL}._connections.0.has_expired", 0),
    ("assignment", f"{POOL}._connections.0.can_handle_request", 1),
    ("assignment", f"{POOL}._requests.0.is_queued", 0),
    ("assignment", f"{POOL}._requests.0.assign_to_connection", 1),
    ("assignment", f"{POOL}.create_connection", 1),
    ("leaked_connections", f"{POOL}._connections.0.is_idle", 0),
    ("leaked_connections", f"{POOL}._connections.0.is_closed", 0),
    ("trailing_data", f"{RESPONDING}._h11_state.send_failed", 0),
]
AWAITED = [
    ("leaked_connections", f"{POOL}._close_connections"),
]

Held = dict[str, Any]


def moved(module: str, what: str) -> str:
    return f"_httpx_quirks/{module}.py relies on it: {what}. Installed are {INSTALLED}."


def reach(held: object, module: str, path: str) -> Any:
    """Go along a path, or report where it ends and what relies on it."""
    thing: Any = held
    for place, name in enumerate(path.split(".")):
        try:
            thing = _next(thing, name)
        except (AttributeError, LookupError) as error:
            before = ".".join(path.split(".")[:place])
            kind = f"{type(thing).__module__}.{type(thing).__qualname__}"
            what = f"{path}: {before} ({kind}) has no {name} any more"
            raise AssertionError(moved(module, what)) from error
    return thing


def _next(thing: Any, name: str) -> Any:
    if isinstance(thing, Mapping):
        return list(thing.values())[int(name)] if name.isdigit() else thing[name]
    return thing[int(name)] if name.isdigit() else getattr(thing, name)


def request(scheme: str = "http", **extensions: object) -> httpx.Request:
    return httpx.Request(
        "GET", f"{scheme}://peer.example/", extensions={"timeout": MARK} | extensions
    )


@pytest.fixture(scope="module")
def exchanges() -> Iterator[dict[str, Held]]:
    """A client of each kind, with a response of which the body is read and nothing is closed."""
    events: list[str] = []

    async def trace(event: str, _: object) -> None:
        events.append(event)

    def connect(client: Any, backend: object) -> Any:
        reach({"client": client}, "deadline", f"{POOL}._network_backend")
        client._transport._pool._network_backend = backend
        return client

    async def ask(client: httpx.AsyncClient) -> httpx.Response:
        response = await client.send(request(trace=trace), stream=True)
        assert [b"ok"] == [chunk async for chunk in response.stream]  # type: ignore[union-attr]
        return response

    through = httpx.Proxy("http://proxy.example:3128")
    mounts = {"https://": httpx.HTTPTransport(proxy=through)}
    amounts = {"https://": httpx.AsyncHTTPTransport(proxy=through)}
    with (
        asyncio.Runner() as runner,
        connect(httpx.Client(mounts=mounts), httpcore.MockBackend([RESPONSE])) as client,
    ):
        aclient = connect(httpx.AsyncClient(mounts=amounts), httpcore.AsyncMockBackend([RESPONSE]))
        response, aresponse = client.send(request(), stream=True), runner.run(ask(aclient))
        assert [b"ok"] == list(response.stream)
        yield {
            "sync": {"client": client, "response": response},
            "async": {"client": aclient, "response": aresponse, "events": events},
        }
        response.close()
        runner.run(aresponse.aclose())
        runner.run(aclient.aclose())


@rows("guise, part", itertools.product(GUISES, PARTS))
def test_every_private_part_is_where_it_was(
    exchanges: dict[str, Held], guise: str, part: tuple[str, str]
) -> None:
    reach(exchanges[guise], *part)


@rows("guise, part", itertools.product(GUISES, CALLED))
def test_what_is_called_takes_what_it_took(
    exchanges: dict[str, Held], guise: str, part: tuple[str, str, int]
) -> None:
    module, path, arguments = part
    signature = inspect.signature(reach(exchanges[guise], module, path))
    try:
        signature.bind(*[[]] * arguments)
    except TypeError as error:
        what = f"{path} takes {signature} now, not {arguments} arguments"
        raise AssertionError(moved(module, what)) from error


@rows("module, path", AWAITED)
def test_what_is_awaited_is_awaitable(exchanges: dict[str, Held], module: str, path: str) -> None:
    function = reach(exchanges["async"], module, path)

    assert inspect.iscoroutinefunction(function), moved(
        module, f"{path} is not a coroutine any more"
    )


@rows("guise", GUISES)
def test_a_pool_knows_its_requests_by_their_mark_and_connection(
    exchanges: dict[str, Held], guise: str
) -> None:
    pool = reach(exchanges[guise], "leaked_connections", POOL)
    (queued,), (connection,) = pool._requests, pool._connections

    for name in ("_requests", "_connections"):
        kind = type(getattr(pool, name))
        assert kind is list, moved(
            "leaked_connections", f"{POOL}.{name} is a {kind.__name__}, not a list"
        )
    assert queued.request.extensions["timeout"] is MARK, moved(
        "leaked_connections", "the extension timeout of a request is not handed through as it is"
    )
    assert queued.connection is connection, moved(
        "leaked_connections",
        "what a pool's request has as its connection is not in the pool's list",
    )


def test_the_lock_of_a_pool_is_used_as_a_context_alone(exchanges: dict[str, Held]) -> None:
    lock = reach(exchanges["sync"], "leaked_connections", f"{POOL}._optional_thread_lock")
    more = [name for name in dir(lock) if not name.startswith("_")]

    assert more == [], moved(
        "leaked_connections", f"a pool's lock has {more}; threading.Lock replaces it"
    )


@rows("guise", GUISES)
def test_bytes_beyond_a_response_are_seen(exchanges: dict[str, Held], guise: str) -> None:
    path = f"{RESPONDING}._h11_state.trailing_data"
    found = reach(exchanges[guise], "trailing_data", path)

    assert found == (b"more", False), moved("trailing_data", f"{path} is {found!r}")


def test_connecting_can_be_seen_apart_from_sending(exchanges: dict[str, Held]) -> None:
    seen, wrong = connect_trace.ConnectTrace(), []
    events = exchanges["async"]["events"]
    for event in events:
        asyncio.run(seen(event, None))
        sending = "send_" in event or "receive_" in event
        if seen.connecting == sending:
            wrong.append(event)

    assert wrong == [], moved(
        "connect_trace", f"of the steps {events} it takes these for others: {wrong}"
    )
    assert any("connect_tcp" in event for event in events), moved(
        "connect_trace", f"it sees {events}"
    )


class Peer:
    """A network backend and its stream, that keeps the timeout of each step."""

    def __init__(self) -> None:
        self.timeouts: dict[str, object] = {}

    def connect_tcp(self, **step: Any) -> Peer:
        return self._keep("connect_tcp", step)

    def start_tls(self, **step: Any) -> Peer:
        return self._keep("start_tls", step)

    def write(self, data: bytes, **step: Any) -> None:
        self._keep("write", step)

    def read(self, size: int, **step: Any) -> bytes:
        self._keep("read", step)
        return RESPONSE

    def get_extra_info(self, info: str) -> None:
        return None

    def close(self) -> None:
        pass

    def _keep(self, name: str, step: dict[str, object]) -> Peer:
        self.timeouts[name] = step.get("timeout")
        return self


def test_every_step_of_a_connection_is_given_the_time_that_is_left() -> None:
    peer, until = Peer(), deadline.Deadline(3600, 0)
    with httpx.Client(trust_env=False) as client:
        reach({"client": client}, "deadline", POOL)._network_backend = peer
        mark = dict.fromkeys(MARK, until)
        try:
            client.send(request("https", timeout=mark))
        except TypeError as error:
            raise AssertionError(
                moved("deadline", f"a step is called in another way: {error}")
            ) from error

    kept = {name: timeout is until for name, timeout in peer.timeouts.items()}
    expected = dict.fromkeys(("connect_tcp", "start_tls", "write", "read"), True)
    assert kept == expected, moved("deadline", f"not each step has its timeout: {peer.timeouts}")


@rows("kind", [httpx.Client, httpx.AsyncClient])
def test_a_client_sends_through_what_our_own_does_itself(kind: Any) -> None:
    own = http_clients.Client if kind is httpx.Client else http_clients.AsyncClient
    theirs, ours = (
        list(inspect.signature(each._send_handling_auth).parameters) for each in (kind, own)
    )

    assert theirs == ours, "http_clients.py relies on it"
    assert "_send_handling_auth(" in inspect.getsource(kind.send)
    assert list(inspect.signature(kind._send_single_request).parameters) == ["self", "request"]


def test_a_plain_stream_of_httpcore_is_read_and_written_by_its_socket() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        stream = httpcore.SyncBackend().connect_tcp("127.0.0.1", port, timeout=30)
        try:
            kind = type(quick_sockets.quick(stream)).__name__
        finally:
            stream.close()

    assert kind == "_Socket", moved("quick_sockets", f"a stream is a {type(stream).__name__}")


def test_a_part_that_moved_is_named_with_the_versions() -> None:
    class Client:
        _transport = object()

    with pytest.raises(AssertionError) as caught:
        reach({"client": Client()}, "leaked_connections", f"{POOL}._requests")

    assert str(caught.value) == (
        "_httpx_quirks/leaked_connections.py relies on it: client._transport._pool._requests: "
        "client._transport (builtins.object) has no _pool any more. "
        f"Installed are {INSTALLED}."
    )


def test_what_is_installed_lies_within_the_ranges_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {each.name: each.specifier for each in map(Requirement, project["dependencies"])}

    assert {"httpx", "httpcore"} <= wanted.keys()
    installed = {name: metadata.version(name) for name in wanted}
    outside = [
        f"{n} {installed[n]} is not {wanted[n]}" for n in wanted if installed[n] not in wanted[n]
    ]
    assert outside == [], f"{outside}: see that the tests here pass, then widen pyproject.toml"
