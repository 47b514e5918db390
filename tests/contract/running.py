"""Run schemathesis in a separate process, and read its report."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.contract import document, schemas
from tests.contract.session import Exchange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.contract.wire import Target

    Json = dict[str, Any]

CONFIG = Path(__file__).with_name("schemathesis.toml")
# For the hooks in their process: "1" if the target is our mock, whose state can be set up.
MOCK = "CONTRACT_MOCK"
# The file in which the hooks record a request of their own that got no response.
UNANSWERED = "CONTRACT_UNANSWERED"
# The report in the folder of a run, which grows while the run lasts.
EVENTS = "events.ndjson"
PHASES = ("examples", "coverage", "fuzzing", "stateful")

# The longest time between two events, in seconds. A run has no time limit: neither the number of
# requests nor their rate is known here.
PATIENCE = 900.0
# How often to look for new events, and how long to wait for the process to end.
_LOOK = 0.2
_GRACE = 30.0
_now = time.monotonic
# Statuses with which another server may reject valid and invalid requests. That of an unknown
# object is inferred; where no deposit can be made, most transaction ids are unknown.
_REJECTION_STATUSES = (
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.TOO_MANY_REQUESTS,
)
_PROXIES = frozenset({"http_proxy", "https_proxy", "all_proxy"})
# Some texts of schemathesis show requests and responses unfiltered.
_SECRETS = re.compile(r"""((?:Key|Sign): |"secretKey": ?")[^'"\s]+""")


@dataclass(frozen=True)
class Case:
    """One generated request, with its response if there is one.

    Attributes:
        phase: The phase that sent it.
        mode: ``positive`` if its data is meant to be valid, else ``negative``.
        label: Method and path.
        body: The request's body, if it is a JSON object.
        exchange: The request and the response; the status is 0 if there was none.
        link: The link that was followed, if the request uses its values.
    """

    phase: str
    mode: str
    label: str
    body: Json | None = field(repr=False)
    exchange: Exchange
    link: str | None

    @property
    def status(self) -> int:
        """Return the response's status."""
        return self.exchange.status

    @property
    def content(self) -> bytes:
        """Return the response's bytes."""
        return self.exchange.content


@dataclass(frozen=True)
class Failure:
    """A failure of a check of schemathesis.

    Attributes:
        check: The check's name, such as ``not_a_server_error``.
        text: The message.
        exchange: The request to send again, and its response.
        phase: The phase that sent it.
    """

    check: str
    text: str
    exchange: Exchange
    phase: str

    @property
    def kind(self) -> tuple[str, str, str]:
        """Return the key that failures share of which one is enough."""
        return self.phase, self.check, self.exchange.label


@dataclass(frozen=True)
class Run:
    """The results of a run.

    Attributes:
        code: Exit code; 0 if there were no failures and no warnings, and the run was not cut short.
        output: The output of schemathesis, without secrets.
        report: Its events, one per line, as they were on disk.
        cases: In the order in which they were sent.
        failures: Failures, each once for an operation and a phase.
        scenarios: How many there were in each phase: operations, or chains of links.
        seconds: How long each phase took.
        timed_out: Whether it was stopped because it made no more progress.
        interrupted: Whether it was stopped with Ctrl-C.
        unanswered: A request of the hooks, before or after a case, that got no response.
    """

    code: int
    output: str = field(repr=False)
    report: str = field(repr=False)
    cases: list[Case] = field(repr=False)
    failures: list[Failure] = field(repr=False)
    scenarios: dict[str, int]
    seconds: dict[str, float]
    timed_out: bool = False
    interrupted: bool = False
    unanswered: Exchange | None = None


def run(  # noqa: PLR0913 - one argument for each setting of a run
    folder: Path,
    target: Target | None,
    *options: str,
    seed: int = 1,
    config: Path = CONFIG,
    mock: bool = True,
    chains: int | None = None,
    patience: float = PATIENCE,
) -> Run:
    """Test a target.

    If a run is cut short, its results so far are returned: `KeyboardInterrupt` is not raised, but
    ``interrupted`` is set. Results of a phase that has not ended may be missing.

    Args:
        folder: For the report, which contains keys of subscriptions and is removed at the end.
        target: What to test; None leaves the settings unset.
        options: Further options of ``schemathesis run``.
        seed: The seed of the generated data.
        config: The configuration.
        mock: Whether the target is our mock, whose state can be set up.
        chains: How many chains of links, if not the number of examples.
        patience: The longest time between two events, in seconds.
    """
    path = folder / EVENTS
    settings = folder / "schemathesis.toml"
    settings.write_text(as_toml(configured(config, mock=mock, chains=chains)))
    with (folder / "output.txt").open("w+") as output:
        code, end = _watched(
            subprocess.Popen(
                _command(path, seed, settings, options),
                cwd=document.ROOT,
                env=_environment(target, mock=mock) | {UNANSWERED: str(folder / "unanswered")},
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            ),
            path,
            patience,
        )
        output.seek(0)
        printed = output.read()
    report = path.read_text() if path.exists() else ""
    path.unlink(missing_ok=True)
    scenarios = list(_scenarios(report))
    return Run(
        code,
        _SECRETS.sub(r"\1[Filtered]", printed),
        report,
        [case for scenario in scenarios for case in _cases(scenario)],
        list({each.kind: each for each in _failures(scenarios)}.values()),
        {phase: len(_of(scenarios, phase)) for phase in PHASES},
        {phase: sum(each["elapsed_time"] for each in _of(scenarios, phase)) for phase in PHASES},
        timed_out=end == "timed out",
        interrupted=end == "interrupted",
        unanswered=_unanswered(folder / "unanswered", target),
    )


