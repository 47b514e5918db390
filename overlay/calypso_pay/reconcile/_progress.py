"""Showing how far a reconciliation is."""

from __future__ import annotations

import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from calypso_pay.reconcile._differences import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from calypso_pay.reconcile._report import Summary

_WIDTH = 24


class Progress(NamedTuple):
    """How far a run is.

    Attributes:
        customers: How many customers were read.
        total: How many there are; None if that is not known.
        differences: How many differences were found, open deposits not counted.
        requests: How many requests were made.
    """

    customers: int
    total: int | None
    differences: int
    requests: int

    @classmethod
    def of(cls, summary: Summary, total: int | None) -> Progress:
        """Return how far a run is.

        Args:
            summary: What was found so far.
            total: How many customers there are; None if that is not known.
        """
        counts = summary.counts
        differences = sum(counts[kind] for kind in Kind if kind is not Kind.OPEN)
        return cls(summary.customers, total, differences, summary.requests)

    def __str__(self) -> str:
        counts = f"{self.customers:,} customers, {self.differences:,} differences"
        if not self.total or self.customers > self.total:
            return counts
        filled = _WIDTH * self.customers // self.total
        bar = "#" * filled + "-" * (_WIDTH - filled)
        return f"[{bar}] {100 * self.customers // self.total:3d} %  {counts}"


@contextmanager
def shown_on_terminal() -> Iterator[Callable[[Progress], None]]:
    """Show the progress in a line of standard error, if that is a terminal."""
    stream = sys.stderr
    is_terminal = False
    # A bar must not end a run: a terminal may be gone, and anything may be in its place.
    with suppress(AttributeError, OSError, ValueError):
        is_terminal = stream.isatty()
    if not is_terminal:
        yield lambda _: None
        return
    length = 0

    def show(progress: Progress) -> None:
        nonlocal length
        text = f"Reconciling {progress}"
        with suppress(OSError, ValueError):
            stream.write(f"\r{text:<{length}}")
            stream.flush()
        length = len(text)

    try:
        yield show
    finally:
        if length:
            with suppress(OSError, ValueError):
                stream.write("\n")
                stream.flush()
