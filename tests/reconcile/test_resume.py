"""A run that ends early is resumed, whatever it was doing."""

from __future__ import annotations

import json
import os
import random
import socket
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from calypso_pay import Calypso
from calypso_pay.reconcile import Booking, Kind, Report, _notes, reconcile
from tests.reconcile.books import Books, DictMemory, keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONG_AGO = "2026-01-01T00:00:00+00:00"
both_ways = pytest.mark.parametrize("way", ["sync", "async"])


class Crash(BaseException):
    """The process ends here."""


class Fuse:
    """Raises `Crash` after so many steps."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def burn(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            raise Crash


def _books() -> Books:
    rng = random.Random(20)  # noqa: S311 - no secret
    books = Books()
    books.fill(rng, customers=4, deposits=24)
    books.plant(rng, 6)
    return books


def _crash_after(
    books: Books, memory: DictMemory, steps: int, way: str, **options: Any
) -> Report | None:
    """Run until so many operations of the memory and the ledger are done, or to the end."""
    fuse = Fuse(steps)
    memory.before = fuse.burn

    def read(customer: str) -> Iterable[Any]:
        fuse.burn()
        return books.read(customer)

    try:
        options |= {"concurrency": 2} if way == "async" else {}
        return books.reconcile(way, memory=memory, ledger=read, page_size=3, **options)
    except Crash:
        return None
    finally:
        memory.before = lambda: None


@both_ways
def test_after_a_crash_at_any_point_the_next_run_finds_the_same(way: str) -> None:
    books = _books()
    whole = books.reconcile(way, page_size=3)
    steps, report = 0, None
    while report is None:
        memory = DictMemory()
        report = _crash_after(books, memory, steps, way)
        steps += 1
        if report is None:
            report_after = books.reconcile(way, memory=memory, page_size=3)
            assert keys(report_after.differences) == books.expected == keys(whole.differences)
            assert report_after.summary.totals == whole.summary.totals
            assert report_after.summary.customers == whole.summary.customers
    assert steps > 4 * len(books.customers)


@both_ways
def test_a_run_that_crashes_again_and_again_still_ends(way: str) -> None:
    books, memory = Books(), DictMemory()
    made = books.deposit(books.add_customer(), book=False)
    books.expect(Kind.MISSING, books.customers[0], made.transaction_id)
    for _ in range(11):
        books.deposit(books.add_customer())
    runs = 0
    while (report := _crash_after(books, memory, 24, way)) is None:
        runs += 1
        assert runs < 20
    assert keys(report.differences) == books.expected
    assert runs


def test_a_resumed_run_does_not_read_customers_again() -> None:
    books, memory = Books(), DictMemory()
    for _ in range(3):
        books.deposit(books.add_customer())
    with books.client() as calypso:
        run = reconcile(
            calypso,
            customers=books.customers,
            ledger=lambda customer: books.bookings[customer] if customer != last else 1 / 0,
            memory=memory,
            settle=0,
            progress=False,
        )
        last = books.customers[-1]
        with pytest.raises(ZeroDivisionError):
            run.report()
    before = books.mock.journal.carried_out("findTransactions")

    report = books.reconcile(memory=memory)

    assert report.summary.is_resumed
    assert report.summary.customers == 3
    assert books.mock.journal.carried_out("findTransactions") == before + 1


def test_a_run_that_is_finished_or_has_other_settings_or_is_old_is_not_resumed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    books, memory = Books(), DictMemory()
    books.deposit(books.add_customer())
    books.reconcile(memory=memory)
    assert not books.reconcile(memory=memory).summary.is_resumed

    assert _crash_after(books, memory, 5, "sync") is None
    assert not books.reconcile(memory=memory, booked_when="confirmed").summary.is_resumed

    assert _crash_after(books, memory, 5, "sync") is None
    monkeypatch.setattr(_notes, "_RESUME_WITHIN", timedelta(0))
    assert not books.reconcile(memory=memory).summary.is_resumed


def test_a_rule_or_a_ledger_that_was_corrected_is_used_from_the_first_customer_on() -> None:
    books, memory = Books(), DictMemory()
    made = [books.deposit(books.add_customer(), book=False) for _ in range(2)]
    for options in ({"booked_when": lambda _: False}, {"ledger": lambda _: 1 / 0}):
        with pytest.raises(ZeroDivisionError):
            books.reconcile(memory=memory, customers=_then_crash(books), **options)
    for options in ({"booked_when": lambda row: row.is_credited}, {"resume": False}):
        report = books.reconcile(memory=memory, **options)
        assert not report.summary.is_resumed
        assert report.summary.counts[Kind.MISSING] == len(made)


def _then_crash(books: Books) -> Iterator[str]:
    yield books.customers[0]
    raise ZeroDivisionError


def test_a_run_that_began_in_the_future_is_not_resumed(monkeypatch: pytest.MonkeyPatch) -> None:
    books, memory = Books(), DictMemory()
    books.deposit(books.add_customer())
    assert _crash_after(books, memory, 5, "sync") is None
    monkeypatch.setattr(_notes, "_TOLERANCE", timedelta(days=-1))
    assert not books.reconcile(memory=memory).summary.is_resumed


def test_a_run_that_is_still_running_is_not_resumed() -> None:
    books, memory = Books(), DictMemory()
    for _ in range(3):
        books.deposit(books.add_customer(), to="pending")
    with books.client() as calypso:
        running = iter(
            reconcile(
                calypso,
                customers=books.customers,
                ledger=books.read,
                memory=memory,
                settle=0,
                progress=False,
            )
        )
        next(running)

        beside = books.reconcile(memory=memory)
        assert not beside.summary.is_resumed
        assert beside.summary.requests >= 3

        assert _crash_after(books, memory, 6, "sync") is None
        assert len(list(running)) == 2
    # The end of the one is not that of the other.
    assert books.reconcile(memory=memory).summary.is_resumed
    assert not books.reconcile(memory=memory).summary.is_resumed


@pytest.mark.parametrize(
    ("change", "is_resumed"),
    [
        ({}, True),
        ({"process": [socket.gethostname(), 2**22 + 1, ""]}, True),
        ({"process": [socket.gethostname(), 1, ""]}, False),
        ({"process": [socket.gethostname(), os.getpid(), "another"]}, False),
        ({"process": ["another", 1, ""]}, False),
        ({"process": ["another", 1, ""], "alive_at": LONG_AGO}, True),
        (
            {"process": [socket.gethostname(), 1, ""], "alive_at": LONG_AGO},
            False,
        ),
        ({"process": None}, False),
        ({"started_at": 5}, False),
    ],
)
def test_a_run_of_a_process_that_may_be_running_is_not_resumed(
    change: dict[str, Any], is_resumed: bool
) -> None:
    books, memory = Books(), DictMemory()
    books.deposit(books.add_customer())
    assert _crash_after(books, memory, 4, "sync") is None
    [key] = [key for key, note in memory.notes.items() if "alive_at" in note]
    memory.notes[key] = json.dumps({**json.loads(memory.notes[key]), **change})

    assert books.reconcile(memory=memory).summary.is_resumed is is_resumed


@both_ways
def test_what_a_consumer_did_not_come_to_handle_is_found_again(way: str) -> None:
    """Also at a customer that was read only because a deposit was open."""
    books, memory = Books(), DictMemory()
    customer = books.add_customer()
    made = books.deposit(customer, to="pending")
    books.reconcile(way, memory=memory)
    made.advance("credited")
    with books.client() as calypso:
        run = reconcile(
            calypso, customers=[], ledger=books.read, memory=memory, settle=0, progress=False
        )
        assert next(iter(run)).kind is Kind.MISSING

    for _ in range(2):
        report = books.reconcile(way, memory=memory, customers=[])
        assert keys(report.differences) == {(Kind.MISSING, customer, made.transaction_id, None)}


def test_two_iterations_at_once_are_two_runs() -> None:
    books = _books()
    with books.client() as calypso:
        run = reconcile(
            calypso, customers=books.customers, ledger=books.read, settle=0, progress=False
        )
        pairs = list(zip(run, run, strict=True))
    for found in zip(*pairs, strict=True):
        assert keys(found) == books.expected


def test_an_iterator_of_customers_serves_one_run_only() -> None:
    books = _books()
    with books.client() as calypso:
        run = reconcile(
            calypso, customers=iter(books.customers), ledger=books.read, settle=0, progress=False
        )
        assert keys(run.report().differences) == books.expected
        for again in (run.report, lambda: iter(run)):
            with pytest.raises(RuntimeError, match="pass a list"):
                again()


def test_reconciliations_of_other_names_and_accounts_share_a_memory_and_nothing_in_it() -> None:
    books, memory = Books(), DictMemory()
    books.deposit(books.add_customer(), to="pending")
    books.reconcile(memory=memory, name="nightly")

    assert books.reconcile(memory=memory, name="monthly", customers=[]).summary.customers == 0
    other = books.mock.add_account()
    settings = books.mock.settings(other)
    with Calypso(transport=books.mock.transport(), **settings) as calypso:
        run = reconcile(
            calypso, customers=[], ledger=books.read, memory=memory, name="nightly", progress=False
        )
        assert run.report().summary.customers == 0


def test_without_a_memory_nothing_is_remembered() -> None:
    books = Books()
    books.deposit(books.add_customer(), to="pending")
    assert books.reconcile().summary.counts["open"] == 1
    assert books.reconcile(customers=[]).summary.customers == 0


@both_ways
def test_a_resumed_run_has_everything_of_customers_that_were_only_remembered(way: str) -> None:
    books, memory = Books(), DictMemory()
    for _ in range(5):
        books.deposit(books.add_customer(), to="pending")
    books.reconcile(way, memory=memory)
    assert _crash_after(books, memory, 12, way, customers=[]) is None

    report = books.reconcile(way, memory=memory, customers=[])

    assert report.summary.is_resumed
    assert report.summary.customers == 5
    assert keys(report.differences) == books.expected
    assert report.summary.totals["USDT_TRX"].open.count == 5


def test_a_run_is_resumed_with_a_later_since_only() -> None:
    books, memory = Books(), DictMemory()
    books.deposit(books.add_customer())
    start = datetime(2026, 1, 2, tzinfo=UTC)
    for since, is_resumed in (
        (start, True),
        (start + timedelta(seconds=1), True),
        (start - timedelta(seconds=1), False),
        (None, False),
    ):
        assert _crash_after(books, memory, 4, "sync", since=start, resume=False) is None
        assert books.reconcile(memory=memory, since=since).summary.is_resumed is is_resumed


def test_a_note_that_cannot_be_read_costs_a_fresh_look(caplog: pytest.LogCaptureFixture) -> None:
    books, memory = Books(), DictMemory()
    books.deposit(books.add_customer(), to="pending")
    books.reconcile(memory=memory)
    for key, note in memory.notes.items():
        memory.notes[key] = note.replace('"open": {', '"open": {"odd": [],')

    assert keys(books.reconcile(memory=memory).differences) == books.expected
    assert "cannot be read" in caplog.text


def test_a_note_that_is_no_json_costs_a_fresh_look(caplog: pytest.LogCaptureFixture) -> None:
    books, memory = Books(), DictMemory()
    books.deposit(books.add_customer(), to="pending")
    books.reconcile(memory=memory)
    memory.notes = {key: note[:-5] for key, note in memory.notes.items()}

    assert keys(books.reconcile(memory=memory).differences) == books.expected
    assert "cannot be read" in caplog.text


def test_an_open_booking_without_amount_is_read_again_from_its_note() -> None:
    books, memory = Books(), DictMemory()
    customer = books.add_customer()
    made = books.deposit(customer, to="pending", book=False)
    pending = "PENDING_COMPLIANCE_CHECK"
    books.bookings[customer] = [Booking(made.transaction_id, None, None, pending)]
    for _ in range(2):
        assert books.reconcile(memory=memory).summary.counts[Kind.OPEN] == 1


def test_notes_of_another_version_are_as_good_as_none() -> None:
    books, memory = Books(), DictMemory()
    books.deposit(books.add_customer())
    books.reconcile(memory=memory)
    memory.notes = dict.fromkeys(memory.notes, '{"version": 99}')

    assert books.reconcile(memory=memory).is_clean


@both_ways
def test_iterating_twice_is_a_second_run(way: str) -> None:
    books, memory = _books(), DictMemory()
    for _ in range(2):
        report = books.reconcile(way, memory=memory)
        assert keys(report.differences) == books.expected
