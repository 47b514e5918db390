"""The operations of the tag addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .. import models as _models
from .._engine import Operation

if TYPE_CHECKING:
    from ..models.deposit_address import DepositAddress


def _read_deposit_address(value: Any) -> DepositAddress:
    DepositAddress = _models.DepositAddress
    return DepositAddress.from_dict(value)


GET_ADDRESS: Final[Operation[DepositAddress]] = Operation(
    "getAddress",
    "POST",
    "/api/v1/customer-purse/address/get",
    "safe",
    _read_deposit_address,
    (200, 400, 401, 403, 404, 429, 500),
    model=lambda: _models.DepositAddress,
)
