"""Compare the deposits of one customer with their bookings; without any I/O."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from attrs import define, evolve, field, frozen

from calypso_api.models import Transaction, TransactionState
from calypso_pay._errors import InvalidRequestError, NotFoundError
from calypso_pay.reconcile import _totals
from calypso_pay.reconcile._differences import Difference, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet
    from datetime import datetime
    from decimal import Decimal

    from calypso_pay.reconcile._bookings import Booking
    from calypso_pay.reconcile._rules import Rules
    from calypso_pay.reconcile._totals import Totals

NO_SUCH_DEPOSIT = "booked, and there is no such deposit"
_SUMMED = (Kind.MISSING, Kind.UNEXPECTED, Kind.OPEN)
# A deposit that a ledger records in one of these states is not credited there.
_NOT_BOOKED = ("MEM_POOL_FOUND", "PENDING_COMPLIANCE_CHECK", "DECLINED")
# How long an open deposit that vanished is looked for.
_FORGET_AFTER = timedelta(days=90)
# How long an id is tried that the API rejects.
_GIVE_UP_AFTER = timedelta(days=7)
_CONFIRMED = (Kind.MISSING, Kind.DIFFERING, Kind.UNEXPECTED)


@frozen
class OpenDeposit:
    """A deposit that is open or differs, as it was last seen.

    Attributes:
        since: When it was first found so.
        amount: Its amount.
        currency: Its currency.
        state: Its state.
    """

    since: datetime
    amount: Decimal
    currency: str
    state: str

    def transaction(self, identity: str) -> Transaction:
        """Return it as the API had it, as far as it is known."""
        state = TransactionState.lookup[self.state]
        return Transaction(identity, self.amount, self.currency, state)


@define
class Comparison:
    """What was found for one customer.

    Attributes:
        customer_id: The customer.
        deposits: How many deposits were compared.
        bookings: How many bookings were compared.
        differences: The differences.
        open: The deposits that are open or differ, by id.
        totals: The sums, by currency.
        unread_since: Since when the customer can't be read; None if it was read now.
        is_given_up: Whether no later run has to try to read it.
        has_changed: Whether only the second look showed some of the differences.
    """

    customer_id: str
    deposits: int = 0
    bookings: int = 0
    differences: list[Difference] = field(factory=list)
    open: dict[str, OpenDeposit] = field(factory=dict)
    totals: dict[str, Totals] = field(factory=dict)
    unread_since: datetime | None = None
    is_given_up: bool = False
    has_changed: bool = False

    @classmethod
    def unread(
        cls, customer_id: str, error: Exception, last: Comparison | None, now: datetime
    ) -> Comparison:
        """Return what is found for a customer that could not be read.

        Args:
            customer_id: The customer.
            error: Why it could not be read.
            last: What the last run found.
            now: The present time.
        """
        since = (last and last.unread_since) or now
        found = cls(customer_id, open=dict(last.open) if last else {}, unread_since=since)
        # An id that the API rejects again and again is none of a customer.
        is_rejected = isinstance(error, InvalidRequestError | NotFoundError)
        found.is_given_up = is_rejected and not found.open and now - since > _GIVE_UP_AFTER
        found.add(Kind.UNREAD, f"could not be read: {error}")
        return found

    @property
    def is_read(self) -> bool:
        """Whether the customer could be read, if not whole."""
        return self.unread_since is None

    @property
    def is_done(self) -> bool:
        """Whether there is nothing to look at again."""
        return self.is_given_up or not (self.has_changed or self.suspicions())

    def add(self, kind: Kind, reason: str, identity: str | None = None, **facts: object) -> None:
        """Add a difference."""
        self.differences.append(
            Difference(
                kind=kind,
                customer_id=self.customer_id,
                reason=reason,
                transaction_id=identity,
                **facts,  # type: ignore[arg-type]
            )
        )

    def suspicions(self) -> frozenset[str]:
        """Return the deposits with differences, which may be gone when the customer is read again.

        That the customer could not be read fully counts as one of them.
        """
        differing = (each for each in self.differences if each.kind is not Kind.OPEN)
        return frozenset(key_of(each.transaction_id or "") for each in differing)

    def confirm(self, keys: AbstractSet[str], now: datetime) -> None:
        """Keep differences of deposits that had one the first time; the others are open for now."""
        for index, each in enumerate(self.differences):
            identity = each.transaction_id
            if identity and each.kind in _CONFIRMED and key_of(identity) not in keys:
                self.has_changed = True
                reason = f"shown by the second look only: {each.reason}"
                self.differences[index] = evolve(
                    each, kind=Kind.OPEN, reason=reason, open_since=now
                )

    def keep_open(self, row: Transaction, since: datetime) -> None:
        """Have the next run read the customer again."""
        state = str(row.transaction_state)
        self.open[row.id] = OpenDeposit(since, row.amount, row.currency, state)

    def add_unlisted(
        self, identity: str, last: OpenDeposit, row: Transaction | None, now: datetime
    ) -> None:
        """Report a deposit that was open and is not listed for the customer any more.

        It is not compared, since it may be another customer's by now, and is looked for the next
        time, too. One in the mempool may vanish (documented: it is not guaranteed).
        """
        if row is not None or now - last.since < _FORGET_AFTER:
            self.open[identity] = last
        is_known = row is not None
        self.add(
            Kind.UNREAD if is_known or last.state != "MEM_POOL_FOUND" else Kind.OPEN,
            f"was {last.state}, and is not "
            + ("listed for this customer any more" if is_known else "known to the API any more"),
            identity,
            transaction=row or last.transaction(identity),
            open_since=last.since,
        )

    def add_sums(self) -> None:
        """Add the sums of the differences, once these are final."""
        for each in self.differences:
            if each.kind not in _SUMMED or each.amount is None or each.currency is None:
                continue
            # What the ledger has not credited is not among what is booked either.
            if each.booking is None or each.booking.state not in _NOT_BOOKED:
                _totals.add(self.totals, each.currency, str(each.kind), each.amount)


def compare(  # noqa: PLR0913 - what there is to compare
    customer_id: str,
    rows: Iterable[Transaction],
    bookings: Iterable[Booking],
    *,
    rules: Rules,
    was_open: Mapping[str, OpenDeposit],
    now: datetime,
) -> Comparison:
    """Compare deposits with bookings.

    Args:
        customer_id: The customer.
        rows: All deposits of the customer, each once.
        bookings: All bookings of the customer.
        rules: When a deposit is due.
        was_open: `Comparison.open` of the last run.
        now: The present time.
    """
    found = Comparison(customer_id)
    booked: dict[str, Booking] = {}
    for booking in bookings:
        if (key := key_of(booking.id)) in booked:
            _count_booking(found, booking)
            found.add(Kind.UNEXPECTED, "booked more than once", booking.id, booking=booking)
        booked.setdefault(key, booking)
    for row in rows:
        matching = booked.pop(key_of(row.id), None)
        if not rules.is_old(row) or row.id in was_open:
            last = was_open.get(row.id)
            _compare_deposit(found, row, matching, rules=rules, since=last.since if last else now)
    for booking in booked.values():
        _count_booking(found, booking)
        found.add(Kind.UNEXPECTED, NO_SUCH_DEPOSIT, booking.id, booking=booking)
    return found


def key_of(identity: str) -> str:
    """Return what an id is compared by: upper and lower case are the same in a UUID."""
    return identity.lower()


def _compare_deposit(
    found: Comparison, row: Transaction, booking: Booking | None, *, rules: Rules, since: datetime
) -> None:
    found.deposits += 1
    is_due, is_open = rules.is_due(row), not rules.is_settled(row)
    before = len(found.differences)
    if is_due:
        _totals.add(found.totals, row.currency, "due", row.amount)
    open_since = since if is_open else None
    if booking is None:
        _report_unbooked(found, row, open_since, is_due=is_due)
    else:
        _count_booking(found, booking, row, is_due=is_due)
        _compare_fields(found, row, booking)
        _compare_step(found, row, booking, open_since, is_due=is_due)
    # What differs is compared until it is right, too, whatever `since` is then.
    if is_open or len(found.differences) > before:
        found.keep_open(row, since)


def _count_booking(
    found: Comparison, booking: Booking, row: Transaction | None = None, *, is_due: bool = False
) -> None:
    found.bookings += 1
    is_on_its_way = row and not is_due and booking.state == row.transaction_state
    if booking.state in _NOT_BOOKED or is_on_its_way:
        return
    amount = row.amount if row and booking.amount is None else booking.amount
    currency = row.currency if row and booking.currency is None else booking.currency
    if amount is not None and currency is not None:
        _totals.add(found.totals, currency, "booked", amount)


def _report_unbooked(
    found: Comparison, row: Transaction, since: datetime | None, *, is_due: bool
) -> None:
    if is_due:
        found.add(Kind.MISSING, "due, and not booked", row.id, transaction=row)
    elif since is not None:
        found.add(Kind.OPEN, "not due yet", row.id, transaction=row, open_since=since)


def _compare_fields(found: Comparison, row: Transaction, booking: Booking) -> None:
    for name, booked, value in (
        ("amount", booking.amount, row.amount),
        ("currency", booking.currency, row.currency),
        ("state", booking.state, str(row.transaction_state)),
    ):
        if booked is not None and booked != value:
            found.add(
                Kind.DIFFERING,
                f"the {name} differs",
                row.id,
                field=name,
                booked=booked,
                found=value,
                transaction=row,
                booking=booking,
            )


def _compare_step(
    found: Comparison, row: Transaction, booking: Booking, since: datetime | None, *, is_due: bool
) -> None:
    """Compare that a deposit is booked with whether it should be."""
    if not is_due and booking.state is None:
        state = "declined" if row.transaction_state == "DECLINED" else "not due yet"
        reason = f"booked, and the deposit is {state}"
        found.add(Kind.UNEXPECTED, reason, row.id, transaction=row, booking=booking)
    elif since is not None:
        facts = {"transaction": row, "booking": booking, "open_since": since}
        found.add(Kind.OPEN, "not due yet", row.id, **facts)
