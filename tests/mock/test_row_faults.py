"""A mock can lose, alter and delay the rows that searches show of deposits."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from calypso_mock import Clock, Mock, Server
from calypso_pay import Calypso, NotFoundError
from tests.mock.receiving import Receiver, deposit, subscribe
from tests.mock.rows import mock_error, outcomes

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Api

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def shop(api: Api) -> tuple[Api, str, list[str]]:
    """A client of a mock, a customer, and its deposits of 1 to 5, one a second."""
    customer = api.customer()
    address = api.address("USDT_TRX", customer)
    ids = []
    for amount in range(1, 6):
        ids.append(deposit(api, address=address, amount=amount).transaction_id)
        api.mock.clock.advance(seconds=1)
    return api, customer, ids


def _find(api: Api, **payload: Any) -> Any:
    return api.ok("findTransactions", payload)


def _amounts(page: Any) -> list[str]:
    return [str(row["amount"]) for row in page["result"]]


def _get(api: Api, transaction_id: str) -> Any:
    return api.ok("getTransaction", {"transactionId": transaction_id})


def _is_found(api: Api, transaction_id: str) -> bool:
    response = api.call("getTransaction", {"transactionId": transaction_id})
    assert response.status == 200 or response.error == (400, "004")
    return response.status == 200


def test_a_lost_row_is_in_no_search_and_not_found_by_its_id(
    shop: tuple[Api, str, list[str]],
) -> None:
    """Pages and totals are as if it had never been; the balance shows that it was."""
    api, customer, ids = shop
    api.mock.rows.lose(ids[1])

    for payload in ({}, {"customerId": customer}):
        pages = [_find(api, pageSize=2, pageNumber=number, **payload) for number in range(3)]
        assert [_amounts(page) for page in pages] == [["1", "3"], ["4", "5"], []]
        assert {(page["total"], page["totalElements"]) for page in pages} == {(2, 4)}
    assert [_is_found(api, each) for each in ids] == [True, False, True, True, True]
    assert str(api.balance("USDT_TRX")) == "15"


def test_a_row_can_be_lost_by_searches_only(shop: tuple[Api, str, list[str]]) -> None:
    """It is still shown by its id."""
    api, _, ids = shop
    api.mock.rows.lose(ids[0].upper(), find_only=True)

    assert _amounts(_find(api)) == ["2", "3", "4", "5"]
    assert _is_found(api, ids[0])


def test_a_delayed_row_is_shown_when_business_time_has_moved_on(
    shop: tuple[Api, str, list[str]],
) -> None:
    """At exactly that moment, in its old place, by seconds or by a difference."""
    api, customer, ids = shop
    until = api.mock.rows.delay(ids[0], 60)
    api.mock.rows.delay(ids[4], timedelta(hours=1), find_only=True)

    def seen(**advance: float) -> tuple[list[str], int, list[bool]]:
        api.mock.clock.advance(**advance)
        page = _find(api, customerId=customer)
        shown = [_is_found(api, ids[0]), _is_found(api, ids[4])]
        return _amounts(page), page["totalElements"], shown

    assert until == api.mock.clock.now() + timedelta(seconds=60)
    assert seen(seconds=59.999) == (["2", "3", "4"], 3, [False, True])
    assert seen(seconds=0.001) == (["1", "2", "3", "4"], 4, [True, True])
    assert seen(hours=1) == (["1", "2", "3", "4", "5"], 5, [True, True])


FIELDS = {
    "amount": ("9.000000000000000000000000000001", Decimal("9.000000000000000000000000000001")),
    "currency": ("USDT", "USDT"),
    "addressFrom": ("elsewhere", "elsewhere"),
    "transactionHash": ("ab" * 32, "ab" * 32),
    "transactionState": ("MEM_POOL_FOUND", "MEM_POOL_FOUND"),
    "complianceState": ("UNCHECKED", "UNCHECKED"),
    "translationToAccountCompleted": (False, False),
    "createdDate": ("2026-11-21T13:00:00.5+01:00", "2026-11-21T12:00:00.500Z"),
}


def test_every_field_but_the_id_can_be_altered(shop: tuple[Api, str, list[str]]) -> None:
    """Searches and transactions.get show the same; the deposit's own values stay in the state."""
    api, _, ids = shop
    before = _get(api, ids[0])
    assert before.keys() == {"id", *FIELDS}

    for name, (given, _) in FIELDS.items():
        api.mock.rows.alter(ids[0], **{name: given})

    expected = {"id": ids[0], **{name: shown for name, (_, shown) in FIELDS.items()}}
    assert _get(api, ids[0]) == expected
    assert expected in _find(api)["result"]
    [state] = [each for each in api.mock.state()["accounts"][0]["transactions"] if "row" in each]
    assert state["row"]["altered"].keys() == FIELDS.keys()
    assert (state["amount"], state["createdDate"]) == ("1", before["createdDate"])


