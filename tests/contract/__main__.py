"""Test the contract: ``python -m tests.contract`` asks a fresh mock, ``--target`` any other server.

What is after ``--`` goes to schemathesis, which then runs alone: ``-- --phases coverage``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tests.contract import baseline, drift, keeping, printing, private, results, sections, targets
from tests.contract.profiles import PROFILES
from tests.contract.progress import Events, Progress
from tests.contract.redaction import Redactor
from tests.contract.results import EVERY_REQUEST, EVERY_RESPONSE, Noticed, Result
from tests.contract.running import EVENTS, run
from tests.contract.session import Session, UnreachableError
from tests.contract.suite import Lab

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tests.contract.results import Finding
    from tests.contract.session import Exchange

NOTHING_FOUND, FOUND, CANNOT_RUN = 0, 1, 2

_KEPT = Path(".contract")
# Options of schemathesis that neither change where requests go nor write files.
_HARMLESS = re.compile(
    r"-[cmnwh]|--(?:(?:in|ex)clude-(?:name|path|method|tag|operation-id)(?:-regex)?|help|mode|phases"
    r"|checks|exclude-checks|exclude-deprecated|max-(?:examples|failures|response-time|time)|workers"
    r"|continue-on-failure|suppress-health-check|warnings|seed|no-shrink|no-color|force-color"
    r"|rate-limit|request-timeout|request-retries"
    r"|generation-(?:deterministic|allow-x00|codec|maximize|unique-inputs))"
)


def main(arguments: Sequence[str]) -> int:
    """Run, print what came of it, and return the exit code.

    Returns:
        0 if nothing was found, 1 if something was, 2 if that could not be tested to the end.
    """
    printing.print_anything()
    own, passed = _split(list(arguments))
    options = _parser().parse_args(own)
    if options.target and options.mock:
        printing.err(
            "Nothing was tested. --mock is for the fresh mock, and --target names another.\n"
        )
        return CANNOT_RUN
    try:
        with (
            targets.ending_as_with_ctrl_c(),
            targets.access(options.target, os.environ, options.mock, options.profile) as found,
        ):
            return _told_of_its_end(found, _tested(found, options, passed), is_told=not passed)
    except (targets.SettingsError, UnreachableError) as error:
        printing.err(f"Nothing was tested. {error}\n")
    except KeyboardInterrupt as stop:
        printing.err(f"The run was ended. {stop}".rstrip() + "\n")
    return CANNOT_RUN


def _tested(found: targets.Access, options: argparse.Namespace, passed: list[str]) -> int:
    if passed:
        return _schemathesis(found, options, passed)
    with closing(Session(found.target)) as session:
        terms = targets.terms(session, os.environ, found.gateway)
        return _Suite(Lab(session, terms, options.seed), options).run()


def _told_of_its_end(found: targets.Access, code: int, *, is_told: bool) -> int:
    """Say why the gateway ended a run, which then is no success."""
    if found.gateway is None or found.gateway.stopped is None or (is_told and code):
        return code
    printing.err(f"The run was ended. {found.gateway.stopped}\n")
    return code or CANNOT_RUN


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    place = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:place], arguments[place + 1 :]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m tests.contract", description=__doc__)
    parser.add_argument("--target", metavar="URL", help="what to test; else a fresh mock")
    parser.add_argument("--profile", choices=PROFILES, default="full", help="how thoroughly")
    parser.add_argument("--seed", type=int, default=1, help="the same seed sends the same requests")
    parser.add_argument("--only", metavar="TEXT", default="", help="checks whose names hold this")
    parser.add_argument("--first", action="store_true", help="stop at the first finding")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write results as JUnit XML")
    parser.add_argument("--har", type=Path, metavar="FILE", help="write all exchanges as HAR")
    parser.add_argument(
        "--baseline", type=Path, metavar="FILE", help="what the target is known for, as YAML"
    )
    parser.add_argument(
        "--show-data", action="store_true", help="do not mask data of customers, and amounts"
    )
    parser.add_argument(
        "--mock", action="append", default=[], metavar="OPTION", help="an option of the fresh mock"
    )
    return parser


def _schemathesis(found: targets.Access, options: argparse.Namespace, passed: list[str]) -> int:
    if found.gateway is not None:
        _check_passed(passed)
        if not found.gateway.plan.writes:
            raise targets.SettingsError("schemathesis alone writes, which needs ALLOW_WRITES=1.")
    told = targets.introduction(found.target, found.gateway, is_own=options.target is None)
    printing.out(f"{told}\nschemathesis alone, seed {options.seed}.\n")
    with tempfile.TemporaryDirectory() as folder:
        mock = found.gateway is None
        result = run(Path(folder), found.target, *passed, seed=options.seed, mock=mock)
    printing.out(result.output)
    return result.code


def _check_passed(options: list[str]) -> None:
    """Reject options of schemathesis that may go past the gateway, or write what is not masked.

    Raises:
        SettingsError: There is such an option.
    """
    for each in options:
        name = each.partition("=")[0] if each.startswith("--") else each[:2]
        if name.startswith("-") and not _HARMLESS.fullmatch(name):
            raise targets.SettingsError(
                f"{name} is an option of schemathesis for mocks of ours only: it may send requests "
                "elsewhere, or write data of customers unmasked."
            )


class _Suite:
    """One run of all parts, told as it goes on."""

    def __init__(self, lab: Lab, options: argparse.Namespace) -> None:
        self._lab = lab
        self._options = options
        self._profile = PROFILES[options.profile]
        self._generated: list[Exchange] = []
        self._redactor = Redactor(
            [each for each in (lab.session.target, lab.terms.second) if each],
            private=not (lab.terms.mock or options.show_data),
        )
        self._learnt = 0
        self._known: list[baseline.Entry] = []
        self._occurred: dict[baseline.Entry, int] = {}
        self._noticed = Noticed(self._is_known)
        self._results: dict[tuple[str, str], Result] = {}
        self._findings: dict[tuple[str, ...], Finding] = {}
        self._unfinished: str | None = None
        self._is_written = True
        self._chosen = sections.wanted(options.only.lower())
        self._events: Events | None = None
        self._began = time.perf_counter()
        self._progress = Progress(self._how_far)

    def run(self) -> int:
        """Go through all parts; return the exit code."""
        problem = self._unusable()
        if problem is None:
            self._say(self._introduction())
            problem = self._problem()
        if problem:
            printing.err(f"Nothing was tested. {self._redactor.text(problem)}\n")
            return CANNOT_RUN
        # Who ends a run by SIGTERM, as pipelines do, wants to see what came of it, too.
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with self._progress:
                self._go_through()
        finally:
            signal.signal(signal.SIGTERM, before)
        for step in (self._write_junit, self._write_har, self._tell_drift, self._tell_known):
            self._safely(step)
        return self._conclude()

    def _safely(self, step: Callable[[], object]) -> None:
        """Report something; where that fails, the rest is reported all the same."""
        try:
            step()
        except Exception as error:  # noqa: BLE001 - see above
            self._is_written = False
            told = self._redactor.said(f"{type(error).__name__}: {error}")
            printing.err(f"A part of the report is missing: {told}\n")

    def _unusable(self) -> str | None:
        """Say what is wrong with files that are named, before anything is sent."""
        options = self._options
        reports = [each for each in (options.junit, options.har) if each]
        named = [each.resolve() for each in (*reports, options.baseline) if each]
        if len(set(named)) < len(named):
            return "Two of --junit, --har and --baseline name the same file."
        for path in reports:
            problem = private.check(path)
            if problem:
                return problem
        try:
            self._known = baseline.read(options.baseline) if options.baseline else []
        except baseline.BaselineError as error:
            return str(error)
        return private.check_folder(_KEPT)

    def _go_through(self) -> None:
        # Those of an earlier run would be taken for this one's.
        for path in _KEPT.glob("[0-9]*.json"):
            path.unlink(missing_ok=True)
        try:
            for result in self._parts():
                self._tell(result)
                if result.end:
                    self._unfinished = result.end
                    break
                if self._findings and self._options.first:
                    break
        except KeyboardInterrupt as stopped:
            self._unfinished = str(stopped) or "it was interrupted"
        except Exception as error:  # noqa: BLE001 - what was found until then is told all the same
            self._unfinished = f"{type(error).__name__}: {error}"
        self._safely(self._tell_noticed)

    def _tell_noticed(self) -> None:
        fresh = self._noticed.fresh()
        if fresh:
            self._tell(Result("checks", EVERY_RESPONSE, 0.0, fresh))

    def _introduction(self) -> str:
        options = self._options
        target, gateway = self._lab.session.target, self._lab.terms.gateway
        told = targets.introduction(target, gateway, is_own=options.target is None)
        return f"{told}\nProfile {options.profile}, seed {options.seed}."

    def _problem(self) -> str | None:
        return targets.problem(self._lab)

    def _parts(self) -> Iterator[Result]:
        first = self._options.first
        yield from sections.own(self._lab, self._chosen, self._noticed)
        names = self._generated_parts()
        if sections.MODEL in names:
            yield sections.reference(self._lab, self._profile, self._noticed, first=first)
            names.remove(sections.MODEL)
        if names:
            with tempfile.TemporaryDirectory() as folder:
                self._events = Events(Path(folder, EVENTS))
                # One that is known already would be the first, and the last.
                told = sections.generated(
                    self._lab,
                    self._profile,
                    names,
                    self._noticed,
                    first=first and not self._known,
                    folder=Path(folder),
                )
                for result, exchanges in told:
                    self._events = None
                    self._generated += exchanges
                    yield result

    def _generated_parts(self) -> list[str]:
        if not self._lab.terms.writes:
            return []
        names = (sections.MODEL, *sections.GENERATED)
        return [name for name in names if self._options.only.lower() in name]

    def _how_far(self) -> str:
        done = sum(name != EVERY_RESPONSE for _, name in self._results)
        total = len(self._chosen) + len(self._generated_parts())
        sent = len(self._exchanges()) + (self._events.requests() if self._events else 0)
        spent = time.perf_counter() - self._began
        return f"  {done} of {total} checks, {sent} requests so far, {spent:.0f} s"

    def _tell(self, result: Result) -> None:
        exchanges = self._exchanges()
        self._redactor.learn(exchanges[self._learnt :])
        self._learnt = len(exchanges)
        unknown = [each for each in result.findings if not self._is_known(each)]
        fresh = [each for each in unknown if each.cause not in self._findings]
        for each in unknown:
            self._count(each)
        self._remember(replace(result, findings=tuple(map(self._redactor.finding, unknown))))
        self._say(
            f"  {self._mark(result, unknown)} {result.name} ({self._detail(result, unknown)})"
        )
        for each in fresh:
            self._tell_finding(each, is_last=bool(result.end))

    def _mark(self, result: Result, unknown: Sequence[Finding]) -> str:
        if unknown:
            return "FAILED "
        if result.findings:
            return "known  "
        if result.stopped:
            return "stopped"
        return "skipped" if result.skipped else "ok     "

    def _detail(self, result: Result, unknown: Sequence[Finding]) -> str:
        numbers = sorted({self._number(each) for each in unknown})
        told = f"as finding {', '.join(map(str, numbers))}" if numbers else ""
        why = result.skipped or result.stopped
        facts = [why] if why else [f"{result.seconds:.1f} s", result.detail, told]
        return ", ".join(filter(None, facts))

    def _remember(self, result: Result) -> None:
        key = result.section, result.name
        before = self._results.get(key)
        if before:
            result = replace(result, findings=(*before.findings, *result.findings))
        self._results[key] = result

    def _entry(self, finding: Finding) -> baseline.Entry | None:
        if not self._known:
            return None
        # What was printed is what stands in a baseline.
        is_response = finding.check == EVERY_RESPONSE
        shown = finding if is_response else self._redactor.finding(finding)
        return next((each for each in self._known if each.covers(shown)), None)

    def _is_known(self, finding: Finding) -> bool:
        entry = self._entry(finding)
        if entry is None:
            return False
        count = self._noticed.count(finding.cause)
        self._occurred[entry] = count or self._occurred.get(entry, 0) + finding.count
        return True

    def _count(self, finding: Finding) -> None:
        before = self._findings.get(finding.cause)
        count = finding.count + (before.count if before else 0)
        count = self._noticed.count(finding.cause) or count
        self._findings[finding.cause] = replace(before or finding, count=count)

    def _number(self, finding: Finding) -> int:
        return list(self._findings).index(finding.cause) + 1

    def _tell_finding(self, finding: Finding, *, is_last: bool) -> None:
        shown = self._redactor.finding(finding)
        self._say(f"FOUND by {shown.check}:")
        self._say(f"    {shown.where}, wrong in {shown.spot}{_times(shown)}")
        self._say("    " + shown.text.replace("\n", "\n    "))
        self._say(f"    Seed {self._options.seed}. {self._how_to_repeat(finding, is_last=is_last)}")
        self._say("    To list it as known, put it with a reason into BASELINE=known.yaml:")
        entry = baseline.entry(shown, dt.datetime.now(dt.UTC).date())
        self._say("      " + entry.replace("\n", "\n      "))

    def _how_to_repeat(self, finding: Finding, *, is_last: bool) -> str:
        if not finding.steps:
            return "Repeat the run to have it again."
        number = self._number(finding)
        path = _KEPT / f"{number}.json"
        try:
            is_whole = keeping.keep(path, finding, self._lab, self._redactor, shorten=not is_last)
        except OSError as error:
            return f"{path} could not be written: {error.strerror}."
        except Exception as error:  # noqa: BLE001 - the finding is told all the same
            return f"{path} could not be written: {type(error).__name__}."
        where = f" --target {self._options.target}" if self._options.target else ""
        if not is_whole:
            name = finding.check if finding.check in _names(self._results) else ""
            return (
                "It takes what was sent before to have it again: .venv/bin/python -m tests.contract"
                f" --seed {self._options.seed} --profile {self._options.profile}{where}"
                f"{f' --only {name!r}' if name else ''}"
            )
        return f"Repeat it: .venv/bin/python -m tests.contract.repeat {path}{where}"

    def _exchanges(self) -> list[Exchange]:
        return [*self._lab.session.exchanges, *self._generated]

    def _write_junit(self) -> None:
        if self._options.junit:
            content = results.junit(self._results.values(), self._redactor)
            self._write(self._options.junit, content)

    def _write_har(self) -> None:
        if self._options.har:
            self._write(self._options.har, results.har(self._exchanges(), self._redactor))

    def _write(self, path: Path, content: bytes) -> None:
        try:
            private.write(path, content)
        except OSError as error:
            self._is_written = False
            printing.err(f"{path} could not be written: {error.strerror}.\n")

    def _tell_drift(self) -> None:
        if self._lab.terms.mock:
            return
        seen = Counter[str]()
        for each, count in drift.survey(self._exchanges()).items():
            where, what = self._redactor.place(each.where), self._redactor.value(each.what)
            seen[str(each._replace(where=where, what=what if each.what else ""))] += count
        self._say("\nDrift: what the server says and the document does not know, or misses")
        for each, count in sorted(seen.items()):
            self._say(f"  {each} (in {count} answers)")
        if not seen:
            self._say("  none seen")

    def _tell_known(self) -> None:
        if not self._known:
            return
        self._say(f"\nKnown, by {self._options.baseline}:")
        for each in self._known:
            times = self._occurred.get(each)
            if times:
                told = f"still so, {times} times" if times > 1 else "still so"
            else:
                told = "NO LONGER SO, take it out" if self._was_tested(each) else "not tested"
            self._say(f"  {told}: {each}")

    def _was_tested(self, entry: baseline.Entry) -> bool:
        if self._unfinished or (self._findings and self._options.first):
            return False
        if entry.check in {EVERY_RESPONSE, EVERY_REQUEST}:
            labels = {each.label for each in self._exchanges() if each.status}
            return not self._options.only and entry.operation in labels
        ran = [each for each in self._results.values() if not (each.skipped or each.stopped)]
        if entry.check.startswith("schemathesis "):
            return any(each.section == "schemathesis" for each in ran)
        return entry.check in {each.name for each in ran}

    def _conclude(self) -> int:
        ran = [each for each in self._results.values() if each.skipped is None]
        if not ran and not self._unfinished:
            printing.err(f"Nothing was tested: no check is named {self._options.only!r}.\n")
            return CANNOT_RUN
        requests, spent = len(self._exchanges()), time.perf_counter() - self._began
        found = list(self._findings.values())
        self._safely(self._tell_findings)
        if self._unfinished:
            self._say(f"The run did not come to its end: {self._unfinished.rstrip('.')}.")
        is_whole = self._is_written and not self._unfinished and not printing.is_lost()
        code = FOUND if found else NOTHING_FOUND if is_whole else CANNOT_RUN
        told = f"{len(ran)} checks, {requests} requests, {spent:.0f} s. Exit code {code}"
        self._say(f"{len(found) or 'Nothing'} found: {told}.")
        return code

    def _tell_findings(self) -> None:
        if self._findings:
            self._say("\nFindings, one for each cause:")
        for number, each in enumerate(self._findings.values(), start=1):
            shown = self._redactor.finding(each)
            told = shown.text.partition("\n")[0]
            self._say(f"  {number}. {shown.where}, {shown.spot}: {told}{_times(shown)}")

    def _say(self, text: str) -> None:
        self._progress.say(self._redactor.text(text))


def _times(finding: Finding) -> str:
    return f" ({finding.count} times)" if finding.count > 1 else ""


def _names(told: Iterable[tuple[str, str]]) -> set[str]:
    return {name for _, name in told}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
