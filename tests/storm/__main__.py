"""Storms: deliveries to several processes that are killed, on a database that crashes.

``python -m tests.storm``: at the end each deposit is booked exactly once, and the sums agree to the
last digit. Then it measures what an event costs.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests import postgres
from tests.storm import cost
from tests.storm.driver import Plan, Result, storm
from tests.storm.examples import EXAMPLES, celery
from tests.storm.programs import gunicorn, store_first, uvicorn
from tests.storm.reconciling import ALL, FEW
from tests.storm.shop import EVENTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.storm.driver import Program
    from tests.storm.reconciling import Run


class Size(NamedTuple):
    """How much is done.

    Attributes:
        deposits: In the storm on PostgreSQL under gunicorn.
        others: In the other storms.
        rounds: Of the measurement; 0 leaves it out.
        events: In each round of the measurement.
    """

    deposits: int
    others: int
    rounds: int
    events: int


SIZES = {
    "tiny": Size(40, 0, 0, 0),
    "small": Size(400, 80, 3, 200),
    "full": Size(4000, 400, 7, 400),
}


def main() -> int:
    """Run all storms of a size, and measure."""
    parser = argparse.ArgumentParser("python -m tests.storm", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**16))
    parser.add_argument("--rounds", type=int, default=1, help="as many times as many deposits")
    parser.add_argument("--deposits", type=int, help="as many in the first storm")
    parser.add_argument("--workers", type=int, default=4)
    options = parser.parse_args()
    _print(f"The seed is {options.seed}. To run the same again, add SEED={options.seed}.")
    _print(
        f"Deliveries a second are those of mock and program together, on {os.cpu_count()} cores."
    )
    start = time.monotonic()
    size = SIZES[options.size]
    failed = _storms(size, options)
    if size.rounds and postgres.find() is not None:
        failed += _measure(size)
    _print(f"\n{failed or 'None'} of them failed. It took {time.monotonic() - start:.0f} s.")
    return 1 if failed else 0


def _storms(size: Size, options: argparse.Namespace) -> int:
    """Return how many failed."""
    failed = 0
    seed, workers = options.seed, options.workers
    deposits = (options.deposits or size.deposits) * options.rounds
    if postgres.find() is None:
        _print(f"Skipped on PostgreSQL: {postgres.MISSING}")
    else:
        reconciled = ALL if size.others else FEW
        plan = _plan(seed, deposits)._replace(reconciled=reconciled)
        failed += _on_postgres(gunicorn, plan, workers)
    if size.others and postgres.find() is not None:
        plan = _plan(seed, size.others)
        failed += _on_postgres(uvicorn, plan, workers)
        failed += _on_postgres(store_first, plan, workers)
        failed += sum(_on_example(make, seed) for make in EXAMPLES)
    if size.others:
        failed += _on_sqlite(_plan(seed, size.others, database=False), workers)
    return failed


def _plan(seed: int, deposits: int, *, database: bool = True) -> Plan:
    return Plan(
        seed,
        deposits,
        kills=max(1, deposits // 80),
        restarts=2 if database else 0,
        cuts=max(1, deposits // 200) if database else 0,
        # Far more than it takes on a slow machine.
        limit=120 + deposits / 2,
    )


def _on_postgres(program: Callable[[str, int], Program], plan: Plan, workers: int) -> bool:
    with postgres.Server() as server:
        return _storm(program(server.url("psycopg"), workers), plan, server)


def _on_example(make: Callable[[postgres.Server], Program], seed: int) -> bool:
    if make is celery and shutil.which("redis-server") is None:
        _print("\nSkipped with Celery: redis-server is not installed.")
        return False
    with postgres.Server() as server:
        return _storm(make(server), Plan(seed, 40, kills=4, restarts=1, cuts=1, limit=300), server)


def _on_sqlite(plan: Plan, workers: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        return _storm(gunicorn(f"sqlite:///{Path(folder, 'shop.db')}", workers), plan)


def _storm(program: Program, plan: Plan, server: postgres.Server | None = None) -> bool:
    _print(f"\n{program.name}: {plan.deposits:,} deposits with {EVENTS} events each")
    result = storm(program, plan, server)
    _print_result(result)
    return bool(result.findings)


_LABELS = {
    "raise": "handlers raised",
    "twice": "twice at a moment",
    "kill": "kill -9 in a handler",
    "kill-late": "kill -9 after a commit",
}


def _print_result(result: Result) -> None:
    total = sum(result.deliveries.values())
    rate = f"{total / result.seconds:,.0f} a second, for {result.seconds:.0f} s"
    _line("deliveries", total, rate)
    for status, number in sorted(result.deliveries.items()):
        _line(f"  {status}", number)
    for what, number in sorted(result.happened.items()):
        _line(_LABELS.get(what, what), number)
    for run in result.reconciled:
        _print_reconciled(run)
    for currency, amount in result.sums.items():
        _line(f"sum of {currency}", f"{amount:f}")
    for finding in result.findings[:20]:
        _print(f"  WRONG: {finding}")
    if result.findings:
        _print(f"  {len(result.findings)} findings. The last lines of the program's log:")
        _print(result.log)
    else:
        _print("  Each deposit is booked exactly once, and the sums agree.")


def _print_reconciled(run: Run) -> None:
    found = run.outcome
    _print(f"  reconciled: {run.what}")
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(found.differences.items()))
    requests = f"{found.requests:,} requests; the least possible is {found.least:,}"
    _print(f"    found {kinds or 'nothing'}; {requests}; {found.crashes} crashes")


def _measure(size: Size) -> bool:
    cores = os.cpu_count()
    _print(f"\nCost of an event: inline, one row of a ledger, commits on disk, {cores} cores")
    measured = cost.measure(size.rounds, size.events)
    goal = f"besides BEGIN and COMMIT; goal: {cost.STATEMENTS}"
    _line("statements", len(measured.statements), goal)
    _line("commits", measured.commits, f"goal: {cost.COMMITS}")
    _print("  processes  bare INSERT  handler alone       event  of bare  of handler")
    for workers, rates in measured.rates.items():
        columns = "  ".join(
            f"{rates[kind]:{width},.0f}/s"
            for kind, width in (("bare", 9), ("handler", 11), ("event", 8))
        )
        shares = measured.shares[workers]
        _print(f"  {workers:9}  {columns}  {shares['bare']:7.0%}  {shares['handler']:10.0%}")
    first, last = (measured.rates[number] for number in (cost.WORKERS[0], cost.WORKERS[-1]))
    growth = [f"{last[kind] / first[kind]:.1f}x" for kind in cost.KINDS]
    _print(f"  {'growth':>9}  {growth[0]:>11}  {growth[1]:>13}  {growth[2]:>10}")
    met = "met" if measured.shares[1]["bare"] >= cost.SHARE else "missed"
    _print(f"  The goal, {cost.SHARE:.0%} of the rate of a bare INSERT, is {met} by one process.")
    for finding in measured.findings:
        _print(f"  WRONG: {finding}")
    return bool(measured.findings)


def _line(label: str, value: int | str, note: str = "") -> None:
    text = f"{value:,}" if isinstance(value, int) else value
    _print(f"  {label:24} {text:>9}  {note}".rstrip())


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
