"""Invalid requests that are accepted, and unusual ones that crash the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calypso_mock._errors import ApiError
from tests.defects.client import UNKNOWN_ID
from tests.defects.fixtures import EVERY_OPERATION, SUBSCRIPTION, customer, deposits, every_call
from tests.defects.registry import Kind, defect

if TYPE_CHECKING:
    from tests.defects.client import Client
    from tests.defects.registry import Replacement

# A usual maximum length of a text column in a database.
_VARCHAR = 255


def a_number_as_email(client: Client) -> None:
    client.call("createCustomer", {"email": 413})


@defect(
    "new-customer-unchecked",
    "createCustomer",
    kind=Kind.VALIDATION,
    patch_point="calypso_mock.api._contract.request_error",
    repro=a_number_as_email,
)
def new_customer_unchecked(healthy: Replacement, operation: Any, body: Any) -> Any:
    """Accept a new customer's fields whatever their types."""
    if operation.id == "createCustomer" and isinstance(body.get("payload"), dict):
        body = {**body, "payload": {}}
    return healthy(operation, body)


def a_change_to_an_invalid_url(client: Client) -> None:
    client.call("createSubscription", SUBSCRIPTION)
    client.call("changeSubscription", {**SUBSCRIPTION, "url": "ftp://shop.example"})
    client.call("changeSubscription", {**SUBSCRIPTION, "url": "nonsense"})


@defect(
    "changed-url-unchecked",
    "changeSubscription",
    kind=Kind.VALIDATION,
    patch_point="calypso_mock.api._checks.PAYLOAD_CHECKS[changeSubscription]",
    repro=a_change_to_an_invalid_url,
)
def changed_url_unchecked(healthy: Replacement, payload: Any, switches: Any) -> None:
    """Validate the URL when a subscription is created, but not when it is changed."""
    healthy({**payload, "url": SUBSCRIPTION["url"]}, switches)


def invalid_customer_ids(client: Client) -> None:
    for operation_id in ("blockCustomer", "unblockCustomer", "getPurses"):
        client.call(operation_id, {"customerId": "nonsense"})


@defect(
    "customer-id-of-any-form",
    "blockCustomer",
    "unblockCustomer",
    "getPurses",
    kind=Kind.VALIDATION,
    patch_point="calypso_mock.api._contract.request_error",
    repro=invalid_customer_ids,
)
def customer_id_of_any_form(healthy: Replacement, operation: Any, body: Any) -> Any:
    """Look up a customer id that is not a UUID, and return 004, in three operations."""
    payload = body.get("payload")
    named = isinstance(payload, dict) and isinstance(payload.get("customerId"), str)
    if named and operation.id in {"blockCustomer", "unblockCustomer", "getPurses"}:
        body = {**body, "payload": {**payload, "customerId": UNKNOWN_ID}}
    return healthy(operation, body)


def pages_with_a_point(client: Client) -> None:
    customer_id = deposits(client, "1", "2")
    for number in (1, 1.0):
        client.call(
            "findTransactions", {"customerId": customer_id, "pageNumber": number, "pageSize": 1}
        )


@defect(
    "page-number-with-point-crashes",
    "findTransactions",
    kind=Kind.CRASH,
    patch_point="calypso_mock.api._search.page_number",
    repro=pages_with_a_point,
    visible_to_reads=True,
)
def page_number_with_point_crashes(_: Replacement, payload: Any, page_base: int) -> Any:
    """Slice rows by a page number written as 1.0, and crash because it is not an integer."""
    return payload.get("pageNumber", page_base)


def lists_for_bodies(client: Client) -> None:
    for operation_id, _ in every_call(client):
        client.send(operation_id, b"[]")


@defect(
    "list-for-body-crashes",
    *EVERY_OPERATION,
    kind=Kind.CRASH,
    patch_point="calypso_mock.api._checks.read_body",
    repro=lists_for_bodies,
    visible_to_reads=True,
)
def list_for_body_crashes(healthy: Replacement, request: Any) -> Any:
    """Crash on a body that is a list."""
    try:
        return healthy(request)
    except ApiError:
        if request.body.lstrip().startswith(b"["):
            raise AttributeError("a list has no timestamp") from None
        raise


def a_long_description(client: Client) -> None:
    long = "x" * (_VARCHAR + 1)
    customer_id = customer(client, description=long)
    client.call("updateCustomer", {"id": customer_id, "description": long[1:]})
    client.call("updateCustomer", {"id": customer_id, "description": long})


@defect(
    "long-description-crashes-update",
    "updateCustomer",
    kind=Kind.CRASH,
    patch_point="calypso_mock.api._handlers.HANDLERS[updateCustomer]",
    repro=a_long_description,
)
def long_description_crashes_update(healthy: Replacement, call: Any) -> Any:
    """Crash on a description longer than 255 characters, in updates only."""
    if len(call.payload.get("description", "")) > _VARCHAR:
        raise OverflowError("value too long for type character varying(255)")
    return healthy(call)
