"""Inject faults into deliveries on request, the same way in every run with the same seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from calypso_mock._errors import MockError

if TYPE_CHECKING:
    from calypso_mock.state._ids import DeterministicIds

_BYTES = 8


@dataclass(frozen=True, slots=True)
class FaultInjection:
    """Which faults are injected into deliveries.

    Attributes:
        duplicates: The share of delivered events that are sent a second time.
        reorder: Whether deliveries that are due at the same moment are shuffled.
        failures: The share of attempts that fail before they reach the receiver.
        lose: The share of events that are never sent.
        delay: The share of events that are sent later.
        delay_by: How much later.

    Raises:
        MockError: If a value is out of range or of another type.
    """

    duplicates: float = 0
    reorder: bool = False
    failures: float = 0
    lose: float = 0
    delay: float = 0
    delay_by: timedelta = timedelta(hours=1)

    def __post_init__(self) -> None:
        for share in (self.duplicates, self.failures, self.lose, self.delay):
            # Not a chain of comparisons that NaN would slip through.
            if isinstance(share, bool) or not 0 <= share <= 1:
                raise MockError("duplicates, failures, lose and delay are shares from 0 to 1")
        if not isinstance(self.reorder, bool):
            raise MockError("reorder has to be true or false")

    def rank(self, ids: DeterministicIds, request_id: str, event_id: int) -> int:
        """Return a delivery's rank among those that are due at the same moment."""
        if not self.reorder:
            return 0
        return int.from_bytes(ids.digest("order", request_id, event_id)[:_BYTES])

    def loses_event(self, ids: DeterministicIds, event_id: int) -> bool:
        """Return whether an event is never sent, to any subscription."""
        return _draw(ids, "lose", event_id) < self.lose

    def delay_of(self, ids: DeterministicIds, event_id: int) -> timedelta:
        """Return how much later an event is sent, to every subscription."""
        return self.delay_by if _draw(ids, "delay", event_id) < self.delay else timedelta()

    def duplicates_event(self, ids: DeterministicIds, request_id: str, event_id: int) -> bool:
        """Return whether a delivered event is to be sent a second time."""
        return _draw(ids, "repeat", request_id, event_id) < self.duplicates

    def fails_attempt(
        self, ids: DeterministicIds, request_id: str, event_id: int, attempt: int
    ) -> bool:
        """Return whether an attempt is to fail."""
        return _draw(ids, "fail", request_id, event_id, attempt) < self.failures


def _draw(ids: DeterministicIds, *labels: object) -> float:
    # 52 bits, so that the division never rounds up to 1.
    return (int.from_bytes(ids.digest(*labels)[:_BYTES]) >> 12) / (1 << 52)
