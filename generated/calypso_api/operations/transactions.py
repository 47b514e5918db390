"""The operations of the tag transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .. import models as _models
from .._engine import Operation

if TYPE_CHECKING:
    from ..models.transaction import Transaction
    from ..models.transaction_page import TransactionPage


def _read_transaction(value: Any) -> Transaction:
    Transaction = _models.Transaction
    return Transaction.from_dict(value)


def _read_transaction_page(value: Any) -> TransactionPage:
    TransactionPage = _models.TransactionPage
    return TransactionPage.from_dict(value)


GET_TRANSACTION: Final[Operation[Transaction]] = Operation(
    "getTransaction",
    "POST",
    "/api/v1/customer-purse/transaction/get",
    "safe",
    _read_transaction,
    (200, 400, 401, 403, 404, 429, 500),
    model=lambda: _models.Transaction,
)
FIND_TRANSACTIONS: Final[Operation[TransactionPage]] = Operation(
    "findTransactions",
    "POST",
    "/api/v1/customer-purse/transaction/find",
    "safe",
    _read_transaction_page,
    (200, 400, 401, 403, 404, 429, 500),
    model=lambda: _models.TransactionPage,
)
