"""Receiving webhooks and renewing their secret, as a user's editor sees it."""

from __future__ import annotations

from typing import assert_type

from calypso_pay import AsyncCalypso, Calypso
from calypso_pay.models import Subscription, Transaction
from calypso_pay.receiver import Claim, Receiver, Response, Result, Task
from calypso_pay.receiver.testing import StoreTests
from calypso_pay.subscriptions import SecretKeys
from calypso_pay.webhooks import (
    Event,
    PurseExpiredEvent,
    PurseFundsReceivedEvent,
    Reason,
    TopUpPendingComplianceEvent,
    UnknownEvent,
    WalletFundsDeliveredEvent,
)

receiver = Receiver(["old", "new"], client=Calypso())


@receiver.on(PurseFundsReceivedEvent)
def received(event: PurseFundsReceivedEvent) -> None: ...


@receiver.on(PurseFundsReceivedEvent, refetch=True)
async def with_the_transaction(event: PurseFundsReceivedEvent, transaction: Transaction) -> int:
    return len(transaction.id)


@receiver.on(UnknownEvent)
async def unknown(event: UnknownEvent) -> None: ...


@receiver.on("INVOICE_PAID")
def by_its_documented_name(event: UnknownEvent) -> None: ...


@receiver.on("TOP_UP_PENDING_COMPLIANCE")
def a_typed_one_by_its_documented_name(event: TopUpPendingComplianceEvent) -> None: ...


@receiver.default
def other(event: Event) -> None: ...


@receiver.on(PurseExpiredEvent)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue, reportUntypedFunctionDecorator]
def of_another_event(event: PurseFundsReceivedEvent) -> None: ...


@receiver.on(PurseFundsReceivedEvent, refetch=True)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue, reportUntypedFunctionDecorator]
def without_the_transaction(event: PurseFundsReceivedEvent) -> None: ...


class OwnStore:
    async def claim(self, task: Task, lease: float) -> Claim:
        raise NotImplementedError

    async def complete(self, task: Task, claim: Claim) -> None: ...

    async def release(self, task: Task, claim: Claim) -> None: ...

    async def fail(self, task: Task, claim: Claim, error: BaseException) -> None: ...


class TestOwnStore(StoreTests):
    parks_after = 5

    def make_store(self) -> OwnStore:
        return OwnStore()

    async def reopen(self, store: OwnStore) -> OwnStore:
        return store

    async def write(self, connection: list[str], value: str) -> None:
        connection.append(value)

    async def read(self, store: OwnStore) -> list[str]:
        return []

    async def abandon(self, store: OwnStore, task: Task, claim: Claim) -> None: ...

    def close_store(self, store: int) -> int:
        return store

    def end_worker(self, number: int) -> None: ...  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]


async def of_the_wrong_key(key: int) -> str:
    return str(key)


async def from_a_database(key: str | None) -> list[str] | None:
    return [key] if key else None


async def handle(client: AsyncCalypso) -> None:
    own = Receiver(lambda _: None, store=OwnStore(), client=client)
    Receiver(from_a_database)
    own.on(WalletFundsDeliveredEvent, refetch=True)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    Receiver(of_the_wrong_key)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    response = await own.ahandle(b"", [(b"sign", b"")])
    assert_type(response, Response)
    assert_type(response.status, int)
    assert_type(response.result, Result)
    assert_type(response.reason, Reason | None)
    await own.aclose()
    assert_type(receiver.handle("", {"Sign": ""}), Response)


async def rotate(client: Calypso, asynchronous: AsyncCalypso) -> None:
    made = client.subscriptions.create(
        url="https://shop.example", notification_service_types=["CUSTOMER_PURSE"]
    )
    assert_type(made, Subscription)
    assert_type(client.subscriptions.rotate(made.request_id).secrets, SecretKeys)
    rotation = await asynchronous.subscriptions.rotate(made.request_id)
    await rotation.finish()
    assert_type(await asynchronous.subscriptions.blocked(), list[Subscription])
    client.subscriptions.create(notification_event_types=[])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
