"""Keep together what one mock consists of."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from calypso_mock import _seed
from calypso_mock._journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable

    from calypso_mock._clock import Clock
    from calypso_mock._contract import Contract
    from calypso_mock._state import State


@dataclass(frozen=True, slots=True)
class Switches:
    """What nobody knows of the vendor's servers, or what a test wants otherwise.

    Attributes:
        auth_status: The HTTP status of errors 002 and 003.
        page_base: The number of the first page.
        strict_account: Whether an account id has to be ``0x`` and 40 hex digits.
    """

    auth_status: int = 401
    page_base: int = 0
    strict_account: bool = False


def _nothing() -> None:
    """Deliver nothing."""


@dataclass(slots=True)
class World:
    """One mock's document, clocks, switches and state, and the lock around the state.

    Attributes:
        contract: The document.
        clock: Both clocks.
        switches: How to decide what is unknown.
        seed: Decides all that is made up.
        seeded: Whether to start with the objects of the document's examples.
        lock: Held while the state is read or changed.
        state: What the mock knows.
        journal: What was carried out and what was refused.
        wake: Called when something may have fallen due, and never with the lock held.
    """

    contract: Contract
    clock: Clock
    switches: Switches
    seed: int
    seeded: bool
    lock: threading.RLock = field(default_factory=threading.RLock)
    state: State = field(init=False)
    journal: Journal = field(default_factory=Journal)
    wake: Callable[[], None] = field(default=_nothing, init=False, repr=False)

    def __post_init__(self) -> None:
        self.state = _seed.start(self)

    def reset(self) -> None:
        """Go back to the start: the first state, both clocks at their base, an empty journal."""
        with self.lock:
            self.clock.reset()
            self.journal.clear()
            self.state = _seed.start(self)