def _unanswered(path: Path, target: Target | None) -> Exchange | None:
    """Read which request of the hooks got no response, if any."""
    if target is None or not path.exists():
        return None
    request = json.loads(path.read_text())
    path.unlink()
    url = target.shown.rstrip("/") + request["path"]
    sent = (request["method"], url, request["path"])
    content = request["content"].encode()
    return Exchange(*sent, request["headers"], content, 0, {}, b"", 0.0, request["seconds"])


def configured(config: Path, *, mock: bool, chains: int | None) -> Json:
    """Return a configuration, adapted to the document and the target."""
    accepted = {schemas.success(each) for each in document.routes()}
    changes: Json = {"checks": {"positive_data_acceptance": {"expected-statuses": accepted}}}
    if not mock:
        accepted.update(_REJECTION_STATUSES)
        rejected = sorted({HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, *_REJECTION_STATUSES})
        changes["checks"]["negative_data_rejection"] = {"expected-statuses": rejected}
        changes["warnings"] = {"fail-on": False}
    if chains is not None:
        changes["phases"] = {"stateful": {"generation": {"max-examples": chains}}}
    return _merged(tomllib.loads(config.read_text()), changes)


def _merged(settings: Json, changes: Json) -> Json:
    merged = {**settings}
    for name, value in changes.items():
        within = merged.get(name, {})
        merged[name] = _merged(within, value) if isinstance(value, dict) else value
    return merged


def as_toml(settings: Json) -> str:
    """Write a configuration, one line per value with its full name."""
    return "".join(f"{name} = {value}\n" for name, value in _lines(settings))


def _lines(settings: Json) -> Iterator[tuple[str, str]]:
    for name, value in settings.items():
        quoted = _quoted(name)
        if isinstance(value, dict):
            yield from ((f"{quoted}.{inner}", text) for inner, text in _lines(value))
        else:
            yield quoted, _quoted(sorted(value) if isinstance(value, set) else value)


def _quoted(value: object) -> str:
    # TOML reads JSON strings, except for one control character that JSON does not escape.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _watched(process: subprocess.Popen[str], events: Path, patience: float) -> tuple[int, str]:
    """Wait for a process while it writes events; return its exit code, and what ended it."""
    end = "done"
    try:
        if not _ends(process, events, patience):
            end = "timed out"
            process.send_signal(signal.SIGINT)
    except KeyboardInterrupt:
        end = "interrupted"
        # At a terminal Ctrl-C reaches the process, too; a second signal would kill it at once.
        if not _ended(process, _GRACE / 10):
            process.send_signal(signal.SIGINT)
    try:
        _ended(process, _GRACE)
    finally:
        # No effect if it has ended. A second Ctrl-C leads here at once.
        process.kill()
        process.wait()
    return process.returncode or (0 if end == "done" else 1), end


def _ends(process: subprocess.Popen[str], events: Path, patience: float) -> bool:
    size, since = -1, _now()
    while not _ended(process, _LOOK):
        grown = events.stat().st_size if events.exists() else 0
        if grown != size:
            size, since = grown, _now()
        elif _now() - since > patience:
            return False
    return True


def _ended(process: subprocess.Popen[str], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _of(scenarios: list[Json], phase: str) -> list[Json]:
    return [scenario for scenario in scenarios if scenario["phase"] == phase]


def _command(report: Path, seed: int, config: Path, options: tuple[str, ...]) -> list[str]:
    start = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"]
    reports = ["--report", "ndjson", "--report-ndjson-path", str(report)]
    return [*start, str(document.DOCUMENT), "--seed", str(seed), "--no-color", *reports, *options]


def _environment(target: Target | None, *, mock: bool) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        # The target does not set the second account's variables.
        if (not name.startswith("CALYPSO_") or name.startswith("CALYPSO_OTHER_"))
        # No proxy between here and a gateway or mock on this machine.
        and name.lower() not in _PROXIES
    }
    added = {"PYTHONHASHSEED": "0", MOCK: "1" if mock else "0"}
    added |= dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost")
    return {**kept, **added, **(target.write() if target else {})}


def _scenarios(report: str) -> Iterator[Json]:
    for line in report.split("\n"):
        try:
            event = json.loads(line)
        except ValueError:
            # The empty end after the last event, or half an event if the process was killed.
            continue
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
    request, response = interaction["request"], interaction.get("response") or {}
    return Exchange(
        value["method"],
        request["uri"],
        value["path"],
        _headers(request),
        _bytes(request.get("body")),
        response.get("status_code", 0),
        _headers(response),
        _bytes(response.get("content")),
        interaction["timestamp"],
        response.get("elapsed", 0.0),
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
                    failure = check["failure_info"]["failure"]
                    text = f"{failure['title']}: {failure['message']}"
                    yield Failure(check["name"], text, exchange, scenario["phase"])
