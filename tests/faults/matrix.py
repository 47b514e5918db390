"""Run cells, several at a time, and print what came of them as a table."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from tests.faults.bench import Bench, Cell, Seen, by_journal, complaints
from tests.faults.calls import CALLS
from tests.faults.table import ROWS
from tests.faults.troubles import TROUBLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager

    Results = dict[Cell, tuple[Seen, list[str]]]

_SIDE_BY_SIDE = 12
_AT_WORK = 4
_HEADINGS = ("fault", "safe", "unsafe", "deleteSubscription")
_WIDTHS = (36, 46, 46, 46)


def cells(operations: Iterable[str] = CALLS) -> Iterator[Cell]:
    """Go through every row of the table, every one of some operations, sync and async."""
    chosen = list(operations)
    for row in ROWS:
        for operation in filter(row.concerns, chosen):
            yield Cell(row, operation, asynchronous=False)
            yield Cell(row, operation, asynchronous=True)


def run(wanted: Iterable[Cell]) -> Results:
    """Make the calls of some cells, and judge what came of them."""
    chosen = list(wanted)
    # Apart, since work beside them would make hasty clients give up where they should not.
    waiting = [cell for cell in chosen if TROUBLES[cell.row.fault].hasty]
    working = [cell for cell in chosen if not TROUBLES[cell.row.fault].hasty]
    with _no_certificates():
        results = _run(waiting, _SIDE_BY_SIDE) | _run(working, _AT_WORK)
        # A busy machine may make a hasty client give up early; a wrong one does so again, alone.
        # An outcome that was not true is never overlooked.
        late = [cell for cell in waiting if _may_be_late(cell, *results[cell])]
        results |= _run(late, 1)
    return {cell: results[cell] for cell in chosen}


def _run(chosen: list[Cell], workers: int) -> Results:
    own = threading.local()
    with ExitStack() as benches, ThreadPoolExecutor(workers) as pool:

        def judged(cell: Cell) -> tuple[Seen, list[str]]:
            if not hasattr(own, "bench"):
                own.bench = benches.enter_context(Bench())
            seen = own.bench.run(cell)
            return seen, complaints(cell, seen)

        return dict(zip(chosen, pool.map(judged, chosen), strict=True))


def _may_be_late(cell: Cell, seen: Seen, wrong: list[str]) -> bool:
    return bool(wrong) and not any(by_journal(cell, seen))


def _no_certificates() -> AbstractContextManager[object]:
    # Nothing here speaks TLS, and reading certificates for each client would be half the work.
    return patch.dict(os.environ, SSL_CERT_FILE="", SSL_CERT_DIR=str(Path(__file__).parent))


def render(results: Results) -> Iterator[str]:
    """Write a line for each fault: what came of it, by kind of operation, and what is wrong."""
    yield _line(*_HEADINGS)
    for row in ROWS:
        of_row = {cell: result for cell, result in results.items() if cell.row is row}
        if of_row:
            yield _line(str(row), *(_summary(of_row, kind) for kind in _HEADINGS[1:]))
    for cell, (_, wrong) in results.items():
        yield from (f"WRONG {cell}: {said}" for said in wrong)
    bad = sum(bool(wrong) for _, wrong in results.values())
    yield f"{len(results)} calls through {len(ROWS)} rows of faults, {bad or 'none'} wrong."


def _summary(results: Results, kind: str) -> str:
    mine = [result for cell, result in results.items() if _kind(cell.operation) == kind]
    if not mine:
        return "-"
    bad = [(seen, wrong) for seen, wrong in mine if wrong]
    shown, _ = (bad or mine)[0]
    return f"{shown} {f'WRONG {len(bad)}/{len(mine)}' if bad else f'ok {len(mine)}'}"


def _kind(operation: str) -> str:
    if operation == "deleteSubscription":
        return operation
    return "unsafe" if CALLS[operation].unsafe else "safe"


def _line(*cells: str) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=True)).rstrip()
