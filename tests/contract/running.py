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

from tests.contract import document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.wire import Target

    Json = dict[str, Any]

CONFIG = Path(__file__).with_name("schemathesis.toml")
PHASES = ("examples", "coverage", "fuzzing", "stateful")

_PATIENCE = 300
# Some of schemathesis' texts show requests and answers without its own filter.
_SECRETS = re.compile(r"""((?:Key|Sign): |"secretKey": ?")[^'"\s]+""")


@dataclass(frozen=True)
class Exchange:
    """One request and its answer.

    Attributes:
        phase: The phase that sent it.
        mode: ``positive`` or ``negative``, as its data was meant.
        label: Method and path.
        body: What was sent, as far as it is a JSON object.
        status: The answer's status, or None where none came.
        content: The answer's bytes.
        link: The link that was followed, if its values are in the request.
    """

    phase: str
    mode: str
    label: str
    body: Json | None = field(repr=False)
    status: int | None
    content: bytes = field(repr=False)
    link: str | None


@dataclass(frozen=True)
class Run:
    """What came of a run.

    Attributes:
        code: Exit code; 0 says that nothing failed and nothing was warned of.
        output: What schemathesis printed, without secrets.
        report: Its events, one a line, as they lay on the disk.
        exchanges: In the order in which they were sent.
        scenarios: How many there were in each phase: operations, or chains of links.
    """

    code: int
    output: str = field(repr=False)
    report: str = field(repr=False)
    exchanges: list[Exchange] = field(repr=False)
    scenarios: dict[str, int]


def run(
    folder: Path,
    target: Target | None,
    *options: str,
    seed: int = 1,
    config: Path = CONFIG,
) -> Run:
    """Test a target.

    Args:
        folder: Where the report may lie for a moment; it holds keys of subscriptions.
        target: What to test; None leaves the settings out.
        options: Further options of ``schemathesis run``.
        seed: Of what is generated.
        config: The configuration.
    """
    path = folder / "events.ndjson"
    finished = subprocess.run(
        _command(path, seed, config, options),
        cwd=document.ROOT,
        env=_environment(target),
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
        [exchange for scenario in scenarios for exchange in _exchanges(scenario)],
        {phase: sum(scenario["phase"] == phase for scenario in scenarios) for phase in PHASES},
    )


def _command(report: Path, seed: int, config: Path, options: tuple[str, ...]) -> list[str]:
    start = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"]
    reports = ["--report", "ndjson", "--report-ndjson-path", str(report)]
    return [*start, str(document.DOCUMENT), "--seed", str(seed), "--no-color", *reports, *options]


def _environment(target: Target | None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CALYPSO_")}
    return {**kept, "PYTHONHASHSEED": "0", **(target.write() if target else {})}


def _scenarios(report: str) -> Iterator[Json]:
    for line in report.splitlines():
        event = json.loads(line)
        if "ScenarioFinished" in event:
            yield event["ScenarioFinished"]


def _exchanges(scenario: Json) -> Iterator[Exchange]:
    recorder = scenario["recorder"]
    for case_id, case in recorder.get("cases", {}).items():
        interaction = recorder.get("interactions", {}).get(case_id)
        if interaction is not None and "meta" in case["value"]:
            yield _exchange(scenario["phase"], case, interaction)


def _exchange(phase: str, case: Json, interaction: Json) -> Exchange:
    value, answer = case["value"], interaction.get("response") or {}
    body = value.get("body")
    return Exchange(
        phase,
        value["meta"]["generation"]["mode"],
        f"{value['method']} {value['path']}",
        body if isinstance(body, dict) else None,
        answer.get("status_code"),
        base64.b64decode((answer.get("content") or {}).get("$base64", "")),
        case["transition"]["id"] if case.get("is_transition_applied") else None,
    )
