"""The reconciliation itself: read each customer, compare, remember."""

from __future__ import annotations

from collections import deque
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from uuid import UUID, uuid4

from attrs import evolve

from calypso_api import UNSET
from calypso_api.models import FindTransactionsPayload
from calypso_api.operations.transactions import FIND_TRANSACTIONS
from calypso_pay._errors import (
    AuthenticationError,
    CalypsoError,
    ConfigurationError,
    InvalidRequestError,
    NotFoundError,
    Outcome,
    UnexpectedResponseError,
)
from calypso_pay.reconcile import _notes
from calypso_pay.reconcile._compare import NO_SUCH_DEPOSIT, Comparison, OpenDeposit, compare, key_of
from calypso_pay.reconcile._differences import Kind
from calypso_pay.reconcile._drivers import AsyncDriver, is_iterator
from calypso_pay.reconcile._notes import Result, Run
from calypso_pay.reconcile._owners import Owners
from calypso_pay.reconcile._report import Report, Summary
from calypso_pay.transactions import AsyncTransactionIterator, AsyncTransactions, _query

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from calypso_api import Operation
    from calypso_api._engine import AsyncEngine, Payload
    from calypso_api.models import Transaction
    from calypso_pay.reconcile._bookings import Booking
    from calypso_pay.reconcile._differences import Difference
    from calypso_pay.reconcile._drivers import AsyncStep
    from calypso_pay.reconcile._memory import AsyncMemory
    from calypso_pay.reconcile._pace import Pace
    from calypso_pay.reconcile._settings import Settings
    from calypso_pay.transactions import PagingWarning

T = TypeVar("T")

# Customers in a row that can't be read, after which the server itself is checked.
_MAX_FAILURES = 5
# Deposits with differences, of customers that wait to be read again. It limits the memory.
_MAX_WAITING = 50_000
# More than any customer has. A page without new rows ends a walk anyway.
_MAX_PAGES = 1_000_000
_FATAL = (AuthenticationError, ConfigurationError)
# An id that the API does not take is not that of a deposit.
_REJECTED = (InvalidRequestError, NotFoundError)


class _Waiting(NamedTuple):
    """A customer that is to be read again.

    Attributes:
        due: When, by `Pace.now`.
        customer_id: The customer.
        last: What the last run found.
        keys: The deposits that differed.
        requests: How many requests that took.
    """

    due: float
    customer_id: str
    last: Comparison | None
    keys: frozenset[str]
    requests: int


class AsyncReconciliation:
    """Differences between the API and a ledger. Made by ``reconcile``.

    Iterate over it, or have a `report` made. Each iteration is a run, which resumes the one before
    if that ended early and there is a memory. Nothing is sent before it begins, and nothing is
    booked by it.
    """

    def __init__(
        self, engine: AsyncEngine, settings: Settings, memory: AsyncMemory, scope: str
    ) -> None:
        self._run = partial(_AsyncRun, engine, settings, memory, scope)
        self._customers = settings.customers
        self._summary: Summary | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.summary.customers} customers so far>"

    @property
    def summary(self) -> Summary:
        """Counts and sums of the customers that the last run has reconciled so far."""
        return self._summary or Summary()

    def __aiter__(self) -> AsyncIterator[Difference]:
        return self._begin().differences()

    async def report(self) -> Report:
        """Run to the end, and return all that was found.

        Raises:
            CalypsoError: What the iteration raises: see `reconcile`.
        """
        run = self._begin()
        return Report(run.summary, [difference async for difference in run.differences()])

    def _begin(self) -> _AsyncRun:
        if self._summary is not None and is_iterator(self._customers):
            raise RuntimeError(
                "customers is an iterator, which an earlier run has used up: pass a list, or call "
                "reconcile again."
            )
        run = self._run()
        self._summary = run.summary
        return run


