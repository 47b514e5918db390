"""Read the expected result of each fault from ``table.md``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import calypso_pay
from calypso_pay import Outcome
from tests.faults.calls import CALLS
from tests.faults.faults import FAULTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calypso_pay import CalypsoError

_CELL = re.compile(r"(?:success|(\w+Error) (\w+)) (\d)/(\d)/(\d)")
_COLUMNS = 6


class Expected(NamedTuple):
    """The expected result of a call.

    Attributes:
        error: The class of its error; None for success.
        outcome: The error's outcome; None for success.
        attempts: The number of attempts.
        carried_out: How often the mock carried it out.
        rejected: How often the mock rejected it.
    """

    error: type[CalypsoError] | None
    outcome: Outcome | None
    attempts: int
    carried_out: int
    rejected: int

    def __str__(self) -> str:
        result = "success" if self.error is None else f"{self.error.__name__} {self.outcome}"
        return f"{result} {self.attempts}/{self.carried_out}/{self.rejected}"


class Row(NamedTuple):
    """A fault, how often it occurs, and the expected results.

    Attributes:
        fault: Its name in `FAULTS`.
        lasting: Whether it affects every attempt, rather than the first ones only.
        safe: The result of operations that are safe to retry.
        unsafe: The result of the others.
        delete: The result of the deletion.
    """

    fault: str
    lasting: bool
    safe: Expected
    unsafe: Expected
    delete: Expected

    def __str__(self) -> str:
        return f"{self.fault}, {'always' if self.lasting else 'once'}"

    def expected(self, operation: str) -> Expected:
        """Return the expected result of an operation."""
        if operation == "deleteSubscription":
            return self.delete
        return self.unsafe if CALLS[operation].unsafe else self.safe

    def applies_to(self, operation: str) -> bool:
        """Whether the fault can affect an operation."""
        if FAULTS[self.fault].large_request:
            return CALLS[operation].large_arguments is not None
        return True


def read(text: str) -> Iterator[Row]:
    """Read the rows of a Markdown table.

    Raises:
        ValueError: A row is malformed.
        KeyError: A fault is unknown.
    """
    lines = [line for line in text.splitlines() if line.startswith("|")]
    for line in lines[2:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != _COLUMNS or cells[1] not in {"once", "always"}:
            raise ValueError(f"not a row: {line}")
        fault, times, safe, unsafe, delete, _ = cells
        expected = map(_expected, (safe, unsafe, delete or safe))
        yield Row(fault, times == "always", *expected)


def _expected(cell: str) -> Expected:
    match = _CELL.fullmatch(cell)
    if match is None:
        raise ValueError(f"not an expectation: {cell!r}")
    name, outcome, *counts = match.groups()
    attempts, carried_out, rejected = map(int, counts)
    error = getattr(calypso_pay, name) if name else None
    known = Outcome(outcome) if outcome else None
    return Expected(error, known, attempts, carried_out, rejected)


ROWS = tuple(read(Path(__file__).with_name("table.md").read_text("utf-8")))
