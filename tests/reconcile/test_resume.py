"""A run that ends early is resumed, whatever it was doing."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from calypso_pay import Calypso
from calypso_pay.reconcile import Kind, Report, _notes, reconcile
from tests.reconcile.books import Books, DictMemory, keys

if TYPE_CHECKING:
    from collections.abc import Iterable

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


def _crash_after(books: Books, memory: DictMemory, steps: int, way: str) -> Report | None:
    """Run until so many operations of the memory and the ledger are done, or to the end."""
    fuse = Fuse(steps)
    memory.before = fuse.burn

    def read(customer: str) -> Iterable[Any]:
        fuse.burn()
        return books.read(customer)

    try:
        options = {"concurrency": 2} if way == "async" else {}
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
