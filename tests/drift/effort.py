"""What a page costs its reader, told without a clock: a busy machine comes to the same verdict."""

from __future__ import annotations

import gc
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TIMES = 8
TOO_MUCH = 24
"""Between 8, for what grows with the length of a page, and 64, for what grows with its square."""


def growth(read: Callable[[str], object], page: Callable[[int], str], size: int) -> float:
    """Return how many times the CPU time of a page one of eight times its size takes.

    The least of several runs counts, for the machine's other work can only add to it.

    Args:
        read: What reads the page.
        page: Makes a page of a size.
        size: The smaller size.
    """
    small, large = page(size), page(TIMES * size)
    least = max(1e-6, min(_seconds(read, small) for _ in range(3)))
    found = float("inf")
    for _ in range(5):
        found = min(found, _seconds(read, large) / least)
        if found < TOO_MUCH:
            break
    return found


def _seconds(read: Callable[[str], object], page: str) -> float:
    gc.disable()
    try:
        begun = time.thread_time()
        read(page)
        return time.thread_time() - begun
    finally:
        gc.enable()


class TooManyCallsError(Exception):
    """More was called than was granted."""


@contextmanager
def calls_at_most(left: int) -> Iterator[None]:
    """Raise `TooManyCallsError` at the call too many, so that what has no end is ended."""

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise TooManyCallsError

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(before)
