"""Run schemathesis in a process of its own, and read what it did."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.contract import document, schemas
from tests.contract.session import Exchange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.wire import Target

    Json = dict[str, Any]

CONFIG = Path(__file__).with_name("schemathesis.toml")
# Tells the hooks, in their process, whether there is a world to arrange.
MOCK = "CONTRACT_MOCK"
PHASES = ("examples", "coverage", "fuzzing", "stateful")

_PATIENCE = 900
# For a stranger's server, of which nothing undocumented is asked.
# The status of what is not there is inferred; and where no deposit can be made, most ids of
# transactions are such.
_LENIENCE = {
    "expected-statuses = [400]": "expected-statuses = [400, 401, 403, 404, 429]",
    "fail-on = true": "fail-on = false",
}
# Statuses of valid requests, to which those of the document's successes are added.
_ACCEPTED = "expected-statuses = [200, 400]"
# What the configuration says of chains of links, as far as a number of them can be put behind it.
_STATEFUL = 'generation.mode = "positive"'
# Some of schemathesis' texts show requests and answers without its own filter.
_SECRETS = re.compile(r"""((?:Key|Sign): |"secretKey": ?")[^'"\s]+""")


@dataclass(frozen=True)
class Case:
    """One generated request, with its answer where one came.

    Attributes:
        phase: The phase that sent it.
        mode: ``positive`` or ``negative``, as its data was meant.
        label: Method and path.
        body: What was sent, as far as it is a JSON object.
        exchange: What went over the wire; the status is 0 where no answer came.
        link: The link that was followed, if its values are in the request.
    """

    phase: str
    mode: str
    label: str
    body: Json | None = field(repr=False)
    exchange: Exchange
    link: str | None

    @property
    def status(self) -> int:
        """Return the answer's status."""
        return self.exchange.status

    @property
    def content(self) -> bytes:
        """Return the answer's bytes."""
        return self.exchange.content


@dataclass(frozen=True)
class Failure:
    """What a check of schemathesis complains of.

    Attributes:
        check: Its name, such as ``not_a_server_error``.
        text: The complaint.
        exchange: The request to repeat, and the answer.
        phase: The phase that sent it.
    """

    check: str
    text: str
    exchange: Exchange
    phase: str

    @property
    def kind(self) -> tuple[str, str, str]:
        """Return what it has in common with others of which one is enough."""
        return self.phase, self.check, self.exchange.label


@dataclass(frozen=True)
class Run:
    """What came of a run.

    Attributes:
        code: Exit code; 0 says that nothing failed and nothing was warned of.
        output: What schemathesis printed, without secrets.
        report: Its events, one a line, as they lay on the disk.
        cases: In the order in which they were sent.
        failures: What was complained of, each complaint once for an operation and a phase.
        scenarios: How many there were in each phase: operations, or chains of links.
        seconds: How long each phase took.
    """

    code: int
    output: str = field(repr=False)
    report: str = field(repr=False)
    cases: list[Case] = field(repr=False)
    failures: list[Failure] = field(repr=False)
    scenarios: dict[str, int]
    seconds: dict[str, float]