class _AsyncRun:
    """A run of a reconciliation."""

    def __init__(
        self, engine: AsyncEngine, settings: Settings, memory: AsyncMemory, scope: str
    ) -> None:
        self.summary = Summary()
        self._engine = engine
        self._settings = settings
        self._pace = settings.pace
        self._memory = memory
        self._scope = scope
        self._sleep = settings.sleep or _sleep
        self._driver = AsyncDriver(settings.concurrency)
        # The id of the run; that of an earlier process, if it is resumed.
        self._id = ""
        self._waiting: deque[_Waiting] = deque()
        self._waiting_keys = 0
        self._seen: set[str] = set()
        self._owners = Owners()
        self._first_page: int | None = None
        self._last_read = ""
        self._failures = 0

    async def differences(self) -> AsyncIterator[Difference]:
        """Read all customers, and yield what is found."""
        note = await self._get()
        run = Run.begin_or_resume(note, self._settings)
        self._id = run.id
        self.summary.started_at = run.started_at
        self.summary.is_resumed = run.is_resumed
        with run.is_active(), self._settings.progress_of(self.summary) as show:
            await self._put(run.note())
            await self._check_filter()
            for steps in (self._first_steps, self._last_steps):
                async with aclosing(self._driver.run(steps())) as results:
                    async for result in results:
                        if run.has_to_show_life():
                            await self._put(run.note())
                        if result is None:
                            continue
                        self.summary.add(result)
                        show()
                        for difference in result.comparison.differences:
                            yield difference
        note = await self._get()
        if Run.is_about(note, run.id):
            await self._put(run.note(is_finished=True))

    async def _get(self, customer_id: str = "") -> str | None:
        """Return the note about a customer, or that about the run."""
        key = _notes.key_of(customer_id)
        return await self._driver.finish(self._memory.get_note, self._scope, key)

    async def _put(self, note: str, customer_id: str = "") -> None:
        key = _notes.key_of(customer_id)
        await self._driver.finish(self._memory.put_note, self._scope, key, note)

    async def _list(self, after: str) -> list[tuple[str, str]]:
        return await self._driver.finish(self._memory.list_notes, self._scope, after)

    async def _first_steps(self) -> AsyncIterator[AsyncStep]:
        """Read each customer; between them read those again that have waited for long enough."""
        async for customer_id in self._customers():
            while self._waiting and (
                self._waiting[0].due <= self._pace.now() or self._waiting_keys >= _MAX_WAITING
            ):
                yield partial(self._read_again, self._next_waiting())
            yield partial(self._read, customer_id)

    async def _last_steps(self) -> AsyncIterator[AsyncStep]:
        while self._waiting:
            yield partial(self._read_again, self._next_waiting())

    def _next_waiting(self) -> _Waiting:
        waiting = self._waiting.popleft()
        self._waiting_keys -= len(waiting.keys)
        return waiting

    async def _customers(self) -> AsyncIterator[str]:
        """Yield the customers that were passed, then others that the last run was not done with."""
        async for given in self._driver.iterate(self._settings.customers):
            if self._is_new(customer_id := _customer_id(given)):
                yield customer_id
        after = ""
        while notes := list(await self._list(after)):
            for _, note in notes:
                last = Result.read(note)
                if last is None or not last.belongs_to(self._id):
                    continue
                if self._is_new(customer_id := last.comparison.customer_id):
                    yield customer_id
            after = notes[-1][0]

    def _is_new(self, customer_id: str) -> bool:
        key = customer_id.lower()
        is_new = key not in self._seen
        self._seen.add(key)
        return is_new

    async def _read(self, customer_id: str) -> Result | None:
        """Read a customer, and return what was found, unless it is to be read again."""
        note = await self._get(customer_id)
        last = Result.read(note)
        if last is not None and last.run == self._id:
            return last
        comparison = None if last is None else last.comparison
        engine = self._paced()
        found = await self._try_to_look(customer_id, engine, comparison)
        if not (found.is_read and (keys := found.suspicions())):
            return await self._record(found, engine.requests)
        due = self._pace.now() + self._settings.settle
        self._waiting.append(_Waiting(due, customer_id, comparison, keys, engine.requests))
        self._waiting_keys += len(keys)
        return None

    async def _read_again(self, waiting: _Waiting) -> Result:
        """Read a customer again, and return what was found both times."""
        await _pause(self._pace, self._sleep, waiting.due)
        engine = self._paced(waiting.requests)
        found = await self._try_to_look(waiting.customer_id, engine, waiting.last, waiting.keys)
        return await self._record(found, engine.requests)

    async def _record(self, found: Comparison, requests: int) -> Result:
        found.add_sums()
        result = Result(found, self._id, requests, _least(found, self._settings.page_size))
        await self._put(result.note(), found.customer_id)
        return result

    async def _try_to_look(
        self,
        customer_id: str,
        engine: _PacedEngine,
        last: Comparison | None,
        keys: AbstractSet[str] | None = None,
    ) -> Comparison:
        """Look at a customer. One that can't be read must not keep the others from it.

        Raises:
            CalypsoError: No customer can be read.
        """
        try:
            found = await self._look(customer_id, engine, last.open if last else {})
            if keys is not None:
                found.confirm(keys, datetime.now(UTC))
                await self._look_up_unexpected(found, engine)
        except _FATAL:
            raise
        except CalypsoError as error:
            self._failures += 1
            if self._failures >= _MAX_FAILURES:
                await self._check_server(error)
            return Comparison.unread(customer_id, error, last, datetime.now(UTC))
        self._failures = 0
        self._last_read = customer_id
        return found

    async def _check_filter(self) -> None:
        """Check that the server filters by customer, which is inferred.

        Raises:
            UnexpectedResponseError: It lists deposits for a customer that does not exist. So every
                deposit would be missing at each other customer.
        """
        search = FindTransactionsPayload(customer_id=str(uuid4()), page_size=1)
        self.summary.requests += 1
        try:
            page = await self._paced().call(FIND_TRANSACTIONS, search)
        except CalypsoError:
            # How the API responds to such an id is not known. Only rows are wrong for sure.
            return
        if page.result:
            raise UnexpectedResponseError(
                "findTransactions: the server lists deposits for a customer that does not exist, "
                "so it does not filter by customer, and nothing can be reconciled.",
                operation="findTransactions",
                outcome=Outcome.DONE,
            )

    def _paced(self, requests: int = 0) -> _PacedEngine:
        return _PacedEngine(self._engine, self._pace, self._sleep, requests)

    async def _check_server(self, error: CalypsoError) -> None:
        """Find out whether the server can be read at all, after failures in a row.

        Raises:
            CalypsoError: It can't: `error`, which the last customer had.
        """
        search = FindTransactionsPayload(customer_id=self._last_read or UNSET, page_size=1)
        try:
            with suppress(*_REJECTED):
                await self._paced().call(FIND_TRANSACTIONS, search)
        except CalypsoError:
            raise error from None
        self._failures = 0

    async def _look(
        self, customer_id: str, engine: _PacedEngine, was_open: Mapping[str, OpenDeposit]
    ) -> Comparison:
        """Read the deposits, then the bookings, and compare them."""
        walk = _Walk(customer_id, engine)
        await walk.read(self._settings.page_size, self._first_page)
        if self._first_page is None:
            self._first_page = walk.first_page
        walk.leave_out(self._owners.contested(customer_id, walk.rows))
        bookings = await self._bookings(customer_id, walk.rows)
        found = compare(
            customer_id,
            walk.rows,
            [each for each in bookings if key_of(each.id) not in walk.unreadable],
            rules=self._settings.rules,
            was_open=was_open,
            now=datetime.now(UTC),
        )
        for problem in walk.problems:
            found.add(Kind.UNREAD, problem)
        known = walk.unreadable | {key_of(each.id) for each in bookings}
        listed = {key_of(row.id) for row in walk.rows}
        for identity, last in was_open.items():
            if key_of(identity) in known - listed:
                found.open[identity] = last
            elif key_of(identity) not in listed:
                await self._look_for_unlisted(found, identity, last, engine)
        return found

    async def _look_for_unlisted(
        self, found: Comparison, identity: str, last: OpenDeposit, engine: _PacedEngine
    ) -> None:
        """Look for a deposit that was open and is not listed for its customer any more."""
        if self._owners.is_of_another(identity, found.customer_id):
            return
        try:
            row = await engine.get(identity)
        except _FATAL:
            raise
        except CalypsoError as error:
            found.open[identity] = last
            found.add(
                Kind.UNREAD, f"not listed any more, and not to be looked up: {error}", identity
            )
        else:
            found.add_unlisted(identity, last, row, datetime.now(UTC))

    async def _bookings(self, customer_id: str, rows: Iterable[Transaction]) -> list[Booking]:
        ledger, rule = self._settings.ledger, self._settings.inbox_rule
        if rule is None:
            return await self._driver.bookings(ledger, customer_id)
        found: list[Booking] = await self._driver.finish(ledger, customer_id, rule)
        # The events of some deposits may name no customer, so an inbox is asked for these, too.
        known = {key_of(each.id) for each in found}
        others = [row.id for row in rows if key_of(row.id) not in known]
        found += await self._driver.finish(ledger, customer_id, rule, others)
        return found

    async def _look_up_unexpected(self, found: Comparison, engine: _PacedEngine) -> None:
        """Look up bookings without a deposit of the customer, of which there may be one."""
        is_whole = all(each.kind is not Kind.UNREAD for each in found.differences)
        for each in list(found.differences):
            if each.reason != NO_SUCH_DEPOSIT or each.transaction_id is None:
                continue
            row: Transaction | None = None
            reason = "booked, and the deposit is not listed for this customer"
            try:
                if (row := await engine.get(each.transaction_id)) is None:
                    continue
            except (*_REJECTED, ValueError):
                continue
            except _FATAL:
                raise
            except CalypsoError as error:
                reason = f"booked, and not listed; that it exists could not be looked up: {error}"
            found.differences.remove(each)
            # If rows may be missing, it may be one of them.
            if is_whole:
                found.differences.append(evolve(each, reason=reason, transaction=row))


