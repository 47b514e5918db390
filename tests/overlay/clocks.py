"""A monotonic clock that tests move, so that no deadline waits for real time to pass."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


class Stopped:
    """Shows the same time until it is moved.

    What measures by `time.monotonic` sees it, event loops included: a timer fires as soon as
    something wakes its loop after the clock was moved past it.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: self.now)

    def move(self, seconds: float) -> None:
        self.now += seconds


def without_sleep(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let no `sleep` of this thread wait, and return the list of the seconds that each is given.

    A server of another test may still run in a thread of its own, and sleeps as before.
    """
    slept: list[float] = []
    here, asleep = threading.current_thread(), asyncio.sleep

    async def doze(seconds: float) -> None:
        if threading.current_thread() is here:
            slept.append(seconds)
        else:
            await asleep(seconds)

    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr(asyncio, "sleep", doze)
    return slept