def run(  # noqa: PLR0913 - one argument for each thing that a run can be told
    folder: Path,
    target: Target | None,
    *options: str,
    seed: int = 1,
    config: Path = CONFIG,
    mock: bool = True,
    chains: int | None = None,
) -> Run:
    """Test a target.

    Args:
        folder: Where the report may lie for a moment; it holds keys of subscriptions.
        target: What to test; None leaves the settings out.
        options: Further options of ``schemathesis run``.
        seed: Of what is generated.
        config: The configuration.
        mock: Whether the target is our mock, whose world can be arranged.
        chains: How many chains of links, where that is not the number of examples.
    """
    path = folder / "events.ndjson"
    changes = {_ACCEPTED: _accepted(mock=mock), **({} if mock else _LENIENCE)}
    if chains is not None:
        changes = {**changes, _STATEFUL: f"{_STATEFUL}\ngeneration.max-examples = {chains}"}
    config = _changed(config, folder, changes)
    finished = subprocess.run(
        _command(path, seed, config, options),
        cwd=document.ROOT,
        env=_environment(target, mock=mock),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    report = path.read_text() if path.exists() else ""
    path.unlink(missing_ok=True)
    scenarios = list(_scenarios(report))
    return Run(
        finished.returncode,
        _SECRETS.sub(r"\1[Filtered]", finished.stdout),
        report,
        [case for scenario in scenarios for case in _cases(scenario)],
        list({each.kind: each for each in _failures(scenarios)}.values()),
        {phase: len(_of(scenarios, phase)) for phase in PHASES},
        {phase: sum(each["elapsed_time"] for each in _of(scenarios, phase)) for phase in PHASES},
    )


def _accepted(*, mock: bool) -> str:
    refused = (400,) if mock else (400, 403, 404, 429)
    successes = {schemas.success(each) for each in document.places()}
    return f"expected-statuses = {sorted(successes.union(refused))}"


def _of(scenarios: list[Json], phase: str) -> list[Json]:
    return [scenario for scenario in scenarios if scenario["phase"] == phase]


def _command(report: Path, seed: int, config: Path, options: tuple[str, ...]) -> list[str]:
    start = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"]
    reports = ["--report", "ndjson", "--report-ndjson-path", str(report)]
    return [*start, str(document.DOCUMENT), "--seed", str(seed), "--no-color", *reports, *options]


def _changed(config: Path, folder: Path, changes: dict[str, str]) -> Path:
    """Write the configuration with something else in some places."""
    text = config.read_text()
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    path = folder / "changed.toml"
    path.write_text(text)
    return path


def _environment(target: Target | None, *, mock: bool) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CALYPSO_")}
    told = {"PYTHONHASHSEED": "0", MOCK: "1" if mock else "0"}
    return {**kept, **told, **(target.write() if target else {})}


def _scenarios(report: str) -> Iterator[Json]:
    for line in report.splitlines():
        event = json.loads(line)
        if "ScenarioFinished" in event:
            yield event["ScenarioFinished"]


def _cases(scenario: Json) -> Iterator[Case]:
    recorder = scenario["recorder"]
    for case_id, case in recorder.get("cases", {}).items():
        interaction = recorder.get("interactions", {}).get(case_id)
        if interaction is not None and "meta" in case["value"]:
            yield _case(scenario["phase"], case, interaction)


def _case(phase: str, case: Json, interaction: Json) -> Case:
    value = case["value"]
    body = value.get("body")
    return Case(
        phase,
        value["meta"]["generation"]["mode"],
        f"{value['method']} {value['path']}",
        body if isinstance(body, dict) else None,
        _exchange(value, interaction),
        case["transition"]["id"] if case.get("is_transition_applied") else None,
    )


def _exchange(value: Json, interaction: Json) -> Exchange:
    request, answer = interaction["request"], interaction.get("response") or {}
    return Exchange(
        value["method"],
        request["uri"],
        value["path"],
        _headers(request),
        _bytes(request.get("body")),
        answer.get("status_code", 0),
        _headers(answer),
        _bytes(answer.get("content")),
        interaction["timestamp"],
        answer.get("elapsed", 0.0),
    )


def _headers(message: Json) -> dict[str, str]:
    return {name.lower(): ", ".join(values) for name, values in message.get("headers", {}).items()}


def _bytes(content: Json | None) -> bytes:
    return base64.b64decode((content or {}).get("$base64", ""))


def _failures(scenarios: list[Json]) -> Iterator[Failure]:
    for scenario in reversed(scenarios):
        recorder = scenario["recorder"]
        for case_id, checks in recorder.get("checks", {}).items():
            for check in checks:
                if check["status"] == "failure" and case_id in recorder["interactions"]:
                    value = recorder["cases"][case_id]["value"]
                    exchange = _exchange(value, recorder["interactions"][case_id])
                    told = check["failure_info"]["failure"]
                    text = f"{told['title']}: {told['message']}"
                    yield Failure(check["name"], text, exchange, scenario["phase"])
