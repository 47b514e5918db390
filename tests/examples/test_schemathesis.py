"""The schemathesis example signs: a real run of schemathesis against the served mock."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from calypso_mock import Mock, Server

if TYPE_CHECKING:
    from tests.contract.schemas import Json

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "schemathesis"
PAGE = EXAMPLE.parents[1] / "docs" / "other-clients.md"
COMMAND = "schemathesis run ../../openapi.yaml --url http://127.0.0.1:8600"


def statuses(tmp_path: Path, **settings: str) -> tuple[int, Counter[int]]:
    """Run the command of the docs; return its exit code and the statuses of valid requests."""
    events = tmp_path / "events.ndjson"
    mock = Mock()
    with Server(mock) as server:
        words = COMMAND.replace("http://127.0.0.1:8600", server.url).split()[1:]
        quick = ("--phases", "examples,fuzzing", "--max-examples", "2", "--rate-limit", "1000/s")
        report = ("--seed", "1", "--report", "ndjson", "--report-ndjson-path", str(events))
        environment = {f"CALYPSO_{name.upper()}": value for name, value in mock.settings().items()}
        done = subprocess.run(
            [sys.executable, "-m", "schemathesis.cli", *words, *quick, *report],
            cwd=EXAMPLE,
            env={**os.environ, **environment, **settings},
            capture_output=True,
            text=True,
            check=False,
        )
    lines = map(json.loads, events.read_text().splitlines())
    recorders = [
        each["ScenarioFinished"]["recorder"] for each in lines if "ScenarioFinished" in each
    ]
    assert recorders, done.stdout + done.stderr
    return done.returncode, Counter(status for each in recorders for status in valid(each))


def valid(recorder: Json) -> list[int]:
    """Return the statuses of valid requests, without the variants that checks derive from them."""
    return [
        recorder["interactions"][name]["response"]["status_code"]
        for name, case in recorder.get("cases", {}).items()
        if case.get("parent_id") is None
        and case["value"].get("meta", {}).get("generation", {}).get("mode") == "positive"
    ]


def test_the_command_of_the_docs_signs_and_its_requests_are_accepted(tmp_path: Path) -> None:
    """Every example of the OpenAPI document is accepted, and so are most valid requests."""
    code, found = statuses(tmp_path)

    assert f"$ {COMMAND}\n" in PAGE.read_text()
    assert found[200] > 13
    assert found.keys() <= {200, 400}
    assert code == 0, found


def test_a_run_with_wrong_signatures_fails(tmp_path: Path) -> None:
    """Every request gets 401, which is documented, so no other check fails."""
    code, found = statuses(tmp_path, CALYPSO_SECRET="another")

    assert found.keys() == {401}
    assert code != 0
