"""Read the table of what each fault has to come to, from ``table.md``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import calypso_pay
from calypso_pay import Outcome
from tests.faults.calls import CALLS
from tests.faults.troubles import TROUBLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calypso_pay import CalypsoError

_CELL = re.compile(r"(?:success|(\w+Error) (\w+)) (\d)/(\d)/(\d)")
_COLUMNS = 6


class Expected(NamedTuple):
    """What a call has to come to.

    Attributes:
        error: The class of its error; None for success.
        outcome: The error's outcome; None for success.
        attempts: How often it was tried.
        carried_out: How often the mock carried it out.
        refused: How often the mock refused it.
    """

    error: type[CalypsoError] | None
    outcome: Outcome | None
    attempts: int
    carried_out: int
    refused: int

    def __str__(self) -> str:
        told = "success" if self.error is None else f"{self.error.__name__} {self.outcome}"
        return f"{told} {self.attempts}/{self.carried_out}/{self.refused}"


class Row(NamedTuple):
    """A fault, how often it comes, and what it has to come to.

    Attributes:
        fault: Its name among `TROUBLES`.
        lasting: Whether it befalls every attempt, rather than being over.
        safe: What operations that are safe to repeat come to.
        unsafe: What the others come to.
        delete: What the deletion comes to.
    """

    fault: str
    lasting: bool
    safe: Expected
    unsafe: Expected
    delete: Expected

    def __str__(self) -> str:
        return f"{self.fault}, {'always' if self.lasting else 'once'}"

    def expected(self, operation: str) -> Expected:
        """Return what an operation has to come to."""
        if operation == "deleteSubscription":
            return self.delete
        return self.unsafe if CALLS[operation].unsafe else self.safe

    def concerns(self, operation: str) -> bool:
        """Tell whether the fault can befall an operation."""
        return CALLS[operation].much is not None or not TROUBLES[self.fault].long


def read(text: str) -> Iterator[Row]:
    """Read the rows of a Markdown table.

    Raises:
        ValueError: A row is malformed.
        KeyError: A fault is not known.
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
    attempts, carried_out, refused = map(int, counts)
    error = getattr(calypso_pay, name) if name else None
    known = Outcome(outcome) if outcome else None
    return Expected(error, known, attempts, carried_out, refused)


ROWS = tuple(read(Path(__file__).with_name("table.md").read_text("utf-8")))
