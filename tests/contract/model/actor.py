"""Do with an account what a merchant does, each answer judged by the model."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from http import HTTPStatus
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tests.contract import document
from tests.contract.model import facts, shape
from tests.contract.model.finding import Finder
from tests.contract.model.shape import Fresh, Stable
from tests.contract.model.things import Customer, Deposit, Purse, Subscription, said_of_customer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.model.shape import Check
    from tests.contract.model.stage import Stage
    from tests.contract.model.state import Account

    Json = dict[str, Any]

_AUDITED = 6
_PLAIN = re.compile(r"[a-z ]{1,80}")
_ALL = MappingProxyType({"notificationServiceTypes": ["CUSTOMER_PURSE"]})


class Actor:
    """A merchant.

    Args:
        stage: Where it acts.
        account: Its account.
    """

    def __init__(self, stage: Stage, account: Account) -> None:
        self.stage = stage
        self.account = account
        self._world = stage.world

    def ask(self, operation: str, payload: Json | None, want: object) -> Any:
        """Call an operation; see `Stage.ask`."""
        return self.stage.ask(self.account.target, operation, payload, want)

    def refuse(self, operation: str, payload: Json | None, code: str) -> None:
        """Call an operation that can't be granted; see `Stage.refuse`."""
        self.stage.refuse(self.account.target, operation, payload, code)

    def look_at_account(self) -> None:
        """Read the account and its balances."""
        self.ask("getAccount", None, self.account.shown())

    def create_customer(self, said: dict[str, str]) -> Customer:
        """Make a customer of whom this is said."""
        said = self._sayable("createCustomer", said)
        want = {"id": self._world.new_id(), **said_of_customer(said, self._world, blocked=False)}
        made = Customer(self.ask("createCustomer", said, want)["id"], dict(said))
        self.account.customers.append(made)
        return made

    def update_customer(
        self, customer: Customer, said: dict[str, str], besides: Json | None = None
    ) -> None:
        """Change what is said of a customer; an empty change only looks.

        Args:
            customer: Which.
            said: What is said of it.
            besides: Further members of the payload.
        """
        if not document.has("updateCustomer"):
            return
        said = self._sayable("updateCustomer", said, customer)
        customer.said |= said
        payload = {"id": customer.id, **said, **(besides or {})}
        self.ask("updateCustomer", payload, customer.shown(self._world))

    def set_blocked(self, customer: Customer, *, blocked: bool) -> None:
        """Block a customer, or unblock it."""
        operation = "blockCustomer" if blocked else "unblockCustomer"
        if not document.has(operation):
            return
        customer.blocked = blocked
        self.ask(operation, {"customerId": customer.id}, customer.shown(self._world))

    def address(self, customer: Customer, currency: str) -> Purse:
        """Get the address at which a customer pays a currency: the live one, or a new one."""
        if not self._world.strict and currency not in facts.COMMON:
            currency = facts.COMMON[0]
        payload = {"customerId": customer.id, "currency": currency}
        family = facts.FAMILY_OF[currency]
        live = customer.live_purse(family, self._world)
        if live is not None:
            self.ask("getAddress", payload, self._shown_address(live.id, live.address))
            return live
        number = Stable(self._world.new_id())
        want = self._shown_address(number, self._world.new_address(family))
        address = self.ask("getAddress", payload, want)["address"]
        made = Purse(number, family, address, self.stage.moment(), self._world.advanced)
        customer.purses.append(made)
        return made

    def look_at_purses(self, customer: Customer) -> None:
        """List a customer's addresses, oldest first, and look whether their dates agree."""
        if not document.has("getPurses"):
            return
        want = [purse.shown(self._world) for purse in customer.purses]
        self.ask("getPurses", {"customerId": customer.id}, want)
        for before, after in pairwise(customer.purses):
            if before.issued.earliest > after.issued.latest:
                last = self.stage.session.exchanges[-1]
                raise self.stage.violation("createdDate", "expected the oldest first", last)

    def deposit(
        self, customer: Customer, currency: str, amount: str, step: str, sender: str | None = None
    ) -> Deposit:
        """Let a deposit arrive at a customer's address, which is made where there is none."""
        purse = self.address(customer, currency)
        body = {"address": purse.address, "currency": currency, "amount": amount, "to": step}
        extra = {} if sender is None else {"sender": sender}
        told = self.stage.control("deposit", {**body, **extra})
        made = Deposit(
            told["transactionId"],
            Decimal(amount),
            currency,
            Stable(_elsewhere(purse)) if sender is None else Stable.of(sender),
            Stable(Fresh(self._world.ids, shape.text)),
            self.stage.moment(),
            facts.STATES[step],
            customer,
            purse,
        )
        purse.used = True
        self.stage.compare(self._world.new_id(), made.id, self.stage.session.exchanges[-1])
        self.account.deposits.append(made)
        self.account.enter(made, step)
        self.look_at_deposit(made)
        return made

    def deposit_in_vain(self, purse: Purse, currency: str) -> None:
        """Try to deposit to an address that takes no deposits any more."""
        body = {"address": purse.address, "currency": currency, "amount": "1"}
        exchange = self.stage.session.send("POST", "/_mock/deposit", json.dumps(body).encode(), {})
        if exchange.status == HTTPStatus.OK:
            said = f"expected {purse.status(self._world)} to take no deposits, but it took one"
            raise self.stage.violation("address", said, exchange)

    def move_on(self, deposit: Deposit, step: str) -> None:
        """Take a deposit to another step."""
        body = {"transactionId": deposit.id, "to": step}
        self.stage.control("deposit/advance", body)
        self.account.enter(deposit, step)
        self.look_at_deposit(deposit)

    def look_at_deposit(self, deposit: Deposit) -> None:
        """Read one deposit."""
        if document.has("getTransaction"):
            self.ask("getTransaction", {"transactionId": deposit.id}, deposit.shown(self._world))

    def find(self, payload: Json) -> list[str]:
        """Ask for one page of deposits, and return the ids of its rows."""
        return Finder(self.stage, self.account).find(payload)

    def walk(self, payload: Json) -> None:
        """Go through all pages of a search."""
        Finder(self.stage, self.account).walk(payload)

    def subscribe(self, asked: Json) -> None:
        """Make a subscription, or be refused where its id is taken."""
        if not document.has("createSubscription"):
            return
        asked = self._named(asked)
        key = asked["requestId"].lower()
        if key in self.account.subscriptions:
            if self._world.strict:
                self.refuse("createSubscription", asked, "001")
            return
        keys = self._world.new_key(), self._world.new_key()
        made = Subscription(asked["requestId"], asked, *keys, self.stage.moment())
        self.ask("createSubscription", asked, made.shown(self._world))
        self.account.subscriptions[key] = made

    def change_subscription(self, asked: Json) -> None:
        """Change a subscription, or be told that there is none."""
        if not document.has("changeSubscription"):
            return
        asked = self._named(asked)
        found = self.account.subscriptions.get(asked["requestId"].lower())
        if found is None:
            self.refuse("changeSubscription", asked, "004")
            return
        found.asked = asked
        self.ask("changeSubscription", asked, found.shown(self._world))

    def unsubscribe(self, request_id: str) -> None:
        """Delete a subscription, or be told that there is none."""
        if not document.has("deleteSubscription"):
            return
        request_id = self.stage.named(request_id)
        payload = {"requestId": request_id}
        if self.account.subscriptions.pop(request_id.lower(), None) is None:
            self.refuse("deleteSubscription", payload, "004")
        else:
            self.ask("deleteSubscription", payload, None)

    def look_at_subscriptions(self) -> None:
        """List the subscriptions."""
        if document.has("getSubscriptions"):
            self.ask("getSubscriptions", None, self.account.shown_subscriptions())

    def fail_to_find(self, thing: str) -> None:
        """Name something that is not this account's in every operation that takes an id."""
        for operation, payload in _naming(self.stage.named(thing)):
            # A stranger may as well find no deposits of an unknown customer.
            if self._world.strict or operation != "findTransactions":
                self.refuse(operation, payload, "004")

    def borrow(self, account: str) -> None:
        """Name somebody else's account in requests that are signed with the own key."""
        thief = replace(self.account.target, account=account)
        self.stage.refuse(thief, "getAccount", None, "004")
        self.stage.refuse(thief, "createCustomer", {}, "004")
        self.stage.refuse(thief, "findTransactions", {}, "004")
        self.stage.refuse(thief, "getSubscriptions", None, "004")

    def in_capitals(self, customer: Customer, deposit: Deposit, request_id: str) -> None:
        """Name things by their ids in capitals."""
        named = {"customerId": customer.id.upper()}
        for operation in ("unblockCustomer", "blockCustomer"):
            customer.blocked = operation == "blockCustomer"
            self.ask(operation, named, customer.shown(self._world))
        said = {"email": "new@shop.example"}
        self.update_customer(customer, said, {"id": customer.id.upper()})
        self.ask("getPurses", named, [purse.shown(self._world) for purse in customer.purses])
        named_deposit = {"transactionId": deposit.id.upper()}
        self.ask("getTransaction", named_deposit, deposit.shown(self._world))
        self.find(named)
        self.subscribe({"requestId": request_id.upper(), "url": "https://shop.example", **_ALL})
        asked = {"requestId": request_id.upper(), "url": "https://shop.example/new", **_ALL}
        self.change_subscription(asked)
        self.look_at_subscriptions()
        self.unsubscribe(request_id.upper())

    def audit(self) -> None:
        """Look at everything once."""
        self.look_at_account()
        self.look_at_subscriptions()
        for customer in self.account.customers:
            self.update_customer(customer, {})
            self.look_at_purses(customer)
        for deposit in self.account.deposits[:_AUDITED] + self.account.deposits[-_AUDITED:]:
            self.look_at_deposit(deposit)
        self.walk({"pageSize": 40, "properties": "createdDate", "sort": "ASC"})

    def _named(self, asked: Json) -> Json:
        return {**asked, "requestId": self.stage.named(asked["requestId"])}

    def _sayable(
        self, operation: str, said: dict[str, str], customer: Customer | None = None
    ) -> dict[str, str]:
        """Return what may be said, with what has to be: of a customer that there is, once more."""
        before = customer.said if customer else {}
        needed = {**facts.needed(operation), **before}
        said = {**{name: needed[name] for name in facts.needed(operation)}, **self._plain(said)}
        fitting = {
            name: facts.fitting(operation, name, text)
            for name, text in said.items()
            if name in facts.SAID_OF_CUSTOMERS
        }
        return {name: text for name, text in fitting.items() if text is not None}

    def _plain(self, said: dict[str, str]) -> dict[str, str]:
        if self._world.strict:
            return said
        # What a stranger takes for an e-mail address, and which texts, is documented nowhere.
        plain = {name: text if _PLAIN.fullmatch(text) else "plain" for name, text in said.items()}
        return plain | ({"email": "ada@shop.example"} if "email" in said else {})

    def _shown_address(self, number: Stable, address: object) -> Json:
        return {"id": self._world.optional(number), "address": address}


def _elsewhere(purse: Purse) -> Check:
    def check(got: object) -> str | None:
        is_address = isinstance(got, str) and facts.is_address(purse.family, got)
        if is_address and got != purse.address:
            return None
        return f"expected another address of the family {purse.family}, got {shape.show(got)}"

    return check


def _naming(thing: str) -> Iterator[tuple[str, Json]]:
    yield "updateCustomer", {"id": thing, "description": "nobody's"}
    for operation in ("blockCustomer", "unblockCustomer", "getPurses", "findTransactions"):
        yield operation, {"customerId": thing}
    yield "getAddress", {"customerId": thing, "currency": "ETH"}
    yield "getTransaction", {"transactionId": thing}
    yield "deleteSubscription", {"requestId": thing}
    asked = {"requestId": thing, "url": "https://shop.example/nobody"}
    yield "changeSubscription", {**asked, **_ALL}
