"""The results of a run of schemathesis that is cut short are read, and it is marked as such."""

from __future__ import annotations

import itertools
import json
import os
import signal
import threading
import tomllib
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract import running, schemas, sections
from tests.contract.profiles import PROFILES
from tests.contract.results import ResponseFaults
from tests.contract.session import Session
from tests.contract.suite import Context, Terms
from tests.contract.tampering import MockResponse, tampered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.contract.results import Result
    from tests.contract.wire import Target

# Two short phases.
OPTIONS = ("--phases", "examples,coverage", "--include-operation-id", "updateCustomer")


@contextmanager
def act_during_run(mock: Target, folder: Path, act: Callable[[], None]) -> Iterator[Target]:
    """Do something once, before a response is sent, when the first phase has results."""
    events, done = folder / "events.ndjson", threading.Lock()

    def defect(response: MockResponse) -> MockResponse:
        is_time = events.exists() and "ScenarioFinished" in events.read_text()
        if is_time and done.acquire(blocking=False):
            act()
        return response

    with tampered(mock, defect) as target:
        yield target


@pytest.mark.usefixtures("sigint_enabled")
def test_ctrl_c_ends_a_run_and_its_results_are_kept(mock: Target, tmp_path: Path) -> None:
    """The signal goes only to this process, as with ``kill``."""
    with act_during_run(mock, tmp_path, lambda: os.kill(os.getpid(), signal.SIGINT)) as target:
        result = running.run(tmp_path, target, *OPTIONS)

    assert (result.interrupted, result.timed_out) == (True, False)
    assert result.code != 0
    assert {each.status for each in result.cases if each.phase == "examples"} >= {200}


@pytest.mark.slow
def test_a_run_without_progress_is_ended_and_its_results_are_kept(
    mock: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock stands still until the server hangs, and then jumps."""
    hung, over, ticks = threading.Event(), threading.Event(), itertools.count(0, 1_000)
    monkeypatch.setattr(running, "_now", lambda: next(ticks) if hung.is_set() else 0)
    monkeypatch.setattr(running, "_GRACE", 0.1)

    def hang() -> None:
        hung.set()
        over.wait()

    with act_during_run(mock, tmp_path, hang) as target:
        result = running.run(tmp_path, target, *OPTIONS, patience=5_000)
        over.set()

    assert (result.interrupted, result.timed_out) == (False, True)
    assert result.code != 0
    assert {each.status for each in result.cases if each.phase == "examples"} >= {200}


@pytest.mark.parametrize("end", ["interrupted", "timed_out"])
def test_a_run_that_was_cut_short_is_reported_as_such_and_not_as_a_warning(
    end: str, mock: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = dict.fromkeys(running.PHASES, 0.0)
    cut = running.Run(1, "", "", [], [], {}, nothing, **{end: True})
    monkeypatch.setattr(running, "run", lambda *_, **__: cut)
    context = Context(Session(mock), Terms(mock=True))
    names = list(sections.GENERATED)
    results: list[Result] = []

    with pytest.raises(KeyboardInterrupt) if end == "interrupted" else nullcontext():
        for result, _ in sections.generated(
            context, PROFILES["short"], names, ResponseFaults(), first=False, folder=tmp_path
        ):
            results.append(result)

    texts = [finding.text for each in results for finding in each.findings]
    assert [each.name for each in results] == names
    assert texts == ([] if end == "interrupted" else [sections.CUT_SHORT])


def test_half_an_event_at_the_end_of_a_report_is_ignored() -> None:
    event = {"ScenarioFinished": {"phase": "examples", "recorder": {}}}
    report = f"{json.dumps(event)}\n{json.dumps(event)[:40]}"

    assert list(running._scenarios(report)) == [event["ScenarioFinished"]]


@pytest.mark.parametrize("mock", [True, False])
@pytest.mark.parametrize("chains", [None, 7])
def test_only_the_necessary_parts_of_the_configuration_are_changed(
    chains: int | None,
    mock: bool,
) -> None:
    before = tomllib.loads(running.CONFIG.read_text())
    settings = running.configured(running.CONFIG, mock=mock, chains=chains)
    written = tomllib.loads(running.as_toml(settings))

    changed = dict(differing(before, written))
    accepted = {200} if mock else {200, 403, 404, 429}
    wanted: dict[str, Any] = {}
    if not mock:
        wanted["checks.positive_data_acceptance.expected-statuses"] = sorted(accepted)
        rejected = [400, 401, 403, 404, 429]
        wanted["checks.negative_data_rejection.expected-statuses"] = rejected
        wanted["warnings.fail-on"] = False
    if chains:
        wanted["phases.stateful.generation.max-examples"] = chains
    assert {schemas.success("getAccount")} == {200}
    assert changed == wanted


def differing(before: object, after: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(before, dict) and isinstance(after, dict):
        assert before.keys() <= after.keys()
        for name in after:
            inner = f"{path}.{name}".removeprefix(".")
            yield from differing(before.get(name), after[name], inner)
    elif before != after:
        yield path, after


def test_names_and_texts_of_every_kind_are_written_as_toml() -> None:
    settings = {"a b.c": {"é": ['"', "\\", "\n", "👩‍🚀", "\x7f"], "n": [1, 0.5, True]}, "t": "x"}

    assert tomllib.loads(running.as_toml(settings)) == settings
