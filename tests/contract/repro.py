"""Write the repro of a finding: the shortest sequence of requests that shows it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.contract import evidence, repeat
from tests.contract.replay import CONTROL, Step, play, to_steps
from tests.contract.results import EVERY_REQUEST
from tests.contract.session import Session, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.contract.redaction import Redactor
    from tests.contract.results import Finding
    from tests.contract.suite import Context

    Json = dict[str, Any]

_RESET = Step("POST", f"{CONTROL}reset", "{}", None, None, {}, "", None, 200)


def write(
    path: Path, finding: Finding, context: Context, redactor: Redactor, *, shorten: bool
) -> bool:
    """Write the repro of a finding.

    Args:
        path: The file.
        finding: The finding, with its steps.
        context: The target and the terms.
        redactor: Masks what must not be written.
        shorten: Whether to look for a shorter sequence, if the target is our mock.

    Returns:
        Whether the steps reproduce it: the object may have been created by other requests.

    Raises:
        OSError: The file cannot be written.
    """
    target = context.session.target
    last = finding.steps[-1]
    recorded = evidence.of(finding, last, mock=context.terms.mock, private=redactor.is_private)
    steps = to_steps(finding.steps, target)
    is_whole = True
    if context.terms.mock:
        steps = steps if steps[0].path == _RESET.path else [_RESET, *steps]
        if recorded and shorten and finding.check != EVERY_REQUEST:
            shorter = repeat.shortest(steps, lambda some: _shows(some, context, recorded))
            is_whole, steps = shorter is not None, shorter or steps
    shown = redactor.finding(finding)
    summary = {"check": shown.check, "field": shown.field, "text": shown.text, "evidence": recorded}
    if recorded and "value" in recorded and isinstance(recorded["value"], str):
        recorded["value"] = redactor.message(recorded["value"])
    steps = [replace(each, body=redactor.without_private_values(each.body)) for each in steps]
    repeat.write(path, summary, steps, target.account)
    return is_whole


def _shows(steps: Sequence[Step], context: Context, recorded: Json) -> bool:
    # With a separate session: these requests are not part of the run.
    with closing(Session(context.session.target)) as session:
        try:
            return evidence.shown(recorded, play(session, steps, session.target.account)) is True
        except (UnreachableError, LookupError, ValueError):
            return False
