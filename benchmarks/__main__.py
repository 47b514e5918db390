"""Measure this client beside others: ``python -m benchmarks``; see README.md in this folder."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import canned, generated, guard, measures, pages, report, server
from benchmarks.rounds import ROOT, WorkerError, work
from benchmarks.table import BY_NAME, REFERENCE, SIZES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_WRONG = "0" * 32
GROUPS: dict[str, Callable[[measures.Setting], Iterator[measures.Group | measures.Growth]]] = {
    "calls": measures.calls,
    "async": measures.concurrent_calls,
    "start": measures.starts,
    "instructions": measures.counts,
    "growth": measures.growth,
}


def main() -> int:
    """Measure; return 1 if a contender could not be measured."""
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=list(GROUPS))
    parser.add_argument("--contenders", nargs="+", choices=BY_NAME, default=list(BY_NAME))
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "benchmarks.json")
    parser.add_argument("--calibrate", action="store_true", help="set the limits of the guard")
    parser.add_argument("--pages", action="store_true", help="only write the pages again")
    arguments = parser.parse_args()
    # All ratios are to this one.
    arguments.contenders = list(dict.fromkeys([REFERENCE, *arguments.contenders]))
    if arguments.calibrate:
        guard.calibrate()
        return 0
    if not arguments.pages:
        if generated.CONTENDERS & set(arguments.contenders):
            generated.generate()
        results, failures = measure(arguments)
        everything = ("full", list(GROUPS), list(BY_NAME))
        asked_for = (arguments.size, arguments.only, arguments.contenders)
        is_whole = asked_for == everything and not failures
        path = pages.RESULTS if is_whole else arguments.output
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(results, indent=1) + "\n")
        _print("", f"Written to {path}.")
        if not is_whole:
            return 1 if failures else 0
    pages.write()
    return 0


def measure(arguments: argparse.Namespace) -> tuple[dict[str, Any], dict[str, str]]:
    """Measure what was asked for, and print each table when it is there.

    Args:
        arguments: Those of the command.

    Returns:
        The results, and what is wrong with contenders that were left out.
    """
    with tempfile.TemporaryDirectory() as directory, server.serving(Path(directory)) as served:
        ports, bundle = served
        exact, failures = check(arguments.contenders, f"http://127.0.0.1:{ports.checked}")
        for module, failure in failures.items():
            _print(f"{BY_NAME[module].title} is left out: {failure}")
        setting = measures.Setting(SIZES[arguments.size], ports, bundle, list(exact))
        results: dict[str, Any] = {
            "size": arguments.size,
            "machine": report.machine(),
            "versions": measures.versions(list(exact)),
            "exact": exact,
            "groups": [],
            "growth": [],
        }
        for name in arguments.only:
            try:
                for found in GROUPS[name](setting):
                    _add(found, results)
            except WorkerError as error:
                failures[name] = str(error)
                _print("", f"No {name}: {error}")
    return results, failures


def _add(found: measures.Group | measures.Growth, results: dict[str, Any]) -> None:
    if isinstance(found, measures.Group):
        results["groups"].append(report.as_json(found))
        _print(*report.lines(results["groups"][-1], results["exact"]))
    else:
        results["growth"].append(found._asdict())
        _print(*report.growth_lines(results["growth"][-1]))


def check(modules: Sequence[str], url: str) -> tuple[dict[str, bool], dict[str, str]]:
    """Check the contenders against a server that checks them.

    Args:
        modules: The contenders.
        url: The server.

    Returns:
        Whether amounts are exact, for each that works; and what is wrong with the others.
    """
    exact, failures = {}, {}
    for module in modules:
        try:
            amounts = work("check", contender=module, url=url)["amounts"]
        except WorkerError as error:
            failures[module] = str(error)
            continue
        exact[module] = set(amounts) == {canned.EXACT}
        try:
            work("check", contender=module, url=url, secret=_WRONG)
        except WorkerError:
            continue
        del exact[module]
        failures[module] = "it reads the response to a request with a wrong signature"
    return exact, failures


def _print(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
