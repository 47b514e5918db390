"""Reconcile many deposits, and find exactly what was planted, in flat memory."""

from __future__ import annotations

import itertools
import tempfile
import threading
import time
from contextlib import closing, contextmanager
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from calypso_mock import Mock, Server
from calypso_pay import Calypso
from calypso_pay.inbox import Inbox
from tests.reconcile import checking
from tests.reconcile.gate import Gate
from tests.reconcile.planting import CURRENCIES, Deposit, Expected, Plan
from tests.reconcile.process import Account, Job, url_of
from tests.storm import books
from tests.storm.chance import chance

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from tests.reconcile.checking import Outcome

# The most by which the peak of memory may be higher with four times as many customers, in KiB. The
# cache of SQLite takes some of it. To keep the rows would take more, at full size many times that.
FLAT = 6 * 1024
# One of so many deposits is not credited yet.
_OPEN = 500
_ARRIVALS = 500
_TICK = 0.02
# So many of them are not booked yet.
_LAG = 10


class Size(NamedTuple):
    """How much there is.

    Attributes:
        customers: How many customers.
        deposits: How many deposits they have together.
        in_ledger: How many mistakes are planted in the ledger.
        in_rows: How many rows are changed at the server.
        crashes: How many processes are killed in any case, before one may come through.
        has_clean_runs: Whether right books are reconciled first, of more and more customers.
        page_size: Rows on a page.
        settle: Seconds after which customers are read again while deposits arrive: longer than it
            takes to book one. 0 waits for the bookings themselves.
    """

    customers: int
    deposits: int
    in_ledger: int = 50
    in_rows: int = 20
    crashes: int = 3
    has_clean_runs: bool = True
    page_size: int = 100
    settle: float = 4


SIZES = {
    "tiny": Size(20, 200, 12, 7, crashes=1, has_clean_runs=False, page_size=7, settle=0),
    "small": Size(200, 10_000),
    "full": Size(2_000, 100_000),
}


class Shop:
    """A mock with customers and deposits, and the ledger in which they are booked.

    Args:
        folder: Where the ledger is.
        size: How much there is.
        seed: Decides who has how many deposits, and their amounts.
        page_base: The number of the mock's first page.

    Attributes:
        mock: The mock.
        customers: The ids of the customers.
        deposits: What is credited and booked.
        expected: What a reconciliation has to find.
        seconds: How long it took to make all that.
    """

    def __init__(self, folder: Path, size: Size, *, seed: int, page_base: int) -> None:
        start = time.monotonic()
        self.mock = Mock(page_base=page_base, seed=seed)
        self.page_base = page_base
        self.ledger = f"sqlite:///{folder / 'ledger.db'}"
        self.memory = f"sqlite:///{folder / 'inbox.db'}"
        self.gate = Gate(folder / "gate")
        self._rng = chance(seed, "shop", page_base)
        self.size = size
        self._addresses: dict[tuple[str, str], str] = {}
        self._open_customers()
        self.deposits: list[Deposit] = []
        self._open = self._fill()
        self.engine = sa.create_engine(self.ledger, poolclass=sa.NullPool)
        self._book_all()
        with closing(Inbox(self.memory)) as inbox:
            inbox.create_tables()
        self.expected = self.right_books(self.customers)
        self.seconds = time.monotonic() - start

    def right_books(self, customers: Collection[str]) -> Expected:
        """Return what has to be found of these customers while nothing is wrong."""
        chosen = set(customers)
        expected = Expected(each for each in self.deposits if each.customer in chosen)
        for each in self._open:
            if each.customer in chosen:
                expected.keep_open(each)
        return expected

    def plant(self) -> None:
        """Plant mistakes in the ledger, and change rows at the server."""
        plan = Plan(
            self._rng, self.customers, self.engine, self.mock.rows, self.expected, Expected()
        )
        plan.plant(self.deposits, self.size.in_ledger, self.size.in_rows)

    @contextmanager
    def deposits_arrive(self) -> Iterator[list[Deposit]]:
        """Make deposits, and book them a little later, for as long as a block lasts."""
        arrived: list[Deposit] = []
        stopped = threading.Event()

        def work() -> None:
            booked = 0
            while not stopped.wait(_TICK):
                if len(arrived) < _ARRIVALS:
                    self._deposit(self._rng.choice(self.customers), arrived.append)
                is_waited_for = self.gate.is_waited_for()
                lag = 0 if is_waited_for or len(arrived) == _ARRIVALS else _LAG
                before, booked = booked, max(booked, len(arrived) - lag)
                self.book(arrived[before:booked])
                if is_waited_for:
                    self.gate.open()
            self.book(arrived[booked:])

        thread = threading.Thread(target=work, name="arrivals")
        thread.start()
        try:
            yield arrived
        finally:
            stopped.set()
            thread.join()
        for each in arrived:
            self.expected.list(each)
            self.expected.book(each)

    def _open_customers(self) -> None:
        with Calypso(transport=self.mock.transport(), **self.mock.settings()) as calypso:
            self.customers = [calypso.customers.create().id for _ in range(self.size.customers)]
            for customer, currency in itertools.product(self.customers, CURRENCIES):
                purse = calypso.addresses.get(customer_id=customer, currency=currency)
                self._addresses[customer, currency] = purse.address

    def _fill(self) -> list[Deposit]:
        """Make deposits; some customers have none, others several pages of them."""
        weights = [self._rng.choice([0, 1, 1, 3]) for _ in self.customers]
        chosen = self._rng.choices(self.customers, weights, k=self.size.deposits - 1)
        is_open = []
        # The first one has a row in any case, which shows the number of the first page.
        for number, customer in enumerate([*chosen, self.customers[0]]):
            if number % _OPEN:
                self._deposit(customer, self.deposits.append)
            else:
                step = self._rng.choice(["mem_pool", "pending", "confirmed"])
                self._deposit(customer, is_open.append, to=step)
        return is_open

    def _deposit(
        self, customer: str, note: Callable[[Deposit], object], to: Any = "credited"
    ) -> Deposit:
        currency = self._rng.choice(list(CURRENCIES))
        places = self._rng.randint(0, CURRENCIES[currency])
        # More digits than a float has.
        amount = Decimal(self._rng.randint(2, 10 ** (places + 12))).scaleb(-places)
        address = self._addresses[customer, currency]
        made = self.mock.simulate_deposit(address=address, currency=currency, amount=amount, to=to)
        deposit = Deposit(made.transaction_id, customer, currency, amount)
        note(deposit)
        return deposit

    def _book_all(self) -> None:
        books.metadata.create_all(self.engine)
        with self.engine.begin() as connection:
            # A shop that looks up bookings by customer has an index for it.
            connection.execute(sa.text("CREATE INDEX by_account ON ledger (account)"))
            connection.execute(sa.text('CREATE INDEX by_transaction ON ledger ("transaction")'))
        self.book(self.deposits)

    def book(self, deposits: list[Deposit]) -> None:
        rows = [
            {
                "transaction": each.id,
                "account": each.customer,
                "currency": each.currency,
                "amount": f"{each.amount:f}",
            }
            for each in deposits
        ]
        if not rows:
            return
        with self.engine.begin() as connection:
            connection.execute(sa.insert(books.ledger), rows)


