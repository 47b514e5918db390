"""Find what was missed, and what was booked and is not there: reconcile deposits with a ledger.

    for difference in reconcile(calypso, customers=ids, ledger=bookings_of, memory=inbox):
        print(difference)

A transaction of the API names no customer, and a cursor over new rows never shows that an older one
changed its state. So this reads all deposits of each customer, compares them with what you have
booked, and remembers those that were open. It changes nothing in your books.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from calypso_pay._client import AsyncCalypso, Calypso
from calypso_pay._errors import ConfigurationError
from calypso_pay.reconcile import _notes
from calypso_pay.reconcile._async import AsyncReconciliation
from calypso_pay.reconcile._bookings import Booking
from calypso_pay.reconcile._differences import Difference, Kind
from calypso_pay.reconcile._memory import (
    AsyncMemory,
    AsyncNoMemory,
    Memory,
    NoMemory,
    check_memory,
)
from calypso_pay.reconcile._pace import Pace
from calypso_pay.reconcile._progress import Progress
from calypso_pay.reconcile._report import Report, Summary
from calypso_pay.reconcile._rules import Rules
from calypso_pay.reconcile._settings import Settings, check_callable, check_number
from calypso_pay.reconcile._sync import Reconciliation
from calypso_pay.reconcile._totals import Sum, Totals

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
    from datetime import datetime
    from uuid import UUID

    from calypso_api.models import Transaction
    from calypso_pay.inbox import AsyncInbox, Inbox

__all__ = [
    "AsyncMemory",
    "AsyncReconciliation",
    "Booking",
    "Difference",
    "Kind",
    "Memory",
    "Progress",
    "Reconciliation",
    "Report",
    "Sum",
    "Summary",
    "Totals",
    "reconcile",
]

_CONCURRENCY = 8


def __dir__() -> list[str]:
    return __all__


@overload
def reconcile(
    calypso: Calypso,
    *,
    customers: Iterable[str | UUID],
    ledger: Inbox | Callable[[str], Iterable[Any]],
    memory: Memory | None = None,
    name: str = "",
    booked_when: str | Callable[[Transaction], object] = "credited",
    since: datetime | None = None,
    resume: bool = True,
    page_size: int = 100,
    rate: float | None = None,
    settle: float = 60,
    progress: Callable[[Progress], object] | bool | None = None,
    sleep: Callable[[float], object] | None = None,
) -> Reconciliation: ...


@overload
def reconcile(
    calypso: AsyncCalypso,
    *,
    customers: Iterable[str | UUID] | AsyncIterable[str | UUID],
    ledger: AsyncInbox
    | Callable[[str], Iterable[Any] | AsyncIterable[Any] | Awaitable[Iterable[Any]]],
    memory: AsyncMemory | None = None,
    name: str = "",
    booked_when: str | Callable[[Transaction], object] = "credited",
    since: datetime | None = None,
    resume: bool = True,
    page_size: int = 100,
    rate: float | None = None,
    settle: float = 60,
    progress: Callable[[Progress], object] | bool | None = None,
    sleep: Callable[[float], Awaitable[object]] | None = None,
    concurrency: int = 8,
) -> AsyncReconciliation: ...


def reconcile(  # noqa: PLR0913 - all but the client named, and most of them optional
    calypso: Calypso | AsyncCalypso,
    *,
    customers: Any,
    ledger: Any,
    memory: Any = None,
    name: str = "",
    booked_when: str | Callable[[Transaction], object] = "credited",
    since: datetime | None = None,
    resume: bool = True,
    page_size: int = 100,
    rate: float | None = None,
    settle: float = 60,
    progress: Callable[[Progress], object] | bool | None = None,
    sleep: Callable[[float], Any] | None = None,
    concurrency: int | None = None,
) -> Reconciliation | AsyncReconciliation:
    """Reconcile the deposits of customers with what was booked.

    For each customer all deposits are read, then all bookings, and both are compared. A customer
    with a difference is read a second time later, and only what is found both times is reported:
    so a deposit that arrives or is booked meanwhile is none.

    With a memory, a run that ended early is resumed by the next one within 12 hours: customers in
    whose books it had found no difference are not read again. Customers that had open deposits or
    differences are read again by the next run, also if they are not among `customers`.

    Args:
        calypso: The client. With an `AsyncCalypso` the reconciliation is an async iterable.
        customers: The ids of the customers: any iterable, also one that reads from a database. An
            iterator serves one run only. With a length, a bar shows how much is left.
        ledger: A function that returns or yields all bookings of a customer, one for each deposit:
            anything that has id (of the transaction), amount, currency and, if recorded, state as
            attributes, as keys, or in this order in a tuple, such as `Booking` or a row of a
            database. Or an `Inbox`: what its handlers have handled.
        memory: Where to remember what was open and what was read: an `Inbox`, or a `Memory` of your
            own. By default the `Inbox` that is the ledger; without one nothing is remembered.
        name: Tells apart several reconciliations with the same memory and account.
        booked_when: When a deposit has to be booked: ``"credited"``, the default, when its money is
            on the account; ``"confirmed"`` already when its state is CONFIRMED; or a function that
            returns whether a transaction is to be booked.
        since: Deposits that were created before are not compared, unless the last run found them
            open. With an inbox, pass a time that its `purge` has not reached.
        resume: Whether to resume a run that ended early. Pass False after you have changed the
            ledger. With a function as `booked_when` no run is resumed.
        page_size: Rows on a page, 100 by default.
        rate: Requests a second at most; by default no limit.
        settle: Seconds until a customer with a difference is read again, 60 by default: longer than
            your handlers take for an event.
        progress: Called with a `Progress` after each customer. By default a bar is shown if
            standard error is a terminal; with False none.
        sleep: Called to wait, instead of `time.sleep` or `asyncio.sleep`. The seconds that it is
            passed count as elapsed.
        concurrency: How many customers are read at once; only with an `AsyncCalypso`, by default 8.

    Returns:
        An iterable of `Difference`, with a ``summary``, or a ``report()``. Nothing is sent before
        its first use. Its steps raise what ``transactions.find`` raises, if the server can't be
        read at all; an `UnexpectedResponseError`, if it does not filter by customer (that it does
        is inferred); what the ledger and the memory raise; and a `TypeError` for a booking that
        can't be read, such as one whose amount is a float.

    Raises:
        ConfigurationError: An argument is out of range.
        TypeError: An argument is of another type.
    """
    is_async = isinstance(calypso, AsyncCalypso)
    if not is_async and not isinstance(calypso, Calypso):
        raise TypeError(f"calypso has to be a client, not {type(calypso).__name__}")
    check_number("page_size", page_size, 1, 10_000)
    check_number("settle", settle, 0, 86_400)
    check_number("rate", 1 if rate is None else rate, 0.001, 1_000_000)
    check_number("concurrency", 1 if concurrency is None else concurrency, 1, 1_000)
    check_callable("sleep", sleep, is_awaited=is_async)
    check_callable("progress", None if isinstance(progress, bool) else progress)
    if not isinstance(name, str):
        raise TypeError(f"name has to be text, not {name!r:.100}")
    if concurrency is not None and not is_async:
        raise ConfigurationError("concurrency needs an AsyncCalypso.")
    kind = AsyncReconciliation if is_async else Reconciliation
    bookings, inbox_rule = _ledger(ledger, booked_when)
    if memory is None:
        memory = ledger if inbox_rule else AsyncNoMemory() if is_async else NoMemory()
    check_memory(memory, AsyncMemory if is_async else Memory)
    settings = Settings(
        customers=customers,
        ledger=bookings,
        inbox_rule=inbox_rule,
        rules=Rules.of(booked_when, since),
        resume=resume,
        page_size=page_size,
        settle=settle,
        concurrency=concurrency or _CONCURRENCY,
        pace=Pace(rate),
        sleep=sleep,
        progress=progress,
    )
    engine: Any = calypso._engine  # noqa: SLF001 - of this package
    scope = _notes.scope_of(engine.raw.core.options.account, name)
    return kind(engine, settings, memory, scope)


def _ledger(ledger: Any, booked_when: object) -> tuple[Callable[..., Any], str | None]:  # noqa: ANN401
    """Return what returns the bookings of a customer, and the rule that an inbox is passed.

    Raises:
        ConfigurationError: An inbox can't know when this rule is met.
        TypeError: It is not a ledger.
    """
    found = getattr(ledger, "bookings", None)
    if callable(found) and hasattr(ledger, "get_note"):
        if not isinstance(booked_when, str):
            raise ConfigurationError(
                "With an inbox as the ledger, booked_when has to be 'credited' or 'confirmed': it "
                "knows events, and not transactions."
            )
        return found, booked_when
    if not callable(ledger):
        raise TypeError(
            "ledger has to be a function that returns the bookings of a customer, or an Inbox, not "
            f"{type(ledger).__name__}"
        )
    return ledger, None
