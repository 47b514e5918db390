"""Run cells, several at a time, and print their results as a table."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from unittest.mock import patch

from tests.faults.calls import CALLS
from tests.faults.faults import FAULTS
from tests.faults.runner import Cell, Observed, Runner, check_outcome, findings
from tests.faults.table import ROWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager

    Results = dict[Cell, tuple[Observed, list[str]]]

CLIENTS: tuple[Literal["sync", "async", "aiohttp"], ...] = ("sync", "async", "aiohttp")
_WAITING_WORKERS = 12
_BUSY_WORKERS = 4
_HEADINGS = ("fault", "safe", "unsafe", "deleteSubscription")
_WIDTHS = (38, 46, 46, 46)


def cells(operations: Iterable[str] = CALLS) -> Iterator[Cell]:
    """Yield a cell for every row of the table, each of some operations, and each kind of client."""
    chosen = list(operations)
    for row in ROWS:
        for operation in filter(row.applies_to, chosen):
            for client in CLIENTS:
                yield Cell(row, operation, client)


def run(wanted: Iterable[Cell]) -> Results:
    """Make the calls of some cells, and check their results."""
    chosen = list(wanted)
    # Run separately: a busy CPU would cause timeouts where there should be none.
    waiting = [cell for cell in chosen if FAULTS[cell.row.fault].short_timeouts]
    busy = [cell for cell in chosen if not FAULTS[cell.row.fault].short_timeouts]
    with _no_certificates():
        results = _run(waiting, _WAITING_WORKERS) | _run(busy, _BUSY_WORKERS)
        # A busy machine may cause early timeouts, so these cells run a second time, alone. A false
        # outcome always counts.
        late = [cell for cell in waiting if _may_be_late(cell, *results[cell])]
        results |= _run(late, 1)
    return {cell: results[cell] for cell in chosen}


def _run(chosen: list[Cell], workers: int) -> Results:
    of_thread = threading.local()
    with ExitStack() as runners, ThreadPoolExecutor(workers) as pool:

        def run_and_check(cell: Cell) -> tuple[Observed, list[str]]:
            if not hasattr(of_thread, "runner"):
                of_thread.runner = runners.enter_context(Runner())
            seen = of_thread.runner.run(cell)
            return seen, findings(cell, seen)

        return dict(zip(chosen, pool.map(run_and_check, chosen), strict=True))


def _may_be_late(cell: Cell, seen: Observed, found: list[str]) -> bool:
    return bool(found) and not any(check_outcome(cell, seen))


def _no_certificates() -> AbstractContextManager[object]:
    # Nothing here uses TLS, and reading certificates for each client would take half the time.
    return patch.dict(os.environ, SSL_CERT_FILE="", SSL_CERT_DIR=str(Path(__file__).parent))


def render(results: Results) -> Iterator[str]:
    """Yield a line for each fault, with the results by kind of operation, and then the findings."""
    yield _line(*_HEADINGS)
    for row in ROWS:
        of_row = {cell: result for cell, result in results.items() if cell.row is row}
        if of_row:
            yield _line(str(row), *(_summary(of_row, kind) for kind in _HEADINGS[1:]))
    for cell, (_, found) in results.items():
        yield from (f"WRONG {cell}: {finding}" for finding in found)
    bad = sum(bool(found) for _, found in results.values())
    yield f"{len(results)} calls through {len(ROWS)} rows of faults, {bad or 'none'} wrong."


def _summary(results: Results, kind: str) -> str:
    of_kind = [result for cell, result in results.items() if _kind(cell.operation) == kind]
    if not of_kind:
        return "-"
    bad = [(seen, found) for seen, found in of_kind if found]
    shown, _ = (bad or of_kind)[0]
    return f"{shown} {f'WRONG {len(bad)}/{len(of_kind)}' if bad else f'ok {len(of_kind)}'}"


def _kind(operation: str) -> str:
    if operation == "deleteSubscription":
        return operation
    return "unsafe" if CALLS[operation].unsafe else "safe"


def _line(*cells: str) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=True)).rstrip()
