"""Servers, ledgers and memories that fail, and rows that change meanwhile."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from calypso_pay import (
    APIError,
    AsyncCalypso,
    AuthenticationError,
    ServerError,
    UnexpectedResponseError,
    to_jsonable,
)
from calypso_pay.reconcile import Kind, _compare, reconcile
from tests.reconcile.books import Books, DictMemory, keys

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

both_ways = pytest.mark.parametrize("way", ["sync", "async"])


def in_a_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Run a test that is a coroutine function."""

    @wraps(test)
    def run() -> None:
        asyncio.run(test())

    return run


def rejection(status: int = 500, code: str = "000") -> httpx.Response:
    body = {"errorCode": code, "message": "rejected", "traceId": "t"}
    return httpx.Response(status, json=body)


def reject(*customers: str) -> Callable[[str, dict[str, Any]], httpx.Response | None]:
    return lambda _, payload: rejection() if payload.get("customerId") in customers else None


@both_ways
def test_a_customer_that_cannot_be_read_does_not_keep_the_others_from_it(way: str) -> None:
    books, memory = Books(), DictMemory()
    first, second = books.add_customer(), books.add_customer()
    made = books.deposit(first, to="pending")
    books.reconcile(way, memory=memory)
    books.deposit(second)
    books.respond = reject(first)

    report = books.reconcile(way, memory=memory)

    assert keys(report.differences) == {(Kind.UNREAD, first, None, None)}
    assert (report.summary.customers, report.summary.bookings) == (2, 1)
    # What was open is not forgotten.
    books.respond = lambda *_: None
    made.advance("credited")
    report = books.reconcile(way, memory=memory, customers=[])
    assert keys(report.differences) == {(Kind.MISSING, first, made.transaction_id, None)}


@both_ways
def test_a_customer_that_the_key_may_not_read_does_not_keep_the_others_from_it(way: str) -> None:
    books = Books()
    first, second = books.add_customer(), books.add_customer()
    made = books.deposit(second, book=False)
    books.respond = lambda _, payload: (
        rejection(403, "010") if payload.get("customerId") == first else None
    )

    report = books.reconcile(way)

    assert keys(report.differences) == {
        (Kind.UNREAD, first, None, None),
        (Kind.MISSING, second, made.transaction_id, None),
    }


@both_ways
def test_many_customers_in_a_row_that_cannot_be_read_do_not_end_a_run(way: str) -> None:
    books, memory = Books(), DictMemory()
    customers = [books.add_customer() for _ in range(20)]
    made = books.deposit(customers[-1], book=False)
    books.respond = reject(*customers[2:17])

    report = books.reconcile(way, memory=memory)

    assert keys(report.differences) == {
        *((Kind.UNREAD, each, None, None) for each in customers[2:17]),
        (Kind.MISSING, customers[-1], made.transaction_id, None),
    }


