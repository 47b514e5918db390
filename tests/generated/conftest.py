"""Generated packages to test, each made once for the whole session."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[2]


class Run(Protocol):
    """Runs a module of this environment as a user would."""

    def __call__(
        self, *command: str | Path, cwd: Path = ROOT, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `python -m` with these arguments."""
        ...


@pytest.fixture(scope="session")
def run() -> Run:
    def run(
        *command: str | Path, cwd: Path = ROOT, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *map(str, command)],
            cwd=cwd,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def kinds(run: Run, tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """Return a package with every kind of field that the API does not have today."""
    room = tmp_path_factory.mktemp("kinds")
    document = Path(__file__).with_name("kinds.yaml")
    options = ["--document", document, "--output", room / "kinds_api", "--json", room / "k.json"]
    result = run("-m", "generator", *options)
    assert result.returncode == 0, result.stderr
    sys.path.insert(0, str(room))
    return importlib.import_module("kinds_api")


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    """Return the project's document."""
    return importlib.import_module("generator.document").load(ROOT / "openapi.yaml")
