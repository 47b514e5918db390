"""Measure which planted defects the contract suite finds: ``python -m tests.defects``.

It ends with 0 if the goal is reached, with 1 if not, and with 2 if something could not be tried.
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

from tests.defects import benchmark, judging, reading, registry, report

if TYPE_CHECKING:
    from tests.defects.registry import Defect


def main() -> int:
    """Hold all trials that were asked for, and say what they showed."""
    options = _options()
    # A mock that was made to crash would tell of it on standard error.
    logging.getLogger("calypso_mock").addHandler(logging.NullHandler())
    chosen = [
        found
        for found in registry.load().values()
        if fnmatch.fnmatchcase(found.name, options.only) and options.half in (found.half, None)
        if found.by_reads or not options.reading
    ]
    unsound = [found.name for found in chosen if not _shows(found)]
    if unsound or not chosen:
        _say(f"No witness shows {', '.join(unsound)}." if unsound else "There is no such defect.")
        return 2
    return _hold(sample(chosen, options.sample, options.seed), options)


def sample(defects: list[Defect], count: int, seed: int) -> list[Defect]:
    """Choose some of the defects by the seed, from both halves in turn; all where count says so."""
    if count >= len(defects):
        return defects
    rng = random.Random(seed)  # noqa: S311 - it chooses, and guards nothing
    halves = [[found for found in defects if found.half == half] for half in ("before", "after")]
    drawn = zip_longest(*(rng.sample(half, len(half)) for half in halves))
    return [found for pair in drawn for found in pair if found][:count]


def _hold(chosen: list[Defect], options: argparse.Namespace) -> int:
    seeds = range(options.seed, options.seed + options.control)
    trials = [
        *(benchmark.Trial.of(found, options.seed) for found in chosen),
        *(benchmark.Trial.healthy(told, s) for s in seeds for told in benchmark.HEALTHY_OPTIONS),
    ]
    started, results = time.monotonic(), []
    if options.reading:
        held = reading.hold(chosen, options.seed)
    else:
        held = benchmark.hold(trials, shlex.split(options.suite), options.jobs)
    for result in held:
        results.append(result)
        _say(report.line(result))
        if result.detail:
            _say(result.detail)
    seconds = time.monotonic() - started
    _say(report.summary(results, seconds))
    if options.output:
        options.output.write_text(report.record(results, options.seed, seconds))
    if any(result.outcome is benchmark.Outcome.ERROR for result in results):
        return 2
    return 0 if report.reached(results) else 1


def _shows(defect: Defect) -> bool:
    return not judging.unshown(defect, judging.hear(defect))


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.defects", description=__doc__)
    add = parser.add_argument
    add("--only", default="*", metavar="PATTERN", help="names of defects, such as '*page*'")
    add("--half", choices=["before", "after"], help="only those written before, or after")
    add("--jobs", type=int, default=2, help="how many at a time (default: 2)")
    add("--seed", type=int, default=1, help="the suite's seed (default: 1)")
    add("--sample", type=int, default=sys.maxsize, metavar="N", help="only N of them, by the seed")
    add("--control", type=int, default=0, metavar="SEEDS", help="try healthy servers, too")
    add("--reading", action="store_true", help="those that reads alone show, found by reads alone")
    add("--output", type=Path, metavar="PATH", help="write the results as JSON")
    add("--suite", default=shlex.join(benchmark.SUITE), metavar="CMD", help="another suite")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
