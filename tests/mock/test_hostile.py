"""Whatever a request is made of, it gets its verdict, soon, and a refusal changes nothing."""

from __future__ import annotations

import asyncio
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
from tests.mock.hostile import Asked, Caller, Verdict
from tests.mock.hostile_cases import EVERYWHERE, INSIDE, UNTIDY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Api

    from tests.mock.hostile_cases import Case

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SOON = 2.0


@dataclass(frozen=True)
class Scene:
    """A served mock with two accounts, and a caller who is one of them."""

    mock: Mock
    caller: Caller
    port: int


@pytest.fixture(scope="module")
def scene(connect: type[Api]) -> Iterator[Scene]:
    """Both accounts have a customer, an address, a deposit and a subscription."""
    mock = Mock(seeded=True, clock=Clock(lambda: NOON))
    own, other = (connect(mock, row["account"]) for row in mock.state()["accounts"])
    theirs = {**other.settings, **_populate(other)}
    settings = own.settings
    caller = Caller(
        settings["key"], settings["secret"], settings["account"], mock.clock.wire_ms, theirs
    )
    with Server(mock) as server:
        yield Scene(mock, caller, urlsplit(server.url).port or 0)


def _populate(api: Api) -> dict[str, str]:
    customer, request_id = api.customer(), "7f1a4b52-6c1e-4c6b-9df4-1f2b3c4d5e6f"
    deposit = {"address": api.address("BTC", customer), "currency": "BTC", "amount": 1}
    transaction = api.control("POST", "deposit", deposit).json["transactionId"]
    hook = {"url": "https://other.example", "notificationServiceTypes": ["CUSTOMER_PURSE"]}
    api.ok("createSubscription", {"requestId": request_id, **hook})
    return {"customerId": customer, "transactionId": transaction, "requestId": request_id}


def _handled(scene: Scene, asked: Asked) -> Verdict:
    response = scene.mock.handle(*asked)
    return hostile.verdict(response.status, response.body)


def _request(asked: Asked) -> httpx.Request:
    headers = [(name, value.encode("latin-1")) for name, value in asked.headers]
    url = f"http://mock.invalid{asked.path}"
    return httpx.Request(asked.method, url, headers=headers, content=asked.body)


def _sent(scene: Scene, asked: Asked) -> Verdict:
    with httpx.Client(transport=scene.mock.transport()) as client:
        answer = client.send(_request(asked))
    return hostile.verdict(answer.status_code, answer.content)


def _sent_async(scene: Scene, asked: Asked) -> Verdict:
    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=scene.mock.async_transport()) as client:
            return await client.send(_request(asked))

    answer = asyncio.run(send())
    return hostile.verdict(answer.status_code, answer.content)


def _wired(scene: Scene, asked: Asked) -> Verdict:
    with socket.create_connection(("127.0.0.1", scene.port), timeout=10) as wire:
        wire.sendall(asked.written())
        answer = b"".join(iter(lambda: wire.recv(65536), b""))
    (verdict,) = hostile.verdicts(answer, asked.method)
    return verdict


WAYS: dict[str, tuple[Callable[[Scene, Asked], Verdict], dict[str, Case]]] = {
    "handle": (
        _handled,
        {**EVERYWHERE, **UNTIDY, **INSIDE},
    ),
    "httpx": (_sent, EVERYWHERE),
    "async httpx": (_sent_async, EVERYWHERE),
    "HTTP": (_wired, {**EVERYWHERE, **UNTIDY}),
}


@pytest.mark.parametrize(
    ("way", "case"), [(way, case) for way, (_, cases) in WAYS.items() for case in cases]
)
def test_a_hostile_request_gets_its_verdict(
    scene: Scene, way: str, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The first failing check decides, and soon; only what was granted has changed anything."""
    send, cases = WAYS[way]
    expected, make = cases[case]
    asked, before, started = make(scene.caller), scene.mock.state(), time.monotonic()

    seen = send(scene, asked)

    assert time.monotonic() - started < SOON
    # An answer to HEAD has no body over HTTP, and so no code.
    assert seen == (Verdict(expected.status, seen.code) if asked.method == "HEAD" else expected)
    assert caplog.records == []
    assert scene.mock.state() == before or seen == hostile.FINE


@pytest.mark.parametrize("path", ["/api/v1%2Faccount", "/api/v1%2faccount", "/api/v1%252Faccount"])
def test_an_escaped_slash_is_no_slash(scene: Scene, path: str) -> None:
    """It divides nothing, by HTTP or by httpx; other escapes mean what they stand for."""
    asked = scene.caller.ask("getAccount", scene.caller.envelope())

    for send in (_sent, _sent_async, _wired):
        assert send(scene, asked._replace(path=path)) == hostile.NO_PATH
        assert send(scene, asked._replace(path="/api/v1/%61ccount?x=1")) == hostile.FINE


def test_of_many_faults_in_a_long_body_the_first_is_named(api: Api) -> None:
    """The answer to a megabyte is one line, and still says what is wrong, and where."""
    wrong: Any = {"currencyFilter": {"in": ["BTC"] * 5_000 + [0] * 5_000}}

    answer = api.call("findTransactions", wrong)

    assert answer.message == "payload.currencyFilter.in[5000]=[must be a text]"
