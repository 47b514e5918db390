"""The records that a mock keeps, and the rules that concern one record only."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

Step = Literal["mem_pool", "pending", "confirmed", "credited", "declined"]
TopUpStep = Literal["pending", "delivered", "declined"]

PURSE_LIFETIME = timedelta(days=30)
PURSE_LIFETIME_AFTER_DEPOSIT = timedelta(days=365)
FOREVER = datetime.max.replace(tzinfo=UTC)


class Family(NamedTuple):
    """The currencies that share one deposit address, and how such an address is written.

    Attributes:
        name: A short name.
        version: The leading byte of a base58check address; None for ``0x`` and 40 hex digits.
        currencies: The vendor's codes, the chain's own coin first.
    """

    name: str
    version: int | None
    currencies: tuple[str, ...]


class ByDate(list["Transaction"]):
    """Deposits that are in the order of their dates."""


@dataclass(slots=True)
class Account:
    """A merchant account and everything that belongs to it.

    Attributes:
        id: The id that requests use.
        name: Its name, if it has one.
        owner_id: The company that owns it.
        balances: Amount by currency.
        customers: Its customers by id.
        transactions: Its deposits by id, oldest first.
        subscriptions: Its webhook subscriptions by request id in lower case.
        top_ups: Money sent to the account itself, by id, oldest first.
        by_date: Its deposits in the order of the dates that rows show; None once that may differ
            from the order of arrival, or a row from its deposit.
        rows: What the API showed last of some of its deposits that have not changed since.
    """

    id: str
    name: str | None
    owner_id: str
    balances: dict[str, Decimal] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    transactions: dict[str, Transaction] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    top_ups: dict[str, TopUpRecord] = field(default_factory=dict)
    by_date: ByDate | None = field(default_factory=ByDate, repr=False)
    rows: dict[Transaction, dict[str, Any]] = field(default_factory=dict, repr=False)

    def add_transaction(self, made: Transaction) -> None:
        """Keep a deposit."""
        self.transactions[made.id] = made
        if self.by_date is None:
            return
        if self.by_date and made.created < self.by_date[-1].created:
            self.by_date = None
        else:
            self.by_date.append(made)


@dataclass(slots=True)
class Customer:
    """An end customer of a merchant.

    Attributes:
        id: Its id.
        account: The account it belongs to.
        fields: The fields that the merchant set, by their JSON names.
        blocked: Its blocking flag.
        purses: Every address it has had, oldest first.
        transactions: Its deposits by id, oldest first.
    """

    id: str
    account: Account = field(repr=False)
    fields: dict[str, Any] = field(default_factory=dict)
    blocked: bool = False
    purses: list[Purse] = field(default_factory=list)
    transactions: dict[str, Transaction] = field(default_factory=dict, repr=False)

    def live_purse(self, family: Family, now: datetime) -> Purse | None:
        """Return the purse that receives a family's currencies, if there is one."""
        for purse in self.purses:
            if purse.family == family and purse.is_live(now):
                return purse
        return None

    def add_transaction(self, made: Transaction) -> None:
        """Keep a deposit, for the account as well."""
        self.transactions[made.id] = made
        self.account.add_transaction(made)


