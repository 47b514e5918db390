"""Sentences about discriminators: which class is made of what is received."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.changes.line import Difference
from tools.changes.rules.words import plain
from tools.surface.severity import Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.changes.findings import Finding
    from tools.changes.line import Draft
    from tools.changes.rules.subject import Both
    from tools.changes.rules.words import Name, Say


def choice(both: Both, name: Name, say: Say, finding: Finding) -> Iterator[Draft]:
    """Say what a finding at a `choice` means, or within one: other classes come of the same."""
    place = finding.path[finding.path.index("choice") + 1 :]
    if not place:
        yield say(Severity.BREAKING, Difference.CHOICE_CHANGED, name(_whole(finding)))
    elif place == ("by",):
        text = f"is now of the class that `{finding.now}` names instead of `{finding.was}`"
        yield say(Severity.BREAKING, Difference.CHOICE_CHANGED, name(text))
    else:
        yield from _value(both, name, say, place[1], finding)


def _whole(finding: Finding) -> str:
    if finding.now is None:
        by = finding.was["by"]
        return f"is no longer of the class that `{by}` names, but of the first one that fits"
    classes = ", ".join(
        f"`{made}` for {plain(value)}" for value, made in sorted(finding.now["classes"].items())
    )
    return f"is now of the class that `{finding.now['by']}` names: {classes}"


def _value(both: Both, name: Name, say: Say, value: str, finding: Finding) -> Iterator[Draft]:
    was = None if finding.was is None else both.renamed(finding.was)
    if finding.now is None:
        text = f"marked {plain(value)} is no longer read as `{was}`"
        yield say(Severity.BREAKING, Difference.CHOICE_CHANGED, name(text))
    elif was is None:
        text = f"marked {plain(value)} is read as `{finding.now}` now"
        yield say(Severity.ADDITIVE, Kind.VALUE_NEW, name(text))
    elif was != finding.now:
        text = f"marked {plain(value)} is read as `{finding.now}` instead of `{was}`"
        yield say(Severity.BREAKING, Difference.CHOICE_CHANGED, name(text))
