"""The parts of a run: checks of our own, the reference model, and what schemathesis generates."""

from __future__ import annotations

import time
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from tests.contract import answers, checks, document, model, resending, running
from tests.contract.results import (
    EVERY_REQUEST,
    EVERY_RESPONSE,
    Finding,
    Result,
    of_response,
    same_request,
    together,
)
from tests.contract.session import UnreachableError
from tests.contract.suite import CHECKS
from tests.contract.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tests.contract.profiles import Profile
    from tests.contract.results import Noticed
    from tests.contract.running import Case, Failure, Run
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
CUT_SHORT = "it was ended, since nothing more came of it; what came before is reported"
MODEL = "every answer is the one that the reference model gives"

# Checks of schemathesis that look at what a response is, whatever was asked: we do so, too.
_OF_RESPONSES = {
    "content_type_conformance": "content-type",
    "not_a_server_error": "status",
    "response_headers_conformance": "headers",
    "response_schema_conformance": "body",
    "status_code_conformance": "status",
}
# Read without a payload, to see whether a server is still there.
_SIGNS_OF_LIFE = ("getAccount", "getSubscriptions")
_LOOKS = 3
_AFTER_KNOWN = "it cannot go on after a deviation that is known"


def wanted(text: str) -> list[Check]:
    """Return the checks of our own whose names hold a text."""
    return [each for each in CHECKS if text in each.name.lower()]


def own(lab: Lab, chosen: Sequence[Check], noticed: Noticed) -> Iterator[Result]:
    """Run checks of our own, in the order in which they are registered.

    What responses are wrong in, whatever was asked, has a result of its own, not the check's that
    happened to ask.
    """
    was_any = False
    for check in chosen:
        missing = [need for need in check.needs if not lab.terms.meet(need)]
        if missing:
            needs = f"needs: {', '.join(sorted(missing))}"
            yield Result("checks", check.name, 0.0, skipped=needs)
            continue
        yield _own(check, lab, noticed)
        fresh = noticed.fresh()
        if fresh:
            was_any = True
            yield Result("checks", EVERY_RESPONSE, 0.0, fresh)
    if chosen and not was_any and lab.session.exchanges:
        yield Result("checks", EVERY_RESPONSE, 0.0, detail="of all that came")


def _own(check: Check, lab: Lab, noticed: Noticed) -> Result:
    session = lab.session

    def notice(exchange: Exchange, field: str, text: str) -> bool:
        is_noted = noticed.is_noted(exchange, field, text)
        noticed.note(exchange, field, text, () if is_noted else session.leading_to(exchange))
        return True

    with answers.noticing(notice, _known(check.name, noticed)):
        return _timed("checks", check.name, lambda: check.run(lab), lab, noticed)


def reference(lab: Lab, profile: Profile, noticed: Noticed, *, first: bool) -> Result:
    """Compare the target with the reference model, story by story."""
    # Where one finding is enough, the shortest way to it is not looked for.
    shrinking = 0.0 if first else model.SHRINKING

    def notice(exchange: Exchange, field: str, text: str) -> bool:
        # A walk that went on after anything else would break somewhere, and look for where.
        return noticed.note(exchange, field, text, ())

    def explore() -> None:
        model.explore(lab, **profile.walks._asdict(), shrinking=shrinking)

    with answers.noticing(notice, _known(MODEL, noticed)):
        result = _timed("model", MODEL, explore, lab, noticed)
    # What it noticed and is not known has ended it.
    noticed.fresh()
    return result


def _known(name: str, noticed: Noticed) -> Callable[[Exchange, str, str], bool]:
    def known(exchange: Exchange, field: str, text: str) -> bool:
        return noticed.is_known(exchange, Finding(name, exchange.label, field, text))

    return known


