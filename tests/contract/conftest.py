"""What the tests of the contract share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.wire import Target


@pytest.fixture(scope="module")
def mock() -> Iterator[Target]:
    """A mock in a process and on a port of its own; a run's first request resets it."""
    with serving.mock() as target:
        yield target
