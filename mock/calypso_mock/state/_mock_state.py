"""The state of one mock: accounts, keys, purses, and the attempts to deliver webhook events."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from calypso_mock._errors import MockError
from calypso_mock.state._ids import DeterministicIds
from calypso_mock.state._records import Account, KeyPair

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from calypso_mock.state._records import Attempt, Purse, Subscription, TopUpRecord, Transaction


class MockState:
    """Everything that a mock forgets when it is reset.

    Args:
        seed: Decides every generated id, key and address.
    """

    def __init__(self, seed: int) -> None:
        self.ids = DeterministicIds(seed)
        self.accounts: dict[str, Account] = {}
        self.keys: dict[str, KeyPair] = {}
        self.expiries = ExpiryCalendar()
        self.attempts: list[Attempt] = []
        self._purses: dict[str, Purse] = {}

    def add_account(
        self,
        account: str | None = None,
        *,
        name: str | None = None,
        owner_id: str | None = None,
        key: str | None = None,
    ) -> Account:
        """Add an account, with a key pair of its own unless an existing key is given.

        Raises:
            MockError: If the account exists already, or the key does not.
        """
        number = self.ids.count("account")
        made = Account(
            account or f"0x{self.ids.hex('account', number)[:40]}",
            name,
            owner_id or self.ids.uuid("owner", number),
        )
        if made.id in self.accounts:
            raise MockError(f"there is an account {made.id} already")
        pair = self._new_pair(number) if key is None else self._pair(key)
        pair.accounts.append(made.id)
        self.accounts[made.id] = made
        return made

    def _new_pair(self, number: int) -> KeyPair:
        pair = KeyPair(self.ids.token("key", number), self.ids.token("secret", number), [])
        self.keys[pair.key] = pair
        return pair

    def _pair(self, key: str) -> KeyPair:
        try:
            return self.keys[key]
        except KeyError:
            raise MockError("no account of this mock has that key") from None

    def pair_of(self, account: str) -> KeyPair:
        """Return the first key pair that may use an account.

        Raises:
            MockError: If there is no such account.
        """
        for pair in self.keys.values():
            if account in pair.accounts:
                return pair
        raise MockError(f"this mock has no account {account}")

    def add_purse(self, purse: Purse) -> None:
        """Add a purse to its customer, and make it available by its address."""
        purse.customer.purses.append(purse)
        self._purses[_fold(purse.address)] = purse
        self.expiries.add(purse)

    def purses(self) -> Iterator[Purse]:
        """Go through the purses of all customers, oldest first."""
        yield from self._purses.values()

    def purse_at(self, address: str) -> Purse | None:
        """Return the purse with an address, or None."""
        return self._purses.get(_fold(address))

    def top_up(self, top_up_id: str) -> TopUpRecord | None:
        """Return a top-up of any account, or None."""
        for account in self.accounts.values():
            if found := account.top_ups.get(top_up_id):
                return found
        return None

    def transaction(self, transaction_id: str) -> Transaction | None:
        """Return a deposit of any account, or None."""
        for account in self.accounts.values():
            if found := account.transactions.get(transaction_id):
                return found
        return None

    def known_transaction(self, transaction_id: str) -> Transaction:
        """Return a deposit of any account.

        Raises:
            MockError: If there is none with this id.
        """
        is_text = isinstance(transaction_id, str)
        found = self.transaction(transaction_id.lower()) if is_text else None
        if found is None:
            raise MockError("no deposit has this transactionId")
        return found

    def chosen_transactions(self, transaction_id: str | None) -> list[Transaction]:
        """Return one deposit, or without an id all deposits of all accounts.

        Raises:
            MockError: If there is none with this id.
        """
        if transaction_id is not None:
            return [self.known_transaction(transaction_id)]
        accounts = self.accounts.values()
        return [each for account in accounts for each in account.transactions.values()]

    def subscriptions(self) -> Iterator[tuple[Account, Subscription]]:
        """Go through the subscriptions of all accounts."""
        for account in self.accounts.values():
            for subscription in account.subscriptions.values():
                yield account, subscription


class ExpiryCalendar:
    """Finds the addresses that have expired, without going through all of them.

    It keeps each address with a moment before which the address cannot expire.
    """

    def __init__(self) -> None:
        self._entries: list[tuple[datetime, int, Purse]] = []
        self._count = 0

    def add(self, purse: Purse) -> None:
        """Watch an address from when it is handed out."""
        self._count += 1
        heapq.heappush(self._entries, (purse.created, self._count, purse))

    def is_due(self, now: datetime) -> bool:
        """Return whether an address may have expired since the last call of ``expired``."""
        return bool(self._entries) and self._entries[0][0] <= now

    def expired(self, now: datetime) -> Iterator[tuple[datetime, Purse]]:
        """Go through what has expired since the last call, oldest first, and stop watching it.

        Args:
            now: Business time.
        """
        while self._entries and self._entries[0][0] <= now:
            _, number, purse = heapq.heappop(self._entries)
            # A deposit may have moved the expiry since the entry was made.
            moment = purse.expiry()
            heapq.heappush(self._entries, (moment, number, purse))
            # An entry that was too early has moved; it expires only when it is the earliest.
            if self._entries[0][2] is purse and moment <= now:
                heapq.heappop(self._entries)
                yield moment, purse


def _fold(address: str) -> str:
    """Return the form in which equal addresses compare equal.

    Hex addresses may be written in mixed case (a checksum); base58 is case-sensitive.
    """
    return address.lower() if address[:2] in {"0x", "0X"} else address
