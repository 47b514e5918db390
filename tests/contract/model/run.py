"""Test a target with random walks and the reference model; a seed makes them repeatable."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from tests.contract.model.machine import RandomWalk
from tests.contract.session import UnreachableError
from tests.contract.violation import Violation

if TYPE_CHECKING:
    from tests.contract.session import Exchange
    from tests.contract.suite import Context

SHRINKING = 20.0


class Extent(NamedTuple):
    """The extent of the exploration.

    Attributes:
        examples: How many walks.
        steps: The maximum number of steps in a walk.
    """

    examples: int
    steps: int


SHORT = Extent(10, 30)
FULL = Extent(60, 50)


def explore(context: Context, *, examples: int, steps: int, shrinking: float = SHRINKING) -> None:
    """Call the API at random, and compare each response with the model.

    Args:
        context: The target and the terms. Objects are created and changed; a mock is reset for each
            walk.
        examples: How many walks.
        steps: The maximum number of steps in a walk.
        shrinking: Seconds to look for a shorter walk after a violation.

    Raises:
        Violation: A response differs. Its ``steps`` are all exchanges of the shortest walk that
            showed it.
        UnreachableError: A request got no response. No shorter walk is searched for, since each
            attempt could last until the timeout.
    """
    search = _Search(context, shrinking)

    @seed(context.seed)
    def begin() -> RandomWalk:
        return search.begin()

    try:
        # A function is accepted, too, despite the type annotation.
        run_state_machine_as_test(begin, settings=_settings(examples, steps))  # type: ignore[arg-type]
    except (Violation, Flaky, _StopError) as end:
        if search.shortest is not None:
            raise search.shortest from None
        if isinstance(end, _StopError):
            raise UnreachableError("a request got no response", search.unanswered) from None
        raise


class _StopError(BaseException):
    """Ends the search; Hypothesis must not treat it as a failure of the target."""


class _Search:
    """Keeps the shortest walk with a violation, which Hypothesis would lose when stopped."""

    def __init__(self, context: Context, shrinking: float) -> None:
        self.shortest: Violation | None = None
        self._context = context
        self._shrinking = shrinking
        self._until = float("inf")

    def begin(self) -> RandomWalk:
        """Start a walk."""
        if time.monotonic() > self._until or self.unanswered:
            raise _StopError
        return RandomWalk(self._context, self._record)

    @property
    def unanswered(self) -> Exchange | None:
        """The last request, if it got no response."""
        last = self._context.session.exchanges[-1:]
        return last[0] if last and not last[0].status else None

    def _record(self, found: Violation) -> None:
        if self.shortest is None:
            self._until = time.monotonic() + self._shrinking
        if self.shortest is None or len(found.steps) <= len(self.shortest.steps):
            self.shortest = found


def _settings(examples: int, steps: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[Phase.generate, Phase.shrink],
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
