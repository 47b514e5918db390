"""The parts of one mock, which its functions pass to each other."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from calypso_mock.state._fault_injection import FaultInjection
from calypso_mock.state._journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable

    from calypso_mock.api._contract import Contract
    from calypso_mock.state._clock import Clock
    from calypso_mock.state._mock_state import MockState


@dataclass(frozen=True, slots=True)
class Options:
    """Configurable behaviour that the vendor does not document.

    Attributes:
        auth_status: The HTTP status of errors 002 and 003.
        page_base: The number of the first page.
        strict_account: Whether an account id has to be ``0x`` and 40 hex digits.
    """

    auth_status: int = 401
    page_base: int = 0
    strict_account: bool = False


def _dispatch_nothing() -> None:
    """Deliver nothing."""


@dataclass(slots=True)
class Context:
    """One mock's contract, clocks, options and state, and the lock around the state.

    Attributes:
        contract: What the OpenAPI document describes.
        clock: Both clocks.
        options: Configurable behaviour.
        new_state: Makes the state that the mock starts with.
        lock: Held while the state is read or changed.
        state: What the mock keeps.
        fault_injection: Which faults are injected into deliveries.
        journal: Which operations were carried out and which were rejected.
        dispatch_due: Called when a delivery may have fallen due, and never with the lock held.
    """

    contract: Contract
    clock: Clock
    options: Options
    new_state: Callable[[], MockState] = field(repr=False)
    lock: threading.RLock = field(default_factory=threading.RLock)
    state: MockState = field(init=False)
    fault_injection: FaultInjection = field(default_factory=FaultInjection, init=False)
    journal: Journal = field(default_factory=Journal)
    dispatch_due: Callable[[], None] = field(default=_dispatch_nothing, init=False, repr=False)

    def __post_init__(self) -> None:
        self.state = self.new_state()

    def reset(self) -> None:
        """Go back to the start: the first state, both clocks at their base, an empty journal."""
        with self.lock:
            self.clock.reset()
            self.journal.clear()
            self.fault_injection = FaultInjection()
            self.state = self.new_state()
