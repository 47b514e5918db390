"""What the pages of a walk show about the number of the server's first page; without any I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from calypso_pay._errors import InvalidRequestError


class FirstPage:
    """The number of the server's first page, once it is known.

    - It is 0 when page 0 had rows: then nothing is before it. A server may return its page 1 for
      it; to begin at page 0 costs a request there, and no rows.
    - It is 1 when page 0 was rejected for its number and page 1 was read.
    - It is also 1 when page 0 was rejected, empty, or the same as page 1, all rows were found, and
      the last ones were on the page whose number is the page count. Not without that: a server
      that counts from 0 may return its last page for any number after it, and one that filters
      after paging an empty first page.

    Args:
        given: The number that the caller passed, which is trusted.

    Attributes:
        known: The number; None while it is not known.
    """

    def __init__(self, given: int | None) -> None:
        self.known = given
        self._is_number_rejected = False
        # The ids on page 0; None if it was not requested.
        self._page_0: AbstractSet[str] | None = None
        # Whether page 1 was read, and page 0 has no rows but those of page 1.
        self._page_0_adds_nothing = False
        self._reaches_page_count = False

    def add_rejection(self, error: InvalidRequestError) -> None:
        """Note that page 0 was rejected."""
        self._is_number_rejected = (error.field or "").endswith("pageNumber")
        self._page_0 = set()

    def add_page(
        self, number: int, ids: AbstractSet[str], *, has_new: bool, page_count: int | None
    ) -> None:
        """Note the rows of a page, and whether the walk had not seen some of them before."""
        if number == 0:
            self._page_0 = ids
            if ids and self.known is None:
                self.known = 0
        elif number == 1 and self._page_0 is not None:
            self._page_0_adds_nothing = not self._page_0 or self._page_0 == ids
            if self._is_number_rejected:
                self.known = 1
        if has_new:
            self._reaches_page_count = number == page_count

    def add_end(self) -> None:
        """Note that all rows were found, as far as the server counts them."""
        if self._page_0_adds_nothing and self._reaches_page_count:
            self.known = 1
