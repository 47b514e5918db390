"""The document that the drift reader compares pages with, read once for many comparisons."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import pytest

from tools.drift import __main__ as command
from tools.drift.compare import prose

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


@contextmanager
def read_once() -> Iterator[None]:
    """Keep the document, and the lengths of time it speaks of, from one call to the next."""
    # Each comparison calls it with all texts of the document.
    find = prose._periods_of
    found = cache(lambda texts: tuple(find(texts)))

    def find_once(texts: Collection[str]) -> Iterator[tuple[int, str]]:
        yield from found(tuple(texts))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prose, "_periods_of", find_once)
        patch.setattr(command, "read", cache(command.read))
        yield
