"""`make update`: its steps, what stops it, and what it says of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools import update

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

WORKS = ("platform",)
FAILS = ("calendar", "/nowhere/at-all.md")  # ends with 2, and tells what it was given


def step(name: str, command: tuple[str, ...], fine: Mapping[int, str] | None = None) -> update.Step:
    return update.Step(name, f"Doing {name}", (command,), fine or {0: "done"}, shown=True)


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
    assert plan[0].commands == (("tools.drift", "saved/"),)
    assert plan[-1].commands == (("tools.changes", "v0.1.0"),)


def test_each_step_is_announced_and_summed_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, step("first", WORKS), step("second", WORKS)) == 0

    told = capsys.readouterr().out
    assert told.startswith("1/2  Doing first…\n2/2  Doing second…\n")
    assert "  second     done" in told
    assert "all steps" in told


def test_a_step_that_fails_shows_why_and_stops_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, step("first", FAILS), step("second", WORKS)) == 1

    told = capsys.readouterr().out
    assert "/nowhere/at-all.md" in told
    assert "  first      FAILED, see above" in told
    assert "  second     not run" in told


def test_drift_that_is_left_is_shown_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pages = step("drift", FAILS, {0: "no drift", 2: update.DRIFT})

    assert run(monkeypatch, pages, step("second", WORKS)) == 0
    told = capsys.readouterr().out
    assert f"  drift      {update.DRIFT}" in told
    assert "/nowhere/at-all.md" in told


def test_at_a_terminal_it_waits_for_the_edit_and_reads_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []
    monkeypatch.setattr(update, "_at_a_terminal", lambda: True)
    monkeypatch.setattr("builtins.input", asked.append)
    pages = step("drift", FAILS, {0: "no drift", 2: update.DRIFT})

    run(monkeypatch, pages)

    (question,) = asked
    assert "Edit openapi.yaml now" in question
    assert capsys.readouterr().out.count("Doing drift") == 2
