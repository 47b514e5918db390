"""Iterating over all transactions and waiting for one, as a user's editor sees it."""

from __future__ import annotations

import asyncio
import time
from typing import assert_type

from calypso_pay import UNSET, AsyncCalypso, Calypso, PagingWarning, WaitError
from calypso_pay.models import StringFilter, Transaction, TransactionState
from calypso_pay.transactions import AsyncTransactionIterator, PagingCause, TransactionIterator


def pages(calypso: Calypso) -> None:
    iterator = calypso.transactions.iter(
        customer_id="1", currency_filter=StringFilter(equals="BTC")
    )
    assert_type(iterator, TransactionIterator)
    for found in iterator:
        assert_type(found, Transaction)
    assert_type(next(iterator, None), Transaction | None)
    assert_type(list(iterator), list[Transaction])
    assert_type(iterator.cursor, str)
    calypso.transactions.iter(
        cursor=iterator.cursor, limit=5, max_pages=2, first_page=0, sort=UNSET
    )
    calypso.with_options(timeout=5).transactions.iter(sort="DESC", properties="id")


async def asynchronous_pages(calypso: AsyncCalypso) -> None:
    iterator = calypso.transactions.iter(page_size=20)
    assert_type(iterator, AsyncTransactionIterator)
    async for found in iterator:
        assert_type(found, Transaction)
    assert_type([found.id async for found in iterator], list[str])
    assert_type(iterator.cursor, str)


def waits(calypso: Calypso) -> None:
    assert_type(calypso.transactions.wait_for("1"), Transaction)
    calypso.transactions.wait_for("1", until="CONFIRMED", deadline=60, sleep=time.sleep)
    calypso.transactions.wait_for("1", until=TransactionState.DECLINED, credited=True)
    calypso.transactions.wait_for("1", until=lambda found: found.amount > 1, max_poll_interval=5)


async def asynchronous_waits(calypso: AsyncCalypso) -> None:
    assert_type(await calypso.transactions.wait_for("1", sleep=asyncio.sleep), Transaction)
    async with asyncio.timeout(5):
        await calypso.transactions.wait_for("1", until=lambda found: found.currency == "BTC")


def errors_and_warnings(error: WaitError, warning: PagingWarning) -> None:
    assert_type(error.transaction, Transaction | None)
    assert_type(error.timed_out, bool)
    assert_type(warning.cause, PagingCause)
    assert_type(warning.found, int)
    assert_type(warning.total, int)


def mistakes(calypso: Calypso) -> None:
    calypso.transactions.iter("1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    calypso.transactions.iter(page_number=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    calypso.transactions.wait_for("1", "CONFIRMED")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    calypso.transactions.wait_for("1", until=lambda: True)  # type: ignore[arg-type, misc]  # pyright: ignore[reportArgumentType]


async def asynchronous_mistakes(calypso: AsyncCalypso) -> None:
    calypso.transactions.wait_for("1")  # type: ignore[unused-coroutine]  # pyright: ignore[reportUnusedCoroutine]
    for _ in calypso.transactions.iter():  # type: ignore[attr-defined]  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType]
        pass
    await calypso.transactions.wait_for("1", sleep=time.sleep)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
