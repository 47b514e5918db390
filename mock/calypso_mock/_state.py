"""Hold what the mock knows: accounts, customers, purses, transactions, subscriptions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from calypso_mock import _addresses
from calypso_mock._calendar import Calendar
from calypso_mock._channel import Channel
from calypso_mock._derive import Deriver
from calypso_mock._disturbance import Disturbance
from calypso_mock._errors import MockError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from decimal import Decimal

    from calypso_mock._addresses import Family
    from calypso_mock._letters import Attempt

Step = Literal["mem_pool", "pending", "confirmed", "credited", "declined"]
TopUpStep = Literal["pending", "delivered", "declined"]


@dataclass(slots=True)
class Account:
    """A merchant account and all that belongs to it.

    Attributes:
        id: What requests name it by.
        name: Its name, if it has one.
        owner_id: The company that owns it.
        balances: Amount by currency.
        customers: Its customers by id.
        transactions: Its deposits by id, oldest first.
        subscriptions: Its webhook subscriptions by request id in lower case.
        top_ups: Money sent to the account itself, by id, oldest first.
    """

    id: str
    name: str | None
    owner_id: str
    balances: dict[str, Decimal] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    transactions: dict[str, Transaction] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    top_ups: dict[str, TopUpRecord] = field(default_factory=dict)


@dataclass(slots=True)
class Customer:
    """An end customer of a merchant.

    Attributes:
        id: Its id.
        account: The account it belongs to.
        fields: What the merchant said of it, by the names used on the wire.
        blocked: Its blocking flag.
        purses: Every address it has had, oldest first.
    """

    id: str
    account: Account = field(repr=False)
    fields: dict[str, Any] = field(default_factory=dict)
    blocked: bool = False
    purses: list[Purse] = field(default_factory=list)


@dataclass(slots=True)
class Purse:
    """A deposit address.

    Attributes:
        id: Its id.
        customer: Whose it is.
        family: The currencies that arrive at it.
        address: The address on its chain.
        created: Business time at which it was handed out.
        replenished: Business time of what last kept it alive: a deposit that arrived or was
            confirmed; None if nothing ever arrived.
        declined: Whether a deposit to it failed the compliance check.
    """

    id: str
    customer: Customer = field(repr=False)
    family: Family
    address: str
    created: datetime
    replenished: datetime | None = None
    declined: bool = False


@dataclass(slots=True, eq=False)
class Transaction:
    """A deposit.

    Attributes:
        id: Its id.
        purse: Where it arrived.
        amount: How much.
        currency: Of what.
        sender: The address it came from.
        hash: Its hash on the chain, if one is known.
        created: Business time at which it was first seen.
        step: How far it has come.
    """

    id: str
    purse: Purse = field(repr=False)
    amount: Decimal
    currency: str
    sender: str
    hash: str | None
    created: datetime
    step: Step = "mem_pool"


@dataclass(slots=True, eq=False)
class TopUpRecord:
    """Money that was sent to a merchant's account itself, and not to a customer's address.

    Attributes:
        id: Its id, which only the mock knows: the API has no look-up of top-ups.
        account: The account that it was sent to.
        amount: How much.
        currency: Of what.
        sender: The address it came from.
        hash: Its hash on the chain.
        created: Business time at which it was first seen.
        step: How far it has come.
    """

    id: str
    account: Account = field(repr=False)
    amount: Decimal
    currency: str
    sender: str
    hash: str
    created: datetime
    step: TopUpStep = "pending"


@dataclass(slots=True)
class Subscription:
    """A webhook subscription.

    Attributes:
        request_id: Its id, as the caller wrote it.
        url: Where its notifications go.
        event_types: Single events it is told of.
        service_types: Groups of events it is told of.
        public_key: Sent with its notifications.
        secret_key: What they are signed with.
        created: Business time at which it was made.
        channel: What it is to be sent.
    """

    request_id: str
    url: str
    event_types: list[str]
    service_types: list[str]
    public_key: str
    secret_key: str = field(repr=False)
    created: datetime
    channel: Channel = field(default_factory=Channel, repr=False)


@dataclass(slots=True)
class KeyPair:
    """An API key, its secret, and the accounts that it may name.

    Attributes:
        key: The public key.
        secret: What requests are signed with.
        accounts: Ids of the accounts it sees.
    """

    key: str = field(repr=False)
    secret: str = field(repr=False)
    accounts: list[str]


class State:
    """All that one mock knows.

    Args:
        seed: Decides every id, key and address that is made up.
    """

    def __init__(self, seed: int) -> None:
        self.derive = Deriver(seed)
        self.accounts: dict[str, Account] = {}
        self.keys: dict[str, KeyPair] = {}
        self.purses: dict[str, Purse] = {}
        self.calendar = Calendar()
        self.disturbance = Disturbance()
        self.attempts: list[Attempt] = []

    def add_account(
        self,
        account: str | None = None,
        *,
        name: str | None = None,
        owner_id: str | None = None,
        key: str | None = None,
    ) -> Account:
        """Add an account, with a key pair of its own unless an existing key is named.

        Raises:
            MockError: If the account is there already, or the key is not.
        """
        number = self.derive.count("account")
        made = Account(
            account or f"0x{self.derive.hex('account', number)[:40]}",
            name,
            owner_id or self.derive.uuid("owner", number),
        )
        if made.id in self.accounts:
            raise MockError(f"there is an account {made.id} already")
        pair = self._new_pair(number) if key is None else self.pair(key)
        pair.accounts.append(made.id)
        self.accounts[made.id] = made
        return made

    def _new_pair(self, number: int) -> KeyPair:
        pair = KeyPair(self.derive.token("key", number), self.derive.token("secret", number), [])
        self.keys[pair.key] = pair
        return pair

    def pair(self, key: str) -> KeyPair:
        """Return the pair of a key.

        Raises:
            MockError: If there is none.
        """
        try:
            return self.keys[key]
        except KeyError:
            raise MockError("no account of this mock has that key") from None

    def pair_of(self, account: str) -> KeyPair:
        """Return the first pair that sees an account.

        Raises:
            MockError: If the account is not there.
        """
        for pair in self.keys.values():
            if account in pair.accounts:
                return pair
        raise MockError(f"this mock has no account {account}")

    def add_purse(self, purse: Purse) -> None:
        """Give a customer a purse and make its address known."""
        purse.customer.purses.append(purse)
        self.purses[_addresses.fold(purse.address)] = purse
        self.calendar.add(purse)

    def top_up(self, top_up_id: str) -> TopUpRecord | None:
        """Return a top-up of any account, or None."""
        for account in self.accounts.values():
            if found := account.top_ups.get(top_up_id):
                return found
        return None

    def transactions(self) -> Iterator[Transaction]:
        """Go through the deposits of all accounts."""
        for account in self.accounts.values():
            yield from account.transactions.values()

    def transaction(self, transaction_id: str) -> Transaction | None:
        """Return a deposit of any account, or None."""
        for account in self.accounts.values():
            if found := account.transactions.get(transaction_id):
                return found
        return None
