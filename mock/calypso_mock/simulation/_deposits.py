"""Simulate deposits, step by step along the vendor's life cycle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calypso_mock._errors import MockError
from calypso_mock.api import _views
from calypso_mock.delivery import _events
from calypso_mock.simulation import _payments
from calypso_mock.state import _addresses, _dates, _money
from calypso_mock.state._records import Step, Transaction

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from calypso_mock.api._context import Context
    from calypso_mock.state._mock_state import MockState
    from calypso_mock.state._records import Purse

# The states of a deposit (documented); money is credited some time after it is confirmed.
_PATHS: tuple[tuple[Step, ...], ...] = (
    ("mem_pool", "pending", "confirmed", "credited"),
    ("mem_pool", "pending", "declined"),
)


class Deposit:
    """A simulated deposit that can be moved on.

    Made by ``Mock.simulate_deposit``.
    """

    def __init__(self, context: Context, transaction: Transaction) -> None:
        self._context = context
        self._transaction = transaction

    def __repr__(self) -> str:
        return f"<Deposit {self.transaction_id} {self.step}>"

    @property
    def transaction_id(self) -> str:
        """Its id in the API."""
        return self._transaction.id

    @property
    def step(self) -> Step:
        """The step it has reached."""
        return self._transaction.step

    def advance(self, to: Step | None = None) -> Deposit:
        """Move it on.

        Args:
            to: The step to reach, through all those before it; where absent, the next one of a
                successful deposit.

        Returns:
            The same deposit.

        Raises:
            MockError: If the step cannot be reached from here, or the mock was reset since.
        """
        with self._context.lock:
            if self._context.state.transaction(self.transaction_id) is not self._transaction:
                raise MockError("the mock was reset, and this deposit no longer exists")
            move(self._context, self._transaction, to, _events.emit_expired(self._context))
        self._context.dispatch_due()
        return self


def simulate(  # noqa: PLR0913 - as Mock.simulate_deposit, all named
    context: Context,
    *,
    address: str,
    currency: str,
    amount: Decimal | str | int,
    to: Step,
    sender: str | None = None,
) -> Deposit:
    """Let a deposit arrive; see ``Mock.simulate_deposit``."""
    money = _money.read_amount(amount)
    with context.lock:
        moment = _events.emit_expired(context)
        now = _dates.to_millisecond(moment)
        purse = _open_purse(context.state, address, now)
        _check_currency(purse, currency)
        _payments.check_step("deposit", _PATHS, to)
        transaction = _arrive(
            context.state, purse, amount=money, currency=currency, sender=sender, now=now
        )
        _events.emit_step(context, transaction, moment)
        if to != transaction.step:
            move(context, transaction, to, moment)
    context.dispatch_due()
    return Deposit(context, transaction)


def advance(context: Context, transaction_id: str, to: Step | None) -> Deposit:
    """Move a deposit of any account on; see ``Deposit.advance``.

    Raises:
        MockError: If there is no such deposit, or the step cannot be reached.
    """
    with context.lock:
        transaction = context.state.known_transaction(transaction_id)
    return Deposit(context, transaction).advance(to)


def move(context: Context, transaction: Transaction, to: Step | None, now: datetime) -> None:
    """Take a deposit to a step, through all those between, and emit the event of each.

    Raises:
        MockError: If the step cannot be reached from where the deposit is.
    """
    steps: tuple[Step, ...] = _payments.steps_between("deposit", _PATHS, transaction.step, to)
    for step in steps:
        enter(transaction, step)
        if step == "confirmed":
            transaction.purse.replenish(now)
        _events.emit_step(context, transaction, now)


def enter(transaction: Transaction, step: Step) -> None:
    """Put a deposit into a step, with the effects of that step."""
    transaction.step = step
    if step == "credited":
        account = transaction.purse.customer.account
        _payments.credit(account, transaction.currency, transaction.amount)
    elif step == "declined":
        transaction.purse.declined = True


def _open_purse(state: MockState, address: str, now: datetime) -> Purse:
    purse = state.purse_at(address) if isinstance(address, str) else None
    if purse is None:
        raise MockError("no customer has this address; get one with addresses.get first")
    if not purse.is_live(now):
        status = purse.status(now)
        raise MockError(f"the address {purse.address} is {status} and takes no deposits")
    return purse


def _check_currency(purse: Purse, currency: str) -> None:
    accepted = purse.family.currencies
    if currency not in accepted:
        raise MockError(
            f"the address {purse.address} takes {', '.join(accepted)}, and no other currency"
        )


def _arrive(  # noqa: PLR0913 - all that a transaction is made of, from one caller
    state: MockState,
    purse: Purse,
    *,
    amount: Decimal,
    currency: str,
    sender: str | None,
    now: datetime,
) -> Transaction:
    transaction_id = state.ids.next_uuid("transaction")
    made = Transaction(
        transaction_id,
        purse,
        amount,
        currency,
        _payments.sender_of(state, purse.family, sender, transaction_id),
        _addresses.write_hash(purse.family, state.ids.digest("hash", transaction_id)),
        now,
    )
    _views.write(made)
    purse.replenish(now)
    purse.customer.add_transaction(made)
    return made
