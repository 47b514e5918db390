"""A valid request may be rejected for reasons that no schema can express, and for no others."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.contract.allowed_rejections import is_explained
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
def test_a_rejection_is_only_allowed_for_reasons_that_no_schema_can_express(
    operation: str | None,
    payload: dict[str, Any],
    code: str | None,
    explained: bool,
) -> None:
    is_allowed = is_explained(operation, {"payload": payload}, code, "TAKEN".__eq__)

    assert is_allowed is explained
