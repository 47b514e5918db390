"""What runs in a fresh process for each round: ``python -m benchmarks.worker JOB``.

JOB is JSON: a contender, what to measure, and numbers. It prints JSON. Times are those of the
process (user and system), in µs a call.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

from benchmarks import growth as _growth
from benchmarks import instructions as _instructions
from benchmarks.canned import SECRET, Target
from benchmarks.table import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Callable


def load(name: str) -> Any:
    """Import a contender."""
    if not BY_NAME[name].finds_msgspec:
        # As if it were not installed.
        sys.modules["msgspec"] = None  # type: ignore[assignment]
    return import_module(BY_NAME[name].path)


def sync(job: dict[str, Any]) -> list[float]:
    """Measure each case, one call after the other."""
    account, find = load(job["contender"]).sync(_target(job))
    times = []
    for rows, calls in job["cases"]:
        call = (lambda n=rows: find(n)) if rows else account
        _repeat(call, max(calls // 10, 3))
        gc.collect()
        start = time.process_time_ns()
        _repeat(call, calls)
        times.append((time.process_time_ns() - start) / calls / 1000)
    return times


def asynchronous(job: dict[str, Any]) -> list[float]:
    """Measure each case, with so many calls in flight."""
    return asyncio.run(_asynchronous(job))


async def _asynchronous(job: dict[str, Any]) -> list[float]:
    account, find = load(job["contender"]).asynchronous(_target(job))
    times = []
    for rows, calls in job["cases"]:
        call = (lambda n=rows: find(n)) if rows else account
        await _call_concurrently(call, 2, job["in_flight"])
        gc.collect()
        each = max(calls // job["in_flight"], 2)
        start = time.process_time_ns()
        await _call_concurrently(call, each, job["in_flight"])
        times.append((time.process_time_ns() - start) / (each * job["in_flight"]) / 1000)
    return times


async def _call_concurrently(call: Callable[[], Any], calls: int, in_flight: int) -> None:
    async def one_after_the_other() -> None:
        for _ in range(calls):
            await call()

    await asyncio.gather(*[one_after_the_other() for _ in range(in_flight)])


def instructions(job: dict[str, Any]) -> None:
    """Make calls for callgrind to count."""
    sync = load(job["contender"]).sync
    url = job["url"] or "http://127.0.0.1"
    _instructions.measure(job, lambda transport: sync(Target(url, transport=transport)))


def growth(job: dict[str, Any]) -> list[list[float]]:
    """Measure how a cost grows, with this project's client or mock."""
    load(job["contender"])
    found: list[list[float]] = getattr(_growth, job["what"])(job)
    return found


def check(job: dict[str, Any]) -> dict[str, Any]:
    """Make one call of each kind; return the first amounts that were read, as text."""
    module = load(job["contender"])
    target = _target(job)
    if "sync" in BY_NAME[job["contender"]].modes.split():
        account, find = module.sync(target)
        read = account(), find(2)
    else:
        read = asyncio.run(_both(module, target))
    return {"rows": len(read[1]), "amounts": [str(read[0][1][0][1]), str(read[1][0][1])]}


async def _both(module: Any, target: Target) -> Any:
    account, find = module.asynchronous(target)
    return await account(), await find(2)


def _target(job: dict[str, Any]) -> Target:
    transport = BY_NAME[job["contender"]].transport
    return Target(job["url"], job.get("secret", SECRET), transport=transport)


def _repeat(call: Callable[[], Any], times: int) -> None:
    for _ in range(times):
        call()


if __name__ == "__main__":
    JOB = json.loads(sys.argv[1])
    json.dump(globals()[JOB["measure"]](JOB), sys.stdout)
