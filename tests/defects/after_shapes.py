"""Responses with a wrong shape in one case only, such as one purse or no subscriptions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.defects.client import UNKNOWN_ID
from tests.defects.fixtures import REQUEST_ID, SUBSCRIPTION, address, customer
from tests.defects.registry import Kind, defect

if TYPE_CHECKING:
    from tests.defects.client import Client
    from tests.defects.registry import Replacement

_CUSTOMER_FIELDS = ("email", "description", "externalId")


def one_purse_then_two(client: Client) -> None:
    customer_id = customer(client)
    for currency in ("BTC", "LTC"):
        address(client, customer_id, currency)
        client.call("getPurses", {"customerId": customer_id})


@defect(
    "one-purse-is-no-list",
    "getPurses",
    kind=Kind.TYPE,
    patch_point="calypso_mock.api._handlers.HANDLERS[getPurses]",
    repro=one_purse_then_two,
    half="after",
)
def one_purse_is_no_list(healthy: Replacement, call: Any) -> Any:
    """Return a single purse instead of a list of one, as a conversion from XML would."""
    body = healthy(call)
    return body[0] if len(body) == 1 else body


def a_new_account(client: Client) -> None:
    other_client = client.with_new_account()
    other_client.call("getSubscriptions")
    other_client.call("createSubscription", SUBSCRIPTION)
    other_client.call("getSubscriptions")
    other_client.call("deleteSubscription", {"requestId": REQUEST_ID})
    other_client.call("getSubscriptions")


@defect(
    "null-for-no-subscriptions",
    "getSubscriptions",
    kind=Kind.TYPE,
    patch_point="calypso_mock.api._handlers.HANDLERS[getSubscriptions]",
    repro=a_new_account,
    half="after",
)
def null_for_no_subscriptions(healthy: Replacement, call: Any) -> Any:
    """Return null instead of an empty list of subscriptions."""
    body = healthy(call)
    return body if body["subscriptions"] else {"subscriptions": None}


def fields_of_digits(client: Client) -> None:
    customer_id = customer(client, externalId="007")
    client.call("updateCustomer", {"id": customer_id, "description": "12345678901234567890"})
    for operation_id in ("blockCustomer", "unblockCustomer"):
        client.call(operation_id, {"customerId": customer_id})


@defect(
    "digits-become-a-number",
    "createCustomer",
    "updateCustomer",
    "blockCustomer",
    "unblockCustomer",
    kind=Kind.TYPE,
    patch_point="calypso_mock.api._views.customer",
    repro=fields_of_digits,
    half="after",
)
def digits_become_a_number(healthy: Replacement, customer: Any) -> Any:
    """Return texts of a customer as numbers if they consist of digits."""
    body = healthy(customer)
    return {name: int(v) if _is_digits(v) else v for name, v in body.items()}


def _is_digits(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit()


def a_customer_without_fields(client: Client) -> None:
    customer_id = customer(client)
    for operation_id in ("blockCustomer", "unblockCustomer"):
        client.call(operation_id, {"customerId": customer_id})


@defect(
    "null-for-the-unsaid-when-blocked",
    "blockCustomer",
    "unblockCustomer",
    kind=Kind.TYPE,
    patch_point="calypso_mock.api._handlers.set_blocked",
    repro=a_customer_without_fields,
    half="after",
)
def null_for_the_unsaid_when_blocked(healthy: Replacement, customer: Any, *, blocked: bool) -> Any:
    """Return null for unset fields of a customer when it is blocked or unblocked."""
    return {**dict.fromkeys(_CUSTOMER_FIELDS), **healthy(customer, blocked=blocked)}


def calls_with_unknown_ids(client: Client) -> None:
    named = {"customerId": UNKNOWN_ID}
    for operation_id in ("blockCustomer", "unblockCustomer", "getPurses", "findTransactions"):
        client.call(operation_id, named)
    client.call("updateCustomer", {"id": UNKNOWN_ID})
    client.call("getAddress", {**named, "currency": "BTC"})
    client.call("getTransaction", {"transactionId": UNKNOWN_ID})
    client.call("changeSubscription", {**SUBSCRIPTION, "requestId": UNKNOWN_ID})
    client.call("deleteSubscription", {"requestId": UNKNOWN_ID})


@defect(
    "not-found-without-a-word",
    "updateCustomer",
    "blockCustomer",
    "unblockCustomer",
    "getAddress",
    "getPurses",
    "getTransaction",
    "findTransactions",
    "changeSubscription",
    "deleteSubscription",
    kind=Kind.MISSING_FIELD,
    patch_point="calypso_mock.api._responses.error_response",
    repro=calls_with_unknown_ids,
    half="after",
    visible_to_reads=True,
)
def not_found_without_a_word(healthy: Replacement, context: Any, error: Any) -> Any:
    """Leave the message out of error 004."""
    response = healthy(context, error)
    if error.code != "004":
        return response
    body = {name: value for name, value in response.body.items() if name != "message"}
    return replace(response, body=body)
