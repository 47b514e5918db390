"""After a storm: reconcile the books with the mock; plant mistakes, and find exactly those."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from tests.reconcile import checking
from tests.reconcile.gate import Gate
from tests.reconcile.planting import Deposit, Expected, Plan
from tests.reconcile.process import Account, Job, url_of
from tests.storm.chance import chance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from calypso_mock import Mock
    from tests.reconcile.checking import Outcome
    from tests.storm.shop import Shop

# What is reconciled, and in which way: after a storm, and again with mistakes.
ALL = tuple((ledger, way) for ledger in ("table", "inbox") for way in ("sync", "async"))
FEW = (("table", "async"), ("inbox", "sync"))
# Planted at most: in the ledger, and in the rows of the mock.
_MISTAKES, _ROWS = 50, 20
# Seconds that do not pass: the gate opens when all is booked.
_SETTLE = 60
_ARRIVALS = 200
_TICK = 0.05


class Run(NamedTuple):
    """A reconciliation after a storm.

    Attributes:
        what: What it was about.
        outcome: What it did.
    """

    what: str
    outcome: Outcome


class Calm:
    """A shop after the storm, whose program is still served.

    Args:
        mock: The mock.
        url: Where it is served.
        shop: The accounts at the mock.
        database: The database of the ledger and of the inbox.
        seed: Decides what is planted, and where processes are killed.
        folder: For the file of a gate.
        is_finished: Returns whether the program has handled what was delivered, and keeps it alive.
    """

    def __init__(  # noqa: PLR0913 - all named
        self,
        *,
        mock: Mock,
        url: str,
        shop: Shop,
        database: str,
        seed: int,
        folder: Path,
        is_finished: Callable[[], bool],
    ) -> None:
        self._mock = mock
        self._shop = shop
        self._database = database
        self._chance = chance(seed, "reconciling")
        self._page_base = seed % 2
        self._page_size = self._chance.choice([5, 20, 100])
        self._is_finished = is_finished
        self._gate = Gate(folder / "gate")
        self._accounts = [
            Account(mock.settings(account, base_url=url), customers)
            for account, customers in shop.accounts.items()
        ]
        self._deposits = [self._deposit(identity) for identity in shop.deposited]
        self._expected = {name: Expected(self._deposits) for name in ("table", "inbox")}

    def runs(self, pairs: Sequence[tuple[str, str]]) -> Iterator[Run]:
        """Reconcile right books; then with mistakes, deposits that arrive, and crashes.

        Args:
            pairs: The ledgers to reconcile, each with the way in which to call.
        """
        steps = {}
        for ledger, way in pairs:
            outcome = self._run(ledger, way)
            steps[ledger, way] = outcome.steps
            yield Run(f"{ledger}, {way}", outcome)
        planted = self._plant()
        # Fewer in a short storm.
        number = 3 if len(pairs) > len(FEW) else 1
        for ledger, way in pairs:
            with self._deposits_arrive() as arrived:
                crashes = checking.crash_points(self._chance, number, steps[ledger, way])
                wait = _SETTLE, str(self._gate)
                outcome = self._run(ledger, way, wait, arrived=arrived, crashes=crashes)
            mistakes = f"{planted[0] if ledger == 'table' else 0} mistakes"
            what = (
                f"{ledger}, {way}, {mistakes}, {planted[1]} rows changed, "
                f"{len(arrived)} deposits arrive"
            )
            yield Run(what, outcome)

    def _run(
        self, ledger: str, way: str, wait: tuple[float, str] = (0, ""), **more: Any
    ) -> Outcome:
        url, name = url_of(self._database, way), f"{ledger}, {way}"
        job = Job(self._accounts, way, ledger, url, url, name, self._page_size, *wait)
        return checking.run(job, self._expected[ledger], page_base=self._page_base, **more)

    def _plant(self) -> tuple[int, int]:
        """Plant mistakes, and return how many there are in the ledger and in the rows."""
        customers = [each for account in self._accounts for each in account.customers]
        engine = sa.create_engine(self._database, poolclass=sa.NullPool)
        books, events = self._expected["table"], self._expected["inbox"]
        plan = Plan(self._chance, customers, engine, self._mock.rows, books, events)
        mistakes = min(_MISTAKES, len(self._deposits) // 8)
        rows = min(_ROWS, len(self._deposits) // 20)
        plan.plant(self._deposits, mistakes, rows)
        return mistakes, rows

    @contextmanager
    def _deposits_arrive(self) -> Iterator[list[Deposit]]:
        """Have deposits arrive for as long as a block lasts, then wait until they are booked."""
        arrived: list[Deposit] = []
        stopped = threading.Event()

        def work() -> None:
            while not stopped.wait(_TICK):
                if self._gate.is_waited_for():
                    self._finish()
                    self._gate.open()
                elif len(arrived) < _ARRIVALS:
                    arrived.append(self._deposit(self._shop.deposit()))
                self._deliver()
            self._finish()

        thread = threading.Thread(target=work, name="arrivals")
        thread.start()
        try:
            yield arrived
        finally:
            stopped.set()
            thread.join()
        for expected in self._expected.values():
            for each in arrived:
                expected.list(each)
                expected.book(each)

    def _finish(self) -> None:
        """Wait until all that arrived is booked."""
        while not self._deliver():
            time.sleep(_TICK)

    def _deliver(self) -> bool:
        """Make the attempts that come next; return whether nothing is left to do."""
        self._shop.deliver_next()
        return self._is_finished() and not self._mock.deliveries.pending

    def _deposit(self, identity: str) -> Deposit:
        made = self._shop.deposited[identity]
        return Deposit(identity, self._shop.owners[identity], made.currency, made.amount)
