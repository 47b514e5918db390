"""The parts of a run: checks of our own, the reference model, and what schemathesis generates."""

from __future__ import annotations

import time
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from tests.contract import checks, document, model, replay, responses, running
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
    from tests.contract.results import ResponseFaults
    from tests.contract.running import Case, Failure, Run
    from tests.contract.session import Exchange, Session
    from tests.contract.suite import Check, Context, Terms

assert checks

GENERATED = {
    "every example, boundary or random request gets a documented response": (
        "examples",
        "coverage",
        "fuzzing",
    ),
    "every chain of links gets documented responses": ("stateful",),
}
CUT_SHORT = "it was stopped because it made no more progress; earlier results are reported"
MODEL = "every response matches the reference model"

# Checks of schemathesis that look at the response alone; our own do the same.
_OF_RESPONSES = {
    "content_type_conformance": "content-type",
    "not_a_server_error": "status",
    "response_headers_conformance": "headers",
    "response_schema_conformance": "body",
    "status_code_conformance": "status",
}
# Read without a payload, to see whether the server still responds.
_PING_OPERATIONS = ("getAccount", "getSubscriptions")
_ATTEMPTS = 3
_PAUSE = 1.0
_AFTER_KNOWN = "it cannot continue after a known fault"


def wanted(text: str) -> list[Check]:
    """Return the checks of our own whose names contain a text."""
    return [each for each in CHECKS if text in each.name.lower()]


def own(
    context: Context, chosen: Sequence[Check], response_faults: ResponseFaults
) -> Iterator[Result]:
    """Run checks of our own, in the order in which they are registered.

    A fault of a response itself, whatever the request, belongs to a result of its own, not to the
    check that happened to send the request.
    """
    was_any = False
    for check in chosen:
        missing = [need for need in check.needs if not context.terms.meet(need)]
        if missing:
            needs = f"needs: {', '.join(sorted(missing))}"
            yield Result("checks", check.name, 0.0, skipped=needs)
            continue
        yield _own(check, context, response_faults)
        new = response_faults.new()
        if new:
            was_any = True
            yield Result("checks", EVERY_RESPONSE, 0.0, new)
    if chosen and not was_any and context.session.exchanges:
        yield Result("checks", EVERY_RESPONSE, 0.0, detail="all responses")


def _own(check: Check, context: Context, response_faults: ResponseFaults) -> Result:
    session = context.session

    def on_fault(exchange: Exchange, field: str, text: str) -> bool:
        is_recorded = response_faults.is_recorded(exchange, field, text)
        response_faults.note(
            exchange, field, text, () if is_recorded else session.leading_to(exchange)
        )
        return True

    with responses.handling_faults(on_fault, _known(check.name, response_faults)):
        return _timed("checks", check.name, lambda: check.run(context), context, response_faults)


def reference(
    context: Context, profile: Profile, response_faults: ResponseFaults, *, first: bool
) -> Result:
    """Compare the target with the reference model."""
    # If one finding is enough, it is not shortened.
    shrinking = 0.0 if first else model.SHRINKING

    def on_fault(exchange: Exchange, field: str, text: str) -> bool:
        # A walk that continued after an unknown fault would fail later, for a reason hard to find.
        return response_faults.note(exchange, field, text, ())

    def explore() -> None:
        model.explore(context, **profile.walks._asdict(), shrinking=shrinking)

    with responses.handling_faults(on_fault, _known(MODEL, response_faults)):
        result = _timed("model", MODEL, explore, context, response_faults)
    # A fault that is not known has ended it already.
    response_faults.new()
    return result


def _known(name: str, response_faults: ResponseFaults) -> Callable[[Exchange, str, str], bool]:
    def known(exchange: Exchange, field: str, text: str) -> bool:
        return response_faults.is_known(exchange, Finding(name, exchange.label, field, text))

    return known


