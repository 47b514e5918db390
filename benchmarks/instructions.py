"""Instructions of a call, counted by callgrind: they repeat where seconds do not."""

from __future__ import annotations

import gc
import json
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.rounds import WorkerError, run

MISSING = "valgrind is not installed: apt-get install valgrind"
# `exec` of a text is what this function of CPython does; nothing in a measured call does it.
_FUNCTION = "PyRun_StringFlags"
_VALGRIND = ("valgrind", "--tool=callgrind", f"--toggle-collect={_FUNCTION}")
_SUMMARY = re.compile(r"^summary: (\d+)$", re.MULTILINE)


def is_possible() -> bool:
    """Return whether valgrind is installed."""
    return shutil.which("valgrind") is not None


def count(module: str, cases: list[tuple[int, int]], url: str = "") -> list[float]:
    """Return the instructions of a call, for each case.

    Args:
        module: The contender.
        cases: Records and calls of each.
        url: The server; without one a transport in the process takes its place.

    Raises:
        WorkerError: It failed.
    """
    job = {"measure": "instructions", "contender": module, "cases": cases, "url": url}
    with tempfile.TemporaryDirectory() as directory:
        output = Path(directory, "out")
        options = (f"--dump-after={_FUNCTION}", f"--callgrind-out-file={output}")
        worker = (sys.executable, "-m", "benchmarks.worker", json.dumps(job))
        # The same order of sets in every run.
        run([*_VALGRIND, *options, *worker], PYTHONHASHSEED="0")
        files = sorted(Path(directory).glob("out.*"), key=lambda path: int(path.suffix[1:]))
        counts = [int(_SUMMARY.findall(path.read_text())[0]) for path in files]
    # Of each case first the empty one, then the calls; imports may have run texts before.
    if len(counts) < 2 * len(cases):
        raise WorkerError(f"callgrind has not seen {_FUNCTION} of this Python")
    pairs = counts[-2 * len(cases) :]
    return [
        (pairs[2 * index + 1] - pairs[2 * index]) / calls for index, (_, calls) in enumerate(cases)
    ]


def measure(job: dict[str, Any], make: Any) -> None:
    """Make the calls of a job in the process that callgrind watches.

    Args:
        job: The job of `count`.
        make: Returns the two calls for a transport.
    """
    transport = None
    if not job["url"]:
        from benchmarks.in_process import Canned

        transport = Canned()
    account, find = make(transport)
    calls = []
    for rows, times in job["cases"]:
        calls.append(((lambda n=rows: find(n)) if rows else account, rows, times))
    # What is imported for a first call may execute texts, too: first all of that.
    for count in (False, True):
        for call, rows, times in calls:
            if transport:
                transport.use(rows)
            for _ in range(3):
                call()
            gc.collect()
            for repeat in (0, times) if count else ():
                exec("for _ in range(repeat): call()", {"call": call, "repeat": repeat})  # noqa: S102
