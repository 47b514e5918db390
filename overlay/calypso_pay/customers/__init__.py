"""Helpers for customers: one customer for each of your users, however often it is asked for.

Call them on a client: ``calypso.customers.get_or_create(…)``. The names here are for annotations,
and for a store of your own.
"""

from __future__ import annotations

from calypso_pay.customers._async import AsyncCustomers
from calypso_pay.customers._store import (
    AsyncCustomerStore,
    CustomerClaim,
    CustomerStatus,
    CustomerStore,
)
from calypso_pay.customers._sync import Customers

__all__ = [
    "AsyncCustomerStore",
    "AsyncCustomers",
    "CustomerClaim",
    "CustomerStatus",
    "CustomerStore",
    "Customers",
]
