"""Deliveries about a deposit, as the vendor would send them."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from calypso_pay.webhooks import EVENT_TYPES, sign

SECRET = "a-subscription's-secret-key"
SUBSCRIPTION = "bf9348b7-2c14-46d7-868c-b597852da319"
TYPES = {kind: name for name, kind in EVENT_TYPES.items()}
TRANSACTION = "0b2c9a3e-6f0d-4a2b-9a52-2f6a7f0c5d11"


class Delivery(NamedTuple):
    """The body and the headers of one delivery."""

    body: bytes
    headers: dict[str, str]


def delivery(
    kind: type | str,
    number: int = 1,
    *,
    secret: str = SECRET,
    subscription: str = SUBSCRIPTION,
    **data: Any,
) -> Delivery:
    """Return a delivery of an event; keywords change fields of its data, and None omits one."""
    full = {
        "currency": "USDT_TRX",
        "customerId": "6f2f5d53-6f25-4f86-9a6c-4d7d1f6f6d0e",
        "customerBlocked": False,
        "purseId": "e1d8d0f4-9e3b-4c88-8a37-94b2a5d9f2b3",
        "address": "TXYZ",
        "transactionId": TRANSACTION,
        "amount": 25.5,
        **data,
    }
    document = {
        "requestId": subscription,
        "id": number,
        "createdDate": "2025-10-30T14:08:39.96068",
        "level": "INFO",
        "service": "CUSTOMER_PURSE",
        "eventType": kind if isinstance(kind, str) else TYPES[kind],
        "data": {name: value for name, value in full.items() if value is not None},
    }
    return signed(json.dumps(document).encode(), secret)


def signed(body: bytes, secret: str = SECRET) -> Delivery:
    """Return a delivery of a body, with the right signature."""
    return Delivery(body, {"Key": "public", "Sign": sign(body, secret)})