@dataclass(slots=True)
class Purse:
    """A deposit address.

    Attributes:
        id: Its id.
        customer: The customer that it was handed out to.
        family: The currencies that arrive at it.
        address: The address on its chain.
        created: Business time at which it was handed out.
        replenished: Business time of the last deposit that kept it alive, when it arrived or was
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

    def expiry(self) -> datetime:
        """Return when the address expires if nothing more arrives.

        30 days after it was handed out, or 365 days after its last confirmed deposit (documented,
        the latter in the newest guides only). That a deposit on its way keeps an address as alive
        as a confirmed one, from its arrival on, is inferred.
        """
        if self.replenished is None:
            return self.created + PURSE_LIFETIME
        return self.replenished + PURSE_LIFETIME_AFTER_DEPOSIT

    def is_expired(self, now: datetime) -> bool:
        """Return whether it has expired; that the last moment counts as expired is inferred."""
        return now >= self.expiry()

    def replenish(self, now: datetime) -> None:
        """Prolong its life; an address that has expired stays expired (inferred)."""
        if not self.is_expired(now):
            self.replenished = now

    def status(self, now: datetime) -> str:
        """Return its status: documented in a guide, spelled as in the newest one."""
        if self.declined:
            return "DECLINED"
        return "ARCHIVED" if self.is_expired(now) else "PENDING_PAYMENT"

    def is_live(self, now: datetime) -> bool:
        """Return whether it still takes deposits."""
        return self.status(now) == "PENDING_PAYMENT"


@dataclass(frozen=True, slots=True)
class RowFaults:
    """How the row that the API shows of a deposit differs from the deposit.

    Attributes:
        hidden_until: Business time until which it is not shown; ``FOREVER`` for a lost row.
        find_only: Whether it is shown by its id even then.
        altered: Values shown in place of its own, by their JSON names; None for a field left out.
    """

    hidden_until: datetime | None = None
    find_only: bool = False
    altered: Mapping[str, Any] = field(default_factory=dict)

    def is_listed(self, now: datetime) -> bool:
        """Return whether a search shows it."""
        return self.hidden_until is None or now >= self.hidden_until

    def is_found(self, now: datetime) -> bool:
        """Return whether it is shown by its id."""
        return self.find_only or self.is_listed(now)


@dataclass(frozen=True, slots=True)
class EventFaults:
    """How a single event of a deposit is sent otherwise than as it happened.

    Attributes:
        lost: Whether it is never sent.
        delay: How long after it happened it is sent.
        altered: Values sent in place of its own, by their JSON names; None for a field left out.
    """

    lost: bool = False
    delay: timedelta = timedelta()
    altered: Mapping[str, Any] = field(default_factory=dict)


# What decides whether rows are in the order of arrival.
_ORDERED_BY = frozenset({"id", "created", "row_faults"})
# What the text of a row is made of.
_WRITTEN = frozenset({"id", "amount", "currency", "sender", "hash", "created"})
NO_ROW_FAULTS = RowFaults()
NO_EVENT_FAULTS = EventFaults()


@dataclass(slots=True, eq=False)
class Transaction:
    """A deposit; "transaction" is the vendor's word for it.

    Attributes:
        id: Its id.
        purse: Where it arrived.
        amount: The amount.
        currency: The currency of the amount.
        sender: The address it came from.
        hash: Its hash on the chain, if one is known.
        created: Business time at which it was first seen.
        step: The step it has reached.
        row_faults: How what the API shows differs from it.
        event_faults: How its events are sent, by type, where a test asked for another way.
        event_ids: The events of it that a subscription was to get.
        text: Its row as JSON, with a gap for what its step decides; None once more has changed.
    """

    id: str
    purse: Purse = field(repr=False)
    amount: Decimal
    currency: str
    sender: str
    hash: str | None
    created: datetime
    step: Step = "mem_pool"
    row_faults: RowFaults = NO_ROW_FAULTS
    event_faults: dict[str, EventFaults] = field(default_factory=dict)
    event_ids: list[int] = field(default_factory=list)
    text: str | None = field(default=None, repr=False)

    def __setattr__(self, name: str, value: object) -> None:
        """Set an attribute, and forget what was derived from the one before."""
        before = getattr(self, name, value)
        object.__setattr__(self, name, value)
        if before is not value:
            account = self.purse.customer.account
            account.rows.pop(self, None)
            if name in _WRITTEN:
                self.text = None
            if name in _ORDERED_BY:
                account.by_date = None


@dataclass(slots=True, eq=False)
class TopUpRecord:
    """Money that was sent to a merchant's account itself, and not to a customer's address.

    Attributes:
        id: Its id in the mock only: the API has no operation for top-ups.
        account: The account that it was sent to.
        amount: The amount.
        currency: The currency of the amount.
        sender: The address it came from.
        hash: Its hash on the chain.
        created: Business time at which it was first seen.
        step: The step it has reached.
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
class KeyPair:
    """An API key, its secret, and the accounts that it may use.

    Attributes:
        key: The public key.
        secret: Signs requests.
        accounts: Ids of the accounts that the key may use.
    """

    key: str = field(repr=False)
    secret: str = field(repr=False)
    accounts: list[str]


