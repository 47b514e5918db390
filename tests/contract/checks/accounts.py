"""Does a key give access only to its own account, and does an account see only its own objects?"""

from __future__ import annotations

import json
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from tests.contract.checks.api_client import UNKNOWN_ID, ApiClient, id_fields
from tests.contract.rows import plain
from tests.contract.suite import check
from tests.contract.violation import Violation

if TYPE_CHECKING:
    from tests.contract.suite import Context
    from tests.contract.wire import Target

_CREATE = "createSubscription"
_LISTS = {"getAccount", "findTransactions", "getSubscriptions"}
# Codes of other servers for a foreign account; the vendor documents only that it is an error.
_ANY = ("001", "002", "003", "010")


def _second(context: Context) -> Target:
    assert context.terms.second is not None
    return context.terms.second


@check("an unknown account is rejected")
def unknown_account(context: Context) -> None:
    with ApiClient(context) as api:
        own = api.who.account
        names = ["0x" + "0" * 40, own[:-1], own + "0", "null", api.who.key, "🙂", own * 99]
        names += [" " + own, own.upper(), own + "\n"] if api.is_mock else []
        for operation, name in api.pair_with(api.operations_with_body("account"), names):
            response = api.send(operation, {**api.body(operation), "account": name})
            api.expect_rejection(response, "004", also=_ANY)


@check("a key does not give access to another account", "second account")
def foreign_account(context: Context) -> None:
    second = _second(context)
    with ApiClient(context) as api:
        own = api.who
        callers = [replace(own, account=second.account), replace(second, account=own.account)]
        for who in callers:
            api.who = who
            for operation in api.operations_with_body("account"):
                for body in (api.body(operation), api.minimal_body(operation)):
                    body["account"] = who.account
                    api.expect_rejection(api.send(operation, body), "004", also=_ANY)


@check("a response about the account is about the requested one")
def same_account(context: Context) -> None:
    with ApiClient(context) as api:
        for who in filter(None, (api.who, context.terms.second)):
            api.who = who
            response = api.call("getAccount")
            got = api.expect_success(response)["account"]
            # The mock returns the address in the same form; another server need not.
            form = str if api.is_mock else plain
            if form(got) != form(who.account):
                raise Violation("account", f"expected {who.account}, got {got}", response)


@check("an object that does not exist is not found")
def unknown_objects(context: Context) -> None:
    with ApiClient(context) as api:
        for operation in api.operations:
            for name in _names(operation):
                for body in (api.body(operation), api.minimal_body(operation)):
                    body["payload"][name] = UNKNOWN_ID
                    _expect_nothing(api, operation, body)


@check("an object of one kind is not found under the id of another")
def other_kinds(context: Context) -> None:
    with ApiClient(context) as api:
        found = {
            name: api.body(operation)["payload"][name]
            for operation in api.operations
            for name in _names(operation)
            if name != "id"
        }
        for operation in api.operations:
            for name in _names(operation):
                own = api.body(operation)["payload"][name]
                for other in sorted(set(found.values()) - {own}):
                    body = api.body(operation)
                    body["payload"][name] = other
                    _expect_nothing(api, operation, body)


@check("objects of another account are not found", "second account", "writes")
def foreign_objects(context: Context) -> None:
    with ApiClient(context) as api, ApiClient(context, _second(context)) as other:
        _keep_apart(api, other)


@check("a key that sees two accounts does not mix them", "mock", "writes")
def one_key(context: Context) -> None:
    with ApiClient(context) as api:
        made = context.session.control("account", {"key": api.who.key})
        with ApiClient(context, replace(api.who, account=made["account"])) as other:
            _keep_apart(api, other)


def _keep_apart(api: ApiClient, other: ApiClient) -> None:
    for here, there in ((api, other), (other, api)):
        before = _shown(there)
        for operation in here.operations:
            for name in _names(operation):
                if operation in there.operations:
                    stolen = there.body(operation)["payload"][name]
                    for body in (here.body(operation), here.minimal_body(operation)):
                        body["payload"][name] = stolen
                        _expect_nothing(here, operation, body)
        _expect_same(there, before)


@check("lists show nothing of another account", "second account", "writes")
def foreign_rows(context: Context) -> None:
    with ApiClient(context) as api, ApiClient(context, _second(context)) as other:
        for here, there in ((api, other), (other, api)):
            ids = {
                there.body(operation)["payload"][name]
                for operation in there.operations
                for name in _names(operation)
            }
            for operation in _LISTS & set(here.operations):
                payload = {"pageSize": 2_000} if operation == "findTransactions" else None
                response = here.call(operation, payload)
                here.expect_success(response)
                for each in sorted(ids):
                    if each.encode() in response.content.lower():
                        text = f"expected nothing of another account, got the id {each}"
                        raise Violation("body", text, response)


def _names(operation: str) -> list[str]:
    return [] if operation == _CREATE else id_fields(operation)


def _expect_nothing(api: ApiClient, operation: str, body: dict[str, object]) -> None:
    response = api.send(operation, body)
    if operation == "findTransactions" and not api.is_mock and response.status == HTTPStatus.OK:
        if api.expect_success(response)["result"]:
            raise Violation("result", "expected no rows of a foreign customer, got some", response)
        return
    api.expect_rejection(response, "004", also=("001",))


def _shown(api: ApiClient) -> list[str]:
    # An empty update returns a customer, which cannot be read otherwise.
    calls: list[tuple[str, object]] = []
    if "updateCustomer" in api.operations:
        customer = api.body("updateCustomer")["payload"]["id"]
        calls.append(("updateCustomer", {"id": customer}))
    if "getSubscriptions" in api.operations:
        calls.append(("getSubscriptions", None))
    return [json.dumps(api.expect_success(api.call(*each)), default=str) for each in calls]


def _expect_same(api: ApiClient, before: list[str]) -> None:
    after = _shown(api)
    if after != before:
        text = "expected it unchanged by another account, got it changed"
        raise Violation("body", text, api.context.session.exchanges[-1])
