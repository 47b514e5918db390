"""The checks hold for a mock that is right, and notice answers that are not."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import tests.contract.checks  # noqa: F401 - registers them
from tests.contract import answers, document, schemas, serving
from tests.contract.checks import mutations
from tests.contract.checks.bench import READS
from tests.contract.session import Session
from tests.contract.suite import CHECKS, Lab, Terms
from tests.contract.tampering import tampered
from tests.contract.violation import Violation
from tests.contract.wire import Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract.session import Exchange
    from tests.contract.suite import Check
    from tests.contract.tampering import Answer

    Spoil = Callable[[Exchange], Exchange]

# Whatever else was imported before may have registered checks, too.
OWN = [check for check in CHECKS if check.run.__module__.startswith("tests.contract.checks.")]
NOBODY = "ffffffff-ffff-4fff-bfff-ffffffffffff"


def second_account(session: Session) -> Target:
    session.control("reset", {})
    made = session.control("account", {})
    return Target(session.target.base_url, made["key"], made["secret"], made["account"])


def run(session: Session, terms: Terms, *, seed: int = 1) -> list[Check]:
    """Run every check that the terms allow, and return those."""
    ran = [check for check in OWN if all(map(terms.meet, check.needs))]
    for check in ran:
        check.run(Lab(session, terms, seed))
    return ran


def test_the_mock_passes_every_check_with_its_switches_the_other_way() -> None:
    """As it does with those it has from the start, in the test of a whole run."""
    switches = ("--auth-status", "400", "--page-base", "1")
    with serving.mock(*switches) as target, closing(Session(target)) as session:
        terms = Terms(mock=True, auth_status=400, page_base=1, second=second_account(session))

        assert run(session, terms, seed=2) == OWN


def test_a_stranger_passes_and_keeps_none_of_the_subscriptions() -> None:
    with serving.mock() as target, closing(Session(target)) as session:
        terms = Terms(second=second_account(session))
        before = session.call("getSubscriptions").content

        assert len(run(session, terms)) > len(OWN) / 2
        assert session.call("getSubscriptions").content == before


def test_only_reads_are_called_where_nothing_may_be_written(mock: Target) -> None:
    with closing(Session(mock)) as session:
        session.control("reset", {})
        before = session.control("state")["accounts"]
        session.exchanges.clear()
        ran = run(session, Terms(writes=False))

        assert len(ran) > len(OWN) / 3
        assert {exchange.label for exchange in session.exchanges} == set(READS)
        assert session.control("state")["accounts"] == before


def test_the_same_seed_sends_the_same_requests(mock: Target) -> None:
    sent = [requests_of(mock, seed) for seed in (1, 1, 2)]

    assert sent[0] == sent[1]
    assert sent[0] != sent[2]


def requests_of(mock: Target, seed: int) -> list[object]:
    chosen = [check for check in OWN if "account" in check.name or "least" in check.name]
    with closing(Session(mock)) as session:
        terms = Terms(mock=True, second=second_account(session))
        for check in chosen:
            check.run(Lab(session, terms, seed))
        return [(each.label, without_time(each.sent)) for each in session.exchanges]


def without_time(content: bytes) -> object:
    body = json.loads(content or b"{}")
    return {name: value for name, value in body.items() if name != "timestamp"}


@pytest.mark.parametrize("operation", sorted(document.places()))
def test_what_the_document_gives_as_a_sample_is_valid(operation: str) -> None:
    body = schemas.sample(schemas.request_schema(operation))

    assert schemas.request_validator(operation).is_valid(body)


@pytest.mark.parametrize("operation", sorted(document.places()))
def test_every_field_is_spoiled_in_several_ways(operation: str) -> None:
    def make() -> schemas.Json:
        return dict(schemas.sample(schemas.request_schema(operation)))

    places = {place.path for place in schemas.places(schemas.request_schema(operation), make())}
    spoiled = mutations.changes(operation, make, mutations.of_types)
    wrong = [change.path for change in spoiled if change.faults]

    assert all(wrong.count(path) >= 5 for path in places)


@pytest.fixture(scope="module")
def good(mock: Target) -> dict[str, Exchange]:
    """Answers that are right."""
    with closing(Session(mock)) as session:
        session.control("reset", {})
        return {
            "account": session.call("getAccount"),
            "page": session.call("findTransactions", {}),
            "refusal": session.call("getTransaction", {"transactionId": NOBODY}),
            "subscriptions": session.call("getSubscriptions"),
            "nothing": session.call("deleteSubscription", first_subscription(session)),
        }


def first_subscription(session: Session) -> dict[str, str]:
    listed = session.call("getSubscriptions").json()["subscriptions"]
    return {"requestId": listed[0]["requestId"]}


def test_answers_that_are_right_pass(good: dict[str, Exchange]) -> None:
    for exchange in good.values():
        answers.inspect(exchange)


def content(old: str, new: str) -> Spoil:
    """Change the content, and its length with it."""

    def spoil(exchange: Exchange) -> Exchange:
        assert old.encode() in exchange.content
        changed = exchange.content.replace(old.encode(), new.encode(), 1)
        headers = {**exchange.headers, "content-length": str(len(changed))}
        return replace(exchange, content=changed, headers=headers)

    return spoil


def header(name: str, value: str) -> Spoil:
    return lambda exchange: replace(exchange, headers={**exchange.headers, name: value})


def status(number: int) -> Spoil:
    return lambda exchange: replace(exchange, status=number)


@pytest.mark.parametrize(
    ("which", "spoil", "field"),
    [
        ("account", status(201), "status"),
        ("refusal", status(405), "status"),
        ("refusal", status(500), "status"),
        ("account", status(400), "errorCode"),
        ("account", header("content-type", "text/html"), "content-type"),
        ("refusal", header("content-type", "text/plain"), "content-type"),
        ("account", header("content-length", "1"), "content-length"),
        ("account", header("date", "Sat, 01 Jan 2000 00:00:00 GMT"), "date"),
        ("account", header("date", "now"), "date"),
        ("account", content('"name":', '"name":"twice","name":'), "body"),
        ("account", content("1500.75", "1.50075e3"), "body"),
        ("account", content("1500.75", "NaN"), "body"),
        ("account", content("Main", "\\ud800"), "body"),
        ("account", content("}]}", "}]"), "body"),
        ("account", content("{", "\ufeff{"), "body"),
        ("account", content("1500.75", '"1500.75"'), "balances[0].amount"),
        ("account", content('"ownerId":', '"owner":'), "ownerId"),
        ("account", content('"name":', '"surname":'), "surname"),
        ("account", content('"Main"', "null"), "name"),
        ("account", content('"ownerId":"', '"ownerId":"0'), "ownerId"),
        ("page", content('Z"', '"'), "result[0].createdDate"),
        ("page", content("CONFIRMED", "COMPLETED"), "result[0].transactionState"),
        ("page", content('Completed":true', 'Completed":"true"'), None),
        ("page", content('"totalElements":2', '"totalElements":2.0'), "totalElements"),
        ("refusal", content('"004"', "4"), "errorCode"),
        ("refusal", content('"004"', '"499"'), "errorCode"),
        ("refusal", content('"traceId"', '"trace"'), "trace"),
        ("refusal", content("Requested object is not found", ""), "message"),
        ("nothing", lambda exchange: replace(exchange, content=b"{}"), "content-length"),
    ],
)
def test_what_is_wrong_with_an_answer_is_found(
    which: str, spoil: Spoil, field: str | None, good: dict[str, Exchange]
) -> None:
    exchange = spoil(good[which])
    with pytest.raises(Violation) as caught:
        answers.inspect(exchange)

    assert field in (None, caught.value.field)
    assert caught.value.exchange is exchange


@pytest.mark.parametrize(
    ("which", "spoil"),
    [
        ("account", content('"name":', '"surname":')),
        ("account", content("1500.75", "1.50075e3")),
        ("page", content("CONFIRMED", "COMPLETED")),
        ("account", header("date", "Sat, 01 Jan 2000 00:00:00 GMT")),
        ("page", content('"totalElements":2', '"totalElements":2.0')),
        ("refusal", content('"traceId"', '"trace"')),
    ],
)
def test_of_a_stranger_nothing_undocumented_is_asked(
    which: str, spoil: Spoil, good: dict[str, Exchange]
) -> None:
    answers.inspect(spoil(good[which]), mock=False)


def test_a_secret_is_not_told(good: dict[str, Exchange]) -> None:
    exchange = good["subscriptions"]
    secret = exchange.json()["subscriptions"][0]["secretKey"]
    told = [
        fault
        for old, new in ((f'"{secret}"', f'["{secret}"]'), ('"secretKey"', '"secretKey2"'))
        for fault in answers.faults(content(old, new)(exchange))
    ]

    assert told
    assert secret not in repr(told)


def amounts_are_texts(answer: Answer) -> Answer:
    return replace(answer, content=answer.content.replace(b'"amount":12.5', b'"amount":"12.5"'))


def every_trace_id_is_the_same(answer: Answer) -> Answer:
    if answer.status == 200:
        return answer
    body = {**json.loads(answer.content), "traceId": NOBODY}
    return replace(answer, content=json.dumps(body).encode())


def refusals_are_no_json(answer: Answer) -> Answer:
    return answer if answer.status == 200 else replace(answer, content_type="text/html")


def deleting_is_no_success(answer: Answer) -> Answer:
    return answer if answer.content else replace(answer, status=204)


@pytest.mark.parametrize(
    ("defect", "module"),
    [
        (amounts_are_texts, "contents"),
        (every_trace_id_is_the_same, "refusals"),
        (refusals_are_no_json, "signatures"),
        (deleting_is_no_success, "payloads"),
    ],
)
def test_a_defect_on_the_wire_is_found_by_the_checks_of_its_kind(
    defect: Callable[[Answer], Answer], module: str, mock: Target
) -> None:
    with tampered(mock, defect) as target, closing(Session(target)) as session:
        lab = Lab(session, Terms(mock=True, second=second_account(session)))
        with pytest.raises(Violation):
            for check in OWN:
                if check.run.__module__.endswith(module):
                    check.run(lab)
