"""Start a mock's state: one empty account, or what the document's examples speak of.

A seeded mock takes the examples at their word: the objects that request examples name are there,
looking as the answers' examples show them, and as old as they are there.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from calypso_mock import _addresses, _clock, _expiry, _purses, _views
from calypso_mock._state import Customer, Purse, State, Subscription, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calypso_mock._addresses import Family
    from calypso_mock._contract import Contract
    from calypso_mock._state import Account, Step
    from calypso_mock._world import World

    Json = dict[str, Any]
    Moved = Callable[[str], datetime]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHOW_CUSTOMERS = ("updateCustomer", "blockCustomer", "unblockCustomer")


def start(world: World) -> State:
    """Make the state that a mock starts with, and goes back to when it is reset."""
    state = State(world.seed)
    if world.seeded:
        _Planter(state, world.contract, _clock.to_millisecond(world.clock.now())).plant()
    else:
        state.add_account(name="Main")
    return state


class _Planter:
    """Reads the document's examples into a state."""

    def __init__(self, state: State, contract: Contract, now: datetime) -> None:
        self._state = state
        self._contract = contract
        self._now = now
        self._account = self._plant_account()

    def plant(self) -> None:
        self._plant_customers()
        self._plant_purses()
        self._plant_transactions()
        self._plant_subscriptions()
        other = self._state.add_account(name="Other")
        stranger = Customer(self._state.derive.next_uuid("customer"), other)
        other.customers[stranger.id] = stranger
        _expiry.skip_past(self._state, self._now)

    def _plant_account(self) -> Account:
        shown: Json = next((answer for _, answer in self._pairs("getAccount")), {})
        account = self._state.add_account(
            shown.get("account"), name=shown.get("name"), owner_id=shown.get("ownerId")
        )
        for balance in shown.get("balances", []):
            account.balances[balance["currency"]] = Decimal(balance["amount"])
        return account

    def _plant_customers(self) -> None:
        for operation_id in _SHOW_CUSTOMERS:
            for _, shown in self._pairs(operation_id):
                customer = self._customer(shown["id"])
                known = self._contract.customer_fields
                customer.fields = {name: each for name, each in shown.items() if name in known}
                customer.blocked = shown.get("blocked", False)

    def _plant_purses(self) -> None:
        for request, shown in self._pairs("getPurses"):
            customer = self._customer(request["payload"]["customerId"])
            for purse in shown:
                self._plant_purse(customer, purse, self._moved(request, purse))
        for request, shown in self._pairs("getAddress"):
            customer = self._customer(request["payload"]["customerId"])
            self._plant_purse(customer, shown, self._now)

    def _plant_purse(self, customer: Customer, shown: Json, created: datetime) -> None:
        family = _addresses.family_of_address(shown["address"])
        if family is None or shown["address"] in self._state.purses:
            return
        declined = shown.get("status") == "DECLINED"
        self._state.add_purse(
            Purse(shown["id"], customer, family, shown["address"], created, declined=declined)
        )

    def _plant_transactions(self) -> None:
        rows = {
            row["id"]: (self._moved(request, row), row)
            for request, page in self._pairs("findTransactions")
            for row in page["result"]
        }
        for created, row in sorted(rows.values(), key=lambda dated: dated[0]):
            purse = self._receiving(_addresses.BY_CURRENCY[row["currency"]])
            purse.replenished = created
            self._account.transactions[row["id"]] = Transaction(
                row["id"],
                purse,
                Decimal(row["amount"]),
                row["currency"],
                row.get("addressFrom", ""),
                row.get("transactionHash"),
                created,
                _step(row),
            )

    def _plant_subscriptions(self) -> None:
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
        purses = [purse for purse in self._state.purses.values() if purse.family == family]
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
        return _clock.to_millisecond(self._now - (asked - datetime.fromisoformat(text)))

    def _pairs(self, operation_id: str) -> Iterator[tuple[Json, Any]]:
        operation = self._contract.by_id.get(operation_id)
        for request in operation.request_examples if operation else ():
            answer = operation.example(request.name) if operation else None
            if answer is not None:
                yield request.value, answer.value


def _step(row: Json) -> Step:
    if row.get("translationToAccountCompleted"):
        return "credited"
    steps: dict[tuple[str, str], Step] = {
        states: step for step, states in _views.STATES.items() if step != "credited"
    }
    shown = {"transactionState": "CONFIRMED", "complianceState": "CHECKED"} | row
    return steps.get((shown["transactionState"], shown["complianceState"]), "mem_pool")
