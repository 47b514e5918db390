"""httpx, ASGI and plain calls reach the same mock."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from typing import Any

import httpx
import pytest

from calypso_mock import Clock, Mock

CREATE = "/api/v1/customer-purse/customer/create"


def _signed(mock: Mock, payload: Any) -> dict[str, Any]:
    settings = mock.settings()
    body = {"account": settings["account"], "timestamp": mock.clock.wire_ms(), "payload": payload}
    content = json.dumps(body).encode()
    sign = hmac.new(settings["secret"].encode(), content, hashlib.sha512).hexdigest()
    return {"content": content, "headers": {"Key": settings["key"], "Sign": sign}}


def test_a_client_of_httpx_reaches_the_mock(still: Clock) -> None:
    """With the mock's own base URL, its headers, and control endpoints open to the process."""
    mock = Mock(clock=still)
    with httpx.Client(transport=mock.transport(), base_url=mock.settings()["base_url"]) as client:
        made = client.post(CREATE, **_signed(mock, {"email": "a@b.example"}))
        state = client.get("/_mock/state")

    assert made.status_code == 200
    assert made.json()["email"] == "a@b.example"
    assert made.headers["content-type"] == "application/json"
    assert made.headers["content-length"] == str(len(made.content))
    assert made.headers.get_list("date") == [mock.clock.http_date()]
    assert state.json() == mock.state()


def test_an_async_client_of_httpx_reaches_the_mock() -> None:
    """Many calls at once, through httpx's own transport or through the ASGI application."""
    mock = Mock()

    async def create(transport: httpx.AsyncBaseTransport) -> list[int]:
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            calls = [client.post(CREATE, **_signed(mock, {})) for _ in range(20)]
            return [response.status_code for response in await asyncio.gather(*calls)]

    for transport in (mock.async_transport(), httpx.ASGITransport(mock.asgi())):
        assert asyncio.run(create(transport)) == [200] * 20
    assert len(mock.state()["accounts"][0]["customers"]) == 40


def test_a_streamed_body_is_read_whole() -> None:
    """Also one that comes in pieces."""
    mock = Mock()
    signed = _signed(mock, {})
    content = signed.pop("content")

    def pieces() -> Any:
        for start in range(0, len(content), 7):
            yield content[start : start + 7]

    with httpx.Client(transport=mock.transport(), base_url="http://mock.invalid") as client:
        assert client.post(CREATE, content=pieces(), **signed).status_code == 200


def _run(app: Any, scope: dict[str, Any], messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    incoming, sent = iter(messages), []

    async def receive() -> dict[str, Any]:
        return next(incoming)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


def test_the_application_supports_the_lifespan_protocol() -> None:
    """Servers other than the mock's own may insist on it."""
    messages = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

    sent = _run(Mock().asgi(), {"type": "lifespan"}, messages)

    assert sent == [
        {"type": "lifespan.startup.complete"},
        {"type": "lifespan.shutdown.complete"},
    ]


def test_the_application_does_not_respond_to_a_caller_that_left() -> None:
    """A body that ends in a hang-up is not a request."""
    scope = {"type": "http", "method": "POST", "path": CREATE, "headers": []}
    messages = [
        {"type": "http.request", "body": b"{", "more_body": True},
        {"type": "http.disconnect"},
    ]

    assert _run(Mock().asgi(), scope, messages) == []


def test_the_application_keeps_no_more_than_it_has_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """However much comes in, one byte beyond the limit is enough to reject it by its size."""
    mock, kept = Mock(), []
    handle = mock.handle
    monkeypatch.setattr(
        mock, "handle", lambda *args, **how: kept.append(args) or handle(*args, **how)
    )
    scope = {"type": "http", "method": "POST", "path": CREATE, "headers": [], "client": None}
    chunk = {"type": "http.request", "body": b" " * 700_000, "more_body": True}

    sent = _run(mock.asgi(), scope, [chunk, chunk, chunk, {"type": "http.request"}])

    assert sent[0]["status"] == 400
    assert b"larger than 1048576 bytes" in sent[1]["body"]
    assert [len(args[3]) for args in kept] == [1_048_577]


def test_a_caller_without_an_address_may_not_control() -> None:
    """A server that does not pass the caller's address makes no caller trusted."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/_mock/reset",
        "headers": [(b"host", b"localhost")],
        "client": None,
    }

    assert _run(Mock().asgi(), scope, [{"type": "http.request"}])[0]["status"] == 403


def test_the_application_logs_its_failures(caplog: pytest.LogCaptureFixture) -> None:
    """An observer's error reaches the server, and the mock's own log with its traceback."""
    mock = Mock()
    mock.observe(lambda _: 1 / 0)
    scope = {"type": "http", "method": "POST", "path": CREATE, "headers": []}

    with pytest.raises(ZeroDivisionError):
        _run(mock.asgi(), scope, [{"type": "http.request"}])

    (record,) = caplog.records
    assert record.name == "calypso_mock"
    assert record.exc_info is not None


def test_the_application_supports_http_only() -> None:
    """A websocket is an error of the caller's set-up."""
    with pytest.raises(ValueError, match="does not support websocket"):
        _run(Mock().asgi(), {"type": "websocket"}, [])
