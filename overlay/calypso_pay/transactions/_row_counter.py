"""Which rows a walk has seen so far, compared with the server's count."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from calypso_api.models import Transaction


class RowCounter:
    """The ids of the rows that a walk has seen, and how many rows the server counts.

    A walk makes one pass over the pages, or several. The ids are kept as long as the walk is: at
    most `max_pages` times as many as a page has.

    Args:
        returned_before: How many rows were returned before this walk; their ids are not known.

    Attributes:
        found: How many different rows were found, those before this walk included.
        total: How many there are, as the server counted last; None where it gave no count.
        passes: How many passes have begun.
    """

    def __init__(self, returned_before: int) -> None:
        self.found = returned_before
        self.total: int | None = 0
        self.passes = 1
        self._starts_at_first_row = not returned_before
        # The ids of the current pass, and those of the passes before it.
        self._seen: set[str] = set()
        self._seen_earlier: set[str] = set()
        # Rows before the first one of the current pass.
        self._skipped = returned_before
        self._found_before_pass = 0
        self._seen_before_pass: set[str] = set()
        self._total_before_pass: int | None = None
        self._has_shrunk = self._had_shrunk = False
        # By how much the count grew during this pass.
        self._grown = 0
        self._has_cursor_moved = False
        self._is_first_count = True

    @property
    def may_find_more(self) -> bool:
        """Whether another pass may find rows that this one did not."""
        found_some = self.passes == 1 or self.found > self._found_before_pass
        lacks_some = self.total is not None and self.seen < self.total
        return self._starts_at_first_row and found_some and (self._has_shrunk or lacks_some)

    @property
    def seen(self) -> int:
        """How many rows there are up to the last one that this pass has seen."""
        return self._skipped + len(self._seen)

    @property
    def is_repeated(self) -> bool:
        """Whether this pass saw the same rows as the one before it, and the same count."""
        has_changed = self._has_shrunk or self._grown or self.total != self._total_before_pass
        return self.passes > 1 and not has_changed and self._seen == self._seen_before_pass

    @property
    def lacks_added(self) -> bool:
        """Whether rows are missing, and rows that were added before others explain it."""
        lacking = (self.total or 0) - self.found
        return lacking > 0 and (self._has_cursor_moved or lacking <= self._grown)

    @property
    def is_complete(self) -> bool:
        """Whether every row was found, as far as the server counts them."""
        if self.total is None:
            return not self._has_shrunk
        counts = [self.seen] if self._starts_at_first_row else [self.seen, self.found]
        return not self._has_shrunk and all(count == self.total for count in counts)

    @property
    def is_completed_early(self) -> bool:
        """Whether this pass has already found what those before it missed."""
        has_shrunk = self._has_shrunk or self._had_shrunk
        return self.passes > 1 and not has_shrunk and self.found == self.total

    def begin_pass(self) -> None:
        """Begin at the first page again; ids that were seen stay known."""
        self.passes += 1
        self._seen_earlier |= self._seen
        self._seen_before_pass, self._seen = self._seen, set()
        self._found_before_pass = self.found
        self._total_before_pass = self.total
        self._had_shrunk = self._had_shrunk or self._has_shrunk
        self._has_shrunk = False
        self._grown = 0
        self._is_first_count = True

    def update_total(self, total: int | None) -> None:
        """Take the server's count, and notice when it is smaller than the one before."""
        if total is not None and self.total is not None and not self._is_first_count:
            self._has_shrunk = self._has_shrunk or total < self.total
            self._grown += max(total - self.total, 0)
        self._is_first_count = False
        self.total = total

    def add_unreadable(self, ids: Iterable[str]) -> bool:
        """Count rows that exist and could not be read; return whether some are new in this pass."""
        new = set(ids) - self._seen
        self._seen |= new
        self.found += len(new - self._seen_earlier)
        return bool(new)

    def new_in_pass(self, rows: Iterable[Transaction]) -> list[Transaction]:
        """Mark rows as seen; return those that this pass had not seen before."""
        new: list[Transaction] = []
        for row in rows:
            if row.id not in self._seen:
                self._seen.add(row.id)
                new.append(row)
        return new

    def new_in_walk(self, rows: Iterable[Transaction]) -> list[Transaction]:
        """Count rows that are new in this pass; return those that no earlier pass has seen."""
        found = [row for row in rows if row.id not in self._seen_earlier]
        self.found += len(found)
        return found

    def resume_after(self, rows: Sequence[Transaction], page_size: int) -> None:
        """Leave out rows of the page just read that were returned before this walk.

        The last of them is the cursor's row. It has moved if it is not as far down the page as the
        number of rows that were returned requires.
        """
        self._skipped = self.found - len(rows)
        self._has_cursor_moved = self._skipped % page_size != 0

    def begin_search(self) -> None:
        """Forget what was seen, in order to see everything from the first page on."""
        self._seen = set()
        self._skipped = 0
        self._has_cursor_moved = True
