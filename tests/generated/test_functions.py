"""The functions of `api` with a plain `Client`: signed by an `httpx.Auth`, exact both ways."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from calypso_api import Client, DecodeError, client
from calypso_api.api.accounts import get_account
from calypso_api.api.customers import create_customer
from calypso_api.api.purses import get_purses
from calypso_api.api.subscriptions import delete_subscription
from calypso_api.errors import UnexpectedStatus
from calypso_api.models import (
    Account,
    ByCustomerIdPayload,
    ByCustomerIdRequest,
    ByRequestIdPayload,
    ByRequestIdRequest,
    CreateCustomerPayload,
    CreateCustomerRequest,
    Customer,
    EmptyRequest,
    ErrorResponse,
    Purse,
)
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

REQUEST = EmptyRequest(account="0x0a", timestamp=1)
ACCOUNT = b'{"account":"0x0a","ownerId":"o","balances":[{"currency":"BTC","amount":0.%s}]}' % (
    b"1234567890" * 4
)


class Signed(httpx.Auth):
    """Signs the very bytes that are sent."""

    requires_request_body = True

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Sign"] = hmac.digest(b"secret", request.content, hashlib.sha512).hex()
        yield request


class Server:
    """Gives every request the same response and records it."""

    def __init__(self, status: int = 200, content: bytes = b"{}") -> None:
        self.response = (status, content)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        status, content = self.response
        return httpx.Response(status, content=content, headers={"Content-Type": "text/html"})

    def client(self, **options: Any) -> Client:
        args = {"transport": httpx.MockTransport(self), "auth": Signed()}
        return Client("https://api.example", httpx_args=args, **options)


def call(style: str, module: Any, server: Server, **arguments: object) -> Any:
    """Call an operation in one of the four styles and return what it parsed."""
    function: Callable[..., Any] = getattr(module, style)
    found = function(client=server.client(), **arguments)
    if style.startswith("asyncio"):
        found = asyncio.run(found)
    return found.parsed if style.endswith("detailed") else found


every_style = rows("style", ["sync", "sync_detailed", "asyncio", "asyncio_detailed"])


@every_style
def test_responses_are_exact_in_every_style(style: str) -> None:
    """Forty digits after the point are kept."""
    account = call(style, get_account, Server(content=ACCOUNT), body=REQUEST)

    assert isinstance(account, Account)
    assert Decimal("0." + "1234567890" * 4) == account.balances[0].amount


@every_style
def test_requests_are_compact_exact_and_signed_over_their_bytes(style: str) -> None:
    """The signed bytes are sent, and the content type is kept."""
    server = Server(content=b'{"id":"1"}')
    payload = CreateCustomerPayload(email="ada@shop.example")
    payload.additional_properties["limit"] = Decimal("12345678901234567890.10")
    body = CreateCustomerRequest(account="0x0a", timestamp=1, payload=payload)

    assert call(style, create_customer, server, body=body) == Customer(id="1")

    (request,) = server.requests
    expected = (
        b'{"account":"0x0a","timestamp":1,"payload":'
        b'{"limit":12345678901234567890.10,"email":"ada@shop.example"}}'
    )
    assert expected == request.content
    assert request.headers["Content-Type"] == "application/json"
    assert hmac.digest(b"secret", expected, hashlib.sha512).hex() == request.headers["Sign"]
    assert ("POST", "/api/v1/customer-purse/customer/create") == (request.method, request.url.path)


@rows("style", ["sync_detailed", "asyncio_detailed"])
def test_a_delete_carries_its_body(style: str) -> None:
    """The vendor's DELETE has one."""
    server = Server(content=b"")
    body = ByRequestIdRequest(account="a", timestamp=1, payload=ByRequestIdPayload(request_id="r"))

    assert call(style, delete_subscription, server, body=body) is None

    (request,) = server.requests
    assert b'{"account":"a","timestamp":1,"payload":{"requestId":"r"}}' == request.content
    assert request.method == "DELETE"


@rows("content", [b'[{"id":1},{}]', b'{"result":[{"id":"1"},{}],"page":0}'])
@every_style
def test_a_response_that_is_a_list_may_be_a_page(style: str, content: bytes) -> None:
    """It is not documented, so both forms are read."""
    payload = ByCustomerIdPayload(customer_id="c")
    body = ByCustomerIdRequest(account="a", timestamp=1, payload=payload)

    purses = call(style, get_purses, Server(content=content), body=body)

    assert [Purse(id="1"), Purse()] == purses


@rows("status", [400, 401, 403, 404, 429, 500])
def test_a_documented_error_is_returned(status: int) -> None:
    """The functions return the vendor's error object."""
    server = Server(status, b'{"errorCode":"004","message":"Requested object is not found"}')

    error = call("sync", get_account, server, body=REQUEST)

    assert ErrorResponse(error_code="004", message="Requested object is not found") == error


@rows("status", [201, 299, 418, 520, 599])
def test_any_other_status_raises_nothing(status: int) -> None:
    """Registered or not: nothing is parsed, and the status is set."""
    response = get_account.sync_detailed(client=Server(status).client(), body=REQUEST)

    assert (status, None) == (response.status_code, response.parsed)
    assert f"<Response {status}, 2 bytes>" == repr(response)


def test_an_undocumented_status_is_raised_on_request() -> None:
    """The error has the content, but does not show it: it may hold secrets."""
    server = Server(520, b"hush")

    with pytest.raises(UnexpectedStatus) as caught:
        get_account.sync(client=server.client(raise_on_unexpected_status=True), body=REQUEST)

    assert (520, b"hush") == (caught.value.status_code, caught.value.content)
    assert "hush" not in f"{caught.value} {caught.value!r}"


@rows("content", [b"<html>", b"", b"null", b"[]", b"NaN", b'{"account":1}'])
def test_a_response_that_is_something_else_raises_one_error(content: bytes) -> None:
    """HTML, no content, null, another type: a DecodeError."""
    with pytest.raises(DecodeError):
        get_account.sync(client=Server(content=content).client(), body=REQUEST)


def test_there_is_one_client() -> None:
    """The stock client that sends a bearer token is gone: it would never be right here."""
    assert not hasattr(client, "AuthenticatedClient")
