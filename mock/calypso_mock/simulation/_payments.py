"""What deposits and top-ups share: the steps, the sender, the credit to a balance."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from calypso_mock._errors import MockError
from calypso_mock.state import _addresses, _money

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calypso_mock.state._mock_state import MockState
    from calypso_mock.state._records import Account, Family

_MAX_SENDER = 256

S = TypeVar("S")


def check_step(what: str, paths: Sequence[tuple[S, ...]], step: object) -> None:
    """Check that a step exists.

    Raises:
        MockError: If it does not.
    """
    steps = list(dict.fromkeys(each for path in paths for each in path))
    if step not in steps:
        raise MockError(f"a {what}'s step is one of {', '.join(map(str, steps))}")


def steps_between(
    what: str, paths: Sequence[tuple[S, ...]], step: S, to: S | None
) -> tuple[S, ...]:
    """Return the steps that lead from one to another, the last included.

    Args:
        what: The name of what goes through them, for messages.
        paths: All paths, that of a success first.
        step: The step it is at.
        to: The step to reach; where absent, the next one of a success.

    Raises:
        MockError: If no path leads there.
    """
    if to is not None:
        check_step(what, paths, to)
    path = next(path for path in paths if to is None or to in path)
    start = path.index(step) + 1 if step in path else len(path)
    end = start + 1 if to is None else path.index(to) + 1
    if end <= start or start == len(path):
        raise MockError(f"a {what} that is {step} cannot become {to or 'anything else'}")
    return path[start:end]


def sender_of(state: MockState, family: Family, sender: str | None, payment_id: str) -> str:
    """Return the address that a payment comes from: the given one, or a generated one.

    Raises:
        MockError: If the given one cannot be an address.
    """
    if sender is None:
        return _addresses.write_address(family, state.ids.digest("sender", payment_id))
    if (
        not isinstance(sender, str)
        or not sender.isascii()
        or not sender.isprintable()
        or not 0 < len(sender) <= _MAX_SENDER
    ):
        raise MockError(f"a sender is an address of 1 to {_MAX_SENDER} printable ASCII characters")
    return sender


def credit(account: Account, currency: str, amount: Decimal) -> None:
    """Add an amount to a balance."""
    account.balances[currency] = _money.add(account.balances.get(currency, Decimal()), amount)
