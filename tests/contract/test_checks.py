"""The checks pass on a correct mock, and find incorrect responses."""

from __future__ import annotations

import itertools
import json
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import tests.contract.checks  # noqa: F401 - registers them
from tests.contract import document, responses, schemas, serving
from tests.contract.checks import mutations, window
from tests.contract.checks.api_client import CUSTOMER, ApiClient, reads
from tests.contract.session import Session
from tests.contract.suite import CHECKS, Context, Terms
from tests.contract.tampering import tampered
from tests.contract.violation import Violation
from tests.contract.wire import Target
from tests.rows import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.contract.session import Exchange
    from tests.contract.suite import Check
    from tests.contract.tampering import MockResponse

    Change = Callable[[Exchange], Exchange]

# Other modules may have registered checks, too.
OWN = [check for check in CHECKS if check.run.__module__.startswith("tests.contract.checks.")]
UNKNOWN_ID = "ffffffff-ffff-4fff-bfff-ffffffffffff"


def second_account(session: Session) -> Target:
    session.control("reset", {})
    made = session.control("account", {})
    return Target(session.target.base_url, made["key"], made["secret"], made["account"])


def run(
    session: Session, terms: Terms, checks: Sequence[Check] = OWN, *, seed: int = 1
) -> list[Check]:
    """Run the checks that the terms allow, and return them."""
    ran = [check for check in checks if all(map(terms.meet, check.needs))]
    for check in ran:
        check.run(Context(session, terms, seed))
    return ran


# Long checks. A run of the short profile, which is tested elsewhere, runs all of them.
LONG = {
    "a field of the wrong JSON type is rejected with 001, null included",
    "a free text may be any text",
    "a text that is not in its enum, or not an id, is rejected with 001",
    "ambiguous JSON breaks nothing; the mock rejects it with 001",
    "a body that is not JSON is rejected with 001",
    "a JSON body that is not an object is rejected with 001",
    "a text with half a surrogate pair breaks nothing",
    "the documented bounds are enforced exactly",
    "a request is accepted in any JSON formatting, if the sent bytes are the signed ones",
    "a request with a wrong signature is rejected with 003, for every operation",
}
# Checks that depend on the statuses of 002 and 003, and on the number of the first page.
SWITCHED = {
    "a request without a signature is rejected with 003, one without a key with 002",
    "a key works only with its own secret, not with another account's",
    "the documented bounds are enforced exactly",
    "everything in the account can be read",
}


