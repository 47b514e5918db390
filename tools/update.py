"""Take a change of the vendor's documentation through to the client, in one command.

    python -m tools.update [FILE…]     saved pages or folders; without them the pages' addresses

The steps: read the documentation, wait for the edit of `openapi.yaml` where somebody sits at the
terminal, generate, check what the document touches, test the contract shortly, tell what changed.

Exit codes: 0 every step worked, 1 one of them failed. Drift that is left is told, and is no
failure: not everything that a page says has to be adopted at once.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parents[1]

DRIFT = "drift is left, see above"

# What of the tests reads the document, or what is made of it; the mock is held against the document
# by the contract.
_TESTS = (
    "tests/docs/test_document.py",
    "tests/docs/test_readme.py",
    "tests/docs/test_vendor_calls.py",
    "tests/generated/test_models.py",
    "tests/generated/test_resources.py",
    "tests/generated/test_provenance.py",
    "tests/mock/test_checks.py",
)


class Step(NamedTuple):
    """One thing that is done.

    Attributes:
        name: In the summary.
        doing: What is said while it runs.
        commands: Each is run as `python -m …`, one after the other, up to the first that fails.
        fine: Exit codes with which the step went well, and what the summary then says.
        shown: Whether its output is what the user wants to read, and not only when it fails.
    """

    name: str
    doing: str
    commands: tuple[tuple[str, ...], ...]
    fine: Mapping[int, str]
    shown: bool = False


class Result(NamedTuple):
    """What came of a step; `said` is its output."""

    step: Step
    code: int
    said: str
    seconds: float

    @property
    def words(self) -> str:
        """What the summary says of it."""
        return self.step.fine.get(self.code, "FAILED, see above")


def steps(sources: Sequence[str], since: str) -> list[Step]:
    """Return what is done, in its order."""
    pages = {0: "no drift", 1: DRIFT, 2: "not all pages could be read, see above"}
    tests = ("pytest", "-q", "-n", "auto", "--dist", "loadfile", *_TESTS)
    changes = ("tools.changes", *([since] if since else ()))
    return [
        Step(
            "drift", "Reading the vendor's pages", (("tools.drift", *sources),), pages, shown=True
        ),
        Step("generate", "Generating the client", (("generator",),), {0: "done"}),
        Step("reference", "Writing the reference", (("tools.reference",),), {0: "done"}),
        Step("document", "Linting openapi.yaml", (("tools.lint_document",),), {0: "fine"}),
        Step("types", "Checking types", (("mypy",),), {0: "fine"}),
        Step("tests", "Testing what the document touches", (tests,), {0: "pass"}),
        Step(
            "contract",
            "Testing the contract, shortly",
            (("tests.contract", "--profile", "short"),),
            {0: "holds"},
        ),
        Step("changes", "Comparing openapi.yaml with what it was", (changes,), {0: "see below"}),
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the steps, sum them up, and return the exit code."""
    options = _options(argv)
    plan = steps(options.sources, options.since)
    began = time.monotonic()
    results: list[Result] = []
    for number, step in enumerate(plan, 1):
        results.append(_told(f"{number}/{len(plan)}", step))
        if results[-1].words == DRIFT and _edited():
            results[-1] = _told(f"{number}/{len(plan)}", step)
        if results[-1].code not in step.fine:
            break
    _sum_up(plan, results, time.monotonic() - began)
    return 0 if len(results) == len(plan) and results[-1].code in plan[-1].fine else 1


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.update",
        description="Take a change of the vendor's documentation through to the client.",
    )
    parser.add_argument("sources", nargs="*", metavar="FILE", help="saved pages, or folders")
    parser.add_argument("--since", default="", metavar="REVISION", help="what changes count from")
    return parser.parse_args(argv)


def _told(count: str, step: Step) -> Result:
    _say(f"{count}  {step.doing}…")
    result = _run(step)
    if (step.shown and result.code != 0) or result.code not in step.fine:
        _say(result.said.rstrip())
    return result


def _run(step: Step) -> Result:
    began = time.monotonic()
    said, code = "", 0
    for command in step.commands:
        done = subprocess.run(  # noqa: S603 - our own commands, and files that the user named
            [sys.executable, "-m", *command],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        said, code = f"{said}{done.stdout}{done.stderr}", done.returncode
        if code != 0:
            break
    return Result(step, code, said, time.monotonic() - began)


def _edited() -> bool:
    """Wait for the edit where there is somebody to make it; return whether there was."""
    if not _at_a_terminal():
        return False
    input("Edit openapi.yaml now, then press Enter to go on (Ctrl-C stops here). ")
    return True


def _at_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _sum_up(plan: Sequence[Step], results: Sequence[Result], seconds: float) -> None:
    _say("")
    for result in results:
        _say(f"  {result.step.name:<10} {result.words:<40} {result.seconds:6.1f} s")
    for step in plan[len(results) :]:
        _say(f"  {step.name:<10} not run")
    reach = "all steps" if len(results) == len(plan) else "until here"
    _say(f"  {'':<10} {reach:<40} {seconds:6.1f} s")
    if len(results) == len(plan) and results[-1].code == 0:
        _say(f"\n{results[-1].said.rstrip()}")
        _say("\nPut what users care about into CHANGELOG.md; then make check test, and commit.")


def _say(words: str) -> None:
    print(words, flush=True)  # noqa: T201 - what a command has to say


if __name__ == "__main__":
    sys.exit(main())
