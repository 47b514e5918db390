"""The checks hold for a mock that is right, and notice answers that are not."""

from __future__ import annotations

import itertools
import json
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import tests.contract.checks  # noqa: F401 - registers them
from tests.contract import answers, document, schemas, serving
from tests.contract.checks import mutations, window
from tests.contract.checks.bench import CUSTOMER, Bench, reads
from tests.contract.session import Session
from tests.contract.suite import CHECKS, Lab, Terms
from tests.contract.tampering import tampered
from tests.contract.violation import Violation
from tests.contract.wire import Target
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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


def run(
    session: Session, terms: Terms, checks: Sequence[Check] = OWN, *, seed: int = 1
) -> list[Check]:
    """Run those checks that the terms allow, and return them."""
    ran = [check for check in checks if all(map(terms.meet, check.needs))]
    for check in ran:
        check.run(Lab(session, terms, seed))
    return ran


# Long ones. A run of the short profile, which is tested elsewhere, sends all of them to the mock.
LONG = {
    "a field of the wrong JSON type is refused with 001, null included",
    "a text that may be anything may be anything",
    "a text that is no member of its enum, or no id, is refused with 001",
    "JSON that readers disagree about breaks nothing; the mock refuses it with 001",
    "a body that is no JSON is refused with 001",
    "a body that is JSON, but no object, is refused with 001",
    "a text with half a surrogate pair breaks nothing",
    "the documented bounds are kept, neither missed nor overdone",
    "a request is accepted in any form of JSON, so long as the bytes sent are those signed",
    "a request whose signature does not fit is refused with 003, whatever the operation",
}
# Those for which the statuses of 002 and 003, and the number of the first page, matter.
SWITCHED = {
    "a request without a signature is refused with 003, one without a key with 002",
    "a key goes with its own secret only, not with another account's",
    "the documented bounds are kept, neither missed nor overdone",
    "all that the account holds can be read",
}


@pytest.fixture(autouse=True)
def customer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name a customer of the mock's, whose purses are looked at."""
    monkeypatch.setenv(CUSTOMER, "3fa85f64-5717-4562-b3fc-2c963f66afa6")


@pytest.fixture(scope="module")
def switched() -> Iterator[Target]:
    """A mock with its switches the other way."""
    with serving.mock("--auth-status", "400", "--page-base", "1") as target:
        yield target


def pass_switched(target: Target, checks: list[Check]) -> None:
    with closing(Session(target)) as session:
        terms = Terms(mock=True, auth_status=400, page_base=1, second=second_account(session))
        run(session, terms, checks, seed=2)


def test_the_mock_passes_with_its_switches_the_other_way(switched: Target) -> None:
    """As it does with those it has from the start, in the test of a whole run."""
    chosen = named(SWITCHED)

    assert len(chosen) == len(SWITCHED)
    pass_switched(switched, chosen)


@pytest.mark.slow
def test_the_mock_passes_every_check_with_its_switches_the_other_way(switched: Target) -> None:
    pass_switched(switched, OWN)


def test_a_stranger_passes_and_keeps_none_of_the_subscriptions() -> None:
    """As many checks as can be had of a stranger, but for the long ones."""
    pass_as_a_stranger([check for check in OWN if check not in named(LONG)])


@pytest.mark.slow
def test_a_stranger_passes_the_long_checks_too() -> None:
    chosen = named(LONG)

    assert len(chosen) == len(LONG)
    pass_as_a_stranger(chosen)


def pass_as_a_stranger(checks: list[Check]) -> None:
    with serving.mock() as target, closing(Session(target)) as session:
        terms = Terms(second=second_account(session))
        before = session.call("getSubscriptions").content

        assert len(run(session, terms, checks)) > len(checks) / 3
        assert session.call("getSubscriptions").content == before


def named(names: set[str]) -> list[Check]:
    return [check for check in OWN if check.name in names]


@pytest.mark.parametrize("near", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_only_reads_are_called_where_nothing_may_be_written(*, near: bool, mock: Target) -> None:
    """Near or far; a server that is near is sent many more requests."""
    with closing(Session(mock)) as session:
        before = session.control("state")["accounts"]
        session.exchanges.clear()
        ran = run(session, Terms(writes=False, near=near))

        assert len(ran) > len(OWN) / 4
        assert {exchange.label for exchange in session.exchanges} == reads()
        assert session.control("state")["accounts"] == before


def test_the_same_seed_sends_the_same_requests(mock: Target) -> None:
    sent = [requests_of(mock, seed) for seed in (1, 1, 2)]

    assert sent[0] == sent[1]
    assert sent[0] != sent[2]


def requests_of(mock: Target, seed: int) -> list[object]:
    chosen = [check for check in OWN if "least" in check.name]
    with closing(Session(mock)) as session:
        terms = Terms(mock=True, second=second_account(session))
        for check in chosen:
            check.run(Lab(session, terms, seed))
        return [(each.label, without_time(each.sent)) for each in session.exchanges]


def without_time(content: bytes) -> object:
    body = json.loads(content or b"{}")
    return {name: value for name, value in body.items() if name != "timestamp"}


def test_what_the_document_gives_as_a_sample_is_valid() -> None:
    """For every operation."""
    samples = {name: schemas.sample(schemas.request_schema(name)) for name in sending()}

    assert [
        name for name, body in samples.items() if not schemas.request_validator(name).is_valid(body)
    ] == []


def sending() -> list[str]:
    """Return the operations whose requests have a body."""
    return [name for name in document.places() if "requestBody" in schemas.operation(name)]


def test_every_field_is_spoiled_in_several_ways() -> None:
    """At every operation; where the schema allows several types, fewer values are wrong."""
    spoiled = {
        f"{operation} {schemas.text(path)}": (count, 3 if allows_several_types(schema) else 5)
        for operation in sending()
        for path, (schema, count) in spoilings(operation).items()
    }

    assert len(spoiled) > len(document.places())
    assert {place: (n, least) for place, (n, least) in spoiled.items() if n < least} == {}


@rows(
    "schema, several",
    [
        ({"type": "string"}, False),
        ({"type": "object", "allOf": [{"type": "object"}]}, False),
        ({"type": ["string"]}, False),
        ({"type": ["string", "null"]}, True),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, True),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, True),
    ],
)
def test_only_a_field_that_may_be_null_or_has_a_choice_is_spoiled_in_fewer_ways(
    schema: schemas.Json, several: bool
) -> None:
    assert allows_several_types(schemas.of(schema, "text")) == several


