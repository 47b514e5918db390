"""The accounts at the mock, and the deposits that arrive there."""

from __future__ import annotations

import time
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from calypso_pay import Calypso
from tests.storm.chance import chance
from tests.storm.events import STEPS, Booking

if TYPE_CHECKING:
    from collections.abc import Callable

    from calypso_mock import Attempt, Deposit, Mock
    from tests.storm.sender import CountingSender

# Each account has a subscription to all steps, and another to the booked one, whose event may
# arrive at the same moment.
EVENTS = len(STEPS) + 1
# With the number of decimal places.
_CURRENCIES = {"BTC": 8, "ETH": 18, "USDT_TRX": 6}
_CUSTOMERS = 4
# How many deposits arrive at once, and how many deliveries may be due when more arrive.
_PORTION = 40
_BACKLOG = 100
_TICK = 0.05


class Shop:
    """The accounts with their subscriptions, and the deposits that arrive at them.

    Args:
        mock: The mock.
        url: Where its deliveries go.
        booked: The event type for which each account has another subscription.
        deposits: How many there will be.
        seed: Decides their amounts.

    Attributes:
        secrets: The secrets that sign the deliveries.
        twins: The other subscription of the same account; see `CountingSender`.
        deposited: What has to be booked, by the ids of transactions.
        accounts: The customers of each account.
        owners: The customer of each deposit.
        unblocked: How often a subscription was blocked, and unblocked.
    """

    def __init__(self, mock: Mock, url: str, booked: str, *, deposits: int, seed: int) -> None:
        self._mock = mock
        self._url = url
        self._booked = booked
        self._deposits = deposits
        self._chance = chance(seed, "deposits")
        self.secrets: list[str] = []
        self.twins: dict[str, tuple[str, str, str]] = {}
        self.deposited: dict[str, Booking] = {}
        self.accounts: dict[str, list[str]] = {}
        self.owners: dict[str, str] = {}
        self.unblocked = 0
        self._waiting: list[Deposit] = []
        self._addresses: list[tuple[str, str, str]] = []

    def open(self, accounts: int) -> None:
        """Make accounts, with subscriptions, customers and addresses."""
        self._open(self._mock.settings()["account"])
        for _ in range(1, accounts):
            self._open(self._mock.add_account())

    def deliver_all(self, sender: CountingSender, is_served: Callable[[], bool]) -> None:
        """Let deposits arrive and business time pass until all is delivered, or time is up.

        Args:
            sender: Sends the deliveries.
            is_served: Whether anything listens. A program takes seconds to start again, which must
                not become days of business time, when the vendor gives up.
        """
        deliveries = self._mock.deliveries
        deliveries.disturb(duplicates=0.1, reorder=True, failures=0.02)
        for first in range(0, self._deposits, _PORTION):
            self._advance_all()
            for _ in range(first, min(first + _PORTION, self._deposits)):
                # Some of them stay at a step for a while.
                steps = ["mem_pool", "pending", "confirmed", *["credited"] * 6]
                self.deposit(self._chance.choice(steps))
            self._mock.clock.advance(seconds=20)
            while not sender.is_late() and self._count_due() > _BACKLOG:
                time.sleep(_TICK)
        self._advance_all()
        deliveries.deliver_due()
        while not sender.is_late() and self._pending():
            if is_served():
                self.deliver_next()
            else:
                time.sleep(_TICK)

    def deliver_next(self) -> None:
        """Let business time pass until the next attempts are due, and make them."""
        if pending := self._pending():
            # Not to each retry on its own: several that are due at once reach several workers.
            until = min(each.due for each in pending if each.due) - self._mock.clock.now()
            self._mock.clock.advance(max(until, timedelta()) + timedelta(seconds=30))
            self._mock.deliveries.deliver_due()

    def deposit(self, step: str = "credited") -> str:
        """Let a deposit arrive and come to a step; return its id."""
        address, currency, customer = self._chance.choice(self._addresses)
        places = self._chance.randint(0, _CURRENCIES[currency])
        # Not a single digit, from which one is taken when it is altered.
        amount = Decimal(self._chance.randint(2, 10 ** (places + 3))).scaleb(-places)
        deposit = self._mock.simulate_deposit(
            address=address, currency=currency, amount=amount, to=step
        )
        identity = deposit.transaction_id
        self.owners[identity] = customer
        self.deposited[identity] = Booking(identity, currency, amount)
        if step != "credited":
            self._waiting.append(deposit)
        return identity

    def _advance_all(self) -> None:
        for deposit in self._waiting:
            deposit.advance("credited")
        self._waiting = []

    def _pending(self) -> tuple[Attempt, ...]:
        """Return the future attempts, after unblocking subscriptions."""
        deliveries = self._mock.deliveries
        for request_id in {each.request_id for each in deliveries.pending if each.due is None}:
            deliveries.unblock(request_id)
            self.unblocked += 1
        return deliveries.pending

    def _count_due(self) -> int:
        now = self._mock.clock.now()
        return sum(each.due is not None and each.due <= now for each in self._pending())

    def _open(self, account: str) -> None:
        with Calypso(transport=self._mock.transport(), **self._mock.settings(account)) as calypso:
            made = [
                calypso.subscriptions.create(url=self._url, notification_event_types=list(types))
                for types in (STEPS, [self._booked])
            ]
            one, other = ((each.request_id, each.public_key, each.secret_key) for each in made)
            self.twins |= {one[0]: other, other[0]: one}
            self.secrets += [each.secret_key for each in made]
            for _ in range(_CUSTOMERS):
                customer = calypso.customers.create().id
                self.accounts.setdefault(account, []).append(customer)
                for currency in _CURRENCIES:
                    purse = calypso.addresses.get(customer_id=customer, currency=currency)
                    self._addresses.append((purse.address, currency, customer))
