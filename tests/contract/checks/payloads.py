"""Is every field of every request validated as documented?

The document's schemas decide what is invalid, so that new fields and operations are covered
automatically. The vendor documents the error for few fields; another server has to give any
documented response, and the mock the right one.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tests.contract import schemas
from tests.contract.checks import mutations
from tests.contract.checks.api_client import ApiClient
from tests.contract.suite import check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.contract.checks.mutations import Change
    from tests.contract.schemas import Json, Location
    from tests.contract.session import Exchange
    from tests.contract.suite import Context

# Fields with rules beyond their schemas, and the error code of those rules.
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


@check("a field of the wrong JSON type is rejected with 001, null included", "a near server")
def types(context: Context) -> None:
    _run(context, mutations.of_types)


@check("a text that is not in its enum, or not an id, is rejected with 001", "a near server")
def formats(context: Context) -> None:
    _run(context, mutations.of_formats)


@check("the documented bounds are enforced exactly", "a near server")
def bounds(context: Context) -> None:
    _run(context, mutations.of_bounds)


@check("a free text may be any text", "a near server")
def texts(context: Context) -> None:
    _run(context, mutations.of_texts)


@check("a text with half a surrogate pair breaks nothing", "a near server")
def broken_texts(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations_with_body():
            for change in _changes(api, operation, mutations.of_broken_texts):
                _expect_no_text(api, api.send(operation, change.body))


@check("a missing field is rejected with 001 if it is required, and only then")
def omissions(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations_with_body():
            for change in mutations.omissions(operation, partial(api.body, operation)):
                _expect(api, operation, change, strict=True)


@check("a request with only the required fields is accepted")
def minimal(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations:
            path = api.path(operation, minimal=True)
            api.expect_success(api.send(operation, api.minimal_body(operation), path=path))


@check("unknown fields are ignored, wherever they are", "mock")
def additions(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations_with_body():
            is_valid = schemas.request_validator(operation).is_valid
            for name, value in _UNKNOWN_MEMBERS.items():
                make = partial(api.body, operation)
                for body in mutations.additions(operation, make, {name: value}):
                    # Members of a map have its type.
                    if is_valid(body):
                        api.expect_success(api.send(operation, body))
            if "payload" not in schemas.members(operation):
                for payload in _UNKNOWN_PAYLOADS:
                    body = {**api.body(operation), "payload": payload}
                    api.expect_success(api.send(operation, body))


@check("the rules that the document states in prose are enforced", "mock", "writes")
def rules(context: Context) -> None:
    with ApiClient(context) as api:
        for operation, field, payload in _broken_rules(api):
            api.expect_rejection(api.call(operation, payload), "001", fields=[field])


def _broken_rules(api: ApiClient) -> Iterator[tuple[str, str, Json]]:
    for operation in _SUBSCRIBING & set(api.operations):
        payload = api.body(operation)["payload"]
        names = ("notificationEventTypes", "notificationServiceTypes")
        bare = {name: value for name, value in payload.items() if name not in names}
        nothings: list[Json] = [{}, {names[0]: []}, {names[1]: []}, {name: [] for name in names}]
        for nothing in nothings:
            yield operation, "payload.notificationEventTypes", {**bare, **nothing}
        for url in ("shop.example", "ftp://shop.example/", "https://", "http:/a", "file:///etc/x"):
            yield operation, "payload.url", {**payload, "url": url}
    if "getAddress" in api.operations:
        payload = api.body("getAddress")["payload"]
        for currency in ("XXX", "usdt", "USDT_", " USDT", "USDT_TRX_TRX", "🙂"):
            yield "getAddress", "payload.currency", {**payload, "currency": currency}
    if "findTransactions" in api.operations:
        yield from _broken_searches(api)
    if set(api.operations) >= _SUBSCRIBING:
        taken = api.body("changeSubscription")["payload"]
        yield "createSubscription", "payload.requestId", taken


def _broken_searches(api: ApiClient) -> Iterator[tuple[str, str, Json]]:
    for properties in ("unknown", "createdDate,unknown", "created_date", "__class__"):
        yield "findTransactions", "payload.properties", {"properties": properties}
    if api.context.terms.page_base == 1:
        yield "findTransactions", "payload.pageNumber", {"pageNumber": 0}


def _run(context: Context, values: Callable[[Location], Iterator[Any]]) -> None:
    with ApiClient(context) as api:
        for operation in api.operations_with_body():
            for change in _changes(api, operation, values):
                _expect(api, operation, change)


def _changes(
    api: ApiClient, operation: str, values: Callable[[Location], Iterator[Any]]
) -> Iterator[Change]:
    return mutations.changes(operation, partial(api.body, operation), values)


def _expect(api: ApiClient, operation: str, change: Change, *, strict: bool = False) -> None:
    response = api.send(operation, change.body)
    faults = change.faults
    if not api.is_mock:
        # Only required fields are documented to be checked; the rest may be accepted.
        if strict and faults:
            api.expect_rejection(response, "001", also=("003", "004", "011"))
        else:
            api.expect_documented(response)
    elif not faults:
        _expect_allowed(api, response, schemas.text(change.path))
    elif change.path == ("timestamp",) and _is_whole(change.body):
        api.expect_rejection(response, "011")
    else:
        api.expect_rejection(response, "001", fields=faults)


def _expect_allowed(api: ApiClient, response: Exchange, field: str) -> None:
    code = _JUDGED_FURTHER.get(field)
    if code is None or response.code is None:
        api.expect_success(response)
    else:
        api.expect_rejection(response, code, fields=[field] if code == "001" else [])


def _is_whole(body: Json) -> bool:
    stamp = body.get("timestamp")
    return isinstance(stamp, int | float) and not isinstance(stamp, bool) and stamp == int(stamp)


def _expect_no_text(api: ApiClient, response: Exchange) -> None:
    if api.is_mock:
        api.expect_rejection(response, "001")
    else:
        api.expect_documented(response)
