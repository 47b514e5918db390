"""The workflow that runs every week is well-formed; it has not been run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parents[2] / ".github" / "workflows" / "drift.yml"
WORKFLOW: Any = yaml.load(FILE.read_text("utf-8"), yaml.CSafeLoader)
(JOB,) = WORKFLOW["jobs"].values()


def test_it_runs_every_week() -> None:
    """YAML reads the key `on` as true."""
    (schedule,) = WORKFLOW[True]["schedule"]
    assert schedule["cron"].endswith("* * 1")


def test_it_has_the_permissions_that_it_needs_and_no_others() -> None:
    assert WORKFLOW["permissions"] == {}
    assert JOB["permissions"] == {"contents": "write", "pull-requests": "write"}


def test_actions_are_pinned_by_hash() -> None:
    used = [step["uses"] for step in JOB["steps"] if "uses" in step]
    assert used
    assert [each for each in used if not re.fullmatch(r"[\w/\-]+@[0-9a-f]{40}", each)] == []


def test_the_token_is_in_steps_that_run_nothing_that_was_installed() -> None:
    holding = [step for step in JOB["steps"] if "GH_TOKEN" in step.get("env", {})]
    assert len(holding) == 2
    assert not any("python" in step["run"] or "make" in step["run"] for step in holding)


def test_it_calls_the_command_with_options_that_exist() -> None:
    from tools.drift.__main__ import options_of

    (compare,) = [step for step in JOB["steps"] if step.get("id") == "compare"]
    command = re.search(r"tools\.drift (.*?) >", compare["run"].replace("\\\n", ""))
    assert command is not None
    words = command[1].replace("$ACCEPT", "--accept").replace('"', "").split()
    options = options_of(words)
    assert options.apply
    assert options.accept
    assert options.json is not None