def allows_several_types(schema: schemas.Json) -> bool:
    kinds = schema.get("type")
    return (isinstance(kinds, list) and len(kinds) > 1) or not {"anyOf", "oneOf"}.isdisjoint(schema)


def spoilings(operation: str) -> dict[schemas.Path, tuple[schemas.Json, int]]:
    """Return by place its schema, and in how many ways a request is spoiled there."""

    def make() -> schemas.Json:
        return dict(schemas.sample(schemas.request_schema(operation)))

    found = schemas.places(schemas.request_schema(operation), make())
    places = {place.path: place.schema for place in found}
    changes = mutations.changes(operation, make, mutations.of_types)
    wrong = [change.path for change in changes if change.faults]
    return {path: (places[path], wrong.count(path)) for path in sorted(places, key=str)}


def test_a_request_that_may_have_come_too_late_to_tell_anything_is_sent_again(
    mock: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a machine that is busy: what is found must not depend on that."""
    times = itertools.chain([0, 1_000, 2_000, 2_800], itertools.repeat(3_000))
    with closing(Session(mock)) as session, Bench(Lab(session, Terms(mock=True))) as bench:
        monkeypatch.setattr(window, "now", lambda: next(times))
        monkeypatch.setattr(Bench, "send", lambda _, operation, body: body["timestamp"])

        assert window._sent(bench, "getAccount", 5) == 2_005


@pytest.fixture(scope="module")
def good(served: Target) -> dict[str, Exchange]:
    """Answers that are right."""
    with closing(Session(served)) as session:
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


# An answer, what is wrong with it, and the field that has to be named.
WRONG: list[tuple[str, Spoil, str | None]] = [
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
    ("account", content('{"account"', '"account"'), "body"),
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
]


def test_what_is_wrong_with_an_answer_is_found(good: dict[str, Exchange]) -> None:
    """And the field is named."""
    wanted, named = {}, {}
    for number, (which, spoil, field) in enumerate(WRONG):
        row = f"{number}: {which}, {field}"
        wanted[row] = field
        first = next((name for name, _ in answers.faults(spoil(good[which]))), "nothing")
        # Where no field is wanted, one of those that stand there first will do.
        named[row] = None if field is None and first != "nothing" else first

    assert named == wanted


def test_what_is_found_goes_with_the_answer(good: dict[str, Exchange]) -> None:
    exchange = status(500)(good["refusal"])
    with pytest.raises(Violation) as caught:
        answers.inspect(exchange)

    assert (caught.value.field, caught.value.exchange) == ("status", exchange)


# Answers that the document leaves open.
UNDOCUMENTED: list[tuple[str, Spoil]] = [
    ("account", content('"name":', '"surname":')),
    ("account", content("1500.75", "1.50075e3")),
    ("page", content("CONFIRMED", "COMPLETED")),
    ("account", header("date", "Sat, 01 Jan 2000 00:00:00 GMT")),
    ("page", content('"totalElements":2', '"totalElements":2.0')),
    ("refusal", content('"traceId"', '"trace"')),
]


def test_of_a_stranger_nothing_undocumented_is_asked(good: dict[str, Exchange]) -> None:
    told = [
        (number, fault)
        for number, (which, spoil) in enumerate(UNDOCUMENTED)
        for fault in answers.faults(spoil(good[which]), mock=False)
    ]

    assert told == []


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


# A defect, a check that has to find it, and the field that it names.
ON_THE_WIRE = [
    (
        amounts_are_texts,
        "what is answered has all its fields, whatever the operation",
        "amount",
    ),
    (every_trace_id_is_the_same, "each refusal has a trace id of its own", "traceId"),
    (
        refusals_are_no_json,
        "a request without a signature is refused with 003, one without a key with 002",
        "content-type",
    ),
    (
        deleting_is_no_success,
        "a request of nothing but what is required is accepted",
        "status",
    ),
]


def test_a_defect_on_the_wire_is_found_by_the_checks_of_its_kind(mock: Target) -> None:
    found = {name: field_found(mock, defect, name) for defect, name, _ in ON_THE_WIRE}

    assert found == {name: field for _, name, field in ON_THE_WIRE}


def field_found(mock: Target, defect: Callable[[Answer], Answer], name: str) -> str:
    (check,) = named({name})
    with tampered(mock, defect) as target, closing(Session(target)) as session:
        try:
            check.run(Lab(session, Terms(mock=True, second=second_account(session))))
        except Violation as violation:
            return violation.field
    return "nothing"
