"""Whatever happens on the way, the result of a call is that of the table and of the journal."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from calypso_api import operations
from calypso_pay import Outcome
from tests.faults import matrix, table
from tests.faults.calls import CALLS
from tests.faults.faults import FAULTS
from tests.faults.table import ROWS
from tests.rows import rows

if TYPE_CHECKING:
    from tests.faults.table import Row

# One of each kind; `make faults` calls them all. These two also have requests of any length.
SAFE, UNSAFE = "updateCustomer", "createCustomer"


def findings(*chosen: str, short_timeouts: bool) -> list[str]:
    """Call the operations through every fault with short timeouts, or every other one."""
    cells = [
        cell
        for cell in matrix.cells(chosen)
        if FAULTS[cell.row.fault].short_timeouts is short_timeouts
    ]
    results = matrix.run(cells)
    count = len(chosen) * len(matrix.CLIENTS) * len({cell.row for cell in cells})
    assert len(results) == count > 0
    return [f"{cell}: {finding}" for cell, (_, found) in results.items() for finding in found]


@pytest.mark.parametrize("operation", [UNSAFE, pytest.param(SAFE, marks=pytest.mark.slow)])
def test_the_result_of_a_call_is_that_of_the_table(operation: str) -> None:
    """Over each kind of client, for each fault that does not depend on a clock."""
    assert findings(operation, short_timeouts=False) == []


@pytest.mark.slow
def test_the_result_of_a_call_that_takes_too_long_is_that_of_the_table() -> None:
    """For the other faults, where the client has short timeouts and a busy machine may be late."""
    assert findings(SAFE, UNSAFE, short_timeouts=True) == []


def test_every_operation_is_called() -> None:
    """And is unsafe here if it is unsafe in the OpenAPI document."""
    unsafe = {
        name: getattr(importlib.import_module(module), operation).retry == "unsafe"
        for name, (module, operation) in operations.INDEX.items()
    }

    assert {name: call.unsafe for name, call in CALLS.items()} == unsafe


def test_the_table_has_every_fault_and_each_row_once() -> None:
    assert {row.fault for row in ROWS} == FAULTS.keys()
    assert len({str(row) for row in ROWS}) == len(ROWS)


@rows("row", {str(row): row for row in ROWS})
def test_the_table_itself_does_not_contradict_its_outcomes(row: Row) -> None:
    """What was not sent or refused was not carried out, and nothing unsafe is done twice."""
    for expected in (row.safe, row.unsafe, row.delete):
        nothing_happened = expected.outcome in {Outcome.NOT_SENT, Outcome.REFUSED}
        assert not (nothing_happened and expected.carried_out)
        assert expected.outcome is not Outcome.NOT_SENT or not expected.rejected
        assert expected.outcome is not Outcome.DONE or expected.carried_out
        assert expected.error is not None or expected.carried_out
    assert row.unsafe.carried_out <= 1


@rows("line", ["| refused | once | x |", "| refused | twice | | | | |"])
def test_a_malformed_row_is_an_error(line: str) -> None:
    with pytest.raises(ValueError, match="not a row"):
        list(table.read(f"| head |\n| --- |\n{line}\n"))


def _retries_all(call: Any, assessment: Any) -> bool:
    return bool(assessment.is_transient)


def _counts_as_unsent(error: Exception) -> bool:
    return True


def _treats_all_as_refused(status: int) -> Outcome:
    return Outcome.REFUSED


def _never_corrects(call: Any, response: Any) -> None:
    return


def _finds_nothing_deleted(call: Any, assessment: Any) -> bool:
    return False


class Defect(NamedTuple):
    """A planted defect: what it replaces, the row that shows it, and part of the finding."""

    target: str
    code: Any
    row: str
    finding: str


DEFECTS = [
    Defect("_engine._Call._may_retry", _retries_all, "reset, carried out, once", "twice"),
    Defect(
        "_transport.failures._surely_unsent",
        _counts_as_unsent,
        "reset, carried out, always",
        "not_sent",
    ),
    Defect(
        "_classification._outcome_of_status", _treats_all_as_refused, "truncated, once", "refused"
    ),
    Defect(
        "_engine._Call._learn_offset", _never_corrects, "stale timestamp, once", "ClockSkewError"
    ),
    Defect("_engine._Call._is_deleted_already", _finds_nothing_deleted, "520, once", "NotFound"),
]


@pytest.mark.parametrize("defect", DEFECTS, ids=[defect.target for defect in DEFECTS])
def test_a_defect_of_the_client_is_found(monkeypatch: pytest.MonkeyPatch, defect: Defect) -> None:
    """Each of these would cost a merchant money."""
    monkeypatch.setattr(f"calypso_pay.{defect.target}", defect.code)

    operations = ["createCustomer", "deleteSubscription"]
    results = matrix.run(cell for cell in matrix.cells(operations) if str(cell.row) == defect.row)

    found = [finding for _, findings in results.values() for finding in findings]
    assert any(defect.finding in finding for finding in found), found