class EventKind(NamedTuple):
    """A kind of webhook event.

    Attributes:
        type: The vendor's name of it (documented).
        level: Its severity. INFO was seen for a received deposit; the others are inferred.
        service: The group it belongs to. That of deposits was seen; that of top-ups is inferred
            from the heading of their group.
    """

    type: str
    level: str
    service: str = "CUSTOMER_PURSE"


@dataclass(frozen=True, slots=True)
class Event:
    """A webhook event.

    Attributes:
        id: Grows from event to event, and is the same for all subscriptions.
        kind: Its kind.
        created: Business time at which it happened.
        data: Its ``data``.
        transaction: The deposit that it is about, if it is about one.
    """

    id: int
    kind: EventKind
    created: datetime
    data: dict[str, Any]
    transaction: Transaction | None = field(default=None, repr=False)


@dataclass(slots=True, eq=False)
class Delivery:
    """One event for one subscription.

    Attributes:
        event: The event.
        body: The very bytes that are sent each time.
        due: Business time of the next attempt; None when there is none.
        attempts: How many attempts were made.
        retries: How many of them count against the retry schedule.
        delivered: Whether the receiver responded with 200 to one of them.
        rank: Decides the order among deliveries that are due at the same time.
        lost: Whether it is not sent, by fault injection.
    """

    event: Event
    body: bytes = field(repr=False)
    due: datetime | None
    attempts: int = 0
    retries: int = 0
    delivered: bool = False
    rank: int = 0
    lost: bool = False


@dataclass(slots=True)
class DeliveryQueue:
    """The deliveries of one subscription.

    Attributes:
        blocked: Whether the subscription is blocked by too many errors.
        in_flight: Whether an attempt is in flight; attempts are made one after another.
        deliveries: Every delivery there ever was, by event id.
        waiting: A heap of what is due, by time, rank and event id.
        errors: When attempts failed, within the window of the block rule.
        succeeded: When an attempt last succeeded.
    """

    blocked: bool = False
    in_flight: bool = False
    deliveries: dict[int, Delivery] = field(default_factory=dict, repr=False)
    waiting: list[tuple[datetime, int, int, Delivery]] = field(default_factory=list, repr=False)
    errors: deque[datetime] = field(default_factory=deque, repr=False)
    succeeded: datetime | None = None


@dataclass(slots=True)
class Subscription:
    """A webhook subscription.

    Attributes:
        request_id: Its id, as the caller wrote it.
        url: Where its deliveries go.
        event_types: The single events that it gets.
        service_types: The groups of events that it gets.
        public_key: Sent with its deliveries.
        secret_key: Signs its deliveries.
        created: Business time at which it was made.
        queue: Its deliveries.
    """

    request_id: str
    url: str
    event_types: list[str]
    service_types: list[str]
    public_key: str
    secret_key: str = field(repr=False)
    created: datetime
    queue: DeliveryQueue = field(default_factory=DeliveryQueue, repr=False)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to deliver an event to a subscription, made or still to be made.

    Attributes:
        account: Id of the account.
        request_id: Id of the subscription.
        event_id: Id of the event.
        event_type: Type of the event.
        number: Counts the attempts of this event to this subscription, from 1.
        due: Business time at which it fell due or will; None while the subscription is blocked.
        sent: Business time at which it was made; None for a future attempt.
        status: HTTP status of the response, if there was one.
        error: Why there was no response.
        next_due: Business time of the attempt that follows, if one does.
        transaction_id: The deposit that the event is about, if it is about one.
    """

    account: str
    request_id: str
    event_id: int
    event_type: str
    number: int
    due: datetime | None
    sent: datetime | None = None
    status: int | None = None
    error: str | None = None
    next_due: datetime | None = None
    transaction_id: str | None = None