def test_searches_follow_what_is_shown(shop: tuple[Api, str, list[str]]) -> None:
    """Filters, order and counts use the altered values, not the deposit's own."""
    api, _, ids = shop
    api.mock.rows.alter(ids[0], transactionState="DECLINED", amount="4.5")
    api.mock.rows.alter(ids[1], currency="BTC")
    api.mock.rows.alter(ids[2], createdDate=NOON + timedelta(days=1), transactionHash=None)

    def found(**payload: Any) -> list[str]:
        page = _find(api, **payload)
        assert page["totalElements"] == len(page["result"])
        return _amounts(page)

    assert found(transactionStateFilter={"equals": "DECLINED"}) == ["4.5"]
    assert found(transactionStateFilter={"equals": "CONFIRMED"}) == ["2", "4", "5", "3"]
    assert found(currencyFilter={"contains": "btc"}) == ["2"]
    assert found(currencyFilter={"notEquals": "BTC"}) == ["4.5", "4", "5", "3"]
    assert found(properties="amount", sort="DESC") == ["5", "4.5", "4", "3", "2"]
    assert found(properties="createdDate", sort="DESC")[0] == "3"
    assert found(properties="transactionHash")[0] == "3"
    assert "transactionHash" not in _get(api, ids[2])


def test_an_altered_row_stays_altered_while_its_deposit_moves_on(api: Api) -> None:
    """What is not altered follows the deposit; a second call adds to the first."""
    made = deposit(api, "mem_pool")
    api.mock.rows.alter(made.transaction_id, amount=2, transactionState="DECLINED")
    api.mock.rows.alter(made.transaction_id, amount=3)
    made.advance("credited")

    row = _get(api, made.transaction_id)

    assert (row["amount"], row["transactionState"]) == (3, "DECLINED")
    assert (row["complianceState"], row["translationToAccountCompleted"]) == ("CHECKED", True)


def test_only_rows_differ(connect: type[Api], still: Clock) -> None:
    """Balance and events are those of the deposit."""
    receiver = Receiver()
    api = connect(Mock(clock=still, deliver=receiver))
    subscribe(api)
    altered, lost = deposit(api, "mem_pool"), deposit(api, "mem_pool")
    api.mock.rows.alter(altered.transaction_id, amount="7")
    api.mock.rows.lose(lost.transaction_id)
    altered.advance("credited")
    lost.advance("credited")

    assert {event["data"]["amount"] for event in receiver.events} == {Decimal("1.5")}
    assert len(receiver.events) == 8
    assert str(api.balance("USDT_TRX")) == "3.0"


ENDS: dict[str, Callable[[Api, str], object]] = {
    "restore one": lambda api, transaction_id: api.mock.rows.restore(transaction_id),
    "restore all": lambda api, _: api.mock.rows.restore(),
    "over HTTP": lambda api, transaction_id: api.control(
        "POST", "rows/restore", {"transactionId": transaction_id}
    ),
}


def test_restored_rows_are_as_before(shop: tuple[Api, str, list[str]]) -> None:
    """Lost, delayed and altered ones, one by its id or all of them."""
    api, _, ids = shop
    before = _find(api), api.mock.state()

    def restored(end: Callable[[Api, str], object]) -> bool:
        for fault in (
            lambda: api.mock.rows.lose(ids[0]),
            lambda: api.mock.rows.delay(ids[0], 1),
            lambda: api.mock.rows.alter(ids[0], amount=1_000),
        ):
            fault()
            assert (_find(api), api.mock.state()) != before
            end(api, ids[0])
        return (_find(api), api.mock.state()) == before

    assert outcomes(ENDS, restored) == dict.fromkeys(ENDS, True)


