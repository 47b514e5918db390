"""The things that the API keeps, and what every answer about them has to say."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.contract.model import facts, shape
from tests.contract.model.shape import Fresh, Maybe, Moment, Stable

if TYPE_CHECKING:
    from decimal import Decimal

    Json = dict[str, Any]


@dataclass
class World:
    """What all accounts share.

    Attributes:
        strict: Whether the target is our mock, which keeps more than the document promises.
        page_base: The number of the first page.
        advanced: How far the target's clock was moved.
        ids: Every id that something has, in lower case.
        addresses: Every address that was handed out, in lower case.
        keys: Public and secret keys of subscriptions.
    """

    strict: bool
    page_base: int = 0
    advanced: timedelta = timedelta()
    ids: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set, repr=False)

    def optional(self, want: object) -> object:
        """Return what is wanted of a field that the document does not promise."""
        return want if self.strict else Maybe(want)

    def new_id(self) -> Fresh:
        """Want a UUID that nothing else has."""
        return Fresh(self.ids, shape.uuid)

    def new_address(self, family: str) -> Fresh:
        """Want an address of a family that nobody else has."""

        def check(got: object) -> str | None:
            if isinstance(got, str) and facts.is_address(family, got):
                return None
            return f"expected an address of the family {family}, got {shape.show(got)}"

        return Fresh(self.addresses, check)

    def new_key(self) -> Stable:
        """Want a key that no other subscription has, and that stays."""
        return Stable(Fresh(self.keys, shape.text))


@dataclass
class Purse:
    """A deposit address.

    Attributes:
        id: Its id.
        family: The currencies that it takes.
        address: The address.
        issued: When it was handed out.
        born: How far the clock had been moved by then.
        used: Whether a deposit ever arrived.
        declined: Whether one was declined.
    """

    id: Stable
    family: str
    address: str
    issued: Moment
    born: timedelta
    used: bool = False
    declined: bool = False

    def status(self, world: World) -> str:
        """Return the status that it has to have by now."""
        if self.declined:
            return "DECLINED"
        is_old = world.advanced - self.born >= facts.UNUSED_LIFETIME
        return "ARCHIVED" if is_old and not self.used else "PENDING_PAYMENT"

    def is_live(self, world: World) -> bool:
        """Tell whether it takes deposits."""
        return self.status(world) == "PENDING_PAYMENT"

    def shown(self, world: World) -> Json:
        """Return what a list of purses has to say of it."""
        return {
            "id": world.optional(self.id),
            "address": world.optional(self.address),
            "status": world.optional(self.status(world)),
            "createdDate": world.optional(self.issued),
        }


@dataclass
class Customer:
    """An end customer.

    Attributes:
        id: Its id.
        said: What the merchant said of it.
        blocked: Whether it is blocked.
        purses: Its addresses, oldest first.
    """

    id: str
    said: dict[str, str]
    blocked: bool = False
    purses: list[Purse] = field(default_factory=list)

    def shown(self, world: World) -> Json:
        """Return what every answer about it has to say."""
        return {"id": self.id, **said_of_customer(self.said, world, blocked=self.blocked)}

    def live_purse(self, family: str, world: World) -> Purse | None:
        """Return the address to which it pays the currencies of a family, if there is one."""
        live = (purse for purse in self.purses if purse.family == family and purse.is_live(world))
        return next(live, None)


def said_of_customer(said: dict[str, str], world: World, *, blocked: bool) -> Json:
    """Return a customer's fields but its id; what was never said is not there."""
    # Older servers do not know externalId.
    kept = {k: world.optional(v) if k == "externalId" else v for k, v in said.items()}
    return {**kept, "blocked": world.optional(blocked)}


@dataclass
class Deposit:
    """A deposit.

    Attributes:
        id: Its id.
        amount: How much.
        currency: Of what.
        states: Transaction state, compliance state, whether the account has the money.
        sender: Where it came from.
        hash: Its hash on the chain.
        created: When it was first seen.
        customer: Whose it is, where that is known.
        purse: Where it arrived, where that is known.
        step: How far it has come.
    """

    id: str
    amount: Decimal
    currency: str
    sender: Stable
    hash: Stable
    created: Moment
    states: tuple[str, str, bool]
    customer: Customer | None = None
    purse: Purse | None = None
    step: str = ""

    def shown(self, world: World) -> Json:
        """Return what every answer about it has to say."""
        state, compliance, completed = self.states
        return {
            "id": self.id,
            "amount": self.amount,
            "addressFrom": self.sender,
            "currency": self.currency,
            "transactionHash": world.optional(self.hash),
            "transactionState": state,
            "complianceState": compliance,
            "translationToAccountCompleted": completed,
            "createdDate": self.created,
        }


@dataclass
class Subscription:
    """A webhook subscription.

    Attributes:
        request_id: Its id, as it was written when it was made.
        asked: What was asked for: the URL and the two lists.
        public_key: Its public key.
        secret_key: Its secret.
        created: When it was made.
    """

    request_id: str
    asked: Json
    public_key: Stable = field(repr=False)
    secret_key: Stable = field(repr=False)
    created: Moment

    def shown(self, world: World) -> Json:
        """Return what every answer about it has to say."""
        return {
            "requestId": self.request_id,
            "url": self.asked["url"],
            "notificationEventTypes": self._types("notificationEventTypes", world),
            "notificationServiceTypes": self._types("notificationServiceTypes", world),
            "publicKey": self.public_key,
            "secretKey": self.secret_key,
            "createdDate": self.created,
            "blockedByErrorCount": False if world.strict else _not_blocked,
        }

    def _types(self, name: str, world: World) -> object:
        return world.optional(list(self.asked.get(name, [])))


def _not_blocked(got: object) -> str | None:
    is_right = isinstance(got, bool | int) and not got
    return None if is_right else f"expected false or 0, got {shape.show(got)}"
