"""What is measured: groups of cases, each a table and a panel of the chart."""

from __future__ import annotations

import re
import resource
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks import instructions
from benchmarks.rounds import WorkerError, interleave, ratios, run, work
from benchmarks.table import BY_MODULE, CASES, IN_FLIGHT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.rounds import Ratio
    from benchmarks.server import Ports
    from benchmarks.table import Size

CLIENTS = 100
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")
_CALL = "from benchmarks.canned import Target\nfrom benchmarks.contenders import {module} as m\n"
_HIDE = "import sys\nsys.modules['msgspec'] = None\n"
_SHOW = "print(open('/proc/self/status').read())\n"


class Setting(NamedTuple):
    """What all measurements share.

    Attributes:
        size: How much is measured.
        ports: Where the server listens.
        bundle: File of the certificates to trust over https.
        modules: The contenders.
    """

    size: Size
    ports: Ports
    bundle: str
    modules: Sequence[str]

    def having(self, mode: str) -> list[str]:
        """Return the contenders that have a mode."""
        return [name for name in self.modules if mode in BY_MODULE[name].modes.split()]

    def url(self, scheme: str = "http") -> str:
        """Return the base URL of the server."""
        return f"{scheme}://127.0.0.1:{self.ports.https if scheme == 'https' else self.ports.http}"


class Group(NamedTuple):
    """Cases that were measured together.

    Attributes:
        key: Short name.
        title: What the values are.
        unit: Their unit.
        cases: Names of the cases.
        rows: For each contender its ratio in each case.
    """

    key: str
    title: str
    unit: str
    cases: list[str]
    rows: dict[str, list[Ratio]]


def calls(setting: Setting) -> Iterator[Group]:
    """Measure calls, one after the other."""
    job = {"url": setting.url(), "cases": setting.size.cases()}
    rounds = interleave(
        setting.having("sync"),
        setting.size.rounds,
        lambda module: work("sync", contender=module, **job),
    )
    yield Group("sync", "CPU of a call, sync", "µs", list(CASES), ratios(rounds))


def flights(setting: Setting) -> Iterator[Group]:
    """Measure calls in flight together."""
    for in_flight in IN_FLIGHT:
        job = {"url": setting.url(), "cases": setting.size.cases(), "in_flight": in_flight}
        rounds = interleave(
            setting.having("async"),
            setting.size.async_rounds,
            lambda module, job=job: work("asynchronous", contender=module, **job),  # type: ignore[misc]
        )
        title = f"CPU of a call, async, {in_flight} in flight"
        yield Group(f"async-{in_flight}", title, "µs", list(CASES), ratios(rounds))


def starts(setting: Setting) -> Iterator[Group]:
    """Measure import, cold starts to the first response, and memory, over bare Python."""
    programs: dict[str, Callable[[str], str]] = {
        "import": lambda module: BY_MODULE[module].statement,
        "http": lambda module: _first(setting, module, "http"),
        "https": lambda module: _first(setting, module, "https"),
        "1,000 records": lambda module: _first(setting, module, "http", "m.sync(t)[1](1000)"),
        f"{CLIENTS} clients": lambda module: _first(setting, module, "https", _MANY),
    }
    rounds = interleave(
        setting.having("sync"),
        setting.size.start_rounds,
        lambda module: [
            value
            for program in programs.values()
            for value in _started(setting, module, program(module))
        ],
    )
    for first, key, title, unit, cases in (
        (
            0,
            "start",
            "CPU from start to first response",
            "ms",
            [n for n in programs if n != "1,000 records"],
        ),
        (1, "memory", "Peak memory", "MB", [name for name in programs if name != "import"]),
    ):
        indices = [2 * list(programs).index(case) + first for case in cases]
        chosen = [
            {module: [row[index] for index in indices] for module, row in one.items()}
            for one in rounds
        ]
        yield Group(key, f"{title}, over bare Python", unit, cases, ratios(chosen))


_MANY = f"kept = [m.sync(t)[0] for _ in range({CLIENTS})]\nfor call in kept: call()"


def _first(setting: Setting, module: str, scheme: str, call: str = "m.sync(t)[0]()") -> str:
    bundle = setting.bundle if scheme == "https" else ""
    target = f"t = Target({setting.url(scheme)!r}, bundle={bundle!r})\n"
    return _CALL.format(module=module) + target + call


def _started(setting: Setting, module: str, program: str) -> list[float]:
    """Return the CPU (ms) and the peak memory (MB) of a program beyond those of bare Python."""
    hide = "" if module == "ours_fast" else _HIDE
    bare, full = _spawn(setting, hide), _spawn(setting, f"{hide}{program}\n")
    return [(full[0] - bare[0]) * 1000, (full[1] - bare[1]) / 1024]


def _spawn(setting: Setting, program: str) -> tuple[float, int]:
    """Return the CPU (s) and the peak memory (kB) of a program."""
    trusted = {"SSL_CERT_FILE": setting.bundle, "REQUESTS_CA_BUNDLE": setting.bundle}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    output = run([sys.executable, "-c", program + _SHOW], **trusted)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Not the peak in `after`: that includes this process, of which the other one is a fork.
    peak = int(_PEAK.findall(output)[0])
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, peak


def counts(setting: Setting) -> Iterator[Group]:
    """Count instructions, over a socket and in the process."""
    if not instructions.is_possible():
        raise WorkerError(instructions.MISSING)
    cases = [(rows, 2 if rows == max(CASES.values()) else 10) for rows in CASES.values()]
    sockets = {m: instructions.count(m, cases, setting.url()) for m in setting.having("sync")}
    yield Group(
        "socket", "Instructions of a call, sync", "thousand", list(CASES), _thousands(sockets)
    )
    inside = {
        m: instructions.count(m, cases) for m in setting.having("sync") if BY_MODULE[m].in_process
    }
    title = "Instructions of a call, sync, without a socket"
    yield Group("in-process", title, "thousand", list(CASES), _thousands(inside))


def _thousands(found: dict[str, list[float]]) -> dict[str, list[Ratio]]:
    return ratios([{m: [value / 1000 for value in row] for m, row in found.items()}])


def versions(modules: Sequence[str]) -> dict[str, Any]:
    """Return what the contenders are called."""
    from importlib.metadata import version

    return {
        module: f"{BY_MODULE[module].title} {version(BY_MODULE[module].package)}"
        if BY_MODULE[module].package
        else BY_MODULE[module].title
        for module in modules
    }
