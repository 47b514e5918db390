"""Sentences about discriminators: which class is made of what is received."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.changes.line import Difference
from tools.changes.rules.words import plain
from tools.spec.severity import Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.changes.findings import Finding
    from tools.changes.line import Draft
    from tools.changes.rules.subject import Views
    from tools.changes.rules.words import MakeDraft, Sentence


def choice(views: Views, sentence: Sentence, draft: MakeDraft, finding: Finding) -> Iterator[Draft]:
    """Describe a finding at a `choice` or within one: the same data gives another class."""
    place = finding.path[finding.path.index("choice") + 1 :]
    if not place:
        yield draft(Severity.BREAKING, Difference.CHOICE_CHANGED, sentence(_whole(finding)))
    elif place == ("by",):
        text = f"is now of the class that `{finding.now}` names instead of `{finding.was}`"
        yield draft(Severity.BREAKING, Difference.CHOICE_CHANGED, sentence(text))
    else:
        yield from _value(views, sentence, draft, place[1], finding)


def _whole(finding: Finding) -> str:
    if finding.now is None:
        by = finding.was["by"]
        return f"is no longer of the class that `{by}` names, but of the first one that fits"
    classes = ", ".join(
        f"`{made}` for {plain(value)}" for value, made in sorted(finding.now["classes"].items())
    )
    return f"is now of the class that `{finding.now['by']}` names: {classes}"


def _value(
    views: Views, sentence: Sentence, draft: MakeDraft, value: str, finding: Finding
) -> Iterator[Draft]:
    was = None if finding.was is None else views.renamed(finding.was)
    if finding.now is None:
        text = f"marked {plain(value)} is no longer read as `{was}`"
        yield draft(Severity.BREAKING, Difference.CHOICE_CHANGED, sentence(text))
    elif was is None:
        text = f"marked {plain(value)} is read as `{finding.now}` now"
        yield draft(Severity.ADDITIVE, Kind.VALUE_NEW, sentence(text))
    elif was != finding.now:
        text = f"marked {plain(value)} is read as `{finding.now}` instead of `{was}`"
        yield draft(Severity.BREAKING, Difference.CHOICE_CHANGED, sentence(text))
