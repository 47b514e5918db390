"""The accounts at the mock, and the deposits that arrive there."""

from __future__ import annotations

import time
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from calypso_pay import Calypso
from tests.storm.chance import chance
from tests.storm.events import BOOKED, STEPS, Booking

if TYPE_CHECKING:
    from calypso_mock import Attempt, Deposit, Mock
    from tests.storm.sender import CountingSender

# Each account has a subscription to all steps, and another to the booked one, whose event may
# arrive at the same moment.
EVENTS = len(STEPS) + 1
# With the number of decimal places.
_CURRENCIES = {"BTC": 8, "ETH": 18, "USDT_TRX": 6}
_ACCOUNTS = 8
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
        deposits: How many there will be.
        seed: Decides their amounts.

    Attributes:
        secrets: The secrets that sign the deliveries.
        twins: The other subscription of the same account; see `CountingSender`.
        deposited: What has to be booked, by the ids of transactions.
        unblocked: How often a subscription was blocked, and unblocked.
    """

    def __init__(self, mock: Mock, url: str, *, deposits: int, seed: int) -> None:
        self._mock = mock
        self._url = url
        self._deposits = deposits
        self._chance = chance(seed, "deposits")
        self.secrets: list[str] = []
        self.twins: dict[str, tuple[str, str, str]] = {}
        self.deposited: dict[str, Booking] = {}
        self.unblocked = 0
        self._waiting: list[Deposit] = []
        # Fewer accounts than deposits, since making them takes time.
        accounts = [mock.settings()["account"]]
        accounts += [mock.add_account() for _ in range(min(_ACCOUNTS, deposits) - 1)]
        self._addresses = [purse for each in accounts for purse in self._open(each)]

    def deliver_all(self, sender: CountingSender) -> None:
        """Let deposits arrive and business time pass until all is delivered, or time is up."""
        deliveries = self._mock.deliveries
        deliveries.disturb(duplicates=0.1, reorder=True, failures=0.02)
        for first in range(0, self._deposits, _PORTION):
            self._advance_all()
            for _ in range(first, min(first + _PORTION, self._deposits)):
                self._deposit()
            self._mock.clock.advance(seconds=20)
            while len(self._pending(due=True)) > _BACKLOG and not sender.is_late():
                time.sleep(_TICK)
        self._advance_all()
        deliveries.deliver_due()
        while (pending := self._pending()) and not sender.is_late():
            # Not to each retry on its own: several that are due at once reach several workers.
            until = min(each.due for each in pending if each.due) - self._mock.clock.now()
            self._mock.clock.advance(max(until, timedelta()) + timedelta(seconds=30))
            deliveries.deliver_due()

    def _deposit(self) -> None:
        address, currency = self._chance.choice(self._addresses)
        places = self._chance.randint(0, _CURRENCIES[currency])
        amount = Decimal(self._chance.randint(1, 10 ** (places + 3))).scaleb(-places)
        # Some of them stay at a step for a while.
        step = self._chance.choice(["mem_pool", "pending", "confirmed", *["credited"] * 6])
        deposit = self._mock.simulate_deposit(
            address=address, currency=currency, amount=amount, to=step
        )
        self.deposited[deposit.transaction_id] = Booking(deposit.transaction_id, currency, amount)
        if step != "credited":
            self._waiting.append(deposit)

    def _advance_all(self) -> None:
        for deposit in self._waiting:
            deposit.advance("credited")
        self._waiting = []

    def _pending(self, *, due: bool = False) -> list[Attempt]:
        """Return the future attempts, or those that are due; unblock subscriptions."""
        pending = self._mock.deliveries.pending
        for request_id in {each.request_id for each in pending if each.due is None}:
            self._mock.deliveries.unblock(request_id)
            self.unblocked += 1
        now = self._mock.clock.now()
        return [each for each in pending if not due or each.due is None or each.due <= now]

    def _open(self, account: str) -> list[tuple[str, str]]:
        """Make customers with addresses, and subscribe; return addresses with currencies."""
        with Calypso(transport=self._mock.transport(), **self._mock.settings(account)) as calypso:
            made = [
                calypso.subscriptions.create(url=self._url, notification_event_types=list(types))
                for types in (STEPS, [BOOKED])
            ]
            names = [(each.request_id, each.public_key, each.secret_key) for each in made]
            self.secrets += [secret for _, _, secret in names]
            self.twins |= {names[0][0]: names[1], names[1][0]: names[0]}
            customers = [calypso.customers.create().id for _ in range(_CUSTOMERS)]
            return [
                (calypso.addresses.get(customer_id=each, currency=currency).address, currency)
                for each in customers
                for currency in _CURRENCIES
            ]
