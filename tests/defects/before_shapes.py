"""Responses of the wrong shape: types, missing fields, statuses, content types."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from calypso_mock._errors import ApiError
from tests.defects.fixtures import (
    EVERY_OPERATION,
    SUBSCRIPTION,
    address,
    customer,
    deposit,
    deposits,
    every_call,
)
from tests.defects.registry import Kind, defect

if TYPE_CHECKING:
    from tests.defects.client import Client
    from tests.defects.registry import Replacement


def one_deposit(client: Client) -> None:
    transaction_id = deposit(client, address(client, customer(client)))
    client.call("getTransaction", {"transactionId": transaction_id})
    client.call("findTransactions", {})


@defect(
    "amount-as-text",
    "getTransaction",
    "findTransactions",
    kind=Kind.TYPE,
    patch_point="calypso_mock.api._views.transaction",
    repro=one_deposit,
    visible_to_reads=True,
)
def amount_as_text(healthy: Replacement, transaction: Any) -> Any:
    """Return the amounts of deposits as strings."""
    body = healthy(transaction)
    return {**body, "amount": str(body["amount"])}


def an_update(client: Client) -> None:
    customer_id = customer(client, email="ada@shop.example")
    client.call("blockCustomer", {"customerId": customer_id})
    client.call("updateCustomer", {"id": customer_id, "description": "Pro"})


@defect(
    "blocked-as-text-after-update",
    "updateCustomer",
    kind=Kind.TYPE,
    patch_point="calypso_mock.api._handlers.HANDLERS[updateCustomer]",
    repro=an_update,
)
def blocked_as_text(healthy: Replacement, call: Any) -> Any:
    """Return ``blocked`` as a string, in the response to an update only."""
    body = healthy(call)
    return {**body, "blocked": str(body["blocked"]).lower()}


def an_empty_search(client: Client) -> None:
    client.call("findTransactions", {"customerId": customer(client)})


@defect(
    "null-for-no-rows",
    "findTransactions",
    kind=Kind.TYPE,
    patch_point="calypso_mock.api._search.page",
    repro=an_empty_search,
    visible_to_reads=True,
)
def null_for_no_rows(healthy: Replacement, rows: Any, payload: Any, *, page_base: int) -> Any:
    """Return null instead of an empty list when a search finds nothing."""
    body = healthy(rows, payload, page_base=page_base)
    return body if rows else {**body, "result": None}


@defect(
    "account-without-owner",
    "getAccount",
    kind=Kind.MISSING_FIELD,
    patch_point="calypso_mock.api._views.account",
    repro=lambda client: client.call("getAccount"),
    visible_to_reads=True,
)
def account_without_owner(healthy: Replacement, account: Any) -> Any:
    """Leave ``ownerId`` out of the account."""
    return without("ownerId", healthy(account))


def a_declined_deposit(client: Client) -> None:
    transaction_id = deposit(client, address(client, customer(client)), to="declined")
    client.call("getTransaction", {"transactionId": transaction_id})


@defect(
    "declined-without-compliance",
    "getTransaction",
    kind=Kind.MISSING_FIELD,
    patch_point="calypso_mock.api._handlers.HANDLERS[getTransaction]",
    repro=a_declined_deposit,
    visible_to_reads=True,
)
def declined_without_compliance(healthy: Replacement, call: Any) -> Any:
    """Leave ``complianceState`` out of a declined deposit when it is read by its id."""
    body = healthy(call)
    return without("complianceState", body) if body["transactionState"] == "DECLINED" else body


def a_second_page(client: Client) -> None:
    customer_id = deposits(client, "1", "2", "3")
    for number in (0, 1):
        search = {"customerId": customer_id, "pageSize": 2, "pageNumber": number}
        client.call("findTransactions", search)


@defect(
    "later-pages-undated",
    "findTransactions",
    kind=Kind.MISSING_FIELD,
    patch_point="calypso_mock.api._search.page",
    repro=a_second_page,
    visible_to_reads=True,
)
def later_pages_undated(healthy: Replacement, rows: Any, payload: Any, *, page_base: int) -> Any:
    """Leave ``createdDate`` out of rows after the first page."""
    body = healthy(rows, payload, page_base=page_base)
    if body["page"] == page_base:
        return body
    return {**body, "result": [without("createdDate", row) for row in body["result"]]}


def an_unblocking(client: Client) -> None:
    client.call("unblockCustomer", {"customerId": customer(client)})


@defect(
    "unblocked-goes-unsaid",
    "unblockCustomer",
    kind=Kind.MISSING_FIELD,
    patch_point="calypso_mock.api._handlers.HANDLERS[unblockCustomer]",
    repro=an_unblocking,
)
def unblocked_goes_unsaid(healthy: Replacement, call: Any) -> Any:
    """Leave out ``blocked`` when it is false."""
    return without("blocked", healthy(call))


def without(name: str, body: dict[str, Any]) -> dict[str, Any]:
    return {member: value for member, value in body.items() if member != name}


def two_creations(client: Client) -> None:
    customer(client)
    client.call("createSubscription", SUBSCRIPTION)


@defect(
    "created-is-201",
    "createCustomer",
    "createSubscription",
    kind=Kind.STATUS,
    patch_point="calypso_mock.api._core.operation_response",
    repro=two_creations,
)
def created_is_201(healthy: Replacement, context: Any, operation: Any, request: Any) -> Any:
    """Return 201 instead of 200 when something is created."""
    response = healthy(context, operation, request)
    made = response.status == 200 and operation.id.startswith("create")
    return replace(response, status=201) if made else response


def deleting_twice(client: Client) -> None:
    made = client.call("createSubscription", SUBSCRIPTION)
    for _ in range(2):
        client.call("deleteSubscription", {"requestId": made.at("requestId")})


@defect(
    "deleting-nothing-succeeds",
    "deleteSubscription",
    kind=Kind.STATUS,
    patch_point="calypso_mock.api._handlers.HANDLERS[deleteSubscription]",
    repro=deleting_twice,
)
def deleting_nothing_succeeds(healthy: Replacement, call: Any) -> Any:
    """Return 200 when the subscription to delete does not exist."""
    try:
        return healthy(call)
    except ApiError:
        return None


def a_rejection_each(client: Client) -> None:
    for operation_id, _ in every_call(client):
        client.call(operation_id, "no payload")
        client.send(operation_id, b"no JSON")


@defect(
    "refusals-as-html",
    *EVERY_OPERATION,
    kind=Kind.CONTENT_TYPE,
    patch_point="calypso_mock.api._responses.render",
    repro=a_rejection_each,
    visible_to_reads=True,
)
def refusals_as_html(healthy: Replacement, context: Any, response: Any, headers: Any = None) -> Any:
    """Declare error responses as HTML."""
    html = {"content-type": "text/html"} if response.rejection else {}
    return healthy(context, response, {**(headers or {}), **html})


def accented_fields(client: Client) -> None:
    customer_id = customer(client, description="Café")
    client.call("updateCustomer", {"id": customer_id, "description": "Größe"})


@defect(
    "latin-1-where-it-fits",
    "createCustomer",
    "updateCustomer",
    kind=Kind.CONTENT_TYPE,
    patch_point="calypso_mock.api._responses.render",
    repro=accented_fields,
)
def latin_1_where_it_fits(
    healthy: Replacement, context: Any, response: Any, headers: Any = None
) -> Any:
    """Encode accented characters as Latin-1, and declare that charset."""
    rendered = healthy(context, response, headers)
    try:
        body = rendered.body.decode().encode("latin-1")
    except UnicodeEncodeError:
        return rendered
    if body == rendered.body:
        return rendered
    kind = {"content-type": "application/json; charset=iso-8859-1"}
    length = {"content-length": str(len(body))}
    return replace(rendered, body=body, headers={**rendered.headers, **kind, **length})
