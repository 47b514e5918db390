"""A successful response that does not fit its request is found."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.contract.consistency import faults
from tests.rows import rows

ID = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
OTHER = "572da002-136b-428e-9c33-b7939754dd9a"
STATES = {
    "transactionState": "CONFIRMED",
    "complianceState": "CHECKED",
    "translationToAccountCompleted": True,
}


def row(number: int, **others: Any) -> dict[str, Any]:
    date = f"2026-11-0{number}T00:00:00.000Z"
    made = {"id": str(number), "amount": Decimal(number), "currency": "BTC", "createdDate": date}
    return {**made, **STATES, **others}


def page(*numbers: int, **others: Any) -> dict[str, Any]:
    return shown(*map(row, numbers), **others)


def shown(*rows_: dict[str, Any], **others: Any) -> dict[str, Any]:
    whole = {"page": 0, "size": 20, "total": 1, "totalElements": len(rows_)}
    return {"result": list(rows_), **whole, **others}


NINE = row(1, createdDate="2026-11-02T09:00:00.220000001Z")
ZONED = {"createdDate": "2026-11-02T12:00:00.220000001+03:00"}
EARLIER = {"createdDate": "2026-11-02T09:00:00.22Z"}
DESCENDING = {"sort": "DESC", "properties": "amount,id"}
SUBSCRIBED = {"requestId": ID, "url": "https://shop.example/", "notificationServiceTypes": ["A"]}


@rows(
    ("operation", "payload", "body", "fields"),
    [
        ("createCustomer", {"email": "a@b"}, {"id": ID, "email": "a@b", "blocked": False}, []),
        ("createCustomer", {"email": "a@b"}, {"id": ID, "blocked": True}, ["email", "blocked"]),
        ("updateCustomer", {"id": ID.upper()}, {"id": ID, "blocked": True}, []),
        ("updateCustomer", {"id": ID}, {"id": OTHER, "blocked": True}, ["id"]),
        ("blockCustomer", {"customerId": ID}, {"id": ID, "blocked": False}, ["blocked"]),
        ("unblockCustomer", {"customerId": ID}, {"id": ID, "blocked": True}, ["blocked"]),
        ("getAddress", {"currency": "ETH"}, {"address": "0x" + "0" * 40}, []),
        ("getAddress", {"currency": "BTC"}, {"address": "0x" + "0" * 40}, ["address"]),
        ("getTransaction", {"transactionId": ID}, {"id": ID, **STATES}, []),
        (
            "getTransaction",
            {"transactionId": ID},
            {"id": OTHER, **STATES, "complianceState": "DECLINE"},
            ["id", "transactionState"],
        ),
        ("getTransaction", {"transactionId": ID}, {"id": ID, "transactionState": "NEW"}, []),
        ("findTransactions", {}, page(1, 2, 3), []),
        ("findTransactions", {}, page(2, 1, 3), ["result[1].createdDate"]),
        ("findTransactions", DESCENDING, page(3, 2, 1), []),
        ("findTransactions", DESCENDING, page(1, 2), ["result[1].amount"]),
        ("findTransactions", {"pageNumber": 2, "pageSize": 5}, page(), ["page", "size", "total"]),
        ("findTransactions", {}, page(1, 2, size=1, total=2), ["result"]),
        ("findTransactions", {}, page(1, 1), ["result"]),
        ("findTransactions", {}, shown(row(1, id=ID), row(2, id=ID.upper())), ["result"]),
        ("findTransactions", {}, page(size=Decimal("2E+1"), totalElements=Decimal("3.0")), []),
        ("findTransactions", {}, shown(NINE, {**NINE, **ZONED, "id": "2"}), []),
        (
            "findTransactions",
            {},
            shown(NINE, {**NINE, **EARLIER, "id": "2"}),
            ["result[1].createdDate"],
        ),
        ("findTransactions", {"currencyFilter": {"contains": "b"}}, page(1), []),
        ("findTransactions", {"currencyFilter": {"in": []}}, page(1), ["result[0].currency"]),
        (
            "findTransactions",
            {"transactionStateFilter": {"notEquals": "CONFIRMED"}},
            page(1),
            ["result[0].transactionState"],
        ),
        ("createSubscription", SUBSCRIBED, {**SUBSCRIBED, "notificationEventTypes": []}, []),
        (
            "changeSubscription",
            SUBSCRIBED,
            {"requestId": OTHER, "url": "", "notificationEventTypes": ["B"]},
            ["requestId", "url", "notificationEventTypes", "notificationServiceTypes"],
        ),
        ("getAccount", {}, {}, []),
    ],
)
def test_each_rule_finds_its_faults_and_no_others(
    operation: str, payload: dict[str, Any], body: dict[str, Any], fields: list[str]
) -> None:
    found = [field for field, _ in faults(operation, payload, body, mock=True)]

    assert sorted(found) == sorted(fields)


def test_the_order_of_texts_is_not_checked_for_another_server() -> None:
    body = page(2, 1)

    by_id = {"properties": "id"}
    assert [field for field, _ in faults("findTransactions", by_id, body, mock=False)] == []
    assert [field for field, _ in faults("findTransactions", by_id, body, mock=True)]
