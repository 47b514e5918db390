"""The contract suite's own checks: what each needs, and in which order they run."""

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
    """What a run may do to a target, and what it may expect beyond the document.

    Attributes:
        writes: Whether objects may be created and changed.
        mock: Whether the target is our mock: it has control endpoints, and what the vendor left
            undocumented (the order of checks, the statuses of 002 and 003) is as we chose.
        auth_status: The status of errors 002 and 003; None if any documented one will do.
        page_base: The number of the first page; None if it has to be found out.
        near: Whether it may get very many requests: our mock, or a server without a rate limit.
        alone: Whether nothing else changes the account during the test.
        second: Another account, with another key; None if there is none.
        gateway: The gateway that all requests go through; None if they go to the target directly.
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
        """Return whether a check with this need can run."""
        met = {
            "writes": self.writes,
            "mock": self.mock,
            "second account": self.second is not None,
            "a near server": self.near,
        }
        return met[need]


@dataclass(frozen=True)
class Context:
    """What a check works with.

    Attributes:
        session: Sends requests to the target.
        terms: What may be done and expected.
        seed: The seed of all random choices.
    """

    session: Session
    terms: Terms
    seed: int = 1


@dataclass(frozen=True)
class Check:
    """A check of our own.

    Attributes:
        name: A sentence that is true of a correct target.
        run: Raises a `Violation` if it is not.
        needs: What it requires.
    """

    name: str
    run: Callable[[Context], None]
    needs: frozenset[Need]


CHECKS: list[Check] = []


def check(
    name: str, *needs: Need
) -> Callable[[Callable[[Context], None]], Callable[[Context], None]]:
    """Register a function as a check; its name is a sentence that has to be true."""

    def register(function: Callable[[Context], None]) -> Callable[[Context], None]:
        CHECKS.append(Check(name, function, frozenset(needs)))
        return function

    return register
