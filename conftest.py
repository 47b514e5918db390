"""How thoroughly properties are tested, and how to repeat a failure.

`make test` uses the profile `test`: the same examples in every run, and no limit of time.
`make test-all` uses `deep`: ten times as many examples, from a seed that it prints.
"""

from __future__ import annotations

import shlex
import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

if TYPE_CHECKING:
    from collections.abc import Iterator

# Hypothesis also draws constants that it finds in the source of whatever local modules are loaded.
# Under xdist these are those of the tests that ran before, which differ from one run to the next.
assert hasattr(providers, "is_local_module_file"), "it is private, and has changed"  # noqa: S101
providers.is_local_module_file = lambda _: False

# Examples remembered from an earlier run, and health checks that watch the clock, would let the
# verdict depend on something else than the code.
_STEADY = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("test", _STEADY, derandomize=True, max_examples=40)
settings.register_profile("quick", _STEADY, derandomize=True, max_examples=5)
settings.register_profile("deep", _STEADY, max_examples=400, print_blob=True)
settings.load_profile("test")


# Folders whose files take long. They begin first, so that at the end no process waits for another.
_LONG = ("contract", "tools", "typing", "wheel", "generated", "faults")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that take long first; all others stay in their order."""
    items.sort(key=lambda item: item.path.parent.name not in _LONG)


@pytest.fixture
def heeding() -> Iterator[None]:
    """Heed Ctrl-C, which is ignored in the background, as by processes of pytest-xdist."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print for each failure the line that repeats it."""
    reporter = terminalreporter
    failed = [report for kind in ("failed", "error") for report in reporter.getreports(kind)]
    if not failed:
        return
    seed = reporter.config.getoption("hypothesis_seed", None)
    target = "test" if seed is None else f"test-all SEED={seed}"
    reporter.section("repeat")
    for report in failed:
        slow = " -m slow" if "slow" in getattr(report, "keywords", ()) and seed is None else ""
        reporter.line(f'make {target} ARGS="{shlex.quote(report.nodeid)}{slow}"')