class _Walk:
    """A walk through the deposits of a customer.

    Attributes:
        rows: The deposits that could be read.
        problems: Why there may be others.
        unreadable: The ids of those that could not be read.
        first_page: The number of the server's first page, if it is known.
    """

    def __init__(self, customer_id: str, engine: _PacedEngine) -> None:
        self._customer_id = customer_id
        self._engine = engine
        self.rows: list[Transaction] = []
        self.problems: list[str] = []
        self.unreadable: set[str] = set()
        self.first_page: int | None = None

    async def read(self, page_size: int, first_page: int | None) -> None:
        """Read all of them."""
        search = FindTransactionsPayload(
            customer_id=self._customer_id,
            page_size=page_size,
            sort=_query.SORT,
            properties=_query.PROPERTIES,
        )
        bounds = _query.bounds(page_size, first_page, None, _MAX_PAGES)
        query = _query.Query(search, bounds, None)
        iterator = AsyncTransactionIterator(self._engine, query, self._note)
        try:
            async for row in iterator:
                self.rows.append(row)
        except UnexpectedResponseError as error:
            if not error.rows:
                raise
            self.problems.append(f"{len(error.rows)} deposits could not be read: {error}")
            self.unreadable = {key_of(each) for each in map(_id_of, error.rows) if each}
        self.first_page = query.walker.known_first_page

    def leave_out(self, contested: Collection[str]) -> None:
        """Leave out deposits that are listed for another customer, too."""
        if contested:
            self.rows = [row for row in self.rows if key_of(row.id) not in contested]
            self.unreadable |= set(contested)
            self.problems += [f"{each} is listed for another customer, too" for each in contested]

    def _note(self, warning: PagingWarning) -> None:
        self.problems.append(str(warning))


