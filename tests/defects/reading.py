"""Run what the contract suite does on a server that it may only read, within this process."""

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
from tests.defects.shop import HABITS, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.contract.results import Finding
    from tests.defects.registry import Defect
    from tests.defects.shop import Habit

# What is known of a server far away: nothing, and nothing may be made there.
TERMS = Terms(writes=False, near=False)


# What the vendor's server is spared.
MOST_REQUESTS = 400


def hold(defects: Iterable[Defect], seed: int) -> Iterator[Result]:
    """Read a server with each defect, and healthy ones in every state; yield what came of each."""
    for found in defects:
        trial = Trial(found.name, found.kind, found.half, seed, ())
        with found.planted():
            yield _held(trial, HABITS[0])
    for habit in HABITS:
        yield _held(Trial(f"healthy: {habit.name}", "healthy", "healthy", seed, ()), habit)


def read(
    habit: Habit, seed: int = 1, wanted: Callable[[str], bool] = lambda _: True
) -> tuple[list[Finding], int]:
    """Read an account as the suite does; return what was found and how many requests were sent."""
    with opened(habit) as (target, customer), closing(Session(target)) as session:
        with mock.patch.dict(os.environ, {CUSTOMER: customer}):
            context, response_faults = Context(session, TERMS, seed), ResponseFaults()
            chosen = [each for each in CHECKS if wanted(each.name)]
            results = list(sections.own(context, chosen, response_faults))
        return [each for result in results for each in result.findings], len(session.exchanges)


def _held(trial: Trial, habit: Habit) -> Result:
    began = time.monotonic()
    findings, sent = read(habit, trial.seed)
    spent, check = time.monotonic() - began, findings[0].check if findings else ""
    if trial.half == "healthy" and sent > MOST_REQUESTS:
        return Result(trial, Outcome.ERROR, spent, detail=f"{sent} requests are too many")
    outcome = Outcome.FOUND if findings else Outcome.NOT_FOUND
    return Result(trial, outcome, spent, check or f"nothing, in {sent} requests")
