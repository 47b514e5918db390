"""Keep a finding so that it can be repeated, by as few requests as show it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.contract import evidence, repeat
from tests.contract.resending import CONTROL, Step, play, taken
from tests.contract.results import EVERY_REQUEST
from tests.contract.session import Session, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.contract.redaction import Redactor
    from tests.contract.results import Finding
    from tests.contract.suite import Lab

    Json = dict[str, Any]

_RESET = Step("POST", f"{CONTROL}reset", "{}", None, None, {}, "", None, 200)


def keep(path: Path, finding: Finding, lab: Lab, redactor: Redactor, *, shorten: bool) -> bool:
    """Write what repeats a finding.

    Args:
        path: Where to.
        finding: The finding, with its steps.
        lab: The target at which it was found.
        redactor: Takes out what must not be kept.
        shorten: Whether the target may be asked for a shorter way, if it is our mock.

    Returns:
        Whether the steps lead to it: other requests may have made what it is about.

    Raises:
        OSError: The file cannot be written.
    """
    target = lab.session.target
    last = finding.steps[-1]
    told = evidence.of(finding, last, mock=lab.terms.mock, private=redactor.is_private)
    steps = taken(finding.steps, target)
    is_whole = True
    if lab.terms.mock:
        steps = steps if steps[0].path == _RESET.path else [_RESET, *steps]
        if told and shorten and finding.check != EVERY_REQUEST:
            shorter = repeat.shortest(steps, lambda some: _shows(some, lab, told))
            is_whole, steps = shorter is not None, shorter or steps
    shown = redactor.finding(finding)
    said = {"check": shown.check, "field": shown.field, "text": shown.text, "evidence": told}
    if told and "value" in told and isinstance(told["value"], str):
        told["value"] = redactor.said(told["value"])
    steps = [replace(each, body=redactor.learnt_masked(each.body)) for each in steps]
    repeat.keep(path, said, steps, target.account)
    return is_whole


def _shows(steps: Sequence[Step], lab: Lab, told: Json) -> bool:
    # With a session of its own: these requests are no part of the run.
    with closing(Session(lab.session.target)) as session:
        try:
            return evidence.shown(told, play(session, steps, session.target.account)) is True
        except (UnreachableError, LookupError, ValueError):
            return False
