"""A page cut up: elements for the readers of guides, and the facts of the reference in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tools.drift.facts import Fact
    from tools.drift.readers.elements import Element


class Cuttings(NamedTuple):
    """What a page was cut into.

    Attributes:
        elements: All but navigation and reference, in the order of the page.
        facts: What the reference states.
        cut: The line at which the page ends in the middle of something, or None.
    """

    elements: list[Element]
    facts: list[Fact]
    cut: int | None = None