def _timed(section: str, name: str, run: Callable[[], None], lab: Lab, noticed: Noticed) -> Result:
    began, sent = time.perf_counter(), len(lab.session.exchanges)
    result = Result(section, name, 0.0)
    before = noticed.unexpected, noticed.total
    try:
        run()
    except document.GoneError as gone:
        # It is about an operation that is no more.
        return replace(result, skipped=str(gone))
    except Violation as violation:
        result = _violated(result, violation, lab, noticed)
    except Exception as error:
        # An unexpected response may break any line.
        unanswered = [each for each in lab.session.exchanges[sent:] if not each.status]
        if unanswered:
            # The first: a check removes what it made even where the server is silent.
            finding, end = _unanswered(unanswered[0], lab)
            result = replace(result, findings=(finding,), end=end)
        elif isinstance(error, UnreachableError):
            raise
        else:
            result = _broken_off(result, error, lab, noticed, before)
    return replace(
        result,
        seconds=time.perf_counter() - began,
        detail=f"{len(lab.session.exchanges) - sent} requests",
    )


def _violated(result: Result, violation: Violation, lab: Lab, noticed: Noticed) -> Result:
    """Say what ended a check: what it looks for, or a response that is wrong in itself."""
    exchange, field, text = violation.exchange, violation.field, violation.text
    steps = tuple(violation.steps or lab.session.leading_to(exchange))
    if result.section == "model" and noticed.is_noted(exchange, field, text):
        return replace(result, findings=(of_response(exchange, field, text, steps),))
    if noticed.explains(exchange):
        return replace(result, stopped=f"{exchange.label} answered not as documented")
    found = Finding(result.name, exchange.label, field, text, steps)
    if noticed.is_explained(exchange, found):
        return replace(result, skipped=_AFTER_KNOWN)
    same = (found.fault, same_request(exchange))
    return replace(result, findings=(replace(found, same=same),))


def _broken_off(
    result: Result, error: Exception, lab: Lab, noticed: Noticed, before: tuple[int, int]
) -> Result:
    """Say what ended a check that could make nothing of a response."""
    if noticed.unexpected > before[0]:
        return replace(result, stopped="a response was not as documented")
    if noticed.total > before[1]:
        return replace(result, skipped=_AFTER_KNOWN)
    # No check fails in itself on a server that is right, so this is what the last answer did.
    steps = tuple(lab.session.leading_to(lab.session.exchanges[-1]))
    told = f"the check could not go on after it: {type(error).__name__}: {error}"
    found = Finding(result.name, steps[-1].label, "answer", told, steps, ("broke off", told))
    return replace(result, findings=(found,))


def _unanswered(exchange: Exchange, lab: Lab) -> tuple[Finding, str | None]:
    """Send a request that got no response again; tell what came, and why the run ends here."""
    session = lab.session
    steps = (
        session.leading_to(exchange)
        if any(each is exchange for each in session.exchanges)
        else (exchange,)
    )
    told = f"expected a response, got none in {exchange.seconds:.1f} s; sent again, "
    try:
        told += _sent_again(exchange, session)
        end = None
    except _DeadError:
        told += "it got none either. Since then the server answers nothing, so the run ends here"
        end = "the server answers nothing any more"
    except KeyboardInterrupt as stop:
        # A tester who waits for a server that hangs presses Ctrl-C; the hang is still a finding.
        told += "the run was ended before a response came"
        end = str(stop) or "it was interrupted"
    found = Finding(EVERY_REQUEST, exchange.label, "response", told, tuple(steps), ("unanswered",))
    return found, end


class _DeadError(Exception):
    """Nothing is answered any more."""


def _sent_again(exchange: Exchange, session: Session) -> str:
    try:
        return f"it was answered with {resending.again(session, exchange).status}"
    except UnreachableError:
        if _lives(session):
            return "it got none either"
        raise _DeadError from None


def _lives(session: Session) -> bool:
    for look in range(_LOOKS):
        # One that was started anew may need a moment.
        time.sleep(look)
        for operation in filter(document.has, _SIGNS_OF_LIFE):
            try:
                session.call(operation)
            except UnreachableError:
                continue
            return True
    return False