class Run(NamedTuple):
    """A reconciliation of the proof.

    Attributes:
        page_base: The number of the server's first page.
        way: ``sync`` or ``async``.
        what: What is going on meanwhile.
        outcome: What it did.
    """

    page_base: int
    way: str
    what: str
    outcome: Outcome


def prove(size: Size, seed: int, show: Callable[[str], object]) -> Iterator[Run]:
    """Yield the reconciliations of a proof, as they come to their end.

    Args:
        size: How much there is.
        seed: Decides what is planted, and where processes are killed.
        show: Called with lines about what is done.
    """
    for page_base in (0, 1):
        with tempfile.TemporaryDirectory() as folder:
            shop = Shop(Path(folder), size, seed=seed, page_base=page_base)
            show(
                f"first page {page_base}: {size.deposits:,} deposits of {size.customers:,} "
                f"customers made in {shop.seconds:.0f} s"
            )
            with Server(shop.mock) as server:
                for way, what, outcome in _runs(shop, server.url, seed):
                    yield Run(page_base, way, what, outcome)


def _runs(shop: Shop, url: str, seed: int) -> Iterator[tuple[str, str, Outcome]]:
    size, settings = shop.size, shop.mock.settings(base_url=url)
    first, second = ("sync", "async") if shop.page_base == 0 else ("async", "sync")

    def job(way: str, **changes: Any) -> Job:
        ledger, memory = (url_of(each, way) for each in (shop.ledger, shop.memory))
        account = Account(settings, shop.customers)
        return Job([account], way, "table", ledger, memory, way, size.page_size)._replace(**changes)

    check = partial(checking.run, page_base=shop.page_base)
    if size.has_clean_runs:
        yield from _growing(shop, job(first), check)
    shop.plant()
    planted = check(job(first), shop.expected)
    yield first, "mistakes planted", planted
    settle, gate = (size.settle, "") if size.settle else (60, str(shop.gate))
    crashes = checking.crash_points(
        chance(seed, "crashes", shop.page_base), size.crashes, planted.steps
    )
    with shop.deposits_arrive() as arrived:
        outcome = check(
            job(second, settle=settle, gate=gate), shop.expected, arrived=arrived, crashes=crashes
        )
    yield second, f"mistakes planted, crashes, {len(arrived)} deposits arrive meanwhile", outcome


def _growing(
    shop: Shop, job: Job, check: Callable[[Job, Expected], Outcome]
) -> Iterator[tuple[str, str, Outcome]]:
    """Reconcile right books of more and more customers, with the same peak of memory."""
    peaks = []
    for part in (4, 2, 1):
        customers = shop.customers[: len(shop.customers) // part]
        account = job.accounts[0]._replace(customers=customers)
        what = f"right books of {len(customers):,} customers"
        outcome = check(job._replace(accounts=[account]), shop.right_books(customers))
        peaks.append(outcome.peak)
        if (growth := outcome.peak - peaks[0]) > FLAT:
            outcome.findings.append(f"memory grew by {growth:,} KiB")
        yield job.way, what, outcome
