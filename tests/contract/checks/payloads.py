"""Is every field of every request checked as the document has it?

What has become wrong is said by the document's own schemas, so that a new field or operation is
covered by itself. What the vendor makes of a field that is wrong is documented for few; a stranger
has to give a documented answer, and the mock the right one.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tests.contract import schemas
from tests.contract.checks import mutations
from tests.contract.checks.bench import Bench
from tests.contract.suite import check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.contract.checks.mutations import Change
    from tests.contract.schemas import Json, Place
    from tests.contract.session import Exchange
    from tests.contract.suite import Lab

# Fields that no schema can judge in full, and the code of what it cannot.
_JUDGED_FURTHER = {
    "account": "004",
    "timestamp": "011",
    "payload.currency": "001",
    "payload.url": "001",
    "payload.properties": "001",
    "payload.pageNumber": "001",
}
_UNKNOWN_MEMBERS: Json = {
    "": "",
    "unknown": {"a": [None, True, 1.5, "text", {}]},
    "__proto__": {"account": None},
    "$ref": "#/",
    "errorCode": "000",
    "Account": None,
    "PAYLOAD": [],
    "nonce": -1,
    "Ž🙂": "\u2028",
    "x" * 300: None,
}
_SUBSCRIBING = {"createSubscription", "changeSubscription"}
_UNKNOWN_PAYLOADS: tuple[Any, ...] = ({}, None, [], "text")


@check("a field of the wrong JSON type is refused with 001, null included", "a near server")
def types(lab: Lab) -> None:
    _run(lab, mutations.of_types)


@check("a text that is no member of its enum, or no id, is refused with 001", "a near server")
def formats(lab: Lab) -> None:
    _run(lab, mutations.of_formats)


@check("the documented bounds are kept, neither missed nor overdone", "a near server")
def bounds(lab: Lab) -> None:
    _run(lab, mutations.of_bounds)


@check("a text that may be anything may be anything", "a near server")
def texts(lab: Lab) -> None:
    _run(lab, mutations.of_texts)


@check("a text with half a surrogate pair breaks nothing", "a near server")
def broken_texts(lab: Lab) -> None:
    with Bench(lab) as bench:
        for operation in bench.sending():
            for change in _changes(bench, operation, mutations.of_broken_texts):
                _expect_no_text(bench, bench.send(operation, change.body))


@check("a field left out is refused with 001 where it is required, and only there")
def omissions(lab: Lab) -> None:
    with Bench(lab) as bench:
        for operation in bench.sending():
            for change in mutations.omissions(operation, partial(bench.body, operation)):
                _expect(bench, operation, change, strict=True)


@check("a request of nothing but what is required is accepted")
def least(lab: Lab) -> None:
    with Bench(lab) as bench:
        for operation in bench.operations:
            path = bench.path(operation, least=True)
            bench.accept(bench.send(operation, bench.least(operation), path=path))


@check("unknown fields are ignored, wherever they are", "mock")
def additions(lab: Lab) -> None:
    with Bench(lab) as bench:
        for operation in bench.sending():
            is_valid = schemas.request_validator(operation).is_valid
            for name, value in _UNKNOWN_MEMBERS.items():
                make = partial(bench.body, operation)
                for body in mutations.additions(operation, make, {name: value}):
                    # The members of a map are of its type.
                    if is_valid(body):
                        bench.accept(bench.send(operation, body))
            if "payload" not in schemas.members(operation):
                for payload in _UNKNOWN_PAYLOADS:
                    body = {**bench.body(operation), "payload": payload}
                    bench.accept(bench.send(operation, body))


@check("the document's rules that no schema can say hold", "mock", "writes")
def rules(lab: Lab) -> None:
    with Bench(lab) as bench:
        for operation, field, payload in _broken_rules(bench):
            bench.refuse(bench.call(operation, payload), "001", fields=[field])


def _broken_rules(bench: Bench) -> Iterator[tuple[str, str, Json]]:
    for operation in _SUBSCRIBING & set(bench.operations):
        payload = bench.body(operation)["payload"]
        names = ("notificationEventTypes", "notificationServiceTypes")
        bare = {name: value for name, value in payload.items() if name not in names}
        nothings: list[Json] = [{}, {names[0]: []}, {names[1]: []}, {name: [] for name in names}]
        for nothing in nothings:
            yield operation, "payload.notificationEventTypes", {**bare, **nothing}
        for url in ("shop.example", "ftp://shop.example/", "https://", "http:/a", "file:///etc/x"):
            yield operation, "payload.url", {**payload, "url": url}
    if "getAddress" in bench.operations:
        payload = bench.body("getAddress")["payload"]
        for currency in ("XXX", "usdt", "USDT_", " USDT", "USDT_TRX_TRX", "🙂"):
            yield "getAddress", "payload.currency", {**payload, "currency": currency}
    if "findTransactions" in bench.operations:
        yield from _broken_searches(bench)
    if set(bench.operations) >= _SUBSCRIBING:
        taken = bench.body("changeSubscription")["payload"]
        yield "createSubscription", "payload.requestId", taken


def _broken_searches(bench: Bench) -> Iterator[tuple[str, str, Json]]:
    for properties in ("unknown", "createdDate,unknown", "created_date", "__class__"):
        yield "findTransactions", "payload.properties", {"properties": properties}
    if bench.lab.terms.page_base == 1:
        yield "findTransactions", "payload.pageNumber", {"pageNumber": 0}


def _run(lab: Lab, values: Callable[[Place], Iterator[Any]]) -> None:
    with Bench(lab) as bench:
        for operation in bench.sending():
            for change in _changes(bench, operation, values):
                _expect(bench, operation, change)


def _changes(
    bench: Bench, operation: str, values: Callable[[Place], Iterator[Any]]
) -> Iterator[Change]:
    return mutations.changes(operation, partial(bench.body, operation), values)


def _expect(bench: Bench, operation: str, change: Change, *, strict: bool = False) -> None:
    answer = bench.send(operation, change.body)
    faults = change.faults
    if not bench.is_mock:
        # That what is required has to be there is documented; the rest may be read liberally.
        if strict and faults:
            bench.refuse(answer, "001", also=("003", "004", "011"))
        else:
            bench.answer(answer)
    elif not faults:
        _expect_allowed(bench, answer, schemas.text(change.path))
    elif change.path == ("timestamp",) and _is_whole(change.body):
        bench.refuse(answer, "011")
    else:
        bench.refuse(answer, "001", fields=faults)


def _expect_allowed(bench: Bench, answer: Exchange, field: str) -> None:
    code = _JUDGED_FURTHER.get(field)
    if code is None or answer.code is None:
        bench.accept(answer)
    else:
        bench.refuse(answer, code, fields=[field] if code == "001" else [])


def _is_whole(body: Json) -> bool:
    stamp = body.get("timestamp")
    return isinstance(stamp, int | float) and not isinstance(stamp, bool) and stamp == int(stamp)


def _expect_no_text(bench: Bench, answer: Exchange) -> None:
    if bench.is_mock:
        bench.refuse(answer, "001")
    else:
        bench.answer(answer)
