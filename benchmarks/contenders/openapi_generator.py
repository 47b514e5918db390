"""openapi-generator's client, signed as docs/other-clients.md shows."""

from __future__ import annotations

import hmac
import time
from typing import TYPE_CHECKING, Any
from uuid import UUID

import urllib3
from openapi_client import (
    AccountsApi,
    ApiClient,
    Configuration,
    EmptyRequest,
    FindTransactionsPayload,
    FindTransactionsRequest,
    TransactionsApi,
)

from benchmarks import canned
from benchmarks.contenders import typed

if TYPE_CHECKING:
    from benchmarks.canned import Target

_CUSTOMER = UUID(canned.CUSTOMER)


class _SigningPool(urllib3.PoolManager):
    secret: bytes

    def urlopen(self, method: str, url: str, **options: Any) -> Any:  # type: ignore[override]
        content = options.pop("body").encode()
        sign = hmac.digest(self.secret, content, "sha512").hex()
        headers = {**options.pop("headers"), "Key": canned.KEY, "Sign": sign}
        return super().urlopen(
            method, url, redirect=False, body=content, headers=headers, **options
        )


def sync(target: Target) -> tuple[Any, Any]:
    """Return the two calls."""
    client = ApiClient(Configuration(host=target.url))
    pool = _SigningPool(ca_certs=target.bundle or None)
    pool.secret = target.secret.encode()
    client.rest_client.pool_manager = pool
    accounts, transactions = AccountsApi(client), TransactionsApi(client)

    def account() -> Any:
        request = EmptyRequest(account=canned.ACCOUNT, timestamp=time.time_ns() // 1_000_000)
        return typed.read_account(accounts.get_account(request))

    def find(rows: int) -> Any:
        payload = FindTransactionsPayload(customer_id=_CUSTOMER, page_number=0, page_size=rows)
        request = FindTransactionsRequest(
            account=canned.ACCOUNT, timestamp=time.time_ns() // 1_000_000, payload=payload
        )
        return typed.read_page(transactions.find_transactions(request))

    return account, find