def generated(  # noqa: PLR0913 - one argument for each thing that a run is given
    lab: Lab,
    profile: Profile,
    names: Sequence[str],
    noticed: Noticed,
    *,
    first: bool,
    folder: Path,
) -> Iterator[tuple[Result, Sequence[Exchange]]]:
    """Run phases of schemathesis, and look at every answer once more with eyes of our own.

    All that are wanted run in one process: to start one takes as long as thousands of requests.
    The report lies in the folder for as long as the run lasts.
    """
    result = running.run(
        folder,
        lab.session.target,
        *_options(profile, names, first=first),
        *_excluded(lab.terms),
        *("--request-timeout", str(lab.session.patience)),
        seed=lab.seed,
        mock=lab.terms.mock,
        chains=profile.chains,
    )
    made = {name: _generated(result, name, lab, noticed) for name in names}
    is_whole = not (result.interrupted or lab.terms.stopped)
    if result.timed_out:
        last = made[names[-1]]
        silent = Finding("schemathesis", "the run", "end", CUT_SHORT)
        made[names[-1]] = replace(last, findings=(*last.findings, silent))
    elif result.code and is_whole and not any(each.findings for each in made.values()):
        # It failed, and no request did: it warns of something, or broke down.
        warned = Finding("schemathesis", "the run", "warnings", result.output)
        made[names[0]] = replace(made[names[0]], findings=(warned,))
    for name, report in made.items():
        yield report, [each.exchange for each in result.cases if each.phase in GENERATED[name]]
    if result.interrupted:
        # What came before has been reported; the rest of the run is not wanted.
        raise KeyboardInterrupt


def _generated(result: Run, name: str, lab: Lab, noticed: Noticed) -> Result:
    phases = GENERATED[name]
    cases = [each for each in result.cases if each.phase in phases]
    complained = [each for each in result.failures if each.phase in phases]
    findings = together([*_overlooked(cases, lab, noticed), *_complaints(complained, lab)])
    noticed.fresh()
    end = None
    unanswered = [each.exchange for each in cases if not each.status]
    # After it nothing else may have been answered.
    unanswered = [result.unanswered, *unanswered] if result.unanswered else unanswered
    if unanswered:
        finding, end = _unanswered(unanswered[0], lab)
        findings.insert(0, finding)
    spent = sum(result.seconds[phase] for phase in phases)
    told = f"{len(cases)} requests"
    return Result("schemathesis", name, spent, findings, end=end, detail=told)


def _options(profile: Profile, names: Sequence[str], *, first: bool) -> list[str]:
    phases = ",".join(phase for name in names for phase in GENERATED[name])
    stop = ["--max-failures", "1"] if first else []
    return ["--phases", phases, "--max-examples", str(profile.fuzz), *stop]


def _excluded(terms: Terms) -> list[str]:
    """Leave out what schemathesis expects of any server, and the vendor never promised."""
    checks = {
        # Every response is looked at here once more, with a finding for each field.
        "answer_is_as_documented": False,
        # 401 rather than 400 for a wrong signature; checks of our own see that it is refused.
        "ignored_auth": terms.auth_status == HTTPStatus.UNAUTHORIZED,
        # 405 for a method that a path does not have.
        "unsupported_method": terms.mock,
    }
    names = [name for name, is_promised in checks.items() if not is_promised]
    return ["--exclude-checks", ",".join(names)] if names else []


def _complaints(failures: Sequence[Failure], lab: Lab) -> Iterator[Finding]:
    """Go through what is not said already of the same responses by eyes of our own."""
    for each in failures:
        fields = [field for field, _ in _faults(each.exchange, lab)]
        if fields and (each.check in _OF_RESPONSES or "status" in fields):
            continue
        name, field = f"schemathesis {each.check}", _OF_RESPONSES.get(each.check, "status")
        steps = (each.exchange,)
        yield Finding(name, each.exchange.label, field, each.text, steps, ("complaint", name))


def _faults(exchange: Exchange, lab: Lab) -> Iterator[tuple[str, str]]:
    # Reports of schemathesis leave the Date header out.
    for field, text in answers.faults(exchange, mock=lab.terms.mock) if exchange.status else ():
        if field != "date":
            yield field, text


def _overlooked(cases: Sequence[Case], lab: Lab, noticed: Noticed) -> Iterator[Finding]:
    for case in cases:
        for field, text in _faults(case.exchange, lab):
            noticed.note(case.exchange, field, text, (case.exchange,))
            yield of_response(case.exchange, field, text, (case.exchange,))
