"""One call of every operation, of objects that a seeded mock has, and how to know its result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from generator import document as doc
from tests.overlay.every_call import DOCUMENT, example, snake

if TYPE_CHECKING:
    from collections.abc import Callable

_CUSTOMER = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
_TRANSACTION = "804c5026-8c89-4dd5-acac-777cefc249be"
_KEPT, _NEW, _GONE = (
    "510b52e6-4f5f-4d0c-931b-41584249e9ab",
    "b72877fc-442f-417a-9670-4b662b233e78",
    "320a5b0d-9e01-439f-8a0f-c5a46a93bd9a",
)
_HOOK = {
    "url": "https://shop.example/webhooks/faults",
    "notification_event_types": ["CUSTOMER_PURSE_EXPIRED"],
}
_LARGE = "x" * 8_000_000

# Its response must never be taken for that of another call.
EARLIER = ("customers.create", {"email": "earlier@shop.example"})


class Call(NamedTuple):
    """A call.

    Attributes:
        method: The client's method, by its dotted name.
        arguments: Its arguments.
        matches: Whether a result is that of this call, and of no other.
        unsafe: Whether it must not be retried.
        large_arguments: Arguments for a request too long for any buffer; None where there are none.
    """

    method: str
    arguments: dict[str, Any]
    matches: Callable[[Any], bool]
    unsafe: bool = False
    large_arguments: dict[str, Any] | None = None


_KNOWN: dict[str, Call] = {
    "getAccount": Call("accounts.get", {}, lambda it: it.account.startswith("0x")),
    "createCustomer": Call(
        "customers.create",
        {"email": "this@shop.example"},
        lambda it: it.email == "this@shop.example",
        unsafe=True,
        large_arguments={"description": _LARGE},
    ),
    "updateCustomer": Call(
        "customers.update",
        {"id": _CUSTOMER, "description": "changed"},
        lambda it: (it.id, it.description) == (_CUSTOMER, "changed"),
        large_arguments={"id": _CUSTOMER, "description": _LARGE},
    ),
    "blockCustomer": Call(
        "customers.block",
        {"customer_id": _CUSTOMER},
        lambda it: (it.id, it.blocked) == (_CUSTOMER, True),
    ),
    "unblockCustomer": Call(
        "customers.unblock",
        {"customer_id": _CUSTOMER},
        lambda it: (it.id, it.blocked) == (_CUSTOMER, False),
    ),
    "getAddress": Call(
        "addresses.get",
        {"customer_id": _CUSTOMER, "currency": "USDT_TRX"},
        lambda it: it.address.startswith("T"),
    ),
    "getPurses": Call(
        "purses.list", {"customer_id": _CUSTOMER}, lambda it: all(purse.address for purse in it)
    ),
    "getTransaction": Call(
        "transactions.get",
        {"transaction_id": _TRANSACTION},
        lambda it: it.id == _TRANSACTION,
    ),
    "findTransactions": Call(
        "transactions.find", {"page_size": 1}, lambda it: len(it.result) == it.size == 1
    ),
    "getSubscriptions": Call(
        "subscriptions.list",
        {},
        lambda it: _KEPT in {each.request_id for each in it.subscriptions},
    ),
    "deleteSubscription": Call(
        "subscriptions.delete", {"request_id": _GONE}, lambda it: it is None
    ),
    # The raw call: the helper of this name lists the subscriptions when the response is lost.
    "createSubscription": Call(
        "raw.subscriptions.create",
        {"request_id": _NEW, **_HOOK},
        lambda it: it.parsed.request_id == _NEW,
        unsafe=True,
    ),
    "changeSubscription": Call(
        "subscriptions.update",
        {"request_id": _KEPT, **_HOOK},
        lambda it: (it.request_id, it.url) == (_KEPT, _HOOK["url"]),
    ),
}


def _as_documented(operation: doc.Operation) -> Call:
    """Return a call with the example of the OpenAPI document, for an operation not in `_KNOWN`.

    A result matches if it has the right type and contains every id of the request.
    """
    sent: dict[str, Any] = example(operation.body["requestBody"]).get("payload", {})
    ids = [value for name, value in sent.items() if name.lower().endswith("id")]
    schema = next(doc.media(DOCUMENT, operation.body["responses"]["200"]), {}).get("schema", {})
    name = doc.ref_name(schema)

    def matches(it: Any) -> bool:
        return (name is None or type(it).__name__ == name) and all(each in str(it) for each in ids)

    return Call(
        f"{operation.body['tags'][0]}.{operation.body['x-method']}",
        {snake(name): value for name, value in sent.items()},
        matches,
        unsafe=operation.body["x-retry"]["class"] == "unsafe",
    )


CALLS = {
    operation.label: _KNOWN.get(operation.label) or _as_documented(operation)
    for operation in doc.operations(DOCUMENT)
}
