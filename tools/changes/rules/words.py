"""Wording that all rules share."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from tools.changes.line import Difference, Draft
from tools.surface.severity import Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.changes.findings import Finding

    Say = Callable[[Severity, Kind | Difference, str], Draft]
    Name = Callable[[str], str]

_LONGEST = 200

KINDS = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
}
"""What users call JSON Schema's types."""


def an(name: str) -> str:
    """Return a name with its article."""
    return f"a{'n' * (name[:1].lower() in set('aeio'))} `{name}`"


def plain(value: object) -> str:
    """Return a value of the document in a few words."""
    if value is None:
        return "none"
    text = value if isinstance(value, str) else json.dumps(value, default=str, sort_keys=True)
    return f"`{text}`" if len(text) <= _LONGEST else f"`{text[:_LONGEST]}…`"


def source(name: Name, say: Say, finding: Finding) -> Draft:
    """Say that something is known better than before, or worse."""
    text = name(f"is {finding.now} now, {finding.was} before")
    if finding.now == "documented":
        text = name(f"is confirmed: documented now, {finding.was} before")
    return say(Severity.EDITORIAL, Difference.SOURCE_CHANGED, text)


def said(say: Say, holder: str | None = None) -> Draft:
    """Say that docstrings, or the sources that they name, have changed."""
    draft = say(
        Severity.EDITORIAL, Difference.WORDS_CHANGED, "reworded, or with another source: {who}"
    )
    return replace(draft, who=frozenset((holder,))) if holder else draft


def fallback(say: Say, name: Name, finding: Finding) -> Draft:
    """Say what no rule knows, with its place: somebody has to read it."""
    place = ".".join(step for step in finding.path if step != "other")
    if finding.now is None:
        text = f"no longer has `{place}`, which was {plain(finding.was)}"
    elif finding.was is None:
        text = f"has {plain(finding.now)} as `{place}` now"
    else:
        text = f"has {plain(finding.now)} instead of {plain(finding.was)} as `{place}`"
    return say(Severity.EDITORIAL, Difference.UNEXPLAINED, name(text))
