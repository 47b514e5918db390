"""calypso-pay, as users use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import calypso_pay
from benchmarks import canned
from benchmarks.contenders import typed

if TYPE_CHECKING:
    from benchmarks.canned import Target


def sync(target: Target) -> tuple[Any, Any]:
    """Return the two calls."""
    client = calypso_pay.Calypso(**_settings(target))

    def account() -> Any:
        return typed.read_account(client.accounts.get())

    def find(rows: int) -> Any:
        find = client.transactions.find
        return typed.read_page(find(customer_id=canned.CUSTOMER, page_number=0, page_size=rows))

    return account, find


def asynchronous(target: Target) -> tuple[Any, Any]:
    """Return the two calls, to be awaited."""
    client = calypso_pay.AsyncCalypso(**_settings(target))

    async def account() -> Any:
        return typed.read_account(await client.accounts.get())

    async def find(rows: int) -> Any:
        find = client.transactions.find
        page = await find(customer_id=canned.CUSTOMER, page_number=0, page_size=rows)
        return typed.read_page(page)

    return account, find


def _settings(target: Target) -> dict[str, Any]:
    return {
        "key": canned.KEY,
        "secret": target.secret,
        "account": canned.ACCOUNT,
        "base_url": target.url,
        "transport": target.transport,
    }
