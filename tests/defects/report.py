"""Report the results of the benchmark, as text and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.defects.benchmark import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.defects.benchmark import Result

# All of the first half, nine in ten of the second, and no finding on a healthy server.
GOALS = {"before": 1.0, "after": 0.9, "healthy": 1.0}


def line(result: Result) -> str:
    """Return the line for one trial."""
    trial = result.trial
    note = f"by {result.check}" if result.outcome is Outcome.FOUND else result.check
    parts = f"{result.outcome:<9} {result.seconds:6.1f} s  {trial.half:<7} {trial.kind:<26}"
    return f"{parts} {trial.name:<34} {note}".rstrip()


def summary(results: Sequence[Result], seconds: float) -> str:
    """Return the rates by half and by kind, and whether the goal was reached."""
    lines = ["", *_rates(results, "half"), "", *_rates(_broken(results), "kind"), ""]
    errors = sum(result.outcome is Outcome.ERROR for result in results)
    if errors:
        lines.append(f"{errors} trials failed with an error. Fix them: they are not results.")
    goal = "reached" if reached(results) else "MISSED"
    lines.append(f"Goal {goal}: all of before, 90 % of after, no false alarm. {seconds:.0f} s.")
    return "\n".join(lines)


def reached(results: Sequence[Result]) -> bool:
    """Return whether every goal is reached."""
    return all(correct >= GOALS[half] * of for half, correct, of in counts(results, "half"))


def to_json(results: Sequence[Result], seed: int, seconds: float) -> str:
    """Return all results as JSON."""
    kinds = counts(_broken(results), "kind")
    content = {
        "seed": seed,
        "seconds": round(seconds, 1),
        "reached": reached(results),
        "halves": {half: {"right": n, "of": of} for half, n, of in counts(results, "half")},
        "kinds": {kind: {"right": n, "of": of} for kind, n, of in kinds},
        "results": [_as_dict(result) for result in results],
    }
    return json.dumps(content, indent=2) + "\n"


def counts(results: Sequence[Result], attribute: str) -> Iterator[tuple[str, int, int]]:
    """Yield each half or kind, in how many of its trials the suite was right, and of how many."""
    for name in sorted({getattr(result.trial, attribute) for result in results}):
        group = [result for result in results if getattr(result.trial, attribute) == name]
        yield name, sum(result.correct for result in group), len(group)


def _broken(results: Sequence[Result]) -> list[Result]:
    return [result for result in results if result.trial.half != "healthy"]


def _rates(results: Sequence[Result], attribute: str) -> Iterator[str]:
    for name, correct, of in counts(results, attribute):
        done = "no false alarm in" if name == "healthy" else "found"
        yield f"{name:<28} {done} {correct} of {of} ({correct / of:.0%})"


def _as_dict(result: Result) -> dict[str, Any]:
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
