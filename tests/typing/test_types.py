"""Users' code is type-checked: correct code passes, and each marked mistake is found.

The other modules of this folder are never run. Each mistake in them has an ignore comment for both
checkers, and an unnecessary comment is an error, too. One more module is written here, with all
events.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from calypso_pay import webhooks

FOLDER = Path(__file__).parent
FILES = len(list(FOLDER.glob("*.py"))) + 1

ALL = """
from typing import assert_never
from calypso_pay import webhooks

def a_match_over_all_is_complete(event: webhooks.Event) -> str:
    match event:
        case {all}:
            return event.request_id
        case _:
            assert_never(event)

def a_match_without_one_is_not(event: webhooks.Event) -> str:
    match event:
        case {but_one}:
            return event.request_id
        case _:
            assert_never(event)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with a module about all events, and pyright's settings for both folders."""
    cases = [f"webhooks.{event.__name__}()" for event in get_args(webhooks.Event)]
    every_event = ALL.format(all=" | ".join(cases), but_one=" | ".join(cases[1:]))
    (tmp_path / "every_event.py").write_text(every_event)
    settings = json.loads((FOLDER / "pyrightconfig.json").read_text())
    settings["include"] = [".", os.path.relpath(FOLDER, tmp_path)]
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    return tmp_path


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=FOLDER.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )


def test_mypy_finds_exactly_the_marked_mistakes(project: Path) -> None:
    done = run("mypy", "--strict", str(FOLDER), str(project))

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"no issues found in {FILES} source files" in done.stdout


def test_pyright_finds_exactly_the_marked_mistakes(project: Path) -> None:
    done = run("pyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(project))

    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["summary"]["filesAnalyzed"] == FILES
