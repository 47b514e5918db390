"""Simulate top-ups: money that is sent to a merchant's account itself.

Three events of them are documented, and nothing else. That one is checked for compliance first and
is then delivered or declined follows from what the events are called and said to be; that the
balance grows with the delivery, by exactly the amount, and not before, is inferred.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calypso_mock import _addresses, _clock, _deposits, _events, _expiry, _money, _payments
from calypso_mock._errors import MockError
from calypso_mock._state import TopUpRecord, TopUpStep

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from calypso_mock._addresses import Family
    from calypso_mock._state import Account, State
    from calypso_mock._world import World

_PATHS: tuple[tuple[TopUpStep, ...], ...] = (("pending", "delivered"), ("pending", "declined"))


class TopUp:
    """A simulated top-up of an account that can be moved on.

    Made by ``Mock.simulate_top_up``.
    """

    def __init__(self, world: World, record: TopUpRecord) -> None:
        self._world = world
        self._record = record

    def __repr__(self) -> str:
        return f"<TopUp {self.top_up_id} {self.step}>"

    @property
    def top_up_id(self) -> str:
        """The id under which the mock's control endpoints know it; the API has none."""
        return self._record.id

    @property
    def transaction_hash(self) -> str:
        """Its hash on the chain, which its events tell."""
        return self._record.hash

    @property
    def step(self) -> TopUpStep:
        """How far it has come."""
        return self._record.step

    def advance(self, to: TopUpStep | None = None) -> TopUp:
        """Move it on.

        Args:
            to: ``delivered`` or ``declined``; ``delivered`` where absent.

        Returns:
            The same top-up.

        Raises:
            MockError: If the step cannot be reached from here, or the mock was reset since.
        """
        with self._world.lock:
            if self._world.state.top_up(self.top_up_id) is not self._record:
                raise MockError("the mock was reset, and this top-up is gone")
            _move(self._world, self._record, to, _expiry.settle(self._world))
        self._world.wake()
        return self


def simulate(  # noqa: PLR0913 - as Mock.simulate_top_up, all named
    world: World,
    *,
    currency: str,
    amount: Decimal | str | int,
    account: str | None = None,
    to: TopUpStep = "delivered",
    sender: str | None = None,
) -> TopUp:
    """Let money be sent to an account; see ``Mock.simulate_top_up``."""
    money = _money.read_amount(amount)
    family = _family(currency)
    with world.lock:
        moment = _expiry.settle(world)
        owner = _account(world.state, account)
        _payments.check_step("top-up", _PATHS, to)
        top_up_id = world.state.derive.next_uuid("top-up")
        record = TopUpRecord(
            top_up_id,
            owner,
            money,
            currency,
            _payments.sender_of(world.state, family, sender, top_up_id),
            _addresses.write_hash(family, world.state.derive.digest("hash", top_up_id)),
            _clock.to_millisecond(moment),
        )
        owner.top_ups[record.id] = record
        _events.tell_top_up(world, record, moment)
        if to != record.step:
            _move(world, record, to, moment)
    world.wake()
    return TopUp(world, record)


def _move(world: World, record: TopUpRecord, to: TopUpStep | None, now: datetime) -> None:
    steps: tuple[TopUpStep, ...] = _payments.steps_between("top-up", _PATHS, record.step, to)
    for step in steps:
        record.step = step
        if step == "delivered":
            _deposits.credit(record.account, record.currency, record.amount)
        _events.tell_top_up(world, record, now)


def _family(currency: str) -> Family:
    family = _addresses.family_of(currency) if isinstance(currency, str) else None
    if family is None:
        known = ", ".join(_addresses.BY_CURRENCY)
        raise MockError(f"the mock has no such currency; there are {known}")
    return family


def _account(state: State, account: str | None) -> Account:
    chosen = next(iter(state.accounts)) if account is None else account
    found = state.accounts.get(chosen) if isinstance(chosen, str) else None
    if found is None:
        raise MockError(f"there is no such account; there are {', '.join(state.accounts)}")
    return found
