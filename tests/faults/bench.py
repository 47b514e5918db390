"""Make one call through one fault, and hold what came of it against the table and the journal."""

from __future__ import annotations

import asyncio
import operator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from urllib.parse import urlsplit

from calypso_mock import Mock, Server
from calypso_pay import AsyncCalypso, Attempt, Calypso, CalypsoError, Outcome
from tests.faults.calls import CALLS, EARLIER
from tests.faults.faults import TIMEOUT
from tests.faults.proxy import Proxy, pass_on
from tests.faults.troubles import TROUBLES, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calypso_mock import Settings
    from tests.faults.table import Row

HASTY = {"timeout": TIMEOUT, "deadline": 2.5}
# Long, so that a busy machine makes no fault of its own.
PATIENT = {"timeout": 45.0, "deadline": 50.0}
# Short, but not 0, which would switch off what the server asks for too.
_BACKOFF = 0.01


class Cell(NamedTuple):
    """One call to be made: a row of the table, an operation, and which client."""

    row: Row
    operation: str
    asynchronous: bool

    def __str__(self) -> str:
        kind = "async" if self.asynchronous else "sync"
        return f"{self.row}: {self.operation}, {kind}"


class Seen(NamedTuple):
    """What came of a call.

    Attributes:
        result: What it returned.
        error: What it raised.
        told: What `on_attempt` was told.
        carried_out: How often the mock carried it out.
        refused: How often the mock refused it.
        broken: What went wrong in the proxy itself.
    """

    result: Any
    error: Exception | None
    told: list[Attempt]
    carried_out: int
    refused: int
    broken: list[Exception]

    def __str__(self) -> str:
        told = "success" if self.error is None else type(self.error).__name__
        if isinstance(self.error, CalypsoError):
            told += f" {self.error.outcome}"
        return f"{told} {len(self.told)}/{self.carried_out}/{self.refused}"


class Bench:
    """A served mock, and clients that reach it through a proxy; for one thread."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._mock = Mock(seeded=True)
        address = urlsplit(self._stack.enter_context(Server(self._mock)).url)
        self._upstream = (str(address.hostname), address.port or 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def run(self, cell: Cell) -> Seen:
        """Make the call of a cell."""
        self._mock.reset()
        trouble, call, told = TROUBLES[cell.row.fault], CALLS[cell.operation], list[Attempt]()
        with Proxy(self._upstream) as proxy:
            settings = self._mock.settings(base_url=proxy.url)
            with _Client(cell, settings, told) as client:
                self._prepare(trouble, proxy, client)
                script = trouble.script
                proxy.play(script, script[-1] if script and cell.row.lasting else pass_on)
                client.after_attempt = None if cell.row.lasting else proxy.open
                arguments = call.much if trouble.long else call.arguments
                result, error = client.call(call.method, arguments)
            proxy.settle()
            journal = self._mock.journal
            counts = journal.carried_out(cell.operation), journal.refused(cell.operation)
            return Seen(result, error, told, *counts, proxy.errors)

    def _prepare(self, trouble: Trouble, proxy: Proxy, client: _Client) -> None:
        if trouble.door == "open":
            proxy.open()
        elif trouble.door == "full":
            proxy.fill()
        if trouble.before is not None:
            proxy.play((trouble.before,))
            client.call(*EARLIER)
            client.idle()
            proxy.rest()
            self._mock.journal.clear()
            client.told.clear()


class _Client:
    """A client whose calls look the same whether it is sync or async; a context manager."""

    def __init__(self, cell: Cell, settings: Settings, told: list[Attempt]) -> None:
        self.told = told
        self.after_attempt: Callable[[], None] | None = None
        self._runner = asyncio.Runner()
        make: Any = AsyncCalypso if cell.asynchronous else Calypso
        self._client = make(
            **settings,
            **_pace(cell),
            backoff=_BACKOFF,
            on_attempt=self._listen,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if isinstance(self._client, AsyncCalypso):
            self._runner.run(self._client.aclose())
        else:
            self._client.close()
        self._runner.close()

    def call(self, method: str, arguments: Any) -> tuple[Any, Exception | None]:
        """Call a method by its dotted name, and return what it returned and what it raised."""
        try:
            result = operator.attrgetter(method)(self._client)(**arguments)
            return (self._runner.run(result) if asyncio.iscoroutine(result) else result), None
        except Exception as error:  # noqa: BLE001 - whatever it raises is what is judged
            return None, error

    def idle(self) -> None:
        """Let a moment pass, in which an event loop would read what arrives."""
        self._runner.run(asyncio.sleep(TIMEOUT / 5))

    def _listen(self, attempt: Attempt) -> None:
        self.told.append(attempt)
        if self.after_attempt is not None:
            self.after_attempt()


def _pace(cell: Cell) -> dict[str, float]:
    return HASTY if TROUBLES[cell.row.fault].hasty else PATIENT


def complaints(cell: Cell, seen: Seen) -> list[str]:
    """Return all that is wrong with what came of a call, in words."""
    return [said for judge in (_by_table, by_journal, _by_account) for said in judge(cell, seen)]


def _by_table(cell: Cell, seen: Seen) -> Iterator[str]:
    expected = cell.row.expected(cell.operation)
    if str(seen) != str(expected):
        yield f"{seen} instead of {expected} ({seen.error!r})"
    if seen.error is None and not CALLS[cell.operation].answered(seen.result):
        yield f"it was given the answer to another call: {seen.result!r}"


def by_journal(cell: Cell, seen: Seen) -> Iterator[str]:
    """Say where an outcome is not true, whatever the table says."""
    outcome = getattr(seen.error, "outcome", Outcome.DONE)
    if outcome is Outcome.NOT_SENT and seen.carried_out + seen.refused:
        yield "it was sent"
    if outcome is Outcome.REFUSED and seen.carried_out:
        yield "it was carried out, though it is said to be refused"
    if outcome is Outcome.DONE and not seen.carried_out:
        yield "it was not carried out, though it is said to be done"
    if CALLS[cell.operation].unsafe and seen.carried_out > 1:
        yield "it was carried out twice"


def _by_account(cell: Cell, seen: Seen) -> Iterator[str]:
    """Say where the error, or what `on_attempt` was told, does not fit the call."""
    error, told = seen.error, seen.told
    if isinstance(error, CalypsoError):
        if (error.operation, error.attempts) != (cell.operation, len(told)):
            yield f"the error speaks of {error.operation}, {error.attempts} attempts"
        if error.outcome is not max((each.outcome for each in told), key=lambda it: it.rank):
            yield "the error's outcome is not the worst of its attempts"
    elif error is not None:
        yield f"a foreign exception: {error!r}"
    if [each.number for each in told] != list(range(1, len(told) + 1)):
        yield "on_attempt was not told of every attempt in turn"
    if {each.operation for each in told} - {cell.operation}:
        yield "on_attempt was told of another operation"
    if [each.retry_in is None for each in told] != [*[False] * (len(told) - 1), True]:
        yield "on_attempt was told of other repetitions than there were"
    yield from (f"in the proxy: {broken!r}" for broken in seen.broken)
