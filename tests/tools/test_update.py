"""`make update`: its steps, what each needs, and the summary that ends it."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from tests.rows import rows
from tools import update

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
WORKS = ("platform",)
FAILS = ("calendar", "/nowhere/at-all.md")  # exits with 2, and prints its argument


def step(
    name: str, command: tuple[str, ...], fine: Mapping[int, str] | None = None, **others: Any
) -> update.Step:
    return update.Step(
        name, f"Doing {name}", command, f"make {name}", fine or {0: "done"}, **others
    )


def run(monkeypatch: pytest.MonkeyPatch, *plan: update.Step) -> int:
    monkeypatch.setattr(update, "steps", lambda *_: list(plan))
    return update.main([])


def test_the_steps_lead_from_the_pages_to_what_changed_for_users() -> None:
    plan = update.steps(["saved/"], "v0.1.0")

    assert [each.name for each in plan] == [
        "drift",
        "generate",
        "reference",
        "document",
        "types",
        "tests",
        "contract",
        "changes",
    ]
    assert plan[0].command == ("tools.drift", "saved/")
    assert plan[-1].command == ("tools.changes", "v0.1.0")


def test_only_what_reads_generated_code_needs_it_to_be_generated() -> None:
    needs = {each.name: each.needs for each in update.steps([], "")}

    assert {name for name, needed in needs.items() if needed == "generate"} == {
        "reference",
        "types",
        "tests",
        "contract",
    }
    assert {needs[name] for name in ("drift", "generate", "document", "changes")} == {""}


def test_the_command_to_run_a_step_again_exists() -> None:
    """A target of the Makefile, or a module that Python finds."""
    targets = {
        line.partition(":")[0] for line in (ROOT / "Makefile").read_text("utf-8").splitlines()
    }
    for each in update.steps([], ""):
        first, name, *rest = each.rerun.split()
        if first == "make":
            assert name in targets
        else:
            assert (name, rest) == ("-m", [each.command[0]])


def test_each_step_is_announced_and_summed_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, step("first", WORKS), step("second", WORKS)) == 0

    output = capsys.readouterr().out
    assert output.startswith("1/2  Doing first…\n2/2  Doing second…\n")
    assert "  second     done" in output
    assert output.rstrip().endswith("run make check test, commit.")


def test_a_step_that_fails_stops_only_what_needs_it_and_never_the_changelog_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = [
        step("first", FAILS),
        step("second", WORKS, needs="first"),
        step("third", WORKS),
        step("changes", ("calendar", "2026", "11")),
    ]
    assert run(monkeypatch, *plan) == 1

    _, summary = capsys.readouterr().out.split("4/4  Doing changes…\n")
    assert "  first      FAILED  " in summary
    assert "  second     not run: first failed\n" in summary
    assert "  third      done" in summary
    reason, then = summary.split("\nfirst failed:\n")[1].split("To run it again:\n")
    assert "/nowhere/at-all.md" in reason
    assert then.startswith("  make first\n")
    assert "November 2026" in then
    assert then.rstrip().endswith("Fix what failed, then run make update again.")


def test_one_reason_for_several_failures_is_printed_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, step("first", FAILS), step("second", FAILS), step("last", WORKS))

    _, summary = capsys.readouterr().out.split("Doing last…\n")
    assert summary.count("/nowhere/at-all.md") == 1
    assert "\nfirst, second failed:\n" in summary


def test_of_steps_that_failed_for_one_reason_the_one_that_others_need_is_run_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It needs no pages, and a fix for it fixes the others."""
    plan = [
        step("drift", FAILS),
        step("generate", FAILS),
        step("types", WORKS, needs="generate"),
        step("changes", FAILS),
    ]
    run(monkeypatch, *plan)

    assert "To run it again:\n  make generate\n" in capsys.readouterr().out


