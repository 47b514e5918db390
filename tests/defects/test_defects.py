"""Each repro shows its defect, and each kind and operation has enough defects."""

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
from tests.defects import benchmark, comparison, patching, registry, report
from tests.defects.benchmark import Outcome, Result, Trial
from tests.defects.fixtures import EVERY_OPERATION, address, customer, every_call
from tests.defects.registry import Kind
from tests.rows import rows

if TYPE_CHECKING:
    from pathlib import Path

    from tests.defects.client import Client
    from tests.defects.registry import Defect

DEFECTS = registry.load()
HALVES = {defect.half for defect in DEFECTS.values()}
# Minimum numbers of defects: with both halves, and with the first half alone.
WHOLE = {"in all": 60, "kind": 4, "operation": 3}
FIRST_HALF = {"in all": 36, "kind": 2, "operation": 2}
MINIMUM = WHOLE if "after" in HALVES else FIRST_HALF


@rows("defect", DEFECTS)
def test_a_repro_shows_its_defect_at_every_operation_that_the_defect_names(defect: Defect) -> None:
    compared = comparison.compare(defect)

    assert compared.differing
    assert comparison.not_reproduced(defect, compared) == set()
    assert defect.operations
    assert defect.summary


@rows("defect", DEFECTS)
def test_a_healthy_mock_responds_to_a_repro_the_same_way_twice(defect: Defect) -> None:
    """Otherwise a difference would not prove a defect. No defect is left over from other tests."""
    assert comparison.responses(defect.repro) == comparison.responses(defect.repro)


def test_there_are_enough_defects() -> None:
    assert len(DEFECTS) >= MINIMUM["in all"]


@rows("kind", Kind)
def test_every_kind_has_enough_defects(kind: Kind) -> None:
    assert Counter(defect.kind for defect in DEFECTS.values())[kind] >= MINIMUM["kind"]


@rows("operation_id", list(HANDLERS))
def test_every_operation_with_a_handler_has_enough_defects(operation_id: str) -> None:
    """Defects of all operations don't count."""
    own = [defect for defect in DEFECTS.values() if defect.operations != EVERY_OPERATION]

    assert sum(operation_id in defect.operations for defect in own) >= MINIMUM["operation"]


def test_repros_can_call_every_operation_with_success() -> None:
    """Operations without a payload of their own are called with their example."""

    def repro(client: Client) -> None:
        for operation_id, payload in every_call(client):
            client.call(operation_id, payload)

    responses = comparison.responses(repro)
    succeeded = {response.called for response in responses if response.status == 200}

    assert set(document.routes()) <= succeeded


@rows(
    "patch_point",
    [
        "calypso_mock.api._checks.check_nothing",
        "calypso_mock._nothing.check_sign",
        "calypso_mock.api._handlers.HANDLERS[getNothing]",
    ],
)
def test_a_missing_patch_point_is_an_error(patch_point: str) -> None:
    with (
        pytest.raises(patching.PatchPointError, match="has no"),
        patching.patch(patch_point, print),
    ):
        pass


def test_two_defects_cannot_share_a_name() -> None:
    taken = next(iter(DEFECTS.values()))
    register = registry.defect(
        taken.name,
        kind=taken.kind,
        patch_point=taken.patch_point,
        repro=taken.repro,
        half=taken.half,
    )

    with pytest.raises(ValueError, match="two defects"):
        register(taken.replacement)


def test_a_repro_goes_on_with_an_unknown_id_if_a_response_has_none() -> None:

    def repro(client: Client) -> None:
        address(client, customer(client, email=413))  # type: ignore[arg-type]

    assert [response.status for response in comparison.responses(repro)] == [400, 400]


@rows(
    ("code", "output", "expected"),
    [
        (0, "all is well", (Outcome.NOT_FOUND, "")),
        (1, "seed 1\nFOUND by the model: page 2\n", (Outcome.FOUND, "the model")),
        (1, "Traceback (most recent call last):", (Outcome.ERROR, "")),
        (2, "FOUND by the model: page 2", (Outcome.ERROR, "")),
        (0, "FOUND by the model: page 2", (Outcome.ERROR, "")),
        (-9, "", (Outcome.ERROR, "")),
    ],
)
def test_only_a_finding_with_a_check_counts(code: int, output: str, expected: object) -> None:
    assert benchmark.classify(code, output) == expected


