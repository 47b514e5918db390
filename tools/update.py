"""Take a change of the vendor's documentation through to the client, in one command.

    python -m tools.update [FILE…]     saved pages or folders; without them the pages' addresses

The steps: read the documentation, wait at a terminal for the edit of `openapi.yaml`, generate,
check what depends on the document, run a short contract test, compare the document with the last
release.

A failed step does not end the run: steps that do not depend on it still run, and so does the
comparison, which lists what changed for users. The summary at the end shows what failed, why, and
the command to run it again.

Ctrl-C ends the running step and goes on with the comparison and the summary; a second Ctrl-C skips
the comparison.

Exit codes: 0 every step worked, 1 a step failed or did not run. Remaining drift and unreadable
pages are not failures: they are reported, and the document is checked all the same.
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
DRIFT = "drift remains"
UNREAD = "some pages could not be read"
NOTES: Mapping[str, str] = {
    DRIFT: "The differences between the pages and openapi.yaml are listed above.",
    UNREAD: (
        'They were not compared. Save them from the browser, and run: make update PAGES="saved/"'
    ),
}
"""What the summary adds to a step that worked with a reservation."""

_LINES = 8
"""How many lines of a step's output the summary shows."""

_WIDTH = 200
"""The longest of these lines."""

_TRACEBACK = "Traceback (most recent call last)"

# The tests that read the document or generated code; the contract tests the mock against the
# document.
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
    """One step of the run.

    Attributes:
        name: Its name in the summary.
        doing: The line that is printed when it starts.
        command: It is run as `python -m …`.
        rerun: The command with which a maintainer runs it again.
        fine: Exit codes of success, each with its status in the summary.
        needs: The step that this one depends on.
        shown: Whether its output is shown when it succeeds with findings, too.
        relevant: A pattern for the lines that matter when it fails; by default all do.
        always: Whether it is run even after Ctrl-C.
    """

    name: str
    doing: str
    command: tuple[str, ...]
    rerun: str
    fine: Mapping[int, str]
    needs: str = ""
    shown: bool = False
    relevant: str = ""
    always: bool = False


class Result(NamedTuple):
    """The result of a step: its exit code and output, or why it was not run.

    An interrupted step may have worked all the same; its exit code decides.
    """

    step: Step
    code: int = -1
    output: str = ""
    seconds: float = 0.0
    not_run: str = ""
    interrupts: int = 0

    @property
    def is_fine(self) -> bool:
        """Whether the step ran and succeeded; with a traceback the exit code does not count."""
        return not self.not_run and self.code in self.step.fine and _TRACEBACK not in self.output

    @property
    def status(self) -> str:
        """Its status in the summary."""
        if self.is_fine:
            return self.step.fine[self.code]
        return self.not_run or (INTERRUPTED if self.interrupts else "FAILED")

    @property
    def reason(self) -> tuple[str, ...]:
        """The lines of its output that matter."""
        lines = [line.rstrip() for line in self.output.splitlines() if line.strip()]
        relevant = [line for line in lines if re.search(self.step.relevant, line)]
        # The end of a traceback, or of any failed program's output, has the error.
        lines = relevant if relevant and _TRACEBACK not in self.output else lines[-_LINES:]
        left = len(lines) - _LINES
        shown = [_short(line.removeprefix(f"{self.step.name}: ")) for line in lines[:_LINES]]
        return (*shown, *([f"… and {left} more"] if left > 0 else ()))

    @property
    def rerun(self) -> tuple[str, ...]:
        """The commands that run it again: the failed tests where they are few, else the step."""
        tests = tuple(line for line in self.output.splitlines() if line.startswith("make test "))
        return tests if 0 < len(tests) <= _LINES else (self.step.rerun,)


