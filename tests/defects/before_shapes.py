"""Responses of the wrong shape: types, missing fields, statuses, content types."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from calypso_mock._errors import ApiError
from tests.defects.registry import Kind, defect
from tests.defects.scenes import (
    EVERY_OPERATION,
    SUBSCRIPTION,
    address,
    customer,
    deposit,
    deposits,
    every_call,
)

if TYPE_CHECKING:
    from tests.defects.registry import Replacement
    from tests.defects.talk import Talk


def one_deposit(talk: Talk) -> None:
    transaction_id = deposit(talk, address(talk, customer(talk)))
    talk.call("getTransaction", {"transactionId": transaction_id})
    talk.call("findTransactions", {})


@defect(
    "amount-as-text",
    "getTransaction",
    "findTransactions",
    kind=Kind.TYPE,
    seam="calypso_mock._views.transaction",
    witness=one_deposit,
    by_reads=True,
)
def amount_as_text(healthy: Replacement, transaction: Any) -> Any:
    """Return the amounts of deposits as strings."""
    shown = healthy(transaction)
    return {**shown, "amount": str(shown["amount"])}


def an_update(talk: Talk) -> None:
    owner = customer(talk, email="ada@shop.example")
    talk.call("blockCustomer", {"customerId": owner})
    talk.call("updateCustomer", {"id": owner, "description": "Pro"})


@defect(
    "blocked-as-text-after-update",
    "updateCustomer",
    kind=Kind.TYPE,
    seam="calypso_mock._handlers.HANDLERS[updateCustomer]",
    witness=an_update,
)
def blocked_as_text(healthy: Replacement, call: Any) -> Any:
    """Return ``blocked`` as a string, in the response to an update only."""
    shown = healthy(call)
    return {**shown, "blocked": str(shown["blocked"]).lower()}


def an_empty_search(talk: Talk) -> None:
    talk.call("findTransactions", {"customerId": customer(talk)})


@defect(
    "null-for-no-rows",
    "findTransactions",
    kind=Kind.TYPE,
    seam="calypso_mock._find.page",
    witness=an_empty_search,
    by_reads=True,
)
def null_for_no_rows(healthy: Replacement, rows: Any, payload: Any, *, page_base: int) -> Any:
    """Return null instead of an empty list when a search finds nothing."""
    shown = healthy(rows, payload, page_base=page_base)
    return shown if rows else {**shown, "result": None}


@defect(
    "account-without-owner",
    "getAccount",
    kind=Kind.MISSING_FIELD,
    seam="calypso_mock._views.account",
    witness=lambda talk: talk.call("getAccount"),
    by_reads=True,
)
def account_without_owner(healthy: Replacement, account: Any) -> Any:
    """Leave ``ownerId`` out of the account."""
    return without("ownerId", healthy(account))


def a_declined_deposit(talk: Talk) -> None:
    transaction_id = deposit(talk, address(talk, customer(talk)), to="declined")
    talk.call("getTransaction", {"transactionId": transaction_id})


@defect(
    "declined-without-compliance",
    "getTransaction",
    kind=Kind.MISSING_FIELD,
    seam="calypso_mock._handlers.HANDLERS[getTransaction]",
    witness=a_declined_deposit,
    by_reads=True,
)
def declined_without_compliance(healthy: Replacement, call: Any) -> Any:
    """Leave ``complianceState`` out of a declined deposit when it is read by its id."""
    shown = healthy(call)
    return without("complianceState", shown) if shown["transactionState"] == "DECLINED" else shown


def a_second_page(talk: Talk) -> None:
    owner = deposits(talk, "1", "2", "3")
    for number in (0, 1):
        search = {"customerId": owner, "pageSize": 2, "pageNumber": number}
        talk.call("findTransactions", search)


@defect(
    "later-pages-undated",
    "findTransactions",
    kind=Kind.MISSING_FIELD,
    seam="calypso_mock._find.page",
    witness=a_second_page,
    by_reads=True,
)
def later_pages_undated(healthy: Replacement, rows: Any, payload: Any, *, page_base: int) -> Any:
    """Leave ``createdDate`` out of rows after the first page."""
    shown = healthy(rows, payload, page_base=page_base)
    if shown["page"] == page_base:
        return shown
    return {**shown, "result": [without("createdDate", row) for row in shown["result"]]}


def an_unblocking(talk: Talk) -> None:
    talk.call("unblockCustomer", {"customerId": customer(talk)})


@defect(
    "unblocked-goes-unsaid",
    "unblockCustomer",
    kind=Kind.MISSING_FIELD,
    seam="calypso_mock._handlers.HANDLERS[unblockCustomer]",
    witness=an_unblocking,
)
def unblocked_goes_unsaid(healthy: Replacement, call: Any) -> Any:
    """Leave out ``blocked`` when it is false."""
    return without("blocked", healthy(call))


def without(name: str, shown: dict[str, Any]) -> dict[str, Any]:
    return {member: value for member, value in shown.items() if member != name}


def two_creations(talk: Talk) -> None:
    customer(talk)
    talk.call("createSubscription", SUBSCRIPTION)


@defect(
    "created-is-201",
    "createCustomer",
    "createSubscription",
    kind=Kind.STATUS,
    seam="calypso_mock._core.answer_to",
    witness=two_creations,
)
def created_is_201(healthy: Replacement, world: Any, operation: Any, request: Any) -> Any:
    """Return 201 instead of 200 when something is created."""
    answer = healthy(world, operation, request)
    made = answer.status == 200 and operation.id.startswith("create")
    return replace(answer, status=201) if made else answer


def deleting_twice(talk: Talk) -> None:
    made = talk.call("createSubscription", SUBSCRIPTION)
    for _ in range(2):
        talk.call("deleteSubscription", {"requestId": made.at("requestId")})


@defect(
    "deleting-nothing-succeeds",
    "deleteSubscription",
    kind=Kind.STATUS,
    seam="calypso_mock._handlers.HANDLERS[deleteSubscription]",
    witness=deleting_twice,
)
def deleting_nothing_succeeds(healthy: Replacement, call: Any) -> Any:
    """Return 200 when the subscription to delete does not exist."""
    try:
        return healthy(call)
    except ApiError:
        return None


def a_refusal_each(talk: Talk) -> None:
    for operation_id, _ in every_call(talk):
        talk.call(operation_id, "no payload")
        talk.send(operation_id, b"no JSON")


@defect(
    "refusals-as-html",
    *EVERY_OPERATION,
    kind=Kind.CONTENT_TYPE,
    seam="calypso_mock._core.render",
    witness=a_refusal_each,
    by_reads=True,
)
def refusals_as_html(healthy: Replacement, world: Any, answer: Any, headers: Any = None) -> Any:
    """Declare error responses as HTML."""
    html = {"content-type": "text/html"} if answer.verdict else {}
    return healthy(world, answer, {**(headers or {}), **html})


def a_foreign_name(talk: Talk) -> None:
    owner = customer(talk, description="Café")
    talk.call("updateCustomer", {"id": owner, "description": "Größe"})


@defect(
    "latin-1-where-it-fits",
    "createCustomer",
    "updateCustomer",
    kind=Kind.CONTENT_TYPE,
    seam="calypso_mock._core.render",
    witness=a_foreign_name,
)
def latin_1_where_it_fits(
    healthy: Replacement, world: Any, answer: Any, headers: Any = None
) -> Any:
    """Encode accented characters as Latin-1, and declare that charset."""
    response = healthy(world, answer, headers)
    try:
        body = response.body.decode().encode("latin-1")
    except UnicodeEncodeError:
        return response
    if body == response.body:
        return response
    kind = {"content-type": "application/json; charset=iso-8859-1"}
    length = {"content-length": str(len(body))}
    return replace(response, body=body, headers={**response.headers, **kind, **length})
