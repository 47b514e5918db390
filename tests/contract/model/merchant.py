"""A merchant's actions with an account, each response compared with the model."""

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
from tests.contract.model import expectations, facts
from tests.contract.model.expectations import Stable, Unique
from tests.contract.model.objects import Customer, Deposit, Purse, Subscription, customer_fields
from tests.contract.model.search_checker import SearchChecker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.model.account import Account
    from tests.contract.model.checker import ModelChecker
    from tests.contract.model.expectations import Check

    Json = dict[str, Any]

_CHECKED = 6
_SIMPLE = re.compile(r"[a-z ]{1,80}")
_ALL = MappingProxyType({"notificationServiceTypes": ["CUSTOMER_PURSE"]})


class Merchant:
    """A merchant who uses the API.

    Args:
        checker: Calls the API and compares the responses.
        account: The merchant's account.
    """

    def __init__(self, checker: ModelChecker, account: Account) -> None:
        self.checker = checker
        self.account = account
        self._state = checker.state

    def call(self, operation: str, payload: Json | None, want: object) -> Any:
        """Call an operation; see `ModelChecker.call`."""
        return self.checker.call(self.account.target, operation, payload, want)

    def expect_rejection(self, operation: str, payload: Json | None, code: str) -> None:
        """Make a call that has to be rejected; see `ModelChecker.expect_rejection`."""
        self.checker.expect_rejection(self.account.target, operation, payload, code)

    def check_account(self) -> None:
        """Read the account and its balances."""
        self.call("getAccount", None, self.account.shown())

    def create_customer(self, fields: dict[str, str]) -> Customer:
        """Create a customer with these fields."""
        fields = self._allowed_fields("createCustomer", fields)
        want = {"id": self._state.new_id(), **customer_fields(fields, self._state, blocked=False)}
        made = Customer(self.call("createCustomer", fields, want)["id"], dict(fields))
        self.account.customers.append(made)
        return made

    def update_customer(
        self, customer: Customer, fields: dict[str, str], extra: Json | None = None
    ) -> None:
        """Update a customer; an empty update only reads it.

        Args:
            customer: The customer.
            fields: The fields to set.
            extra: Other members of the payload.
        """
        if not document.has("updateCustomer"):
            return
        fields = self._allowed_fields("updateCustomer", fields, customer)
        customer.fields |= fields
        payload = {"id": customer.id, **fields, **(extra or {})}
        self.call("updateCustomer", payload, customer.shown(self._state))

    def set_blocked(self, customer: Customer, *, blocked: bool) -> None:
        """Block or unblock a customer."""
        operation = "blockCustomer" if blocked else "unblockCustomer"
        if not document.has(operation):
            return
        customer.blocked = blocked
        self.call(operation, {"customerId": customer.id}, customer.shown(self._state))

    def address(self, customer: Customer, currency: str) -> Purse:
        """Get a customer's address for a currency: the active one, or a new one."""
        if not self._state.strict and currency not in facts.COMMON:
            currency = facts.COMMON[0]
        payload = {"customerId": customer.id, "currency": currency}
        family = facts.FAMILY_OF[currency]
        active = customer.active_purse(family, self._state)
        if active is not None:
            self.call("getAddress", payload, self._shown_address(active.id, active.address))
            return active
        number = Stable(self._state.new_id())
        want = self._shown_address(number, self._state.new_address(family))
        address = self.call("getAddress", payload, want)["address"]
        made = Purse(number, family, address, self.checker.moment(), self._state.advanced)
        customer.purses.append(made)
        return made

    def check_purses(self, customer: Customer) -> None:
        """List a customer's addresses, which have to be in the order of their dates."""
        if not document.has("getPurses"):
            return
        want = [purse.shown(self._state) for purse in customer.purses]
        self.call("getPurses", {"customerId": customer.id}, want)
        for before, after in pairwise(customer.purses):
            if before.issued.earliest > after.issued.latest:
                last = self.checker.session.exchanges[-1]
                raise self.checker.violation("createdDate", "expected the oldest first", last)

    def deposit(
        self, customer: Customer, currency: str, amount: str, step: str, sender: str | None = None
    ) -> Deposit:
        """Make a deposit to a customer's address, which is created if necessary."""
        purse = self.address(customer, currency)
        body = {"address": purse.address, "currency": currency, "amount": amount, "to": step}
        extra = {} if sender is None else {"sender": sender}
        created = self.checker.control("deposit", {**body, **extra})
        made = Deposit(
            created["transactionId"],
            Decimal(amount),
            currency,
            Stable(_elsewhere(purse)) if sender is None else Stable.of(sender),
            Stable(Unique(self._state.ids, expectations.text)),
            self.checker.moment(),
            facts.STATES[step],
            customer,
            purse,
        )
        purse.used = True
        self.checker.compare(self._state.new_id(), made.id, self.checker.session.exchanges[-1])
        self.account.deposits.append(made)
        self.account.enter(made, step)
        self.check_deposit(made)
        return made

    def expect_no_deposit(self, purse: Purse, currency: str) -> None:
        """Try to deposit to an address that no longer accepts deposits."""
        body = {"address": purse.address, "currency": currency, "amount": "1"}
        exchange = self.checker.session.send(
            "POST", "/_mock/deposit", json.dumps(body).encode(), {}
        )
        if exchange.status == HTTPStatus.OK:
            text = (
                f"expected {purse.status(self._state)} to accept no deposits, but it accepted one"
            )
            raise self.checker.violation("address", text, exchange)

    def move_on(self, deposit: Deposit, step: str) -> None:
        """Move a deposit to another step."""
        body = {"transactionId": deposit.id, "to": step}
        self.checker.control("deposit/advance", body)
        self.account.enter(deposit, step)
        self.check_deposit(deposit)

    def check_deposit(self, deposit: Deposit) -> None:
        """Read one deposit."""
        if document.has("getTransaction"):
            self.call("getTransaction", {"transactionId": deposit.id}, deposit.shown(self._state))

    def find(self, payload: Json) -> list[str]:
        """Read one page of deposits, and return the ids of its rows."""
        return SearchChecker(self.checker, self.account).find(payload)

    def walk(self, payload: Json) -> None:
        """Read all pages of a search."""
        SearchChecker(self.checker, self.account).walk(payload)

    def subscribe(self, asked: Json) -> None:
        """Create a subscription; it is rejected if its id is taken."""
        if not document.has("createSubscription"):
            return
        asked = self._with_own_request_id(asked)
        key = asked["requestId"].lower()
        if key in self.account.subscriptions:
            if self._state.strict:
                self.expect_rejection("createSubscription", asked, "001")
            return
        keys = self._state.new_key(), self._state.new_key()
        made = Subscription(asked["requestId"], asked, *keys, self.checker.moment())
        self.call("createSubscription", asked, made.shown(self._state))
        self.account.subscriptions[key] = made

    def change_subscription(self, asked: Json) -> None:
        """Change a subscription; an unknown id is rejected."""
        if not document.has("changeSubscription"):
            return
        asked = self._with_own_request_id(asked)
        found = self.account.subscriptions.get(asked["requestId"].lower())
        if found is None:
            self.expect_rejection("changeSubscription", asked, "004")
            return
        found.asked = asked
        self.call("changeSubscription", asked, found.shown(self._state))

    def unsubscribe(self, request_id: str) -> None:
        """Delete a subscription; an unknown id is rejected."""
        if not document.has("deleteSubscription"):
            return
        request_id = self.checker.own_request_id(request_id)
        payload = {"requestId": request_id}
        if self.account.subscriptions.pop(request_id.lower(), None) is None:
            self.expect_rejection("deleteSubscription", payload, "004")
        else:
            self.call("deleteSubscription", payload, None)

    def check_subscriptions(self) -> None:
        """List the subscriptions."""
        if document.has("getSubscriptions"):
            self.call("getSubscriptions", None, self.account.shown_subscriptions())

    def expect_not_found(self, thing: str) -> None:
        """Call every operation that takes an id with the id of an object of another account."""
        for operation, payload in _requests_with_id(self.checker.own_request_id(thing)):
            # Another server may return no deposits for an unknown customer.
            if self._state.strict or operation != "findTransactions":
                self.expect_rejection(operation, payload, "004")

    def call_as_foreign_account(self, account: str) -> None:
        """Send requests for another account, signed with the own key."""
        thief = replace(self.account.target, account=account)
        self.checker.expect_rejection(thief, "getAccount", None, "004")
        self.checker.expect_rejection(thief, "createCustomer", {}, "004")
        self.checker.expect_rejection(thief, "findTransactions", {}, "004")
        self.checker.expect_rejection(thief, "getSubscriptions", None, "004")

    def use_uppercase_ids(self, customer: Customer, deposit: Deposit, request_id: str) -> None:
        """Use upper-case ids in requests."""
        named = {"customerId": customer.id.upper()}
        for operation in ("unblockCustomer", "blockCustomer"):
            customer.blocked = operation == "blockCustomer"
            self.call(operation, named, customer.shown(self._state))
        fields = {"email": "new@shop.example"}
        self.update_customer(customer, fields, {"id": customer.id.upper()})
        self.call("getPurses", named, [purse.shown(self._state) for purse in customer.purses])
        named_deposit = {"transactionId": deposit.id.upper()}
        self.call("getTransaction", named_deposit, deposit.shown(self._state))
        self.find(named)
        self.subscribe({"requestId": request_id.upper(), "url": "https://shop.example", **_ALL})
        asked = {"requestId": request_id.upper(), "url": "https://shop.example/new", **_ALL}
        self.change_subscription(asked)
        self.check_subscriptions()
        self.unsubscribe(request_id.upper())

    def check_everything(self) -> None:
        """Read everything once."""
        self.check_account()
        self.check_subscriptions()
        for customer in self.account.customers:
            self.update_customer(customer, {})
            self.check_purses(customer)
        for deposit in self.account.deposits[:_CHECKED] + self.account.deposits[-_CHECKED:]:
            self.check_deposit(deposit)
        self.walk({"pageSize": 40, "properties": "createdDate", "sort": "ASC"})

    def _with_own_request_id(self, asked: Json) -> Json:
        return {**asked, "requestId": self.checker.own_request_id(asked["requestId"])}

    def _allowed_fields(
        self, operation: str, fields: dict[str, str], customer: Customer | None = None
    ) -> dict[str, str]:
        """Return the allowed fields and the required ones; a customer keeps its values."""
        before = customer.fields if customer else {}
        needed = {**facts.needed(operation), **before}
        fields = {
            **{name: needed[name] for name in facts.needed(operation)},
            **self._simple(fields),
        }
        fitting = {
            name: facts.fitting(operation, name, text)
            for name, text in fields.items()
            if name in facts.CUSTOMER_FIELDS
        }
        return {name: text for name, text in fitting.items() if text is not None}

    def _simple(self, fields: dict[str, str]) -> dict[str, str]:
        if self._state.strict:
            return fields
        # It is not documented which e-mail addresses and texts another server accepts.
        plain = {
            name: text if _SIMPLE.fullmatch(text) else "plain" for name, text in fields.items()
        }
        return plain | ({"email": "ada@shop.example"} if "email" in fields else {})

    def _shown_address(self, number: Stable, address: object) -> Json:
        return {"id": self._state.optional(number), "address": address}


def _elsewhere(purse: Purse) -> Check:
    def check(got: object) -> str | None:
        is_address = isinstance(got, str) and facts.is_address(purse.family, got)
        if is_address and got != purse.address:
            return None
        return (
            f"expected another address of the family {purse.family}, got {expectations.show(got)}"
        )

    return check


def _requests_with_id(thing: str) -> Iterator[tuple[str, Json]]:
    yield "updateCustomer", {"id": thing, "description": "foreign"}
    for operation in ("blockCustomer", "unblockCustomer", "getPurses", "findTransactions"):
        yield operation, {"customerId": thing}
    yield "getAddress", {"customerId": thing, "currency": "ETH"}
    yield "getTransaction", {"transactionId": thing}
    yield "deleteSubscription", {"requestId": thing}
    asked = {"requestId": thing, "url": "https://shop.example/foreign"}
    yield "changeSubscription", {**asked, **_ALL}
