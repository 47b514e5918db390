"""Remember which address may expire next, without looking at all of them."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from calypso_mock._state import Purse


class Calendar:
    """The addresses that have not expired yet, each by a moment before which it cannot."""

    def __init__(self) -> None:
        self._entries: list[tuple[datetime, int, Purse]] = []
        self._count = 0

    def add(self, purse: Purse) -> None:
        """Watch an address from when it is handed out."""
        self._count += 1
        heapq.heappush(self._entries, (purse.created, self._count, purse))

    def expired(
        self, now: datetime, expiry: Callable[[Purse], datetime]
    ) -> Iterator[tuple[datetime, Purse]]:
        """Go through what has expired since the last time, oldest first, and stop watching it.

        Args:
            now: Business time.
            expiry: Says when an address expires as things stand; it may be later each time.
        """
        while self._entries and self._entries[0][0] <= now:
            _, number, purse = heapq.heappop(self._entries)
            moment = expiry(purse)
            heapq.heappush(self._entries, (moment, number, purse))
            # An entry that was too early has moved; it expires only when it is the earliest.
            if self._entries[0][2] is purse and moment <= now:
                heapq.heappop(self._entries)
                yield moment, purse
