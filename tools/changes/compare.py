"""From two specs to the lines of the changelog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.changes.findings import findings
from tools.changes.line import Difference, Line, lines
from tools.changes.pairs import aligned
from tools.changes.rules import Views, drafts
from tools.changes.view import view
from tools.spec.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.spec import SpecIndex


def compare(old: SpecIndex, new: SpecIndex) -> list[Line]:
    """Return what users of the client notice, the most severe first.

    Before all others come warnings about documents that the generator rejects.

    Raises:
        GenerationError: When the generator rejects one of the documents.
    """
    before = view(old)
    views = Views(before, aligned(before, view(new)))
    found = findings(views.old.plain, views.new.plain)
    sentences = (draft for finding in found for draft in drafts(views, finding))
    changes = lines(sentences, frozenset(map(views.method, views.new.plain["methods"])))
    return [*_rejections(views), *changes]


def _rejections(views: Views) -> Iterator[Line]:
    """Yield a warning for each document that gives no client: its lines may be wrong."""
    if views.new.rejected:
        text = f"The generator rejects the new document: {views.new.rejected}"
        yield Line(Severity.EDITORIAL, Difference.NEW_REJECTED, text, (), "")
    if views.old.rejected:
        text = f"The generator rejects the old document: {views.old.rejected}"
        yield Line(Severity.EDITORIAL, Difference.OLD_REJECTED, text, (), "")
