"""What witnesses have in common: things to ask for, and ways to bring them about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.contract import document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.defects.talk import Talk

    Json = dict[str, Any]

TRON = "USDT_TRX"
REQUEST_ID = "5b2f0d7e-52c9-4c53-9d0f-0a6d3a5c3f11"
SUBSCRIPTION: Json = {
    "requestId": REQUEST_ID,
    "url": "https://shop.example/hook",
    "notificationEventTypes": ["CUSTOMER_PURSE_EXPIRED"],
}
# What deletes comes last, when all is there that it could delete.
EVERY_OPERATION = tuple(sorted(document.routes(), key=lambda name: name.startswith("delete")))


def customer(talk: Talk, **fields: str) -> str:
    """Create a customer and return its id."""
    return str(talk.call("createCustomer", fields).at("id"))


def address(talk: Talk, customer_id: str, currency: str = TRON) -> str:
    """Return a customer's address."""
    wanted = {"customerId": customer_id, "currency": currency}
    return str(talk.call("getAddress", wanted).at("address"))


def deposit(talk: Talk, to_address: str, amount: str = "1", **others: str) -> str:
    """Let a deposit arrive, credited unless ``to`` says otherwise, and return its id."""
    body = {"address": to_address, "currency": TRON, "amount": amount, **others}
    return str(talk.control("deposit", body).at("transactionId"))


def deposits(talk: Talk, *amounts: str) -> str:
    """Let deposits to one new customer arrive, a second apart, and return the customer's id."""
    owner = customer(talk)
    where = address(talk, owner)
    for amount in amounts:
        deposit(talk, where, amount)
        later(talk, seconds=1)
    return owner


def later(talk: Talk, **difference: int) -> None:
    """Let business time go by."""
    talk.control("clock", {"advance": difference})


def every_call(talk: Talk) -> Iterator[tuple[str, Any]]:
    """Go through all operations with payloads that this caller's account can be asked."""
    owner = customer(talk, email="ada@shop.example")
    transaction_id = deposit(talk, address(talk, owner))
    named = {"customerId": owner}
    payloads: Json = {
        "createCustomer": {},
        "updateCustomer": {"id": owner, "description": "Pro"},
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
    mine = {"customerId": owner, "transactionId": transaction_id, "requestId": REQUEST_ID}
    for operation_id in EVERY_OPERATION:
        if operation_id == "changeSubscription":
            # There, so that changing and deleting it can succeed where they should not.
            talk.call("createSubscription", SUBSCRIPTION)
        sample = document.sample(operation_id)
        yield (
            operation_id,
            payloads.get(operation_id, sample and {**sample, **_of(mine, sample)}),
        )


def _of(known: Json, sample: Json) -> Json:
    """Return what is known of the members of a sample."""
    return {name: known[name] for name in sample if name in known}
