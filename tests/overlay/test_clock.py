"""A machine whose clock is wrong works from the second attempt on, and stays right."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calypso_pay._clock import Clock
from tests.overlay.guises import in_two_guises

if TYPE_CHECKING:
    from calypso_pay import Attempt

DAY = 86_400.0


class MachineClock:
    """The machine's clock, moved by some seconds."""

    def __init__(self, moved: float = 0.0) -> None:
        self.moved = moved

    def __call__(self) -> float:
        return time.time() + self.moved


@in_two_guises
def test_a_clock_that_is_wrong_or_jumps_costs_one_attempt_and_no_more(guise: Any) -> None:
    def statuses(moved: float) -> list[list[int | None]]:
        seen: list[Attempt] = []
        clock = MachineClock(moved)
        client = guise.make(clock=clock, max_retries=0, on_attempt=seen.append)
        view = client.with_options(timeout=5)

        def attempts(on: Any) -> list[int | None]:
            seen.clear()
            guise.call("accounts.get", on=on)
            return [attempt.status for attempt in seen]

        before = [attempts(client), attempts(client), attempts(view)]
        clock.moved = -moved
        return [*before, attempts(view), attempts(client)]

    found = {moved: statuses(moved) for moved in (-DAY, -300.0, 300.0, DAY)}

    expected = [[400, 200], [200], [200], [400, 200], [200]]
    assert found == dict.fromkeys(found, expected)


@given(
    machine=st.floats(-1e6, 1e6),
    took=st.floats(0, 60),
    server=st.integers(1_600_000_000, 1_900_000_000),
)
def test_half_the_round_trip_is_allowed_for(machine: float, took: float, server: int) -> None:
    """What is left of the error is the half second that a date without fractions leaves open."""
    clock = Clock(lambda: server + took / 2 + machine)
    offset = clock.learn(formatdate(server, usegmt=True), took=took)

    assert offset is not None
    assert abs(offset + machine) <= 0.501
    assert abs(clock.stamp() / 1000 - (server + took / 2)) <= 0.502


def test_a_clock_that_jumps_during_a_call_does_not_stretch_the_round_trip() -> None:
    """The round trip is measured by a clock that never jumps, the offset from the time after."""
    now = iter([1e9 + DAY])
    clock = Clock(lambda: next(now))

    assert clock.learn(formatdate(1_000_000_000, usegmt=True), took=2.0) == pytest.approx(1.5 - DAY)
