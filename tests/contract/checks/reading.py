"""Read what an account holds, changing nothing, and hold every answer against the document.

On a merchant's own account this is where drift shows: values and fields that came after the
document was written.
"""

from __future__ import annotations

import os
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tests.contract import answers, document
from tests.contract.suite import check
from tests.contract.violation import Violation

if TYPE_CHECKING:
    from tests.contract.suite import Lab

    Json = dict[str, Any]

PAGE_SIZE = 50
# An account of years has more deposits than anybody wants to read for a test.
MOST_PAGES = 6
# Customers cannot be looked up: whoever wants their purses read has to name one.
CUSTOMER = "CALYPSO_CUSTOMER"


@check("all that the account holds can be read")
def read_all(lab: Lab) -> None:
    """Read the account, its subscriptions, its deposits, one deposit of each kind, and purses."""
    for operation_id in ("getAccount", "getSubscriptions"):
        if operation_id in document.places():
            _read(lab, operation_id)
    if "findTransactions" in document.places():
        _read_deposits(lab)
    customer = os.environ.get(CUSTOMER)
    if customer:
        _read(lab, "getPurses", {"customerId": customer})


def _read_deposits(lab: Lab) -> None:
    kinds = {_kind(each): each["id"] for each in _deposits(lab)}
    for transaction_id in kinds.values():
        _read(lab, "getTransaction", {"transactionId": transaction_id})


def _deposits(lab: Lab) -> list[Json]:
    base = lab.terms.page_base or 0
    found: dict[str, Json] = {}
    for number in range(base, base + MOST_PAGES):
        page = {"pageNumber": number, "pageSize": PAGE_SIZE}
        rows = _read(lab, "findTransactions", page).get("result", [])
        if not rows and number > base:
            break
        found |= {row["id"]: row for row in rows}
    return list(found.values())


def _kind(deposit: Json) -> tuple[object, ...]:
    names = ("currency", "transactionState", "complianceState", "translationToAccountCompleted")
    return tuple(deposit.get(name) for name in names)


def _read(lab: Lab, operation_id: str, payload: Json | None = None) -> Any:
    exchange = lab.session.call(operation_id, payload)
    # Values that the document does not know yet are told at the end, as drift.
    answers.inspect(exchange, mock=lab.terms.mock)
    if exchange.status != HTTPStatus.OK:
        raise Violation("status", f"expected 200, got {exchange.status}", exchange)
    return exchange.json()