def test_restoring_one_row_leaves_the_others(shop: tuple[Api, str, list[str]]) -> None:
    api, _, ids = shop
    for each in ids[:2]:
        api.mock.rows.lose(each)
    api.mock.rows.restore(ids[0])

    assert _amounts(_find(api)) == ["1", "3", "4", "5"]


def test_a_reset_ends_it(connect: type[Api]) -> None:
    """The rows of a seeded mock, which are there again with the same ids, are shown again."""
    api = connect(Mock(seeded=True))
    before = _find(api)["totalElements"]
    api.mock.rows.lose(_find(api)["result"][0]["id"])
    lost = _find(api)["totalElements"]
    api.mock.reset()

    assert (lost, _find(api)["totalElements"]) == (before - 1, before)


def test_the_state_shows_the_faults_of_rows(shop: tuple[Api, str, list[str]]) -> None:
    """By the names that the control endpoints use, and beside the deposit as it is."""
    api, _, ids = shop
    api.mock.rows.lose(ids[0])
    api.mock.rows.delay(ids[1], 55, find_only=True)
    api.mock.rows.alter(ids[2], amount="2.50", createdDate=NOON, transactionHash=None)

    rows = api.mock.state()["accounts"][0]["transactions"]

    assert [row.get("row") for row in rows] == [
        {"lost": True, "findOnly": False},
        {"delayedUntil": "2026-11-21T12:01:00.000Z", "findOnly": True},
        {
            "altered": {
                "amount": "2.50",
                "createdDate": "2026-11-21T12:00:00.000Z",
                "transactionHash": None,
            }
        },
        None,
        None,
    ]
    assert [row["amount"] for row in rows] == ["1", "2", "3", "4", "5"]


BAD: dict[str, tuple[str, dict[str, Any], str]] = {
    "no such deposit": ("lose", {"id": UNKNOWN}, "no deposit has this transactionId"),
    "no id": ("lose", {"id": 7}, "no deposit has this transactionId"),
    "none to delay": ("delay", {"id": UNKNOWN, "by": 1}, "no deposit has this transactionId"),
    "none to alter": ("alter", {"id": UNKNOWN, "amount": 1}, "no deposit has this"),
    "none to restore": ("restore", {"id": UNKNOWN}, "no deposit has this transactionId"),
    "a text for a choice": ("lose", {"find_only": "yes"}, "find_only has to be true or false"),
    "no time": ("delay", {"by": 0}, "a delay is longer than nothing"),
    "back in time": ("delay", {"by": timedelta(seconds=-1)}, "a delay is longer than nothing"),
    "too far": ("delay", {"by": 1e300}, "a difference in time is"),
    "no number": ("delay", {"by": "1"}, "a difference in time is"),
    "no field": ("alter", {}, "name the fields to alter; there are addressFrom, amount,"),
    "an unknown field": ("alter", {"amuont": 1}, "name the fields to alter; there are"),
    "the name in Python": ("alter", {"created_date": NOON}, "name the fields to alter"),
    "a float": ("alter", {"amount": 1.5}, "an amount is a Decimal, a str or an int, not float"),
    "no amount": ("alter", {"amount": None}, "an amount is a Decimal"),
    "nothing": ("alter", {"amount": 0}, "an amount has to be a number greater than zero"),
    "no currency": ("alter", {"currency": None}, "currency=[is required]"),
    "another float": ("alter", {"currency": 1.5}, "JSON has no exact form for float"),
    "half a character": ("alter", {"currency": "\ud800"}, "a field cannot be altered to this"),
    "no such state": ("alter", {"transactionState": "LOST"}, "transactionState=[must be one of"),
    "no flag": ("alter", {"translationToAccountCompleted": "no"}, "must be true or false"),
    "no zone": ("alter", {"createdDate": "2026-11-21T12:00:00"}, "a date and time with a zone"),
    "no date": ("alter", {"createdDate": "noon"}, "a date and time with a zone"),
    "before all dates": (
        "alter",
        {"createdDate": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))},
        "a date and time with a zone",
    ),
}


