"""Run reconciliations to their end, and compare what they found with what was planted."""

from __future__ import annotations

import itertools
import operator
from collections import Counter
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.reconcile.planting import EXACT, Sum

if TYPE_CHECKING:
    import random
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from tests.reconcile.planting import Deposit, Expected, Key
    from tests.reconcile.process import Account, Job

_NAMES = ("due", "booked", "missing", "unexpected", "open")
# Customers that are read at once by an `AsyncCalypso`.
CONCURRENCY = 8


class Outcome(NamedTuple):
    """What a reconciliation did.

    Attributes:
        findings: What is wrong with it.
        differences: How many differences it found, by kind.
        requests: How many requests it made.
        least: How many it takes at least to read so many deposits.
        steps: How many requests it made, and operations of memory and ledger.
        crashes: How often it was killed before.
        seconds: How long the last process took.
        last_requests: How many requests the last process made.
        peak: The most memory that it had, in KiB.
    """

    findings: list[str]
    differences: Counter[str]
    requests: int
    least: int
    steps: int
    crashes: int
    seconds: float
    last_requests: int
    peak: int


def run(
    job: Job,
    expected: Expected,
    *,
    page_base: int,
    arrived: Collection[Deposit] = (),
    crashes: Iterable[int] = (),
) -> Outcome:
    """Run a reconciliation to its end, and check what it found.

    Args:
        job: The reconciliation.
        expected: What it has to find.
        page_base: The number of the server's first page.
        arrived: The deposits that arrive meanwhile, and are booked; it may grow.
        crashes: The steps at which processes are killed, one after the other. After the last one a
            process comes through.
    """
    count, found = 0, None
    for crash_at in itertools.chain(crashes, [0]):
        found = job._replace(crash_at=crash_at).run()
        if found is not None:
            break
        count += 1
    if found is None:
        raise RuntimeError("the last process was killed")
    with localcontext(EXACT):
        total = _Total(found["reports"])
        findings = [
            *_wrong_keys(total, expected, arrived),
            *_wrong_sums(total, expected, arrived),
            *_wrong_counts(total, expected, arrived, job),
        ]
    if not count and found["attempts"] != total.count("requests"):
        findings.append(f"{found['attempts']} requests were sent, not {total.count('requests')}")
    if not count and not arrived:
        findings += _wrong_requests(total, expected, job, page_base)
    return Outcome(
        findings,
        Counter(each["kind"] for each in total.differences),
        total.count("requests"),
        _least(expected, job),
        found["steps"],
        count,
        found["seconds"],
        found["attempts"],
        found["peak"],
    )


