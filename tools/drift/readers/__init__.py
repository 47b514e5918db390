"""Turns a page into the facts that it states; each module knows one way of writing pages."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from tools.drift.facts import OperationFact, Reading
from tools.drift.readers import guides, markdown, prose, tables, text
from tools.drift.readers.elements import Heading

if TYPE_CHECKING:
    from tools.drift.facts import Page
    from tools.drift.readers.cuttings import Cuttings
    from tools.drift.readers.elements import Element


def read(page: Page) -> Reading:
    """Read a page. Whatever its text is, it is no error: what nobody understands stays prose."""
    cuttings = markdown.cut_up(page) if page.form == "markdown" else text.cut_up(page)
    paragraphs, periods = prose.read(_without_titles(cuttings))
    facts = [
        *cuttings.facts,
        *guides.read(cuttings.elements),
        *tables.read(cuttings.elements),
        *periods,
    ]
    return Reading(
        page,
        facts=tuple(sorted(facts, key=lambda fact: fact.line)),
        prose=tuple(paragraphs),
        cut=cuttings.cut,
    )


def _without_titles(cuttings: Cuttings) -> list[Element]:
    """Return the elements without the headings of calls: what they head is compared itself."""
    calls = sorted(fact.line for fact in cuttings.facts if isinstance(fact, OperationFact))
    headings = sorted(each.line for each in cuttings.elements if isinstance(each, Heading))
    above = (bisect_right(headings, line) - 1 for line in calls)
    titles = {headings[place] for place in above if place >= 0}
    return [
        each
        for each in cuttings.elements
        if not isinstance(each, Heading) or each.line not in titles or each.level == 1
    ]
