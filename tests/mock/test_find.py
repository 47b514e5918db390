"""Searching for deposits against a naive model of what filters, order and pages mean."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calypso_mock import Clock, Mock
from calypso_mock.api import _search
from tests.mock.rows import outcomes
from tests.properties import examples

if TYPE_CHECKING:
    from conftest import Api

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
STATES = ["MEM_POOL_FOUND", "PENDING_COMPLIANCE_CHECK", "DECLINED", "CONFIRMED"]
FIELDS = [
    "id",
    "amount",
    "addressFrom",
    "currency",
    "transactionHash",
    "transactionState",
    "complianceState",
    "translationToAccountCompleted",
    "createdDate",
]
STEPS = ["mem_pool", "pending", "confirmed", "credited", "declined"]


@pytest.fixture(scope="module")
def crowd(connect: type[Api]) -> dict[str, Any]:
    """A mock with 60 deposits of 4 customers, many of them equal in some field."""
    mock = Mock(page_base=0, clock=Clock(lambda: NOON))
    api = connect(mock)
    customers = [api.customer() for _ in range(4)]
    currencies = ["BTC", "ETH", "USDT", "USDT_BSC", "TRX", "USDT_TRX"]
    for number in range(60):
        customer, currency = customers[number % 4], currencies[number * 7 % 6]
        mock.simulate_deposit(
            address=api.address(currency, customer),
            currency=currency,
            amount=f"{number % 5 + 1}.{number % 3}",
            to=STEPS[number * 3 % 5],
            sender=f"sender-{number % 2}",
        )
        if number % 4 == 0:
            mock.clock.advance(seconds=1)
    rows = api.ok("findTransactions", {"pageSize": 1000})["result"]
    assert len(rows) == 60
    owners = {
        row["id"]: customer
        for customer in customers
        for row in api.ok("findTransactions", {"customerId": customer, "pageSize": 99})["result"]
    }
    return {"api": api, "rows": rows, "owners": owners, "customers": customers}


TEXTS = st.sampled_from(["BTC", "btc", "ETH", "USDT", "USDT_TRX", "T", "_", "", "xyz", "Usdt"])


def _few(members: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw at most two of the members: more of them together let hardly a row through."""
    entries = [st.tuples(st.just(name), values) for name, values in members.items()]
    return st.lists(st.one_of(entries), max_size=2).map(dict)


STRING_FILTERS = _few(
    {
        "equals": TEXTS,
        "notEquals": TEXTS,
        "specified": st.booleans(),
        "in": st.lists(TEXTS, max_size=4),
        "notIn": st.lists(TEXTS, max_size=4),
        "contains": TEXTS,
        "doesNotContain": TEXTS,
    }
)
STATE = st.sampled_from(STATES)
STATE_FILTERS = _few(
    {
        "equals": STATE,
        "notEquals": STATE,
        "specified": st.booleans(),
        "in": st.lists(STATE, max_size=4),
        "notIn": st.lists(STATE, max_size=4),
    }
)
ORDERS = st.fixed_dictionaries(
    {},
    optional={
        "sort": st.sampled_from(["ASC", "DESC"]),
        "properties": st.lists(st.sampled_from(FIELDS), min_size=1, max_size=3).map(", ".join),
    },
)


def naive_pass(value: str, conditions: dict[str, Any]) -> bool:
    passed = {
        "equals": lambda wanted: value == wanted,
        "notEquals": lambda wanted: value != wanted,
        "specified": lambda wanted: wanted,
        "in": lambda wanted: value in wanted,
        "notIn": lambda wanted: value not in wanted,
        "contains": lambda wanted: wanted.lower() in value.lower(),
        "doesNotContain": lambda wanted: wanted.lower() not in value.lower(),
    }
    return all(passed[name](wanted) for name, wanted in conditions.items())


def naive_order(rows: list[Any], order: dict[str, Any]) -> list[Any]:
    fields = order.get("properties", "createdDate").split(", ")
    sign = -1 if order.get("sort") == "DESC" else 1

    def compare(left: Any, right: Any) -> int:
        for field in fields:
            if left[field] != right[field]:
                return sign if left[field] > right[field] else -sign
        return 0

    return sorted(rows, key=cmp_to_key(compare))


@given(currency=STRING_FILTERS, state=STATE_FILTERS, customer=st.none() | st.integers(0, 3))
@examples(100)
def test_filters_agree_with_the_model(
    crowd: dict[str, Any], currency: Any, state: Any, customer: int | None
) -> None:
    """All conditions hold together, and the count is that of the rows."""
    payload = {"currencyFilter": currency, "transactionStateFilter": state, "pageSize": 99}
    expected = [
        row
        for row in crowd["rows"]
        if naive_pass(row["currency"], currency) and naive_pass(row["transactionState"], state)
    ]
    if customer is not None:
        payload["customerId"] = crowd["customers"][customer]
        expected = [row for row in expected if crowd["owners"][row["id"]] == payload["customerId"]]

    page = crowd["api"].ok("findTransactions", payload)

    assert page["result"] == expected
    assert page["totalElements"] == len(expected)
    assert page["total"] == (1 if expected else 0)


