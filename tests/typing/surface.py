"""The rest of the package, as a user's editor sees it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, assert_type

import calypso_pay
from calypso_pay import AsyncCalypso, Calypso, OutcomeUnknownError, RawResponse
from calypso_pay.models import Currency, StringFilter, Transaction, TransactionPage

if TYPE_CHECKING:
    from uuid import UUID


def subpackages_are_attributes(found: calypso_pay.models.Transaction) -> None:
    assert_type(found, Transaction)
    assert_type(calypso_pay.receiver.Receiver("secret"), calypso_pay.receiver.Receiver)
    assert_type(calypso_pay.webhooks.sign(b"", "secret"), str)


def models_are_serialized(found: Transaction) -> None:
    assert_type(found.to_json(), str)
    assert_type(Transaction.from_json(found.to_json()), Transaction)
    assert_type(found.to_dict(), dict[str, Any])
    json.dumps(found, default=calypso_pay.to_jsonable)
    assert_type(found.is_final, bool)
    assert_type(found.is_credited, bool | None)


def arguments_of_several_types(calypso: Calypso, key: UUID) -> None:
    assert_type(calypso.transactions.find(customer_id=key), TransactionPage)
    calypso.transactions.find(currency_filter="BTC", transaction_state_filter=("CONFIRMED",))
    calypso.transactions.iter(currency_filter=StringFilter(contains="USDT"))
    calypso.addresses.get(key, currency=Currency.USDT_TRX)
    assert_type(Currency.BTC.network, str | None)


def anything_else(calypso: Calypso) -> None:
    calypso.request("/api/v1/invoice", {"amount": 1}, method="POST", retry="safe", account=False)
    assert_type(calypso.raw.request("/x"), RawResponse[Any])


async def anything_else_asynchronously(calypso: AsyncCalypso) -> None:
    await calypso.request("/api/v1/invoice", {"amount": 1})
    assert_type(await calypso.raw.request("/x"), RawResponse[Any])


def attributes_of_an_unknown_outcome(error: OutcomeUnknownError) -> None:
    assert_type(error.status, int | None)
    assert_type(error.error_code, str | None)


def mistakes(calypso: Calypso) -> None:
    calypso.request("/x", retry="maybe")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    calypso.request("/x", [1])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    calypso_pay.modles  # type: ignore[attr-defined]  # noqa: B018 # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
