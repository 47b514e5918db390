"""Reconcile 100,000 deposits of 2,000 customers with a ledger: ``python -m tests.reconcile``.

A reconciliation finds exactly the mistakes that were planted, by servers that count pages from 0
and from 1, called and awaited, while deposits arrive, and with crashes at seeded points; and its
memory does not grow with the number of customers.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import time
from typing import TYPE_CHECKING

from tests.reconcile.proof import FLAT, SIZES, prove

if TYPE_CHECKING:
    from tests.reconcile.proof import Run


def main() -> int:
    """Run the proof."""
    parser = argparse.ArgumentParser("python -m tests.reconcile", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**16))
    options = parser.parse_args()
    _print(f"The seed is {options.seed}. To run the same again, add SEED={options.seed}.")
    _print(f"Seconds are those of mock and reconciliation together, on {os.cpu_count()} cores.")
    _print(f"Memory is flat if four times as many customers add less than {FLAT / 1024:.0f} MiB.")
    start = time.monotonic()
    size = SIZES[options.size]
    failed = 0
    for run in prove(size, options.seed, lambda line: _print(f"\n{line}")):
        _print_run(run)
        failed += bool(run.outcome.findings)
    took = time.monotonic() - start
    _print(f"\n{failed or 'None'} of the reconciliations failed. It took {took:.0f} s.")
    return 1 if failed else 0


def _print_run(run: Run) -> None:
    found = run.outcome
    _print(f"  {run.way}, {run.what}")
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(found.differences.items()))
    _print(f"    differences   {kinds or 'none'}")
    requests = f"{found.requests:,} used, {found.least:,} are the least possible"
    if found.crashes:
        requests += f"; {found.last_requests:,} after {found.crashes} crashes"
    _print(f"    requests      {requests}")
    _print(f"    {found.seconds:.0f} s, peak memory {found.peak / 1024:.1f} MiB")
    for finding in found.findings[:20]:
        _print(f"    WRONG: {finding}")
    if not found.findings:
        _print("    It found exactly what was planted, and the sums agree to the last digit.")


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