@rows("note", [update.DRIFT, update.UNREAD])
def test_remaining_drift_and_unread_pages_are_reported_and_are_not_failures(
    note: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The report is shown unchanged, and the summary explains it."""
    pages = step("drift", FAILS, {0: "no drift", 2: note}, shown=True)

    assert run(monkeypatch, pages, step("second", WORKS)) == 0
    output = capsys.readouterr().out
    assert f"  drift      {note}" in output
    assert f"\ndrift: {note}. {update.NOTES[note]}\n" in output
    assert "/nowhere/at-all.md" in output
    assert "failed" not in output


def test_a_crash_is_a_failure_whatever_its_exit_code_means() -> None:
    """Python ends with 1 after a traceback, and so does the drift reader when there is drift."""
    crashing = step("drift", WORKS, {0: "no drift", 1: update.DRIFT})
    output = "Traceback (most recent call last):\n  …\nKeyError: 'paths'\n"
    result = update.Result(crashing, 1, output)

    assert (result.is_fine, result.status) == (False, "FAILED")
    assert result.reason[-1] == "KeyError: 'paths'"


def test_the_lines_that_matter_are_few_and_the_rest_is_counted() -> None:
    output = "\n".join(["noise", *(f"FAILED tests/{i}.py" for i in range(20))])
    result = update.Result(step("tests", WORKS, relevant="^FAILED "), 1, output)

    assert result.reason == (*(f"FAILED tests/{i}.py" for i in range(8)), "… and 12 more")


def test_a_long_line_is_cut() -> None:
    (line,) = update.Result(step("types", WORKS), 1, "x" * 10_000).reason

    assert line == "x" * 199 + "…"


def test_a_few_failing_tests_are_run_again_one_by_one() -> None:
    output = 'FAILED tests/a.py\n==== repeat ====\nmake test ARGS="tests/a.py::test_a"\n'

    assert update.Result(step("tests", WORKS), 1, output).rerun == (
        'make test ARGS="tests/a.py::test_a"',
    )
    assert update.Result(step("tests", WORKS), 1, output * 9).rerun == ("make tests",)


def test_at_a_terminal_it_waits_for_the_edit_and_reads_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []
    monkeypatch.setattr(update, "_at_a_terminal", lambda: True)
    monkeypatch.setattr("builtins.input", asked.append)
    pages = step("drift", FAILS, {0: "no drift", 2: update.DRIFT}, shown=True)

    run(monkeypatch, pages)

    (question,) = asked
    assert "Edit openapi.yaml now" in question
    assert capsys.readouterr().out.count("Doing drift") == 2


def test_stopping_it_leaves_a_summary(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(update, "_at_a_terminal", lambda: True)
    monkeypatch.setattr("builtins.input", stop)
    pages = step("drift", FAILS, {0: "no drift", 2: update.DRIFT})

    assert run(monkeypatch, step("first", WORKS), pages, step("last", WORKS)) == 1
    output = capsys.readouterr().out
    assert "  first      done" in output
    assert "  last       not run: stopped" in output
    assert output.rstrip().endswith("Stopped. Run make update again to go on.")


def module(script: str) -> tuple[str, ...]:
    """Return a command that runs a script once, in which Ctrl-C raises an exception."""
    return ("timeit", "-n1", "-r1", "-s", PRELUDE, script)


# It sleeps in steps: a signal that comes just before a wait begins does not end it.
PRELUDE = """
import os, signal, sys, time
def until_interrupted():
    try:
        os.kill(os.getppid(), signal.SIGINT)
        while True:
            time.sleep(0.01)
    except KeyboardInterrupt:
        pass
def end(code, text=""):
    sys.stderr.write(text)
    sys.stderr.flush()
    os._exit(code)
"""
CHANGES = step("changes", ("calendar", "2026", "11"), always=True)


@pytest.mark.usefixtures("sigint_enabled")
def test_an_interrupted_step_is_named_and_the_comparison_still_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The summary repeats the step's own message."""
    message = "Interrupted; generated/ is new"
    plan = [
        step("first", WORKS),
        step("generate", module(f"until_interrupted(); end(130, {message!r})")),
        step("tests", WORKS, needs="generate"),
        step("types", WORKS),
        CHANGES,
    ]
    assert run(monkeypatch, *plan) == 1

    output = capsys.readouterr().out
    assert "5/5  Doing changes…\n" in output
    assert "  first      done" in output
    assert "  generate   interrupted  " in output
    assert "  tests      not run: stopped\n" in output
    assert "  types      not run: stopped\n" in output
    assert "  changes    done" in output
    assert (
        "\ngenerate was interrupted; generated/ is new\nTo run it again:\n  make generate\n"
        in output
    )
    assert "November 2026" in output
    assert "failed" not in output
    assert output.rstrip().endswith("Stopped. Run make update again to go on.")


@pytest.mark.usefixtures("sigint_enabled")
def test_a_step_that_works_in_spite_of_an_interrupt_is_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the generator when Ctrl-C comes after it has replaced the package."""
    plan = [step("generate", module("until_interrupted(); end(0)")), step("last", WORKS), CHANGES]
    assert run(monkeypatch, *plan) == 1

    output = capsys.readouterr().out
    assert "  generate   done" in output
    assert "  last       not run: stopped" in output
    assert "interrupted" not in output


@pytest.mark.usefixtures("sigint_enabled")
def test_a_step_with_a_traceback_of_an_interrupt_is_interrupted_without_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever its exit code means otherwise."""
    script = "until_interrupted(); raise KeyboardInterrupt"
    run(monkeypatch, step("drift", module(script), {0: "no drift", 1: update.DRIFT}), CHANGES)

    output = capsys.readouterr().out
    assert "  drift      interrupted" in output
    assert "\ndrift was interrupted.\n" in output
    assert "Traceback" not in output


@pytest.mark.usefixtures("sigint_enabled")
def test_a_second_interrupt_kills_the_step_and_skips_the_comparison(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Even where the step does not end by itself."""
    stubborn = step("contract", module("while True: until_interrupted()"))

    assert run(monkeypatch, step("first", WORKS), stubborn, CHANGES) == 1
    output = capsys.readouterr().out
    assert "  first      done" in output
    assert "  contract   interrupted" in output
    assert "  changes    not run: stopped" in output
    assert output.rstrip().endswith("Stopped. Run make update again to go on.")


@pytest.mark.usefixtures("sigint_enabled")
def test_an_interrupt_of_the_comparison_leaves_the_summary(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stopped = step("tests", module("until_interrupted(); end(2)"))
    comparing = step("changes", module("until_interrupted(); end(2)"), always=True)

    assert run(monkeypatch, stopped, comparing) == 1
    output = capsys.readouterr().out
    assert "  tests      interrupted" in output
    assert "  changes    interrupted" in output


def test_a_step_that_is_stopped_at_the_terminal_has_been_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The pages were read; the comparison still runs."""

    def stop(_: str) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(update, "_at_a_terminal", lambda: True)
    monkeypatch.setattr("builtins.input", stop)
    run(monkeypatch, step("drift", FAILS, {0: "no drift", 2: update.DRIFT}), CHANGES)

    output = capsys.readouterr().out
    assert f"  drift      {update.DRIFT}" in output
    assert "November 2026" in output


def test_only_the_comparison_always_runs() -> None:
    assert [each.name for each in update.steps([], "") if each.always] == ["changes"]


def test_a_step_that_can_not_be_started_fails_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_memory(*_: object, **__: object) -> NoReturn:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    monkeypatch.setattr(subprocess, "Popen", no_memory)

    assert run(monkeypatch, step("first", WORKS)) == 1
    output = capsys.readouterr().out
    assert "  first      FAILED" in output
    assert f"  {sys.executable}: Cannot allocate memory\n" in output


def test_a_summary_that_can_not_be_written_to_stdout_goes_to_stderr() -> None:
    script = """
from tools import update
step = update.Step("first", "Doing first", ("platform",), "make first", {0: "done"})
update.steps = lambda *_: [step]
raise SystemExit(update.main([]))
"""
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    first, *rest = result.stderr.splitlines()
    assert first == "stdout: No space left on device; the rest is written to stderr"
    assert "Traceback" not in result.stderr
    assert any(line.startswith("  first      done") for line in rest)
    assert result.returncode == 0
