"""Filter, order and page an account's deposits."""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from calypso_mock._errors import invalid_field
from calypso_mock.api import _filters, _views
from calypso_mock.state._records import ByDate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from calypso_mock.state._records import Transaction

    Json = dict[str, Any]

# Inferred: the vendor documents neither.
DEFAULT_ORDER = "createdDate"
DEFAULT_PAGE_SIZE = 20

_FIELDS: dict[str, Callable[[Transaction], Any]] = {
    "id": attrgetter("id"),
    "amount": attrgetter("amount"),
    "addressFrom": attrgetter("sender"),
    "currency": attrgetter("currency"),
    "transactionHash": attrgetter("hash"),
    "transactionState": lambda row: _views.STATES[row.step][0],
    "complianceState": lambda row: _views.STATES[row.step][1],
    "translationToAccountCompleted": lambda row: row.step == "credited",
    "createdDate": attrgetter("created"),
}
# The filters of a search, with the field that each is about.
_FILTERS = {"currencyFilter": "currency", "transactionStateFilter": "transactionState"}
_CONDITIONS = frozenset({"customerId", *_FILTERS})


def find(transactions: Iterable[Transaction], payload: Json, *, page_base: int) -> Json:
    """Return the requested page of a search, and the totals.

    Args:
        transactions: The rows to search, oldest first. Of rows ``ByDate``, a page is read without
            going through all.
        payload: The payload of the request.
        page_base: The number of the first page.
    """
    rows = matching(transactions, payload)
    return page(order(rows, payload), payload, page_base=page_base)


def matching(rows: Iterable[Transaction], payload: Json) -> list[Transaction]:
    """Return the rows that pass every filter, in the same order."""
    if not isinstance(rows, ByDate):
        return [row for row in rows if matches(row, payload)]
    if _CONDITIONS.isdisjoint(payload):
        return rows
    return ByDate(row for row in rows if matches(row, payload))


def matches(row: Transaction, payload: Json) -> bool:
    """Return whether a row passes every filter."""
    if not of_customer(row, payload):
        return False
    for name, field in _FILTERS.items():
        if name in payload and not _filters.passes(shown(row, field), payload[name]):
            return False
    return True


def of_customer(row: Transaction, payload: Json) -> bool:
    """Return whether a row belongs to the requested customer, if there is one."""
    wanted = payload.get("customerId")
    return wanted is None or row.purse.customer.id == wanted.lower()


def order(rows: Iterable[Transaction], payload: Json) -> list[Transaction]:
    """Sort the rows as requested; equal rows stay in the order of arrival."""
    fields, descending = order_fields(payload), payload.get("sort") == "DESC"
    if isinstance(rows, ByDate) and fields == ["createdDate"] and not descending:
        return rows
    # The first field last, since a sort leaves equal rows as they are.
    for field in reversed(fields):
        rows = sorted(rows, key=partial(sort_key, field=field), reverse=descending)
    return list(rows)


def order_fields(payload: Json) -> list[str]:
    """Return the fields to order by, each once, or reject an unknown field (001)."""
    if "properties" not in payload:
        return [DEFAULT_ORDER]
    names = dict.fromkeys(name.strip() for name in payload["properties"].split(","))
    fields = [name for name in names if name] or [DEFAULT_ORDER]
    if not _FIELDS.keys() >= set(fields):
        raise invalid_field("payload.properties", f"must be of {' | '.join(_FIELDS)}")
    return fields


def sort_key(row: Transaction, field: str) -> tuple[bool, Any]:
    """Return the sort key of a row; a row without the field comes first."""
    value = shown(row, field)
    return value is not None, value


def shown(row: Transaction, field: str) -> Any:  # noqa: ANN401 - as the fields
    """Return the value that the API shows of a field."""
    altered = row.row_faults.altered
    return altered[field] if field in altered else _FIELDS[field](row)


def page(rows: Sequence[Transaction], payload: Json, *, page_base: int) -> Json:
    """Return the requested page; ``total`` counts pages, ``totalElements`` rows (documented)."""
    number = page_number(payload, page_base)
    size = int(payload.get("pageSize", DEFAULT_PAGE_SIZE))
    start = (number - page_base) * size
    return {
        "result": list(map(_views.transaction, rows[start : start + size])),
        "page": number,
        "size": size,
        "total": page_count(len(rows), size),
        "totalElements": len(rows),
    }


def page_number(payload: Json, page_base: int) -> int:
    """Return the number of the requested page, by default the first."""
    return int(payload.get("pageNumber", page_base))


def page_count(rows: int, size: int) -> int:
    """Return the number of pages for a number of rows."""
    return -(-rows // size)
