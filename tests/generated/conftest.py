"""Generated packages to test, each made once for the whole session."""

from __future__ import annotations

import fcntl
import importlib
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from generator.document import load
from tests.generated import growth

if TYPE_CHECKING:
    from collections.abc import Callable
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


class Made(Protocol):
    """Makes a folder once, for all processes that tests run in."""

    def __call__(self, name: str, make: Callable[[Path], None]) -> Path:
        """Return the folder of this name; `make` puts into an empty one what belongs there."""
        ...


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def made(name: str, make: Callable[[Path], None]) -> Path:
        folder = shared / name
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                draft = Path(mkdtemp(dir=shared))
                make(draft)
                draft.rename(folder)
        return folder

    return made


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    """Return the project's document."""
    return load(ROOT / "openapi.yaml")


@pytest.fixture(scope="session")
def grown(made: Made, document: dict[str, Any]) -> Path:
    """Return a folder with the package of a document with an operation and webhooks more."""
    return made("grown", partial(growth.make, document))


@pytest.fixture(scope="session")
def kinds(made: Made) -> ModuleType:
    """Return a package with every kind of field that the API does not have today."""

    def make(folder: Path) -> None:
        growth.generated(
            Path(__file__).with_name("kinds.yaml"), folder / "kinds_api", folder / "kinds.json"
        )

    sys.path.insert(0, str(made("kinds", make)))
    return importlib.import_module("kinds_api")
