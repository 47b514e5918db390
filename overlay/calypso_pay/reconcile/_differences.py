"""What a reconciliation finds."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from attrs import frozen

from calypso_api._json import decimal_text
from calypso_api.models import Transaction
from calypso_pay._text import in_one_line
from calypso_pay.reconcile._bookings import Booking, booking_of


class Kind(StrEnum):
    """The kinds of differences."""

    MISSING = "missing"
    """The deposit is due, and not booked."""
    DIFFERING = "differing"
    """The deposit is booked with another amount, currency or state."""
    UNEXPECTED = "unexpected"
    """It is booked, and should not be: there is no such deposit of this customer, it is declined or
    not due yet, or it is booked twice."""
    OPEN = "open"
    """The deposit is not due, and may become so; or it changed while it was read. The next run
    reads its customer again."""
    UNREAD = "unread"
    """The customer's deposits could not be read, or perhaps not all of them. The next run tries it
    again."""


@frozen(kw_only=True)
class Difference:
    """A difference between the API and the ledger.

    Attributes:
        kind: Its kind.
        customer_id: The customer.
        reason: What it is about, as a sentence.
        transaction_id: Id of the transaction; None if the customer could not be read.
        field: The field that differs: ``amount``, ``currency`` or ``state``; else None.
        booked: The value of that field in the ledger.
        found: Its value at the API.
        transaction: The deposit as the API returned it; None if there is none.
        booking: The booking; None if there is none.
        open_since: Of an open deposit: when a run first found it open.
    """

    kind: Kind
    customer_id: str
    reason: str
    transaction_id: str | None = None
    field: str | None = None
    booked: Decimal | str | None = None
    found: Decimal | str | None = None
    transaction: Transaction | None = None
    booking: Booking | None = None
    open_since: datetime | None = None

    def __str__(self) -> str:
        parts = [f"{self.kind}: {self.reason}; customer {self.customer_id}"]
        if self.transaction_id is not None:
            parts.append(f"transaction {self.transaction_id}")
        if self.amount is not None:
            parts.append(f"{decimal_text(self.amount)} {self.currency}")
        return in_one_line(", ".join(parts))

    @property
    def amount(self) -> Decimal | None:
        """The amount: of an unexpected booking its own, else that of the deposit."""
        return self._source().amount

    @property
    def currency(self) -> str | None:
        """The currency, from the same source as the amount."""
        return self._source().currency

    def _source(self) -> Transaction | Booking:
        booking = self.booking or Booking("", None, None)
        is_its_own = self.kind is Kind.UNEXPECTED and booking.amount is not None
        return booking if is_its_own else self.transaction or booking

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON or CSV, amounts and times as text, all fields."""
        row, booking = self.transaction, self.booking
        state = row.transaction_state if row else booking and booking.state
        created = row and row.created_date
        return {
            "kind": str(self.kind),
            "customer_id": self.customer_id,
            "transaction_id": self.transaction_id,
            "field": self.field,
            "booked": _plain(self.booked),
            "found": _plain(self.found),
            "amount": _plain(self.amount),
            "currency": self.currency,
            "state": None if state is None else str(state),
            "created_date": created and created.isoformat(),
            "open_since": self.open_since and self.open_since.isoformat(),
            "reason": self.reason,
        }


def note_of(difference: Difference) -> dict[str, Any]:
    """Return an open deposit as a memory keeps it."""
    note = difference.to_dict()
    if difference.transaction is not None:
        note["transaction"] = difference.transaction.to_dict()
    if difference.booking is not None:
        note["booking"] = list(difference.booking)
    return note


def from_note(note: dict[str, Any]) -> Difference:
    """Read what `note_of` returned, after it went through JSON."""
    names = ("customer_id", "reason", "transaction_id", "field", "booked", "found")
    values = {name: note[name] for name in names}
    if note["field"] == "amount":
        values |= {name: Decimal(note[name]) for name in ("booked", "found")}
    row, booking, since = note.get("transaction"), note.get("booking"), note["open_since"]
    return Difference(
        kind=Kind(note["kind"]),
        transaction=row and Transaction.from_dict(row),
        booking=booking and booking_of(Booking(*booking), note["customer_id"]),
        open_since=since and datetime.fromisoformat(since),
        **values,
    )


def _plain(value: Decimal | str | None) -> str | None:
    return decimal_text(value) if isinstance(value, Decimal) else value