@rows(
    ("before", "after", "alarms", "reached"),
    [
        ((10, 10), (9, 10), 0, True),
        ((9, 10), (10, 10), 0, False),
        ((10, 10), (8, 10), 0, False),
        ((10, 10), (10, 10), 1, False),
    ],
)
def test_the_goal_is_all_of_before_nine_in_ten_of_after_and_no_false_alarm(
    before: tuple[int, int], after: tuple[int, int], alarms: int, *, reached: bool
) -> None:
    results = [
        *results_of("before", *before),
        *results_of("after", *after),
        *results_of("healthy", alarms, 3),
    ]

    assert report.reached(results) is reached
    assert json.loads(report.to_json(results, 1, 2.0))["reached"] is reached


def results_of(half: str, found: int, of: int) -> list[Result]:
    outcomes = [Outcome.FOUND] * found + [Outcome.NOT_FOUND] * (of - found)
    return [Result(Trial("x", half, half, 1, ()), outcome, 0.1) for outcome in outcomes]


def test_a_mock_with_a_defect_can_be_served() -> None:
    command = (sys.executable, "-m", "tests.defects.serve", "account-without-owner")

    with serving.mock("--seed", "7", command=command) as target:
        session = Session(target)
        body = session.call("getAccount").json()
        session.close()

    assert body["account"] == target.account
    assert "ownerId" not in body


def test_a_timeout_kills_the_suite_and_its_child_processes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A surviving child would hold the output open, and the benchmark would wait for it."""
    monkeypatch.setattr(benchmark, "_TIMEOUT", 0.2)
    trial = Trial.healthy((), seed=1)

    result = benchmark.run_one(trial, ["sh", "-c", "sleep 3000; sleep 3000"])

    assert result.outcome is Outcome.ERROR
    assert "timed out" in result.detail


def test_a_missing_suite_is_an_error() -> None:
    result = benchmark.run_one(Trial.healthy((), seed=1), ["no-such-suite"])

    assert (result.outcome, result.correct) == (Outcome.ERROR, False)


# Finds one defect only, by reading the account with the settings that the suite gets.
FAKE_SUITE = """
import os, sys
from tests.contract.session import Session
from tests.contract.wire import Target
target = Target.read(os.environ)
assert sys.argv[1:] == ["--seed", "5", "--target", target.base_url]
if "ownerId" in Session(target).call("getAccount").json():
    sys.exit(0)
print("FOUND by the fake check: no ownerId")
sys.exit(1)
"""


def test_the_benchmark_reports_found_and_missed_defects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    suite, output = tmp_path / "suite.py", tmp_path / "results.json"
    suite.write_text(FAKE_SUITE)
    monkeypatch.setenv("PYTHONPATH", ".")
    options = ["--only", "a[cm]*ou*n*t-*", "--seed", "5", "--suite", f"{sys.executable} {suite}"]
    monkeypatch.setattr(sys, "argv", ["defects", *options, "--output", str(output)])

    code = command.main()

    outcomes = {result["name"]: result for result in json.loads(output.read_text())["results"]}
    assert outcomes["account-without-owner"]["outcome"] == "found"
    assert outcomes["account-without-owner"]["check"] == "the fake check"
    assert outcomes["amount-as-text"]["outcome"] == "NOT FOUND"
    assert code == 1
    assert "by the fake check" in capsys.readouterr().out


def test_a_sample_depends_on_the_seed_only_and_has_defects_of_both_halves() -> None:
    defects = list(DEFECTS.values())
    one, same, other = (command.sample(defects, 12, seed) for seed in (1, 1, 2))

    assert one == same != other
    assert len({defect.name for defect in one}) == 12
    assert {defect.half for defect in one} == HALVES
    assert command.sample(defects, 1_000, 1) == defects
    after = [defect for defect in defects if defect.half == "after"]
    assert len(command.sample(after, 12, 1)) == 12
