"""Helpers for the transactions of an account: iterate over all of them, wait for one.

Call them on a client: ``calypso.transactions.iter(…)``, ``.wait_for(…)``. The names here are for
annotations.
"""

from __future__ import annotations

from calypso_pay.transactions._async import AsyncTransactionIterator, AsyncTransactions
from calypso_pay.transactions._errors import PagingCause, PagingWarning, WaitError
from calypso_pay.transactions._sync import TransactionIterator, Transactions

__all__ = [
    "AsyncTransactionIterator",
    "AsyncTransactions",
    "PagingCause",
    "PagingWarning",
    "TransactionIterator",
    "Transactions",
    "WaitError",
]
