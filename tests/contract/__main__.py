"""Test the contract: ``python -m tests.contract`` asks a fresh mock, ``--target`` any other server.

What is after ``--`` goes to schemathesis, which then runs alone: ``-- --phases coverage``.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from tests.contract import drift, repeat, results, sections, targets
from tests.contract.profiles import PROFILES
from tests.contract.redaction import Redactor
from tests.contract.running import run
from tests.contract.session import Session, UnreachableError, is_loopback
from tests.contract.suite import Lab

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.contract.results import Finding, Result
    from tests.contract.session import Exchange

NOTHING_FOUND, FOUND, CANNOT_RUN = 0, 1, 2

_KEPT = Path(".contract")


def main(arguments: Sequence[str]) -> int:
    """Run, print what came of it, and return the exit code: 0 nothing found, 1 found, 2 no run."""
    own, passed = _split(list(arguments))
    options = _parser().parse_args(own)
    try:
        with targets.reach(options.target, os.environ, options.mock) as target:
            if passed:
                return _schemathesis(target, options.seed, passed)
            with closing(Session(target, pause=targets.pause(target))) as session:
                lab = Lab(session, targets.terms(session, os.environ), options.seed)
                return _Suite(lab, options).run()
    except (targets.SettingsError, UnreachableError) as error:
        sys.stderr.write(f"Nothing was tested. {error}\n")
        return CANNOT_RUN


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
        "--mock", action="append", default=[], metavar="OPTION", help="an option of the fresh mock"
    )
    return parser


def _schemathesis(target: targets.Target, seed: int, options: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        result = run(Path(folder), target, *options, seed=seed)
    sys.stdout.write(result.output)
    return result.code


class _Suite:
    """One run of all parts, told as it goes on."""

    def __init__(self, lab: Lab, options: argparse.Namespace) -> None:
        self._lab = lab
        self._options = options
        self._profile = PROFILES[options.profile]
        self._generated: list[Exchange] = []
        self._results: list[Result] = []
        self._found = 0
        self._redactor = Redactor([each for each in (lab.session.target, lab.terms.second) if each])

    def run(self) -> int:
        """Go through all parts; return the exit code."""
        began = time.perf_counter()
        self._say(self._introduction())
        problem = self._problem()
        if problem:
            sys.stderr.write(f"Nothing was tested. {self._redactor.text(problem)}\n")
            return CANNOT_RUN
        for result in self._parts():
            self._tell(result)
            if self._found and self._options.first:
                break
        self._write_reports()
        if not self._lab.terms.mock:
            self._tell_drift()
        return self._conclude(time.perf_counter() - began)

    def _introduction(self) -> str:
        lab, options = self._lab, self._options
        target = lab.session.target
        whom = "a fresh mock" if options.target is None else "a server"
        lines = [
            f"Testing {whom} at {target.base_url} as account {target.account}, "
            f"profile {options.profile}, seed {options.seed}."
        ]
        if not is_loopback(target.base_url):
            lines.append(f"It is not on this machine: at most {targets.RATE} requests a second.")
            lines.append(
                "ALLOW_WRITES=1: customers, addresses and subscriptions WILL be made there."
                if lab.terms.writes
                else "Read only: account, transactions, purses and subscriptions are looked at, "
                "nothing is made or changed (ALLOW_WRITES=1 would)."
            )
        return "\n".join(lines)

    def _problem(self) -> str | None:
        if self._lab.terms.mock:
            # Its settings are known to be right: a refusal is for the checks to find.
            return None
        answer = self._lab.session.call("getAccount")
        if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN} or answer.code in {
            "002",
            "003",
        }:
            return (
                f"{self._lab.session.target.base_url} refused the account's settings: "
                f"{answer.status} {answer.content.decode(errors='replace')[:300]}"
            )
        return None

    def _parts(self) -> Iterator[Result]:
        wanted, first = self._options.only.lower(), self._options.first
        yield from sections.own(self._lab, lambda name: wanted in name.lower())
        if not self._lab.terms.writes:
            return
        if wanted in sections.MODEL:
            yield sections.reference(self._lab, self._profile, first=first)
        names = [name for name in sections.GENERATED if wanted in name]
        if names:
            for result, exchanges in sections.generated(
                self._lab, self._profile, names, first=first
            ):
                self._generated += exchanges
                yield result

    def _tell(self, result: Result) -> None:
        self._results.append(result)
        mark = "FAILED " if result.findings else "skipped" if result.skipped else "ok     "
        detail = result.skipped or f"{result.seconds:.1f} s, {result.detail}"
        self._say(f"  {mark} {result.name} ({detail})")
        for finding in result.findings:
            self._found += 1
            self._tell_finding(finding)

    def _tell_finding(self, finding: Finding) -> None:
        self._say(f"FOUND by {finding.check}:")
        self._say(f"    {finding.where}, wrong in {finding.field}")
        self._say("    " + finding.text.replace("\n", "\n    "))
        self._say(f"    Seed {self._options.seed}. {self._how_to_repeat(finding)}")

    def _how_to_repeat(self, finding: Finding) -> str:
        if not finding.steps:
            return "Repeat the run to have it again."
        path = _KEPT / f"{self._found}.json"
        told = {"check": finding.check, "field": finding.field, "text": finding.text}
        redacted = {name: self._redactor.text(value) for name, value in told.items()}
        repeat.keep(path, redacted, finding.steps, self._lab.session.target)
        where = f" --target {self._options.target}" if self._options.target else ""
        return f"Repeat it: .venv/bin/python -m tests.contract.repeat {path}{where}"

    def _exchanges(self) -> list[Exchange]:
        return [*self._lab.session.exchanges, *self._generated]

    def _write_reports(self) -> None:
        if self._options.junit:
            self._options.junit.write_bytes(results.junit(self._results, self._redactor))
        if self._options.har:
            self._options.har.write_bytes(results.har(self._exchanges(), self._redactor))

    def _tell_drift(self) -> None:
        seen = drift.survey(self._exchanges())
        self._say("\nDrift: what the server says and the document does not know, or misses")
        for each, count in sorted(seen.items()):
            self._say(f"  {each} (in {count} answers)")
        if not seen:
            self._say("  none seen")

    def _conclude(self, seconds: float) -> int:
        ran = [each for each in self._results if each.skipped is None]
        requests = len(self._exchanges())
        told = f"{len(ran)} checks, {requests} requests, {seconds:.0f} s"
        if not ran:
            sys.stderr.write(f"Nothing was tested: no check is named {self._options.only!r}.\n")
            return CANNOT_RUN
        self._say(f"{self._found or 'Nothing'} found: {told}.")
        return FOUND if self._found else NOTHING_FOUND

    def _say(self, text: str) -> None:
        sys.stdout.write(self._redactor.text(text) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
