"""What users write is type-checked: what is right passes, and each marked mistake is found.

The other modules of this folder are never run. A mistake in them is marked for both checkers, and
a mark on a line where nothing is found is an error as well.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
FILES = len(list(FOLDER.glob("*.py")))


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=FOLDER.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )


def test_mypy_agrees() -> None:
    done = run("mypy", "--strict", str(FOLDER))

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"no issues found in {FILES} source files" in done.stdout


def test_pyright_agrees() -> None:
    done = run("pyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(FOLDER))

    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["summary"]["filesAnalyzed"] == FILES