def test_bad_arguments_are_rejected(shop: tuple[Api, str, list[str]]) -> None:
    """By the mock's own error, which names the remedy, and nothing has changed."""
    api, _, ids = shop
    before = api.mock.state()

    def check(row: tuple[str, dict[str, Any], str]) -> tuple[bool, bool]:
        method, arguments, message = row
        named = {name: value for name, value in arguments.items() if name != "id"}
        transaction_id = arguments.get("id", ids[0])
        error = mock_error(lambda: getattr(api.mock.rows, method)(transaction_id, **named))
        return message in error or error, api.mock.state() == before

    assert outcomes(BAD, check) == dict.fromkeys(BAD, (True, True))


def test_an_empty_page_of_a_customer_without_rows_is_no_error(api: Api) -> None:
    """Its rows only are searched, and those of nobody else."""
    made = deposit(api)
    customer = api.customer()
    api.mock.rows.lose(made.transaction_id)

    assert _find(api, customerId=customer)["totalElements"] == 0
    assert _find(api)["totalElements"] == 0
    assert api.rejected("findTransactions", {"customerId": UNKNOWN}) == (400, "004")


def test_rows_are_lost_altered_and_delayed_over_http(still: Clock) -> None:
    """A served mock has an endpoint for each, and the client of the package sees what they do."""
    with Server(mock := Mock(clock=still)) as server:
        control = httpx.Client(base_url=f"{server.url}/_mock")
        with control, Calypso(**mock.settings(base_url=server.url)) as calypso:
            customer = calypso.customers.create()
            address = calypso.addresses.get(customer_id=customer.id, currency="BTC").address
            wanted = {"address": address, "currency": "BTC", "amount": "0.5"}
            ids = [control.post("/deposit", json=wanted).json()["transactionId"] for _ in range(4)]
            shown = [
                control.post(path, json={"transactionId": each, **body}).json()
                for path, each, body in (
                    ("/rows/lose", ids[0], {}),
                    ("/rows/lose", ids[1], {"findOnly": True}),
                    ("/rows/delay", ids[2], {"by": {"days": 1}}),
                    ("/rows/alter", ids[3], {"fields": {"amount": "0.25"}}),
                )
            ]
            found = list(calypso.transactions.iter(customer_id=customer.id))
            with pytest.raises(NotFoundError):
                calypso.transactions.get(ids[0])

            assert [(each.id, str(each.amount)) for each in found] == [(ids[3], "0.25")]
            assert str(calypso.transactions.get(ids[1]).amount) == "0.5"
            assert shown == [
                {"transactionId": ids[0], "lost": True, "findOnly": False},
                {"transactionId": ids[1], "lost": True, "findOnly": True},
                {
                    "transactionId": ids[2],
                    "delayedUntil": "2026-11-22T12:00:00.000Z",
                    "findOnly": False,
                },
                {"transactionId": ids[3], "altered": {"amount": "0.25"}},
            ]

            control.post("/clock", json={"advance": {"days": 1}})
            assert {each.id for each in calypso.transactions.iter()} == {ids[2], ids[3]}
            control.post("/rows/restore", json={})
            assert {each.id for each in calypso.transactions.iter()} == set(ids)


def test_the_client_iterates_over_what_is_shown(still: Clock) -> None:
    """Page by page, and without a warning that rows are missing."""
    mock = Mock(clock=still)
    with Calypso(transport=mock.transport(), **mock.settings()) as calypso:
        customer = calypso.customers.create()
        address = calypso.addresses.get(customer_id=customer.id, currency="BTC").address
        ids = [
            mock.simulate_deposit(address=address, currency="BTC", amount=1).transaction_id
            for _ in range(10)
        ]
        mock.rows.lose(ids[3])
        mock.rows.delay(ids[7], 60)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = [each.id for each in calypso.transactions.iter(page_size=3)]

    assert sorted(found) == sorted({*ids} - {ids[3], ids[7]})
