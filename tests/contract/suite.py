"""The checks of the contract's own: what each needs, and in which order they run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contract.gateway import Gateway
    from tests.contract.session import Session
    from tests.contract.wire import Target

Need = Literal["writes", "mock", "second account", "a near server"]


@dataclass(frozen=True)
class Terms:
    """What a run may do to a target, and what it may expect of it beyond the document.

    Attributes:
        writes: Whether objects may be made and changed.
        mock: Whether the target is our mock: its control endpoints answer, and what the vendor
            left undocumented (the order of checks, the statuses of 002 and 003) is as we chose.
        auth_status: The status of errors 002 and 003; None where any documented one will do.
        page_base: The number of the first page; None where it has to be found out.
        near: Whether it may be sent very many requests: our mock, or one that is asked without a
            pause.
        alone: Whether nothing else changes the account while it is tested.
        second: Another account, with another key; None where there is none.
        gateway: What all requests go through; None where they go to the target directly.
    """

    writes: bool = True
    mock: bool = False
    auth_status: int | None = None
    page_base: int | None = None
    near: bool = True
    alone: bool = True
    second: Target | None = None
    gateway: Gateway | None = field(default=None, repr=False, compare=False)

    @property
    def stopped(self) -> str | None:
        """Why the gateway ends the run; None while it may go on."""
        return self.gateway.stopped if self.gateway else None

    def meet(self, need: Need) -> bool:
        """Tell whether a check with this need can run."""
        met = {
            "writes": self.writes,
            "mock": self.mock,
            "second account": self.second is not None,
            "a near server": self.near,
        }
        return met[need]


@dataclass(frozen=True)
class Lab:
    """What a check is given to work with.

    Attributes:
        session: Sends to the target.
        terms: What may be done and expected.
        seed: Whatever is drawn at random is drawn from this.
    """

    session: Session
    terms: Terms
    seed: int = 1


@dataclass(frozen=True)
class Check:
    """A check of our own.

    Attributes:
        name: A sentence that holds on a target that is right.
        run: Raises a `Violation` where it does not.
        needs: What it cannot do without.
    """

    name: str
    run: Callable[[Lab], None]
    needs: frozenset[Need]


CHECKS: list[Check] = []


def check(name: str, *needs: Need) -> Callable[[Callable[[Lab], None]], Callable[[Lab], None]]:
    """Register a function as a check, under a sentence that says what has to hold."""

    def register(function: Callable[[Lab], None]) -> Callable[[Lab], None]:
        CHECKS.append(Check(name, function, frozenset(needs)))
        return function

    return register
