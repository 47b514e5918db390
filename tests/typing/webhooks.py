"""Webhook events, as a user's editor sees them."""

# ruff: noqa: B018 - to read an attribute is all that some mistakes do

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, assert_never, assert_type

from calypso_pay.models import (
    NotificationEventType,
    PurseDepositData,
    PurseExpiredData,
    PurseMemPoolFoundData,
    TopUpData,
    WalletFundsDeliveredData,
)
from calypso_pay.webhooks import (
    Event,
    PurseComplianceDeclinedEvent,
    PurseExpiredEvent,
    PurseFundsReceivedEvent,
    PurseMemPoolFoundEvent,
    PursePendingComplianceEvent,
    PurseTranslationCompletedEvent,
    Reason,
    TopUpComplianceDeclinedEvent,
    TopUpPendingComplianceEvent,
    UnknownEvent,
    WalletFundsDeliveredEvent,
    sign,
    unwrap,
    verify,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from calypso_pay import WebhookVerificationError


def a_match_narrows_each_event(event: Event) -> str:
    match event:
        case PurseExpiredEvent():
            assert_type(event.data, PurseExpiredData | None)
            return (event.data and event.data.address) or ""
        case PurseMemPoolFoundEvent(data=data):
            assert_type(data.currency if data else None, str | None)
            return ""
        case PurseFundsReceivedEvent(data=data) | PurseTranslationCompletedEvent(data=data):
            assert_type(data, PurseDepositData | None)
            assert_type(data.amount if data else None, Decimal | None)
            return "money"
        case PursePendingComplianceEvent() | PurseComplianceDeclinedEvent():
            assert_type(event.id, int | str)
            return event.request_id
        case TopUpPendingComplianceEvent() | TopUpComplianceDeclinedEvent():
            assert_type(event.data, TopUpData | None)
        case WalletFundsDeliveredEvent(data=data):
            assert_type(data, WalletFundsDeliveredData | None)
            assert_type(data.amount if data else None, Decimal | None)
        case UnknownEvent():
            assert_type(event.event_type, NotificationEventType | None)
            assert_type(event.data, Any)
            return event.service or ""
        case _:
            raise AssertionError("an event that came after these; test_types.py matches them all")
    return "of the account"


def a_match_over_the_data_is_complete(event: PurseMemPoolFoundEvent) -> str:
    match event.data:
        case None:
            return "no data"
        case PurseMemPoolFoundData(amount=Decimal() as amount, currency=str(currency)):
            assert_type(amount, Decimal)
            return currency
        case PurseMemPoolFoundData(amount=amount):
            assert_type(amount, Decimal | None)
            return "no money"


def a_match_without_the_fallback_is_not(event: Event) -> None:
    match event:
        case PurseExpiredEvent() | PurseMemPoolFoundEvent() | PurseFundsReceivedEvent():
            return
        case PurseTranslationCompletedEvent():
            return
        case PursePendingComplianceEvent() | PurseComplianceDeclinedEvent():
            return
        case TopUpPendingComplianceEvent() | TopUpComplianceDeclinedEvent():
            return
        case WalletFundsDeliveredEvent():
            return
        case _:
            assert_never(event)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def accepted_arguments(body: bytes, by_key: dict[str, str], many: Mapping[str, list[str]]) -> Event:
    verify(body, [(b"sign", b"")], ["old", "new"])
    verify(body.decode(), {"Sign": ""}, ("old", b"new"))
    verify(body, {b"Sign": b""}, by_key)
    verify(body, {}, many)
    verify(body, {}, lambda key: by_key.get(key or ""))
    verify(body, {}, lambda key: many.get(key or ""))
    assert_type(sign(body, "secret"), str)
    return unwrap(body, {}, b"secret")


def why_it_was_rejected(error: WebhookVerificationError) -> Reason:
    return error.reason


def mistakes(event: Event, body: bytes) -> None:
    verify(body, {}, 7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    verify({"id": 1}, {}, "secret")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    sign(body, ["old", "new"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    event.data.address  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess, reportAttributeAccessIssue, reportUnknownMemberType]
    event.problem  # type: ignore[union-attr]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
