"""The operations, and fields of their responses, that the suite has its own rules for.

Everything else in the document, such as later additions, is checked against the document alone.
Operations and fields that are no longer in the document are not tested.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.contract import document, schemas

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.schemas import Json

_CUSTOMER = "id email description externalId blocked"
_SUBSCRIPTION = (
    "requestId notificationEventTypes notificationServiceTypes url publicKey secretKey createdDate "
    "blockedByErrorCount"
)
_TRANSACTION = (
    "id amount addressFrom currency transactionHash transactionState complianceState "
    "translationToAccountCompleted createdDate"
)
_ITEM = re.compile(r"\[\d+\]")


def _within(list_: str, fields: str) -> str:
    return " ".join([list_, *(f"{list_}[].{name}" for name in fields.split())])


FIELDS = {
    name: frozenset(fields.split())
    for name, fields in {
        "getAccount": "account name ownerId " + _within("balances", "currency amount"),
        "createCustomer": _CUSTOMER,
        "updateCustomer": _CUSTOMER,
        "blockCustomer": _CUSTOMER,
        "unblockCustomer": _CUSTOMER,
        "getAddress": "id address",
        "getPurses": "[].id [].address [].status [].createdDate",
        "getTransaction": _TRANSACTION,
        "findTransactions": "page size total totalElements " + _within("result", _TRANSACTION),
        "getSubscriptions": _within("subscriptions", _SUBSCRIPTION),
        "createSubscription": _SUBSCRIPTION,
        "changeSubscription": _SUBSCRIPTION,
        "deleteSubscription": "",
    }.items()
}


def is_known(operation_id: str, field: str) -> bool:
    """Return whether there is a rule for a field of a response, such as ``result[2].amount``."""
    return _ITEM.sub("[]", field) in FIELDS.get(operation_id, ())


def is_gone(operation_id: str, field: str) -> bool:
    """Return whether there is a rule for a field that the document no longer has."""
    name = _ITEM.sub("[]", field)
    if not document.has(operation_id):
        return True
    return is_known(operation_id, field) and name not in schemas.success_fields(operation_id)


def lacking(operation_id: str, value: object) -> Iterator[str]:
    """Find known fields that are in the document but not in a response, required or not."""
    schema = schemas.response_schema(operation_id, schemas.success(operation_id))
    for field in _lacking(schema or {}, value, ""):
        if is_known(operation_id, field):
            yield field


def _lacking(schema: Json, value: object, path: str) -> Iterator[str]:
    schema = schemas.of(schema, value)
    if isinstance(value, dict):
        for name, inner in schema.get("properties", {}).items():
            field = f"{path}.{name}".removeprefix(".")
            if name in value:
                yield from _lacking(inner, value[name], field)
            else:
                yield field
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _lacking(schema.get("items", {}), item, f"{path}[{number}]")


def sortable() -> tuple[str, ...]:
    """Return the fields to sort deposits by."""
    operation, names = "findTransactions", _TRANSACTION.split()
    if not document.has(operation):
        return tuple(names)
    return tuple(name for name in names if not is_gone(operation, f"result[].{name}"))
