"""A report as text, JSON and CSV, and the progress on a terminal."""

from __future__ import annotations

import csv
import io
import json
import sys
from typing import TYPE_CHECKING

import pytest

from calypso_pay.reconcile import Difference, Kind, Progress, Report
from calypso_pay.reconcile._progress import shown_on_terminal
from calypso_pay.reconcile._report import csv_of
from tests.reconcile.books import Books

if TYPE_CHECKING:
    from collections.abc import Callable

BIG = "123456789012345678901234567890.000000000000000001"


@pytest.fixture(scope="module")
def report() -> Report:
    books = Books()
    customer = books.add_customer()
    books.deposit(customer, BIG)
    books.deposit(customer, "7", book=False)
    books.deposit(customer, "8", to="pending")
    books.bookings[customer].append(("=1+1", "3", "+cmd", "@SUM(A1)\nx"))
    made = books.deposit(customer, "9", book=False)
    books.bookings[customer].append((made.transaction_id, "-9", "USDT_TRX"))
    return books.reconcile()


def test_text_has_counts_exact_sums_each_difference_and_the_requests(report: Report) -> None:
    text = report.to_text()
    lines = text.splitlines()
    assert lines[0] == "1 customer reconciled: 4 deposits at the API, 3 bookings."
    assert [line.split()[:2] for line in lines[2:7]] == [
        ["missing", "1"],
        ["differing", "1"],
        ["unexpected", "1"],
        ["open", "1"],
        ["unread", "0"],
    ]
    assert f"{int(BIG[:30]) + 16}.000000000000000001" in text
    assert f"{int(BIG[:30]) - 9}.000000000000000001" in text
    assert "amount: booked -9, found 9" in text
    assert lines[-1].endswith(" requests; the least possible number is 1.")
    assert str(report) == text
    assert all(line.isprintable() for line in lines)


def test_json_is_exact_and_has_the_summary_and_each_difference(report: Report) -> None:
    found = json.loads(report.to_json())
    assert found["counts"] == {
        "missing": 1, "differing": 1, "unexpected": 1, "open": 1, "unread": 0,
    }  # fmt: skip
    assert found["is_clean"] is False
    assert found["totals"]["USDT_TRX"]["due"]["amount"] == f"{int(BIG[:30]) + 16}.{BIG[31:]}"
    assert len(found["differences"]) == 4
    assert found == {**report.summary.to_dict(), "differences": found["differences"]}


def test_csv_has_a_row_for_each_difference_and_no_formula(report: Report) -> None:
    rows = list(csv.DictReader(io.StringIO(report.to_csv(), newline="")))
    assert len(rows) == 4
    [unexpected] = [row for row in rows if row["kind"] == "unexpected"]
    assert unexpected["transaction_id"] == "'=1+1"
    assert unexpected["currency"] == "'+cmd"
    assert unexpected["state"] == "'@SUM(A1)\nx"
    [differing] = [row for row in rows if row["kind"] == "differing"]
    assert (differing["booked"], differing["found"]) == ("-9", "9")


@pytest.mark.parametrize("before", ["", " ", "\n", "\t", "\u200b", "\ufeff", "\u00a0"])
@pytest.mark.parametrize("sign", "=+-@\uff1d\uff0b\uff0d\uff20")
def test_csv_has_no_formula_in_any_disguise(before: str, sign: str) -> None:
    text = f"{before}{sign}cmd"
    difference = Difference(kind=Kind.OPEN, customer_id=text, reason="", transaction_id="\ud800")
    [row] = csv.DictReader(io.StringIO(csv_of([difference]), newline=""))
    assert row["customer_id"] == f"'{text}"
    assert row["transaction_id"] == "\\ud800"


def test_a_difference_as_text_is_one_line_that_controls_no_terminal() -> None:
    text = "a\n\x1b[2J\x9b\u202e"
    difference = Difference(kind=Kind.OPEN, customer_id=text, reason=text, transaction_id=text)
    assert str(difference).isprintable()


def test_a_line_of_a_difference_is_a_sentence(report: Report) -> None:
    texts = [str(each) for each in report.differences]
    assert any(text.startswith("missing: due, and not booked; customer ") for text in texts)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_is_shown_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    books = Books()
    for _ in range(4):
        books.deposit(books.add_customer())
    for stream, is_shown in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stderr", stream)
        books.reconcile(progress=None)
        text = stream.getvalue()
        assert ("100 %  4 customers, 0 differences" in text) == is_shown
        assert text.endswith("\n") == is_shown


def test_a_bar_needs_neither_a_length_nor_standard_error(monkeypatch: pytest.MonkeyPatch) -> None:
    books = Books()
    books.deposit(books.add_customer())
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    books.reconcile(progress=None, customers=iter(books.customers))
    assert "1 customers" in terminal.getvalue()

    monkeypatch.setattr(sys, "stderr", None)
    with shown_on_terminal() as show:
        show(Progress(1, None, 0, 1))


class GoneTerminal(Terminal):
    def write(self, text: str) -> int:
        raise OSError(5, "Input/output error")


@pytest.mark.parametrize("stream", [GoneTerminal(), object()])
def test_a_terminal_that_is_gone_does_not_end_a_run(
    monkeypatch: pytest.MonkeyPatch, stream: object
) -> None:
    books = Books()
    books.deposit(books.add_customer())
    monkeypatch.setattr(sys, "stderr", stream)
    report = books.reconcile(progress=None)
    monkeypatch.undo()
    assert report.is_clean


def test_a_function_gets_the_progress_after_each_customer() -> None:
    books, seen = Books(), []
    for _ in range(3):
        books.deposit(books.add_customer())
    call: Callable[[Progress], object] = seen.append
    books.reconcile(progress=call)
    assert [(each.customers, each.total) for each in seen] == [(1, 3), (2, 3), (3, 3)]
    assert seen[-1].requests == 4  # one of them checks that the server filters by customer
