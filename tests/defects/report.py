"""Say what the benchmark showed, to people and to programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.defects.benchmark import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.defects.benchmark import Result

# Of the first half all, of the second nine in ten; a healthy server may never alarm.
GOALS = {"before": 1.0, "after": 0.9, "healthy": 1.0}


def line(result: Result) -> str:
    """Write one trial as a line."""
    trial = result.trial
    by = f"by {result.check}" if result.check else ""
    parts = f"{result.outcome:<9} {result.seconds:6.1f} s  {trial.half:<7} {trial.kind:<26}"
    return f"{parts} {trial.name:<34} {by}".rstrip()


def summary(results: Sequence[Result], seconds: float) -> str:
    """Write the rates by half and by kind, and whether the goal was reached."""
    lines = ["", *_rates(results, "half"), "", *_rates(_broken(results), "kind"), ""]
    errors = sum(result.outcome is Outcome.ERROR for result in results)
    if errors:
        lines.append(f"{errors} could not be tried: that says nothing, and has to be mended.")
    goal = "reached" if reached(results) else "MISSED"
    lines.append(f"Goal {goal}: all of before, 90 % of after, no false alarm. {seconds:.0f} s.")
    return "\n".join(lines)


def reached(results: Sequence[Result]) -> bool:
    """Tell whether every goal is reached."""
    return all(good >= GOALS[half] * of for half, good, of in counts(results, "half"))


def record(results: Sequence[Result], seed: int, seconds: float) -> str:
    """Write everything as JSON."""
    kinds = counts(_broken(results), "kind")
    shown = {
        "seed": seed,
        "seconds": round(seconds, 1),
        "reached": reached(results),
        "halves": {half: {"right": good, "of": of} for half, good, of in counts(results, "half")},
        "kinds": {kind: {"right": good, "of": of} for kind, good, of in kinds},
        "results": [_plain(result) for result in results],
    }
    return json.dumps(shown, indent=2) + "\n"


def counts(results: Sequence[Result], what: str) -> Iterator[tuple[str, int, int]]:
    """Count by half or kind how often the suite was right, and of how many."""
    for name in sorted({getattr(result.trial, what) for result in results}):
        group = [result for result in results if getattr(result.trial, what) == name]
        yield name, sum(result.good for result in group), len(group)


def _broken(results: Sequence[Result]) -> list[Result]:
    return [result for result in results if result.trial.half != "healthy"]


def _rates(results: Sequence[Result], what: str) -> Iterator[str]:
    for name, good, of in counts(results, what):
        done = "not alarmed by" if name == "healthy" else "found"
        yield f"{name:<28} {done} {good} of {of} ({good / of:.0%})"


def _plain(result: Result) -> dict[str, Any]:
    trial = result.trial
    return {
        "name": trial.name,
        "kind": trial.kind,
        "half": trial.half,
        "seed": trial.seed,
        "outcome": result.outcome,
        "check": result.check,
        "seconds": round(result.seconds, 2),
        "detail": result.detail,
    }
