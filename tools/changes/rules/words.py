"""Wording that all rules share."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from tools.changes.line import Difference, Draft
from tools.spec.severity import Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.changes.findings import Finding

    MakeDraft = Callable[[Severity, Kind | Difference, str], Draft]
    Sentence = Callable[[str], str]

_LONGEST = 200

KINDS = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
}
"""Names of JSON Schema's types in sentences."""


def an(name: str) -> str:
    """Return a name with its article."""
    return f"a{'n' * (name[:1].lower() in set('aeio'))} `{name}`"


def plain(value: object) -> str:
    """Return a value of the document in a few words."""
    if value is None:
        return "none"
    text = value if isinstance(value, str) else json.dumps(value, default=str, sort_keys=True)
    return f"`{text}`" if len(text) <= _LONGEST else f"`{text[:_LONGEST]}…`"


def source(sentence: Sentence, draft: MakeDraft, finding: Finding) -> Draft:
    """Report that the source of something is better or worse than before."""
    text = sentence(f"is {finding.now} now, {finding.was} before")
    if finding.now == "documented":
        text = sentence(f"is confirmed: documented now, {finding.was} before")
    return draft(Severity.EDITORIAL, Difference.SOURCE_CHANGED, text)


def reworded(draft: MakeDraft, holder: str | None = None) -> Draft:
    """Report that docstrings, or the sources that they name, have changed."""
    text = "reworded, or with another source: {who}"
    found = draft(Severity.EDITORIAL, Difference.WORDS_CHANGED, text)
    return replace(found, who=frozenset((holder,))) if holder else found


def fallback(draft: MakeDraft, sentence: Sentence, finding: Finding) -> Draft:
    """Describe a difference that no rule covers, with its place, for a person to read."""
    place = ".".join(step for step in finding.path if step != "other")
    if finding.now is None:
        text = f"no longer has `{place}`, which was {plain(finding.was)}"
    elif finding.was is None:
        text = f"has {plain(finding.now)} as `{place}` now"
    else:
        text = f"has {plain(finding.now)} instead of {plain(finding.was)} as `{place}`"
    return draft(Severity.EDITORIAL, Difference.UNEXPLAINED, sentence(text))