@pytest.fixture(autouse=True)
def customer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name a customer of the mock, whose purses are read."""
    monkeypatch.setenv(CUSTOMER, "3fa85f64-5717-4562-b3fc-2c963f66afa6")


@pytest.fixture(scope="module")
def switched() -> Iterator[Target]:
    """A mock with the other values of its switches."""
    with serving.mock("--auth-status", "400", "--page-base", "1") as target:
        yield target


def pass_switched(target: Target, checks: list[Check]) -> None:
    with closing(Session(target)) as session:
        terms = Terms(mock=True, auth_status=400, page_base=1, second=second_account(session))
        run(session, terms, checks, seed=2)


def test_the_mock_passes_with_the_other_values_of_its_switches(switched: Target) -> None:
    """With its defaults it passes in the test of a whole run."""
    chosen = named(SWITCHED)

    assert len(chosen) == len(SWITCHED)
    pass_switched(switched, chosen)


@pytest.mark.slow
def test_the_mock_passes_every_check_with_the_other_values_of_its_switches(
    switched: Target,
) -> None:
    pass_switched(switched, OWN)


def test_another_server_passes_and_keeps_none_of_the_subscriptions() -> None:
    """All checks that can run on another server, except the long ones."""
    pass_on_another_server([check for check in OWN if check not in named(LONG)])


@pytest.mark.slow
def test_another_server_passes_the_long_checks_too() -> None:
    chosen = named(LONG)

    assert len(chosen) == len(LONG)
    pass_on_another_server(chosen)


def pass_on_another_server(checks: list[Check]) -> None:
    with serving.mock() as target, closing(Session(target)) as session:
        terms = Terms(second=second_account(session))
        before = session.call("getSubscriptions").content

        assert len(run(session, terms, checks)) > len(checks) / 3
        assert session.call("getSubscriptions").content == before


def named(names: set[str]) -> list[Check]:
    return [check for check in OWN if check.name in names]


@pytest.mark.parametrize("near", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_only_reads_are_called_where_nothing_may_be_written(*, near: bool, mock: Target) -> None:
    """Near or far; a near server gets many more requests."""
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
    chosen = [check for check in OWN if "minimal" in check.name]
    with closing(Session(mock)) as session:
        terms = Terms(mock=True, second=second_account(session))
        for check in chosen:
            check.run(Context(session, terms, seed))
        return [(each.label, without_time(each.sent)) for each in session.exchanges]


def without_time(content: bytes) -> object:
    body = json.loads(content or b"{}")
    return {name: value for name, value in body.items() if name != "timestamp"}


def test_samples_of_requests_are_valid() -> None:
    """For every operation."""
    samples = {
        name: schemas.sample(schemas.request_schema(name)) for name in operations_with_body()
    }

    assert [
        name for name, body in samples.items() if not schemas.request_validator(name).is_valid(body)
    ] == []


def operations_with_body() -> list[str]:
    """Return the operations whose requests have a body."""
    return [name for name in document.routes() if "requestBody" in schemas.operation(name)]


def test_every_field_gets_several_invalid_values() -> None:
    """In every operation; if the schema allows several types, fewer values are invalid."""
    spoiled = {
        f"{operation} {schemas.text(path)}": (count, 3 if allows_several_types(schema) else 5)
        for operation in operations_with_body()
        for path, (schema, count) in invalid_values(operation).items()
    }

    assert len(spoiled) > len(document.routes())
    assert {place: (n, minimum) for place, (n, minimum) in spoiled.items() if n < minimum} == {}


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
def test_only_a_field_with_several_types_gets_fewer_invalid_values(
    schema: schemas.Json, several: bool
) -> None:
    assert allows_several_types(schemas.of(schema, "text")) == several


def allows_several_types(schema: schemas.Json) -> bool:
    kinds = schema.get("type")
    return (isinstance(kinds, list) and len(kinds) > 1) or not {"anyOf", "oneOf"}.isdisjoint(schema)


def invalid_values(operation: str) -> dict[schemas.Path, tuple[schemas.Json, int]]:
    """Return for each path its schema, and the number of invalid values."""

    def make() -> schemas.Json:
        return dict(schemas.sample(schemas.request_schema(operation)))

    found = schemas.locations(schemas.request_schema(operation), make())
    places = {place.path: place.schema for place in found}
    changes = mutations.changes(operation, make, mutations.of_types)
    wrong = [change.path for change in changes if change.faults]
    return {path: (places[path], wrong.count(path)) for path in sorted(places, key=str)}


def test_a_request_that_may_have_arrived_too_late_is_sent_again(
    mock: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Findings must not depend on the load of the machine."""
    times = itertools.chain([0, 1_000, 2_000, 2_800], itertools.repeat(3_000))
    with closing(Session(mock)) as session, ApiClient(Context(session, Terms(mock=True))) as api:
        monkeypatch.setattr(window, "now", lambda: next(times))
        monkeypatch.setattr(ApiClient, "send", lambda _, operation, body: body["timestamp"])

        assert window._sent(api, "getAccount", 5) == 2_005


@pytest.fixture(scope="module")
def good(served: Target) -> dict[str, Exchange]:
    """Correct responses."""
    with closing(Session(served)) as session:
        session.control("reset", {})
        return {
            "account": session.call("getAccount"),
            "page": session.call("findTransactions", {}),
            "rejection": session.call("getTransaction", {"transactionId": UNKNOWN_ID}),
            "subscriptions": session.call("getSubscriptions"),
            "nothing": session.call("deleteSubscription", first_subscription(session)),
        }


def first_subscription(session: Session) -> dict[str, str]:
    listed = session.call("getSubscriptions").json()["subscriptions"]
    return {"requestId": listed[0]["requestId"]}


def test_correct_responses_pass(good: dict[str, Exchange]) -> None:
    for exchange in good.values():
        responses.inspect(exchange)


def content(old: str, new: str) -> Change:
    """Change the content, and the length header."""

    def change(exchange: Exchange) -> Exchange:
        assert old.encode() in exchange.content
        changed = exchange.content.replace(old.encode(), new.encode(), 1)
        headers = {**exchange.headers, "content-length": str(len(changed))}
        return replace(exchange, content=changed, headers=headers)

    return change


def header(name: str, value: str) -> Change:
    return lambda exchange: replace(exchange, headers={**exchange.headers, name: value})


def status(number: int) -> Change:
    return lambda exchange: replace(exchange, status=number)


