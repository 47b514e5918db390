"""Receive webhooks: verify each delivery, handle each event once and in order, and respond.

A subpackage that the core does not import. It needs no framework.
"""

from __future__ import annotations

from calypso_pay.receiver._asgi import Application
from calypso_pay.receiver._memory import MemoryStore
from calypso_pay.receiver._receiver import Receiver
from calypso_pay.receiver._response import Response, Result
from calypso_pay.receiver._store import (
    AsyncStore,
    AsyncStoringStore,
    Claim,
    ClaimStatus,
    Store,
    StoringStore,
    Task,
    UnavailableError,
)
from calypso_pay.receiver._stored import StoredEvent

__all__ = [
    "Application",
    "AsyncStore",
    "AsyncStoringStore",
    "Claim",
    "ClaimStatus",
    "MemoryStore",
    "Receiver",
    "Response",
    "Result",
    "Store",
    "StoredEvent",
    "StoringStore",
    "Task",
    "UnavailableError",
]


def __dir__() -> list[str]:
    return __all__
