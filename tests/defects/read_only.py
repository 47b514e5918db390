"""Run the read-only checks of the contract suite, in this process."""

from __future__ import annotations

import os
import time
from contextlib import closing
from typing import TYPE_CHECKING
from unittest import mock

from tests.contract import sections
from tests.contract.checks.reading import CUSTOMER
from tests.contract.results import ResponseFaults
from tests.contract.session import Session
from tests.contract.suite import CHECKS, Context, Terms
from tests.defects.benchmark import Outcome, Result, Trial
from tests.defects.scenarios import SCENARIOS, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.contract.results import Finding
    from tests.defects.registry import Defect
    from tests.defects.scenarios import Scenario

# As for a server that is not ours: no writes, and few requests.
TERMS = Terms(writes=False, near=False)
# The limit of requests, to spare the vendor's server.
MAX_REQUESTS = 400


def run_all(defects: Iterable[Defect], seed: int) -> Iterator[Result]:
    """Read a server with each defect, and a healthy one in each scenario; yield the results."""
    for defect in defects:
        trial = Trial(defect.name, defect.kind, defect.half, seed, ())
        with defect.planted():
            yield _result(trial, SCENARIOS[0])
    for scenario in SCENARIOS:
        yield _result(Trial(f"healthy: {scenario.name}", "healthy", "healthy", seed, ()), scenario)


def read(
    scenario: Scenario, seed: int = 1, wanted: Callable[[str], bool] = lambda _: True
) -> tuple[list[Finding], int]:
    """Run the read-only checks; return the findings and the number of requests."""
    with served(scenario) as (target, customer), closing(Session(target)) as session:
        with mock.patch.dict(os.environ, {CUSTOMER: customer}):
            context, response_faults = Context(session, TERMS, seed), ResponseFaults()
            chosen = [each for each in CHECKS if wanted(each.name)]
            results = list(sections.own(context, chosen, response_faults))
        return [each for result in results for each in result.findings], len(session.exchanges)


def _result(trial: Trial, scenario: Scenario) -> Result:
    started = time.monotonic()
    findings, sent = read(scenario, trial.seed)
    seconds, check = time.monotonic() - started, findings[0].check if findings else ""
    if trial.half == "healthy" and sent > MAX_REQUESTS:
        return Result(trial, Outcome.ERROR, seconds, detail=f"{sent} requests are too many")
    outcome = Outcome.FOUND if findings else Outcome.NOT_FOUND
    return Result(trial, outcome, seconds, check or f"after {sent} requests")
