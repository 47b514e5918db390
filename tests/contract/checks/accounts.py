"""Does a key open its own account only, and does an account see its own objects only?"""

from __future__ import annotations

import json
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from tests.contract.checks.bench import NOBODY, Bench, id_fields
from tests.contract.rows import plain
from tests.contract.suite import check
from tests.contract.violation import Violation

if TYPE_CHECKING:
    from tests.contract.suite import Lab
    from tests.contract.wire import Target

_CREATE = "createSubscription"
_LISTS = {"getAccount", "findTransactions", "getSubscriptions"}
# What a stranger says of a foreign account is not documented, only that it is an error.
_ANY = ("001", "002", "003", "010")


def _second(lab: Lab) -> Target:
    assert lab.terms.second is not None
    return lab.terms.second


@check("an account that does not exist is refused")
def unknown_account(lab: Lab) -> None:
    with Bench(lab) as bench:
        own = bench.who.account
        names = ["0x" + "0" * 40, own[:-1], own + "0", "null", bench.who.key, "🙂", own * 99]
        names += [" " + own, own.upper(), own + "\n"] if bench.is_mock else []
        for operation, name in bench.spread(bench.sending("account"), names):
            answer = bench.send(operation, {**bench.body(operation), "account": name})
            bench.refuse(answer, "004", also=_ANY)


@check("a key does not open the account of somebody else", "second account")
def foreign_account(lab: Lab) -> None:
    second = _second(lab)
    with Bench(lab) as bench:
        own = bench.who
        strangers = [replace(own, account=second.account), replace(second, account=own.account)]
        for who in strangers:
            bench.who = who
            for operation in bench.sending("account"):
                for body in (bench.body(operation), bench.least(operation)):
                    body["account"] = who.account
                    bench.refuse(bench.send(operation, body), "004", also=_ANY)


@check("an answer about the account is about the one that was asked for")
def same_account(lab: Lab) -> None:
    with Bench(lab) as bench:
        for who in filter(None, (bench.who, lab.terms.second)):
            bench.who = who
            answer = bench.call("getAccount")
            got = bench.accept(answer)["account"]
            # Of another server not the form is promised, as the mock does, but the address.
            form = str if bench.is_mock else plain
            if form(got) != form(who.account):
                raise Violation("account", f"expected {who.account}, got {got}", answer)


@check("an object that does not exist is not found")
def unknown_objects(lab: Lab) -> None:
    with Bench(lab) as bench:
        for operation in bench.operations:
            for name in _names(operation):
                for body in (bench.body(operation), bench.least(operation)):
                    body["payload"][name] = NOBODY
                    _expect_nothing(bench, operation, body)


@check("an object of one kind is not found under the id of another")
def other_kinds(lab: Lab) -> None:
    with Bench(lab) as bench:
        found = {
            name: bench.body(operation)["payload"][name]
            for operation in bench.operations
            for name in _names(operation)
            if name != "id"
        }
        for operation in bench.operations:
            for name in _names(operation):
                own = bench.body(operation)["payload"][name]
                for other in sorted(set(found.values()) - {own}):
                    body = bench.body(operation)
                    body["payload"][name] = other
                    _expect_nothing(bench, operation, body)


@check("objects of another account are not found", "second account", "writes")
def foreign_objects(lab: Lab) -> None:
    with Bench(lab) as bench, Bench(lab, _second(lab)) as other:
        _keep_apart(bench, other)


@check("a key that sees two accounts does not mix them", "mock", "writes")
def one_key(lab: Lab) -> None:
    with Bench(lab) as bench:
        made = lab.session.control("account", {"key": bench.who.key})
        with Bench(lab, replace(bench.who, account=made["account"])) as other:
            _keep_apart(bench, other)


def _keep_apart(bench: Bench, other: Bench) -> None:
    for here, there in ((bench, other), (other, bench)):
        before = _shown(there)
        for operation in here.operations:
            for name in _names(operation):
                if operation in there.operations:
                    stolen = there.body(operation)["payload"][name]
                    for body in (here.body(operation), here.least(operation)):
                        body["payload"][name] = stolen
                        _expect_nothing(here, operation, body)
        _expect_same(there, before)


@check("lists show nothing of another account", "second account", "writes")
def foreign_rows(lab: Lab) -> None:
    with Bench(lab) as bench, Bench(lab, _second(lab)) as other:
        for here, there in ((bench, other), (other, bench)):
            ids = {
                there.body(operation)["payload"][name]
                for operation in there.operations
                for name in _names(operation)
            }
            for operation in _LISTS & set(here.operations):
                payload = {"pageSize": 2_000} if operation == "findTransactions" else None
                answer = here.call(operation, payload)
                here.accept(answer)
                for each in sorted(ids):
                    if each.encode() in answer.content.lower():
                        text = f"expected nothing of another account, got the id {each}"
                        raise Violation("body", text, answer)


def _names(operation: str) -> list[str]:
    return [] if operation == _CREATE else id_fields(operation)


def _expect_nothing(bench: Bench, operation: str, body: dict[str, object]) -> None:
    answer = bench.send(operation, body)
    if operation == "findTransactions" and not bench.is_mock and answer.status == HTTPStatus.OK:
        if bench.accept(answer)["result"]:
            raise Violation("result", "expected no row of a foreign customer, got some", answer)
        return
    bench.refuse(answer, "004", also=("001",))


def _shown(bench: Bench) -> list[str]:
    # An update of nothing shows a customer, and there is no other way to.
    calls: list[tuple[str, object]] = []
    if "updateCustomer" in bench.operations:
        customer = bench.body("updateCustomer")["payload"]["id"]
        calls.append(("updateCustomer", {"id": customer}))
    if "getSubscriptions" in bench.operations:
        calls.append(("getSubscriptions", None))
    return [json.dumps(bench.accept(bench.call(*each)), default=str) for each in calls]


def _expect_same(bench: Bench, before: list[str]) -> None:
    after = _shown(bench)
    if after != before:
        text = "expected it untouched by another account, got it changed"
        raise Violation("body", text, bench.lab.session.exchanges[-1])
