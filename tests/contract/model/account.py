"""The model of an account: its objects, and how the API has to show them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

from tests.contract.model import facts
from tests.contract.model.expectations import AnyOrder, anything

if TYPE_CHECKING:
    from tests.contract.model.objects import Customer, Deposit, ModelState, Subscription
    from tests.contract.wire import Target

    Json = dict[str, Any]

# Sums of deposits are never rounded.
_DIGITS = 300


@dataclass
class Account:
    """A merchant account.

    Attributes:
        target: The calling account.
        state: The state shared by all accounts.
        about: Its fields except the balances.
        balances: Its balances by currency.
        customers: Its customers, oldest first.
        deposits: Its deposits, oldest first, with those from before the run.
        subscriptions: Its subscriptions by request id in lower case.
        existing_subscriptions: Subscriptions from before the run, as they were listed.
        knows_all: Whether all deposits from before the run are known.
        is_shared: Whether others may use it at the same time.
    """

    target: Target
    state: ModelState
    about: Json = field(default_factory=dict)
    balances: dict[str, Decimal] = field(default_factory=dict)
    customers: list[Customer] = field(default_factory=list)
    deposits: list[Deposit] = field(default_factory=list)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    existing_subscriptions: list[Json] = field(default_factory=list, repr=False)
    knows_all: bool = True
    is_shared: bool = False

    def shown(self) -> Json:
        """Return how the API has to show it."""
        if self.is_shared:
            return {**self.about, "balances": anything}
        balances = [{"currency": code, "amount": sum_} for code, sum_ in self.balances.items()]
        return {**self.about, "balances": AnyOrder("currency", balances)}

    def shown_subscriptions(self) -> Json:
        """Return the expected list of subscriptions."""
        shown = [each.shown(self.state) for each in self.subscriptions.values()]
        return {
            "subscriptions": AnyOrder(
                "requestId", [*self.existing_subscriptions, *shown], self.is_shared
            )
        }

    def add_existing_subscription(self, shown: Json) -> None:
        """Add a subscription from before the run; it must not change."""
        self.existing_subscriptions.append(shown)
        self.state.keys |= {shown["publicKey"], shown["secretKey"]}

    def own_deposits(self) -> list[Deposit]:
        """Return the deposits that this run made."""
        return [deposit for deposit in self.deposits if deposit.customer is not None]

    def enter(self, deposit: Deposit, step: str) -> None:
        """Move a deposit to a step, with its effects."""
        deposit.step, deposit.states = step, facts.STATES[step]
        if step == "credited":
            self._credit(deposit.currency, deposit.amount)
        if step == "declined" and deposit.purse:
            deposit.purse.declined = True

    def _credit(self, currency: str, amount: Decimal) -> None:
        with localcontext(prec=_DIGITS):
            self.balances[currency] = self.balances.get(currency, Decimal()) + amount
