"""Sentences about webhook events."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tools.changes.line import Difference
from tools.changes.rules.subject import Subject
from tools.changes.rules.words import fallback, reworded, source
from tools.spec.severity import Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.changes.findings import Finding
    from tools.changes.line import Draft
    from tools.changes.rules.subject import Views


def events(views: Views, finding: Finding) -> Iterator[Draft]:
    """Describe a finding within `events`."""
    _, event, *rest = finding.path
    pointer = views.pointer(finding.path)
    about = Subject(event, None, "", frozenset((event,)), frozenset(), pointer, None, None)
    match rest:
        case []:
            yield _whole(about, finding)
        case ["class"]:
            yield from _class(views, about, finding)
        case ["deprecated"]:
            text = _named(event, f"is {'' if finding.now else 'no longer '}deprecated")
            yield about.draft(Severity.ADDITIVE, Difference.DEPRECATED, text)
        case ["source"]:
            yield source(partial(_named, event), about.draft, finding)
        case ["words"]:
            yield reworded(about.draft)
        case _:
            inner = finding._replace(path=tuple(rest))
            yield fallback(about.draft, partial(_named, event), inner)


def _named(event: str, text: str) -> str:
    return f"the event `{event}` {text}"


def _whole(about: Subject, finding: Finding) -> Draft:
    if finding.removed:
        text = _named(about.name, "is removed, and is read as `UnknownEvent`")
        return about.draft(Severity.BREAKING, Kind.EVENT_REMOVED, text)
    # It was an UnknownEvent before, which code for all others has to handle anyway.
    text = _named(about.name, f"is new: it is read as `{finding.now['class']}`")
    text += "; it is deprecated" * finding.now["deprecated"]
    return about.draft(Severity.ADDITIVE, Kind.EVENT_NEW, text)


def _class(views: Views, about: Subject, finding: Finding) -> Iterator[Draft]:
    if views.renamed(finding.was) != finding.now:
        text = _named(about.name, f"is read as `{finding.now}` instead of `{finding.was}`")
        yield about.draft(Severity.BREAKING, Kind.TYPE_CHANGED, text)
