"""Sentences about the properties that `x-flags` and `x-facts` give to classes and enums."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tools.changes.line import Difference
from tools.changes.rules.words import plain
from tools.spec.severity import Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.changes.findings import Finding
    from tools.changes.line import Draft
    from tools.changes.rules.subject import Subject, Views


def properties(
    views: Views, about: Subject, at: tuple[str, str], finding: Finding
) -> Iterator[Draft]:
    """Describe what a finding at a property means; its path begins at the property."""
    key, name = at
    subject = replace(about, name=f"{about.name}.{name}")
    match finding.path:
        case () if finding.removed:
            yield subject.draft(
                Severity.BREAKING, Kind.FIELD_REMOVED, subject.sentence("is removed")
            )
        case ():
            text = about.sentence(f"has a new property `{name}`")
            yield subject.draft(Severity.ADDITIVE, Kind.FIELD_NEW, text)
        case ("field",):
            text = f"is read from `{finding.now}` instead of `{finding.was}`"
            yield subject.draft(Severity.ADDITIVE, Difference.VALUE_CHANGED, subject.sentence(text))
        case ("values",):
            text = f"is `True` for {finding.now} instead of {finding.was}"
            yield subject.draft(Severity.ADDITIVE, Difference.VALUE_CHANGED, subject.sentence(text))
        case (_, member):
            # Facts on a new or removed value are part of that change.
            if None not in views.at("enums", key, "values", member):
                yield _fact(replace(about, name=f"{about.name}.{member}.{name}"), finding)


def _fact(subject: Subject, finding: Finding) -> Draft:
    was, now = (plain(each) if each else "`None`" for each in (finding.was, finding.now))
    # Code that relies on the fact gets None.
    severity = Severity.BREAKING if finding.removed else Severity.ADDITIVE
    text = subject.sentence(f"is {now} instead of {was}")
    return subject.draft(severity, Difference.VALUE_CHANGED, text)
