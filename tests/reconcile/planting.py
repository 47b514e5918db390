"""Plant mistakes in a ledger, and changes in the rows of a mock, whose differences are known."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from decimal import Context, Decimal, Inexact
from itertools import cycle
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import sqlalchemy as sa

from tests.storm.books import ledger

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Sequence

    from calypso_mock import Rows

# Kind, customer, transaction and field of a difference.
Key: TypeAlias = tuple[str, str, str, str | None]

# To round a sum is an error of the tests.
EXACT = Context(prec=100, traps=[Inexact])
# With the number of decimal places.
CURRENCIES = {"BTC": 8, "ETH": 18, "USDT_TRX": 6}


class Deposit(NamedTuple):
    """A deposit as it was made."""

    id: str
    customer: str
    currency: str
    amount: Decimal


class Sum(NamedTuple):
    """How many there are, and the sum of their amounts."""

    count: int = 0
    amount: Decimal = Decimal(0)


class Expected:
    """What a reconciliation has to find.

    It begins with deposits that are credited, and booked once each; each mistake adds to it.

    Attributes:
        listed: How many deposits of each customer the API lists.
        bookings: How many bookings there are.
        keys: The differences.
        lookups: How many bookings have no deposit of the customer. Each is looked up by its id.
        sums: By name of the sum and currency.
    """

    def __init__(self, deposits: Iterable[Deposit] = ()) -> None:
        self.listed: Counter[str] = Counter()
        self.bookings = self.lookups = 0
        self.keys: Counter[Key] = Counter()
        self.sums: defaultdict[tuple[str, str], Sum] = defaultdict(Sum)
        for each in deposits:
            self.list(each)
            self.book(each)

    def list(self, deposit: Deposit, sign: int = 1) -> None:
        """Add a due deposit to those that the API lists, or take it away."""
        self.listed[deposit.customer] += sign
        self.add("due", deposit, sign)

    def book(self, deposit: Deposit, sign: int = 1) -> None:
        """Add a booking, or take one away."""
        self.bookings += sign
        self.add("booked", deposit, sign)

    def keep_open(self, deposit: Deposit) -> None:
        """Expect a deposit that the API lists and that is not due to be open."""
        self.listed[deposit.customer] += 1
        self.find("open", deposit)
        self.add("open", deposit)

    def miss(self, deposit: Deposit) -> None:
        """Expect it to be missing."""
        self.find("missing", deposit)
        self.add("missing", deposit)

    def reject(self, deposit: Deposit, *, is_looked_up: bool = False) -> None:
        """Expect it to be unexpected."""
        self.find("unexpected", deposit)
        self.add("unexpected", deposit)
        self.lookups += is_looked_up

    def find(self, kind: str, deposit: Deposit, field: str | None = None) -> None:
        """Expect a difference."""
        self.keys[kind, deposit.customer, deposit.id, field] += 1

    def add(self, name: str, deposit: Deposit, sign: int = 1) -> None:
        """Add an amount to a sum, or take it away."""
        found = self.sums[name, deposit.currency]
        amount = deposit.amount if sign > 0 else deposit.amount.copy_negate()
        total = EXACT.add(found.amount, amount)
        self.sums[name, deposit.currency] = Sum(found.count + sign, total)

    def pages(self, customer: str, page_size: int) -> int:
        """Return how many requests it takes at least to read a customer."""
        return max(1, -(-self.listed[customer] // page_size))


class Plan(NamedTuple):
    """Where mistakes are planted.

    Attributes:
        rng: Decides which.
        customers: The customers.
        engine: The database with the ledger.
        rows: The rows of the mock.
        books: What is expected of a reconciliation with the ledger.
        events: What is expected of one with the inbox, which other mistakes are not in.
    """

    rng: random.Random
    customers: Sequence[str]
    engine: sa.Engine
    rows: Rows
    books: Expected
    events: Expected

    def plant(self, deposits: Sequence[Deposit], in_ledger: int, in_rows: int) -> None:
        """Plant so many mistakes, each in another deposit, of all kinds in turn."""
        chosen = self.rng.sample(list(deposits), in_ledger + in_rows)
        for kinds, part in (
            (_IN_LEDGER, chosen[:in_ledger]),
            (_IN_ROWS, chosen[in_ledger:]),
        ):
            for make, deposit in zip(cycle(self.rng.sample(kinds, len(kinds))), part, strict=False):
                make(self, deposit)

    def other(self, values: Iterable[str], than: str) -> str:
        """Choose another value."""
        return self.rng.choice([each for each in values if each != than])

    def execute(self, statement: Any) -> None:
        """Change the ledger."""
        with self.engine.begin() as connection:
            connection.execute(statement)

    def insert(self, booking: Deposit) -> None:
        """Add a booking for a customer."""
        self.execute(
            sa.insert(ledger).values(
                transaction=booking.id,
                account=booking.customer,
                currency=booking.currency,
                amount=f"{booking.amount:f}",
            )
        )

    def update(self, deposit: Deposit, **values: str) -> None:
        """Change the booking of a deposit."""
        self.execute(sa.update(ledger).where(*_is_of(deposit)).values(values))


def _is_of(deposit: Deposit) -> tuple[Any, ...]:
    return ledger.c.transaction == deposit.id, ledger.c.account == deposit.customer


def _off_by_the_last_digit(plan: Plan, deposit: Deposit) -> Deposit:
    digit = Decimal(1).scaleb(-CURRENCIES[deposit.currency])
    change = plan.rng.choice([EXACT.add, EXACT.subtract])
    return deposit._replace(amount=change(deposit.amount, digit))


def _remove(plan: Plan, deposit: Deposit) -> None:
    plan.execute(sa.delete(ledger).where(*_is_of(deposit)))
    plan.books.book(deposit, -1)
    plan.books.miss(deposit)


def _book_another_amount(plan: Plan, deposit: Deposit) -> None:
    wrong = _off_by_the_last_digit(plan, deposit)
    plan.update(deposit, amount=f"{wrong.amount:f}")
    plan.books.book(deposit, -1)
    plan.books.book(wrong)
    plan.books.find("differing", deposit, "amount")


def _book_another_currency(plan: Plan, deposit: Deposit) -> None:
    wrong = deposit._replace(currency=plan.other(CURRENCIES, deposit.currency))
    plan.update(deposit, currency=wrong.currency)
    plan.books.book(deposit, -1)
    plan.books.book(wrong)
    plan.books.find("differing", deposit, "currency")


def _invent(plan: Plan, deposit: Deposit) -> None:
    invented = deposit._replace(id=str(uuid.UUID(int=plan.rng.getrandbits(128))))
    plan.insert(invented)
    plan.books.book(invented)
    plan.books.reject(invented, is_looked_up=True)


def _double(plan: Plan, deposit: Deposit) -> None:
    plan.insert(deposit)
    plan.books.book(deposit)
    plan.books.reject(deposit)


def _move(plan: Plan, deposit: Deposit) -> None:
    moved = deposit._replace(customer=plan.other(plan.customers, deposit.customer))
    plan.update(deposit, account=moved.customer)
    plan.books.miss(deposit)
    plan.books.reject(moved, is_looked_up=True)


def _show_another_amount(plan: Plan, deposit: Deposit) -> None:
    shown = _off_by_the_last_digit(plan, deposit)
    plan.rows.alter(deposit.id, amount=f"{shown.amount:f}")
    _show_instead(plan, deposit, shown, "amount")


def _show_another_currency(plan: Plan, deposit: Deposit) -> None:
    shown = deposit._replace(currency=plan.other(CURRENCIES, deposit.currency))
    plan.rows.alter(deposit.id, currency=shown.currency)
    _show_instead(plan, deposit, shown, "currency")


def _show_instead(plan: Plan, deposit: Deposit, shown: Deposit, field: str) -> None:
    for expected in (plan.books, plan.events):
        expected.list(deposit, -1)
        expected.list(shown)
        expected.find("differing", deposit, field)


def _show_as_pending(plan: Plan, deposit: Deposit) -> None:
    plan.rows.alter(
        deposit.id,
        transactionState="PENDING_COMPLIANCE_CHECK",
        complianceState="IN_PROGRESS",
        translationToAccountCompleted=False,
    )
    _show_as_not_due(plan, deposit)


def _show_as_declined(plan: Plan, deposit: Deposit) -> None:
    plan.rows.alter(deposit.id, transactionState="DECLINED", translationToAccountCompleted=False)
    _show_as_not_due(plan, deposit)


def _show_as_not_credited(plan: Plan, deposit: Deposit) -> None:
    plan.rows.alter(deposit.id, translationToAccountCompleted=False)
    _show_as_not_due(plan, deposit)


def _show_as_not_due(plan: Plan, deposit: Deposit) -> None:
    for expected in (plan.books, plan.events):
        expected.add("due", deposit, -1)
        expected.reject(deposit)


def _lose_in_searches(plan: Plan, deposit: Deposit) -> None:
    plan.rows.lose(deposit.id, find_only=True)
    _lose(plan, deposit)


def _lose_altogether(plan: Plan, deposit: Deposit) -> None:
    plan.rows.lose(deposit.id)
    _lose(plan, deposit)


def _lose(plan: Plan, deposit: Deposit) -> None:
    for expected in (plan.books, plan.events):
        expected.list(deposit, -1)
        expected.reject(deposit, is_looked_up=True)


_IN_LEDGER = (
    _remove,
    _book_another_amount,
    _book_another_currency,
    _invent,
    _double,
    _move,
)
_IN_ROWS = (
    _show_another_amount,
    _show_another_currency,
    _show_as_pending,
    _show_as_declined,
    _show_as_not_credited,
    _lose_in_searches,
    _lose_altogether,
)
