"""Take a change of the vendor's documentation through to the client, in one command.

    python -m tools.update [FILE…]     saved pages or folders; without them the pages' addresses

The steps: read the documentation, wait for the edit of `openapi.yaml` at a terminal, generate,
check what the document touches, test the contract shortly, compare the document with what it was.

A step that fails does not end the run: what does not depend on it still runs, and above all the
comparison, which says what changed for users. One summary ends the run, with what failed, why, and
the command that repeats it.

Ctrl-C ends the step that runs, and goes on with the comparison and the summary; a second one ends
that too, and leaves the summary of what is known.

Exit codes: 0 every step worked, 1 one of them failed, or did not run. Drift that is left and pages
that can't be read are no failure: they are said, and the document is checked all the same.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[1]

STOPPED = "not run: stopped"
INTERRUPTED = "interrupted"
DRIFT = "drift is left"
UNREAD = "not all pages could be read"
NOTES: Mapping[str, str] = {
    DRIFT: "What the pages show and openapi.yaml does not have is listed above.",
    UNREAD: (
        "What they say was not compared. Save them from the browser, "
        'and run: make update PAGES="saved/"'
    ),
}
"""What the summary adds where a step went well with a reservation."""

_LINES = 8
"""How many lines the summary shows of what a step said."""

_WIDTH = 200
"""How long a line of these may be."""

_TRACEBACK = "Traceback (most recent call last)"

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
        command: It is run as `python -m …`.
        again: What a maintainer types to repeat it.
        fine: Exit codes with which the step went well, and what the summary then says.
        needs: The step without which this one makes no sense.
        shown: Whether its output is what the user wants to read, and not only when it fails.
        telling: What is in the lines that matter when it fails, as a pattern; by default all do.
        always: Whether it is run even after Ctrl-C.
    """

    name: str
    doing: str
    command: tuple[str, ...]
    again: str
    fine: Mapping[int, str]
    needs: str = ""
    shown: bool = False
    telling: str = ""
    always: bool = False


class Result(NamedTuple):
    """What came of a step: its exit code and output, or why it was not run.

    One that Ctrl-C came into may have worked all the same: its exit code says so.
    """

    step: Step
    code: int = -1
    said: str = ""
    seconds: float = 0.0
    not_run: str = ""
    interrupts: int = 0

    @property
    def is_fine(self) -> bool:
        """Whether the step ran and went well; what ends with a traceback has no say in it."""
        return not self.not_run and self.code in self.step.fine and _TRACEBACK not in self.said

    @property
    def verdict(self) -> str:
        """What the summary says of it."""
        if self.is_fine:
            return self.step.fine[self.code]
        return self.not_run or (INTERRUPTED if self.interrupts else "FAILED")

    @property
    def why(self) -> tuple[str, ...]:
        """The lines of its output that matter."""
        lines = [line.rstrip() for line in self.said.splitlines() if line.strip()]
        telling = [line for line in lines if re.search(self.step.telling, line)]
        # What a traceback, or any program that gives up, has to say stands at its end.
        lines = telling if telling and _TRACEBACK not in self.said else lines[-_LINES:]
        left = len(lines) - _LINES
        shown = [_short(line.removeprefix(f"{self.step.name}: ")) for line in lines[:_LINES]]
        return (*shown, *([f"… and {left} more"] if left > 0 else ()))

    @property
    def again(self) -> tuple[str, ...]:
        """What repeats it: the tests that failed, where they are few, or else the whole step."""
        tests = tuple(line for line in self.said.splitlines() if line.startswith("make test "))
        return tests if 0 < len(tests) <= _LINES else (self.step.again,)


