"""Sentences about limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.changes.rules.words import an, plain
from tools.spec.severity import Kind

if TYPE_CHECKING:
    from tools.changes.findings import Finding
    from tools.changes.line import Draft
    from tools.changes.rules.subject import Subject

_BEYOND = {
    "maxLength": "of more than {} character{s}",
    "minLength": "of fewer than {} character{s}",
    "maxItems": "of more than {} item{s}",
    "minItems": "of fewer than {} item{s}",
    "maximum": "above {}",
    "minimum": "below {}",
}


def limit(subject: Subject, finding: Finding) -> Draft:
    """Report that a limit is new, removed or changed."""
    name = finding.path[1]
    was, now = (_beyond(name, each) for each in (finding.was, finding.now))
    before = f"; the limit was {plain(finding.was)}" if finding.was is not None else ""
    if "request" not in subject.parts:
        text = f"is documented to be never {now}{before}" if now else f"may be {was}"
        text = subject.sentence(text)
    elif not subject.is_argument:
        text = subject.sentence(
            f"{now} is rejected{before}" if now else f"{was} is no longer rejected"
        )
    elif now:
        text = f"{{who}} <rejects|reject> {an(subject.name)} {now}{before}"
    else:
        text = f"{{who}} no longer <rejects|reject> {an(subject.name)} {was}"
    return subject.draft(subject.severity(name), Kind.LIMIT_CHANGED, text)


def _beyond(name: str, bound: object) -> str:
    return "" if bound is None else _BEYOND[name].format(bound, s="s" * (bound != 1))