def steps(sources: Sequence[str], since: str) -> list[Step]:
    """Return the steps in order."""
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
            relevant=": error: ",
        ),
        Step(
            "tests",
            "Testing what depends on the document",
            ("pytest", "-q", "-n", "auto", "--dist", "loadfile", *_TESTS),
            f'make test ARGS="{" ".join(_TESTS)}"',
            {0: "pass"},
            needs="generate",
            relevant=r"^(FAILED|ERROR) ",
        ),
        Step(
            "contract",
            "Testing the contract (short)",
            ("tests.contract", "--profile", "short"),
            "make contract PROFILE=short",
            {0: "holds"},
            needs="generate",
            relevant=r"^(FOUND by |    |Nothing was tested)",
        ),
        Step(
            "changes",
            "Comparing openapi.yaml with the last release",
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
    """Run the steps and add their results; an interrupted step is the last.

    Raises:
        KeyboardInterrupt: On Ctrl-C, within a step or between two.
    """
    failed: set[str] = set()
    for number, step in enumerate(plan, 1):
        if step.needs in failed:
            results.append(Result(step, not_run=f"not run: {step.needs} failed"))
            failed.add(step.name)
            continue
        results.append(_announced(f"{number}/{len(plan)}", step))
        _show(results[-1])
        if results[-1].status == DRIFT and not results[-1].interrupts and _edited():
            results[-1] = _announced(f"{number}/{len(plan)}", step)
            _show(results[-1])
        if results[-1].interrupts:
            raise KeyboardInterrupt
        if not results[-1].is_fine:
            failed.add(step.name)


def _announced(count: str, step: Step) -> Result:
    _print(f"{count}  {step.doing}…")
    return _run(step)


def _show(result: Result) -> None:
    step = result.step
    if result.status != INTERRUPTED and ((step.shown and result.code != 0) or not result.is_fine):
        _print(result.output.rstrip())


def _run(step: Step) -> Result:
    began = time.monotonic()
    running = _Running()
    try:
        code, output = running.end_of([sys.executable, "-m", *step.command])
    except OSError as error:
        code, output = 1, f"{sys.executable}: {error.strerror}"
    return Result(step, code, output, time.monotonic() - began, interrupts=running.interrupts)


class _Running:
    """A step's process, and what Ctrl-C does: the first interrupts it, a second one kills it."""

    def __init__(self) -> None:
        self.interrupts = 0
        self._passed_on = 0
        self._process: subprocess.Popen[str] | None = None

    def end_of(self, command: Sequence[str]) -> tuple[int, str]:
        """Run a command to its end, and return its exit code and output."""
        before = signal.signal(signal.SIGINT, self._interrupt)
        try:
            process = self._process = subprocess.Popen(  # noqa: S603 - our commands, the user's files
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                # Else a terminal's Ctrl-C would reach the step directly as well, so twice.
                process_group=0,
            )
            self._pass_on()
            output = None
            while output is None:
                # With a timeout, since a signal just before a wait begins does not end the wait.
                with suppress(subprocess.TimeoutExpired):
                    output = "".join(process.communicate(timeout=0.5))
        finally:
            signal.signal(signal.SIGINT, before)
        return process.returncode, output

    def _interrupt(self, *_: object) -> None:
        self.interrupts += 1
        self._pass_on()

    def _pass_on(self) -> None:
        process = self._process
        if process is None or process.returncode is not None or self._passed_on == self.interrupts:
            return
        self._passed_on = self.interrupts
        # To its child processes too. It may have ended meanwhile.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT if self.interrupts == 1 else signal.SIGKILL)


def _edited() -> bool:
    """At a terminal, wait for the edit; return whether the user made one."""
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
    """Return the path of the running Python as a user types it."""
    python = Path(sys.executable)
    return str(python.relative_to(ROOT) if python.is_relative_to(ROOT) else python)


def _sum_up(results: Sequence[Result], seconds: float) -> None:
    for line in ("", *_table(results, seconds), *_notes(results), *_interruptions(results)):
        _print(line)
    for names, first in _failures(results):
        _print("\n".join((f"\n{names} failed:", *_indented(first.reason), "To run it again:")))
        _print("\n".join(_indented(first.rerun)))
    _print(f"\n{_end(results)}")


def _table(results: Sequence[Result], seconds: float) -> Iterator[str]:
    for result in results:
        took = "" if result.not_run else f"{result.seconds:6.1f} s"
        yield f"  {result.step.name:<10} {result.status:<40} {took}".rstrip()
    yield f"  {'':<10} {'':<40} {seconds:6.1f} s"


def _notes(results: Sequence[Result]) -> Iterator[str]:
    for result in results:
        note = NOTES.get(result.status)
        if note:
            yield f"\n{result.step.name}: {result.status}. {note}"


def _interruptions(results: Sequence[Result]) -> Iterator[str]:
    for result in results:
        if result.status == INTERRUPTED:
            yield f"\n{result.step.name} was interrupted{_last_word(result)}"
            yield f"To run it again:\n  {result.step.rerun}"


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _last_word(result: Result) -> str:
    """Return an interrupted step's own last message, as the generator prints one."""
    *_, last = ("", *result.output.splitlines())
    return last.removeprefix("Interrupted") if last.startswith("Interrupted; ") else "."


def _failures(results: Iterable[Result]) -> list[tuple[str, Result]]:
    """Return each reason with the steps that failed for it, and the step to run again."""
    reasons: dict[tuple[str, ...], list[Result]] = {}
    for result in results:
        if result.status == "FAILED":
            reasons.setdefault(result.reason, []).append(result)
    needed = {result.step.needs for result in results}
    return [
        (
            ", ".join(each.step.name for each in same),
            next((each for each in same if each.step.name in needed), same[0]),
        )
        for same in reasons.values()
    ]


def _end(results: Sequence[Result]) -> str:
    """Return the lines for the changelog and the next thing to do."""
    last = results[-1]
    lines = f"{last.output.strip()}\n\n" if last.is_fine else ""
    if all(result.is_fine for result in results):
        return f"{lines}Copy what users care about into CHANGELOG.md, run make check test, commit."
    if any(result.not_run == STOPPED or result.interrupts for result in results):
        return f"{lines}Stopped. Run make update again to go on."
    return f"{lines}Fix what failed, then run make update again."


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ignore Ctrl-C until the end of the block, which is short."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _print(text: str) -> None:
    try:
        print(text, flush=True)  # noqa: T201 - a command's output
    except OSError as error:
        # A full disk or a closed pipe. The summary still has to go somewhere.
        sys.stderr.write(f"stdout: {error.strerror}; the rest is written to stderr\n")
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
