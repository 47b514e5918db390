"""What deposits and top-ups have in common: the way from step to step, and who sent the money."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from calypso_mock import _addresses
from calypso_mock._errors import MockError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calypso_mock._addresses import Family
    from calypso_mock._state import State

_MAX_SENDER = 256

S = TypeVar("S")


def check_step(what: str, paths: Sequence[tuple[S, ...]], step: object) -> None:
    """See that there is such a step.

    Raises:
        MockError: If there is not.
    """
    steps = list(dict.fromkeys(each for path in paths for each in path))
    if step not in steps:
        raise MockError(f"a {what}'s step is one of {', '.join(map(str, steps))}")


def steps_between(
    what: str, paths: Sequence[tuple[S, ...]], step: S, to: S | None
) -> tuple[S, ...]:
    """Return the steps that lead from one to another, the last included.

    Args:
        what: What goes through them, for messages.
        paths: All ways there are, the good one first.
        step: Where it is.
        to: Where it is to go; the next step of the good way where absent.

    Raises:
        MockError: If no way leads there.
    """
    if to is not None:
        check_step(what, paths, to)
    path = next(path for path in paths if to is None or to in path)
    start = path.index(step) + 1 if step in path else len(path)
    end = start + 1 if to is None else path.index(to) + 1
    if end <= start or start == len(path):
        raise MockError(f"a {what} that is {step} cannot become {to or 'anything else'}")
    return path[start:end]


def sender_of(state: State, family: Family, sender: str | None, payment_id: str) -> str:
    """Return the address that a payment comes from: the one given, or one made up.

    Raises:
        MockError: If what is given can be no address.
    """
    if sender is None:
        return _addresses.write_address(family, state.derive.digest("sender", payment_id))
    if (
        not isinstance(sender, str)
        or not sender.isascii()
        or not sender.isprintable()
        or not 0 < len(sender) <= _MAX_SENDER
    ):
        raise MockError(f"a sender is an address of 1 to {_MAX_SENDER} printable ASCII characters")
    return sender
