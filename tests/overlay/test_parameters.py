"""An operation with parameters, or without a body, is signed and sent as documented."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import Any

import httpx

from calypso_api import Operation
from calypso_pay import AsyncCalypso, Calypso, KeySign

SECRET = "5d1f8a7c3b2e4f609182736455463728"
SETTINGS = {"key": "k" * 32, "secret": SECRET, "account": "0x" + "1" * 40}
TARIFF: Operation[Any] = Operation(
    "getTariff", "GET", "/api/v1/tariff/{pair}", "safe", lambda value: value, (200,), body=False
)
RATE: Operation[Any] = Operation(
    "getRate", "POST", "/api/v1/rate", "safe", lambda value: value, (200,), account=False
)


def sign(content: bytes) -> str:
    return hmac.new(SECRET.encode(), content, hashlib.sha512).hexdigest()


def seen_by(calls: Any) -> list[httpx.Request]:
    """Return the requests that arrive; the first gets a 500, so that there is a retry."""
    requests: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(500 if len(requests) == 1 else 200, json={})

    calls(httpx.MockTransport(respond))
    return requests


def test_a_request_without_a_body_signs_no_bytes() -> None:
    """Every attempt alike, sync and async; what the path could end is escaped."""

    def sync(transport: httpx.MockTransport) -> None:
        with Calypso(transport=transport, **SETTINGS) as calypso:
            operation = TARIFF.at({"pair": "BTC/EUR?"}, {"rows": [1, 2]})
            assert calypso.accounts._engine.call(operation, None) == {}

    def concurrent(transport: httpx.MockTransport) -> None:
        async def run() -> None:
            async with AsyncCalypso(transport=transport, **SETTINGS) as calypso:
                operation = TARIFF.at({"pair": "BTC/EUR?"}, {"rows": [1, 2]})
                assert await calypso.accounts._engine.call(operation, None) == {}

        asyncio.run(run())

    for requests in (seen_by(sync), seen_by(concurrent)):
        assert [
            (each.method, each.url.raw_path, each.content, each.headers["Sign"])
            for each in requests
        ] == [("GET", b"/api/v1/tariff/BTC%2FEUR%3F?rows=1&rows=2", b"", sign(b""))] * 2


def test_an_envelope_without_an_account_has_none() -> None:
    def sync(transport: httpx.MockTransport) -> None:
        with Calypso(transport=transport, **SETTINGS) as calypso:
            calypso.accounts._engine.call(RATE, None)

    first, second = seen_by(sync)
    assert first.content.startswith(b'{"timestamp":')
    assert b"account" not in first.content
    assert second.headers["Sign"] == sign(second.content)


def test_the_signing_hook_signs_no_bytes_too() -> None:
    def bare(transport: httpx.MockTransport) -> None:
        with httpx.Client(transport=transport, auth=KeySign("k" * 32, SECRET)) as client:
            client.get("https://api.calypso.example/api/v1/tariff")

    (request,) = seen_by(bare)
    assert request.headers["Sign"] == sign(b"")
