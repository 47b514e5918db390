"""`request` calls what has no method: signed, stamped, retried and classified like every call."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import operator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calypso_pay import (
    AsyncCalypso,
    Calypso,
    CalypsoError,
    Outcome,
    OutcomeUnknownError,
    RawResponse,
    ServerError,
    UnexpectedResponseError,
)
from tests.overlay.guises import in_two_guises
from tests.overlay.peers import IDENTITY
from tests.properties import examples
from tests.rows import rows

PATH = "/api/v1/invoice"


class Vendor:
    """Responds in order, and keeps the requests."""

    def __init__(self, *responses: dict[str, Any]) -> None:
        self.asked: list[httpx.Request] = []
        self.responses = list(responses)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return httpx.Response(**self.responses.pop(0))


def ask(vendor: Vendor, *args: Any, on: str = "request", **kwargs: Any) -> Any:
    """Make the call with both clients, and return what is the same of both."""

    async def ask_async() -> Any:
        transport = httpx.MockTransport(vendor)
        async with AsyncCalypso(**IDENTITY, transport=transport, backoff=0) as client:
            return await operator.attrgetter(on)(client)(*args, **kwargs)

    kept = vendor.responses.copy()
    with Calypso(**IDENTITY, transport=httpx.MockTransport(vendor), backoff=0) as client:
        found = end(lambda: operator.attrgetter(on)(client)(*args, **kwargs))
    vendor.responses = kept
    twin = end(lambda: asyncio.run(ask_async()))
    assert type(found) is type(twin)
    if isinstance(found, CalypsoError):
        raise found
    return found


def end(call: Any) -> Any:
    try:
        return call()
    except CalypsoError as error:
        return error


def test_it_is_signed_and_stamped_and_read_exactly() -> None:
    content = b'{"amount":0.12345678901234567890123,"rate":1e-8,"id":7,"more":[null,true]}'
    vendor = Vendor({"status_code": 200, "content": content})

    found = ask(vendor, PATH, {"amount": Decimal("25.50"), "currency": "BTC"})

    assert found == {
        "amount": Decimal("0.12345678901234567890123"),
        "rate": Decimal("1e-8"),
        "id": 7,
        "more": [None, True],
    }
    assert [(each.method, each.url.path) for each in vendor.asked] == [("POST", PATH)] * 2
    for each in vendor.asked:
        body = each.read()
        secret = IDENTITY["secret"].encode()
        assert each.headers["sign"] == hmac.new(secret, body, hashlib.sha512).hexdigest()
        assert json.loads(body)["account"] == IDENTITY["account"]
        assert b'"payload":{"amount":25.50,"currency":"BTC"}' in body


def test_the_account_is_left_out_where_the_operation_has_none() -> None:
    vendor = Vendor({"status_code": 200, "json": {}})
    ask(vendor, "/api/v1/user/current", account=False)

    assert [set(json.loads(each.read())) for each in vendor.asked] == [{"timestamp"}] * 2


@rows(
    "content, found", [(b"", None), (b" \n", None), (b"null", None), (b"[1.5]", [Decimal("1.5")])]
)
def test_any_json_is_returned_and_an_empty_response_is_none(content: bytes, found: Any) -> None:
    assert ask(Vendor({"status_code": 200, "content": content}), PATH, method="delete") == found


def test_only_what_is_declared_safe_is_retried() -> None:
    """A 5xx leaves the other open, with the server's message."""
    error = {"errorCode": "000", "message": "Internal server error", "traceId": "t-1"}
    vendor = Vendor({"status_code": 500, "json": error}, {"status_code": 200, "json": 1})

    assert ask(vendor, PATH, retry="safe") == 1
    assert len(vendor.asked) == 4
    with pytest.raises(OutcomeUnknownError, match=f"POST {PATH}") as caught:
        ask(Vendor({"status_code": 500, "json": error}), f"{PATH}?token=of-a-query")
    found = caught.value
    assert (found.status, found.error_code, found.trace_id) == (500, "000", "t-1")
    assert isinstance(found.__cause__, ServerError)
    assert "of-a-query" not in str(found)


def test_the_whole_response_is_there_too() -> None:
    vendor = Vendor({"status_code": 200, "json": {"a": 1}, "headers": {"X-Trace": "t"}})
    found = ask(vendor, PATH, on="raw.request")

    assert isinstance(found, RawResponse)
    assert (found.status, found.parsed, found.headers["x-TRACE"]) == (200, {"a": 1}, "t")


ELSEWHERE = [
    "https://evil.invalid/api",
    "//evil.invalid/api",
    "api/v1/invoice",
    "",
    "/api v1",
    "/api\n/v1",
    "/api\\v1",
    "/api#part",
    "/api/v1/../customer/block",
    "/api/v1/./x",
    "/api/%2E%2e/x",
    "/..",
    "/api/..?a=b",
    "/" + "a" * 3_000,
    "/é",
]


@rows("path", ELSEWHERE)
def test_an_invalid_path_is_rejected(path: str) -> None:
    """Key and signature would go elsewhere, or the path would be read in two ways."""
    with pytest.raises(ValueError, match="path has to begin with one slash"):
        ask(Vendor(), path)


@given(st.text(max_size=20))
@examples(100)
def test_every_path_that_is_taken_leads_below_the_base_url(path: str) -> None:
    vendor = Vendor({"status_code": 200, "json": 1})
    transport = httpx.MockTransport(vendor)
    with Calypso(**IDENTITY, transport=transport, base_url="https://api.invalid") as client:
        try:
            client.request(f"/{path}")
        except ValueError:
            assert not vendor.asked
        else:
            assert vendor.asked[0].url.host == "api.invalid"
            assert vendor.asked[0].url.raw_path.startswith(b"/")


@rows(
    "arguments, message",
    [
        ({"payload": {"fee": {"of": [1.5]}}}, r"fee\.of\[\]: a float"),
        ({"payload": {"at": object()}}, "at: .*object"),
        ({"payload": {1: 2}}, "keys of JSON objects are text"),
        ({"payload": [1]}, "payload has to be a dict, not a list"),
        ({"path": None}, "path has to be a text"),
        ({"method": "TRACE"}, "method has to be one of GET, POST, PUT, PATCH, DELETE"),
        ({"account": "0xdef"}, "account has to be True or False.* with_options"),
        ({"account": None}, "account has to be True or False"),
        ({"retry": "maybe"}, "retry has to be 'safe' or 'unsafe'"),
        ({"payload": {"fee": Decimal("NaN")}}, "NaN is not a JSON number"),
    ],
)
def test_what_cannot_be_sent_exactly_is_rejected_with_its_name(
    arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        ask(Vendor(), **{"path": PATH, **arguments})


@in_two_guises
def test_the_mock_reports_that_it_does_not_have_the_operation(guise: Any) -> None:
    """And not that an object is missing, for which a test could take code 004."""
    with pytest.raises(UnexpectedResponseError, match="is not part of this mock") as caught:
        guise.call("request", PATH, {"amount": 1})

    assert (caught.value.status, caught.value.outcome) == (404, Outcome.REFUSED)


@in_two_guises
def test_it_calls_what_has_a_method_as_that_does(guise: Any) -> None:
    customer = guise.call("request", "/api/v1/customer-purse/customer/create", {"email": "a@b.c"})

    assert guise.call("customers.block", customer["id"]).email == "a@b.c"
    assert guise.mock.journal.carried_out("createCustomer") == 1