class _PacedEngine:
    """An engine that keeps the pace, and counts requests."""

    def __init__(
        self,
        engine: AsyncEngine,
        pace: Pace,
        sleep: Callable[[float], Awaitable[object]],
        requests: int = 0,
    ) -> None:
        self.requests = requests
        self._engine = engine
        self._pace = pace
        self._sleep = sleep

    async def call(self, operation: Operation[T], payload: Payload | None, /) -> T:
        """Call an operation."""
        await _pause(self._pace, self._sleep, self._pace.next_request())
        self.requests += 1
        return await self._engine.call(operation, payload)

    async def get(self, transaction_id: str) -> Transaction | None:
        """Return a deposit; None if the API does not know it."""
        with suppress(NotFoundError):
            return await AsyncTransactions(self).get(transaction_id)
        return None


def _customer_id(given: object) -> str:
    """Check the id of a customer.

    Raises:
        ConfigurationError: It is empty, or has blanks around it or half a character.
        TypeError: It is no id.
    """
    if not isinstance(given, str | UUID):
        raise TypeError(f"customers has {given!r:.100}, and has to have ids: text or UUIDs")
    found = str(given)
    if not found or found != found.strip() or found != found.encode("utf-8", "ignore").decode():
        raise ConfigurationError(
            f"customers has {found!r:.100}, which is no id: pass the ids of your customers."
        )
    return found


def _least(found: Comparison, page_size: int) -> int:
    """Return how many requests it takes at least to read so many deposits."""
    return max(1, -(-found.deposits // page_size))


def _id_of(row: object) -> str:
    found = row.get("id") if isinstance(row, dict) else None
    return found if isinstance(found, str) else ""


async def _pause(pace: Pace, sleep: Callable[[float], Awaitable[object]], until: float) -> None:
    if (delay := until - pace.now()) > 0:
        await sleep(delay)
        # A test's sleep may return at once.
        pace.skip(until)


async def _sleep(seconds: float) -> None:
    import asyncio

    await asyncio.sleep(seconds)
