"""What a reconciliation finds, and what it does not."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calypso_pay import ConfigurationError
from calypso_pay.reconcile import Booking, Kind, Report, reconcile
from tests.properties import examples
from tests.reconcile.books import Books, DictMemory, keys

both_ways = pytest.mark.parametrize("way", ["sync", "async"])
both_bases = pytest.mark.parametrize("page_base", [0, 1])


@examples(10)
@given(st.integers(0, 2**32), st.sampled_from([0, 1]), st.sampled_from(["sync", "async"]))
def test_exactly_the_planted_mistakes_are_found(seed: int, page_base: int, way: str) -> None:
    rng = random.Random(seed)  # noqa: S311 - no secret
    books = Books(page_base=page_base)
    books.fill(rng, customers=6, deposits=60)
    assert keys(books.reconcile(way, page_size=5).differences) == books.expected

    books.plant(rng, 10)

    report = books.reconcile(way, page_size=rng.choice([1, 3, 100]))
    assert keys(report.differences) == books.expected
    assert not report.is_clean


@both_ways
def test_right_books_with_settled_deposits_are_clean(way: str) -> None:
    books = Books()
    customer = books.add_customer()
    books.deposit(customer)
    books.deposit(customer, to="declined")

    report = books.reconcile(way)

    assert report.is_clean
    assert not report.differences
    assert (report.summary.deposits, report.summary.bookings) == (2, 1)


def test_a_difference_has_both_values_and_both_sides() -> None:
    books = Books()
    customer = books.add_customer()
    made = books.deposit(customer, "1.000000000000000001")
    books.bookings[customer] = [(made.transaction_id, "1", "USDT_TRX")]

    [found] = books.reconcile().differences

    assert (found.kind, found.field) == (Kind.DIFFERING, "amount")
    assert (found.booked, found.found) == (Decimal(1), Decimal("1.000000000000000001"))
    assert found.transaction is not None
    assert found.booking is not None
    assert found.transaction.id == found.booking.id == made.transaction_id


def test_the_sum_of_what_is_unexpected_is_that_of_the_bookings() -> None:
    books = Books()
    first, second = books.add_customer(), books.add_customer()
    made = books.deposit(first, "1.5")
    books.bookings[second] = [(made.transaction_id, "100", "BTC")]
    pending = books.deposit(second, "1.5", to="pending", book=False)
    books.book(second, pending.transaction_id, "7")

    report = books.reconcile()

    totals = report.summary.totals
    assert (totals["BTC"].unexpected.amount, totals["BTC"].balance) == (100, 100)
    assert (totals["USDT_TRX"].unexpected.amount, totals["USDT_TRX"].balance) == (7, 7)
    assert "100 BTC, booked, and the deposit is not listed" in report.to_text()


def test_a_booking_without_amount_and_currency_is_compared_by_its_id() -> None:
    books = Books()
    customer = books.add_customer()
    made = books.deposit(customer, "25.5")
    books.bookings[customer] = [Booking(made.transaction_id, None, None), Booking("x", None, None)]

    report = books.reconcile()

    assert keys(report.differences) == {(Kind.UNEXPECTED, customer, "x", None)}
    assert report.summary.totals["USDT_TRX"].booked.amount == Decimal("25.5")
    assert "transaction x, booked, and there is no such deposit" in report.to_text()
    assert "x" in report.to_csv()


def test_trailing_zeros_and_the_case_of_an_id_make_no_difference() -> None:
    books = Books()
    customer = books.add_customer()
    made = books.deposit(customer, "25.5")
    books.bookings[customer] = [(made.transaction_id.upper(), "25.500000", "USDT_TRX", "CONFIRMED")]

    assert books.reconcile().is_clean


@pytest.mark.parametrize("is_at_the_api", [True, False])
def test_each_further_booking_of_a_deposit_is_unexpected_and_counted(is_at_the_api: bool) -> None:
    books = Books()
    customer = books.add_customer()
    if is_at_the_api:
        booking = (books.deposit(customer, "1.5").transaction_id, "1.5", "USDT_TRX")
    else:
        booking = ("invented", "1.5", "USDT_TRX")
    # The very same object, too.
    books.bookings[customer] = [booking, booking, Booking(*booking), Booking(*booking)]

    summary = books.reconcile().summary

    totals = summary.totals["USDT_TRX"]
    expected = 3 if is_at_the_api else 4
    assert (summary.counts[Kind.UNEXPECTED], summary.bookings) == (expected, 4)
    assert (totals.booked.amount, totals.balance) == (6, Decimal("1.5") * expected)


def test_an_unexpected_booking_says_whether_there_is_such_a_deposit_at_all() -> None:
    books = Books()
    first, second = books.add_customer(), books.add_customer()
    made = books.deposit(first)
    books.book(second, made.transaction_id)
    books.book(second, "invented")

    reasons = {each.transaction_id: each.reason for each in books.reconcile().differences}

    assert reasons == {
        made.transaction_id: "booked, and the deposit is not listed for this customer",
        "invented": "booked, and there is no such deposit",
    }


@pytest.mark.parametrize("step", ["mem_pool", "pending", "confirmed", "declined"])
def test_money_that_is_booked_too_early_or_was_declined_is_unexpected(step: str) -> None:
    books = Books()
    customer = books.add_customer()
    made = books.deposit(customer, to=step, book=True)

    report = books.reconcile()

    assert keys(report.differences) == {(Kind.UNEXPECTED, customer, made.transaction_id, None)}


def test_a_ledger_that_records_states_may_have_deposits_that_are_not_due() -> None:
    books = Books()
    customer = books.add_customer()
    made = books.deposit(customer, to="pending")
    books.bookings[customer] = [
        (made.transaction_id, "25.50", "USDT_TRX", "PENDING_COMPLIANCE_CHECK")
    ]
    assert keys(books.reconcile().differences) == books.expected

    made.advance("credited")

    assert keys(books.reconcile().differences) == {
        (Kind.DIFFERING, customer, made.transaction_id, "state")
    }


@pytest.mark.parametrize(
    ("step", "state", "balance"),
    [
        ("credited", "CONFIRMED", "0"),
        ("credited", "PENDING_COMPLIANCE_CHECK", "-25.50"),
        ("credited", None, "0"),
        ("confirmed", "CONFIRMED", "0"),
        ("confirmed", None, "25.50"),
        ("pending", "PENDING_COMPLIANCE_CHECK", "0"),
        ("pending", "CONFIRMED", "25.50"),
        ("declined", "DECLINED", "0"),
        ("declined", "CONFIRMED", "25.50"),
        ("declined", None, "25.50"),
    ],
)
def test_the_balance_counts_what_the_ledger_credited(
    step: str, state: str | None, balance: str
) -> None:
    books = Books()
    customer = books.add_customer()
    made = books.deposit(customer, to=step, book=False)
    books.bookings[customer] = [(made.transaction_id, "25.50", "USDT_TRX", state)]

    totals = books.reconcile().summary.totals

    assert sum(each.balance for each in totals.values()) == Decimal(balance)


def test_with_the_fast_rule_a_confirmed_deposit_is_due() -> None:
    books = Books()
    customer = books.add_customer()
    made = books.deposit(customer, to="confirmed", book=False)
    assert keys(books.reconcile().differences) == {(Kind.OPEN, customer, made.transaction_id, None)}

    report = books.reconcile(booked_when="confirmed")

    assert keys(report.differences) == {(Kind.MISSING, customer, made.transaction_id, None)}


def test_a_rule_of_ones_own_decides_what_is_due() -> None:
    books = Books()
    customer = books.add_customer()
    dust = books.deposit(customer, "0.01", book=False)
    made = books.deposit(customer, "10", book=False)

    report = books.reconcile(booked_when=lambda row: row.is_credited and row.amount >= 1)

    assert keys(report.differences) == {(Kind.MISSING, customer, made.transaction_id, None)}, dust


async def _coroutine(_: object) -> bool:
    return True


@pytest.mark.parametrize("rule", [_coroutine])
@both_ways
def test_a_rule_that_has_to_be_awaited_is_an_error(way: str, rule: Any) -> None:
    books = Books()
    books.deposit(books.add_customer())
    with pytest.raises(TypeError, match="booked_when"):
        books.reconcile(way, booked_when=rule)


def test_deposits_from_before_a_time_are_not_compared() -> None:
    books = Books()
    customer = books.add_customer()
    old = books.deposit(customer, book=False)
    books.book(customer, old.transaction_id, "1")
    books.mock.clock.advance(days=2)
    new = books.deposit(customer, book=False)

    report = books.reconcile(since=datetime.now(UTC) + timedelta(days=1))

    assert keys(report.differences) == {(Kind.MISSING, customer, new.transaction_id, None)}
    assert (report.summary.deposits, report.summary.bookings) == (1, 0)


def test_a_deposit_that_was_open_is_compared_though_it_is_older_than_since() -> None:
    books, memory = Books(), DictMemory()
    customer = books.add_customer()
    made = books.deposit(customer, to="pending")
    books.reconcile(memory=memory)
    made.advance("credited")

    later = datetime.now(UTC) + timedelta(days=1)
    for _ in range(2):
        report = books.reconcile(memory=memory, since=later)
        assert keys(report.differences) == {(Kind.MISSING, customer, made.transaction_id, None)}
    books.book(customer, made.transaction_id)
    assert books.reconcile(memory=memory, since=later).summary.deposits == 1
    assert books.reconcile(memory=memory, since=later).summary.deposits == 0


def test_sums_are_exact_to_the_last_digit() -> None:
    books = Books()
    customer = books.add_customer()
    for amount in ("1000000000000000000000", "0.000000000000000000000000000001"):
        books.deposit(customer, amount)
    missing = books.deposit(customer, "7", book=False)

    totals = books.reconcile().summary.totals["USDT_TRX"]

    assert str(totals.booked.amount) == "1000000000000000000000.000000000000000000000000000001"
    assert (totals.balance, totals.missing.count, totals.missing.amount) == (-7, 1, 7), missing


@both_ways
def test_a_deposit_that_was_open_is_read_again_though_its_customer_is_not_named(way: str) -> None:
    books, memory = Books(), DictMemory()
    first, second = books.add_customer(), books.add_customer()
    made = books.deposit(first, to="pending")
    assert keys(books.reconcile(way, memory=memory).differences) == books.expected
    made.advance("credited")

    report = books.reconcile(way, memory=memory, customers=[second])

    assert keys(report.differences) == {(Kind.MISSING, first, made.transaction_id, None)}
    # Nor is a difference forgotten before a run found that it is gone.
    assert not books.reconcile(way, memory=memory, customers=[]).is_clean
    books.book(first, made.transaction_id)
    assert books.reconcile(way, memory=memory, customers=[]).is_clean
    assert books.reconcile(way, memory=memory, customers=[]).summary.customers == 0


def test_an_open_deposit_keeps_the_time_since_when_it_is_open() -> None:
    books, memory = Books(), DictMemory()
    books.deposit(books.add_customer(), to="pending")

    [first] = books.reconcile(memory=memory).differences
    [second] = books.reconcile(memory=memory).differences

    assert first.open_since == second.open_since is not None


@both_bases
@pytest.mark.parametrize("rows", [0, 1, 5, 6, 10])
def test_right_books_take_the_least_requests_once_the_page_base_is_known(
    rows: int, page_base: int
) -> None:
    books = Books(page_base=page_base)
    for _ in range(6):
        customer = books.add_customer()
        for _ in range(rows):
            books.deposit(customer)
    known = books.add_customer()
    for _ in range(7):
        books.deposit(known)

    summary = books.reconcile(page_size=5, customers=[known, *books.customers[:-1]]).summary

    # The first customer, whose pages show the page base, may take two more. After a last page that
    # is full another one shows that it was the last: the server's counts may be wrong.
    full_pages = 6 if rows and rows % 5 == 0 else 0
    assert 0 <= summary.requests - full_pages - summary.least_requests <= 2
    assert books.mock.journal.carried_out("findTransactions") >= summary.least_requests


def test_customers_that_are_passed_twice_are_read_once() -> None:
    books = Books()
    customer = books.add_customer()

    report = books.reconcile(customers=[customer, customer.upper(), customer])

    assert report.summary.customers == 1


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"booked_when": "CONFIRMED"}, ConfigurationError),
        ({"since": datetime(2026, 1, 1)}, ConfigurationError),  # noqa: DTZ001 - without a zone
        ({"since": "2026-01-01"}, TypeError),
        ({"rate": 0}, ConfigurationError),
        ({"rate": float("nan")}, ConfigurationError),
        ({"rate": 1e-300}, ConfigurationError),
        ({"settle": -1}, ConfigurationError),
        ({"settle": 1e300}, ConfigurationError),
        ({"page_size": 0}, ConfigurationError),
        ({"ledger": {"a": []}}, TypeError),
        ({"ledger": None}, TypeError),
        ({"memory": object()}, TypeError),
        ({"customers": 5}, TypeError),
        ({"customers": "3fa85f64-5717-4562-b3fc-2c963f66afa6"}, TypeError),
        ({"customers": [""]}, ConfigurationError),
        ({"customers": ["3fa85f64-5717-4562-b3fc-2c963f66afa6\n"]}, ConfigurationError),
        ({"customers": [None]}, TypeError),
        ({"customers": ["\ud800"]}, ConfigurationError),
        ({"progress": 5}, TypeError),
        ({"sleep": 5}, TypeError),
        ({"name": None}, TypeError),
        ({"rate": "1"}, ConfigurationError),
    ],
)
@both_ways
def test_wrong_arguments_are_rejected_before_a_request(
    way: str, options: dict[str, Any], error: type[Exception]
) -> None:
    books = Books()
    with pytest.raises(error):
        books.reconcile(way, **options)
    assert books.mock.journal.carried_out("findTransactions") == 0


def test_it_books_nothing_and_sends_nothing_before_it_is_iterated() -> None:
    books = Books()
    books.add_customer()
    with books.client() as calypso:
        run = reconcile(calypso, customers=books.customers, ledger=books.read)
        assert books.mock.journal.carried_out("findTransactions") == 0
        report = run.report()
    assert isinstance(report, Report)
