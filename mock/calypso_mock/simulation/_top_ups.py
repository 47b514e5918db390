"""Simulate top-ups: money that is sent to a merchant's account itself.

Three events of them are documented, and nothing else. That a top-up is checked for compliance first
and is then delivered or declined follows from the names and descriptions of the events; that the
balance grows with the delivery, by exactly the amount, and not before, is inferred.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from calypso_mock._errors import MockError
from calypso_mock.delivery import _events
from calypso_mock.simulation import _payments
from calypso_mock.state import _addresses, _dates, _money
from calypso_mock.state._records import TopUpRecord, TopUpStep

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from calypso_mock.api._context import Context
    from calypso_mock.state._mock_state import MockState
    from calypso_mock.state._records import Account, Family

_PATHS: tuple[tuple[TopUpStep, ...], ...] = (("pending", "delivered"), ("pending", "declined"))


class TopUp:
    """A simulated top-up of an account that can be moved on.

    Made by ``Mock.simulate_top_up``.
    """

    def __init__(self, context: Context, record: TopUpRecord) -> None:
        self._context = context
        self._record = record

    def __repr__(self) -> str:
        return f"<TopUp {self.top_up_id} {self.step}>"

    @property
    def top_up_id(self) -> str:
        """Its id in the mock's control endpoints; it has none in the API."""
        return self._record.id

    @property
    def transaction_hash(self) -> str:
        """Its hash on the chain, which its events contain."""
        return self._record.hash

    @property
    def step(self) -> TopUpStep:
        """The step it has reached."""
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
        with self._context.lock:
            if self._context.state.top_up(self.top_up_id) is not self._record:
                raise MockError("the mock was reset, and this top-up no longer exists")
            _move(self._context, self._record, to, _events.emit_expired(self._context))
        self._context.dispatch_due()
        return self


def simulate(  # noqa: PLR0913 - as Mock.simulate_top_up, all named
    context: Context,
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
    with context.lock:
        moment = _events.emit_expired(context)
        owner = _account(context.state, account)
        _payments.check_step("top-up", _PATHS, to)
        top_up_id = context.state.ids.next_uuid("top-up")
        record = TopUpRecord(
            top_up_id,
            owner,
            money,
            currency,
            _payments.sender_of(context.state, family, sender, top_up_id),
            _addresses.write_hash(family, context.state.ids.digest("hash", top_up_id)),
            _dates.to_millisecond(moment),
        )
        owner.top_ups[record.id] = record
        _events.emit_top_up(context, record, moment)
        if to != record.step:
            _move(context, record, to, moment)
    context.dispatch_due()
    return TopUp(context, record)


def advance(context: Context, top_up_id: str, to: TopUpStep | None) -> TopUp:
    """Move a top-up of any account on; see ``TopUp.advance``.

    Raises:
        MockError: If there is no such top-up, or the step cannot be reached.
    """
    with context.lock:
        record = context.state.top_up(top_up_id)
    if record is None:
        raise MockError("no top-up has this topUpId")
    return TopUp(context, record).advance(to)


def _move(context: Context, record: TopUpRecord, to: TopUpStep | None, now: datetime) -> None:
    steps: tuple[TopUpStep, ...] = _payments.steps_between("top-up", _PATHS, record.step, to)
    for step in steps:
        record.step = step
        if step == "delivered":
            _payments.credit(record.account, record.currency, record.amount)
        _events.emit_top_up(context, record, now)


def _family(currency: str) -> Family:
    family = _addresses.family_of(currency) if isinstance(currency, str) else None
    if family is None:
        known = ", ".join(_addresses.BY_CURRENCY)
        raise MockError(f"the mock has no such currency; there are {known}")
    return family


def _account(state: MockState, account: str | None) -> Account:
    chosen = next(iter(state.accounts)) if account is None else account
    found = state.accounts.get(chosen) if isinstance(chosen, str) else None
    if found is None:
        raise MockError(f"there is no such account; there are {', '.join(state.accounts)}")
    return found