def _timed(
    section: str,
    name: str,
    run: Callable[[], None],
    context: Context,
    response_faults: ResponseFaults,
) -> Result:
    began, sent = time.perf_counter(), len(context.session.exchanges)
    result = Result(section, name, 0.0)
    before = response_faults.unexpected, response_faults.total
    try:
        run()
    except document.UnknownOperationError as gone:
        # The check is about an operation that left the document.
        return replace(result, skipped=str(gone))
    except Violation as violation:
        result = _violated(result, violation, context, response_faults)
    except Exception as error:
        # An unexpected response may make any line fail.
        unanswered = [each for each in context.session.exchanges[sent:] if not each.status]
        if unanswered:
            # The first: a check cleans up even if the server does not respond.
            finding, end = _unanswered(unanswered[0], context)
            result = replace(result, findings=(finding,), end=end)
        elif isinstance(error, UnreachableError):
            raise
        else:
            result = _failed_on_response(result, error, context, response_faults, before)
    return replace(
        result,
        seconds=time.perf_counter() - began,
        detail=f"{len(context.session.exchanges) - sent} requests",
    )


def _violated(
    result: Result, violation: Violation, context: Context, response_faults: ResponseFaults
) -> Result:
    """Return the result of a check that found something, or was stopped by a faulty response."""
    exchange, field, text = violation.exchange, violation.field, violation.text
    steps = tuple(violation.steps or context.session.leading_to(exchange))
    if result.section == "model" and response_faults.is_recorded(exchange, field, text):
        return replace(result, findings=(of_response(exchange, field, text, steps),))
    if response_faults.explains(exchange):
        return replace(result, stopped=f"the response to {exchange.label} was not as documented")
    found = Finding(result.name, exchange.label, field, text, steps)
    if response_faults.is_explained(exchange, found):
        return replace(result, skipped=_AFTER_KNOWN)
    same = (found.fault, same_request(exchange))
    return replace(result, findings=(replace(found, same=same),))


def _failed_on_response(
    result: Result,
    error: Exception,
    context: Context,
    response_faults: ResponseFaults,
    before: tuple[int, int],
) -> Result:
    """Return the result of a check that failed on a response it could not use."""
    if response_faults.unexpected > before[0]:
        return replace(result, stopped="a response was not as documented")
    if response_faults.total > before[1]:
        return replace(result, skipped=_AFTER_KNOWN)
    # On a correct server no check fails like this, so the last response is the cause.
    steps = tuple(context.session.leading_to(context.session.exchanges[-1]))
    text = f"the check could not continue after it: {type(error).__name__}: {error}"
    found = Finding(result.name, steps[-1].label, "content", text, steps, ("broke off", text))
    return replace(result, findings=(found,))


def _unanswered(exchange: Exchange, context: Context) -> tuple[Finding, str | None]:
    """Retry a request that got no response; return the finding, and why the run has to end."""
    session = context.session
    steps = (
        session.leading_to(exchange)
        if any(each is exchange for each in session.exchanges)
        else (exchange,)
    )
    text = f"expected a response, got none in {exchange.seconds:.1f} s; sent again, "
    try:
        text += _sent_again(exchange, session)
        end = None
    except _DeadError:
        text += "it got none either. The server no longer responds, so the run ends here"
        end = "the server no longer responds"
    except KeyboardInterrupt as stop:
        # Testers press Ctrl-C when a server hangs; the hang is still a finding.
        text += "the run was stopped before a response came"
        end = str(stop) or "it was interrupted"
    found = Finding(EVERY_REQUEST, exchange.label, "response", text, tuple(steps), ("unanswered",))
    return found, end


class _DeadError(Exception):
    """The server no longer responds."""


def _sent_again(exchange: Exchange, session: Session) -> str:
    try:
        return f"it got status {replay.resend(session, exchange).status}"
    except UnreachableError:
        if _responds(session):
            return "it got none either"
        raise _DeadError from None


def _responds(session: Session) -> bool:
    for look in range(_ATTEMPTS):
        # A server that restarts may need a moment.
        time.sleep(look * _PAUSE)
        for operation in filter(document.has, _PING_OPERATIONS):
            try:
                session.call(operation)
            except UnreachableError:
                continue
            return True
    return False