def crash_points(rng: random.Random, number: int, steps: int) -> Iterator[int]:
    """Yield the steps at which processes are killed, after one another.

    Args:
        rng: Decides.
        number: So many are killed early, and one less later, unless they come through to the end.
        steps: How many steps it takes without crashes.
    """
    yield from (rng.randint(1, steps // (2 * number)) for _ in range(number))
    yield from (rng.randint(steps // 2, 2 * steps) for _ in range(number - 1))


class _Total:
    """The reports of all accounts together."""

    def __init__(self, reports: list[Any]) -> None:
        self._reports = reports
        self.differences = [each for report in reports for each in report["differences"]]
        self.sums: dict[tuple[str, str], Sum] = {}
        for report in reports:
            for currency, totals in report["totals"].items():
                for name in _NAMES:
                    before = self.sums.get((name, currency), Sum())
                    more = totals[name]
                    amount = before.amount + Decimal(more["amount"])
                    self.sums[name, currency] = Sum(before.count + more["count"], amount)

    def count(self, name: str) -> int:
        """Return a count of the summaries."""
        return sum(int(report[name]) for report in self._reports)


def _key(difference: Mapping[str, Any]) -> Key:
    names = ("kind", "customer_id", "transaction_id", "field")
    kind, customer, transaction, field = (difference[name] for name in names)
    return kind, customer, transaction, field


def _is_new(difference: Mapping[str, Any], arrived: Collection[Deposit]) -> bool:
    """Return whether it is of a deposit that arrived meanwhile, and left to the next run."""
    ids = {each.id for each in arrived}
    return difference["kind"] == "open" and difference["transaction_id"] in ids


def _wrong_keys(total: _Total, expected: Expected, arrived: Collection[Deposit]) -> Iterator[str]:
    shown = [each for each in total.differences if not _is_new(each, arrived)]
    found = Counter(map(_key, shown))
    for key, number in (expected.keys - found).items():
        yield f"not found ({number}): {key}"
    for key, number in (found - expected.keys).items():
        reasons = {each["reason"] for each in shown if _key(each) == key}
        yield f"found, and not planted ({number}): {key}: {reasons}"


def _wrong_sums(total: _Total, expected: Expected, arrived: Collection[Deposit]) -> Iterator[str]:
    new = [each for each in total.differences if _is_new(each, arrived)]
    for currency in sorted({currency for _, currency in {*expected.sums, *total.sums}}):
        found = {name: total.sums.get((name, currency), Sum()) for name in _NAMES}
        planned = {name: expected.sums.get((name, currency), Sum()) for name in _NAMES}
        mine = [each for each in new if each["currency"] == currency]
        is_open = sum((Decimal(each["amount"]) for each in mine), Decimal(0))
        planned["open"] = Sum(planned["open"].count + len(mine), planned["open"].amount + is_open)
        # Of what arrived meanwhile any part may have been there, or its booking alone.
        sign = sum((each["sign"] * Decimal(each["amount"]) for each in mine), Decimal(0))
        balance = found["booked"].amount - found["due"].amount - sign
        wanted = planned["booked"].amount - planned["due"].amount
        if balance != wanted:
            yield f"the balance of {currency} is {balance}, not {wanted}"
        names = _NAMES[2:] if arrived else _NAMES
        for name in names:
            if found[name] != planned[name]:
                yield f"{name} of {currency}: {found[name]}, not {planned[name]}"


def _wrong_counts(
    total: _Total, expected: Expected, arrived: Collection[Deposit], job: Job
) -> Iterator[str]:
    for name, planned, more in (
        ("customers", len(_customers(job)), 0),
        ("deposits", expected.listed.total(), len(arrived)),
        ("bookings", expected.bookings, len(arrived)),
    ):
        if not planned <= total.count(name) <= planned + more:
            yield f"{total.count(name)} {name}, not {planned} to {planned + more}"


def _wrong_requests(total: _Total, expected: Expected, job: Job, page_base: int) -> Iterator[str]:
    """Check that each customer is read once, and those with differences twice.

    Another one for each account checks that the server filters by customer.
    """
    again = {customer for kind, customer, *_ in expected.keys if kind != "open"}
    planned = sum(_walk(each, expected, job) for each in [*_customers(job), *again])
    planned += expected.lookups + len(job.accounts)
    more = sum(_most_detections(each, expected, job.way, page_base) for each in job.accounts)
    if not planned <= total.count("requests") <= planned + more:
        yield f"{total.count('requests')} requests, not {planned} to {planned + more}"
    if total.count("least_requests") != _least(expected, job):
        yield f"{total.count('least_requests')} as the least, not {_least(expected, job)}"


def _walk(customer: str, expected: Expected, job: Job) -> int:
    """Return how many requests it takes to read a customer: one more after a full last page."""
    is_full = expected.listed[customer] and not expected.listed[customer] % job.page_size
    return expected.pages(customer, job.page_size) + bool(is_full)


def _most_detections(account: Account, expected: Expected, way: str, page_base: int) -> int:
    """Return how many requests it takes at most until the number of the first page is known.

    Until then, an empty page 0 is not known to be the last one, and a server that counts from 1
    rejects page 0.
    """
    has_rows = (expected.listed[each] > 0 for each in account.customers)
    empty = sum(1 for _ in itertools.takewhile(operator.not_, has_rows))
    at_once = CONCURRENCY if way == "async" else page_base
    return min(empty + at_once, len(account.customers))


def _least(expected: Expected, job: Job) -> int:
    return sum(expected.pages(each, job.page_size) for each in _customers(job))


def _customers(job: Job) -> list[str]:
    return [each for account in job.accounts for each in account.customers]
