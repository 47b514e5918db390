"""Are responses of every kind as documented, and unknown paths and methods rejected?"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from tests.contract import document, known_fields
from tests.contract.checks.api_client import ApiClient
from tests.contract.suite import check
from tests.contract.violation import Violation
from tests.contract.wire import signature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.schemas import Json
    from tests.contract.session import Exchange
    from tests.contract.suite import Context

_ACCEPTED = (
    "application/json",
    "application/json; charset=utf-8",
    "application/json;charset=UTF-8",
)
# How the vendor handles these is not known.
_ACCEPTED_BY_MOCK = (
    *("Application/JSON", "application/json ; x=y", "text/json", "application/problem+json"),
    "",
)
_REJECTED_BY_MOCK = (
    *("text/plain", "text/html", "application/xml", "application/octet-stream", "application"),
    *("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp"),
    *("application/json, text/plain", "*/*", "json", "image/json", "é"),
)
_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
_STEPS = ("mem_pool", "pending", "confirmed", "declined", "credited")
_CURRENCIES = ("USDT_TRX", "ETH", "BTC", "LTC", "XDG")
_AMOUNTS = ("1", "0.1", "1500.75", "0.000000000000000001", "98765432109876543210.123456789")


@check("JSON is accepted with its content type, with or without a charset")
def json_types(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations_with_body():
            for kind in _ACCEPTED + (_ACCEPTED_BY_MOCK if api.is_mock else ()):
                headers = {"Content-Type": kind}
                api.expect_success(api.send(operation, api.body(operation), headers=headers))


@check("JSON with another content type is rejected", "mock")
def other_types(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations_with_body():
            for kind in _REJECTED_BY_MOCK:
                headers = {"Content-Type": kind}
                response = api.send(operation, api.body(operation), headers=headers)
                api.expect_rejection(response, "001")


@check("request headers such as Accept change nothing", "mock")
def other_headers(context: Context) -> None:
    with ApiClient(context) as api:
        asked = [
            {"Accept": "text/html"},
            {"Accept-Encoding": "gzip, br"},
            {"X-Forwarded-For": "203.0.113.7"},
            {"X-HTTP-Method-Override": "DELETE"},
            {"If-None-Match": "*"},
        ]
        for operation in api.operations:
            for headers in asked:
                api.expect_success(api.send(operation, api.body(operation), headers=headers))


@check("an unknown path is not found", "mock")
def unknown_paths(context: Context) -> None:
    with ApiClient(context) as api:
        odd = ["/", "/api", "/api/v1", "/api/v2/account", "/%00", "/é".encode().hex(), "//"]
        for path in sorted({api.path(each).partition("?")[0] for each in document.routes()}):
            odd += [f"{path}/", f"/{path}", path.upper(), f"{path}x", f"{path}/get"]
        for each in odd:
            if not _methods(each):
                _expect_nothing(api, each)


@check("an unsupported method is rejected, and Allow names the supported ones", "mock")
def unknown_methods(context: Context) -> None:
    with ApiClient(context) as api:
        for path in sorted({api.path(each).partition("?")[0] for each in document.routes()}):
            allowed = _methods(path)
            for method in (*_METHODS, "OPTIONS"):
                if method not in allowed:
                    response = _expect_stray(
                        api, method, path, HTTPStatus.METHOD_NOT_ALLOWED, "001"
                    )
                    named = sorted(response.headers.get("allow", "").replace(" ", "").split(","))
                    if named != allowed:
                        text = f"expected {', '.join(allowed)}, got {', '.join(named)}"
                        raise Violation("allow", text, response)


@check("the response of every operation has all its fields", "mock", "writes")
def every_operation(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations:
            _look(operation, api.send(operation, api.body(operation)), api)


@check("objects are shown as documented in every state", "mock", "writes")
def every_row(context: Context) -> None:
    """Each response is checked anyway; this creates objects, and reads them in every way."""
    with ApiClient(context) as api:
        made = list(_deposits(api))
        for customer, transaction in made:
            _read(api, "getTransaction", {"transactionId": transaction})
            _read(api, "getPurses", {"customerId": customer})
            _read(api, "findTransactions", {"customerId": customer})
            for operation, name in (("blockCustomer", "customerId"), ("updateCustomer", "id")):
                if operation in api.operations:
                    api.expect_success(api.call(operation, {name: customer}))
        for payload in _searches():
            _read(api, "findTransactions", payload)
        _read(api, "getAccount", None)
        context.session.control("clock", {"advance": {"days": 31}})
        for customer, _ in made:
            _read(api, "getPurses", {"customerId": customer})
        api.reset()


@check("empty lists are lists", "mock", "writes", "second account")
def empty_lists(context: Context) -> None:
    with ApiClient(context) as api:
        customer = api.expect_success(api.call("createCustomer", {}))["id"]
        if document.has("getPurses"):
            api.expect_success(api.call("getPurses", {"customerId": customer}))
        last = 2**31 - 1
        pages = ({"pageNumber": last}, {"pageNumber": last, "pageSize": last})
        for payload in ({"customerId": customer}, *pages):
            found = api.call("findTransactions", payload)
            if api.expect_success(found)["result"] != []:
                raise Violation("result", "expected no rows, got some", found)
        api.who = context.terms.second or api.who
        for operation in filter(document.has, ("getAccount", "getSubscriptions")):
            api.expect_success(api.call(operation))
        api.expect_success(api.call("findTransactions", {}))


def _methods(path: str) -> list[str]:
    return [method for method in _METHODS if document.operation_at(method, path)]


def _searches() -> Iterator[Json]:
    for name in known_fields.sortable():
        for sort in ("ASC", "DESC"):
            yield {"properties": name, "sort": sort, "pageSize": 1_000}
    for size in (1, 7):
        for number in range(1, 5):
            yield {"pageNumber": number, "pageSize": size}


def _read(api: ApiClient, operation: str, payload: Json | None) -> None:
    if operation in api.operations:
        _look(operation, api.call(operation, payload), api)


def _look(operation: str, response: Exchange, api: ApiClient) -> None:
    for field in known_fields.lacking(operation, api.expect_success(response)):
        raise Violation(field, "expected it, got none", response)


def _deposits(api: ApiClient) -> Iterator[tuple[str, str]]:
    for step in _STEPS:
        customer = api.expect_success(api.call("createCustomer", {}))["id"]
        for currency, amount in zip(_CURRENCIES, _AMOUNTS, strict=True):
            wanted = {"customerId": customer, "currency": currency}
            address = api.expect_success(api.call("getAddress", wanted))["address"]
            sent = {"address": address, "currency": currency, "amount": amount, "to": step}
            made = api.context.session.control("deposit", sent)
            yield customer, made["transactionId"]


def _expect_nothing(api: ApiClient, path: str) -> None:
    """Check that the mock reports an unknown path, without the code of an unknown object."""
    content = api.content(api.operations[0])
    response = api.context.session.send("POST", path, content, signature(api.who, content))
    if response.status != HTTPStatus.NOT_FOUND:
        raise Violation("status", f"expected 404, got {response.status}", response)
    body = response.json()
    if set(body) != {"message"} or "is not part of this mock" not in body["message"]:
        raise Violation(
            "message", f"expected that it is not part of this mock, got {body}", response
        )


def _expect_stray(api: ApiClient, method: str, path: str, status: int, code: str) -> Exchange:
    content = api.content(api.operations[0])
    response = api.route(method, path, content, signature(api.who, content))
    if response.status != status:
        raise Violation("status", f"expected {int(status)}, got {response.status}", response)
    if response.code != code:
        raise Violation("errorCode", f"expected {code}, got {response.code}", response)
    return response
