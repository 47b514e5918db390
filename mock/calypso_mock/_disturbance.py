"""Disturb deliveries on request, the same way in every run with the same seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from calypso_mock._errors import MockError

if TYPE_CHECKING:
    from calypso_mock._derive import Deriver

_DRAW = 8


@dataclass(frozen=True, slots=True)
class Disturbance:
    """How deliveries are disturbed.

    Attributes:
        duplicates: The share of delivered events that are sent once more.
        reorder: Whether what is due at one moment goes out in a shuffled order.
        failures: The share of attempts that fail before they reach anyone.
    """

    duplicates: float = 0
    reorder: bool = False
    failures: float = 0

    def __post_init__(self) -> None:
        for share in (self.duplicates, self.failures):
            # Not a chain of comparisons that NaN would slip through.
            if isinstance(share, bool) or not 0 <= share <= 1:
                raise MockError("duplicates and failures are shares, from 0 to 1")
        if not isinstance(self.reorder, bool):
            raise MockError("reorder is true or false")

    def rank(self, derive: Deriver, request_id: str, event_id: int) -> int:
        """Return the place of a delivery among those due together."""
        if not self.reorder:
            return 0
        return int.from_bytes(derive.digest("order", request_id, event_id)[:_DRAW])

    def repeats(self, derive: Deriver, request_id: str, event_id: int) -> bool:
        """Tell whether a delivered event is to be sent once more."""
        return _draw(derive, "repeat", request_id, event_id) < self.duplicates

    def fails(self, derive: Deriver, request_id: str, event_id: int, attempt: int) -> bool:
        """Tell whether an attempt is to fail."""
        return _draw(derive, "fail", request_id, event_id, attempt) < self.failures


def _draw(derive: Deriver, *labels: object) -> float:
    # 52 bits, so that the division never rounds up to 1.
    return (int.from_bytes(derive.digest(*labels)[:_DRAW]) >> 12) / (1 << 52)
