"""Any request gets its expected result, cheaply, and a rejected one changes nothing."""

from __future__ import annotations

import asyncio
import gc
import socket
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

from calypso_mock import Clock, Mock, Server
from tests.mock import hostile
from tests.mock.hostile import Caller, RawRequest, Result
from tests.mock.hostile_cases import EVERYWHERE, GROWING, INSIDE, UNTIDY
from tests.mock.rows import listed, outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Api
    from tests.mock.hostile_cases import Case

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Setup:
    """A served mock with two accounts, and a caller who is one of them."""

    mock: Mock
    caller: Caller
    port: int


@pytest.fixture(scope="module")
def setup(connect: type[Api]) -> Iterator[Setup]:
    """Both accounts have a customer, an address, a deposit and a subscription."""
    mock = Mock(seeded=True, clock=Clock(lambda: NOON))
    own, other = (connect(mock, row["account"]) for row in mock.state()["accounts"])
    foreign = {**other.settings, **_populate(other)}
    settings = own.settings
    caller = Caller(
        settings["key"], settings["secret"], settings["account"], mock.clock.wire_ms, foreign
    )
    with Server(mock) as server:
        yield Setup(mock, caller, urlsplit(server.url).port or 0)


def _populate(api: Api) -> dict[str, str]:
    customer, request_id = api.customer(), "7f1a4b52-6c1e-4c6b-9df4-1f2b3c4d5e6f"
    deposit = {"address": api.address("BTC", customer), "currency": "BTC", "amount": 1}
    transaction = api.control("POST", "deposit", deposit).json["transactionId"]
    hook = {"url": "https://other.example", "notificationServiceTypes": ["CUSTOMER_PURSE"]}
    api.ok("createSubscription", {"requestId": request_id, **hook})
    return {"customerId": customer, "transactionId": transaction, "requestId": request_id}


def _handled(setup: Setup, request: RawRequest) -> Result:
    response = setup.mock.handle(*request)
    return hostile.classify(response.status, response.body)


def _request(request: RawRequest) -> httpx.Request:
    headers = [(name, value.encode("latin-1")) for name, value in request.headers]
    url = f"http://mock.invalid{request.path}"
    return httpx.Request(request.method, url, headers=headers, content=request.body)


def _sent(setup: Setup, request: RawRequest) -> Result:
    with httpx.Client(transport=setup.mock.transport()) as client:
        response = client.send(_request(request))
    return hostile.classify(response.status_code, response.content)


def _sent_async(setup: Setup, request: RawRequest) -> Result:
    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=setup.mock.async_transport()) as client:
            return await client.send(_request(request))

    response = asyncio.run(send())
    return hostile.classify(response.status_code, response.content)


def _wired(setup: Setup, request: RawRequest) -> Result:
    with socket.create_connection(("127.0.0.1", setup.port), timeout=30) as wire:
        wire.sendall(request.to_bytes())
        response = b"".join(iter(lambda: wire.recv(65536), b""))
    (result,) = hostile.classify_all(response, request.method)
    return result


WAYS: dict[str, tuple[Callable[[Setup, RawRequest], Result], dict[str, Case]]] = {
    "handle": (
        _handled,
        {**EVERYWHERE, **UNTIDY, **INSIDE},
    ),
    "httpx": (_sent, EVERYWHERE),
    "async httpx": (_sent_async, EVERYWHERE),
    "HTTP": (_wired, {**EVERYWHERE, **UNTIDY}),
}


@pytest.mark.parametrize("way", WAYS)
def test_hostile_requests_get_their_results(
    setup: Setup, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The first failing check decides; only what was granted has changed anything."""
    send, cases = WAYS[way]

    def mismatch(case: Case) -> str | None:
        expected, make = case
        request, before = make(setup.caller), setup.mock.state()
        caplog.clear()
        seen = send(setup, request)
        if seen != expected and not (request.method == "HEAD" and seen.status == expected.status):
            # A response to HEAD has no body over HTTP, and so no code.
            return f"{seen} rather than {expected}"
        if caplog.records:
            return f"logged {caplog.text}"
        if setup.mock.state() != before and seen != hostile.FINE:
            return f"{seen}, and yet something changed"
        return None

    mismatches = {name: fault for name, fault in outcomes(cases, mismatch).items() if fault}
    assert not mismatches, listed(mismatches)


def _cpu_seconds(setup: Setup, request: RawRequest) -> float:
    """Return the least that this thread spent on a request, of three times."""
    spent = []
    for _ in range(3):
        started = time.thread_time()
        setup.mock.handle(*request)
        spent.append(time.thread_time() - started)
    return min(spent)


def test_a_request_costs_in_proportion_to_its_size(setup: Setup) -> None:
    """16 times the size costs about 16 times the CPU time, and never anything like its square."""

    def growth(make: Callable[[Caller, int], RawRequest]) -> float:
        small, large = (make(setup.caller, size) for size in (1_000, 16_000))
        return _cpu_seconds(setup, large) / _cpu_seconds(setup, small)

    # Collecting garbage costs what all other tests left behind.
    gc.disable()
    try:
        grown = outcomes(GROWING, growth)
    finally:
        gc.enable()

    assert {name: times for name, times in grown.items() if not times < 64} == {}


@pytest.mark.parametrize("send", [_sent, _sent_async, _wired])
def test_an_escaped_slash_is_no_slash(setup: Setup, send: Any) -> None:
    """It does not split the path, in HTTP or httpx; other escapes are decoded."""
    request = setup.caller.request("getAccount", setup.caller.envelope())
    paths = ["/api/v1%2Faccount", "/api/v1%2faccount", "/api/v1%252Faccount"]

    assert {path: send(setup, request._replace(path=path)) for path in paths} == dict.fromkeys(
        paths, hostile.NO_PATH
    )
    assert send(setup, request._replace(path="/api/v1/%61ccount?x=1")) == hostile.FINE


def test_of_many_faults_in_a_long_body_the_first_is_named(api: Api) -> None:
    """The response to a megabyte is one line, and still names the error and its field."""
    wrong: Any = {"currencyFilter": {"in": ["BTC"] * 5_000 + [0] * 5_000}}

    response = api.call("findTransactions", wrong)

    assert response.message == "payload.currencyFilter.in[5000]=[must be a text]"