def generated(  # noqa: PLR0913 - one argument for each setting of a run
    context: Context,
    profile: Profile,
    names: Sequence[str],
    response_faults: ResponseFaults,
    *,
    first: bool,
    folder: Path,
) -> Iterator[tuple[Result, Sequence[Exchange]]]:
    """Run phases of schemathesis, and check every response with our own checks, too.

    All phases run in one process: starting one takes as long as thousands of requests.
    The report is in the folder while the run lasts.
    """
    result = running.run(
        folder,
        context.session.target,
        *_options(profile, names, first=first),
        *_excluded(context.terms),
        *("--request-timeout", str(context.session.timeout)),
        seed=context.seed,
        mock=context.terms.mock,
        chains=profile.chains,
    )
    made = {name: _generated(result, name, context, response_faults) for name in names}
    is_whole = not (result.interrupted or context.terms.stopped)
    if result.timed_out:
        last = made[names[-1]]
        silent = Finding("schemathesis", "the run", "end", CUT_SHORT)
        made[names[-1]] = replace(last, findings=(*last.findings, silent))
    elif result.code and is_whole and not any(each.findings for each in made.values()):
        # It failed though no request did: it printed a warning, or crashed.
        warned = Finding("schemathesis", "the run", "warnings", result.output)
        made[names[0]] = replace(made[names[0]], findings=(warned,))
    for name, report in made.items():
        yield report, [each.exchange for each in result.cases if each.phase in GENERATED[name]]
    if result.interrupted:
        # Earlier results are reported; the rest of the run is not wanted.
        raise KeyboardInterrupt


def _generated(result: Run, name: str, context: Context, response_faults: ResponseFaults) -> Result:
    phases = GENERATED[name]
    cases = [each for each in result.cases if each.phase in phases]
    failures = [each for each in result.failures if each.phase in phases]
    findings = together(
        [
            *_own_findings(cases, context, response_faults),
            *_schemathesis_findings(failures, context),
        ]
    )
    response_faults.new()
    end = None
    unanswered = [each.exchange for each in cases if not each.status]
    # After it nothing else may have got a response.
    unanswered = [result.unanswered, *unanswered] if result.unanswered else unanswered
    if unanswered:
        finding, end = _unanswered(unanswered[0], context)
        findings.insert(0, finding)
    spent = sum(result.seconds[phase] for phase in phases)
    detail = f"{len(cases)} requests"
    return Result("schemathesis", name, spent, findings, end=end, detail=detail)


def _options(profile: Profile, names: Sequence[str], *, first: bool) -> list[str]:
    phases = ",".join(phase for name in names for phase in GENERATED[name])
    stop = ["--max-failures", "1"] if first else []
    return ["--phases", phases, "--max-examples", str(profile.fuzz), *stop]


def _excluded(terms: Terms) -> list[str]:
    """Exclude checks of schemathesis that the vendor's documentation does not support."""
    checks = {
        # Every response is checked here again, with a finding for each field.
        "response_is_as_documented": False,
        # 401 rather than 400 for a wrong signature; our own checks make sure that it is rejected.
        "ignored_auth": terms.auth_status == HTTPStatus.UNAUTHORIZED,
        # 405 for an unsupported method.
        "unsupported_method": terms.mock,
    }
    names = [name for name, is_promised in checks.items() if not is_promised]
    return ["--exclude-checks", ",".join(names)] if names else []


def _schemathesis_findings(failures: Sequence[Failure], context: Context) -> Iterator[Finding]:
    """Yield failures, except those that our own checks of the same responses report."""
    for each in failures:
        fields = [field for field, _ in _faults(each.exchange, context)]
        if fields and (each.check in _OF_RESPONSES or "status" in fields):
            continue
        name, field = f"schemathesis {each.check}", _OF_RESPONSES.get(each.check, "status")
        steps = (each.exchange,)
        yield Finding(name, each.exchange.label, field, each.text, steps, ("complaint", name))


def _faults(exchange: Exchange, context: Context) -> Iterator[tuple[str, str]]:
    # Reports of schemathesis leave the Date header out.
    for field, text in (
        responses.faults(exchange, mock=context.terms.mock) if exchange.status else ()
    ):
        if field != "date":
            yield field, text


def _own_findings(
    cases: Sequence[Case], context: Context, response_faults: ResponseFaults
) -> Iterator[Finding]:
    for case in cases:
        for field, text in _faults(case.exchange, context):
            response_faults.note(case.exchange, field, text, (case.exchange,))
            yield of_response(case.exchange, field, text, (case.exchange,))
