"""Objects and calls that several repros need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.contract import document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.defects.client import Client

    Json = dict[str, Any]

TRON = "USDT_TRX"
REQUEST_ID = "5b2f0d7e-52c9-4c53-9d0f-0a6d3a5c3f11"
SUBSCRIPTION: Json = {
    "requestId": REQUEST_ID,
    "url": "https://shop.example/hook",
    "notificationEventTypes": ["CUSTOMER_PURSE_EXPIRED"],
}
# Deletions come last, once there is something to delete.
EVERY_OPERATION = tuple(sorted(document.routes(), key=lambda name: name.startswith("delete")))


def customer(client: Client, **fields: str) -> str:
    """Create a customer and return its id."""
    return str(client.call("createCustomer", fields).at("id"))


def address(client: Client, customer_id: str, currency: str = TRON) -> str:
    """Request an address for a customer and return it."""
    wanted = {"customerId": customer_id, "currency": currency}
    return str(client.call("getAddress", wanted).at("address"))


def deposit(client: Client, to_address: str, amount: str = "1", **others: str) -> str:
    """Simulate a deposit, credited unless ``to`` names another step, and return its id."""
    body = {"address": to_address, "currency": TRON, "amount": amount, **others}
    return str(client.control("deposit", body).at("transactionId"))


def deposits(client: Client, *amounts: str) -> str:
    """Simulate deposits of a new customer, a second apart, and return the customer's id."""
    customer_id = customer(client)
    addr = address(client, customer_id)
    for amount in amounts:
        deposit(client, addr, amount)
        advance_clock(client, seconds=1)
    return customer_id


def advance_clock(client: Client, **difference: int) -> None:
    """Advance the business clock."""
    client.control("clock", {"advance": difference})


def every_call(client: Client) -> Iterator[tuple[str, Any]]:
    """Yield each operation with a payload that is valid for the client's account."""
    customer_id = customer(client, email="ada@shop.example")
    transaction_id = deposit(client, address(client, customer_id))
    named = {"customerId": customer_id}
    payloads: Json = {
        "createCustomer": {},
        "updateCustomer": {"id": customer_id, "description": "Pro"},
        "blockCustomer": named,
        "unblockCustomer": named,
        "getAddress": {**named, "currency": TRON},
        "getPurses": named,
        "getTransaction": {"transactionId": transaction_id},
        "findTransactions": {},
        "createSubscription": SUBSCRIPTION,
        "changeSubscription": SUBSCRIPTION,
        "deleteSubscription": {"requestId": REQUEST_ID},
    }
    known = {"customerId": customer_id, "transactionId": transaction_id, "requestId": REQUEST_ID}
    for operation_id in EVERY_OPERATION:
        if operation_id == "changeSubscription":
            # It exists, so that a change or a deletion can succeed when it should not.
            client.call("createSubscription", SUBSCRIPTION)
        sample = document.sample(operation_id)
        yield operation_id, payloads.get(operation_id, sample and _with_ids(sample, known))


def _with_ids(sample: Json, known: Json) -> Json:
    """Return a sample with the known ids in place of its own."""
    return {name: known.get(name, value) for name, value in sample.items()}
