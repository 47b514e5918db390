"""The reference model agrees with the mock, and finds faults."""

from __future__ import annotations

import json
import re
import uuid
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract import serving
from tests.contract.model import SHORT, explore
from tests.contract.model.expectations import (
    AnyOrder,
    Maybe,
    Moment,
    Stable,
    Unique,
    difference,
    text,
)
from tests.contract.model.facts import SORTABLE, is_address
from tests.contract.model.scenario_helpers import make_merchants, subscription_request
from tests.contract.model.search import pages
from tests.contract.session import Session
from tests.contract.suite import CHECKS, Context, Terms
from tests.contract.tampering import MockResponse, tampered
from tests.contract.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract.wire import Target

    Json = dict[str, Any]

MODEL = "tests.contract.model."
SCENARIOS = [
    each for each in CHECKS if each.run.__module__.startswith(MODEL) and "mock" not in each.needs
]
SWITCHED = Terms(mock=True, auth_status=400, page_base=1)
STATE_MEMBERS = {"equals", "notEquals", "specified", "in", "notIn"}
SECRET = "5ec2e75ec2e75ec2e75ec2e75ec2e75e"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def walk(
    target: Target,
    terms: Terms,
    *,
    seed: int = 1,
    extent: tuple[int, int] = SHORT,
    shrinking: float = 0,
) -> list[tuple[str, Json]]:
    """Explore a target, and return the requests, without times."""
    examples, steps = extent
    with closing(Session(target)) as session:
        explore(Context(session, terms, seed), examples=examples, steps=steps, shrinking=shrinking)
        return [(each.path, sent(each.sent)) for each in session.exchanges]


def sent(content: bytes) -> Json:
    body = json.loads(content or b"{}")
    return {name: value for name, value in body.items() if name != "timestamp"}


def test_the_mock_agrees_with_the_model_with_the_other_values_of_its_switches() -> None:
    """With the default values, a whole run is tested elsewhere."""
    with serving.mock("--page-base", "1", "--auth-status", "400") as target:
        requests = walk(target, SWITCHED, seed=2, extent=(2, 15))

    pages = {body["payload"].get("pageNumber") for path, body in requests if is_search(path)}
    assert {1, 2} <= pages
    assert 0 not in pages


@pytest.mark.slow
def test_the_walks_of_the_short_profile_use_every_parameter() -> None:
    """With any values of the switches."""
    with serving.mock("--page-base", "1", "--auth-status", "400") as target:
        requests = walk(target, SWITCHED, seed=2)

    payloads = [body["payload"] for path, body in requests if is_search(path)]
    members = [members_of(each, "currencyFilter") for each in payloads]
    states = [members_of(each, "transactionStateFilter") for each in payloads]
    assert {"/_mock/deposit", "/_mock/deposit/advance", "/_mock/clock"} < {p for p, _ in requests}
    assert set().union(*members) == {*STATE_MEMBERS, "contains", "doesNotContain"}
    assert set().union(*states) == STATE_MEMBERS
    assert {each.get("sort") for each in payloads} >= {None, "ASC", "DESC"}
    assert set(SORTABLE) <= {n for each in payloads for n in each.get("properties", "").split(",")}


def is_search(path: str) -> bool:
    return path.endswith("/find")


def members_of(payload: Json, name: str) -> set[str]:
    return set(payload.get(name, {}))


@pytest.mark.parametrize("base", ["0", "1"])
def test_another_server_agrees_with_the_model(base: str) -> None:
    """It is neither reset nor controlled, and the number of its first page is found out."""
    with serving.mock("--page-base", base) as target:
        for _ in range(2):
            requests = walk(target, Terms(), extent=(2, 10))

    assert [path for path, _ in requests if path.startswith("/_mock/")] == []


def test_changes_by_others_in_a_shared_account_are_not_findings(mock: Target) -> None:
    """On the vendor's server, others use the account at the same time."""
    shared = Terms(alone=False)
    with closing(Session(mock)) as session, closing(Session(mock)) as others:
        mine = make_merchants(Context(session, shared))
        for other in make_merchants(Context(others, shared)):
            other.subscribe(subscription_request(str(uuid.uuid4()), 0))
            purse = other.address(other.create_customer({}), "ETH")
        others.control("deposit", {"address": purse.address, "currency": "ETH", "amount": "1"})
        for merchant in mine:
            merchant.address(merchant.create_customer({}), "BTC")
            merchant.check_everything()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
