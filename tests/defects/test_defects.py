"""The benchmark is sound: every defect shows, and every kind and operation has its share."""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from calypso_mock.api._handlers import HANDLERS
from tests.contract import document, serving
from tests.contract.session import Session
from tests.defects import __main__ as command
from tests.defects import benchmark, judging, registry, report, seams
from tests.defects.benchmark import Outcome, Result, Trial
from tests.defects.registry import Kind
from tests.defects.scenes import EVERY_OPERATION, address, customer, every_call
from tests.rows import rows

if TYPE_CHECKING:
    from pathlib import Path

    from tests.defects.registry import Defect
    from tests.defects.talk import Talk

DEFECTS = registry.load()
HALVES = {found.half for found in DEFECTS.values()}
# What the benchmark promises once both halves are there, and what the first half alone has.
WHOLE = {"in all": 60, "kind": 4, "operation": 3}
FIRST_HALF = {"in all": 36, "kind": 2, "operation": 2}
NEEDED = WHOLE if "after" in HALVES else FIRST_HALF


@rows("defect", DEFECTS)
def test_a_witness_shows_its_defect_at_every_operation_it_claims(defect: Defect) -> None:
    hearing = judging.hear(defect)

    assert hearing.differing
    assert judging.unshown(defect, hearing) == set()
    assert defect.operations
    assert defect.summary


@rows("defect", DEFECTS)
def test_a_healthy_mock_tells_a_witness_the_same_twice(defect: Defect) -> None:
    """Else the difference would say nothing; it also shows that no defect outlives its block."""
    assert judging.answers(defect.witness) == judging.answers(defect.witness)


def test_there_are_enough_defects() -> None:
    assert len(DEFECTS) >= NEEDED["in all"]


@rows("kind", Kind)
def test_every_kind_has_its_share(kind: Kind) -> None:
    assert Counter(found.kind for found in DEFECTS.values())[kind] >= NEEDED["kind"]


@rows("operation_id", list(HANDLERS))
def test_every_operation_that_the_mock_carries_out_has_its_share(operation_id: str) -> None:
    """What is wrong everywhere counts nowhere; one without a handler has no place of its own."""
    own = [found for found in DEFECTS.values() if found.operations != EVERY_OPERATION]

    assert sum(operation_id in found.operations for found in own) >= NEEDED["operation"]


def test_what_is_wrong_everywhere_is_looked_for_at_every_operation() -> None:
    """Each is called as its example shows, where nothing better is known, and is accepted."""

    def witness(talk: Talk) -> None:
        for operation_id, payload in every_call(talk):
            talk.call(operation_id, payload)

    made = Counter(answer.asked for answer in judging.answers(witness) if answer.status == 200)

    assert set(document.routes()) <= made.keys()


@rows(
    "seam",
    [
        "calypso_mock.api._checks.check_nothing",
        "calypso_mock._nothing.check_sign",
        "calypso_mock.api._handlers.HANDLERS[getNothing]",
    ],
)
def test_a_renamed_seam_is_an_error(seam: str) -> None:
    with pytest.raises(seams.SeamError, match="has no"), seams.patch(seam, print):
        pass


def test_two_defects_cannot_share_a_name() -> None:
    taken = next(iter(DEFECTS.values()))
    register = registry.defect(
        taken.name, kind=taken.kind, seam=taken.seam, witness=taken.witness, half=taken.half
    )

    with pytest.raises(ValueError, match="two defects"):
        register(taken.replacement)


def test_an_id_that_an_answer_lacks_leads_nowhere() -> None:
    """A witness goes on asking where a broken mock gave it nothing to ask for."""

    def witness(talk: Talk) -> None:
        address(talk, customer(talk, email=413))  # type: ignore[arg-type]

    assert [answer.status for answer in judging.answers(witness)] == [400, 400]


@rows(
    ("code", "output", "meaning"),
    [
        (0, "all is well", (Outcome.NOT_FOUND, "")),
        (1, "seed 1\nFOUND by the model: page 2\n", (Outcome.FOUND, "the model")),
        (1, "Traceback (most recent call last):", (Outcome.ERROR, "")),
        (2, "FOUND by the model: page 2", (Outcome.ERROR, "")),
        (0, "FOUND by the model: page 2", (Outcome.ERROR, "")),
        (-9, "", (Outcome.ERROR, "")),
    ],
)
def test_only_a_named_finding_counts(code: int, output: str, meaning: object) -> None:
    assert benchmark.verdict(code, output) == meaning


