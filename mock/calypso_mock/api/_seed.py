"""Make a mock's first state: one empty account, or the objects of the document's examples.

In a seeded mock, the objects that request examples name exist, with the fields and the age that
the response examples show.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from calypso_mock.api import _views
from calypso_mock.state import _addresses, _dates, _purses
from calypso_mock.state._mock_state import MockState
from calypso_mock.state._records import Customer, Purse, Subscription, Transaction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calypso_mock.api._contract import Contract
    from calypso_mock.state._clock import Clock
    from calypso_mock.state._records import Account, Family, Step

    Json = dict[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHOW_CUSTOMERS = ("updateCustomer", "blockCustomer", "unblockCustomer")


def new_state(contract: Contract, clock: Clock, *, seed: int, seeded: bool) -> MockState:
    """Make the state that a mock starts with, and goes back to when it is reset."""
    state = MockState(seed)
    if seeded:
        _Seeder(state, contract, _dates.to_millisecond(clock.now())).seed()
    else:
        state.add_account(name="Main")
    return state


class _Seeder:
    """Reads the document's examples into a state."""

    def __init__(self, state: MockState, contract: Contract, now: datetime) -> None:
        self._state = state
        self._contract = contract
        self._now = now
        self._account = self._seed_account()

    def seed(self) -> None:
        self._seed_customers()
        self._seed_purses()
        self._seed_transactions()
        self._seed_subscriptions()
        other = self._state.add_account(name="Other")
        customer = Customer(self._state.ids.next_uuid("customer"), other)
        other.customers[customer.id] = customer
        self._skip_expired()

    def _skip_expired(self) -> None:
        # Addresses that expired before the mock began cause no events.
        for _ in self._state.expiries.expired(self._now):
            pass

    def _seed_account(self) -> Account:
        shown: Json = next((response for _, response in self._pairs("getAccount")), {})
        account = self._state.add_account(
            shown.get("account"), name=shown.get("name"), owner_id=shown.get("ownerId")
        )
        for balance in shown.get("balances", []):
            account.balances[balance["currency"]] = Decimal(balance["amount"])
        return account

    def _seed_customers(self) -> None:
        for operation_id in _SHOW_CUSTOMERS:
            for _, shown in self._pairs(operation_id):
                customer = self._customer(shown["id"])
                known = self._contract.customer_fields
                customer.fields = {name: each for name, each in shown.items() if name in known}
                customer.blocked = shown.get("blocked", False)

    def _seed_purses(self) -> None:
        for request, shown in self._pairs("getPurses"):
            customer = self._customer(request["payload"]["customerId"])
            for purse in shown:
                self._seed_purse(customer, purse, self._moved(request, purse))
        for request, shown in self._pairs("getAddress"):
            customer = self._customer(request["payload"]["customerId"])
            self._seed_purse(customer, shown, self._now)

    def _seed_purse(self, customer: Customer, shown: Json, created: datetime) -> None:
        family = _addresses.family_of_address(shown["address"])
        if family is None or self._state.purse_at(shown["address"]):
            return
        declined = shown.get("status") == "DECLINED"
        self._state.add_purse(
            Purse(shown["id"], customer, family, shown["address"], created, declined=declined)
        )

    def _seed_transactions(self) -> None:
        rows = {
            row["id"]: (self._moved(request, row), row)
            for request, page in self._pairs("findTransactions")
            for row in page["result"]
        }
        for created, row in sorted(rows.values(), key=lambda dated: dated[0]):
            purse = self._receiving(_addresses.BY_CURRENCY[row["currency"]])
            purse.replenished = created
            purse.customer.add_transaction(
                Transaction(
                    row["id"],
                    purse,
                    Decimal(row["amount"]),
                    row["currency"],
                    row.get("addressFrom", ""),
                    row.get("transactionHash"),
                    created,
                    _step(row),
                )
            )

    def _seed_subscriptions(self) -> None:
        for request, shown in self._pairs("getSubscriptions"):
            for row in shown["subscriptions"]:
                self._account.subscriptions[row["requestId"].lower()] = Subscription(
                    row["requestId"],
                    row["url"],
                    list(row.get("notificationEventTypes", [])),
                    list(row.get("notificationServiceTypes", [])),
                    row["publicKey"],
                    row["secretKey"],
                    self._moved(request, row),
                )

    def _receiving(self, family: Family) -> Purse:
        purses = [purse for purse in self._state.purses() if purse.family == family]
        if not purses:
            customer = next(iter(self._account.customers.values()))
            purses.append(_purses.issue(self._state, customer, family, self._now))
        return purses[0]

    def _customer(self, customer_id: str) -> Customer:
        return self._account.customers.setdefault(customer_id, Customer(customer_id, self._account))

    def _moved(self, request: Json, row: Json) -> datetime:
        # What the example's request found three weeks old is three weeks old today.
        text = row.get("createdDate")
        if text is None:
            return self._now
        asked = _EPOCH + timedelta(milliseconds=request["timestamp"])
        return _dates.to_millisecond(self._now - (asked - datetime.fromisoformat(text)))

    def _pairs(self, operation_id: str) -> Iterator[tuple[Json, Any]]:
        operation = self._contract.by_id(operation_id)
        for request in operation.request_examples if operation else ():
            response = operation.example(request.name) if operation else None
            if response is not None:
                yield request.value, response.value


def _step(row: Json) -> Step:
    if row.get("translationToAccountCompleted"):
        return "credited"
    steps: dict[tuple[str, str], Step] = {
        states: step for step, states in _views.STATES.items() if step != "credited"
    }
    shown = {"transactionState": "CONFIRMED", "complianceState": "CHECKED"} | row
    return steps.get((shown["transactionState"], shown["complianceState"]), "mem_pool")
