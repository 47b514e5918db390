"""The operations of the tag customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .. import models as _models
from .._engine import Operation

if TYPE_CHECKING:
    from ..models.customer import Customer


def _read_customer(value: Any) -> Customer:
    Customer = _models.Customer
    return Customer.from_dict(value)


CREATE_CUSTOMER: Final[Operation[Customer]] = Operation(
    "createCustomer",
    "POST",
    "/api/v1/customer-purse/customer/create",
    "unsafe",
    _read_customer,
    (200, 400, 401, 403, 404, 429, 500),
    model=lambda: _models.Customer,
)
UPDATE_CUSTOMER: Final[Operation[Customer]] = Operation(
    "updateCustomer",
    "POST",
    "/api/v1/customer-purse/customer/update",
    "safe",
    _read_customer,
    (200, 400, 401, 403, 404, 429, 500),
    model=lambda: _models.Customer,
)
BLOCK_CUSTOMER: Final[Operation[Customer]] = Operation(
    "blockCustomer",
    "POST",
    "/api/v1/customer-purse/customer/block",
    "safe",
    _read_customer,
    (200, 400, 401, 403, 404, 429, 500),
    model=lambda: _models.Customer,
)
UNBLOCK_CUSTOMER: Final[Operation[Customer]] = Operation(
    "unblockCustomer",
    "POST",
    "/api/v1/customer-purse/customer/unblock",
    "safe",
    _read_customer,
    (200, 400, 401, 403, 404, 429, 500),
    model=lambda: _models.Customer,
)
