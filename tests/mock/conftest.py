"""What the tests of the mock share: a client of a few lines that signs on its own."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import calypso_mock
from calypso_mock import Clock, Mock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass(frozen=True)
class HttpResponse:
    """A response of the mock."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content, parse_float=Decimal)

    @property
    def error(self) -> tuple[int, str]:
        """Status and error code of a response that has to be in the vendor's error shape."""
        body = self.json
        assert body.keys() == {"traceId", "errorCode", "message"}
        assert all(isinstance(value, str) for value in body.values())
        return self.status, body["errorCode"]

    @property
    def message(self) -> str:
        return self.json["message"]


class Api:
    """Calls one mock as one of its accounts, by ``handle`` and with signatures of its own."""

    def __init__(
        self, mock: Mock, account: str | None = None, *, client: str | None = None
    ) -> None:
        self.mock = mock
        self.client = client
        self.settings = mock.settings(account)

    def ok(self, operation_id: str, payload: Any = None) -> Any:
        response = self.call(operation_id, payload)
        assert response.status == 200, response.content
        return response.json if response.content else None

    def rejected(self, operation_id: str, payload: Any = None) -> tuple[int, str]:
        return self.call(operation_id, payload).error

    def call(self, operation_id: str, payload: Any = None, **members: Any) -> HttpResponse:
        return self.send(operation_id, json.dumps(self.envelope(payload, **members)).encode())

    def envelope(self, payload: Any = None, **members: Any) -> dict[str, Any]:
        body = {"account": self.settings["account"], "timestamp": self.mock.clock.wire_ms()}
        if payload is not None:
            body["payload"] = payload
        return {**body, **members}

    def send(self, operation_id: str, body: bytes, **headers: str | None) -> HttpResponse:
        method, path = OPERATIONS[operation_id]
        return self.raw(method, path, body, **headers)

    def raw(
        self, method: str, path: str, body: bytes = b"", query: str = "", **headers: str | None
    ) -> HttpResponse:
        """Send bytes, signed; a header given replaces the right one, None leaves it out."""
        sign = hmac.new(self.settings["secret"].encode(), body, hashlib.sha512).hexdigest()
        sent = {
            "Key": self.settings["key"],
            "Sign": sign,
            "Content-Type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        pairs = [(name, value) for name, value in sent.items() if value is not None]
        response = self.mock.handle(method, path, pairs, body, client=self.client, query=query)
        return HttpResponse(response.status, dict(response.headers), response.body)

    def control(self, method: str, name: str, body: Any = None) -> HttpResponse:
        content = b"" if body is None else json.dumps(body).encode()
        response = self.mock.handle(method, f"/_mock/{name}", {}, content, client=self.client)
        return HttpResponse(response.status, dict(response.headers), response.body)

    def customer(self, **fields: str) -> str:
        """Create a customer and return its id."""
        return self.ok("createCustomer", fields)["id"]

    def address(self, currency: str = "USDT_TRX", customer: str | None = None) -> str:
        """Get an address of a customer, a new one where none is named."""
        wanted = {"customerId": customer or self.customer(), "currency": currency}
        return self.ok("getAddress", wanted)["address"]

    def balance(self, currency: str) -> Decimal:
        balances = self.ok("getAccount")["balances"]
        return next(
            (Decimal(b["amount"]) for b in balances if b["currency"] == currency), Decimal()
        )


def _document() -> dict[str, Any]:
    packaged = Path(calypso_mock.__file__).with_name("openapi.json")
    return json.loads(packaged.read_bytes(), parse_float=Decimal)


OPERATIONS = {
    operation["operationId"]: (method.upper(), path)
    for path, item in _document()["paths"].items()
    for method, operation in item.items()
}


class Still:
    """A clock's base that is frozen until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def document() -> dict[str, Any]:
    """A copy of the packaged document, to be changed at will."""
    return _document()


@pytest.fixture(scope="session")
def operations() -> dict[str, tuple[str, str]]:
    """Method and path of every operation of the document."""
    return OPERATIONS


@pytest.fixture(scope="session")
def connect() -> type[Api]:
    """The client; call it with a mock."""
    return Api


@pytest.fixture
def still() -> Clock:
    """A clock that is frozen at noon."""
    return Clock(Still())


@pytest.fixture
def api(still: Clock) -> Api:
    """A client of a fresh mock whose clock is frozen."""
    return Api(Mock(clock=still))
