"""Turns findings into sentences, by small rules keyed by the place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.changes.line import Difference, Draft
from tools.changes.rules.classes import classes
from tools.changes.rules.events import events
from tools.changes.rules.methods import methods
from tools.changes.rules.subject import Views
from tools.changes.rules.words import fallback, plain
from tools.spec.severity import Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tools.changes.findings import Finding

__all__ = ["Views", "drafts"]


def drafts(views: Views, finding: Finding) -> Iterator[Draft]:
    """Yield the sentences about a finding."""
    yield from _RULES[finding.path[0]](views, finding)


def _codes(views: Views, finding: Finding) -> Iterator[Draft]:
    code, pointer = finding.path[1], views.pointer(finding.path)
    if finding.new:
        text = f"error code {code} is new: {finding.now}"
        yield Draft(Severity.ADDITIVE, Kind.CODE_NEW, text, frozenset(), pointer)
    elif finding.removed:
        text = f"error code {code} ({finding.was}) is removed: code that handles it never runs"
        yield Draft(Severity.BREAKING, Kind.CODE_REMOVED, text, frozenset(), pointer)
    else:
        text = f"error code {code} now means: {finding.now}; it was: {finding.was}"
        yield Draft(Severity.EDITORIAL, Difference.WORDS_CHANGED, text, frozenset(), pointer)


def _servers(views: Views, finding: Finding) -> Iterator[Draft]:
    pointer = views.pointer(finding.path)
    if finding.path[1] == "default":
        text = (
            f"calls without a `base_url` go to {plain(finding.now)} instead of {plain(finding.was)}"
        )
        yield Draft(Severity.BREAKING, Difference.SERVER_CHANGED, text, frozenset(), pointer)
    elif finding.new:
        text = f"the API is at `{finding.path[2]}` as well"
        yield Draft(Severity.ADDITIVE, Kind.SERVER_NEW, text, frozenset(), pointer)
    else:
        text = f"the API is no longer documented to be at `{finding.path[2]}`"
        yield Draft(Severity.BREAKING, Kind.SERVER_REMOVED, text, frozenset(), pointer)


def _document(views: Views, finding: Finding) -> Iterator[Draft]:
    place, pointer = finding.path[1], views.pointer(finding.path)

    def draft(severity: Severity, kind: Kind | Difference, text: str) -> Draft:
        return Draft(severity, kind, text, frozenset(), pointer)

    if place == "resources" and not _stays(views, finding.path[2]):
        # A resource is added and removed with its methods, which are reported.
        return
    if place in ("resources", "words"):
        text = "the descriptions of the API and its resources are reworded"
        yield draft(Severity.EDITORIAL, Difference.WORDS_CHANGED, text)
    elif place == "version":
        text = f"the API document is version {finding.now} instead of {finding.was}"
        yield draft(Severity.EDITORIAL, Difference.VERSION_CHANGED, text)
    elif place in ("security", "keys"):
        text = f"how requests are signed has changed: `{'.'.join(finding.path[1:])}` is "
        text += f"{plain(finding.now)} instead of {plain(finding.was)}"
        yield draft(Severity.BREAKING, Difference.SIGNING_CHANGED, text)
    else:
        inner = finding._replace(path=finding.path[1:])
        yield fallback(draft, lambda text: f"the API document {text}", inner)


def _stays(views: Views, resource: str) -> bool:
    # A tag that only webhooks have has no methods before or after.
    has = [
        any(each["name"].startswith(f"{resource}.") for each in view.plain["methods"].values())
        for view in (views.old, views.new)
    ]
    return has[0] == has[1]


_RULES: dict[str, Callable[[Views, Finding], Iterator[Draft]]] = {
    "document": _document,
    "servers": _servers,
    "codes": _codes,
    "methods": methods,
    "events": events,
    "classes": classes,
    "enums": classes,
}
