"""Test the contract of a fresh mock, or with ``--target`` of any other server.

Options after ``--`` go to schemathesis, which then runs alone: ``-- --phases coverage``.
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

from tests.contract import (
    baseline,
    drift,
    printing,
    private_files,
    repro,
    results,
    sections,
    targets,
)
from tests.contract.profiles import PROFILES
from tests.contract.progress import Events, Progress
from tests.contract.redaction import Redactor
from tests.contract.results import EVERY_REQUEST, EVERY_RESPONSE, ResponseFaults, Result
from tests.contract.running import EVENTS, run
from tests.contract.session import Session, UnreachableError
from tests.contract.suite import Context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tests.contract.results import Finding
    from tests.contract.session import Exchange

NOTHING_FOUND, FOUND, CANNOT_RUN = 0, 1, 2

_REPRO_FOLDER = Path(".contract")
# Options of schemathesis that neither change where requests go nor write files.
_HARMLESS = re.compile(
    r"-[cmnwh]|--(?:(?:in|ex)clude-(?:name|path|method|tag|operation-id)(?:-regex)?|help|mode|phases"
    r"|checks|exclude-checks|exclude-deprecated|max-(?:examples|failures|response-time|time)|workers"
    r"|continue-on-failure|suppress-health-check|warnings|seed|no-shrink|no-color|force-color"
    r"|rate-limit|request-timeout|request-retries"
    r"|generation-(?:deterministic|allow-x00|codec|maximize|unique-inputs))"
)


def main(arguments: Sequence[str]) -> int:
    """Run, print the results, and return the exit code.

    Returns:
        0 if nothing was found, 1 if something was, 2 if the test could not be completed.
    """
    printing.print_anything()
    own, passed = _split(list(arguments))
    options = _parser().parse_args(own)
    if options.target and options.mock:
        printing.err("Nothing was tested. --mock is for the fresh mock, not for a --target.\n")
        return CANNOT_RUN
    try:
        with (
            targets.ending_as_with_ctrl_c(),
            targets.open_target(
                options.target, os.environ, options.mock, options.profile
            ) as opened,
        ):
            return _report_early_end(
                opened, _tested(opened, options, passed), is_reported=not passed
            )
    except targets.SettingsError as error:
        printing.err(f"Nothing was tested. {error}\n")
    except UnreachableError as error:
        printing.err(
            f"Nothing was tested. {error}. Check that the server runs, and its address in TARGET.\n"
        )
    except KeyboardInterrupt as stop:
        printing.err(f"The run was stopped. {stop}".rstrip() + "\n")
    return CANNOT_RUN


def _tested(opened: targets.OpenTarget, options: argparse.Namespace, passed: list[str]) -> int:
    if passed:
        return _schemathesis(opened, options, passed)
    with closing(Session(opened.target)) as session:
        terms = targets.terms(session, os.environ, opened.gateway)
        return _Suite(Context(session, terms, options.seed), options).run()


def _report_early_end(opened: targets.OpenTarget, code: int, *, is_reported: bool) -> int:
    """Print why the gateway ended a run; such a run is not a success."""
    if opened.gateway is None or opened.gateway.stopped is None or (is_reported and code):
        return code
    printing.err(f"The run was stopped. {opened.gateway.stopped}\n")
    return code or CANNOT_RUN


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:end], arguments[end + 1 :]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m tests.contract", description=__doc__)
    parser.add_argument("--target", metavar="URL", help="what to test; a fresh mock unless given")
    parser.add_argument("--profile", choices=PROFILES, default="full", help="how thoroughly")
    parser.add_argument("--seed", type=int, default=1, help="the same seed sends the same requests")
    parser.add_argument(
        "--only", metavar="TEXT", default="", help="only checks whose names contain this"
    )
    parser.add_argument("--first", action="store_true", help="stop at the first finding")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write results as JUnit XML")
    parser.add_argument("--har", type=Path, metavar="FILE", help="write all exchanges as HAR")
    parser.add_argument("--baseline", type=Path, metavar="FILE", help="known findings, as YAML")
    parser.add_argument(
        "--show-data", action="store_true", help="do not mask customers' data and amounts"
    )
    parser.add_argument(
        "--mock", action="append", default=[], metavar="OPTION", help="an option for the fresh mock"
    )
    return parser


def _schemathesis(
    opened: targets.OpenTarget, options: argparse.Namespace, passed: list[str]
) -> int:
    if opened.gateway is not None:
        _check_passed(passed)
        if not opened.gateway.plan.writes:
            raise targets.SettingsError("schemathesis writes, which needs ALLOW_WRITES=1.")
    introduction = targets.introduction(
        opened.target, opened.gateway, is_own=options.target is None
    )
    printing.out(f"{introduction}\nschemathesis alone, seed {options.seed}.\n")
    with tempfile.TemporaryDirectory() as folder:
        mock = opened.gateway is None
        result = run(Path(folder), opened.target, *passed, seed=options.seed, mock=mock)
    printing.out(result.output)
    return result.code


def _check_passed(options: list[str]) -> None:
    """Reject options of schemathesis that may bypass the gateway or write unmasked data.

    Raises:
        SettingsError: There is such an option.
    """
    for each in options:
        name = each.partition("=")[0] if each.startswith("--") else each[:2]
        if name.startswith("-") and not _HARMLESS.fullmatch(name):
            raise targets.SettingsError(
                f"{name} is an option of schemathesis for our mocks only: it may send requests "
                "elsewhere, or write customers' data unmasked."
            )


class _Suite:
    """One run of all parts, reported as it proceeds."""

    def __init__(self, context: Context, options: argparse.Namespace) -> None:
        self._context = context
        self._options = options
        self._profile = PROFILES[options.profile]
        self._generated: list[Exchange] = []
        self._redactor = Redactor(
            [each for each in (context.session.target, context.terms.second) if each],
            private=not (context.terms.mock or options.show_data),
        )
        self._learnt = 0
        self._known: list[baseline.Entry] = []
        self._occurred: dict[baseline.Entry, int] = {}
        self._response_faults = ResponseFaults(self._is_known)
        self._results: dict[tuple[str, str], Result] = {}
        self._findings: dict[tuple[str, ...], Finding] = {}
        self._unfinished: str | None = None
        self._is_written = True
        self._chosen = sections.wanted(options.only.lower())
        self._events: Events | None = None
        self._began = time.perf_counter()
        self._progress = Progress(self._progress_line)

    def run(self) -> int:
        """Run all parts; return the exit code."""
        problem = self._unusable()
        if problem is None:
            self._print(self._introduction())
            problem = self._problem()
        if problem:
            printing.err(f"Nothing was tested. {self._redactor.text(problem)}\n")
            return CANNOT_RUN
        # Pipelines end a run with SIGTERM, and still want the results.
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with self._progress:
                self._go_through()
        finally:
            signal.signal(signal.SIGTERM, before)
        for step in (self._write_junit, self._write_har, self._report_drift, self._report_known):
            self._safely(step)
        return self._conclude()

    def _safely(self, step: Callable[[], object]) -> None:
        """Run a step of the report; if it fails, the other steps still run."""
        try:
            step()
        except Exception as error:  # noqa: BLE001 - see above
            self._is_written = False
            message = self._redactor.message(f"{type(error).__name__}: {error}")
            printing.err(f"A part of the report is missing: {message}\n")

    def _unusable(self) -> str | None:
        """Return what is wrong with the named files, before anything is sent."""
        options = self._options
        reports = [each for each in (options.junit, options.har) if each]
        named = [each.resolve() for each in (*reports, options.baseline) if each]
        if len(set(named)) < len(named):
            return "Two of --junit, --har and --baseline name the same file."
        for path in reports:
            problem = private_files.check(path)
            if problem:
                return problem
        try:
            self._known = baseline.read(options.baseline) if options.baseline else []
        except baseline.BaselineError as error:
            return str(error)
        return private_files.check_folder(_REPRO_FOLDER)

    def _go_through(self) -> None:
        # Files of an earlier run would be mistaken for this one's.
        for path in _REPRO_FOLDER.glob("[0-9]*.json"):
            path.unlink(missing_ok=True)
        try:
            for result in self._parts():
                self._report(result)
                if result.end:
                    self._unfinished = result.end
                    break
                if self._findings and self._options.first:
                    break
        except KeyboardInterrupt as stopped:
            self._unfinished = str(stopped) or "it was interrupted"
        except Exception as error:  # noqa: BLE001 - earlier findings are still reported
            self._unfinished = f"{type(error).__name__}: {error}"
        self._safely(self._report_response_faults)

    def _report_response_faults(self) -> None:
        new = self._response_faults.new()
        if new:
            self._report(Result("checks", EVERY_RESPONSE, 0.0, new))

    def _introduction(self) -> str:
        options = self._options
        target, gateway = self._context.session.target, self._context.terms.gateway
        introduction = targets.introduction(target, gateway, is_own=options.target is None)
        return f"{introduction}\nProfile {options.profile}, seed {options.seed}."

    def _problem(self) -> str | None:
        return targets.problem(self._context)

    def _parts(self) -> Iterator[Result]:
        first = self._options.first
        yield from sections.own(self._context, self._chosen, self._response_faults)
        names = self._generated_parts()
        if sections.MODEL in names:
            yield sections.reference(
                self._context, self._profile, self._response_faults, first=first
            )
            names.remove(sections.MODEL)
        if names:
            with tempfile.TemporaryDirectory() as folder:
                self._events = Events(Path(folder, EVENTS))
                # With --first, schemathesis would stop at a known finding.
                generated = sections.generated(
                    self._context,
                    self._profile,
                    names,
                    self._response_faults,
                    first=first and not self._known,
                    folder=Path(folder),
                )
                for result, exchanges in generated:
                    self._events = None
                    self._generated += exchanges
                    yield result

    def _generated_parts(self) -> list[str]:
        if not self._context.terms.writes:
            return []
        names = (sections.MODEL, *sections.GENERATED)
        return [name for name in names if self._options.only.lower() in name]

    def _progress_line(self) -> str:
        done = sum(name != EVERY_RESPONSE for _, name in self._results)
        total = len(self._chosen) + len(self._generated_parts())
        sent = len(self._exchanges()) + (self._events.requests() if self._events else 0)
        spent = time.perf_counter() - self._began
        return f"  {done} of {total} checks, {sent} requests so far, {spent:.0f} s"

    def _report(self, result: Result) -> None:
        exchanges = self._exchanges()
        self._redactor.learn(exchanges[self._learnt :])
        self._learnt = len(exchanges)
        unknown = [each for each in result.findings if not self._is_known(each)]
        new = [each for each in unknown if each.cause not in self._findings]
        for each in unknown:
            self._count(each)
        self._remember(replace(result, findings=tuple(map(self._redactor.finding, unknown))))
        self._print(
            f"  {self._mark(result, unknown)} {result.name} ({self._detail(result, unknown)})"
        )
        for each in new:
            self._print_finding(each, is_last=bool(result.end))

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
        found = f"as finding {', '.join(map(str, numbers))}" if numbers else ""
        why = result.skipped or result.stopped
        facts = [why] if why else [f"{result.seconds:.1f} s", result.detail, found]
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
        # A baseline contains what was printed.
        is_response = finding.check == EVERY_RESPONSE
        shown = finding if is_response else self._redactor.finding(finding)
        return next((each for each in self._known if each.covers(shown)), None)

    def _is_known(self, finding: Finding) -> bool:
        entry = self._entry(finding)
        if entry is None:
            return False
        count = self._response_faults.count(finding.cause)
        self._occurred[entry] = count or self._occurred.get(entry, 0) + finding.count
        return True

    def _count(self, finding: Finding) -> None:
        before = self._findings.get(finding.cause)
        count = finding.count + (before.count if before else 0)
        count = self._response_faults.count(finding.cause) or count
        self._findings[finding.cause] = replace(before or finding, count=count)

    def _number(self, finding: Finding) -> int:
        return list(self._findings).index(finding.cause) + 1

    def _print_finding(self, finding: Finding, *, is_last: bool) -> None:
        shown = self._redactor.finding(finding)
        self._print(f"FOUND by {shown.check}:")
        self._print(f"    {shown.where}, wrong in {shown.shown_field}{_times(shown)}")
        self._print("    " + shown.text.replace("\n", "\n    "))
        self._print(f"    Seed {self._options.seed}. {self._repro_hint(finding, is_last=is_last)}")
        self._print("    To accept it as known, add this with a reason to BASELINE=known.yaml:")
        entry = baseline.entry(shown, dt.datetime.now(dt.UTC).date())
        self._print("      " + entry.replace("\n", "\n      "))

    def _repro_hint(self, finding: Finding, *, is_last: bool) -> str:
        if not finding.steps:
            return "Run again to reproduce it."
        number = self._number(finding)
        path = _REPRO_FOLDER / f"{number}.json"
        try:
            is_whole = repro.write(
                path, finding, self._context, self._redactor, shorten=not is_last
            )
        except OSError as error:
            return f"{path} could not be written: {error.strerror}."
        except Exception as error:  # noqa: BLE001 - the finding is still reported
            return f"{path} could not be written: {type(error).__name__}."
        where = f" --target {self._options.target}" if self._options.target else ""
        if not is_whole:
            name = finding.check if finding.check in _names(self._results) else ""
            return (
                "It needs the requests before it. To reproduce: .venv/bin/python -m tests.contract"
                f" --seed {self._options.seed} --profile {self._options.profile}{where}"
                f"{f' --only {name!r}' if name else ''}"
            )
        return f"To reproduce: .venv/bin/python -m tests.contract.repeat {path}{where}"

    def _exchanges(self) -> list[Exchange]:
        return [*self._context.session.exchanges, *self._generated]

    def _write_junit(self) -> None:
        if self._options.junit:
            content = results.junit(self._results.values(), self._redactor)
            self._write(self._options.junit, content)

    def _write_har(self) -> None:
        if self._options.har:
            self._write(self._options.har, results.har(self._exchanges(), self._redactor))

    def _write(self, path: Path, content: bytes) -> None:
        try:
            private_files.write(path, content)
        except OSError as error:
            self._is_written = False
            printing.err(f"{path} could not be written: {error.strerror}.\n")

    def _report_drift(self) -> None:
        if self._context.terms.mock:
            return
        seen = Counter[str]()
        for each, count in drift.count(self._exchanges()).items():
            where, what = self._redactor.field_path(each.where), self._redactor.value(each.what)
            seen[str(each._replace(where=where, what=what if each.what else ""))] += count
        self._print("\nDrift: differences between the responses and the document")
        for each, count in sorted(seen.items()):
            self._print(f"  {each} (in {count} responses)")
        if not seen:
            self._print("  none")

    def _report_known(self) -> None:
        if not self._known:
            return
        self._print(f"\nKnown findings, from {self._options.baseline}:")
        for each in self._known:
            times = self._occurred.get(each)
            if times:
                status = f"still found, {times} times" if times > 1 else "still found"
            else:
                status = "NO LONGER FOUND, remove it" if self._was_tested(each) else "not tested"
            self._print(f"  {status}: {each}")

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
        self._safely(self._list_findings)
        if self._unfinished:
            self._print(f"The run ended early: {self._unfinished.rstrip('.')}.")
        is_whole = self._is_written and not self._unfinished and not printing.is_lost()
        code = FOUND if found else NOTHING_FOUND if is_whole else CANNOT_RUN
        summary = f"{len(ran)} checks, {requests} requests, {spent:.0f} s. Exit code {code}"
        self._print(f"{len(found) or 'Nothing'} found: {summary}.")
        return code

    def _list_findings(self) -> None:
        if self._findings:
            self._print("\nFindings, one for each cause:")
        for number, each in enumerate(self._findings.values(), start=1):
            shown = self._redactor.finding(each)
            first_line = shown.text.partition("\n")[0]
            self._print(
                f"  {number}. {shown.where}, {shown.shown_field}: {first_line}{_times(shown)}"
            )

    def _print(self, text: str) -> None:
        self._progress.print_line(self._redactor.text(text))


def _times(finding: Finding) -> str:
    return f" ({finding.count} times)" if finding.count > 1 else ""


def _names(results_by_name: Iterable[tuple[str, str]]) -> set[str]:
    return {name for _, name in results_by_name}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
