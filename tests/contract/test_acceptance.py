"""A valid request may be refused for a reason that no schema can say, and for no other."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.contract.acceptance import is_explained
from tests.rows import rows

NAMED = {"requestId": "a", "url": "https://shop.example/", "notificationEventTypes": ["X"]}
TAKEN = {**NAMED, "requestId": "TAKEN"}


@rows(
    ("operation", "payload", "code", "explained"),
    [
        ("updateCustomer", {"id": "a"}, "004", True),
        ("updateCustomer", {"id": "a"}, "001", False),
        ("updateCustomer", {"id": "a"}, "003", False),
        ("updateCustomer", {"id": "a"}, None, False),
        ("updateCustomer", {"id": "a", "other": [Decimal("1e-300")]}, "001", True),
        ("updateCustomer", {"id": "a", "other": 10**200}, "001", True),
        ("updateCustomer", {"id": "a", "other": [True, None, 10**20, "1"]}, "001", False),
        ("getAddress", {"currency": "XXX"}, "001", True),
        ("getAddress", {"currency": "BTC"}, "001", False),
        ("findTransactions", {"properties": "amount, id"}, "001", False),
        ("findTransactions", {"properties": "amount,no"}, "001", True),
        ("findTransactions", {"pageNumber": 0}, "001", True),
        ("findTransactions", {"pageNumber": 1}, "001", False),
        ("createSubscription", NAMED, "001", False),
        ("createSubscription", TAKEN, "001", True),
        ("changeSubscription", TAKEN, "001", False),
        ("changeSubscription", {**NAMED, "notificationEventTypes": []}, "001", True),
        ("changeSubscription", {**NAMED, "url": "ftp://shop.example/"}, "001", True),
        ("changeSubscription", {**NAMED, "url": "https://"}, "001", True),
        (None, {}, "001", False),
    ],
)
def test_only_what_no_schema_can_say_explains_a_refusal(
    operation: str | None,
    payload: dict[str, Any],
    code: str | None,
    explained: bool,
) -> None:
    told = is_explained(operation, {"payload": payload}, code, "TAKEN".__eq__)

    assert told is explained
