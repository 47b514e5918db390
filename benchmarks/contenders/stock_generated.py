"""openapi-python-client's own client, signed by an httpx.Auth, as its documentation advises."""

from __future__ import annotations

import hmac
import time
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
from stock_client import Client
from stock_client.api.accounts import get_account
from stock_client.api.transactions import find_transactions
from stock_client.models import EmptyRequest, FindTransactionsPayload, FindTransactionsRequest

from benchmarks import canned
from benchmarks.contenders import typed

if TYPE_CHECKING:
    from collections.abc import Generator

    from benchmarks.canned import Target

_CUSTOMER = UUID(canned.CUSTOMER)


class _Signature(httpx.Auth):
    requires_request_body = True

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        sign = hmac.digest(self._secret, request.content, "sha512").hex()
        request.headers.update({"Key": canned.KEY, "Sign": sign})
        yield request


def sync(target: Target) -> tuple[Any, Any]:
    """Return the two calls."""
    client = _client(target)
    return (
        lambda: typed.read_account(get_account.sync(client=client, body=_account())),
        lambda rows: typed.read_page(find_transactions.sync(client=client, body=_find(rows))),
    )


def asynchronous(target: Target) -> tuple[Any, Any]:
    """Return the two calls, to be awaited."""
    client = _client(target)

    async def account() -> Any:
        return typed.read_account(await get_account.asyncio(client=client, body=_account()))

    async def find(rows: int) -> Any:
        return typed.read_page(await find_transactions.asyncio(client=client, body=_find(rows)))

    return account, find


def _client(target: Target) -> Client:
    options: dict[str, Any] = {"auth": _Signature(target.secret)}
    if target.transport:
        options["transport"] = target.transport
    return Client(base_url=target.url, httpx_args=options)


def _account() -> EmptyRequest:
    return EmptyRequest(account=canned.ACCOUNT, timestamp=time.time_ns() // 1_000_000)


def _find(rows: int) -> FindTransactionsRequest:
    payload = FindTransactionsPayload(customer_id=_CUSTOMER, page_number=0, page_size=rows)
    return FindTransactionsRequest(
        account=canned.ACCOUNT, timestamp=time.time_ns() // 1_000_000, payload=payload
    )
