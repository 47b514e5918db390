"""Handle the operations that the mock simulates, each in a function of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from calypso_mock._errors import invalid_field, not_found
from calypso_mock.api import _search, _views
from calypso_mock.state import _addresses, _dates, _purses
from calypso_mock.state._records import ByDate, Customer, Subscription

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from calypso_mock.api._context import Context
    from calypso_mock.state._mock_state import MockState
    from calypso_mock.state._records import Account, Transaction

    Json = dict[str, Any]
    Handler = Callable[["Call"], Json | list[Json] | None]


@dataclass(slots=True)
class Call:
    """A request that has passed every check.

    Attributes:
        context: The parts of the mock; its lock is held.
        account: The account that the request is for.
        payload: The request's payload.
    """

    context: Context
    account: Account
    payload: dict[str, Any]

    @property
    def state(self) -> MockState:
        """The state of the mock."""
        return self.context.state

    @property
    def now(self) -> datetime:
        """Business time, as exact as responses show it."""
        return _dates.to_millisecond(self.context.clock.now())


def get_account(call: Call) -> Json:
    """Show the account."""
    return _views.account(call.account)


def create_customer(call: Call) -> Json:
    """Make a customer. Neither e-mail address nor external id has to be unique (inferred)."""
    made = Customer(call.state.ids.next_uuid("customer"), call.account, customer_fields(call))
    call.account.customers[made.id] = made
    return _views.customer(made)


def update_customer(call: Call) -> Json:
    """Change the fields that were sent and leave the others (inferred)."""
    customer = customer_of(call, "id")
    customer.fields.update(customer_fields(call))
    return _views.customer(customer)


def block_customer(call: Call) -> Json:
    """Set the blocking flag; addresses stay active (documented)."""
    return set_blocked(customer_of(call), blocked=True)


def unblock_customer(call: Call) -> Json:
    """Clear the blocking flag."""
    return set_blocked(customer_of(call), blocked=False)


def get_address(call: Call) -> Json:
    """Show the live address, or hand out a new one if there is none (inferred)."""
    customer, now = customer_of(call), call.now
    family = _addresses.BY_CURRENCY[call.payload["currency"]]
    purse = customer.live_purse(family, now)
    return _views.address(purse or _purses.issue(call.state, customer, family, now))


def get_purses(call: Call) -> list[Json]:
    """Show every address the customer has had, oldest first (inferred)."""
    customer, now = customer_of(call), call.now
    return [_views.purse(purse, now) for purse in customer.purses]


def get_transaction(call: Call) -> Json:
    """Show one deposit of the account."""
    return _views.transaction(transaction_of(call))


def find_transactions(call: Call) -> Json:
    """Show one page of the deposits that pass the filters."""
    return _search.find(searched(call), call.payload, page_base=call.context.options.page_base)


def searched(call: Call) -> list[Transaction]:
    """Return the deposits that a search shows unless its filters exclude them."""
    # Not all rows of the account, of which a customer has few.
    owner = customer_of(call) if "customerId" in call.payload else call.account
    by_date = call.account.by_date
    if by_date is None:
        now = call.context.clock.now()
        return [row for row in owner.transactions.values() if row.row_faults.is_listed(now)]
    # The account's order is that of each of its customers.
    return by_date if owner is call.account else ByDate(owner.transactions.values())


def get_subscriptions(call: Call) -> Json:
    """Show the account's subscriptions."""
    return {"subscriptions": list(map(_views.subscription, call.account.subscriptions.values()))}


def create_subscription(call: Call) -> Json:
    """Make a subscription with keys of its own, under the id that the caller chose."""
    request_id = call.payload["requestId"]
    if request_id.lower() in call.account.subscriptions:
        raise invalid_field("payload.requestId", "is taken by another subscription")
    number = call.state.ids.count("subscription")
    made = Subscription(
        request_id,
        call.payload["url"],
        list(call.payload.get("notificationEventTypes", [])),
        list(call.payload.get("notificationServiceTypes", [])),
        call.state.ids.token("public key", number),
        call.state.ids.token("secret key", number),
        call.now,
    )
    call.account.subscriptions[request_id.lower()] = made
    return _views.subscription(made)


def change_subscription(call: Call) -> Json:
    """Replace the URL and both lists; the keys stay (inferred)."""
    found = subscription_of(call)
    found.url = call.payload["url"]
    found.event_types = list(call.payload.get("notificationEventTypes", []))
    found.service_types = list(call.payload.get("notificationServiceTypes", []))
    return _views.subscription(found)


def delete_subscription(call: Call) -> None:
    """Remove a subscription; the response has no content (documented)."""
    subscription_of(call)
    del call.account.subscriptions[call.payload["requestId"].lower()]


def customer_fields(call: Call) -> Json:
    """Return the fields of a customer that the payload sets."""
    known = call.context.contract.customer_fields
    return {name: value for name, value in call.payload.items() if name in known}


def customer_of(call: Call, field: str = "customerId") -> Customer:
    """Return the customer of this account that the payload names, or reject (004)."""
    found = call.account.customers.get(call.payload[field].lower())
    if found is None:
        raise not_found()
    return found


def check_ids(call: Call) -> None:
    """Reject ids of missing objects (004), in the payload of an operation without a handler."""
    payload: object = call.payload
    if not isinstance(payload, dict):
        return
    if isinstance(payload.get("customerId"), str):
        customer_of(call)
    if isinstance(payload.get("transactionId"), str):
        transaction_of(call)


def transaction_of(call: Call) -> Transaction:
    """Return the deposit of this account that the payload names, or reject (004)."""
    found = call.account.transactions.get(call.payload["transactionId"].lower())
    if found is None or not found.row_faults.is_found(call.context.clock.now()):
        raise not_found()
    return found


def set_blocked(customer: Customer, *, blocked: bool) -> Json:
    """Set a customer's blocking flag and show the customer."""
    customer.blocked = blocked
    return _views.customer(customer)


def subscription_of(call: Call) -> Subscription:
    """Return the subscription of this account that the payload names, or reject (004)."""
    found = call.account.subscriptions.get(call.payload["requestId"].lower())
    if found is None:
        raise not_found()
    return found


HANDLERS: dict[str, Handler] = {
    "getAccount": get_account,
    "createCustomer": create_customer,
    "updateCustomer": update_customer,
    "blockCustomer": block_customer,
    "unblockCustomer": unblock_customer,
    "getAddress": get_address,
    "getPurses": get_purses,
    "getTransaction": get_transaction,
    "findTransactions": find_transactions,
    "getSubscriptions": get_subscriptions,
    "createSubscription": create_subscription,
    "changeSubscription": change_subscription,
    "deleteSubscription": delete_subscription,
}
