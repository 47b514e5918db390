"""The asynchronous client, as a user's editor sees it."""

# ruff: noqa: B018 - to read an attribute is all that some mistakes do

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import assert_type

from calypso_pay import AsyncCalypso, RawResponse
from calypso_pay.inbox import AsyncInbox
from calypso_pay.models import Customer, DepositAddress, Purse, Transaction, TransactionPage


async def calls() -> None:
    async with AsyncCalypso(key="key", secret="secret", account="0xabc") as calypso:
        assert_type(calypso, AsyncCalypso)
        customer = await calypso.customers.create(email="ada@shop.example")
        assert_type(customer, Customer)
        inbox = AsyncInbox("sqlite+aiosqlite:///shop.db")
        found = await calypso.customers.get_or_create(external_id="1", store=inbox)
        assert_type(found, Customer)
        assert_type(
            await calypso.addresses.get(customer_id=customer.id, currency="BTC"), DepositAddress
        )
        assert_type(await calypso.purses.list(customer.id), list[Purse])
        assert_type((await calypso.transactions.find()).result[0].amount, Decimal)
        assert_type(await calypso.raw.transactions.get("1"), RawResponse[Transaction])
        assert_type(calypso.with_options(timeout=5), AsyncCalypso)
        await calypso.subscriptions.delete("1")


async def many_at_once(calypso: AsyncCalypso) -> None:
    blocked, page = await asyncio.gather(
        calypso.customers.block("1"), calypso.transactions.find(customer_id="1")
    )
    assert_type(blocked, Customer)
    assert_type(page, TransactionPage)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(calypso.customers.unblock("1"))
    assert_type(task.result(), Customer)
    await calypso.aclose()


async def forgotten_awaits(calypso: AsyncCalypso) -> None:
    calypso.customers.create().id  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    calypso.customers.block("1")  # type: ignore[unused-coroutine]  # pyright: ignore[reportUnusedCoroutine]
    calypso.aclose()  # type: ignore[unused-coroutine]  # pyright: ignore[reportUnusedCoroutine]
    for _ in calypso.purses.list("1"):  # type: ignore[attr-defined]  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType]
        pass


def the_wrong_kind_of_with() -> None:
    with AsyncCalypso():  # type: ignore[attr-defined]  # pyright: ignore[reportGeneralTypeIssues]
        pass
