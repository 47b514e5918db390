"""Let the contract suite loose on broken servers, one at a time, and see whether it notices."""

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
# What a healthy server may be told to be; none of it may alarm the suite.
HEALTHY_OPTIONS = ((), ("--auth-status", "400"), ("--page-base", "1"))

_PATIENCE = 3600.0
_LAST_WORDS = 2000
_FOUND = re.compile(r"^FOUND by (.+?):(?:\s|$)", re.MULTILINE)


class Outcome(StrEnum):
    """How a trial ended."""

    FOUND = "found"
    NOT_FOUND = "NOT FOUND"
    ERROR = "ERROR"


@dataclass(frozen=True)
class Trial:
    """One run of the suite against one server.

    Attributes:
        name: The defect's name, or what a healthy server was told.
        kind: The defect's kind; ``healthy`` where there is none.
        half: The defect's half; ``healthy`` where there is none.
        seed: The suite's seed.
        command: What serves it.
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
        """Try a server with a defect."""
        command = (sys.executable, "-m", "tests.defects.serve", defect.name)
        return cls(defect.name, defect.kind, defect.half, seed, command)

    @classmethod
    def healthy(cls, options: tuple[str, ...], seed: int) -> Trial:
        """Try a server without a defect."""
        name = " ".join(["healthy", *options])
        return cls(name, "healthy", "healthy", seed, serving.COMMAND, options)


@dataclass(frozen=True)
class Result:
    """What came of a trial.

    Attributes:
        trial: The trial.
        outcome: How it ended.
        seconds: How long the suite ran, the server's start left out.
        check: The check that found something, if one did.
        detail: What the suite said last, where it failed in itself.
    """

    trial: Trial
    outcome: Outcome
    seconds: float
    check: str = ""
    detail: str = ""

    @property
    def good(self) -> bool:
        """Tell whether the suite was right."""
        wanted = Outcome.NOT_FOUND if self.trial.half == "healthy" else Outcome.FOUND
        return self.outcome is wanted


def hold(trials: Sequence[Trial], suite: Sequence[str], jobs: int) -> Iterator[Result]:
    """Hold trials, several at a time, and yield what came of each as it ends.

    Args:
        trials: Whom to try.
        suite: The suite's command; seed and target are added to it, settings are in its
            environment. It ends with 0 if it found nothing, and with 1 if it did and wrote
            ``FOUND by <check>:``.
        jobs: How many at a time.
    """
    with ThreadPoolExecutor(jobs) as pool:
        running = [pool.submit(hold_one, trial, suite) for trial in trials]
        for done in as_completed(running):
            yield done.result()


def hold_one(trial: Trial, suite: Sequence[str]) -> Result:
    """Serve what is to be tried, and run the suite against it."""
    started = time.monotonic()
    try:
        with serving.mock(*trial.options, command=trial.command) as target:
            started = time.monotonic()
            code, output = _run(suite, target, trial.seed)
    except (OSError, RuntimeError, subprocess.TimeoutExpired) as error:
        return Result(trial, Outcome.ERROR, time.monotonic() - started, detail=str(error))
    outcome, check = verdict(code, output)
    detail = output[-_LAST_WORDS:] if outcome is Outcome.ERROR else ""
    return Result(trial, outcome, time.monotonic() - started, check, detail)


def verdict(code: int, output: str) -> tuple[Outcome, str]:
    """Tell what a run of the suite means, and which check found something.

    An exit code of 1 alone is no finding: a suite that breaks down could have it too.
    """
    found = _FOUND.search(output)
    if code == 1 and found is not None:
        return Outcome.FOUND, found[1]
    return (Outcome.ERROR if code or found else Outcome.NOT_FOUND), ""


def _run(suite: Sequence[str], target: Target, seed: int) -> tuple[int, str]:
    process = subprocess.Popen(
        [*suite, "--seed", str(seed), "--target", target.base_url],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **target.write()},
        # What the suite starts itself ends with it.
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=_PATIENCE)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    return process.returncode, output