# A response, a change that makes it wrong, and the field that has to be named.
FAULTY: list[tuple[str, Change, str | None]] = [
    ("account", status(201), "status"),
    ("rejection", status(405), "status"),
    ("rejection", status(500), "status"),
    ("account", status(400), "errorCode"),
    ("account", header("content-type", "text/html"), "content-type"),
    ("rejection", header("content-type", "text/plain"), "content-type"),
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
    ("rejection", content('"004"', "4"), "errorCode"),
    ("rejection", content('"004"', '"499"'), "errorCode"),
    ("rejection", content('"traceId"', '"trace"'), "trace"),
    ("rejection", content("Requested object is not found", ""), "message"),
    ("nothing", lambda exchange: replace(exchange, content=b"{}"), "content-length"),
]


def test_a_fault_of_a_response_is_found(good: dict[str, Exchange]) -> None:
    """And the field is named."""
    wanted, named = {}, {}
    for number, (which, change, field) in enumerate(FAULTY):
        row = f"{number}: {which}, {field}"
        wanted[row] = field
        first = next((name for name, _ in responses.faults(change(good[which]))), "nothing")
        # If no field is given, any field will do.
        named[row] = None if field is None and first != "nothing" else first

    assert named == wanted


def test_a_violation_contains_the_response(good: dict[str, Exchange]) -> None:
    exchange = status(500)(good["rejection"])
    with pytest.raises(Violation) as caught:
        responses.inspect(exchange)

    assert (caught.value.field, caught.value.exchange) == ("status", exchange)


# Responses that are not documented, and not excluded either.
UNDOCUMENTED: list[tuple[str, Change]] = [
    ("account", content('"name":', '"surname":')),
    ("account", content("1500.75", "1.50075e3")),
    ("page", content("CONFIRMED", "COMPLETED")),
    ("account", header("date", "Sat, 01 Jan 2000 00:00:00 GMT")),
    ("page", content('"totalElements":2', '"totalElements":2.0')),
    ("rejection", content('"traceId"', '"trace"')),
]


def test_another_server_may_behave_differently_where_nothing_is_documented(
    good: dict[str, Exchange],
) -> None:
    faults = [
        (number, fault)
        for number, (which, change) in enumerate(UNDOCUMENTED)
        for fault in responses.faults(change(good[which]), mock=False)
    ]

    assert faults == []


def test_a_fault_does_not_show_a_secret(good: dict[str, Exchange]) -> None:
    exchange = good["subscriptions"]
    secret = exchange.json()["subscriptions"][0]["secretKey"]
    faults = [
        fault
        for old, new in ((f'"{secret}"', f'["{secret}"]'), ('"secretKey"', '"secretKey2"'))
        for fault in responses.faults(content(old, new)(exchange))
    ]

    assert faults
    assert secret not in repr(faults)


def amounts_are_texts(response: MockResponse) -> MockResponse:
    return replace(response, content=response.content.replace(b'"amount":12.5', b'"amount":"12.5"'))


def every_trace_id_is_the_same(response: MockResponse) -> MockResponse:
    if response.status == 200:
        return response
    body = {**json.loads(response.content), "traceId": UNKNOWN_ID}
    return replace(response, content=json.dumps(body).encode())


def errors_are_not_json(response: MockResponse) -> MockResponse:
    return response if response.status == 200 else replace(response, content_type="text/html")


def deleting_returns_204(response: MockResponse) -> MockResponse:
    return response if response.content else replace(response, status=204)


# A defect, the check that has to find it, and the field that it names.
ON_THE_WIRE = [
    (
        amounts_are_texts,
        "the response of every operation has all its fields",
        "amount",
    ),
    (every_trace_id_is_the_same, "each rejection has its own trace id", "traceId"),
    (
        errors_are_not_json,
        "a request without a signature is rejected with 003, one without a key with 002",
        "content-type",
    ),
    (
        deleting_returns_204,
        "a request with only the required fields is accepted",
        "status",
    ),
]


def test_a_defect_on_the_wire_is_found_by_its_check(mock: Target) -> None:
    found = {name: field_found(mock, defect, name) for defect, name, _ in ON_THE_WIRE}

    assert found == {name: field for _, name, field in ON_THE_WIRE}


def field_found(mock: Target, defect: Callable[[MockResponse], MockResponse], name: str) -> str:
    (check,) = named({name})
    with tampered(mock, defect) as target, closing(Session(target)) as session:
        try:
            check.run(Context(session, Terms(mock=True, second=second_account(session))))
        except Violation as violation:
            return violation.field
    return "nothing"
