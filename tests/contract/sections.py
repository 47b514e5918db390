"""The parts of a run: checks of our own, the reference model, and what schemathesis generates."""

from __future__ import annotations

import tempfile
import time
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from tests.contract import answers, checks, document, model, running
from tests.contract.results import Finding, Result
from tests.contract.suite import CHECKS
from tests.contract.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.contract.profiles import Profile
    from tests.contract.running import Case, Run
    from tests.contract.session import Exchange, Session
    from tests.contract.suite import Check, Lab, Terms

assert checks

GENERATED = {
    "no example, border or random request is answered against the document": (
        "examples",
        "coverage",
        "fuzzing",
    ),
    "no chain of links is answered against the document": ("stateful",),
}


def own(lab: Lab, wanted: Callable[[str], bool]) -> Iterator[Result]:
    """Run the checks of our own that are wanted, in the order of their names in the source."""
    for check in CHECKS:
        if wanted(check.name):
            yield _own(check, lab)


def _own(check: Check, lab: Lab) -> Result:
    missing = [need for need in check.needs if not lab.terms.meet(need)]
    if missing:
        return Result("checks", check.name, 0.0, skipped=f"needs: {', '.join(sorted(missing))}")
    return _timed("checks", check.name, lambda: check.run(lab), lab.session)


def _timed(section: str, name: str, run: Callable[[], None], session: Session) -> Result:
    began, sent = time.perf_counter(), len(session.exchanges)
    try:
        findings = _found(run, name, session)
    except document.GoneError as gone:
        # It is about an operation that is no more.
        return Result(section, name, 0.0, skipped=str(gone))
    spent = time.perf_counter() - began
    told = f"{len(session.exchanges) - sent} requests"
    return Result(section, name, spent, findings, detail=told)


def reference(lab: Lab, profile: Profile, *, first: bool) -> Result:
    """Compare the target with the reference model, story by story."""
    # Where one finding is enough, nobody waits for the shortest way to it.
    shrinking = 0.0 if first else model.SHRINKING
    return _timed(
        "model",
        MODEL,
        lambda: model.explore(lab, **profile.walks._asdict(), shrinking=shrinking),
        lab.session,
    )


MODEL = "every answer is the one that the reference model gives"
OVERLOOKED = "every answer is as documented"


def _found(run: Callable[[], None], name: str, session: Session) -> list[Finding]:
    try:
        run()
    except Violation as violation:
        steps = getattr(violation, "steps", None) or session.leading_to(violation.exchange)
        where = violation.exchange.label
        return [Finding(name, where, violation.field, violation.text, tuple(steps))]
    except document.GoneError:
        raise
    except Exception as error:  # noqa: BLE001 - an answer that nobody expects may break any line
        # No check fails in itself on a server that is right, so this is what the last answer did.
        steps = session.leading_to(session.exchanges[-1])
        told = f"the check could not go on after it: {type(error).__name__}: {error}"
        return [Finding(name, steps[-1].label, "answer", told, steps)]
    return []


def generated(
    lab: Lab, profile: Profile, names: Sequence[str], *, first: bool
) -> Iterator[tuple[Result, Sequence[Exchange]]]:
    """Run phases of schemathesis, and look at every answer once more with eyes of our own.

    All that are wanted run in one process: to start one takes as long as thousands of requests.
    """
    with tempfile.TemporaryDirectory() as folder:
        result = running.run(
            Path(folder),
            lab.session.target,
            *_options(profile, names, first=first),
            *_excluded(lab.terms),
            seed=lab.seed,
            mock=lab.terms.mock,
            chains=profile.chains,
        )
    found = {name: _findings(result, GENERATED[name], lab) for name in names}
    if result.code and not any(found.values()):
        # It failed, and no request did: it warns of something, or broke down.
        found[names[0]] = [Finding("schemathesis", "the run", "warnings", result.output)]
    for name in names:
        cases = [each for each in result.cases if each.phase in GENERATED[name]]
        spent = sum(result.seconds[phase] for phase in GENERATED[name])
        told = f"{len(cases)} requests"
        report = Result("schemathesis", name, spent, found[name], detail=told)
        yield report, [each.exchange for each in cases]


def _findings(result: Run, phases: Sequence[str], lab: Lab) -> list[Finding]:
    cases = [each for each in result.cases if each.phase in phases]
    return [*_complaints(result, phases, lab), *_overlooked(cases, lab)]


def _options(profile: Profile, names: Sequence[str], *, first: bool) -> list[str]:
    phases = ",".join(phase for name in names for phase in GENERATED[name])
    stop = ["--max-failures", "1"] if first else []
    return ["--phases", phases, "--max-examples", str(profile.fuzz), *stop]


def _excluded(terms: Terms) -> list[str]:
    """Leave out what schemathesis expects of any server, and the vendor never promised."""
    checks = {
        # 401 rather than 400 for a wrong signature; checks of our own see that it is refused.
        "ignored_auth": terms.auth_status == HTTPStatus.UNAUTHORIZED,
        # 405 for a method that a path does not have.
        "unsupported_method": terms.mock,
    }
    names = [name for name, is_promised in checks.items() if not is_promised]
    return ["--exclude-checks", ",".join(names)] if names else []


def _complaints(result: Run, phases: Sequence[str], lab: Lab) -> list[Finding]:
    mine = [each for each in result.failures if each.phase in phases]
    return [
        Finding(
            f"schemathesis {each.check}",
            each.exchange.label,
            _field(each.exchange, lab),
            each.text,
            (each.exchange,),
        )
        for each in {(each.check, each.exchange.label): each for each in mine}.values()
    ]


def _field(exchange: Exchange, lab: Lab) -> str:
    return next((field for field, _ in _faults(exchange, lab)), "status")


def _faults(exchange: Exchange, lab: Lab) -> Iterator[tuple[str, str]]:
    # Reports of schemathesis leave the Date header out.
    for field, text in answers.faults(exchange, mock=lab.terms.mock) if exchange.status else ():
        if field != "date":
            yield field, text


def _overlooked(cases: Sequence[Case], lab: Lab) -> list[Finding]:
    findings = {}
    for case in cases:
        for field, text in _faults(case.exchange, lab):
            steps = (case.exchange,)
            finding = Finding(OVERLOOKED, case.exchange.label, field, text, steps)
            findings.setdefault((finding.where, field), finding)
    return list(findings.values())