@given(order=ORDERS)
def test_the_order_agrees_with_the_model(crowd: dict[str, Any], order: Any) -> None:
    """By all fields named, in either direction; equal rows stay in the order of arrival."""
    page = crowd["api"].ok("findTransactions", {**order, "pageSize": 60})

    assert page["result"] == naive_order(crowd["rows"], order)


@given(size=st.integers(1, 70), order=ORDERS, base=st.sampled_from([0, 1]))
@examples(20)
def test_the_pages_together_are_the_whole(
    crowd: dict[str, Any], connect: type[Api], size: int, order: Any, base: int
) -> None:
    """Each row once, in order; `total` counts the pages, the last of which may be shorter."""
    api = crowd["api"]
    whole = api.ok("findTransactions", {**order, "pageSize": 60})["result"]
    context = api.mock._context
    options = context.options
    try:
        context.options = type(options)(page_base=base)
        pages = [
            api.ok("findTransactions", {**order, "pageSize": size, "pageNumber": number})
            for number in range(base, base + -(-60 // size) + 1)
        ]
    finally:
        context.options = options

    assert [row for page in pages for row in page["result"]] == whole
    assert pages[-1]["result"] == []
    assert all(len(page["result"]) == size for page in pages[:-2])
    assert {page["total"] for page in pages} == {len(pages) - 1}
    assert {page["totalElements"] for page in pages} == {60}
    assert [(page["page"], page["size"]) for page in pages] == [
        (base + number, size) for number in range(len(pages))
    ]


def test_without_a_word_the_oldest_twenty_come_first(crowd: dict[str, Any]) -> None:
    """Default order, direction, page and size."""
    page = crowd["api"].ok("findTransactions", {})

    assert page == {
        "result": crowd["rows"][:20],
        "page": 0,
        "size": 20,
        "total": 3,
        "totalElements": 60,
    }
    assert crowd["rows"] == sorted(crowd["rows"], key=lambda row: row["createdDate"])


@pytest.mark.parametrize("base", [0, 1])
def test_no_page_lies_before_the_first(still: Any, connect: type[Api], base: int) -> None:
    """The page base is an option; a number below it is bad input, beyond the last is empty."""
    api = connect(Mock(clock=still, page_base=base))

    below = api.call("findTransactions", {"pageNumber": base - 1})
    beyond = api.ok("findTransactions", {"pageNumber": 2**31 - 1, "pageSize": 2**31 - 1})

    assert below.error == (400, "001")
    assert below.message == f"payload.pageNumber=[must be at least {base}]"
    assert beyond["result"] == []
    assert api.ok("findTransactions", {})["page"] == base


def test_numbers_with_a_point_are_page_numbers(api: Api) -> None:
    """JSON Schema counts 1.0 among the integers; the response shows it as one."""
    page = api.ok("findTransactions", {"pageNumber": 1.0, "pageSize": 5.0})

    assert (page["page"], page["size"]) == (1, 5)


def test_an_unknown_order_is_bad_input(api: Api) -> None:
    """The field is named, and it comes before the customer is looked for."""

    def find(properties: str) -> tuple[tuple[int, str], str]:
        wanted = {"properties": properties, "customerId": "00000000-0000-4000-8000-000000000000"}
        response = api.call("findTransactions", wanted)
        return response.error, response.message.partition("=")[0]

    orders = ["nothing", "createdDate,nothing", "CreatedDate", "payload"]
    assert outcomes(orders, find) == dict.fromkeys(orders, ((400, "001"), "payload.properties"))


def test_blank_names_in_an_order_are_no_names(crowd: dict[str, Any]) -> None:
    """White space around names is nothing, and nothing at all is the default."""

    def ordered(properties: str) -> bool:
        found = crowd["api"].ok("findTransactions", {"properties": properties, "pageSize": 60})
        fields = ["createdDate", "id"] if "id" in properties else ["createdDate"]
        return found["result"] == naive_order(crowd["rows"], {"properties": ", ".join(fields)})

    orders = ["", " ", ",", "createdDate,", " createdDate , id "]
    assert outcomes(orders, ordered) == dict.fromkeys(orders, True)


def test_a_field_that_is_named_twice_sorts_once() -> None:
    """However often it is named, a megabyte of names costs no more than one of each."""
    fields = _search.order_fields({"properties": "id, amount,id," * 10})

    assert fields == ["id", "amount"]
