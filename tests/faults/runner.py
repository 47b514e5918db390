"""Make one call through one fault, and check its result against the table and the journal."""

from __future__ import annotations

import asyncio
import operator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self
from urllib.parse import urlsplit

from calypso_mock import Mock, Server
from calypso_pay import AsyncCalypso, Attempt, Calypso, CalypsoError, Outcome
from tests.faults.actions import TIMEOUT
from tests.faults.calls import CALLS, EARLIER
from tests.faults.faults import FAULTS, Fault
from tests.faults.proxy import Proxy, forward

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calypso_mock import Settings
    from tests.faults.table import Row

_SHORT_TIMEOUTS = {"timeout": TIMEOUT, "deadline": 2.5}
# Long, so that a busy machine causes no timeouts.
_LONG_TIMEOUTS = {"timeout": 45.0, "deadline": 50.0}
# Short, but not 0, which would disable the server's Retry-After, too.
_BACKOFF = 0.01


class Cell(NamedTuple):
    """One call to make: a row of the table, an operation, and the kind of client."""

    row: Row
    operation: str
    client: Literal["sync", "async", "aiohttp"]

    def __str__(self) -> str:
        return f"{self.row}: {self.operation}, {self.client}"


class Observed(NamedTuple):
    """The observed result of a call.

    Attributes:
        result: What it returned.
        error: What it raised.
        attempts: What `on_attempt` received.
        carried_out: How often the mock carried it out.
        rejected: How often the mock rejected it.
        proxy_errors: Errors of the proxy itself.
    """

    result: Any
    error: Exception | None
    attempts: list[Attempt]
    carried_out: int
    rejected: int
    proxy_errors: list[Exception]

    def __str__(self) -> str:
        result = "success" if self.error is None else type(self.error).__name__
        if isinstance(self.error, CalypsoError):
            result += f" {self.error.outcome}"
        return f"{result} {len(self.attempts)}/{self.carried_out}/{self.rejected}"


class Runner:
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

    def run(self, cell: Cell) -> Observed:
        """Make the call of a cell."""
        self._mock.reset()
        fault, call, attempts = FAULTS[cell.row.fault], CALLS[cell.operation], list[Attempt]()
        with Proxy(self._upstream) as proxy:
            settings = self._mock.settings(base_url=proxy.url)
            with _Client(cell, settings, attempts) as client:
                self._prepare(fault, proxy, client)
                script = fault.script
                proxy.play(script, script[-1] if script and cell.row.lasting else forward)
                client.after_attempt = None if cell.row.lasting else proxy.listen
                arguments = call.large_arguments if fault.large_request else call.arguments
                result, error = client.call(call.method, arguments)
            proxy.wait_for_actions()
            journal = self._mock.journal
            counts = journal.carried_out(cell.operation), journal.refused(cell.operation)
            return Observed(result, error, attempts, *counts, proxy.errors)

    def _prepare(self, fault: Fault, proxy: Proxy, client: _Client) -> None:
        if fault.port == "open":
            proxy.listen()
        elif fault.port == "full":
            proxy.fill_backlog()
        if fault.before is not None:
            proxy.play((fault.before,))
            client.call(*EARLIER)
            client.idle()
            proxy.wait_until_idle()
            self._mock.journal.clear()
            client.attempts.clear()


class _Client:
    """A sync or async client with the same methods; a context manager."""

    def __init__(self, cell: Cell, settings: Settings, attempts: list[Attempt]) -> None:
        self.attempts = attempts
        self.after_attempt: Callable[[], None] | None = None
        self._runner = asyncio.Runner()
        make: Any = Calypso if cell.client == "sync" else AsyncCalypso
        self._client = make(
            **settings,
            transport="aiohttp" if cell.client == "aiohttp" else None,
            **_timeouts(cell),
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
        except Exception as error:  # noqa: BLE001 - the checks decide whether it is right
            return None, error

    def idle(self) -> None:
        """Wait a moment, in which an event loop would read what arrives."""
        self._runner.run(asyncio.sleep(TIMEOUT / 5))

    def _listen(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)
        if self.after_attempt is not None:
            self.after_attempt()


def _timeouts(cell: Cell) -> dict[str, float]:
    return _SHORT_TIMEOUTS if FAULTS[cell.row.fault].short_timeouts else _LONG_TIMEOUTS


def findings(cell: Cell, seen: Observed) -> list[str]:
    """Return a sentence for everything that is wrong with the result of a call."""
    checks = (_check_table, check_outcome, _check_account)
    return [finding for check in checks for finding in check(cell, seen)]


def _check_table(cell: Cell, seen: Observed) -> Iterator[str]:
    expected = cell.row.expected(cell.operation)
    if str(seen) != str(expected):
        yield f"{seen} instead of {expected} ({seen.error!r})"
    if seen.error is None and not CALLS[cell.operation].matches(seen.result):
        yield f"it got the response to another call: {seen.result!r}"


def check_outcome(cell: Cell, seen: Observed) -> Iterator[str]:
    """Yield contradictions between the outcome and the mock's journal, whatever the table is."""
    outcome = getattr(seen.error, "outcome", Outcome.DONE)
    if outcome is Outcome.NOT_SENT and seen.carried_out + seen.rejected:
        yield "the outcome is not_sent, but it was sent"
    if outcome is Outcome.REFUSED and seen.carried_out:
        yield "the outcome is refused, but it was carried out"
    if outcome is Outcome.DONE and not seen.carried_out:
        yield "the outcome is done, but it was not carried out"
    if CALLS[cell.operation].unsafe and seen.carried_out > 1:
        yield "it was carried out twice"


def _check_account(cell: Cell, seen: Observed) -> Iterator[str]:
    """Yield where the error, or the attempts that `on_attempt` received, do not fit the call."""
    error, attempts = seen.error, seen.attempts
    if isinstance(error, CalypsoError):
        if (error.operation, error.attempts) != (cell.operation, len(attempts)):
            yield f"the error names {error.operation}, {error.attempts} attempts"
        if error.outcome is not max((each.outcome for each in attempts), key=lambda it: it.rank):
            yield "the error's outcome is not the worst of its attempts"
    elif error is not None:
        yield f"a foreign exception: {error!r}"
    if [each.number for each in attempts] != list(range(1, len(attempts) + 1)):
        yield "on_attempt did not receive every attempt in turn"
    if {each.operation for each in attempts} - {cell.operation}:
        yield "on_attempt received another operation"
    if [each.retry_in is None for each in attempts] != [*[False] * (len(attempts) - 1), True]:
        yield "on_attempt received other retries than there were"
    yield from (f"in the proxy: {error!r}" for error in seen.proxy_errors)
