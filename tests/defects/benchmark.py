"""Run the contract suite against broken servers, one by one, and see what it finds."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tests.contract import serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.contract.wire import Target
    from tests.defects.registry import Defect

SUITE = (sys.executable, "-m", "tests.contract", "--first")
# Options of a healthy server; the suite must not report a finding with any of them.
HEALTHY_OPTIONS = ((), ("--auth-status", "400"), ("--page-base", "1"))

_TIMEOUT = 3600.0
_DETAIL_LENGTH = 2000
_FOUND = re.compile(r"^FOUND by (.+?):(?:\s|$)", re.MULTILINE)


class Outcome(StrEnum):
    """The outcome of a trial."""

    FOUND = "found"
    NOT_FOUND = "NOT FOUND"
    ERROR = "ERROR"


@dataclass(frozen=True)
class Trial:
    """One run of the suite against one server.

    Attributes:
        name: The defect's name, or the options of a healthy server.
        kind: The defect's kind, or ``healthy``.
        half: The defect's half, or ``healthy``.
        seed: The suite's seed.
        command: The command that starts the server.
        options: Options of the server.
    """

    name: str
    kind: str
    half: str
    seed: int
    command: tuple[str, ...]
    options: tuple[str, ...] = ()

    @classmethod
    def of(cls, defect: Defect, seed: int) -> Trial:
        """Return a trial of a server with a defect."""
        command = (sys.executable, "-m", "tests.defects.serve", defect.name)
        return cls(defect.name, defect.kind, defect.half, seed, command)

    @classmethod
    def healthy(cls, options: tuple[str, ...], seed: int) -> Trial:
        """Return a trial of a server without a defect."""
        name = " ".join(["healthy", *options])
        return cls(name, "healthy", "healthy", seed, serving.COMMAND, options)


@dataclass(frozen=True)
class Result:
    """The result of a trial.

    Attributes:
        trial: The trial.
        outcome: Its outcome.
        seconds: How long the suite ran, without the start of the server.
        check: The check that found something, or a note on what was done.
        detail: The end of the suite's output, if the suite itself failed.
    """

    trial: Trial
    outcome: Outcome
    seconds: float
    check: str = ""
    detail: str = ""

    @property
    def correct(self) -> bool:
        """Whether the suite was right: it finds a defect, and nothing on a healthy server."""
        expected = Outcome.NOT_FOUND if self.trial.half == "healthy" else Outcome.FOUND
        return self.outcome is expected


def run_all(trials: Sequence[Trial], suite: Sequence[str], jobs: int) -> Iterator[Result]:
    """Run trials, several at a time, and yield each result when its trial ends.

    Args:
        trials: The trials.
        suite: The suite's command. Seed and target are appended to it; settings are in its
            environment. It exits with 0 if it found nothing, and with 1 if it found something
            and printed ``FOUND by <check>:``.
        jobs: The number of trials that run at a time.
    """
    with ThreadPoolExecutor(jobs) as pool:
        running = [pool.submit(run_one, trial, suite) for trial in trials]
        for done in as_completed(running):
            yield done.result()


def run_one(trial: Trial, suite: Sequence[str]) -> Result:
    """Start the server of a trial, and run the suite against it."""
    started = time.monotonic()
    try:
        with serving.mock(*trial.options, command=trial.command) as target:
            started = time.monotonic()
            code, output = _run_suite(suite, target, trial.seed)
    except (OSError, RuntimeError, subprocess.TimeoutExpired) as error:
        return Result(trial, Outcome.ERROR, time.monotonic() - started, detail=str(error))
    outcome, check = classify(code, output)
    detail = output[-_DETAIL_LENGTH:] if outcome is Outcome.ERROR else ""
    return Result(trial, outcome, time.monotonic() - started, check, detail)


def classify(code: int, output: str) -> tuple[Outcome, str]:
    """Return the outcome of a run of the suite, and the check that found something.

    An exit code of 1 alone is not a finding: a suite that crashes exits with 1 too.
    """
    found = _FOUND.search(output)
    if code == 1 and found is not None:
        return Outcome.FOUND, found[1]
    return (Outcome.ERROR if code or found else Outcome.NOT_FOUND), ""


def _run_suite(suite: Sequence[str], target: Target, seed: int) -> tuple[int, str]:
    process = subprocess.Popen(
        [*suite, "--seed", str(seed), "--target", target.base_url],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **target.write()},
        # The timeout kills the whole process group: the suite and its child processes.
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=_TIMEOUT)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    return process.returncode, output
