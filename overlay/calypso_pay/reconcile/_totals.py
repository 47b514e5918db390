"""Exact sums per currency."""

from __future__ import annotations

from decimal import Context, Decimal, Inexact
from typing import TYPE_CHECKING, Any, NamedTuple

from attrs import frozen

from calypso_api._json import decimal_text

if TYPE_CHECKING:
    from collections.abc import Mapping

# Amounts are within 10**±1000, so a sum of them has fewer digits. Rounding would be an error.
_EXACT = Context(prec=4_000, traps=[Inexact])


@frozen
class Sum:
    """How many there are, and the sum of their amounts.

    Attributes:
        count: How many.
        amount: The exact sum.
    """

    count: int = 0
    amount: Decimal = Decimal(0)


class Totals(NamedTuple):
    """The sums of one currency.

    Attributes:
        due: Deposits that are due, by the API.
        booked: What is credited, by the ledger: without bookings whose state tells otherwise.
        missing: Deposits that are due and not booked.
        unexpected: Bookings that should not be.
        open: Deposits that the next run reads again; see `Kind.OPEN`.
    """

    due: Sum = Sum()
    booked: Sum = Sum()
    missing: Sum = Sum()
    unexpected: Sum = Sum()
    open: Sum = Sum()

    @property
    def balance(self) -> Decimal:
        """What is booked, less what is due: zero if the books are right."""
        return _EXACT.subtract(self.booked.amount, self.due.amount)


def add(totals: dict[str, Totals], currency: str, name: str, amount: Decimal) -> None:
    """Add an amount to one of the sums of its currency."""
    _add(totals, currency, name, Sum(1, amount))


def merge(totals: dict[str, Totals], others: Mapping[str, Totals]) -> None:
    """Add the sums of other totals."""
    for currency, found in others.items():
        for name, each in found._asdict().items():
            _add(totals, currency, name, each)


def note_of(totals: Mapping[str, Totals]) -> dict[str, Any]:
    """Return totals as a memory keeps them: amounts are text."""
    return {
        currency: {
            name: [each.count, decimal_text(each.amount)]
            for name, each in found._asdict().items()
            if each.count
        }
        for currency, found in totals.items()
    }


def from_note(note: dict[str, Any]) -> dict[str, Totals]:
    """Read what `note_of` returned, after it went through JSON."""
    return {currency: _from_note(found) for currency, found in note.items()}


def _from_note(found: dict[str, Any]) -> Totals:
    sums = {name: Sum(count, Decimal(amount)) for name, (count, amount) in found.items()}
    return Totals(**sums)


def _add(totals: dict[str, Totals], currency: str, name: str, more: Sum) -> None:
    found = totals.get(currency, Totals())
    before: Sum = getattr(found, name)
    after = Sum(before.count + more.count, _EXACT.add(before.amount, more.amount))
    totals[currency] = found._replace(**{name: after})