def steps(sources: Sequence[str], since: str) -> list[Step]:
    """Return what is done, in its order."""
    pages = f' PAGES="{shlex.join(sources)}"' if sources else ""
    return [
        Step(
            "drift",
            "Reading the vendor's pages",
            ("tools.drift", *sources),
            f"make drift{pages}",
            {0: "no drift", 1: DRIFT, 2: UNREAD},
            shown=True,
        ),
        Step("generate", "Generating the client", ("generator",), "make generate", {0: "done"}),
        Step(
            "reference",
            "Writing the reference",
            ("tools.reference",),
            "make generate",
            {0: "done"},
            needs="generate",
        ),
        Step(
            "document",
            "Linting openapi.yaml",
            ("tools.lint_document",),
            f"{_python()} -m tools.lint_document",
            {0: "fine"},
        ),
        Step(
            "types",
            "Checking types",
            ("mypy",),
            f"{_python()} -m mypy",
            {0: "fine"},
            needs="generate",
            telling=": error: ",
        ),
        Step(
            "tests",
            "Testing what the document touches",
            ("pytest", "-q", "-n", "auto", "--dist", "loadfile", *_TESTS),
            f'make test ARGS="{" ".join(_TESTS)}"',
            {0: "pass"},
            needs="generate",
            telling=r"^(FAILED|ERROR) ",
        ),
        Step(
            "contract",
            "Testing the contract, shortly",
            ("tests.contract", "--profile", "short"),
            "make contract PROFILE=short",
            {0: "holds"},
            needs="generate",
            telling=r"^(FOUND by |    |Nothing was tested)",
        ),
        Step(
            "changes",
            "Comparing openapi.yaml with what it was",
            ("tools.changes", *([since] if since else ())),
            f"make changes{f' FROM={shlex.quote(since)}' if since else ''}",
            {0: "see below"},
            always=True,
        ),
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the steps, sum them up, and return the exit code."""
    options = _options(argv)
    plan = steps(options.sources, options.since)
    began = time.monotonic()
    results = _results(plan)
    with _uninterrupted():
        _sum_up(results, time.monotonic() - began)
    return 0 if all(result.is_fine for result in results) else 1


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.update",
        description="Take a change of the vendor's documentation through to the client.",
    )
    parser.add_argument("sources", nargs="*", metavar="FILE", help="saved pages, or folders")
    parser.add_argument("--since", default="", metavar="REVISION", help="what changes count from")
    return parser.parse_args(argv)


def _results(plan: Sequence[Step]) -> list[Result]:
    results: list[Result] = []
    try:
        _run_all(plan, results)
    except KeyboardInterrupt:
        with suppress(KeyboardInterrupt):
            _run_what_is_always_run(plan, results)
        results += [Result(step, not_run=STOPPED) for step in plan[len(results) :]]
    return results


def _run_what_is_always_run(plan: Sequence[Step], results: list[Result]) -> None:
    """Go through the steps that an interrupted run left, unless Ctrl-C came twice."""
    is_over = any(result.interrupts > 1 for result in results)
    for number, step in enumerate(plan[len(results) :], len(results) + 1):
        if step.always and not is_over:
            results.append(_announced(f"{number}/{len(plan)}", step))
            _show(results[-1])
        else:
            results.append(Result(step, not_run=STOPPED))


def _run_all(plan: Sequence[Step], results: list[Result]) -> None:
    """Run the steps, and add what came of each; an interrupted one is the last.

    Raises:
        KeyboardInterrupt: Ctrl-C came, into a step or between two.
    """
    failed: set[str] = set()
    for number, step in enumerate(plan, 1):
        if step.needs in failed:
            results.append(Result(step, not_run=f"not run: {step.needs} failed"))
            failed.add(step.name)
            continue
        results.append(_announced(f"{number}/{len(plan)}", step))
        _show(results[-1])
        if results[-1].verdict == DRIFT and not results[-1].interrupts and _edited():
            results[-1] = _announced(f"{number}/{len(plan)}", step)
            _show(results[-1])
        if results[-1].interrupts:
            raise KeyboardInterrupt
        if not results[-1].is_fine:
            failed.add(step.name)


def _announced(count: str, step: Step) -> Result:
    _say(f"{count}  {step.doing}…")
    return _run(step)


def _show(result: Result) -> None:
    step = result.step
    if result.verdict != INTERRUPTED and ((step.shown and result.code != 0) or not result.is_fine):
        _say(result.said.rstrip())


def _run(step: Step) -> Result:
    began = time.monotonic()
    running = _Running()
    try:
        code, said = running.end_of([sys.executable, "-m", *step.command])
    except OSError as error:
        code, said = 1, f"{sys.executable}: {error.strerror}"
    return Result(step, code, said, time.monotonic() - began, interrupts=running.interrupts)


class _Running:
    """A step's process, and what Ctrl-C does: the first interrupts it, a second one kills it."""

    def __init__(self) -> None:
        self.interrupts = 0
        self._passed_on = 0
        self._process: subprocess.Popen[str] | None = None

    def end_of(self, command: Sequence[str]) -> tuple[int, str]:
        """Run a command to its end, and return its exit code and what it wrote."""
        before = signal.signal(signal.SIGINT, self._interrupt)
        try:
            process = self._process = subprocess.Popen(  # noqa: S603 - our commands, the user's files
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                # Else a terminal's Ctrl-C would reach the step by itself, and then twice.
                process_group=0,
            )
            self._pass_on()
            said = None
            while said is None:
                # In steps, for a signal that comes just before a wait begins does not end it.
                with suppress(subprocess.TimeoutExpired):
                    said = "".join(process.communicate(timeout=0.5))
        finally:
            signal.signal(signal.SIGINT, before)
        return process.returncode, said

    def _interrupt(self, *_: object) -> None:
        self.interrupts += 1
        self._pass_on()

    def _pass_on(self) -> None:
        process = self._process
        if process is None or process.returncode is not None or self._passed_on == self.interrupts:
            return
        self._passed_on = self.interrupts
        # With the processes that it began. It may have ended meanwhile.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT if self.interrupts == 1 else signal.SIGKILL)


def _edited() -> bool:
    """Wait for the edit where there is somebody to make it; return whether there was."""
    if not _at_a_terminal():
        return False
    try:
        input("Edit openapi.yaml now, then press Enter to go on (Ctrl-C stops here). ")
    except EOFError:
        return False
    return True


def _at_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _short(line: str) -> str:
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"


def _python() -> str:
    """Return how a user types the Python that runs this."""
    python = Path(sys.executable)
    return str(python.relative_to(ROOT) if python.is_relative_to(ROOT) else python)


def _sum_up(results: Sequence[Result], seconds: float) -> None:
    _say("")
    for result in results:
        took = "" if result.not_run else f"{result.seconds:6.1f} s"
        _say(f"  {result.step.name:<10} {result.verdict:<40} {took}".rstrip())
    _say(f"  {'':<10} {'':<40} {seconds:6.1f} s")
    for result in results:
        note = NOTES.get(result.verdict)
        if note:
            _say(f"\n{result.step.name}: {result.verdict}. {note}")
    for result in results:
        if result.verdict == INTERRUPTED:
            _say(f"\n{result.step.name} was interrupted{_last_word(result)}")
            _say(f"To repeat it:\n  {result.step.again}")
    for names, first in _failures(results):
        _say(f"\n{names} failed:")
        for line in first.why:
            _say(f"  {line}")
        _say("To repeat it:")
        for line in first.again:
            _say(f"  {line}")
    _say(f"\n{_end(results)}")


def _last_word(result: Result) -> str:
    """Return what an interrupted step says itself of what it did, as the generator does."""
    *_, last = ("", *result.said.splitlines())
    return last.removeprefix("Interrupted") if last.startswith("Interrupted; ") else "."


def _failures(results: Iterable[Result]) -> list[tuple[str, Result]]:
    """Return each reason with the names of the steps that failed for it, and the one to repeat."""
    reasons: dict[tuple[str, ...], list[Result]] = {}
    for result in results:
        if result.verdict == "FAILED":
            reasons.setdefault(result.why, []).append(result)
    needed = {result.step.needs for result in results}
    return [
        (
            ", ".join(each.step.name for each in same),
            next((each for each in same if each.step.name in needed), same[0]),
        )
        for same in reasons.values()
    ]


def _end(results: Sequence[Result]) -> str:
    """Return the lines for the changelog, and what is to be done now."""
    last = results[-1]
    lines = f"{last.said.strip()}\n\n" if last.is_fine else ""
    if all(result.is_fine for result in results):
        return (
            f"{lines}Put what users care about into CHANGELOG.md; then make check test, and commit."
        )
    if any(result.not_run == STOPPED or result.interrupts for result in results):
        return f"{lines}Stopped. Run make update again to go on."
    return f"{lines}Mend what failed, then run make update again."


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ignore Ctrl-C until the end of the block, which takes no time."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _say(words: str) -> None:
    try:
        print(words, flush=True)  # noqa: T201 - what a command has to say
    except OSError as error:
        # A full disk, or a pipe that is closed. The summary has to be read somewhere.
        sys.stderr.write(f"stdout: {error.strerror}; the rest is written to stderr\n")
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
