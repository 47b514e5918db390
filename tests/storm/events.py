"""What the mock and the programs of a storm have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from decimal import Decimal

# What a delivery tells the program to do with it, in a header; see `FAULTS` of the sender.
FAULT_HEADER = "Storm-Fault"
STEPS = (
    "CUSTOMER_PURSE_MEM_POOL_FOUND",
    "CUSTOMER_PURSE_PENDING_COMPLIANCE",
    "CUSTOMER_PURSE_FUNDS_RECEIVED_FOR_PURSE",
    "CUSTOMER_PURSE_TRANSLATION_TO_ACCOUNT_COMPLETED",
)
BOOKED = STEPS[2]


class Booking(NamedTuple):
    """A row of a ledger."""

    transaction: str
    currency: str
    amount: Decimal
