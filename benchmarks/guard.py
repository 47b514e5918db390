"""Limits on what a call of this client costs, in instructions beside httpx by hand.

They are ratios of counts, which repeat on any machine, and depend on the version of Python: each
has a row in `limits.json`, which ``make bench ARGS=--calibrate`` writes.
"""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec

from benchmarks.instructions import count
from benchmarks.rounds import ROOT
from benchmarks.table import CASES, REFERENCE

LIMITS = ROOT / "benchmarks" / "limits.json"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
# Counts repeat to 0.3 %; versions of libraries may differ a little more.
_MARGIN = 1.03


def limits() -> dict[str, dict[str, float]]:
    """Return the limit of each contender and case; empty for a Python that has none."""
    found: dict[str, dict[str, float]] = json.loads(LIMITS.read_text()).get(PYTHON, {})
    return found


def measured(cases: dict[str, int]) -> dict[str, dict[str, float]]:
    """Return the ratios of this client; of that with the extra `fast` if msgspec is installed.

    Args:
        cases: Names of the cases, and the records that each finds.

    Raises:
        WorkerError: It could not be measured.
    """
    modules = ("ours", "ours_fast") if find_spec("msgspec") else ("ours",)
    jobs = [(rows, 2 if rows == max(CASES.values()) else 10) for rows in cases.values()]
    reference = count(REFERENCE, jobs)
    found = {}
    for module in modules:
        pairs = zip(cases, count(module, jobs), reference, strict=True)
        found[module] = {case: ours / bare for case, ours, bare in pairs}
    return found


def calibrate() -> None:
    """Measure, and make what was measured the limits of this Python, with a margin."""
    found = json.loads(LIMITS.read_text()) if LIMITS.exists() else {}
    found[PYTHON] = {
        module: {case: round(ratio * _MARGIN, 3) for case, ratio in ratios.items()}
        for module, ratios in measured(CASES).items()
    }
    LIMITS.write_text(json.dumps(found, indent=2) + "\n")
