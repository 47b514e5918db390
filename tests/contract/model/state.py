"""What has happened to an account so far, and what the API has to say of it now."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any

from tests.contract.model import facts
from tests.contract.model.shape import AnyOrder, anything

if TYPE_CHECKING:
    from tests.contract.model.things import Customer, Deposit, Subscription, World
    from tests.contract.wire import Target

    Json = dict[str, Any]

# No sum of deposits is rounded.
_DIGITS = 300


@dataclass
class Account:
    """A merchant account.

    Attributes:
        target: Who calls.
        world: What it shares with the others.
        about: What is said of it besides its balances.
        balances: What it holds, by currency.
        customers: Its customers, oldest first.
        deposits: Its deposits, oldest first; those that were there before are among them.
        subscriptions: Its subscriptions by request id in lower case.
        gone: Request ids of subscriptions that were deleted.
        adopted: Subscriptions that were there before, as they were shown then.
        knows_all: Whether all deposits that were there before are known.
        is_shared: Whether others may use it at the same time.
    """

    target: Target
    world: World
    about: Json = field(default_factory=dict)
    balances: dict[str, Decimal] = field(default_factory=dict)
    customers: list[Customer] = field(default_factory=list)
    deposits: list[Deposit] = field(default_factory=list)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    adopted: list[Json] = field(default_factory=list, repr=False)
    knows_all: bool = True
    is_shared: bool = False

    def shown(self) -> Json:
        """Return what the API has to say of it."""
        if self.is_shared:
            return {**self.about, "balances": anything}
        balances = [{"currency": code, "amount": sum_} for code, sum_ in self.balances.items()]
        return {**self.about, "balances": AnyOrder("currency", balances)}

    def shown_subscriptions(self) -> Json:
        """Return what the list of subscriptions has to be."""
        shown = [each.shown(self.world) for each in self.subscriptions.values()]
        return {"subscriptions": AnyOrder("requestId", [*self.adopted, *shown], self.is_shared)}

    def adopt_subscription(self, shown: Json) -> None:
        """Take note of a subscription that was there before; it must stay as it is."""
        self.adopted.append(shown)
        self.world.keys |= {shown["publicKey"], shown["secretKey"]}

    def own_deposits(self) -> list[Deposit]:
        """Return the deposits that were made here."""
        return [deposit for deposit in self.deposits if deposit.customer is not None]

    def enter(self, deposit: Deposit, step: str) -> None:
        """Put a deposit into a step, with what comes of that."""
        deposit.step, deposit.states = step, facts.STATES[step]
        if step == "credited":
            self._credit(deposit.currency, deposit.amount)
        if step == "declined" and deposit.purse:
            deposit.purse.declined = True

    def _credit(self, currency: str, amount: Decimal) -> None:
        with localcontext(prec=_DIGITS):
            self.balances[currency] = self.balances.get(currency, Decimal()) + amount
