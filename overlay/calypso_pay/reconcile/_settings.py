"""Check the arguments of a reconciliation."""

from __future__ import annotations

from contextlib import contextmanager
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

from attrs import frozen

from calypso_pay._errors import ConfigurationError
from calypso_pay.reconcile._progress import Progress, shown_on_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calypso_pay.reconcile._pace import Pace
    from calypso_pay.reconcile._report import Summary
    from calypso_pay.reconcile._rules import Rules


@frozen(kw_only=True)
class Settings:
    """What a run needs to know.

    Attributes:
        customers: The ids of the customers.
        ledger: Returns the bookings of a customer.
        inbox_rule: The rule that it is passed, if it is that of an inbox.
        rules: When a deposit is due.
        resume: Whether a run that ended early may be resumed.
        page_size: Rows requested with each page.
        settle: Seconds after which a customer with differences is read again.
        concurrency: How many customers are read at once.
        pace: How fast requests follow each other.
        sleep: Called to wait; None for the usual function.
        progress: Called with the progress; None for a bar on a terminal, False for neither.
    """

    customers: Any
    ledger: Callable[..., Any]
    inbox_rule: str | None
    rules: Rules
    resume: bool
    page_size: int
    settle: float
    concurrency: int
    pace: Pace
    sleep: Callable[[float], Any] | None
    progress: Callable[[Progress], object] | bool | None

    @contextmanager
    def progress_of(self, summary: Summary) -> Iterator[Callable[[], object]]:
        """Show the progress of a run while a block lasts; yield what shows the present one."""
        try:
            total: int | None = len(self.customers)
        except TypeError:
            total = None
        if callable(self.progress):
            call = self.progress
            yield lambda: call(Progress.of(summary, total))
        elif self.progress is False:
            yield lambda: None
        else:
            with shown_on_terminal() as show:
                yield lambda: show(Progress.of(summary, total))


def check_number(name: str, value: Any, minimum: float, maximum: float) -> None:  # noqa: ANN401 - any, to be checked
    """Check a number.

    Raises:
        ConfigurationError: It is none, or out of range.
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (is_number and minimum <= value <= maximum):
        raise ConfigurationError(
            f"{name} has to be a number from {minimum} to {maximum}, not {value!r}."
        )


def check_callable(name: str, value: object, *, is_awaited: bool = False) -> None:
    """Check that an argument is a function, which is not a coroutine function unless awaited.

    Raises:
        TypeError: It is not.
    """
    is_lost = iscoroutinefunction(value) and not is_awaited
    if value is not None and (is_lost or not callable(value)):
        raise TypeError(f"{name} has to be a function, not {value!r:.100}")
