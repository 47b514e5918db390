"""The model's objects, and how every response has to show them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.contract.model import expectations, facts
from tests.contract.model.expectations import Maybe, Moment, Stable, Unique

if TYPE_CHECKING:
    from decimal import Decimal

    Json = dict[str, Any]


@dataclass
class ModelState:
    """The state shared by all accounts.

    Attributes:
        strict: Whether the target is our mock, for which undocumented behaviour is checked, too.
        page_base: The number of the first page.
        advanced: How far the target's clock was moved.
        ids: All ids of objects, in lower case.
        addresses: All issued addresses, in lower case.
        keys: Public and secret keys of subscriptions.
    """

    strict: bool
    page_base: int = 0
    advanced: timedelta = timedelta()
    ids: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set, repr=False)

    def optional(self, want: object) -> object:
        """Return the expectation for a field that the document does not require."""
        return want if self.strict else Maybe(want)

    def new_id(self) -> Unique:
        """Expect an unused UUID."""
        return Unique(self.ids, expectations.uuid)

    def new_address(self, family: str) -> Unique:
        """Expect an unused address of a family."""

        def check(got: object) -> str | None:
            if isinstance(got, str) and facts.is_address(family, got):
                return None
            return f"expected an address of the family {family}, got {expectations.show(got)}"

        return Unique(self.addresses, check)

    def new_key(self) -> Stable:
        """Expect a key that no other subscription has, and that never changes."""
        return Stable(Unique(self.keys, expectations.text))


@dataclass
class Purse:
    """A deposit address.

    Attributes:
        id: Its id.
        family: The family of currencies that it accepts.
        address: The address.
        issued: When it was issued.
        issued_after: How far the clock had been moved by then.
        used: Whether a deposit ever arrived.
        declined: Whether one was declined.
    """

    id: Stable
    family: str
    address: str
    issued: Moment
    issued_after: timedelta
    used: bool = False
    declined: bool = False

    def status(self, state: ModelState) -> str:
        """Return the expected status now."""
        if self.declined:
            return "DECLINED"
        is_old = state.advanced - self.issued_after >= facts.UNUSED_LIFETIME
        return "ARCHIVED" if is_old and not self.used else "PENDING_PAYMENT"

    def is_active(self, state: ModelState) -> bool:
        """Return whether it accepts deposits."""
        return self.status(state) == "PENDING_PAYMENT"

    def shown(self, state: ModelState) -> Json:
        """Return how a list of purses has to show it."""
        return {
            "id": state.optional(self.id),
            "address": state.optional(self.address),
            "status": state.optional(self.status(state)),
            "createdDate": state.optional(self.issued),
        }


@dataclass
class Customer:
    """An end customer.

    Attributes:
        id: Its id.
        fields: The fields that the merchant set.
        blocked: Whether it is blocked.
        purses: Its addresses, oldest first.
    """

    id: str
    fields: dict[str, str]
    blocked: bool = False
    purses: list[Purse] = field(default_factory=list)

    def shown(self, state: ModelState) -> Json:
        """Return how every response has to show it."""
        return {"id": self.id, **customer_fields(self.fields, state, blocked=self.blocked)}

    def active_purse(self, family: str, state: ModelState) -> Purse | None:
        """Return the active address for the currencies of a family, if there is one."""
        active = (
            purse for purse in self.purses if purse.family == family and purse.is_active(state)
        )
        return next(active, None)


def customer_fields(fields: dict[str, str], state: ModelState, *, blocked: bool) -> Json:
    """Return a customer's fields except its id; fields that were never set are missing."""
    # Older servers do not know externalId.
    kept = {k: state.optional(v) if k == "externalId" else v for k, v in fields.items()}
    return {**kept, "blocked": state.optional(blocked)}


@dataclass
class Deposit:
    """A deposit.

    Attributes:
        id: Its id.
        amount: The amount.
        currency: The currency.
        states: Transaction state, compliance state, whether the account was credited.
        sender: The sender's address.
        hash: Its hash on the chain.
        created: When it was first seen.
        customer: The customer, if known.
        purse: The address that it was sent to, if known.
        step: The current step.
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

    def shown(self, state: ModelState) -> Json:
        """Return how every response has to show it."""
        transaction_state, compliance, completed = self.states
        return {
            "id": self.id,
            "amount": self.amount,
            "addressFrom": self.sender,
            "currency": self.currency,
            "transactionHash": state.optional(self.hash),
            "transactionState": transaction_state,
            "complianceState": compliance,
            "translationToAccountCompleted": completed,
            "createdDate": self.created,
        }


@dataclass
class Subscription:
    """A webhook subscription.

    Attributes:
        request_id: Its id, in the form in which it was created.
        asked: The requested URL and the two lists.
        public_key: Its public key.
        secret_key: Its secret.
        created: When it was created.
    """

    request_id: str
    asked: Json
    public_key: Stable = field(repr=False)
    secret_key: Stable = field(repr=False)
    created: Moment

    def shown(self, state: ModelState) -> Json:
        """Return how every response has to show it."""
        return {
            "requestId": self.request_id,
            "url": self.asked["url"],
            "notificationEventTypes": self._types("notificationEventTypes", state),
            "notificationServiceTypes": self._types("notificationServiceTypes", state),
            "publicKey": self.public_key,
            "secretKey": self.secret_key,
            "createdDate": self.created,
            "blockedByErrorCount": False if state.strict else _not_blocked,
        }

    def _types(self, name: str, state: ModelState) -> object:
        return state.optional(list(self.asked.get(name, [])))


def _not_blocked(got: object) -> str | None:
    is_right = isinstance(got, bool | int) and not got
    return None if is_right else f"expected false or 0, got {expectations.show(got)}"
