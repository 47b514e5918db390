"""Sentences about responses, their bodies and their headers.

The client reads every error response in the same way, and headers by their names. So these changes
are editorial.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.changes.line import Difference
from tools.changes.rules.words import KINDS, reworded, source
from tools.spec.severity import Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.changes.findings import Finding
    from tools.changes.line import Draft
    from tools.changes.rules.subject import Subject


def status(about: Subject, code: str, finding: Finding) -> Iterator[Draft]:
    """Describe what a finding at a response means; its path begins there."""
    no_longer = "no longer " * finding.removed
    match finding.path:
        case ():
            yield _whole(about, code, finding)
        case ("types" | "media", name):
            text = f"the body of status {code} of {{who}} is {no_longer}documented as `{name}`"
            yield _documented(about, text)
        case ("headers", name, *place):
            yield _documented(about, _header(code, name, finding._replace(path=tuple(place))))
        case ("source",):
            yield source(lambda text: f"status {code} of {{who}} {text}", about.draft, finding)
        case ("words",):
            yield reworded(about.draft)


def _whole(about: Subject, code: str, finding: Finding) -> Draft:
    # Errors are chosen by code and status as before; only `on_drift` and `strict` notice.
    if finding.new:
        text = f"{{who}} <is|are> documented to respond with status {code} as well"
        return about.draft(Severity.ADDITIVE, Kind.RESPONSE_NEW, text)
    text = f"{{who}} <is|are> no longer documented to respond with status {code}: "
    text += "`on_drift` reports it, and `strict=True` makes it an error"
    return about.draft(Severity.ADDITIVE, Kind.RESPONSE_REMOVED, text)


def _documented(about: Subject, text: str) -> Draft:
    return about.draft(Severity.EDITORIAL, Difference.WORDS_CHANGED, text)


def _header(code: str, name: str, finding: Finding) -> str:
    if not finding.path:
        no_longer = "no longer " * finding.removed
        return f"status {code} of {{who}} is {no_longer}documented with the header `{name}`"
    text = f"the header `{name}` of status {code} of {{who}} is documented "
    if finding.path == ("schema", "type") and _are_kinds(finding.was, finding.now):
        return f"{text}as {KINDS[finding.now]} instead of {KINDS[finding.was]}"
    return f"{text}differently"


def _are_kinds(*kinds: Any) -> bool:  # noqa: ANN401 - any value of the document
    return all(isinstance(kind, str) and kind in KINDS for kind in kinds)
