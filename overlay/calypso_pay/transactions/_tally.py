"""What a walk has met so far, held against what the server counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from calypso_api.models import Transaction


class Tally:
    """The ids that a walk has met, round by round, and the server's count of them.

    The ids are kept for as long as the walk is: at most `max_pages` times as many as a page has.

    Args:
        before: How many rows were returned before this walk, whose ids are not known.

    Attributes:
        found: How many rows were found so far, those before this walk included.
        total: How many there are, as the server counted last; None where it did not say.
        rounds: How often the walk has begun at the first page.
    """

    def __init__(self, before: int) -> None:
        self.found = before
        self.total: int | None = 0
        self.rounds = 1
        self._whole = not before
        self._earlier: set[str] = set()
        self._round: set[str] = set()
        self._unmet_before = before
        self._found_earlier = 0
        self._fell = self._fell_earlier = False
        self._is_first_count = True

    @property
    def may_gain(self) -> bool:
        """Whether another round may bring rows that this one did not."""
        gains = self.rounds == 1 or self.found > self._found_earlier
        lacks = self.total is not None and self.met < self.total
        return self._whole and gains and (self._fell or lacks)

    @property
    def met(self) -> int:
        """How many rows lie up to where this round has come."""
        return self._unmet_before + len(self._round)

    @property
    def fell(self) -> bool:
        """Whether rows went away during this round: each may have let another slip by."""
        return self._fell

    @property
    def is_complete(self) -> bool:
        """Whether every row that the server counts was found, as far as it counts."""
        if self.total is None:
            return not self._fell
        counts = [self.met] if self._whole else [self.met, self.found]
        return not self._fell and all(count == self.total for count in counts)

    @property
    def is_completed_early(self) -> bool:
        """Whether this round has already brought what those before it missed."""
        fell = self._fell or self._fell_earlier
        return self.rounds > 1 and not fell and self.found == self.total

    def begin_round(self) -> None:
        """Begin at the first page again; ids that were met stay known."""
        self.rounds += 1
        self._earlier |= self._round
        self._round = set()
        self._found_earlier = self.found
        self._fell_earlier = self._fell_earlier or self._fell
        self._fell = False
        self._is_first_count = True

    def count(self, total: int | None) -> None:
        """Compare the server's count with its last one."""
        if total is not None and self.total is not None and not self._is_first_count:
            self._fell = self._fell or total < self.total
        self._is_first_count = False
        self.total = total

    def lose(self, ids: Iterable[str]) -> bool:
        """Count rows that are there and could not be read; tell whether some are new."""
        new = set(ids) - self._round
        self._round |= new
        self.found += len(new - self._earlier)
        return bool(new)

    def meet(self, rows: Iterable[Transaction]) -> list[Transaction]:
        """Return the rows that this round has not met before."""
        new: list[Transaction] = []
        for row in rows:
            if row.id not in self._round:
                self._round.add(row.id)
                new.append(row)
        return new

    def find(self, met: Iterable[Transaction]) -> list[Transaction]:
        """Return those of the rows just met that no earlier round has found."""
        found = [row for row in met if row.id not in self._earlier]
        self.found += len(found)
        return found

    def resume_after(self, rows: Sequence[Transaction]) -> None:
        """Leave out rows of the page just met, which were returned before this walk."""
        self._unmet_before = self.found - len(rows)

    def search(self) -> None:
        """Forget what was met, in order to meet everything from the first page on."""
        self._round = set()
        self._unmet_before = 0