@both_ways
def test_ids_that_the_api_rejects_are_not_remembered_for_ever(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    books, memory = Books(), DictMemory()
    good = books.add_customer()
    bad = [f"typo-{number}" for number in range(6)]
    books.respond = lambda _, payload: (
        rejection(404, "004") if payload.get("customerId") in bad else None
    )
    report = books.reconcile(way, memory=memory, customers=[*bad, good])
    expected = {(Kind.UNREAD, each, None, None) for each in bad}
    assert keys(report.differences) == expected
    # It may be the server's mistake.
    report = books.reconcile(way, memory=memory, customers=[good])
    assert keys(report.differences) == expected
    monkeypatch.setattr(_compare, "_GIVE_UP_AFTER", timedelta(0))
    assert not books.reconcile(way, memory=memory, customers=[good]).is_clean

    assert books.reconcile(way, memory=memory, customers=[good]).is_clean


@both_ways
def test_one_deposit_that_is_listed_for_two_customers_hides_no_other(way: str) -> None:
    books = Books()
    first, second = books.add_customer(), books.add_customer()
    shared = books.deposit(first)
    made = [books.deposit(second, book=False) for _ in range(3)]

    def respond(path: str, payload: dict[str, Any]) -> httpx.Response | None:
        if payload.get("customerId") != second:
            return None
        rows = [
            {
                "id": each.transaction_id,
                "amount": 25.5,
                "currency": "USDT_TRX",
                "transactionState": "CONFIRMED",
                "translationToAccountCompleted": True,
            }
            for each in (*made, shared)
        ]
        body = {"result": rows, "page": 0, "size": 100, "total": 1, "totalElements": len(rows)}
        return httpx.Response(200, json=body)

    books.respond = respond
    report = books.reconcile(way)

    assert keys(each for each in report.differences if each.customer_id == second) == {
        (Kind.UNREAD, second, None, None),
        *((Kind.MISSING, second, each.transaction_id, None) for each in made),
    }


@both_ways
@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_a_server_that_rejects_an_unknown_customer_can_be_reconciled(way: str, status: int) -> None:
    books = Books()
    books.deposit(books.add_customer())
    books.respond = lambda _, payload: (
        None if payload.get("customerId") in books.customers else rejection(status, "999")
    )

    assert books.reconcile(way).is_clean


@both_ways
def test_a_server_that_demands_a_customer_can_be_reconciled_past_many_bad_ids(way: str) -> None:
    books = Books()
    customers = [books.add_customer() for _ in range(20)]
    bad = customers[2:17]
    books.respond = lambda _, payload: (
        rejection(400, "001") if payload.get("customerId", bad[0]) in bad else None
    )

    report = books.reconcile(way)

    assert keys(report.differences) == {(Kind.UNREAD, each, None, None) for each in bad}
    assert report.summary.customers == 20


@both_ways
def test_a_server_that_is_out_of_order_ends_the_run(way: str) -> None:
    books, memory = Books(), DictMemory()
    customers = [books.add_customer() for _ in range(9)]
    is_down: list[bool] = []

    def respond(_: str, payload: dict[str, Any]) -> httpx.Response | None:
        is_down.extend([True] * (payload.get("customerId") in customers[3:]))
        return rejection() if is_down else None

    books.respond = respond
    with pytest.raises(ServerError):
        books.reconcile(way, memory=memory)
    books.respond = lambda *_: None

    report = books.reconcile(way, memory=memory)

    assert report.summary.is_resumed
    assert report.is_clean
    assert report.summary.customers == 9


def test_a_key_without_permission_ends_the_run() -> None:
    books = Books()
    for _ in range(9):
        books.add_customer()
    books.respond = lambda *_: rejection(403, "010")
    with pytest.raises(APIError):
        books.reconcile()


def test_a_wrong_key_ends_the_run_at_once() -> None:
    books = Books()
    books.add_customer()
    books.add_customer()
    books.respond = lambda *_: rejection(401, "002")
    with pytest.raises(AuthenticationError):
        books.reconcile()


def test_an_unreadable_row_is_reported_and_does_not_hide_the_others() -> None:
    books = Books()
    customer = books.add_customer()
    readable, unreadable = books.deposit(customer), books.deposit(customer)
    other = books.deposit(customer, book=False)

    def respond(_: str, payload: dict[str, Any]) -> httpx.Response | None:
        if payload.get("customerId") != customer:
            return None
        good = {"currency": "USDT_TRX", "transactionState": "CONFIRMED"}
        good |= {"translationToAccountCompleted": True, "amount": 25.5}
        rows = [
            {**good, "id": readable.transaction_id},
            {**good, "id": unreadable.transaction_id, "amount": "much"},
            {**good, "id": other.transaction_id},
        ]
        body = {"result": rows, "page": 0, "size": 100, "total": 1, "totalElements": 3}
        return httpx.Response(200, json=body)

    books.respond = respond
    report = books.reconcile()

    assert keys(report.differences) == {
        (Kind.MISSING, customer, other.transaction_id, None),
        (Kind.UNREAD, customer, None, None),
    }


@both_ways
def test_a_server_that_does_not_filter_by_customer_has_nothing_missing(way: str) -> None:
    books = Books()
    for _ in range(3):
        customer = books.add_customer()
        books.deposit(customer)
        books.deposit(customer)
    first = books.customers[0]

    def respond(_: str, payload: dict[str, Any]) -> None:
        if payload.get("customerId") in books.customers:
            payload["customerId"] = first

    books.respond = respond
    report = books.reconcile(way)

    assert {each.kind for each in report.differences} <= {Kind.UNREAD}
    assert {each.customer_id for each in report.differences} >= set(books.customers[1:])
    assert "may not filter by customer" in report.to_text()


@both_ways
def test_a_server_that_lists_deposits_of_a_customer_that_does_not_exist_ends_the_run(
    way: str,
) -> None:
    books = Books()
    books.deposit(books.add_customer(), book=False)
    books.respond = lambda _, payload: payload.pop("customerId", None) and None

    with pytest.raises(UnexpectedResponseError, match="does not filter by customer"):
        books.reconcile(way)


@both_ways
def test_a_booked_deposit_that_may_be_a_row_that_was_not_listed_is_not_unexpected(way: str) -> None:
    books = Books()
    customer = books.add_customer()
    made = [books.deposit(customer) for _ in range(3)]
    books.book(customer, "invented")

    def respond(_: str, payload: dict[str, Any]) -> httpx.Response | None:
        if payload.get("customerId") != customer:
            return None
        with books.client() as calypso:
            books.respond = lambda *_: None
            page = calypso.transactions.find(customer_id=customer)
            books.respond = respond
        body = page.to_dict()
        body["result"] = [row for row in body["result"] if row["id"] != made[1].transaction_id]
        text = json.dumps(body, default=to_jsonable)
        return httpx.Response(200, text=text, headers={"Content-Type": "application/json"})

    books.respond = respond
    report = books.reconcile(way)

    assert keys(report.differences) == {
        (Kind.UNREAD, customer, None, None),
        (Kind.UNEXPECTED, customer, "invented", None),
    }


@both_ways
def test_a_deposit_that_is_booked_between_both_looks_is_no_difference(way: str) -> None:
    books, looks = Books(), []
    customer = books.add_customer()
    made = books.deposit(customer, book=False)

    def read(each: str) -> list[Any]:
        looks.append(each)
        found = list(books.bookings[each])
        if len(looks) == 1:
            books.book(customer, made.transaction_id)
        return found

    assert books.reconcile(way, ledger=read).is_clean
    assert looks == [customer, customer]


@both_ways
def test_a_deposit_that_arrives_and_is_booked_while_it_is_read_is_no_difference(way: str) -> None:
    books, made = Books(), []
    customer = books.add_customer()

    def read(each: str) -> list[Any]:
        if not made:
            made.append(books.deposit(customer))
        return books.read(each)

    assert books.reconcile(way, ledger=read).is_clean


@both_ways
def test_what_only_the_second_look_shows_is_open_and_read_again_next_time(way: str) -> None:
    books, memory, made = Books(), DictMemory(), []
    customer = books.add_customer()
    made.append(books.deposit(customer, book=False))

    def read(each: str) -> list[Any]:
        if len(made) == 1:
            made.append(books.deposit(customer, book=False))
            books.deposit(customer, book=False)
        return books.read(each)

    report = books.reconcile(way, ledger=read, memory=memory)

    first, second = (each.transaction_id for each in made)
    assert {(each.kind, each.transaction_id) for each in report.differences} >= {
        (Kind.MISSING, first),
        (Kind.OPEN, second),
    }
    again = books.reconcile(way, memory=memory, customers=[])
    assert again.summary.counts[Kind.MISSING] == 3


@both_ways
def test_a_deposit_that_is_booked_wrongly_between_both_looks_differs(way: str) -> None:
    books, looks = Books(), []
    customer = books.add_customer()
    made = books.deposit(customer, book=False)

    def read(each: str) -> list[Any]:
        looks.append(each)
        found = list(books.bookings[each])
        if len(looks) == 1:
            books.book(customer, made.transaction_id, "7")
        return found

    report = books.reconcile(way, ledger=read)

    assert keys(report.differences) == {(Kind.DIFFERING, customer, made.transaction_id, "amount")}


@both_ways
def test_a_customer_that_was_unread_is_read_again_by_the_next_run(way: str) -> None:
    books, memory = Books(), DictMemory()
    customer = books.add_customer()
    made = books.deposit(customer, book=False)
    books.respond = reject(customer)
    assert keys(books.reconcile(way, memory=memory).differences) == {
        (Kind.UNREAD, customer, None, None)
    }
    books.respond = lambda *_: None

    report = books.reconcile(way, memory=memory, customers=[])

    assert keys(report.differences) == {(Kind.MISSING, customer, made.transaction_id, None)}


@both_ways
def test_a_booking_that_only_the_second_look_shows_is_read_again_next_time(way: str) -> None:
    books, memory, looks = Books(), DictMemory(), []
    customer = books.add_customer()
    made = books.deposit(customer, book=False)

    def read(each: str) -> list[Any]:
        looks.append(each)
        if len(looks) == 2:
            books.book(customer, "invented")
            books.book(customer, made.transaction_id)
        return books.read(each)

    report = books.reconcile(way, ledger=read, memory=memory)
    assert keys(report.differences) == {(Kind.OPEN, customer, "invented", None)}

    report = books.reconcile(way, memory=memory, customers=[])
    assert keys(report.differences) == {(Kind.UNEXPECTED, customer, "invented", None)}


def _sleep(way: str, slept: list[float]) -> Callable[[float], Any]:
    async def asleep(seconds: float) -> None:
        slept.append(seconds)

    return slept.append if way == "sync" else asleep


@both_ways
def test_the_second_look_comes_after_the_time_to_settle(way: str) -> None:
    books, slept, read = Books(), [], []
    first, second = books.add_customer(), books.add_customer()
    books.deposit(first, book=False)

    def ledger(customer: str) -> list[Any]:
        read.append((customer, len(slept)))
        return books.read(customer)

    books.reconcile(way, ledger=ledger, settle=60, sleep=_sleep(way, slept))

    assert read == [(first, 0), (second, 0), (first, 1)]
    assert 0 < slept[0] <= 60


def test_a_coroutine_function_that_nothing_would_await_is_rejected() -> None:
    books = Books()
    for way, options in (
        ("sync", {"sleep": asyncio.sleep}),
        ("sync", {"progress": asyncio.sleep}),
        ("async", {"progress": asyncio.sleep}),
    ):
        with pytest.raises(TypeError, match="function"):
            books.reconcile(way, **options)


def test_requests_keep_the_rate() -> None:
    books, slept = Books(), []
    for _ in range(5):
        books.deposit(books.add_customer())

    books.reconcile(rate=0.001, sleep=slept.append)

    assert len(slept) == books.reconcile().summary.requests - 1
    # What a sleep of the caller's is passed counts as elapsed.
    assert all(0 < seconds <= 1000 for seconds in slept)


@pytest.mark.parametrize("kind", [ZeroDivisionError, KeyboardInterrupt, SystemExit])
@both_ways
def test_an_exception_of_the_ledger_reaches_the_caller(way: str, kind: type[BaseException]) -> None:
    books = Books()
    books.deposit(books.add_customer())

    def read(_: str) -> list[Any]:
        raise kind

    with pytest.raises(kind):
        books.reconcile(way, ledger=read)


def test_a_deposit_that_was_in_the_mempool_and_is_gone_is_reported_with_its_amount() -> None:
    books, memory = Books(), DictMemory()
    customer = books.add_customer()
    made = books.deposit(customer, to="mem_pool")
    books.reconcile(memory=memory)
    books.mock.rows.lose(made.transaction_id)

    [found] = books.reconcile(memory=memory).differences

    assert found.kind is Kind.OPEN
    assert found.reason == "was MEM_POOL_FOUND, and is not known to the API any more"
    assert str(found.amount) == "25.50"


@both_ways
@pytest.mark.parametrize("is_named", [True, False])
def test_an_open_deposit_that_is_not_to_be_seen_for_a_while_is_not_forgotten(
    way: str, is_named: bool
) -> None:
    books, memory = Books(), DictMemory()
    customer = books.add_customer()
    made = books.deposit(customer, to="pending")
    books.reconcile(way, memory=memory)
    books.mock.rows.lose(made.transaction_id)
    for _ in range(2):
        report = books.reconcile(way, memory=memory, customers=books.customers * is_named)
        assert keys(report.differences) == {(Kind.UNREAD, customer, made.transaction_id, None)}
        assert not report.is_clean
    books.mock.rows.restore()
    made.advance("credited")

    report = books.reconcile(way, memory=memory, customers=[])

    assert keys(report.differences) == {(Kind.MISSING, customer, made.transaction_id, None)}


@both_ways
def test_a_failed_look_up_of_an_open_deposit_hides_nothing(way: str) -> None:
    books, memory = Books(), DictMemory()
    customer = books.add_customer()
    gone, made = books.deposit(customer, to="pending"), books.deposit(customer, book=False)
    books.reconcile(way, memory=memory)
    books.mock.rows.lose(gone.transaction_id)
    books.respond = lambda path, _: rejection() if path.endswith("/get") else None

    report = books.reconcile(way, memory=memory)

    assert keys(report.differences) == {
        (Kind.MISSING, customer, made.transaction_id, None),
        (Kind.UNREAD, customer, gone.transaction_id, None),
    }


@both_ways
def test_an_open_deposit_that_moved_to_another_customer_is_settled(way: str) -> None:
    books, memory = Books(), DictMemory()
    first, second = books.add_customer(), books.add_customer()
    made = books.deposit(first, to="pending")
    books.reconcile(way, memory=memory)
    made.advance("credited")
    books.book(second, made.transaction_id)

    def respond(_: str, payload: dict[str, Any]) -> None:
        swapped = {first: second, second: first}
        if payload.get("customerId") in swapped:
            payload["customerId"] = swapped[payload["customerId"]]

    books.respond = respond
    for _ in range(2):
        # The second look comes when the other customer was read.
        assert books.reconcile(way, memory=memory, settle=60, sleep=_sleep(way, [])).is_clean


@both_ways
def test_an_open_deposit_that_two_others_have_is_not_settled(way: str) -> None:
    books, memory = Books(), DictMemory()
    first, *others = [books.add_customer() for _ in range(3)]
    made = books.deposit(first, to="pending")
    books.reconcile(way, memory=memory)

    def respond(_: str, payload: dict[str, Any]) -> None:
        if payload.get("customerId") in books.customers:
            payload["customerId"] = first if payload["customerId"] in others else others[0]

    books.respond = respond
    # The second look comes when the others were read.
    report = books.reconcile(way, memory=memory, settle=60, sleep=_sleep(way, []))

    assert (Kind.UNREAD, first, made.transaction_id, None) in keys(report.differences)


@both_ways
def test_a_booked_deposit_that_is_not_to_be_seen_for_a_while_is_not_forgotten(way: str) -> None:
    books, memory = Books(), DictMemory()
    customer = books.add_customer()
    made = books.deposit(customer, to="declined", book=True)
    later = datetime.now(UTC) + timedelta(days=1)
    expected = {(Kind.UNEXPECTED, customer, made.transaction_id, None)}
    assert keys(books.reconcile(way, memory=memory).differences) == expected
    books.mock.rows.lose(made.transaction_id)
    for _ in range(2):
        report = books.reconcile(way, memory=memory, since=later)
        assert keys(report.differences) == expected
        books.mock.rows.restore()


@both_ways
def test_a_booking_that_cannot_be_looked_up_hides_nothing(way: str) -> None:
    books = Books()
    customer = books.add_customer()
    made = books.deposit(customer, book=False)
    books.book(customer, "manual-1")
    books.respond = lambda path, _: rejection() if path.endswith("/get") else None

    report = books.reconcile(way)

    assert keys(report.differences) == {
        (Kind.MISSING, customer, made.transaction_id, None),
        (Kind.UNEXPECTED, customer, "manual-1", None),
    }
    assert "could not be looked up" in report.to_text()


def test_an_open_deposit_that_is_not_listed_any_more_is_looked_up_and_not_called_missing() -> None:
    """It may be another customer's by now."""
    books, memory = Books(), DictMemory()
    customer = books.add_customer()
    made = books.deposit(customer, to="pending")
    books.reconcile(memory=memory)
    made.advance("credited")
    books.mock.rows.lose(made.transaction_id, find_only=True)

    for _ in range(2):
        report = books.reconcile(memory=memory, customers=[])
        assert keys(report.differences) == {(Kind.UNREAD, customer, made.transaction_id, None)}
    books.mock.rows.restore()
    report = books.reconcile(memory=memory, customers=[])
    assert keys(report.differences) == {(Kind.MISSING, customer, made.transaction_id, None)}


@in_a_loop
async def test_no_more_customers_are_read_at_once_than_allowed() -> None:
    books = Books()
    for _ in range(20):
        books.deposit(books.add_customer())
    active, most = 0, 0

    async def ledger(customer: str) -> list[Any]:
        nonlocal active, most
        active += 1
        most = max(most, active)
        await asyncio.sleep(0.001)
        active -= 1
        return list(books.bookings[customer])

    async with AsyncCalypso(
        transport=books.mock.async_transport(), **books.mock.settings()
    ) as calypso:
        run = reconcile(
            calypso, customers=books.customers, ledger=ledger, concurrency=3, progress=False
        )
        assert (await run.report()).is_clean
    assert most == 3


@in_a_loop
async def test_leaving_the_loop_early_leaves_no_task_behind() -> None:
    books = Books()
    for _ in range(10):
        books.deposit(books.add_customer(), book=False)
    before = asyncio.all_tasks()
    async with AsyncCalypso(
        transport=books.mock.async_transport(), **books.mock.settings()
    ) as calypso:
        run = reconcile(
            calypso, customers=books.customers, ledger=books.aread, settle=0, progress=False
        )
        async with aclosing(aiter(run)) as differences:
            async for _ in differences:
                break
        assert asyncio.all_tasks() == before


@in_a_loop
async def test_customers_and_bookings_may_come_from_async_iterables() -> None:
    books = Books()
    books.deposit(books.add_customer())

    async def customers() -> Any:
        for each in books.customers:
            yield each

    async def bookings(customer: str) -> Any:
        for each in books.bookings[customer]:
            yield each

    async with AsyncCalypso(
        transport=books.mock.async_transport(), **books.mock.settings()
    ) as calypso:
        run = reconcile(calypso, customers=customers(), ledger=bookings, progress=False)
        report = await run.report()
    assert report.is_clean
    assert report.summary.bookings == 1


def test_an_id_that_the_api_rejects_is_no_such_deposit() -> None:
    books = Books()
    books.book(books.add_customer(), "x" * 5_000)
    books.respond = lambda path, _: rejection(404, "004") if path.endswith("/get") else None
    [found] = books.reconcile().differences
    assert found.kind is Kind.UNEXPECTED
