"""What is measured: groups of cases, each a table and a panel of the chart."""

from __future__ import annotations

import re
import resource
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks import generated, instructions
from benchmarks.rounds import WorkerError, interleave, ratios, run, work
from benchmarks.table import BY_NAME, CASES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.rounds import Ratio
    from benchmarks.server import Ports
    from benchmarks.table import Size

_CLIENTS = "100 clients"
# Memory comes in pages, which few records do not fill.
_LARGE = 10_000
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")
_CALL = "from benchmarks.canned import Target\nimport {module} as m\n"
# As if click were not installed: httpx imports it for a command line, if it is.
_HIDE_CLICK = "import sys\nsys.modules['click'] = None\n"
_HIDE = "sys.modules['msgspec'] = None\n"
_MANY = "kept = [m.sync(t)[0] for _ in range(100)]\nfor call in kept: call()\n"
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
        return [name for name in self.modules if mode in BY_NAME[name].modes.split()]

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


class Growth(NamedTuple):
    """How a cost grows.

    Attributes:
        key: Short name.
        title: What the values are.
        x: What grows.
        unit: Unit of the values.
        series: Points of x and value, for each name.
    """

    key: str
    title: str
    x: str
    unit: str
    series: dict[str, list[list[float]]]


def calls(setting: Setting) -> Iterator[Group]:
    """Measure calls, one after the other."""
    job = {"url": setting.url(), "cases": setting.size.cases()}
    rounds = interleave(
        setting.having("sync"),
        setting.size.rounds,
        lambda module: work("sync", contender=module, **job),
    )
    yield Group("sync", "CPU of a call, sync", "µs", list(CASES), ratios(rounds))


def concurrent_calls(setting: Setting) -> Iterator[Group]:
    """Measure calls in flight together."""
    for in_flight in setting.size.in_flight:
        job = {"url": setting.url(), "cases": setting.size.cases(2), "in_flight": in_flight}
        rounds = interleave(
            setting.having("async"),
            setting.size.async_rounds,
            lambda module, job=job: work("asynchronous", contender=module, **job),  # type: ignore[misc]
        )
        title = f"CPU of a call, async, {in_flight} in flight"
        yield Group(f"async-{in_flight}", title, "µs", list(CASES), ratios(rounds))


def starts(setting: Setting) -> Iterator[Group]:
    """Measure import, cold starts to the first response, and memory, over bare Python."""
    quick = ["import", "http", "https"]
    rows = _started(setting, quick, setting.size.start_rounds)
    heavy = ["http", "https", "1,000 records", _CLIENTS]
    more = _started(setting, heavy, -(-setting.size.start_rounds // 5))
    # Of each program the CPU comes first, then the memory.
    starts = {module: [*row[::2], more[module][-2]] for module, row in rows.items()}
    title = "CPU from start to first response, over bare Python"
    yield Group("start", title, "ms", [*quick, _CLIENTS], starts)
    memory = {module: row[1::2] for module, row in more.items()}
    yield Group("memory", "Peak memory, over bare Python", "MB", heavy, memory)


def _started(setting: Setting, programs: Sequence[str], rounds: int) -> dict[str, list[Ratio]]:
    def measure(module: str) -> list[float]:
        hide = _HIDE_CLICK + ("" if BY_NAME[module].finds_msgspec else _HIDE)
        found = []
        for name in programs:
            bare, full = (
                _spawn(setting, hide),
                _spawn(setting, hide + _program(setting, module, name)),
            )
            found += [(full[0] - bare[0]) * 1000, (full[1] - bare[1]) / 1024]
        return found

    return ratios(interleave(setting.having("sync"), rounds, measure))


def _program(setting: Setting, module: str, name: str) -> str:
    if name == "import":
        return BY_NAME[module].statement + "\n"
    scheme = "https" if name in {"https", _CLIENTS} else "http"
    bundle = setting.bundle if scheme == "https" else ""
    target = f"t = Target({setting.url(scheme)!r}, bundle={bundle!r})\n"
    last = {_CLIENTS: _MANY, "1,000 records": "m.sync(t)[1](1000)\n"}
    return _CALL.format(module=BY_NAME[module].path) + target + last.get(name, "m.sync(t)[0]()\n")


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

    def count(modules: Sequence[str], url: str = "") -> dict[str, list[Ratio]]:
        found = {module: instructions.count(module, cases, url) for module in modules}
        return ratios([{m: [value / 1000 for value in row] for m, row in found.items()}])

    sync = setting.having("sync")
    inside = count([module for module in sync if BY_NAME[module].in_process])
    title = "Instructions of a call, sync, without a socket"
    yield Group("in-process", title, "thousand", list(CASES), inside)
    if setting.size.counts_sockets:
        title = "Instructions of a call, sync, over a socket"
        yield Group("socket", title, "thousand", list(CASES), count(sync, setting.url()))


def growth(setting: Setting) -> Iterator[Growth]:
    """Measure how costs grow."""
    size = setting.size
    job = {"url": setting.url(), "document": str(generated.DOCUMENT)}
    ours = [module for module in ("ours", "ours_fast") if module in setting.modules]

    def points(what: str, last: int, module: str = "ours") -> list[list[float]]:
        found: list[list[float]] = work("growth", contender=module, what=what, last=last, **job)
        return found

    walks = {BY_NAME[m].title: points("walk", size.walk, m) for m in ours}
    title = "iter: a record of a walk"
    yield Growth("walk", title, "records", "µs", {n: _column(p, 1) for n, p in walks.items()})
    repeats = points("calls", size.repeats)
    title = "One client: a call, in the process"
    yield Growth("calls", title, "calls", "µs", {"account": _column(repeats, 1)})
    memory = {"a record of a walk": next(iter(walks.values()), []), "a call of a client": repeats}
    large = {name: [p for p in found if p[0] >= _LARGE] for name, found in memory.items()}
    series = {name: _column(found, 2) for name, found in large.items()}
    yield Growth("memory", "Memory that stays, of each", "records or calls", "bytes", series)
    found = points("customers", size.customers)
    names = ("account", "create", "find of one customer", "find of all")
    series = {name: _column(found, index) for index, name in enumerate(names, 1)}
    yield Growth("mock", "The mock: a call", "customers", "µs", series)
    found = points("served", size.served)
    names = ("account", "create", "rows shown again", "new rows")
    series = {name: _column(found, index) for index, name in enumerate(names, 1)}
    title = "The mock over HTTP"
    yield Growth("served", title, "rows a page", "times the rate of a bare application", series)
    rates = {BY_NAME[m].title: _column(points("events", 0, m), 1) for m in ours}
    yield Growth("events", "Webhooks verified and read", "kB", "events a second of CPU", rates)


def _column(points: list[list[float]], index: int) -> list[list[float]]:
    return [[point[0], float(f"{point[index]:.4g}")] for point in points]


def versions(modules: Sequence[str]) -> dict[str, Any]:
    """Return what the contenders are called."""
    from importlib.metadata import version

    return {
        module: f"{BY_NAME[module].title} {version(BY_NAME[module].package)}"
        if BY_NAME[module].package
        else BY_NAME[module].title
        for module in modules
    }
