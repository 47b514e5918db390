"""Responses with a wrong shape in one case only, such as one purse or no subscriptions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.defects.registry import Kind, defect
from tests.defects.scenes import REQUEST_ID, SUBSCRIPTION, address, customer
from tests.defects.talk import NOWHERE

if TYPE_CHECKING:
    from tests.defects.registry import Replacement
    from tests.defects.talk import Talk

_CUSTOMER_FIELDS = ("email", "description", "externalId")


def one_purse_then_two(talk: Talk) -> None:
    owner = customer(talk)
    for currency in ("BTC", "LTC"):
        address(talk, owner, currency)
        talk.call("getPurses", {"customerId": owner})


@defect(
    "one-purse-is-no-list",
    "getPurses",
    kind=Kind.TYPE,
    seam="calypso_mock._handlers.HANDLERS[getPurses]",
    witness=one_purse_then_two,
    half="after",
)
def one_purse_is_no_list(healthy: Replacement, call: Any) -> Any:
    """Return a single purse instead of a list of one, as a conversion from XML would."""
    shown = healthy(call)
    return shown[0] if len(shown) == 1 else shown


def a_new_account(talk: Talk) -> None:
    stranger = talk.stranger()
    stranger.call("getSubscriptions")
    stranger.call("createSubscription", SUBSCRIPTION)
    stranger.call("getSubscriptions")
    stranger.call("deleteSubscription", {"requestId": REQUEST_ID})
    stranger.call("getSubscriptions")


@defect(
    "null-for-no-subscriptions",
    "getSubscriptions",
    kind=Kind.TYPE,
    seam="calypso_mock._handlers.HANDLERS[getSubscriptions]",
    witness=a_new_account,
    half="after",
)
def null_for_no_subscriptions(healthy: Replacement, call: Any) -> Any:
    """Return null instead of an empty list of subscriptions."""
    shown = healthy(call)
    return shown if shown["subscriptions"] else {"subscriptions": None}


def customers_by_number(talk: Talk) -> None:
    owner = customer(talk, externalId="007")
    talk.call("updateCustomer", {"id": owner, "description": "12345678901234567890"})
    for operation_id in ("blockCustomer", "unblockCustomer"):
        talk.call(operation_id, {"customerId": owner})


@defect(
    "digits-become-a-number",
    "createCustomer",
    "updateCustomer",
    "blockCustomer",
    "unblockCustomer",
    kind=Kind.TYPE,
    seam="calypso_mock._views.customer",
    witness=customers_by_number,
    half="after",
)
def digits_become_a_number(healthy: Replacement, customer: Any) -> Any:
    """Return texts of a customer as numbers if they consist of digits."""
    shown = healthy(customer)
    return {name: int(v) if _is_digits(v) else v for name, v in shown.items()}


def _is_digits(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit()


def a_bare_customer(talk: Talk) -> None:
    owner = customer(talk)
    for operation_id in ("blockCustomer", "unblockCustomer"):
        talk.call(operation_id, {"customerId": owner})


@defect(
    "null-for-the-unsaid-when-blocked",
    "blockCustomer",
    "unblockCustomer",
    kind=Kind.TYPE,
    seam="calypso_mock._handlers.set_blocked",
    witness=a_bare_customer,
    half="after",
)
def null_for_the_unsaid_when_blocked(healthy: Replacement, customer: Any, *, blocked: bool) -> Any:
    """Return null for unset fields of a customer when it is blocked or unblocked."""
    return {**dict.fromkeys(_CUSTOMER_FIELDS), **healthy(customer, blocked=blocked)}


def asking_for_what_is_not_there(talk: Talk) -> None:
    named = {"customerId": NOWHERE}
    for operation_id in ("blockCustomer", "unblockCustomer", "getPurses", "findTransactions"):
        talk.call(operation_id, named)
    talk.call("updateCustomer", {"id": NOWHERE})
    talk.call("getAddress", {**named, "currency": "BTC"})
    talk.call("getTransaction", {"transactionId": NOWHERE})
    talk.call("changeSubscription", {**SUBSCRIPTION, "requestId": NOWHERE})
    talk.call("deleteSubscription", {"requestId": NOWHERE})


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
    seam="calypso_mock._core.refusal",
    witness=asking_for_what_is_not_there,
    half="after",
    by_reads=True,
)
def not_found_without_a_word(healthy: Replacement, world: Any, error: Any) -> Any:
    """Leave the message out of error 004."""
    answer = healthy(world, error)
    if error.code != "004":
        return answer
    body = {name: value for name, value in answer.body.items() if name != "message"}
    return replace(answer, body=body)
