"""Every operation as data, one module a tag."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ("INDEX",)

INDEX: Final[Mapping[str, tuple[str, str]]] = {
    "getAccount": (f"{__name__}.accounts", "GET_ACCOUNT"),
    "createCustomer": (f"{__name__}.customers", "CREATE_CUSTOMER"),
    "updateCustomer": (f"{__name__}.customers", "UPDATE_CUSTOMER"),
    "blockCustomer": (f"{__name__}.customers", "BLOCK_CUSTOMER"),
    "unblockCustomer": (f"{__name__}.customers", "UNBLOCK_CUSTOMER"),
    "getAddress": (f"{__name__}.addresses", "GET_ADDRESS"),
    "getPurses": (f"{__name__}.purses", "GET_PURSES"),
    "getTransaction": (f"{__name__}.transactions", "GET_TRANSACTION"),
    "findTransactions": (f"{__name__}.transactions", "FIND_TRANSACTIONS"),
    "getSubscriptions": (f"{__name__}.subscriptions", "GET_SUBSCRIPTIONS"),
    "deleteSubscription": (f"{__name__}.subscriptions", "DELETE_SUBSCRIPTION"),
    "createSubscription": (f"{__name__}.subscriptions", "CREATE_SUBSCRIPTION"),
    "changeSubscription": (f"{__name__}.subscriptions", "CHANGE_SUBSCRIPTION"),
}
"""The module and the name of each operation, by its operationId."""
