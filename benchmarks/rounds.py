"""Fresh processes, interleaved rounds, and the ratios of them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.table import REFERENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_ELSEWHERE = re.compile("proxy|ca_bundle|ssl_cert|^python(dontwrite|unbuf)", re.IGNORECASE)
ROOT = Path(__file__).parents[1]


class WorkerError(Exception):
    """A process that measures has failed."""


class Ratio(NamedTuple):
    """What a contender takes, beside the reference.

    Attributes:
        ratio: Median of the ratios of all rounds.
        low: Lower quartile of them.
        high: Upper quartile.
        value: Median of what was measured itself, in its unit.
    """

    ratio: float
    low: float
    high: float
    value: float


def work(measure: str, **job: Any) -> Any:
    """Run a job of `worker` in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.worker", json.dumps({"measure": measure, **job})]
    return json.loads(run(command))


def run(command: Sequence[str], **environment: str) -> str:
    """Run a program in the root of the project, and return what it prints.

    Args:
        command: The program and its arguments.
        environment: Variables to set. Those of proxies and certificates are unset, since they
            would lead clients elsewhere.

    Raises:
        WorkerError: It failed; the message has the end of its errors.
    """
    kept = {name: value for name, value in os.environ.items() if not _ELSEWHERE.search(name)}
    done = subprocess.run(
        command, cwd=ROOT, env={**kept, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise WorkerError("\n".join(lines[-3:]) or f"exit code {done.returncode}")
    return done.stdout


def interleave(
    modules: Sequence[str], rounds: int, measure: Callable[[str], list[float]]
) -> list[dict[str, list[float]]]:
    """Measure all contenders once a round; each round begins with another one.

    Args:
        modules: The contenders.
        rounds: How many rounds.
        measure: Measures a contender in a fresh process.
    """
    found = []
    for number in range(rounds):
        first = number % len(modules)
        order = [*modules[first:], *modules[:first]]
        found.append({module: measure(module) for module in order})
    return found


def ratios(
    rounds: Sequence[Mapping[str, Sequence[float]]], reference: str = REFERENCE
) -> dict[str, list[Ratio]]:
    """Return the ratio of each contender to the reference, for each value measured."""
    found: dict[str, list[Ratio]] = {}
    for module in rounds[0]:
        found[module] = []
        for index in range(len(rounds[0][module])):
            each = [one[module][index] / one[reference][index] for one in rounds]
            low, _, high = quantiles(each, method="inclusive") if len(each) > 1 else each * 3
            value = median(one[module][index] for one in rounds)
            found[module].append(Ratio(median(each), low, high, value))
    return found
