"""The operations of the tag accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .. import models as _models
from .._engine import Operation

if TYPE_CHECKING:
    from ..models.account import Account


def _read_account(value: Any) -> Account:
    Account = _models.Account
    return Account.from_dict(value)


GET_ACCOUNT: Final[Operation[Account]] = Operation(
    "getAccount",
    "POST",
    "/api/v1/account",
    "safe",
    _read_account,
    (200, 400, 401, 403, 404, 429, 500),
    model=lambda: _models.Account,
)
