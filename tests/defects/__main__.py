"""Measure which planted defects the contract suite finds: ``python -m tests.defects``.

Exits with 0 if the goal is reached, with 1 if not, and with 2 if a trial failed with an error.
"""

from __future__ import annotations

import argparse
import fnmatch
import logging
import random
import shlex
import sys
import time
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from tests.defects import benchmark, comparison, read_only, registry, report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.defects.registry import Defect


def main() -> int:
    """Run the selected trials and report their results."""
    options = _options()
    # Defects make the mock crash on purpose: keep its log off standard error.
    logging.getLogger("calypso_mock").addHandler(logging.NullHandler())
    selected = _selected(options)
    if not selected:
        _print("No defect matches these options.")
        return 2
    if unsound := [defect.name for defect in selected if not _is_reproduced(defect)]:
        _print(f"The repro does not show the defect: {', '.join(unsound)}.")
        return 2
    return _run(sample(selected, options.sample, options.seed), options)


def sample(defects: list[Defect], count: int, seed: int) -> list[Defect]:
    """Choose that many of the defects by the seed, alternately from both halves."""
    if count >= len(defects):
        return defects
    rng = random.Random(seed)  # noqa: S311 - not for security
    halves = [[defect for defect in defects if defect.half == half] for half in ("before", "after")]
    drawn = zip_longest(*(rng.sample(half, len(half)) for half in halves))
    return [defect for pair in drawn for defect in pair if defect][:count]


def _selected(options: argparse.Namespace) -> list[Defect]:
    return [
        defect
        for defect in registry.load().values()
        if fnmatch.fnmatchcase(defect.name, options.only)
        if options.half in (defect.half, None)
        if defect.visible_to_reads or not options.read_only
    ]


def _is_reproduced(defect: Defect) -> bool:
    return not comparison.not_reproduced(defect, comparison.compare(defect))


def _run(defects: list[Defect], options: argparse.Namespace) -> int:
    started, results = time.monotonic(), []
    for result in _results(defects, options):
        results.append(result)
        _print(report.line(result))
        if result.detail:
            _print(result.detail)
    seconds = time.monotonic() - started
    _print(report.summary(results, seconds))
    if options.output:
        options.output.write_text(report.to_json(results, options.seed, seconds))
    if any(result.outcome is benchmark.Outcome.ERROR for result in results):
        return 2
    return 0 if report.reached(results) else 1


def _results(defects: list[Defect], options: argparse.Namespace) -> Iterator[benchmark.Result]:
    if options.read_only:
        return read_only.run_all(defects, options.seed)
    trials = [
        *(benchmark.Trial.of(defect, options.seed) for defect in defects),
        *(
            benchmark.Trial.healthy(server_options, seed)
            for seed in range(options.seed, options.seed + options.control)
            for server_options in benchmark.HEALTHY_OPTIONS
        ),
    ]
    return benchmark.run_all(trials, shlex.split(options.suite), options.jobs)


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.defects", description=__doc__)
    add = parser.add_argument
    add("--only", default="*", metavar="PATTERN", help="only defects with such a name: '*page*'")
    add("--half", choices=["before", "after"], help="only defects of this half")
    add("--jobs", type=int, default=2, metavar="N", help="trials that run at a time (default: 2)")
    add("--seed", type=int, default=1, help="seed of the suite and of --sample (default: 1)")
    add("--sample", type=int, default=sys.maxsize, metavar="N", help="only N of the defects")
    add("--control", type=int, default=0, metavar="N", help="try N seeds on healthy servers too")
    add("--read-only", action="store_true", help="run only the read-only checks")
    add("--output", type=Path, metavar="PATH", help="write the results as JSON")
    add("--suite", default=shlex.join(benchmark.SUITE), metavar="CMD", help="run another suite")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
