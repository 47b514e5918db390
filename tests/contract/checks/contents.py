"""Are answers of every kind what the document says, and stray requests refused in its shape?"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from tests.contract import document, known
from tests.contract.checks.bench import Bench
from tests.contract.suite import check
from tests.contract.violation import Violation
from tests.contract.wire import signature

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.schemas import Json
    from tests.contract.session import Exchange
    from tests.contract.suite import Lab

_ACCEPTED = (
    "application/json",
    "application/json; charset=utf-8",
    "application/json;charset=UTF-8",
)
# What the vendor makes of these is not known.
_ACCEPTED_BY_MOCK = (
    *("Application/JSON", "application/json ; x=y", "text/json", "application/problem+json"),
    "",
)
_REFUSED_BY_MOCK = (
    *("text/plain", "text/html", "application/xml", "application/octet-stream", "application"),
    *("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp"),
    *("application/json, text/plain", "*/*", "json", "image/json", "é"),
)
_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
_STEPS = ("mem_pool", "pending", "confirmed", "declined", "credited")
_CURRENCIES = ("USDT_TRX", "ETH", "BTC", "LTC", "XDG")
_AMOUNTS = ("1", "0.1", "1500.75", "0.000000000000000001", "98765432109876543210.123456789")


@check("JSON is taken under its content type, with a charset or without")
def json_types(lab: Lab) -> None:
    with Bench(lab) as bench:
        for operation in bench.sending():
            for kind in _ACCEPTED + (_ACCEPTED_BY_MOCK if bench.is_mock else ()):
                headers = {"Content-Type": kind}
                bench.accept(bench.send(operation, bench.body(operation), headers=headers))


@check("JSON is not taken under the content type of something else", "mock")
def other_types(lab: Lab) -> None:
    with Bench(lab) as bench:
        for operation in bench.sending():
            for kind in _REFUSED_BY_MOCK:
                headers = {"Content-Type": kind}
                answer = bench.send(operation, bench.body(operation), headers=headers)
                bench.refuse(answer, "001")


@check("headers that ask for something change nothing", "mock")
def other_headers(lab: Lab) -> None:
    with Bench(lab) as bench:
        asked = [
            {"Accept": "text/html"},
            {"Accept-Encoding": "gzip, br"},
            {"X-Forwarded-For": "203.0.113.7"},
            {"X-HTTP-Method-Override": "DELETE"},
            {"If-None-Match": "*"},
        ]
        for operation in bench.operations:
            for headers in asked:
                bench.accept(bench.send(operation, bench.body(operation), headers=headers))


@check("a path that is not there is not found", "mock")
def unknown_paths(lab: Lab) -> None:
    with Bench(lab) as bench:
        odd = ["/", "/api", "/api/v1", "/api/v2/account", "/%00", "/é".encode().hex(), "//"]
        for path in sorted({bench.path(each).partition("?")[0] for each in document.places()}):
            odd += [f"{path}/", f"/{path}", path.upper(), f"{path}x", f"{path}/get"]
        for each in odd:
            if not _methods(each):
                _expect_nothing(bench, each)


@check("a method that a path does not have is refused, and those that it has are named", "mock")
def unknown_methods(lab: Lab) -> None:
    with Bench(lab) as bench:
        for path in sorted({bench.path(each).partition("?")[0] for each in document.places()}):
            allowed = _methods(path)
            for method in (*_METHODS, "OPTIONS"):
                if method not in allowed:
                    answer = _expect_stray(
                        bench, method, path, HTTPStatus.METHOD_NOT_ALLOWED, "001"
                    )
                    named = sorted(answer.headers.get("allow", "").replace(" ", "").split(","))
                    if named != allowed:
                        text = f"expected {', '.join(allowed)}, got {', '.join(named)}"
                        raise Violation("allow", text, answer)


@check("what is answered has all its fields, whatever the operation", "mock", "writes")
def every_operation(lab: Lab) -> None:
    with Bench(lab) as bench:
        for operation in bench.operations:
            _look(operation, bench.send(operation, bench.body(operation)), bench)


@check("what is read is as documented, in whatever state it is", "mock", "writes")
def every_row(lab: Lab) -> None:
    """Each answer is inspected; here only the objects are made, and read on every way."""
    with Bench(lab) as bench:
        made = list(_deposits(bench))
        for customer, transaction in made:
            _read(bench, "getTransaction", {"transactionId": transaction})
            _read(bench, "getPurses", {"customerId": customer})
            _read(bench, "findTransactions", {"customerId": customer})
            for operation, name in (("blockCustomer", "customerId"), ("updateCustomer", "id")):
                if operation in bench.operations:
                    bench.accept(bench.call(operation, {name: customer}))
        for payload in _searches():
            _read(bench, "findTransactions", payload)
        _read(bench, "getAccount", None)
        lab.session.control("clock", {"advance": {"days": 31}})
        for customer, _ in made:
            _read(bench, "getPurses", {"customerId": customer})
        bench.reset()


@check("lists of nothing are lists", "mock", "writes", "second account")
def empty_lists(lab: Lab) -> None:
    with Bench(lab) as bench:
        customer = bench.accept(bench.call("createCustomer", {}))["id"]
        if document.has("getPurses"):
            bench.accept(bench.call("getPurses", {"customerId": customer}))
        last = 2**31 - 1
        pages = ({"pageNumber": last}, {"pageNumber": last, "pageSize": last})
        for payload in ({"customerId": customer}, *pages):
            found = bench.call("findTransactions", payload)
            if bench.accept(found)["result"] != []:
                raise Violation("result", "expected no row, got some", found)
        bench.who = lab.terms.second or bench.who
        for operation in filter(document.has, ("getAccount", "getSubscriptions")):
            bench.accept(bench.call(operation))
        bench.accept(bench.call("findTransactions", {}))


def _methods(path: str) -> list[str]:
    return [method for method in _METHODS if document.at(method, path)]


def _searches() -> Iterator[Json]:
    for name in known.sortable():
        for sort in ("ASC", "DESC"):
            yield {"properties": name, "sort": sort, "pageSize": 1_000}
    for size in (1, 7):
        for number in range(1, 5):
            yield {"pageNumber": number, "pageSize": size}


def _read(bench: Bench, operation: str, payload: Json | None) -> None:
    if operation in bench.operations:
        _look(operation, bench.call(operation, payload), bench)


def _look(operation: str, answer: Exchange, bench: Bench) -> None:
    for field in known.lacking(operation, bench.accept(answer)):
        raise Violation(field, "expected it, got none", answer)


def _deposits(bench: Bench) -> Iterator[tuple[str, str]]:
    for step in _STEPS:
        customer = bench.accept(bench.call("createCustomer", {}))["id"]
        for currency, amount in zip(_CURRENCIES, _AMOUNTS, strict=True):
            wanted = {"customerId": customer, "currency": currency}
            address = bench.accept(bench.call("getAddress", wanted))["address"]
            sent = {"address": address, "currency": currency, "amount": amount, "to": step}
            made = bench.lab.session.control("deposit", sent)
            yield customer, made["transactionId"]


def _expect_nothing(bench: Bench, path: str) -> None:
    """Make sure that the mock says it lacks a path, without the code of a missing object."""
    content = bench.content(bench.operations[0])
    answer = bench.lab.session.send("POST", path, content, signature(bench.who, content))
    if answer.status != HTTPStatus.NOT_FOUND:
        raise Violation("status", f"expected 404, got {answer.status}", answer)
    said = answer.json()
    if set(said) != {"message"} or "is not part of this mock" not in said["message"]:
        raise Violation("message", f"expected that it is not part of this mock, got {said}", answer)


def _expect_stray(bench: Bench, method: str, path: str, status: int, code: str) -> Exchange:
    content = bench.content(bench.operations[0])
    answer = bench.route(method, path, content, signature(bench.who, content))
    if answer.status != status:
        raise Violation("status", f"expected {int(status)}, got {answer.status}", answer)
    if answer.code != code:
        raise Violation("errorCode", f"expected {code}, got {answer.code}", answer)
    return answer
