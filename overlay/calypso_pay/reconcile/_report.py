"""What a reconciliation found, as text, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from calypso_api._json import decimal_text
from calypso_pay._text import in_one_line
from calypso_pay.reconcile import _totals
from calypso_pay.reconcile._differences import Difference, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from calypso_pay.reconcile._notes import Result
    from calypso_pay.reconcile._totals import Totals

_MEANINGS = {
    Kind.MISSING: "due, and not booked",
    Kind.DIFFERING: "booked with another amount, currency or state",
    Kind.UNEXPECTED: "booked, and should not be",
    Kind.OPEN: "not due, and may become so; the next run reads them again",
    Kind.UNREAD: "customers that could not be read fully",
}
# A spreadsheet may take a text that begins like this for a formula, also after what it ignores.
_FORMULA = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
# Of a currency's code in the table.
_WIDEST = 20
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_TEXTS = ("customer_id", "transaction_id", "booked", "found", "currency", "state", "reason")


@define
class Summary:
    """Counts and sums of a run; in those of a resumed run is all that was done before.

    Attributes:
        started_at: When the run began.
        is_resumed: Whether it was begun by an earlier process, or iteration.
        customers: How many customers were read.
        deposits: How many deposits were compared.
        bookings: How many bookings were compared.
        counts: How many differences there are of each kind.
        totals: Exact sums, by currency.
        requests: How many requests were made, without retries, and without those of looks that
            were interrupted.
        least_requests: How many are needed at least: one for each full page, and for each customer.
    """

    started_at: datetime = field(factory=lambda: datetime.now(UTC))
    is_resumed: bool = False
    customers: int = 0
    deposits: int = 0
    bookings: int = 0
    counts: dict[Kind, int] = field(factory=lambda: dict.fromkeys(Kind, 0))
    totals: dict[str, Totals] = field(factory=dict)
    requests: int = 0
    least_requests: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether everything was read, and nothing but open deposits was found."""
        return not any(count for kind, count in self.counts.items() if kind is not Kind.OPEN)

    def add(self, result: Result) -> None:
        """Add what was found for a customer.

        Args:
            result: What was found.
        """
        found = result.comparison
        self.customers += 1
        self.deposits += found.deposits
        self.bookings += found.bookings
        self.requests += result.requests
        self.least_requests += result.least_requests
        for each in found.differences:
            self.counts[each.kind] += 1
        _totals.merge(self.totals, found.totals)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON, amounts and times as text."""
        return {
            "started_at": self.started_at.isoformat(),
            "is_resumed": self.is_resumed,
            "is_clean": self.is_clean,
            "customers": self.customers,
            "deposits": self.deposits,
            "bookings": self.bookings,
            "counts": {str(kind): count for kind, count in self.counts.items()},
            "totals": {
                currency: {
                    **{
                        name: {"count": each.count, "amount": decimal_text(each.amount)}
                        for name, each in found._asdict().items()
                    },
                    "balance": decimal_text(found.balance),
                }
                for currency, found in sorted(self.totals.items())
            },
            "requests": self.requests,
            "least_requests": self.least_requests,
        }


@frozen
class Report:
    """All that a run found.

    Attributes:
        summary: Counts and sums.
        differences: The differences, those of one customer together.
    """

    summary: Summary
    differences: Sequence[Difference]

    @property
    def is_clean(self) -> bool:
        """Whether everything was read, and nothing but open deposits was found."""
        return self.summary.is_clean

    def __str__(self) -> str:
        return self.to_text()

    def to_text(self) -> str:
        """Return it as text to be read."""
        found = self.summary
        lines = [
            f"{_count(found.customers, 'customer')} reconciled: "
            f"{_count(found.deposits, 'deposit')} at the API, {_count(found.bookings, 'booking')}.",
            "",
            *(f"{kind:<12}{found.counts[kind]:>8,}  {_MEANINGS[kind]}" for kind in Kind),
            *_table(found.totals),
        ]
        for kind in Kind:
            shown = [each for each in self.differences if each.kind is kind]
            if shown:
                lines += ["", kind, *(f"  {_line(each)}" for each in shown)]
        requests = _count(found.requests, "request")
        lines += ["", f"{requests}; the least possible number is {found.least_requests:,}."]
        return "\n".join(in_one_line(line) for line in lines) + "\n"

    def to_json(self) -> str:
        """Return it as JSON; amounts are text, exact to the last digit."""
        differences = [each.to_dict() for each in self.differences]
        return json.dumps({**self.summary.to_dict(), "differences": differences}, indent=2) + "\n"

    def to_csv(self) -> str:
        """Return the differences as CSV, with a header; amounts are exact.

        A text that a spreadsheet would take for a formula begins with an apostrophe.
        """
        return csv_of(self.differences)


def csv_of(differences: Iterable[Difference]) -> str:
    """Return differences as CSV."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for each in differences:
        writer.writerow({name: _cell(name, value) for name, value in each.to_dict().items()})
    return text.getvalue()


def _cell(name: str, value: str | None) -> str | None:
    if value is None:
        return None
    text = value.encode("utf-8", "backslashreplace").decode()
    is_formula = name in _TEXTS and _FORMULA.match(text) and not _NUMBER.fullmatch(text)
    return f"'{text}" if is_formula else text


def _table(totals: dict[str, Totals]) -> list[str]:
    if not totals:
        return []
    rows = [["currency", "due", "booked", "booked less due"]]
    for currency, found in sorted(totals.items()):
        amounts = (found.due.amount, found.booked.amount, found.balance)
        rows.append([currency[:_WIDEST], *map(decimal_text, amounts)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["", *(_row(row, widths) for row in rows)]


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = cells
    numbers = (f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True))
    return "  ".join([f"{first:<{widths[0]}}", *numbers])


def _line(each: Difference) -> str:
    """Return a difference as a line, for its kind is known."""
    parts = [f"customer {each.customer_id}"]
    if each.transaction_id is not None:
        parts.append(f"transaction {each.transaction_id}")
    if each.amount is not None:
        parts.append(f"{decimal_text(each.amount)} {each.currency}")
    values = each.to_dict()
    if each.field is not None:
        parts.append(f"{each.field}: booked {values['booked']}, found {values['found']}")
    else:
        parts.append(each.reason)
    if each.transaction is not None:
        parts.append(values["state"])
    if each.transaction is not None and each.transaction.created_date is not None:
        parts.append(f"created {_time(each.transaction.created_date)}")
    if each.open_since is not None:
        parts.append(f"open since {_time(each.open_since)}")
    return ", ".join(parts)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"


_COLUMNS = list(Difference(kind=Kind.OPEN, customer_id="", reason="").to_dict())