def test_a_scenario_passes_on_another_server(scenario: Any, mock: Target) -> None:
    """Those that need the mock are part of every run of the contract."""
    with closing(Session(mock)) as session:
        second = replace(mock, **session.control("account", {}))
        scenario.run(Context(session, Terms(second=second)))


def test_the_same_seed_sends_the_same_requests(mock: Target) -> None:
    terms = Terms(mock=True, page_base=0)
    first, again, other = (walk(mock, terms, seed=n, extent=(2, 5)) for n in (5, 5, 6))

    assert first == again
    assert first != other


def amounts_lose_digits(shown: Json) -> None:
    """As if amounts were read as floats."""
    for row in [shown, *shown.get("result", ())]:
        if "amount" in row:
            row["amount"] = Decimal(repr(float(row["amount"])))


def updates_are_forgotten(shown: Json) -> None:
    shown.pop("description", None)


def customers_are_never_blocked(shown: Json) -> None:
    if "blocked" in shown:
        shown["blocked"] = False


def secrets_are_shared(shown: Json) -> None:
    for each in [shown, *shown.get("subscriptions", ())]:
        if "secretKey" in each:
            each["secretKey"] = SECRET


def times_pass(shown: Json) -> None:
    """A creation date that changes with each read, an hour ahead."""
    later = datetime.now(UTC) + timedelta(hours=1)
    if "createdDate" in shown:
        shown["createdDate"] = later.isoformat()


def pages_are_short(shown: Json) -> None:
    del shown.get("result", [])[3:]


def totals_count_rows(shown: Json) -> None:
    if "total" in shown:
        shown["total"] = shown["totalElements"]


def order_is_lost(shown: Json) -> None:
    shown.get("result", []).sort(key=lambda row: row["id"])


SPOILING = [
    (amounts_lose_digits, "amount"),
    (updates_are_forgotten, "description"),
    (customers_are_never_blocked, "blocked"),
    (secrets_are_shared, "secretKey"),
    (times_pass, "createdDate"),
    (pages_are_short, "result"),
    (totals_count_rows, "total"),
    (order_is_lost, "id"),
]


# Those that the first steps of a walk find.
SOON = [(updates_are_forgotten, "description"), (pages_are_short, "result")]


@pytest.mark.parametrize(
    "spoiling", [SOON, pytest.param(SPOILING, marks=pytest.mark.slow)], ids=["soon", "all"]
)
def test_a_wrong_response_is_found(spoiling: list[tuple[Any, str]], mock: Target) -> None:
    """The field is named, and the steps contain the walk from its start."""
    found = {spoil.__name__: violation_of(spoil, mock) for spoil, _ in spoiling}

    fields = {name: each and each.field.rpartition(".")[2] for name, each in found.items()}
    assert fields == {spoil.__name__: field for spoil, field in spoiling}
    for each in filter(None, found.values()):
        assert each.steps[0].path == "/_mock/reset"
        assert each.steps[-1] is each.exchange
        assert SECRET not in str(each)


@pytest.mark.slow
def test_the_walk_to_a_finding_is_shortened_and_never_lengthened(mock: Target) -> None:
    """How much depends on the time."""
    first, shortened = (violation_of(pages_are_short, mock, shrinking=n) for n in (0, 1))

    assert first is not None
    assert shortened is not None
    assert len(shortened.steps) <= len(first.steps)
    assert shortened.field == first.field
    assert shortened.steps[0].path == "/_mock/reset"
    assert shortened.steps[-1] is shortened.exchange


def violation_of(spoil: Callable[[Json], None], mock: Target, *, shrinking: float = 0) -> Violation:
    """Return the violation that the model finds in changed responses."""

    def defect(response: MockResponse) -> MockResponse:
        shown = json.loads(response.content or b"null", parse_float=Decimal)
        if response.status != 200 or not isinstance(shown, dict):
            return response
        spoil(shown)
        return replace(response, content=exact(shown))

    with tampered(mock, defect) as target:
        try:
            walk(target, Terms(mock=True, page_base=0), shrinking=shrinking)
        except Violation as violation:
            return violation
    return None


def exact(value: Any) -> bytes:
    """Write JSON with all digits of each decimal."""
    marked = json.dumps(value, default=lambda number: f"<{number:f}>")
    return re.sub(r'"<([-.0-9]+)>"', r"\1", marked).encode()


@given(json_values)
def test_a_value_equals_itself(value: Any) -> None:
    assert difference(value, value) is None


