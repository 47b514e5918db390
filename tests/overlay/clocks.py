"""A monotonic clock that tests move, so that no deadline waits for real time to pass."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


class Stopped:
    """Stands still until it is moved.

    What measures by `time.monotonic` sees it, event loops included: a timer fires as soon as
    something wakes its loop after the clock was moved past it.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: self.now)

    def move(self, seconds: float) -> None:
        self.now += seconds
