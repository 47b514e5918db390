"""Reading every field of models."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from benchmarks import canned

_row = attrgetter(*canned.FIELDS.values())
_balance = attrgetter("currency", "amount")
_account = attrgetter("account", "name", "owner_id")


def read_account(account: Any) -> Any:
    """Read every field of an account."""
    return _account(account), list(map(_balance, account.balances))


def read_page(page: Any) -> Any:
    """Read every field of every record."""
    return list(map(_row, page.result))