@given(json_values, json_values)
def test_values_of_two_kinds_differ(one: Any, other: Any) -> None:
    """True is not 1 and "1" is not 1; that 1.0 is 1 holds for amounts alone."""
    if type(one) is not type(other) and {type(one), type(other)} != {int, Decimal}:
        assert difference([one], [other]) is not None


# The expectation, the value, and the field that differs.
DIFFERING = [
    ({"a": 1}, {}, "a"),
    ({"a": 1}, {"a": 1, "b": None}, "b"),
    ({"a": Maybe(1)}, {"a": 2}, "a"),
    ({"a": [{"b": "x"}]}, {"a": [{"b": "y"}]}, "a[0].b"),
    ({"a": [1, 2]}, {"a": [1]}, "a"),
    ({"a": {}}, {"a": []}, "a"),
    (Decimal("0.1"), Decimal("0.10000000000000001"), "body"),
    (Decimal(1), True, "body"),
    (AnyOrder("k", [{"k": "x"}]), [], "body"),
    (AnyOrder("k", [{"k": "x"}]), [{"k": "x"}, {"k": "x"}], "body"),
    (AnyOrder("k", [{"k": "x"}]), [{"k": "x"}, {"k": "y"}], "body"),
    (AnyOrder("k", [{"k": "x", "v": 1}]), [{"k": "x", "v": 2}], "[0].v"),
]


def test_the_field_that_differs_is_named() -> None:
    named = [(want, got, (difference(want, got) or [None])[0]) for want, got, _ in DIFFERING]

    assert named == DIFFERING


def test_optional_and_additional_fields_are_allowed() -> None:
    assert difference({"a": Maybe(1)}, {}) is None
    assert difference({"a": 1}, {"a": 1, "b": 2}, more="b".__eq__) is None
    assert difference({"a": 1}, {"a": 1, "b": 2}, more="a".__eq__) is not None
    assert difference({"a": 1, "b": [2]}, {"a": 1}, less="b".__eq__) is None
    assert difference({"a": 1}, {}, less="b".__eq__) is not None
    assert difference(AnyOrder("k", [{"k": 1}, {"k": 2}]), [{"k": 2}, {"k": 1}]) is None


def test_a_stable_value_must_not_change() -> None:
    taken = {"old"}
    stable = Stable(Unique(taken, text))

    assert stable("old") is not None
    assert [stable("new"), stable("new")] == [None, None]
    assert stable("newer") is not None
    assert Unique(taken, text)("NEW") is not None


def test_a_time_has_a_zone_and_is_in_its_range() -> None:
    nine = datetime(2026, 11, 21, 9, tzinfo=UTC)
    expected = {
        "2026-11-21T09:00:00.123Z": True,
        "2026-11-21T10:00:00.123+01:00": True,
        "2026-11-21T10:00:00.123Z": False,
        "2026-11-21T09:00:00.123": False,
        "2026-11-21 09:00:00Z": False,
        1795251600123: False,
    }

    taken = {
        written: Moment(nine, nine + timedelta(seconds=1))(written) is None for written in expected
    }
    assert taken == expected


def test_a_time_does_not_change() -> None:
    nine = datetime(2026, 11, 21, 9, tzinfo=UTC)
    moment = Moment(nine, nine + timedelta(seconds=2))

    assert moment("2026-11-21T09:00:01Z") is None
    assert moment("2026-11-21T10:00:01.000+01:00") is None
    assert moment("2026-11-21T09:00:00.999Z") is not None


def test_addresses_are_distinguished_by_family() -> None:
    """The last address is that of the first block of Bitcoin."""
    families = ("EVM", "TRON", "BTC", "LTC", "XDG")
    addresses = {
        "EVM": "0xd11537d1d936fbe6456dbbd96c1464b43c7d091d",
        "TRON": "TM92mD1Uo7VHAS611qreKDvhYvEdypGaQQ",
        "BTC": "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    }

    for family, address in addresses.items():
        assert [each for each in families if is_address(each, address)] == [family]
        assert not is_address(family, address[:-1])
        assert family == "EVM" or not is_address(family, address[:-1] + "1")


@given(st.integers(0, 1000), st.integers(1, 50))
def test_pages_hold_all_rows_and_none_is_empty(rows: int, size: int) -> None:
    count = pages(rows, size)

    assert (count - 1) * size < rows <= count * size or rows == count == 0
