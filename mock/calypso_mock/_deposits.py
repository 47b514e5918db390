"""Simulate deposits, step by step along the vendor's life cycle."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from calypso_mock import _addresses, _clock, _events, _expiry, _money, _payments, _purses
from calypso_mock._errors import MockError
from calypso_mock._state import Step, Transaction

if TYPE_CHECKING:
    from datetime import datetime

    from calypso_mock._state import Account, Purse, State
    from calypso_mock._world import World

# The states of a deposit (documented); money is credited some time after it is confirmed.
_PATHS: tuple[tuple[Step, ...], ...] = (
    ("mem_pool", "pending", "confirmed", "credited"),
    ("mem_pool", "pending", "declined"),
)


class Deposit:
    """A simulated deposit that can be moved on.

    Made by ``Mock.simulate_deposit``.
    """

    def __init__(self, world: World, transaction: Transaction) -> None:
        self._world = world
        self._transaction = transaction

    def __repr__(self) -> str:
        return f"<Deposit {self.transaction_id} {self.step}>"

    @property
    def transaction_id(self) -> str:
        """The id under which the API knows it."""
        return self._transaction.id

    @property
    def step(self) -> Step:
        """How far it has come."""
        return self._transaction.step

    def advance(self, to: Step | None = None) -> Deposit:
        """Move it on.

        Args:
            to: The step to reach, through all those before it; the next good one where absent.

        Returns:
            The same deposit.

        Raises:
            MockError: If the step cannot be reached from here, or the mock was reset since.
        """
        with self._world.lock:
            if self._world.state.transaction(self.transaction_id) is not self._transaction:
                raise MockError("the mock was reset, and this deposit is gone")
            move(self._world, self._transaction, to, _expiry.settle(self._world))
        self._world.wake()
        return self


def simulate(  # noqa: PLR0913 - as Mock.simulate_deposit, all named
    world: World,
    *,
    address: str,
    currency: str,
    amount: Decimal | str | int,
    to: Step,
    sender: str | None = None,
) -> Deposit:
    """Let a deposit arrive; see ``Mock.simulate_deposit``."""
    money = _money.read_amount(amount)
    with world.lock:
        moment = _expiry.settle(world)
        now = _clock.to_millisecond(moment)
        purse = _open_purse(world.state, address, now)
        _check_currency(purse, currency)
        _payments.check_step("deposit", _PATHS, to)
        transaction = _arrive(
            world.state, purse, amount=money, currency=currency, sender=sender, now=now
        )
        _events.tell_step(world, transaction, moment)
        if to != transaction.step:
            move(world, transaction, to, moment)
    world.wake()
    return Deposit(world, transaction)


def move(world: World, transaction: Transaction, to: Step | None, now: datetime) -> None:
    """Take a deposit to a step, through all those between, and tell of each.

    Raises:
        MockError: If the step cannot be reached from where the deposit is.
    """
    steps: tuple[Step, ...] = _payments.steps_between("deposit", _PATHS, transaction.step, to)
    for step in steps:
        enter(transaction, step)
        if step == "confirmed":
            _purses.replenish(transaction.purse, now)
        _events.tell_step(world, transaction, now)


def enter(transaction: Transaction, step: Step) -> None:
    """Put a deposit into a step, with what that step brings about."""
    transaction.step = step
    if step == "credited":
        credit(transaction.purse.customer.account, transaction.currency, transaction.amount)
    elif step == "declined":
        transaction.purse.declined = True


def credit(account: Account, currency: str, amount: Decimal) -> None:
    """Let a balance grow."""
    account.balances[currency] = _money.add(account.balances.get(currency, Decimal()), amount)


def _open_purse(state: State, address: str, now: datetime) -> Purse:
    purse = state.purses.get(_addresses.fold(address)) if isinstance(address, str) else None
    if purse is None:
        raise MockError("no customer has this address; get one with addresses.get first")
    if not _purses.is_live(purse, now):
        status = _purses.status(purse, now)
        raise MockError(f"the address {purse.address} is {status} and takes no deposits")
    return purse


def _check_currency(purse: Purse, currency: str) -> None:
    taken = purse.family.currencies
    if currency not in taken:
        raise MockError(
            f"the address {purse.address} takes {', '.join(taken)}, and no other currency"
        )


def _arrive(  # noqa: PLR0913 - all that a transaction is made of, from one caller
    state: State,
    purse: Purse,
    *,
    amount: Decimal,
    currency: str,
    sender: str | None,
    now: datetime,
) -> Transaction:
    transaction_id = state.derive.next_uuid("transaction")
    made = Transaction(
        transaction_id,
        purse,
        amount,
        currency,
        _payments.sender_of(state, purse.family, sender, transaction_id),
        _addresses.write_hash(purse.family, state.derive.digest("hash", transaction_id)),
        now,
    )
    _purses.replenish(purse, now)
    purse.customer.account.transactions[made.id] = made
    return made
