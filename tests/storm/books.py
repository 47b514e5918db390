"""The ledger of a shop: nothing in the database hides that something was booked twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tests.storm.events import BOOKED, STEPS, Booking

if TYPE_CHECKING:
    from collections.abc import Iterator

metadata = sa.MetaData()
# Two rows for each deposit, whose sum is zero. Amounts are text: SQLite's numbers are not exact.
ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("transaction", sa.Text),
    sa.Column("account", sa.Text),
    sa.Column("currency", sa.Text),
    sa.Column("amount", sa.Text),
)
# Which handlers have run.
steps = sa.Table(
    "steps",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("transaction", sa.Text),
    sa.Column("step", sa.Text),
)


def rows(data: Any) -> Iterator[dict[str, str]]:
    """Return the rows of a deposit, from the data of its event."""
    common = {"transaction": data.transaction_id, "currency": str(data.currency)}
    yield {**common, "account": data.customer_id, "amount": f"{data.amount:f}"}
    yield {**common, "account": "deposits", "amount": f"{-data.amount:f}"}


class Books:
    """Reads what is booked.

    Args:
        url: The database, for SQLAlchemy.
    """

    def __init__(self, url: str) -> None:
        # No pool: connections are cut in between.
        self._engine = sa.create_engine(url, poolclass=sa.NullPool)

    def create_tables(self) -> None:
        """Make the tables."""
        metadata.create_all(self._engine)

    def bookings(self) -> list[Booking]:
        """Return the bookings for customers."""
        return [
            Booking(row.transaction, row.currency, Decimal(row.amount))
            for row in self._read(ledger)
            if row.account != "deposits"
        ]

    def findings(self) -> list[str]:
        """Return what is half written, handled twice, or out of order."""
        totals: defaultdict[str, Decimal] = defaultdict(Decimal)
        for row in self._read(ledger):
            totals[row.transaction] += Decimal(row.amount)
        findings = [f"{name} is booked in part" for name, total in totals.items() if total]
        handled = [(row.transaction, row.step) for row in self._read(steps)]
        findings += [
            f"{step} of {name} was handled {count} times"
            for (name, step), count in Counter(handled).items()
            if count > 1
        ]
        for name, seen in _by_first(handled).items():
            # The two last steps may come in any order.
            order = [min(STEPS.index(step), STEPS.index(BOOKED)) for step in seen]
            if any(later < earlier for earlier, later in pairwise(order)):
                findings.append(f"{name} went backwards: {seen}")
            if missing := set(STEPS[2:]) - set(seen):
                findings.append(f"{name} never came to {missing}")
        return findings

    def _read(self, table: sa.Table) -> list[Any]:
        with self._engine.connect() as connection:
            return list(connection.execute(sa.select(table).order_by(table.c.id)))


def _by_first(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: defaultdict[str, list[str]] = defaultdict(list)
    for first, second in pairs:
        grouped[first].append(second)
    return grouped
