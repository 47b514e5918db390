"""Whatever happens on the way, a call comes to what the table says and the journal shows."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from calypso_api import operations
from calypso_pay import Outcome
from tests.faults import matrix, table
from tests.faults.calls import CALLS
from tests.faults.table import ROWS
from tests.faults.troubles import TROUBLES
from tests.rows import rows

if TYPE_CHECKING:
    from tests.faults.table import Row

# One of each kind; `make faults` calls them all. These two also take requests of any length.
CHOSEN = ("updateCustomer", "createCustomer")


def wrong(*, hasty: bool) -> list[str]:
    """Call the chosen operations through every fault at which a client is hasty, or is not."""
    cells = [c for c in matrix.cells(CHOSEN) if TROUBLES[c.row.fault].hasty is hasty]
    results = matrix.run(cells)
    assert len(results) == 4 * len({cell.row for cell in cells}) > 0
    return [f"{cell}: {said}" for cell, (_, wrong) in results.items() for said in wrong]


def test_a_call_comes_to_what_the_table_says() -> None:
    """Safe and unsafe, sync and async, at each fault that no clock has a part in."""
    assert wrong(hasty=False) == []


@pytest.mark.slow
def test_a_call_that_takes_too_long_comes_to_what_the_table_says() -> None:
    """At the others, where a client gives up soon, and a busy machine may be too slow for it."""
    assert wrong(hasty=True) == []


def test_every_operation_is_called() -> None:
    """And as the document has it: what is unsafe there is unsafe here."""
    unsafe = {
        name: getattr(importlib.import_module(module), operation).retry == "unsafe"
        for name, (module, operation) in operations.INDEX.items()
    }

    assert {name: call.unsafe for name, call in CALLS.items()} == unsafe


def test_the_table_speaks_of_every_fault_and_of_each_row_once() -> None:
    assert {row.fault for row in ROWS} == TROUBLES.keys()
    assert len({str(row) for row in ROWS}) == len(ROWS)


@rows("row", {str(row): row for row in ROWS})
def test_the_table_itself_promises_nothing_that_is_not_so(row: Row) -> None:
    """What was not sent or refused was not carried out, and nothing unsafe is done twice."""
    for expected in (row.safe, row.unsafe, row.delete):
        nothing_happened = expected.outcome in {Outcome.NOT_SENT, Outcome.REFUSED}
        assert not (nothing_happened and expected.carried_out)
        assert expected.outcome is not Outcome.NOT_SENT or not expected.refused
        assert expected.outcome is not Outcome.DONE or expected.carried_out
        assert expected.error is not None or expected.carried_out
    assert row.unsafe.carried_out <= 1


@rows("line", ["| refused | once | x |", "| refused | twice | | | | |"])
def test_a_malformed_row_is_not_passed_over(line: str) -> None:
    with pytest.raises(ValueError, match="not a row"):
        list(table.read(f"| head |\n| --- |\n{line}\n"))


def _repeats_all(call: Any, verdict: Any) -> bool:
    return bool(verdict.is_transient)


def _counts_as_unsent(error: Exception) -> bool:
    return True


def _takes_all_for_refused(status: int) -> Outcome:
    return Outcome.REFUSED


def _never_corrects(call: Any, answer: Any) -> None:
    return


def _finds_nothing_deleted(call: Any, verdict: Any) -> bool:
    return False


class Defect(NamedTuple):
    """A planted defect: what it replaces, the row that shows it, and what is said of it."""

    place: str
    code: Any
    row: str
    said: str


DEFECTS = [
    Defect("_engine._Call._may_retry", _repeats_all, "reset, carried out, once", "twice"),
    Defect(
        "_transport.failures._surely_unsent",
        _counts_as_unsent,
        "reset, carried out, always",
        "not_sent",
    ),
    Defect(
        "_classification._outcome_of_status", _takes_all_for_refused, "truncated, once", "refused"
    ),
    Defect("_engine._Call._learn_offset", _never_corrects, "stale stamp, once", "ClockSkewError"),
    Defect("_engine._Call._is_deleted_already", _finds_nothing_deleted, "520, once", "NotFound"),
]


@pytest.mark.parametrize("defect", DEFECTS, ids=[defect.place for defect in DEFECTS])
def test_a_defect_of_the_client_is_seen(monkeypatch: pytest.MonkeyPatch, defect: Defect) -> None:
    """Each of these would cost somebody money; the matrix names it."""
    monkeypatch.setattr(f"calypso_pay.{defect.place}", defect.code)

    operations = ["createCustomer", "deleteSubscription"]
    results = matrix.run(cell for cell in matrix.cells(operations) if str(cell.row) == defect.row)

    wrong = [said for _, wrong in results.values() for said in wrong]
    assert any(defect.said in said for said in wrong), wrong