@rows(
    ("before", "after", "alarms", "reached"),
    [
        ((10, 10), (9, 10), 0, True),
        ((9, 10), (10, 10), 0, False),
        ((10, 10), (8, 10), 0, False),
        ((10, 10), (10, 10), 1, False),
    ],
)
def test_the_goal_is_all_known_nine_in_ten_unknown_and_no_false_alarm(
    before: tuple[int, int], after: tuple[int, int], alarms: int, *, reached: bool
) -> None:
    results = [
        *results_of("before", *before),
        *results_of("after", *after),
        *results_of("healthy", alarms, 3),
    ]

    assert report.reached(results) is reached
    assert json.loads(report.record(results, 1, 2.0))["reached"] is reached


def results_of(half: str, found: int, of: int) -> list[Result]:
    outcomes = [Outcome.FOUND] * found + [Outcome.NOT_FOUND] * (of - found)
    return [Result(Trial("x", half, half, 1, ()), outcome, 0.1) for outcome in outcomes]


def test_a_defect_can_be_served_as_the_mock_is() -> None:
    command = (sys.executable, "-m", "tests.defects.serve", "account-without-owner")

    with serving.mock("--seed", "7", command=command) as target:
        session = Session(target)
        shown = session.call("getAccount").json()
        session.close()

    assert shown["account"] == target.account
    assert "ownerId" not in shown


def test_a_suite_that_never_ends_is_ended_with_all_it_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What it started has its output open, which would be waited for."""
    monkeypatch.setattr(benchmark, "_PATIENCE", 0.2)
    trial = Trial.healthy((), seed=1)

    result = benchmark.hold_one(trial, ["sh", "-c", "sleep 3000; sleep 3000"])

    assert result.outcome is Outcome.ERROR
    assert "timed out" in result.detail


def test_a_suite_that_is_not_there_is_no_finding() -> None:
    result = benchmark.hold_one(Trial.healthy((), seed=1), ["no-such-suite"])

    assert (result.outcome, result.good) == (Outcome.ERROR, False)


# Finds one defect and no other, by asking for the account as the suite's settings allow.
STAND_IN = """
import os, sys
from tests.contract.session import Session
from tests.contract.wire import Target
target = Target.read(os.environ)
assert sys.argv[1:] == ["--seed", "5", "--target", target.base_url]
if "ownerId" in Session(target).call("getAccount").json():
    sys.exit(0)
print("FOUND by the stand-in: no ownerId")
sys.exit(1)
"""


def test_the_benchmark_tells_what_was_found_and_what_was_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    suite, output = tmp_path / "suite.py", tmp_path / "results.json"
    suite.write_text(STAND_IN)
    monkeypatch.setenv("PYTHONPATH", ".")
    asked = ["--only", "a[cm]*ou*n*t-*", "--seed", "5", "--suite", f"{sys.executable} {suite}"]
    monkeypatch.setattr(sys, "argv", ["defects", *asked, "--output", str(output)])

    code = command.main()

    outcomes = {result["name"]: result for result in json.loads(output.read_text())["results"]}
    assert outcomes["account-without-owner"]["outcome"] == "found"
    assert outcomes["account-without-owner"]["check"] == "the stand-in"
    assert outcomes["amount-as-text"]["outcome"] == "NOT FOUND"
    assert code == 1
    assert "by the stand-in" in capsys.readouterr().out


def test_a_sample_is_the_same_for_the_same_seed_and_taken_from_both_halves() -> None:
    chosen = list(DEFECTS.values())
    one, same, other = (command.sample(chosen, 12, seed) for seed in (1, 1, 2))

    assert one == same != other
    assert len({found.name for found in one}) == 12
    assert {found.half for found in one} == HALVES
    assert command.sample(chosen, 1_000, 1) == chosen
    assert len(command.sample([found for found in chosen if found.half == "after"], 12, 1)) == 12
