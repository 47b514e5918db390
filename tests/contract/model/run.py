"""Explore a target with the reference model, the same way whenever the seed is the same."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test

from tests.contract.model.machine import Explorer
from tests.contract.session import UnreachableError
from tests.contract.violation import Violation

if TYPE_CHECKING:
    from tests.contract.session import Exchange
    from tests.contract.suite import Lab

SHRINKING = 20.0


class Extent(NamedTuple):
    """How far to explore.

    Attributes:
        examples: How many walks.
        steps: How many steps a walk has at most.
    """

    examples: int
    steps: int


SHORT = Extent(10, 30)
FULL = Extent(60, 50)


def explore(lab: Lab, *, examples: int, steps: int, shrinking: float = SHRINKING) -> None:
    """Walk through the API at random, each answer compared with the model.

    Args:
        lab: What to work with. Objects are made and changed; a mock is reset before each walk.
        examples: How many walks.
        steps: How many steps a walk has at most.
        shrinking: Seconds to look for a shorter walk, once one has shown something.

    Raises:
        Violation: An answer differs. Its ``steps`` are all that was said in the shortest walk
            that showed one.
        UnreachableError: A request got no response. It is not sent again and again for a shorter
            walk: each time could take as long as the patience with a request.
    """
    hunt = _Hunt(lab, shrinking)

    @seed(lab.seed)
    def begin() -> Explorer:
        return hunt.begin()

    try:
        # Any function will do, whatever its signature says.
        run_state_machine_as_test(begin, settings=_settings(examples, steps))  # type: ignore[arg-type]
    except (Violation, Flaky, _EnoughError) as end:
        if hunt.shortest is not None:
            raise hunt.shortest from None
        if isinstance(end, _EnoughError):
            raise UnreachableError("a request got no response", hunt.unanswered) from None
        raise


class _EnoughError(BaseException):
    """To walk on gives no more; it is nothing that Hypothesis takes for a failure of the target."""


class _Hunt:
    """Keeps the shortest walk that showed something, since Hypothesis forgets it when stopped."""

    def __init__(self, lab: Lab, shrinking: float) -> None:
        self.shortest: Violation | None = None
        self._lab = lab
        self._shrinking = shrinking
        self._until = float("inf")

    def begin(self) -> Explorer:
        """Start a walk."""
        if time.monotonic() > self._until or self.unanswered:
            raise _EnoughError
        return Explorer(self._lab, self._notice)

    @property
    def unanswered(self) -> Exchange | None:
        """The last request, if it got no response."""
        last = self._lab.session.exchanges[-1:]
        return last[0] if last and not last[0].status else None

    def _notice(self, found: Violation) -> None:
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
