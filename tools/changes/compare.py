"""From two surfaces to the lines of the changelog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.changes.findings import findings
from tools.changes.line import lines
from tools.changes.pairs import aligned
from tools.changes.rules import Both, drafts
from tools.changes.view import view

if TYPE_CHECKING:
    from tools.changes.line import Line
    from tools.surface import Surface


def compare(old: Surface, new: Surface) -> list[Line]:
    """Return what users of the client notice, gravest first.

    Raises:
        GenerationError: When the generator would refuse one of the documents.
    """
    before = view(old)
    both = Both(before, aligned(before, view(new)))
    found = findings(both.old.plain, both.new.plain)
    told = (draft for finding in found for draft in drafts(both, finding))
    return lines(told, frozenset(map(both.method, both.new.plain["methods"])))
